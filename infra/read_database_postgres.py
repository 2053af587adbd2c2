"""Views in PostgreSQL: many writers and readers from many hosts, tables swapped while nobody waits for a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import lru_cache
from typing import Any, Final, LiteralString, cast

import msgspec
import psycopg
import sqlalchemy as sa
from psycopg import sql

from domain.errors import Conflict
from infra.held_transaction import HeldTransaction
from infra.postgres_address import VIEWS_SCHEMA, PostgresAddress, let_go
from infra.postgres_errors import translated
from infra.read_failures import database_failures, failure
from infra.rebuild_lock import Beat, Heartbeat

LOCKS: Final = 0x63617365
"""The first half of every advisory lock of the views; the second says which."""
STRUCTURE: Final = 1
READERS: Final = 2
REBUILDS: Final = 0x62756C64
"""The first half of the locks of rebuilds; the second is the hash of the view's name."""
SNAPSHOT: LiteralString = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout=0; "
    f"SELECT pg_advisory_xact_lock_shared({LOCKS}, {READERS})"
)
SHARED: LiteralString = f"SELECT pg_advisory_xact_lock_shared({LOCKS}, {STRUCTURE})"
ALONE: LiteralString = f"SELECT pg_advisory_xact_lock({LOCKS}, {STRUCTURE})"
NUL_SHOWN = "␀"
"""PostgreSQL's text holds no NUL; a row shows this sign where the event's text has one."""
BEATS_TABLE: LiteralString = "CREATE TABLE IF NOT EXISTS view_beats (name text PRIMARY KEY, told bytea NOT NULL)"
_INSERT = re.compile(r"INSERT INTO (\S+) \(([^)]*)\) VALUES .*", re.DOTALL)


class PostgresReadDatabase:
    """Views in the schema `views` of one database.

    Writers share a lock that whoever makes, drops or swaps tables holds alone. Readers share another one; tables are
    dropped only while nobody holds it, so that a reader never meets a table that is gone and never makes anyone wait.
    """

    def __init__(self, place: str, lock_wait_s: float) -> None:
        self.share_files = None  # processes write to one table side by side
        self._address = PostgresAddress(place)
        self._lock_wait_s = lock_wait_s
        self.shown = str(self._address)
        self.engine = sa.create_engine("postgresql+psycopg://", creator=self._connect, paramstyle="format")
        self._held = HeldTransaction()

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        connection = self._address.connect(VIEWS_SCHEMA, self._lock_wait_s)
        connection.autocommit = False
        return connection

    def held(self) -> AbstractContextManager[None]:
        """Alone over several steps: no writer begins meanwhile."""
        return self._held.over(self.restructuring())

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read-only snapshot."""
        with self._begun(SNAPSHOT) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction beside other writers'; the positions that it moves are locked row by row."""
        with self._begun(SHARED) as connection:
            yield connection

    @contextmanager
    def restructuring(self, beside: str = "") -> Iterator[sa.Connection]:
        """A transaction that waits for the writers at work and lets no other begin."""
        with self._begun(ALONE) as connection:
            yield connection

    @contextmanager
    def _begun(self, statement: LiteralString) -> Iterator[sa.Connection]:
        if self._held.connection is not None:
            yield self._held.connection
            return
        try:
            with database_failures(self.shown), self.engine.connect() as connection, connection.begin():
                driver(connection).execute(statement)
                yield connection
        except psycopg.Error as error:
            raise failure(error, self.shown) from error

    def open_schema(self, connection: sa.Connection) -> None:
        """The schema, and the table of heartbeats."""
        asked = "SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname=%s"
        if driver(connection).execute(asked, (VIEWS_SCHEMA,)).fetchone() == (0,):
            driver(connection).execute(f"CREATE SCHEMA {VIEWS_SCHEMA}")
        driver(connection).execute(BEATS_TABLE)

    def may_drop(self, connection: sa.Connection) -> bool:
        """Whether nobody reads at this moment."""
        asked = driver(connection).execute(f"SELECT pg_try_advisory_xact_lock({LOCKS}, {READERS})").fetchone()
        return asked is not None and bool(asked[0])

    def fill(self, connection: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Inserts as one `COPY`, everything else as one `executemany`."""
        copying = copy_statement(statement)
        if copying is None:
            connection.exec_driver_sql(statement, list(rows))
            return
        with driver(connection).cursor() as cursor, cursor.copy(copying) as copy:
            for row in rows:
                copy.write_row([_storable(value) for value in row])

    # -- the right to rebuild --

    @contextmanager
    def rebuilding(self, names: Sequence[str]) -> Iterator[Beat]:
        """Advisory locks of a connection of its own: they end with the process, or with its host."""
        with ExitStack() as stack:
            with translated():
                connection = stack.enter_context(self._address.connect(VIEWS_SCHEMA, self._lock_wait_s))
                stack.callback(let_go, connection)
                for name in sorted(set(names)):
                    self._take(connection, name)

            def write(line: bytes) -> None:
                with translated():
                    connection.cursor().executemany(
                        "INSERT INTO view_beats (name, told) VALUES (%s, %s) "
                        "ON CONFLICT (name) DO UPDATE SET told=excluded.told",
                        [(name, line) for name in names],
                    )

            yield stack.enter_context(Beat([write]))

    def _take(self, connection: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
        asked = connection.execute(f"SELECT pg_try_advisory_lock({REBUILDS}, hashtext(%s))", (name,)).fetchone()
        if asked is None or not asked[0]:
            held = self._told(connection, name)
            who = f"process {held['pid']}, at {held['position']} of {held['head']}" if held else "?"
            raise Conflict("view_rebuilding", f"{name}: {who}", field="name")

    def _told(self, connection: psycopg.Connection[tuple[Any, ...]], name: str) -> dict[str, Any] | None:
        row = connection.execute("SELECT told FROM view_beats WHERE name=%s", (name,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0])

    def beat(self, name: str) -> Heartbeat | None:
        """The last heartbeat; whether its rebuild still runs is the lock's word."""
        with self.reading() as opened:
            connection = driver(opened)
            told = self._told(connection, name)
            if told is None:
                return None
            running = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype='advisory' AND classid=%s::bigint::oid "
                "AND objid=(hashtext(%s)::bigint & 4294967295)::oid AND objsubid=2 AND granted AND database="
                "(SELECT oid FROM pg_database WHERE datname=current_database()))",
                (REBUILDS, name),
            ).fetchone()
        return Heartbeat(**{**told, "is_running": running is not None and bool(running[0])})


def driver(connection: sa.Connection) -> psycopg.Connection[tuple[Any, ...]]:
    """The driver's own connection under an engine's."""
    return cast("psycopg.Connection[tuple[Any, ...]]", connection.connection.driver_connection)


def _storable(value: object) -> object:
    return value.replace("\x00", NUL_SHOWN) if type(value) is str and "\x00" in value else value


@lru_cache(maxsize=256)
def copy_statement(statement: str) -> sql.SQL | None:
    """`COPY` of the same table and columns for a ready `INSERT`; None for any other statement."""
    found = _INSERT.fullmatch(statement)
    return None if found is None else sql.SQL(f"COPY {found[1]} ({found[2]}) FROM STDIN")
