"""The PostgreSQL store as a source of replay."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from domain.errors import Unavailable
from infra.postgres_address import STORE_SCHEMA, PostgresAddress, let_go
from infra.postgres_errors import translated
from infra.postgres_statements import marked
from infra.sql_source import SqlSource

LOCK_WAIT_S = 30.0
_SEALER = "SELECT pg_try_advisory_lock(1667327588, hashtext('sealer'))"


class PostgresSource(SqlSource):
    """`consumers.follow.Source` over a database, read-only: pages by position, no transaction between two of them."""

    subject_in_order = 'originator_id COLLATE "C"'

    def __init__(
        self, address: PostgresAddress, events_table: str = "stored_events", *, lock_wait_s: float = LOCK_WAIT_S
    ) -> None:
        super().__init__(events_table)
        self._address = address
        self._lock_wait_s = lock_wait_s
        self._lock = threading.Lock()
        with translated():
            self._connection = address.connect(STORE_SCHEMA, lock_wait_s)
            self._connection.execute("SET default_transaction_read_only=on")
            self._cursor = self._connection.cursor(binary=True)

    def rows(self, statement: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a question; raises typed errors."""
        with translated(), self._lock:
            return self._cursor.execute(marked(statement), params).fetchall()

    def name_value(self, name: str) -> str | None:
        """A named value of the ledger's own table; None where there is none, or no table yet."""
        if self.rows("SELECT to_regclass(?)", (f"{STORE_SCHEMA}.ledger",))[0][0] is None:
            return None
        found = self.rows("SELECT value FROM ledger WHERE name=?", (name,))
        return str(found[0][0]) if found else None

    def bytes_stored(self) -> int:
        """What the events' table takes, with its indexes."""
        return int(self.rows("SELECT pg_total_relation_size(?::regclass)", (self._events,))[0][0])

    def unsafe_settings(self) -> list[str]:
        """What the server does not wait for."""
        asked = (
            "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting='off' ORDER BY name"
        )
        return [f"{name}=off" for (name,) in self.rows(asked)]

    @contextmanager
    def sealing(self) -> Iterator[None]:
        """An advisory lock of a connection of its own, so that of two hosts one seals."""
        with translated():
            connection = self._address.connect(STORE_SCHEMA, self._lock_wait_s)
        with connection:
            with translated():
                taken = connection.execute(_SEALER).fetchone()
            if taken is None or not taken[0]:
                raise Unavailable("sealer_running", f"a program at another place seals {self._address}")
            try:
                yield
            finally:
                let_go(connection)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
