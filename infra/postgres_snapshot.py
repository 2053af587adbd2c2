"""One moment of a PostgreSQL store, read-only: what is recorded meanwhile is not seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from infra.postgres_address import STORE_SCHEMA, PostgresAddress
from infra.postgres_errors import translated

LOCK_WAIT_S = 30.0
ROWS_PER_FETCH = 2_000
_BEGIN: LiteralString = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout=0"
)


class PostgresSnapshot:
    """A transaction that only reads."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection
        self._cursors = 0

    def streamed(self, statement: str, params: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a question, through a cursor of the server."""
        self._cursors += 1
        with self._connection.cursor(f"snapshot_{self._cursors}") as cursor:
            cursor.itersize = ROWS_PER_FETCH
            cursor.format = psycopg.pq.Format.BINARY
            cursor.execute(statement.encode(), params)
            yield from cursor

    def one(self, statement: str) -> Any:
        """The first value of the first row; None where there is none."""
        found = self._connection.execute(statement.encode()).fetchone()
        return None if found is None else found[0]


@contextmanager
def postgres_snapshot(place: str) -> Iterator[PostgresSnapshot]:
    """The store as it is now."""
    with translated(), PostgresAddress(place).connect(STORE_SCHEMA, LOCK_WAIT_S) as connection:
        connection.execute(_BEGIN)
        yield PostgresSnapshot(connection)
        connection.execute("ROLLBACK")
