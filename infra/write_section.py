"""The open write section of the embedded store."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any

from eventsourcing.persistence import StoredEvent

from infra.sql_section import SqlWriteSection

ROWS_PER_STATEMENT = 50
_ROWS = ("(?,?,?,?)", "(?,?,?)")
"""How an insert of one row ends, so that it may as well take many rows."""


class SqliteWriteSection(SqlWriteSection):
    """`domain.ledger.WriteSection` on one cursor inside `BEGIN IMMEDIATE`; used again until one fails.

    `PRAGMA data_version` changes when another connection has committed, so an unchanged one makes the head
    that this section left behind still true.
    """

    def __init__(self, cursor: sqlite3.Cursor, events_table: str) -> None:
        super().__init__(events_table)
        self._cursor = cursor
        self._cursor.row_factory = None  # plain tuples
        self._seen_version: int | None = None
        self._insert_events = (
            f"INSERT INTO {events_table} (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"
        )

    def begin(self) -> None:
        """Take the write lock; what this section knew of the head holds only if nobody else has written."""
        self._cursor.execute("BEGIN IMMEDIATE")
        version: int = self._cursor.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen_version:
            row = self._one(f"SELECT MAX(position) FROM {self._events}")
            self._head = int(row[0]) if row is not None and row[0] is not None else 0
            self._seen_version = version

    def commit(self) -> None:
        """Make the section durable."""
        self._cursor.execute("COMMIT")

    def rows(self, statement: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a question."""
        return self._cursor.execute(statement, params).fetchall()

    def run(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run an insert for every row, in order; many in one statement, where it can take them, are a sixth quicker."""
        if len(rows) == 1:
            self._cursor.execute(statement, rows[0])
            return
        row = next((row for row in _ROWS if statement.endswith(row)), None)
        whole = len(rows) - len(rows) % ROWS_PER_STATEMENT if row else 0
        if whole:
            many = statement + f",{row}" * (ROWS_PER_STATEMENT - 1)
            for start in range(0, whole, ROWS_PER_STATEMENT):
                part = rows[start : start + ROWS_PER_STATEMENT]
                self._cursor.execute(many, list(chain.from_iterable(part)))
            rows = rows[whole:]
        if rows:
            self._cursor.executemany(statement, rows)

    def insert_events(self, stored_events: Sequence[StoredEvent]) -> None:
        """Insert events; SQLite gives the positions, each the next."""
        self.run(
            self._insert_events,
            [(stored.originator_id, stored.originator_version, stored.topic, stored.state) for stored in stored_events],
        )
