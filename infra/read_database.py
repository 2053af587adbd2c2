"""Where views are stored: an engine, the two kinds of transaction, and the right to rebuild; here a file of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from glob import escape
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol, cast

import sqlalchemy as sa

from infra.read_failures import database_failures
from infra.rebuild_lock import Beat, Heartbeat, read_beat, rebuild_locks
from infra.settings import is_address

LOCK_WAIT_S = 60.0
"""How long a write waits for another process's write before it is refused `locked`."""
CACHE_KIB = 32_768
"""Pages that a connection keeps, so that a rebuild's large transactions are written once."""

VALUES_PER_INSERT = 600
"""Values that one INSERT of SQLite takes at most."""
ROWS_PER_INSERT_MIN = 20
"""Wider rows are inserted one by one: only of narrow ones is the statement's own cost worth sharing."""


class ReadDatabase(Protocol):
    """What a store of views asks of its database. `shown` names it to people, without any secret."""

    engine: sa.Engine
    shown: str

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that sees one moment and changes nothing."""

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that changes rows and positions."""

    def restructuring(self, beside: str = "") -> AbstractContextManager[sa.Connection]:
        """A transaction that makes, drops or swaps tables; nobody writes meanwhile.

        The tables of such a file as `new_file` names are seen in it as `beside.…`.
        """

    def new_file(self, number: int) -> str:
        """A new name for the file of a share that must not wait for others' writes; none where nobody waits."""

    def file(self, name: str) -> str:
        """The place of such a file; without a name, of the database itself."""

    def sweep(self, kept: Collection[str]) -> None:
        """Remove all such files but these."""

    def open_schema(self, connection: sa.Connection) -> None:
        """Make what tables need before they can be made."""

    def may_drop(self, connection: sa.Connection) -> bool:
        """Whether tables can be dropped now; where somebody still reads them, later."""

    def fill(self, connection: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement for many rows."""

    def rebuilding(self, names: Sequence[str]) -> AbstractContextManager[Beat]:
        """Hold the right to rebuild these views; refused `view_rebuilding` while another process holds one."""

    def beat(self, name: str) -> Heartbeat | None:
        """What the rebuild that runs now, or ran last, said of itself."""


def read_database(place: str, lock_wait_s: float) -> ReadDatabase:
    """The database at a place: a file, or a `postgresql://` address."""
    if is_address(place):
        from infra.read_database_postgres import PostgresReadDatabase

        return PostgresReadDatabase(place, lock_wait_s)
    return SqliteReadDatabase(place, lock_wait_s)


class SqliteReadDatabase:
    """Views in a file of their own (WAL): one writer at a time, readers never wait."""

    def __init__(self, place: str, lock_wait_s: float) -> None:
        self.shown = place
        self._path = place.removeprefix("sqlite:///")
        self.engine = _engine(place, lock_wait_s)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read transaction."""
        with database_failures(self.shown), self.engine.connect() as connection, connection.begin():
            yield connection

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that holds the file's one write lock from the beginning."""
        return self.restructuring()

    @contextmanager
    def restructuring(self, beside: str = "") -> Iterator[sa.Connection]:
        """The same: there is only one writer."""
        with (
            database_failures(self.shown),
            self.engine.connect() as plain,
            _attached(plain, self.file(beside) if beside else None),
        ):
            connection = plain.execution_options(caseledger_writes=True)
            with connection.begin():
                yield connection

    def new_file(self, number: int) -> str:
        """Random, so that what an interrupted rebuild left is never taken for what another one writes."""
        return f"share-{number}-{token_hex(8)}"

    def file(self, name: str) -> str:
        """A file beside the database's own."""
        return f"{self._path}.{name}" if name else self._path

    def sweep(self, kept: Collection[str]) -> None:
        """With what SQLite keeps beside them."""
        own = Path(self._path)
        for file in own.parent.glob(f"{escape(own.name)}.share-*"):
            if not any(file.name.startswith(f"{own.name}.{name}") for name in kept if name):
                file.unlink(missing_ok=True)

    def open_schema(self, connection: sa.Connection) -> None:
        """Nothing: the file is the schema."""

    def may_drop(self, connection: sa.Connection) -> bool:
        """Always: readers go on with the moment that they see."""
        return True

    def fill(self, connection: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """One `executemany`; of narrow rows as many a statement as is worth while."""
        at_once = VALUES_PER_INSERT // len(rows[0])
        head, values, row = statement.partition(" VALUES ")
        if values and at_once >= ROWS_PER_INSERT_MIN and len(rows) >= at_once:
            whole = len(rows) // at_once * at_once
            many = [tuple(chain.from_iterable(rows[at : at + at_once])) for at in range(0, whole, at_once)]
            connection.exec_driver_sql(head + values + ",".join([row] * at_once), many)
            rows = rows[whole:]
        if rows:
            connection.exec_driver_sql(statement, rows)

    def rebuilding(self, names: Sequence[str]) -> AbstractContextManager[Beat]:
        """Locks of the operating system on files beside the database."""
        return rebuild_locks(self.shown, names)

    def beat(self, name: str) -> Heartbeat | None:
        """The last heartbeat in such a file."""
        return read_beat(self.shown, name)


@contextmanager
def _attached(connection: sa.Connection, place: str | None) -> Iterator[None]:
    """The connection sees another file's tables as `beside.…`; no transaction has begun on it yet."""
    own = cast(sqlite3.Connection, connection.connection.driver_connection)
    if place is None:
        yield
        return
    own.execute("ATTACH ? AS beside", (place,))
    try:
        yield
    finally:
        own.execute("DETACH beside")


def _engine(place: str, lock_wait_s: float) -> sa.Engine:
    url = place if "://" in place else sa.URL.create("sqlite", database=place)
    engine = sa.create_engine(url, connect_args={"timeout": lock_wait_s})

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the transactions are begun below, not guessed by the driver
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("caseledger_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
