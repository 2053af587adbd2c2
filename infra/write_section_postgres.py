"""The open write section of the PostgreSQL store: one round trip to lock, one to write and commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg.rows import tuple_row

from infra.postgres_statements import marked
from infra.sql_section import SqlWriteSection
from infra.store_schema_postgres import WRITE_LOCK

_INSERT = re.compile(r"(INSERT INTO \S+ \([^)]*\)) VALUES \([?,]*\)(.*)", re.DOTALL)
_ARRAYS: dict[type, str] = {str: "text", int: "bigint", bytes: "bytea"}


class PostgresWriteSection(SqlWriteSection):
    """`domain.ledger.WriteSection` in one transaction that holds the ledger's lock.

    What is written waits until something is asked or the section is committed, and goes to the server in one round trip.
    """

    def __init__(self, connection: psycopg.Connection[Any], events_table: str, originator_type: str = "text") -> None:
        super().__init__(events_table)
        self._connection = connection
        self._cursor = connection.cursor(row_factory=tuple_row, binary=True)
        self._waiting: list[tuple[bytes, Sequence[Any]]] = []
        self._insert_events = (
            f"INSERT INTO {events_table} (position, originator_id, originator_version, topic, state) "
            "SELECT %s::bigint + place, subject, version, topic, state "
            f"FROM unnest(%s::{originator_type}[], %s::bigint[], %s::text[], %b::bytea[]) "
            "WITH ORDINALITY AS added (subject, version, topic, state, place)"
        ).encode()

    def begin(self) -> None:
        """Begin, take the ledger's lock, and read the head as it stands under the lock."""
        self._waiting.clear()
        cursor = self._connection.cursor(row_factory=tuple_row)
        # three statements in one message: each sees what was committed before it began
        cursor.execute(
            f"BEGIN; LOCK TABLE {WRITE_LOCK} IN EXCLUSIVE MODE; SELECT max(position) FROM {self._events}".encode()
        )
        while cursor.nextset():
            pass
        row = cursor.fetchone()
        self._head = row[0] if row is not None and row[0] is not None else 0

    def commit(self) -> None:
        """Make the section durable; whoever listens is woken."""
        wakes = [(f"NOTIFY {self._events}".encode(), ())] if self._waiting else []
        self._send([*wakes, (b"COMMIT", ())])

    def rows(self, statement: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a question."""
        if self._waiting:
            self.flush()
        return self._cursor.execute(marked(statement), params).fetchall()

    def flush(self) -> None:
        """Send what waits."""
        self._send([])

    def run(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run an insert for every row: one statement, with one array for each column where there are many rows."""
        if len(rows) == 1:
            self._waiting.append((marked(statement), rows[0]))
        else:
            columns = list(zip(*rows, strict=True))
            types = tuple(_ARRAYS[type(column[0])] for column in columns)
            self._waiting.append((_of_arrays(statement, types), [list(column) for column in columns]))

    def insert_events(self, stored_events: Sequence[StoredEvent]) -> None:
        """Insert events at the positions that follow the head."""
        if stored_events:
            columns = [list(column) for column in zip(*map(_plain, stored_events), strict=True)]
            self._waiting.append((self._insert_events, [self._head, *columns]))

    def _send(self, more: Sequence[tuple[bytes, Sequence[Any]]]) -> None:
        waiting, self._waiting = [*self._waiting, *more], []
        with self._connection.pipeline():
            for statement, params in waiting:
                self._cursor.execute(statement, params)


def _plain(stored: StoredEvent) -> tuple[Any, int, str, bytes]:
    return stored.originator_id, stored.originator_version, stored.topic, stored.state


@lru_cache(maxsize=256)
def _of_arrays(statement: str, types: tuple[str, ...]) -> bytes:
    """An insert of one row as an insert of arrays."""
    found = _INSERT.fullmatch(statement)
    assert found is not None, statement
    arrays = ",".join(f"%s::{one}[]" for one in types)
    return f"{found[1]} SELECT * FROM unnest({arrays}){found[2]}".encode()
