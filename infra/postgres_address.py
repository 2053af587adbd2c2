"""The address of a PostgreSQL database: read by libpq's own rules, shown without its password, connected to."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.settings import is_address

STORE_SCHEMA = "ledger"
VIEWS_SCHEMA = "views"
FINDINGS_SCHEMA = "findings"
CONNECT_WAIT_S = 10
IDLE_IN_TRANSACTION_MAX_S = 60
"""A program that stands still inside a transaction loses it, so that a hung machine does not hold the ledger."""
KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""After half a minute without an answer the other machine counts as gone."""
APPLICATION = "caseledger"


def has_table(connection: psycopg.Connection[Any], schema: str, table: str) -> bool:
    """Whether a table is there, by the catalog as it is now; `to_regclass` may remember what was before a lock."""
    asked = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname=%s AND tablename=%s"
    return connection.execute(asked, (schema, table)).fetchone() != (0,)


def let_go(connection: psycopg.Connection[Any]) -> None:
    """Give back a connection's advisory locks now: the server notices a closed connection only a moment later."""
    with suppress(psycopg.Error):  # a connection that is lost has lost its locks
        connection.execute("SELECT pg_advisory_unlock_all()")


class PostgresAddress:
    """One database, by a `postgresql://` address. The password may stay in PGPASSFILE or PGPASSWORD; it is never shown."""

    def __init__(self, text: str) -> None:
        if not is_address(text):
            raise ValueError("a PostgreSQL address begins with postgresql://")
        try:
            self._given: dict[str, Any] = conninfo_to_dict(text)
        except psycopg.ProgrammingError:  # its words may hold the password
            raise ValueError("this postgresql:// address cannot be read; escape special characters as %XX") from None
        self._text = text

    def __str__(self) -> str:
        """For people: who, where and which, and nothing else."""
        given = self._given
        who = f"{given['user']}@" if given.get("user") else ""
        where = str(given.get("host", ""))
        place = f"{where}:{given['port']}" if given.get("port") else where
        if where.startswith("/"):
            return f"postgresql://{who}/{self.database} ({place})"
        return f"postgresql://{who}{place}/{self.database}"

    __repr__ = __str__

    @property
    def database(self) -> str:
        """The database's name."""
        return str(self._given.get("dbname", ""))

    def conninfo(self, schema: str, lock_wait_s: float) -> str:
        """The libpq parameters of a connection that works in one schema and waits so long for a lock."""
        waits = max(1, round(lock_wait_s * 1000))
        ours = (
            f"-c search_path={schema} -c lock_timeout={waits} "
            f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MAX_S * 1000} -c client_min_messages=warning"
        )
        given = {"connect_timeout": CONNECT_WAIT_S, "application_name": APPLICATION, **KEEPALIVE, **self._given}
        options = f"{given.pop('options', '')} {ours}".strip()
        return make_conninfo("", **given, options=options)

    def connect(self, schema: str, lock_wait_s: float) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection in autocommit. Raises psycopg.Error."""
        return cast(
            "psycopg.Connection[tuple[Any, ...]]",
            psycopg.connect(self.conninfo(schema, lock_wait_s), autocommit=True),
        )
