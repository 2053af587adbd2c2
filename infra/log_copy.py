"""A sealed log opened as a ledger of one's own: hashes checked once, then every question in a temporary folder."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from consumers.follow import Source, SourceEvent, batches
from consumers.project import OnProgress, Progress, catch_up, rebuild
from domain.errors import LedgerError, Tampered
from domain.event import decode
from domain.index import RefRow, index_rows
from infra.log_source import LogSource
from infra.read_store import ReadStore
from infra.sql_source import SqlSource
from infra.sqlite_errors import translated
from infra.sqlite_source import SqliteSource
from projections.fold import Projection

TABLES = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "CREATE TABLE stored_events (position INTEGER PRIMARY KEY, originator_id TEXT NOT NULL, "
    "originator_version INTEGER NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL)",
    "CREATE TABLE ref_index (kind TEXT NOT NULL, ref TEXT NOT NULL, subject TEXT NOT NULL, "
    "PRIMARY KEY (kind, ref)) WITHOUT ROWID",
)
BY_SUBJECT = "CREATE INDEX by_subject ON stored_events (originator_id, originator_version)"


class LogCopy(SqliteSource):
    """The events of a log in a temporary database, so that one subject or type is found without reading all.

    Nothing of the office is opened: neither data folder nor store. Each bundle was hashed against the signed
    root's tiles when it was copied; whether the signature is one to trust is the verifier's question.
    """

    name = "log"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "events.db")
        self.place = str(folder / "events.db")
        self._folder = folder

    @contextmanager
    def views(self, wanted: Sequence[Projection], on_progress: OnProgress | None = None) -> Iterator[ReadStore]:
        """Views of this log, folded from its first event."""
        with views_in(self._folder, self, wanted, None, on_progress) as store:
            yield store


@contextmanager
def log_copy(directory: Path, on_progress: OnProgress | None = None) -> Iterator[LogCopy]:
    """Copy a log's events into a temporary folder that is gone afterwards; raises `no_log`, or `Tampered`."""
    with copy_of(LogSource(directory), on_progress) as copy:
        yield copy


@contextmanager
def copy_of(source: Source, on_progress: OnProgress | None = None) -> Iterator[LogCopy]:
    """The same of any source that can only be read from its beginning."""
    with copied(lambda _, target: _fill(target, source, on_progress)) as copy:
        yield copy


@contextmanager
def copied(fill: Callable[[Path, sqlite3.Connection], None]) -> Iterator[LogCopy]:
    """The same of whatever `fill` puts into the tables; it may use the folder for files of its own."""
    with temporary_folder() as folder:
        with translated(), closing(sqlite3.connect(folder / "events.db", isolation_level=None)) as connection:
            for statement in TABLES:
                connection.execute(statement)
            fill(folder, connection)
            connection.execute(BY_SUBJECT)
        copy = LogCopy(folder)
        try:
            yield copy
        finally:
            copy.close()


def _fill(connection: sqlite3.Connection, source: Source, on_progress: OnProgress | None) -> None:
    head, events = source.head(), 0
    for batch in batches(source.read()):
        insert(connection, batch)
        events += len(batch)
        if on_progress is not None:
            on_progress(Progress(events, batch[-1].position, head))


def insert(connection: sqlite3.Connection, batch: Sequence[SourceEvent]) -> None:
    """Events and the names that they give, in one transaction."""
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO stored_events VALUES (?,?,?,?,?)", batch)
    connection.executemany(
        "INSERT OR IGNORE INTO ref_index VALUES (?,?,?)",
        [row for event in batch if b'"ref:' in event.raw for row in _refs(event.raw)],
    )
    connection.execute("COMMIT")


def _refs(raw: bytes) -> list[RefRow]:
    """The names that an event gives, as the store's own index has them."""
    try:
        return [row for row in index_rows(decode(raw)) if isinstance(row, RefRow)]
    except (LedgerError, LookupError, TypeError, ValueError) as error:
        raise Tampered("tampered", f"an entry is not an event: {type(error).__name__}") from None


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="caseledger-log-") as folder:
        yield Path(folder)


@contextmanager
def views_in(
    folder: Path,
    source: SqlSource | LogSource,
    wanted: Sequence[Projection],
    until: int | None,
    on_progress: OnProgress | None = None,
) -> Iterator[ReadStore]:
    """Views folded from the first event (to `until`) into a database of their own in a temporary folder."""
    store = ReadStore(folder / "views.db")
    try:
        store.prepare(wanted)
        if until is None:
            rebuild(source, store, wanted, on_progress)
        else:
            catch_up(source, store, wanted, on_progress, until)
        yield store
    finally:
        store.close()
