"""Making a store again from the events alone: the same bytes, index rows re-derived, the signed root reached."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from consumers.follow import SourceEvent
from domain.errors import Conflict, LedgerError, Tampered
from domain.event import decode
from domain.index import ActionRow, GrantRow, IndexRow, LinkRow, RefRow, SeriesRow, index_rows
from domain.seal.checkpoint import Checkpoint
from domain.seal.running import RunningRoot
from infra.keys_log import log_origin
from infra.sealing import sealing_alone
from infra.sqlite_errors import translated
from infra.store_schema import SCHEMA_STATEMENTS, events_table_statements

BATCH_EVENTS = 1_000
EVENTS_TABLE = "stored_events"
SIDE_SUFFIX = ".restoring"
_LEFT_OVER = ("", "-wal", "-shm", "-journal")
"""What SQLite may keep beside a database; an old one beside a new file would be read as part of it."""

_ROW_STATEMENTS: dict[type[IndexRow], str] = {
    RefRow: "INSERT INTO ref_index (kind, ref, subject) VALUES (?,?,?) ON CONFLICT (kind, ref) DO UPDATE "
    "SET subject=CASE WHEN subject=excluded.subject THEN subject END",
    SeriesRow: "INSERT INTO series_index (series, last) VALUES (?,?) "
    "ON CONFLICT (series) DO UPDATE SET last=max(last, excluded.last)",
    GrantRow: 'INSERT INTO grant_index ("grant", "case", beneficiary_ref, beneficiary_tag) VALUES (?,?,?,?)',
    LinkRow: 'INSERT OR IGNORE INTO link_index ("case", other) VALUES (?,?)',
}
"""A ref of two subjects breaks NOT NULL, a grant or action twice its primary key: such events were never recorded."""


class Restored(NamedTuple):
    """What the new store holds; its root is the one that was signed."""

    source: str
    size: int
    root: bytes
    actions: int
    subjects: int


class NewStore(Protocol):
    """A store that is being filled from nothing; it is seen by nobody before `finish` has returned."""

    def add(self, events: Sequence[SourceEvent], actions: Sequence[ActionRow], rows: Sequence[IndexRow]) -> None:
        """Take the next events in ledger order, with the actions that ended and the index rows of the events."""

    def finish(self, source: str) -> None:
        """Make everything durable and visible at once, as the ledger of this source."""


def restore(
    events: Iterable[tuple[int, bytes]],
    signed: Checkpoint,
    store: NewStore,
    on_progress: Callable[[int, int], None] | None = None,
) -> Restored:
    """Fill a new store with all events of a ledger, (position, bytes) in ledger order from position 1.

    `signed` is a checkpoint whose signature the caller has judged: exactly its size and root must come out.
    Raises `Tampered` (`root_differs`, `tampered`) at the first event that cannot stand where it stands, and
    nothing becomes visible then. `on_progress` is called with events taken and events there are.
    """
    stream, taken = iter(events), _Taken(signed)
    while batch := list(islice(stream, BATCH_EVENTS)):
        found = [taken.take(position, raw) for position, raw in batch]
        store.add([event for event, _ in found], taken.ended_actions(), [row for _, rows in found for row in rows])
        if on_progress is not None:
            on_progress(taken.root.size, signed.size)
    restored = taken.end()
    store.add([], taken.ended_actions(), [])
    store.finish(restored.source)
    return restored


class _Taken:
    """One pass over the events: what each gives the index, and what the next one is compared with."""

    def __init__(self, signed: Checkpoint) -> None:
        self.root = RunningRoot()
        self._signed = signed
        self._source = ""
        self._recorded = ""
        self._sequences: dict[str, int] = {}
        self._open: ActionRow | None = None
        self._ended: list[ActionRow] = []
        self._actions = 0

    def take(self, position: int, raw: bytes) -> tuple[SourceEvent, list[IndexRow]]:
        """The event as a store keeps it, and its index rows."""
        if position != self.root.size + 1:
            raise _not_the_ledger(position, f"it follows position {self.root.size}")
        if position > self._signed.size:
            raise Tampered("root_differs", f"more events than the {self._signed.size} that were signed")
        try:
            content = decode(raw)
            event = SourceEvent(position, content["subject"], int(content["sequence"]), content["type"], raw)
            rows = index_rows(content)
            self._check_place(event, content)
            self._take_action(position, content)
        except LedgerError:
            raise
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise _not_the_ledger(position, f"{type(error).__name__}: {error}") from None
        self.root.take(raw)
        return event, rows

    def _check_place(self, event: SourceEvent, content: dict[str, Any]) -> None:
        last = self._sequences.get(event.subject, 0)
        if event.sequence != last + 1:
            raise _not_the_ledger(event.position, f"{event.subject}: sequence {event.sequence} follows {last}")
        if content["recordedtime"] < self._recorded:
            raise _not_the_ledger(event.position, f"recordedtime {content['recordedtime']} after {self._recorded}")
        if content["source"] != self._source and self._source:
            raise _not_the_ledger(event.position, f"source {content['source']!r} after {self._source!r}")
        self._sequences[event.subject] = event.sequence
        self._recorded, self._source = content["recordedtime"], content["source"]

    def _take_action(self, position: int, content: dict[str, Any]) -> None:
        """The events of one action stand together; its row is whole when the next action begins."""
        action_id = content["actionid"]
        if self._open is not None and self._open.action_id == action_id:
            self._open = self._open._replace(events_count=self._open.events_count + 1)
            return
        self._end_action()
        self._open = ActionRow(action_id, position, 1)

    def _end_action(self) -> None:
        if self._open is not None:
            self._ended.append(self._open)
            self._actions += 1
            self._open = None

    def ended_actions(self) -> list[ActionRow]:
        """The actions that ended since this was asked last."""
        ended, self._ended = self._ended, []
        return ended

    def end(self) -> Restored:
        """Compare with what was signed."""
        size, root = self.root.size, self.root.root()
        if (size, root) != (self._signed.size, self._signed.root):
            raise Tampered("root_differs", f"{size} events give another root than the {self._signed.size} signed ones")
        if size == 0 or self._signed.origin != log_origin(self._source):
            raise Tampered("tampered", f"events of {self._source!r} under the checkpoint of {self._signed.origin!r}")
        self._end_action()
        return Restored(self._source, size, root, self._actions, len(self._sequences))


def _not_the_ledger(position: int, why: str) -> Tampered:
    return Tampered("tampered", f"position {position}: {' '.join(why.split())}")


class SqliteNewStore:
    """`NewStore` in a side file; `finish` syncs it and gives it the ledger's name, never over one that is there."""

    def __init__(self, connection: sqlite3.Connection, side: Path, ledger_file: Path) -> None:
        self._connection = connection
        self._side = side
        self._ledger_file = ledger_file
        table, *self._triggers = events_table_statements(EVENTS_TABLE)
        for statement in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", table, *SCHEMA_STATEMENTS, "BEGIN"):
            connection.execute(statement)

    def add(self, events: Sequence[SourceEvent], actions: Sequence[ActionRow], rows: Sequence[IndexRow]) -> None:
        """One statement for each kind of row; a row that contradicts an earlier one raises `tampered`."""
        insert = self._connection.executemany
        try:
            insert(f"INSERT INTO {EVENTS_TABLE} VALUES (?,?,?,?,?)", events)
            insert("INSERT INTO action_index (action_id, position, count) VALUES (?,?,?)", actions)
            for kind, statement in _ROW_STATEMENTS.items():
                insert(statement, [row for row in rows if type(row) is kind])
        except sqlite3.IntegrityError as error:
            place = f" behind position {events[0].position - 1}" if events else ""
            raise Tampered("tampered", f"index rows of two events contradict each other{place}: {error}") from None

    def finish(self, source: str) -> None:
        """Triggers and name last; the file appears whole or not at all."""
        self._connection.execute("INSERT INTO ledger (name, value) VALUES ('source', ?)", (source,))
        for statement in self._triggers:
            self._connection.execute(statement)
        self._connection.execute("COMMIT")
        self._connection.close()
        _sync(self._side, os.O_RDWR)
        refuse_if_there(self._ledger_file)
        try:
            os.link(self._side, self._ledger_file)  # unlike a rename, never over a ledger that is there
        except FileExistsError:
            raise _not_empty(self._ledger_file) from None
        _sync(self._ledger_file.parent, os.O_RDONLY | os.O_DIRECTORY)


@contextmanager
def new_sqlite_store(ledger_file: Path) -> Iterator[SqliteNewStore]:
    """A new `ledger.db`, filled beside its name; what a killed run left is thrown away, nobody seals meanwhile.

    Raises `not_empty` where a ledger is, `sealer_running` while another restoring or sealing runs there.
    """
    refuse_if_there(ledger_file)
    ledger_file.parent.mkdir(parents=True, exist_ok=True)
    side = ledger_file.with_name(ledger_file.name + SIDE_SUFFIX)
    with sealing_alone(ledger_file.parent), translated():
        side.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(side, isolation_level=None)) as connection:
                yield SqliteNewStore(connection, side, ledger_file)
        finally:
            with suppress(FileNotFoundError):
                side.unlink()


def refuse_if_there(ledger_file: Path) -> None:
    """Raise `not_empty` where a ledger, or what SQLite kept beside one, already lies."""
    for suffix in _LEFT_OVER:
        path = ledger_file.with_name(ledger_file.name + suffix)
        if os.path.lexists(path):
            raise _not_empty(path)


def _not_empty(path: Path) -> Conflict:
    return Conflict("not_empty", f"{path}; move it away first, and keep it: it may be evidence; 请先移走并保存备查")


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
