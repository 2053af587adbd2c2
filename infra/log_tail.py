"""The growing end of a sealed log, read while it is sealed: only leaves under the newest signed root come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from consumers.leaf_record import Leaf
from domain.errors import LedgerError, NotFound, Tampered
from domain.seal.running import RunningRoot
from domain.seal.tiles import TILE_WIDTH
from domain.seal.tree import leaf_hashes, root_of
from infra.log_proof import LogReader
from infra.tile_store import TileStore

LOOKS_MAX = 50
"""Times that a checkpoint may be overtaken while its right edge is read."""


class LogTail:
    """A log folder that another process seals. After `look` the leaves of one checkpoint can be read, hashes checked.

    The roots of full bundles are folded once; a look at a grown log costs what it grew. The right edge, whose files
    the sealer supersedes, is kept in memory: at most 256 entries. Signatures are not judged here.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._tiles = TileStore(directory, directory)
        self._log: LogReader | None = None
        self._roots: list[bytes] = []
        self._running = RunningRoot()
        self._edge: list[bytes] = []
        self.size = 0
        self.note = b""

    def look(self) -> int:
        """Take the newest checkpoint; its size. Raises `Tampered` where it does not continue the one before."""
        for _ in range(LOOKS_MAX):
            note = self._tiles.checkpoint()
            if note is None:
                if self.size:
                    raise NotFound("no_log", f"{self._directory} has no checkpoint any more; 封存日志已不在")
                return 0
            if note == self.note:
                return self.size
            try:
                log = LogReader(self._directory)
                self._take(log)
            except (LedgerError, FileNotFoundError) as error:
                if self._tiles.checkpoint() == note:
                    raise
                overtaken = error
                continue
            return self.size
        raise overtaken

    def _take(self, log: LogReader) -> None:
        if log.size < self.size:
            raise Tampered("log_damaged", f"the log had {self.size} leaves, its checkpoint says {log.size}; 日志倒退")
        full = log.size // TILE_WIDTH
        roots = [log.subtree(8, number) for number in range(len(self._roots), full)]
        edge = log.entries(full) if log.size % TILE_WIDTH else []
        running = self._running.copy()
        for root in roots:
            running.append(root)
        if running.root(root_of(leaf_hashes(edge)) if edge else None) != log.root:
            raise Tampered("log_damaged", "the tiles do not give the checkpoint's root; 日志与检查点不符")
        self._roots += roots
        self._running, self._edge = running, edge
        self._log, self.size, self.note = log, log.size, log.note

    def leaves(self, start: int, stop: int) -> Iterator[Leaf]:
        """Leaves `start … stop − 1`, one bundle in memory at a time; `Tampered` before a bundle that differs."""
        for number in range(start // TILE_WIDTH, -(-min(stop, self.size) // TILE_WIDTH)):
            first = number * TILE_WIDTH
            entries = self._entries(number)
            hashes = leaf_hashes(entries)
            if number < len(self._roots) and root_of(hashes) != self._roots[number]:
                raise Tampered(
                    "leaf_differs",
                    f"entries {first} to {first + len(entries) - 1} are not what was sealed; 条目与封存时不同",
                )
            for at in range(max(start - first, 0), min(stop - first, len(entries))):
                yield Leaf(first + at, hashes[at], entries[at])

    def leaf(self, index: int) -> Leaf:
        """One leaf below `size`."""
        return next(self.leaves(index, index + 1))

    def _entries(self, number: int) -> list[bytes]:
        if number >= len(self._roots):
            return self._edge
        assert self._log is not None, "nothing is read before a look"
        return self._log.entries(number)


def note_watch(
    directory: Path, pauses: Callable[[], bool], is_due: Callable[[], bool] = lambda: False
) -> Callable[[], bool]:
    """A wait that ends with true when the checkpoint is another one or something is due, and with false when `pauses`
    says to stop."""
    tiles = TileStore(directory, directory)
    seen = tiles.checkpoint()

    def wait() -> bool:
        nonlocal seen
        while (note := tiles.checkpoint()) == seen and not is_due():
            if pauses():
                return False
        seen = note
        return True

    return wait
