"""A PostgreSQL store under the doctor's eyes: one read-only snapshot, the index tables copied beside the derived ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, cast

import psycopg

from infra.doctor_stores import ALL_EVENTS, ALL_SNAPSHOTS, INDEX_TABLES, ROWS_PER_FETCH, Stored, StoredLedger
from infra.postgres_address import STORE_SCHEMA, PostgresAddress
from infra.postgres_errors import translated
from infra.store_schema_postgres import TRIGGERS

LOCK_WAIT_S = 30.0
_SNAPSHOT: LiteralString = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


@contextmanager
def snapshot_of(place: str, derived: sqlite3.Connection) -> Iterator[StoredLedger]:
    """The database as it is now; what is recorded meanwhile is not looked at."""
    with translated(), PostgresAddress(place).connect(STORE_SCHEMA, LOCK_WAIT_S) as connection:
        connection.execute(_SNAPSHOT)
        connection.execute("SET LOCAL idle_in_transaction_session_timeout=0")
        derived.execute("ATTACH ':memory:' AS stored")
        derived.execute("BEGIN")
        stored = PostgresStored(connection)
        for table, columns in INDEX_TABLES.items():
            derived.execute(f"CREATE TABLE stored.{table} AS SELECT {columns} FROM main.{table} WHERE 0")
            marks = ",".join("?" * len(columns.split(",")))
            rows = stored.streamed(f"SELECT {columns} FROM {table}")
            derived.executemany(f"INSERT INTO stored.{table} VALUES ({marks})", rows)
        yield stored
        derived.execute("COMMIT")
        connection.execute("ROLLBACK")


class PostgresStored:
    """`StoredLedger` over one transaction."""

    wanted_triggers: tuple[str, ...] = TRIGGERS

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection
        self._cursors = 0

    def streamed(self, statement: str, params: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a question, through a cursor of the server."""
        self._cursors += 1
        with self._connection.cursor(f"doctor_{self._cursors}", withhold=False) as cursor:
            cursor.itersize = ROWS_PER_FETCH
            cursor.format = psycopg.pq.Format.BINARY
            cursor.execute(statement.encode(), params)
            yield from cursor

    def _one(self, statement: str) -> Any:
        found = self._connection.execute(statement.encode()).fetchone()
        return None if found is None else found[0]

    def damages(self) -> Iterator[str]:
        """Indexes that the server itself does not trust; a damaged page is told when it is read."""
        query = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)"
        return (f"index {name} is not valid" for (name,) in self.streamed(query))

    def triggers(self) -> set[str]:
        """The triggers that are enabled always."""
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid='stored_events'::regclass AND tgenabled='A'"
        return {str(name) for (name,) in self.streamed(query)}

    def source(self) -> str | None:
        """The ledger's own name."""
        found = self._one("SELECT value FROM ledger WHERE name='source'")
        return None if found is None else str(found)

    def count(self) -> int:
        """How many events there are."""
        return int(self._one("SELECT count(*) FROM stored_events"))

    def events(self) -> Iterator[Stored]:
        """All events, streamed."""
        return cast("Iterator[Stored]", self.streamed(ALL_EVENTS))

    def snapshots(self) -> Iterator[tuple[str, int, str, Any]]:
        """All snapshots, streamed."""
        return cast("Iterator[tuple[str, int, str, Any]]", self.streamed(ALL_SNAPSHOTS))

    def events_until(self, subject: str, version: int) -> Iterator[Any]:
        """The bytes of a subject's events up to a version."""
        query = (
            "SELECT state FROM stored_events WHERE originator_id=%s AND originator_version<=%s "
            "ORDER BY originator_version"
        )
        return (raw for (raw,) in self.streamed(query, (subject, version)))
