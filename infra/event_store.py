"""The embedded event store under `eventsourcing`: CloudEvent mapper, SQLite recorder, write section."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import msgspec
from eventsourcing.persistence import InterfaceError, Mapper, PersistenceError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)

from domain.event import Event
from infra.sql_source import notification_query
from infra.sqlite_errors import translated, typed
from infra.store_schema import SCHEMA_STATEMENTS, events_table_statements
from infra.store_upgrade import upgrade_sqlite
from infra.write_section import SqliteWriteSection

LOCK_TIMEOUT_S = 30
STATEMENTS_KEPT = 256
PAGES_CACHED_KIB = 32_768
PAGES_PER_CHECKPOINT = 4_000
PRAGMAS = ("PRAGMA synchronous=FULL", "PRAGMA recursive_triggers=1", "PRAGMA foreign_keys=1")
WRITER_PRAGMAS = (f"PRAGMA cache_size=-{PAGES_CACHED_KIB}", f"PRAGMA wal_autocheckpoint={PAGES_PER_CHECKPOINT}")


class StoredRow(NamedTuple):
    """What the library's `StoredEvent` holds, made in a third of the time of a frozen dataclass."""

    originator_id: str
    originator_version: int
    topic: str
    state: bytes


class CloudEventMapper(Mapper[str]):
    """Maps events to their one byte string and back: nothing is wrapped, compressed or re-serialised."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """`state` is the CloudEvent, `topic` the event type, the originator id the subject."""
        event = cast(Event, domain_event)
        row = StoredRow(event.originator_id, event.originator_version, event.attributes["type"], event.encode())
        return cast(StoredEvent, row)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Read an event back in its newest shape, with the stored bytes beside it."""
        return Event.from_bytes(bytes(stored_event.state))


class LedgerConnectionPool(SQLiteConnectionPool):
    """Connections that refuse to walk around the append-only triggers, and that keep their statements prepared.

    The library asks for `cached_statements=True`, which is a cache of one: every statement would be parsed anew.
    """

    def _create_connection(self) -> SQLiteConnection:
        try:
            connection = sqlite3.connect(
                self.db_name,
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                cached_statements=STATEMENTS_KEPT,
                timeout=self.lock_timeout or LOCK_TIMEOUT_S,
            )
        except (sqlite3.Error, TypeError) as error:
            raise InterfaceError(error) from error
        for pragma in PRAGMAS if self.is_sqlite_memory_mode else ("PRAGMA journal_mode=WAL", *PRAGMAS):
            connection.execute(pragma)
        connection.row_factory = sqlite3.Row
        return SQLiteConnection(sqlite_conn=connection, max_age=self.max_age)


class LedgerDatastore(SQLiteDatastore):
    """The library's datastore with our connections, and one writer connection of its own."""

    def __init__(self, db_name: str, *, lock_timeout: int = LOCK_TIMEOUT_S, **kwargs: Any) -> None:
        super().__init__(db_name, lock_timeout=lock_timeout, **kwargs)
        self.pool.close()
        self.pool = LedgerConnectionPool(
            db_name=db_name, lock_timeout=lock_timeout, pool_size=5, max_overflow=10, pool_timeout=5.0
        )


class LedgerRecorder(SQLiteApplicationRecorder):
    """Append-only recorder with gap-free positions; rows beside the events in the same transaction."""

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = "stored_events") -> None:
        super().__init__(datastore, events_table_name)
        self._lock = threading.RLock()
        self._writer: SQLiteConnection | None = None
        self._section: SqliteWriteSection | None = None
        self._kept_section: SqliteWriteSection | None = None
        self._beside: ThreadPoolExecutor | None = None
        self._committing: Future[None] | None = None
        self.insert_events_statement = (
            f"INSERT INTO {events_table_name} (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"
        )
        self.select_max_notification_id_statement = f"SELECT MAX(position) FROM {events_table_name}"

    def construct_create_table_statements(self) -> list[str]:
        """The events table with its triggers, and the index tables."""
        return [*events_table_statements(self.events_table_name), *SCHEMA_STATEMENTS]

    @contextmanager
    def write_section(self, *, beside: bool = False) -> Iterator[SqliteWriteSection]:
        """One write transaction, `BEGIN IMMEDIATE` to commit; durable when it ends without an error.

        Raises `Unavailable` (`locked`, `disk_full`, `read_only`) with nothing recorded. With `beside` a thread commits
        when the section has ended, and the caller works on: it is durable when `settle`, or the beginning of the next
        section, has waited for it without an error.
        """
        with self._lock:
            self.settle()
            try:
                connection = self._writer_connection()
                section = self._reusable_section(connection)
                section.begin()
                self._section = section
                try:
                    yield section
                    if beside:
                        self._committing = self._thread_beside().submit(section.commit)
                    else:
                        section.commit()
                except BaseException:
                    self._kept_section = None
                    self._roll_back(connection)
                    raise
                finally:
                    self._section = None
            except (sqlite3.Error, PersistenceError) as error:
                raise typed(error) from error

    def settle(self) -> None:
        """Wait for the commit that a thread is at; raises `Unavailable` with nothing of its section recorded."""
        with self._lock:
            if self._committing is None:
                return
            wait([self._committing])
            committed, self._committing = self._committing, None
            try:
                committed.result()
            except sqlite3.Error as error:
                self._kept_section = None
                self._roll_back(self._writer_connection())
                raise typed(error) from error

    def _thread_beside(self) -> ThreadPoolExecutor:
        if self._beside is None:
            self._beside = ThreadPoolExecutor(1, "ledger-commit")
        return self._beside

    def _reusable_section(self, connection: SQLiteConnection) -> SqliteWriteSection:
        """The last section, kept with its cursor and its knowledge of the head, unless it failed."""
        if self._kept_section is None:
            self._kept_section = SqliteWriteSection(connection._sqlite_conn.cursor(), self.events_table_name)
        return self._kept_section

    def _writer_connection(self) -> SQLiteConnection:
        if self._writer is None:
            writer = self.datastore.pool._create_connection()
            for pragma in WRITER_PRAGMAS:
                writer._sqlite_conn.execute(pragma)
            upgrade_sqlite(writer._sqlite_conn)
            self._writer = writer
        return self._writer

    def _roll_back(self, connection: SQLiteConnection) -> None:
        """Roll back what is open; a connection that cannot even do that is thrown away."""
        try:
            if connection._sqlite_conn.in_transaction:
                connection._sqlite_conn.execute("ROLLBACK")
        except sqlite3.Error:
            self._writer = None
            connection._sqlite_conn.close()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Insert inside the open write section, or in a transaction of its own."""
        section = self._section
        if section is None:
            return super().insert_events(stored_events, **kwargs)
        section.insert(stored_events, **kwargs)
        return None

    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        positions = []
        for stored in stored_events:
            c.execute(
                self.insert_events_statement,
                (_text_id(stored.originator_id), stored.originator_version, stored.topic, stored.state),
            )
            positions.append(c.lastrowid)
        return positions

    def select_notifications(self, *args: Any, **kwargs: Any) -> Any:
        """As the library's, by `position` instead of an implicit rowid."""
        return self._select_notifications(*args, **kwargs)

    def _select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Any:
        from eventsourcing.persistence import Notification

        statement, params = notification_query(self.events_table_name, start, limit, stop, topics, inclusive_of_start)
        with self.datastore.transaction(commit=False) as c:
            c.execute(statement, params)
            return [
                Notification(
                    id=row["position"],
                    originator_id=self.convert_originator_id(row["originator_id"]),
                    originator_version=row["originator_version"],
                    topic=row["topic"],
                    state=row["state"],
                )
                for row in c.fetchall()
            ]

    def import_progress(self, importid: str) -> dict[str, Any] | None:
        """What the last committed batch of this import said of its progress, or None."""
        with translated(), self.datastore.transaction(commit=False) as c:
            c.execute("SELECT progress FROM import_progress WHERE importid=?", (importid,))
            row = c.fetchone()
        found: dict[str, Any] | None = None if row is None else msgspec.json.decode(row[0])
        return found

    def close_writer(self) -> None:
        """Close the writer connection; the pool is closed by the datastore."""
        with self._lock:
            if self._beside is not None:
                self._beside.shutdown()  # ends when the last commit has
                self._beside = None
            self._kept_section = None
            if self._writer is not None:
                self._writer._sqlite_conn.close()
                self._writer = None


def _text_id(originator_id: Any) -> str:
    return originator_id if isinstance(originator_id, str) else originator_id.hex


class Factory(SQLiteFactory):
    """Builds mapper and recorder for `eventsourcing.application.Application`."""

    application_recorder_class = LedgerRecorder

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.datastore.close()
        lock_timeout = int(self.env.get(self.SQLITE_LOCK_TIMEOUT) or LOCK_TIMEOUT_S)
        self.datastore = LedgerDatastore(
            self.env.get(self.SQLITE_DBNAME) or "",
            lock_timeout=lock_timeout,
            originator_id_type=cast(Any, self.env.get(self.ORIGINATOR_ID_TYPE, "text")),
        )

    def mapper(self, transcoder: Any = None, mapper_class: Any = None) -> Any:
        """The one mapper: bytes are the CloudEvent."""
        return CloudEventMapper(transcoder=transcoder or self.transcoder())
