"""The sealed log as XF-INT-001 holds the store against it: leaf hashes, checked up to the checkpoint's root."""

from __future__ import annotations

from pathlib import Path

from domain.errors import Tampered
from domain.event import decode
from domain.seal.tiles import TILE_WIDTH
from domain.seal.tree import leaf_hash, root_of
from infra.log_proof import LogReader
from infra.log_source import checked_roots


class LogLeaves:
    """`domain.checks.record_reader.LeafSource` over a log folder; one tile in memory at a time.

    All tiles are hashed against the checkpoint's root when it is opened, and each again when it is used.
    """

    def __init__(self, directory: Path) -> None:
        self._log = LogReader(directory)
        self._roots = checked_roots(self._log)
        self.published_size = self._log.size
        self._number = -1
        self._hashes: list[bytes] = []
        for number in range(len(self._roots)):
            self._checked(number)

    def leaf_hash(self, index: int) -> bytes | None:
        """The hash of a leaf, None behind the end of the log."""
        if not 0 <= index < self.published_size:
            return None
        number, at = divmod(index, TILE_WIDTH)
        if number != self._number:
            self._number, self._hashes = number, self._checked(number)
        return self._hashes[at]

    def last_event_id(self) -> str:
        """The id of the newest sealed event, its bytes held against their leaf."""
        last = self.published_size - 1
        raw = self._log.entry(last)
        if leaf_hash(raw) != self.leaf_hash(last):
            raise Tampered("leaf_differs", f"entry {last} is not what was sealed; 条目与封存时不同")
        return str(decode(raw)["id"])

    def _checked(self, number: int) -> list[bytes]:
        hashes = self._log.leaf_tile(number)
        if root_of(hashes) != self._roots[number]:
            path = self._log.tile_at(0, number).path
            raise Tampered("log_damaged", f"{path} does not give the signed root; 哈希块与已签名的根不符")
        return hashes
