"""The sealer: gives every recorded event the next leaf of the log and signs the root."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import NamedTuple, Protocol

from domain.errors import LedgerError, Tampered, Unavailable
from domain.seal.checkpoint import Checkpoint, Note, NoteSigner, read_note, signature_line, signed
from domain.seal.frontier import Frontier
from domain.seal.tiles import (
    ENTRIES,
    TILE_WIDTH,
    Tile,
    edge_tile,
    edge_tiles,
    entries_in,
    hashes_in,
    tiles_of,
)
from domain.seal.tree import leaf_hash, leaf_hashes

LEAVES_MAX = 1_000
"""Leaves taken at a time."""

CHECKPOINT_INTERVAL_S = 0.1
"""At most ten checkpoints a second."""


class Recorded(Protocol):
    """An event as a source gives it: its place in the ledger and its bytes."""

    @property
    def position(self) -> int: ...
    @property
    def raw(self) -> bytes: ...


class RecordedEvents(Protocol):
    """What the sealer needs of a source: events in ledger order, positions rising, gaps allowed."""

    def head(self) -> int: ...
    def read(self, *, after: int = 0) -> Iterator[Recorded]: ...


class Signed(NamedTuple):
    """A checkpoint once signed: its size, the ledger position of its last event, and the whole note."""

    size: int
    position: int
    note: bytes


class SealedFolder(Protocol):
    """Where tiles and the checkpoint lie; every promise of durability is made there."""

    def checkpoint(self) -> bytes | None: ...
    def read(self, tile: Tile) -> bytes: ...
    def put(self, files: Mapping[Tile, bytes]) -> dict[Tile, bytes]: ...
    def settle(self) -> None: ...
    def discard(self) -> None: ...
    def publish(self, note: bytes) -> None: ...
    def remove(self, tiles: Iterable[Tile]) -> None: ...
    def unsigned(self, size: int, former_sizes: Iterable[int]) -> list[Tile]: ...
    def all_tiles(self) -> list[Tile]: ...


class SignedHistory(Protocol):
    """Every checkpoint ever signed, kept outside the log; appended to before anything is published."""

    def last(self) -> list[Signed]: ...
    def append(self, signed: Signed) -> None: ...


class Sealed(NamedTuple):
    """How far the log reaches: its size, its root, and how many leaves and checkpoints this call added."""

    size: int
    root: bytes
    added: int
    checkpoints: int


class Sealer:
    """Seals what a source holds; the caller holds the sealer's lock.

    `clock` gives seconds that never run back and `pause` waits for seconds; both only keep checkpoints
    apart. After any failure the next call starts again from the last signed checkpoint.
    """

    def __init__(
        self,
        source: RecordedEvents,
        folder: SealedFolder,
        history: SignedHistory,
        origin: str,
        signers: Sequence[NoteSigner],
        *,
        clock: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._source = source
        self._folder = folder
        self._history = history
        self._origin = origin
        self._signers = tuple(signers)
        self._clock = clock
        self._pause = pause
        self._frontier: Frontier | None = None
        self._position = 0
        self._published_size = 0
        self._published_at: float | None = None

    def seal_waiting(self) -> Sealed:
        """Seal everything recorded, at once; returns when the last checkpoint is durable.

        Raises `Unavailable` (`store_behind_log` and what the folder says) or `Tampered`; nothing is
        signed then that contradicts an earlier checkpoint.
        """
        checkpoints = 0
        try:
            frontier, owed = self._ready()
            before = self._published_size
            with closing(self._events(self._position)) as events:
                if owed is not None:
                    self._reach(frontier, owed, events)
                    checkpoints += 1
                while leaves := self._take(events, LEAVES_MAX):
                    self._integrate(frontier, leaves)
                    if self._wait_left() <= 0:
                        self._publish(frontier)
                        checkpoints += 1
            if frontier.size > self._published_size:
                self._pause(max(0.0, self._wait_left()))
                self._publish(frontier)
                checkpoints += 1
        except BaseException:
            self._frontier = None
            raise
        return Sealed(frontier.size, frontier.root(), frontier.size - before, checkpoints)

    def _ready(self) -> tuple[Frontier, Signed | None]:
        """The frontier to append to, and the signed checkpoint that must be reached again, if any."""
        if self._frontier is not None:
            self._compare_last_leaf(self._frontier)
            return self._frontier, None
        self._folder.discard()
        records = self._history.last()
        note = self._folder.checkpoint()
        published = self._own(note) if note is not None else None
        size = published.size if published else 0
        self._position = self._position_of(size, records)
        if note is not None and published is not None:
            records = self._remember(published, note, records)
        signed_last = records[-1] if records else None
        if signed_last is not None and self._source.head() < signed_last.position:
            raise store_behind(self._source.head(), signed_last.position)
        frontier = self._load(published) if published else Frontier()
        self._compare_last_leaf(frontier)
        self._sweep(size, [record.size for record in records])
        self._published_size = size
        self._frontier = frontier
        owed = signed_last is not None and signed_last.size > size
        return frontier, signed_last if owed else None

    def _own(self, note: bytes) -> Checkpoint:
        """The folder's checkpoint, if a signer of ours made it (signing again gives the same line)."""
        read = read_note(note)
        if not is_ours(read, note, self._origin, self._signers):
            raise Tampered(
                "checkpoint_not_ours",
                "log/checkpoint is not signed by this log's key; 检查点不是本日志密钥所签；"
                "restore log/ from a copy, or move it away: sealing again must reach the signed root",
            )
        return read.checkpoint

    def _position_of(self, size: int, records: Sequence[Signed]) -> int:
        """The ledger position of leaf `size − 1`: noted when it was signed, else counted."""
        if size == 0:
            return 0
        for record in records:
            if record.size == size:
                return record.position
        with closing(self._events(0)) as events:
            for event in islice(events, size - 1, size):
                return event.position
        raise store_behind(self._source.head(), size)

    def _remember(self, published: Checkpoint, note: bytes, records: list[Signed]) -> list[Signed]:
        """The history with the folder's checkpoint in it; two roots of one size are refused."""
        for record in records:
            if record.size == published.size and _checkpoint_of(record).root != published.root:
                raise Tampered("double_signed", f"two checkpoints of size {published.size}; 同一大小有两个不同的根")
        if records and records[-1].size >= published.size:
            return records
        found = Signed(published.size, self._position, note)
        self._history.append(found)
        return [*records, found][-2:]

    def _load(self, published: Checkpoint) -> Frontier:
        """Read the right edge of the log and compare it with the signed root."""
        edges = []
        level = 0
        while published.size >> (8 * level):
            edge = edge_tile(level, published.size)
            edges.append(hashes_in(self._folder.read(edge), edge) if edge else [])
            level += 1
        bundle = edge_tile(ENTRIES, published.size)
        entries = entries_in(self._folder.read(bundle), bundle) if bundle else []
        frontier = Frontier(published.size, edges, entries)
        if frontier.root() != published.root or (entries and leaf_hashes(entries) != edges[0]):
            raise _log_damaged("the tiles at the right edge do not give the signed root")
        return frontier

    def _compare_last_leaf(self, frontier: Frontier) -> None:
        """The last sealed leaf must still be the event at its position of the store, also while a sealer follows it."""
        if frontier.size == 0:
            return
        last = Tile(0, (frontier.size - 1) // TILE_WIDTH)
        edge = frontier.edges[0] or hashes_in(self._folder.read(last), last)
        with closing(self._events(self._position - 1)) as events:
            event = next(events, None)
        if event is None:
            raise store_behind(self._source.head(), self._position)
        if event.position != self._position or leaf_hash(event.raw) != edge[-1]:
            raise Tampered(
                "leaf_differs",
                f"leaf {frontier.size - 1}: the event at position {self._position} is not what was sealed; "
                "数据库中的事件与已封存的不同",
            )

    def _sweep(self, size: int, former_sizes: Sequence[int]) -> None:
        """Remove what an interrupted run left in the folder beside the files of the signed size."""
        if former_sizes:
            self._folder.remove(self._folder.unsigned(size, former_sizes))
            return
        keep = set(tiles_of(size))
        self._folder.remove([tile for tile in self._folder.all_tiles() if tile not in keep])

    def _reach(self, frontier: Frontier, owed: Signed, events: Iterator[Recorded]) -> None:
        """Seal exactly up to a checkpoint that was signed before; its root must come out again."""
        while frontier.size < owed.size:
            leaves = self._take(events, min(LEAVES_MAX, owed.size - frontier.size))
            if not leaves:
                raise store_behind(self._source.head(), owed.position)
            self._integrate(frontier, leaves)
        if frontier.root() != _checkpoint_of(owed).root:
            raise Tampered(
                "root_differs",
                f"the store's first {owed.size} events do not give the root that was signed for them; "
                "前若干事件与已签名的根不符；restore the store from the sealed log or a backup",
            )
        self._publish(frontier, owed)

    def _events(self, after: int) -> Generator[Recorded, None, None]:
        yield from self._source.read(after=after)

    def _take(self, events: Iterator[Recorded], count: int) -> list[bytes]:
        """The next waiting leaves, at most `count`."""
        taken = list(islice(events, count))
        if taken:
            self._position = taken[-1].position
        return [event.raw for event in taken]

    def _integrate(self, frontier: Frontier, leaves: Sequence[bytes]) -> None:
        """Append leaves; every full file is written and hashed from what was read back; signing waits for its sync."""
        again = self._folder.put(frontier.append(leaves))
        hashes = {Tile(0, tile.number): leaf_hashes(entries_in(content, tile)) for tile, content in again.items()}
        again = self._folder.put({tile: b"".join(of_tile) for tile, of_tile in hashes.items()})
        while again:
            lifted = frontier.lift({tile: hashes_in(content, tile) for tile, content in again.items()})
            again = self._folder.put(lifted)

    def _publish(self, frontier: Frontier, owed: Signed | None = None) -> None:
        """Write the partial files, hash them as read back, sign, remember the signature, then publish."""
        again = self._folder.put(frontier.partial_files())
        _rehash(frontier, again)
        self._folder.settle()
        checkpoint = Checkpoint(self._origin, frontier.size, frontier.root())
        note = signed(checkpoint, self._signers)
        if owed is None:
            self._history.append(Signed(frontier.size, self._position, note))
        self._folder.publish(note)
        self._published_at = self._clock()
        kept = edge_tiles(frontier.size)
        self._folder.remove([tile for tile in edge_tiles(self._published_size) if tile not in kept])
        self._published_size = frontier.size

    def _wait_left(self) -> float:
        """Seconds until the next checkpoint may be signed."""
        if self._published_at is None:
            return 0.0
        return self._published_at + CHECKPOINT_INTERVAL_S - self._clock()


def is_ours(read: Note, note: bytes, origin: str, signers: Sequence[NoteSigner]) -> bool:
    """Whether one of these keys signed this note of this origin: signing again gives the same line."""
    lines = note.removeprefix(read.text + b"\n").splitlines(keepends=True)
    return read.checkpoint.origin == origin and any(signature_line(signer, read.text) in lines for signer in signers)


def _rehash(frontier: Frontier, again: Mapping[Tile, bytes]) -> None:
    """Take the right edge from the files as read back: the signed root is the root of what lies there."""
    for tile, content in again.items():
        if tile.level == ENTRIES:
            if leaf_hashes(entries_in(content, tile)) != frontier.edges[0]:
                raise _log_damaged(f"{tile.path} reads back with other entries")
        else:
            frontier.edges[tile.level] = hashes_in(content, tile)


def _checkpoint_of(record: Signed) -> Checkpoint:
    return read_note(record.note).checkpoint


def _log_damaged(reason: str) -> LedgerError:
    return Tampered(
        "log_damaged",
        f"{reason}; 日志文件损坏；restore log/ from a copy, or move it away and seal again: "
        "the sealer then accepts nothing but the root it signed before",
    )


def store_behind(head: int, needed: int) -> LedgerError:
    """The refusal of a store whose newest position is not that of the last signed event, with the way out."""
    return Unavailable(
        "store_behind_log",
        f"the store ends at position {head}, the signed log at {needed}; 数据库落后于已签名的日志，不得继续；"
        "restore ledger.db from a backup that reaches that position, or move what is left of it away and run `caseledger "
        "restore --log`: the log holds every event that it signed; 请从更新的备份恢复 ledger.db，或移走残库后由日志恢复; "
        "until then questions with --log are answered from it; never delete it: what it signed is known outside",
    )


def seal_and_follow(sealer: Sealer, wait: Callable[[], bool]) -> Iterator[Sealed]:
    """Seal what is waiting, again each time `wait` returns true; ends when it returns false."""
    while True:
        yield sealer.seal_waiting()
        if not wait():
            return
