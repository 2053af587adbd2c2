"""The event store in PostgreSQL under `eventsourcing`: the library's recorder, our bytes, one write section."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import msgspec
import psycopg
from eventsourcing.persistence import ApplicationRecorder, Notification, PersistenceError, StoredEvent, Subscription
from eventsourcing.postgres import (
    BasePostgresFactory,
    ConnectionPool,
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresFactory,
    PostgresSubscription,
)
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Identifier

from infra.event_store import LOCK_TIMEOUT_S, CloudEventMapper
from infra.postgres_address import STORE_SCHEMA, PostgresAddress
from infra.postgres_errors import translated, typed
from infra.postgres_statements import marked
from infra.sql_source import notification_query
from infra.store_schema_postgres import EVENTS_TABLE, INIT_LOCK, is_there, schema_statements
from infra.store_upgrade import upgrade_postgres
from infra.write_section_postgres import PostgresWriteSection

READERS_MAX = 10
LISTEN_S = 0.1
"""Seconds between two looks whether a subscription was stopped."""
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit')='off'"
"""An answer is given only for what a power cut leaves; stricter settings of the server stand."""


class LedgerPostgresDatastore(PostgresDatastore):
    """The library's datastore, reached by an address, so that libpq finds the password where it looks for it."""

    def __init__(
        self, address: PostgresAddress, *, lock_timeout: float = LOCK_TIMEOUT_S, originator_id_type: str = "text"
    ) -> None:
        super().__init__("", "", 0, "", "", schema=STORE_SCHEMA, originator_id_type=cast(Any, originator_id_type))
        self.address = address
        self.lock_wait_s = lock_timeout
        self.pool = ConnectionPool(
            address.conninfo(STORE_SCHEMA, lock_timeout),
            connection_class=psycopg.Connection[DictRow],
            kwargs={"row_factory": dict_row, "autocommit": True},
            min_size=0,
            max_size=READERS_MAX,
            open=False,
            timeout=lock_timeout or 1.0,
        )

    def register_type_adapters(self) -> None:
        """None are needed: events go in as plain arrays."""

    def connect(self) -> psycopg.Connection[Any]:
        """A connection outside the pool."""
        return self.address.connect(STORE_SCHEMA, self.lock_wait_s)


class LedgerSubscription(PostgresSubscription):
    """The library's subscription, which also looks once it listens: what came between would wake nobody."""

    def _listen(self) -> None:
        try:
            with self._recorder.datastore.get_connection() as connection:
                connection.execute(SQL("LISTEN {}").format(Identifier(self._recorder.channel_name)))
                self._has_been_notified.set()
                while not self._has_been_stopped and not self._thread_error:
                    for _ in connection.notifies(timeout=LISTEN_S, stop_after=1):
                        self._has_been_notified.set()
        except BaseException as error:  # noqa: BLE001 – whoever iterates is told
            self._thread_error = self._thread_error or error
            self.stop()


class PostgresLedgerRecorder(PostgresApplicationRecorder):
    """Append-only recorder with gap-free positions; rows beside the events in the same transaction.

    The library's functions in the database are never used: they take no lock, and a follower would lose events.
    """

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = EVENTS_TABLE) -> None:
        assert isinstance(datastore, LedgerPostgresDatastore)
        assert not datastore.enable_db_functions
        super().__init__(datastore, events_table_name=events_table_name)
        self._store = datastore
        self._lock = threading.RLock()
        self._writer: psycopg.Connection[Any] | None = None
        self._section: PostgresWriteSection | None = None
        self._kept_section: PostgresWriteSection | None = None
        self.sql_create_statements.clear()
        self.max_notification_id_statement = SQL("SELECT MAX(position) FROM {}").format(Identifier(events_table_name))
        self.select_events_statement = SQL("SELECT * FROM {} WHERE originator_id = %s").format(
            Identifier(events_table_name)
        )

    def create_table(self) -> None:
        """Schema, tables and triggers in one transaction; nothing happens where they are, so that no right is needed."""
        with translated(), self._store.connect() as connection:
            if is_there(connection, self.events_table_name):
                return
            with connection.transaction():
                connection.execute(INIT_LOCK)
                if is_there(connection, self.events_table_name):  # another `init` made it meanwhile
                    return
                for statement in schema_statements(self.events_table_name, self._store.originator_id_type):
                    connection.execute(statement.encode())

    # -- the write section --

    @contextmanager
    def write_section(self, *, beside: bool = False) -> Iterator[PostgresWriteSection]:
        """One transaction under the ledger's lock; durable when it ends without an error, `beside` or not.

        Raises `Unavailable` (`locked`, `disk_full`, `read_only`) with nothing recorded. Where the connection is lost
        while committing nobody can say whether the events stand; the same action sent again is answered rightly.
        """
        with self._lock:
            try:
                section = self._begun()
                self._section = section
                try:
                    yield section
                    section.commit()
                except BaseException:
                    self._kept_section = None
                    self._roll_back()
                    raise
                finally:
                    self._section = None
            except (psycopg.Error, PersistenceError) as error:
                raise typed(error) from error

    def settle(self) -> None:
        """Nothing is under way: a section is durable when it has ended."""

    def _begun(self) -> PostgresWriteSection:
        """A section that holds the lock; a connection found dead before anything was sent is made anew once."""
        kept = self._kept_section
        if kept is not None:
            try:
                kept.begin()
                return kept
            except psycopg.OperationalError:
                assert self._writer is not None
                if not self._writer.broken:
                    self._roll_back()
                    raise
                self._kept_section = self._writer = None
        if self._writer is None:
            self._writer = self._store.connect()
            self._writer.execute(DURABLE)
            upgrade_postgres(self._writer)
        section = PostgresWriteSection(self._writer, self.events_table_name, self._store.originator_id_type)
        try:
            section.begin()
        except psycopg.Error:
            self._roll_back()
            raise
        self._kept_section = section
        return section

    def _roll_back(self) -> None:
        """Roll back what is open; a connection that cannot even do that is thrown away."""
        writer = self._writer
        if writer is None:
            return
        try:
            writer.execute("ROLLBACK")
        except psycopg.Error:
            self._kept_section = self._writer = None
            writer.close()

    # -- the library's interface --

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Insert inside the open write section, or in a transaction of its own."""
        if self._section is not None:
            self._section.insert(stored_events, **kwargs)
            return None
        if not stored_events:
            return []
        with self._store.get_connection() as connection:
            section = PostgresWriteSection(connection, self.events_table_name, self._store.originator_id_type)
            try:
                section.begin()
                first = section.head() + 1
                section.insert(stored_events, **kwargs)
                section.commit()
            except psycopg.Error:
                if not connection.broken:
                    connection.execute("ROLLBACK")
                raise
        return list(range(first, first + len(stored_events)))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """As the library's, by `position`."""
        statement, params = notification_query(self.events_table_name, start, limit, stop, topics, inclusive_of_start)
        with self._store.get_connection() as connection, connection.cursor(binary=True) as cursor:
            found = cursor.execute(marked(statement), params).fetchall()
        return [
            Notification(
                id=row["position"],
                originator_id=row["originator_id"],
                originator_version=row["originator_version"],
                topic=row["topic"],
                state=bytes(row["state"]),
            )
            for row in found
        ]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Notifications as they are recorded. Nothing here relies on it: a push only ever ends a wait early."""
        return LedgerSubscription(recorder=self, gt=gt, topics=topics)

    def import_progress(self, importid: str) -> dict[str, Any] | None:
        """What the last committed batch of this import said of its progress, or None."""
        with translated(), self._store.connect() as connection:
            row = connection.execute("SELECT progress FROM import_progress WHERE importid=%s", (importid,)).fetchone()
        found: dict[str, Any] | None = None if row is None else msgspec.json.decode(row[0])
        return found

    def close_writer(self) -> None:
        """Close the writer connection; the pool is closed by the datastore."""
        with self._lock:
            self._kept_section = None
            if self._writer is not None:
                self._writer.close()
                self._writer = None


class Factory(PostgresFactory):
    """Builds mapper and recorder for `eventsourcing.application.Application` from one address."""

    ADDRESS = "POSTGRES_ADDRESS"
    application_recorder_class = PostgresLedgerRecorder

    def __init__(self, env: Any) -> None:
        super(BasePostgresFactory, self).__init__(env)
        self.datastore = LedgerPostgresDatastore(
            PostgresAddress(self.env.get(self.ADDRESS) or ""),
            lock_timeout=float(self.env.get(self.POSTGRES_LOCK_TIMEOUT) or LOCK_TIMEOUT_S),
            originator_id_type=self.env.get(self.ORIGINATOR_ID_TYPE, "text") or "text",
        )

    def application_recorder(self) -> ApplicationRecorder:
        """The one recorder, with the table's name as in every store."""
        recorder = PostgresLedgerRecorder(self.datastore, events_table_name=EVENTS_TABLE)
        if self.env_create_table():
            recorder.create_table()
        return recorder

    def mapper(self, transcoder: Any = None, mapper_class: Any = None) -> Any:
        """The one mapper: bytes are the CloudEvent."""
        return CloudEventMapper(transcoder=transcoder or self.transcoder())
