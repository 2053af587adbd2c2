"""The embedded store as a source of replay."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from domain.errors import NotFound
from infra.sql_source import SqlSource
from infra.sqlite_errors import translated


class SqliteSource(SqlSource):
    """`consumers.follow.Source` over `ledger.db`, read-only.

    SQLite keeps whatever type is written into a column: altered bytes are read as bytes all the same.
    """

    event_columns = "position, originator_id, originator_version, topic, CAST(state AS BLOB)"
    subject_in_order = "+originator_id"

    def __init__(self, path: Path, events_table: str = "stored_events") -> None:
        if not path.exists():
            raise NotFound("no_ledger", str(path.parent))
        super().__init__(events_table)
        self._path = path
        with translated():
            self._connection: sqlite3.Connection | None = self._connected()

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{self._path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA busy_timeout=30000")
        return connection

    def rows(self, statement: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a question; raises typed errors."""
        with translated():
            if self._connection is None:
                self._connection = self._connected()
            return self._connection.execute(statement, params).fetchall()

    def rest(self) -> None:
        """Give the file back until the next question."""
        self.close()
        self._connection = None

    def name_value(self, name: str) -> str | None:
        """A named value of the ledger's own table; None where there is none, or no table yet (a founding broken off)."""
        if not self.rows("SELECT count(*) FROM sqlite_master")[0][0]:
            return None
        found = self.rows("SELECT value FROM ledger WHERE name=?", (name,))
        return str(found[0][0]) if found else None

    def bytes_stored(self) -> int:
        """The file's size."""
        return self._path.stat().st_size

    def sealing(self) -> AbstractContextManager[None]:
        """The sealer's lock on the data folder is enough: the file lies on this host."""
        return nullcontext()

    def close(self) -> None:
        """Give the file back."""
        if self._connection is not None:
            self._connection.close()


def read_name(path: Path, name: str) -> str | None:
    """A named value of the ledger's own table; None where there is none, or no table yet (a founding broken off)."""
    source = SqliteSource(path)
    try:
        return source.name_value(name)
    finally:
        source.close()
