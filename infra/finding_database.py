"""Where findings are kept: one connection, one writer at a time; here a file of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from infra.settings import is_address
from infra.sqlite_errors import translated
from infra.stores import require_driver


class FindingDatabase(Protocol):
    """What the kept findings ask of their database. Statements are written with `?` for every parameter."""

    def rows(self, statement: str, params: Sequence[object] = ()) -> Iterable[tuple[Any, ...]]:
        """The rows of a question."""

    def run(self, statement: str, params: Sequence[object] = ()) -> None:
        """Run one statement."""

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for many rows."""

    def failures(self) -> AbstractContextManager[None]:
        """Turn what the database raises inside into typed errors."""

    def begin(self) -> None:
        """Begin a transaction that no other writer enters."""

    def commit(self) -> None:
        """Make it stand."""

    def roll_back(self) -> None:
        """Leave everything as it was."""

    def close(self) -> None:
        """Give the database back."""


def finding_database(place: str, lock_wait_s: float, tables: Sequence[str]) -> FindingDatabase:
    """The database at a place, a file or an address, its tables made where they are missing."""
    if not is_address(place):
        return SqliteFindings(place, lock_wait_s, tables)
    require_driver()
    from infra.finding_database_postgres import PostgresFindings

    return PostgresFindings(place, lock_wait_s, tables)


def are_kept(place: str, lock_wait_s: float) -> bool:
    """Whether findings were ever kept at a place; nothing is made."""
    if not is_address(place):
        return Path(place).exists()
    require_driver()
    from infra.finding_database_postgres import is_begun

    return is_begun(place, lock_wait_s)


class SqliteFindings:
    """A file of its own, in WAL."""

    def __init__(self, place: str, lock_wait_s: float, tables: Sequence[str]) -> None:
        with translated():
            self._connection = sqlite3.connect(place, isolation_level=None, timeout=lock_wait_s)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            for statement in tables:
                self._connection.execute(statement)

    def rows(self, statement: str, params: Sequence[object] = ()) -> Iterable[tuple[Any, ...]]:
        """The rows of a question, streamed."""
        return self._connection.execute(statement, params)

    def run(self, statement: str, params: Sequence[object] = ()) -> None:
        """Run one statement."""
        self._connection.execute(statement, params)

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """One `executemany`."""
        self._connection.executemany(statement, rows)

    def failures(self) -> AbstractContextManager[None]:
        """SQLite's errors, typed."""
        return translated()

    def begin(self) -> None:
        """Take the file's write lock."""
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make it stand."""
        self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Leave everything as it was."""
        self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
