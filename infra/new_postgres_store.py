"""A PostgreSQL store being filled from nothing, in one transaction: it appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent

from consumers.follow import SourceEvent
from domain.errors import Conflict, Tampered
from domain.index import ActionRow, IndexRow, RefRow
from infra.postgres_address import STORE_SCHEMA, PostgresAddress
from infra.postgres_errors import translated
from infra.store_schema_postgres import EVENTS_TABLE, INIT_LOCK, is_there, schema_statements
from infra.write_section_postgres import PostgresWriteSection

LOCK_WAIT_S = 30.0
TAKE_REF = (
    "INSERT INTO ref_index (kind, ref, subject) VALUES (?,?,?) ON CONFLICT (kind, ref) DO UPDATE "
    "SET subject=CASE WHEN ref_index.subject=excluded.subject THEN excluded.subject END"
)
"""A ref of two subjects breaks NOT NULL: such events were never recorded."""


class PostgresNewStore:
    """`infra.restoring.NewStore` over one open transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._section = PostgresWriteSection(connection, EVENTS_TABLE)

    def add(self, events: Sequence[SourceEvent], actions: Sequence[ActionRow], rows: Sequence[IndexRow]) -> None:
        """Take the next events; a row that contradicts an earlier one raises `tampered`."""
        stored = [StoredEvent(event.subject, event.sequence, event.type, event.raw) for event in events]
        once = list(dict.fromkeys(rows))
        refs = [row for row in once if isinstance(row, RefRow)]
        try:
            self._section.insert(stored, actions=actions, rows=[row for row in once if not isinstance(row, RefRow)])
            if refs:
                self._section.run(TAKE_REF, refs)
            self._section.flush()
        except (psycopg.IntegrityError, psycopg.errors.CardinalityViolation) as error:
            place = f" behind position {events[0].position - 1}" if events else ""
            raise Tampered("tampered", f"index rows of two events contradict each other{place}: {error}") from None

    def set_names(self, names: Mapping[str, str]) -> None:
        """Keep named values of the ledger's own table."""
        for name, value in names.items():
            self._section.set_name_value(name, value)

    def add_progress(self, rows: Sequence[tuple[str, str]]) -> None:
        """Keep how far imports came: (import, progress as JSON)."""
        if rows:
            self._section.run("INSERT INTO import_progress (importid, progress) VALUES (?,?)", rows)

    def finish(self, source: str) -> None:
        """Name the ledger and make it stand."""
        self._section.set_name_value("source", source)
        self._section.commit()


@contextmanager
def new_postgres_store(address: PostgresAddress) -> Iterator[PostgresNewStore]:
    """A new store at an address; what is not finished leaves nothing. Raises `not_empty` where a ledger is."""
    with translated(), address.connect(STORE_SCHEMA, LOCK_WAIT_S) as connection:
        connection.execute("BEGIN")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout=0")
        connection.execute(INIT_LOCK)
        if is_there(connection):
            named = connection.execute("SELECT count(*) FROM ledger").fetchone()
            held = connection.execute(f"SELECT max(position) FROM {EVENTS_TABLE}").fetchone()
            if named != (0,) or held != (None,):
                raise Conflict("not_empty", f"{address}; give an empty database; 请使用空数据库")
        else:
            for statement in schema_statements(EVENTS_TABLE):
                connection.execute(statement.encode())
        yield PostgresNewStore(connection)
        connection.execute("ROLLBACK")  # after `finish` there is nothing left to roll back
