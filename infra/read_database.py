"""Where views are stored: an engine, the two kinds of transaction, and the right to rebuild; here a file of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, cast

import sqlalchemy as sa

from infra.held_transaction import HeldTransaction
from infra.read_failures import database_failures
from infra.rebuild_lock import Beat, Heartbeat, read_beat, rebuild_locks
from infra.settings import is_address
from infra.share_files import ShareFiles

LOCK_WAIT_S = 60.0
"""How long a write waits for another process's write before it is refused `locked`."""
CACHE_KIB = 32_768
"""Pages that a connection keeps, so that a rebuild's large transactions are written once."""

PAGE_BYTES = 16_384
"""A page of a new file: rows of case views are a kilobyte wide, and of small pages a rebuild writes too many."""
DURABLE = ("journal_mode=WAL", "synchronous=NORMAL")
"""Readers never wait for the writer; a power cut costs the newest transactions at most, whole."""
PASSING = ("journal_mode=TRUNCATE", "synchronous=OFF")
"""Whole transactions as well after its writer was killed, but not after a power cut."""

VALUES_PER_INSERT = 600
"""Values that one INSERT of SQLite takes at most."""
ROWS_PER_INSERT_MIN = 20
"""Wider rows are inserted one by one: only of narrow ones is the statement's own cost worth sharing."""

_NO_OTHER: dict[None, None] = {}
sqlite3.register_adapter(type(None), _NO_OTHER.get)
sqlite3.register_adapter(bool, int)
# Python's driver looks for an adapter of every None and every bool that it binds, and where it finds none it raises and
# drops an AttributeError for it: three times the cost of the value. These two leave the values as they are stored anyway.


class ReadDatabase(Protocol):
    """What a store of views asks of its database. `shown` names it to people, without any secret.

    Where only one process writes at a time, the others' shares of a rebuild are kept in `share_files`.
    """

    engine: sa.Engine
    shown: str

    @property
    def share_files(self) -> ShareFiles | None:
        """The files of shares, or None where all processes write to the tables themselves."""

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that sees one moment and changes nothing."""

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that changes rows and positions."""

    def restructuring(self, beside: str = "") -> AbstractContextManager[sa.Connection]:
        """A transaction that makes, drops or swaps tables; nobody writes meanwhile.

        The tables of the share that is kept in the file `beside` are seen as `beside.…`.
        """

    def held(self) -> AbstractContextManager[None]:
        """One restructuring transaction that every other one of this thread joins meanwhile."""

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


def read_database(place: str, lock_wait_s: float, *, is_durable: bool = True) -> ReadDatabase:
    """The database at a place: a file, or a `postgresql://` address. What is not durable survives its writer's end alone."""
    if is_address(place):
        from infra.read_database_postgres import PostgresReadDatabase

        return PostgresReadDatabase(place, lock_wait_s)
    return SqliteReadDatabase(place, lock_wait_s, is_durable)


class SqliteReadDatabase:
    """Views in a file of their own (WAL): one writer at a time, readers never wait."""

    def __init__(self, place: str, lock_wait_s: float, is_durable: bool = True) -> None:
        self.shown = place
        self.share_files = ShareFiles(Path(place.removeprefix("sqlite:///")))
        self.engine = _engine(place, lock_wait_s, DURABLE if is_durable else PASSING)
        self._held = HeldTransaction()

    def held(self) -> AbstractContextManager[None]:
        """The file's one write lock, over several steps."""
        return self._held.over(self.restructuring())

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read transaction."""
        if self._held.connection is not None:
            yield self._held.connection
            return
        with database_failures(self.shown), self.engine.connect() as connection, connection.begin():
            yield connection

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that holds the file's one write lock from the beginning."""
        return self.restructuring()

    @contextmanager
    def restructuring(self, beside: str = "") -> Iterator[sa.Connection]:
        """The same: there is only one writer."""
        if self._held.connection is not None:
            yield self._held.connection
            return
        file = self.share_files.path(beside) if beside else None
        with (
            database_failures(self.shown),
            self.engine.connect() as plain,
            _attached(plain, file),
        ):
            connection = plain.execution_options(caseledger_writes=True)
            with connection.begin():
                yield connection

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
def _attached(connection: sa.Connection, file: Path | None) -> Iterator[None]:
    """The connection sees another file's tables as `beside.…`; no transaction has begun on it yet."""
    own = cast(sqlite3.Connection, connection.connection.driver_connection)
    if file is None:
        yield
        return
    own.execute("ATTACH ? AS beside", (str(file),))
    try:
        yield
    finally:
        own.execute("DETACH beside")


def _engine(place: str, lock_wait_s: float, keeping: Sequence[str]) -> sa.Engine:
    url = place if "://" in place else sa.URL.create("sqlite", database=place)
    engine = sa.create_engine(url, connect_args={"timeout": lock_wait_s})

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the transactions are begun below, not guessed by the driver
        for setting in (f"page_size={PAGE_BYTES}", *keeping, f"cache_size=-{CACHE_KIB}"):
            connection.execute(f"PRAGMA {setting}")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("caseledger_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
