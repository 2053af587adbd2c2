"""Findings kept in PostgreSQL: a schema of their own beside the views', written by one pass at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import psycopg

from infra.postgres_address import FINDINGS_SCHEMA, PostgresAddress, has_table
from infra.postgres_errors import translated
from infra.postgres_statements import marked

LOCK = "LOCK TABLE state IN EXCLUSIVE MODE"
ROWS_PER_MESSAGE = 500
_INIT_LOCK = "SELECT pg_advisory_xact_lock(1667327588, hashtext('findings'))"
_WORDS = (
    (" WITHOUT ROWID", ""),
    ("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    (" BLOB", " BYTEA"),
    (" INTEGER", " BIGINT"),
    (" TEXT", ' TEXT COLLATE "C"'),
)


def is_begun(place: str, lock_wait_s: float) -> bool:
    """Whether the schema is there."""
    with translated(), PostgresAddress(place).connect(FINDINGS_SCHEMA, lock_wait_s) as connection:
        return _is_there(connection)


def _is_there(connection: psycopg.Connection[Any]) -> bool:
    return has_table(connection, FINDINGS_SCHEMA, "changes")


class PostgresFindings:
    """`infra.finding_database.FindingDatabase` on one connection; inside a transaction writes are sent in a row."""

    def __init__(self, place: str, lock_wait_s: float, tables: Sequence[str]) -> None:
        with translated():
            self._connection = PostgresAddress(place).connect(FINDINGS_SCHEMA, lock_wait_s)
            try:
                self._make(tables)
            except psycopg.Error:
                self._connection.close()
                raise
        self._pipeline: AbstractContextManager[Any] | None = None

    def _make(self, tables: Sequence[str]) -> None:
        if _is_there(self._connection):
            return
        with self._connection.transaction():
            self._connection.execute(_INIT_LOCK)
            if _is_there(self._connection):  # another program made it meanwhile
                return
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {FINDINGS_SCHEMA}")
            for statement in tables:
                self._connection.execute(_translated(statement).encode())

    def rows(self, statement: str, params: Sequence[object] = ()) -> Iterable[tuple[Any, ...]]:
        """All rows of a question."""
        return self._connection.execute(marked(statement), params, binary=True).fetchall()

    def run(self, statement: str, params: Sequence[object] = ()) -> None:
        """Run one statement; what it says against it may come with a later one."""
        self._connection.execute(marked(statement), params)

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """One `executemany`."""
        with self._connection.cursor() as cursor:
            cursor.executemany(marked(statement), rows)

    def failures(self) -> AbstractContextManager[None]:
        """PostgreSQL's errors, typed."""
        return translated()

    def begin(self) -> None:
        """Begin, and wait for the pass that writes now."""
        self._connection.execute("BEGIN")
        try:
            self._connection.execute(LOCK)
        except psycopg.Error:
            self.roll_back()
            raise
        self._pipeline = self._connection.pipeline()
        self._pipeline.__enter__()

    def commit(self) -> None:
        """Make it stand; raises what any statement of the transaction met."""
        self._leave_pipeline()
        self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Leave everything as it was."""
        try:
            self._leave_pipeline()
        except psycopg.Error as error:
            if self._connection.broken:
                raise error from None
        self._connection.execute("ROLLBACK")

    def _leave_pipeline(self) -> None:
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.__exit__(None, None, None)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def _translated(statement: str) -> str:
    for word, here in _WORDS:
        statement = statement.replace(word, here)
    return statement
