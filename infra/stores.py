"""Which store lies at a place: a file of SQLite, or a PostgreSQL database by its address."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from domain.errors import Unavailable
from infra.settings import is_address
from infra.sql_source import SqlSource


def source_at(place: str, lock_wait_s: float = 30.0) -> SqlSource:
    """The events at a place, to be read only; raises `no_ledger` where no file is, `unavailable` where no server is."""
    if not is_address(place):
        from infra.sqlite_source import SqliteSource

        return SqliteSource(Path(place))
    require_driver()
    from infra.postgres_address import PostgresAddress
    from infra.postgres_source import PostgresSource

    return PostgresSource(PostgresAddress(place), lock_wait_s=lock_wait_s)


def environment_of(place: str, lock_timeout_s: int, create: bool) -> dict[str, str]:
    """What `eventsourcing` is told of the store at a place."""
    common = {"ORIGINATOR_ID_TYPE": "text", "CREATE_TABLE": "y" if create else "n"}
    if not is_address(place):
        return {
            **common,
            "PERSISTENCE_MODULE": "infra.event_store:Factory",
            "SQLITE_DBNAME": place,
            "SQLITE_LOCK_TIMEOUT": str(lock_timeout_s),
        }
    require_driver()
    return {
        **common,
        "PERSISTENCE_MODULE": "infra.event_store_postgres:Factory",
        "POSTGRES_ADDRESS": place,
        "POSTGRES_LOCK_TIMEOUT": str(lock_timeout_s),
    }


def shown(place: str) -> str:
    """A place as people may read it, without a password."""
    if not is_address(place):
        return place
    require_driver()
    from infra.postgres_address import PostgresAddress

    return str(PostgresAddress(place))


def require_driver() -> None:
    """Refuse an address where the optional driver is not installed."""
    if find_spec("psycopg") is None or find_spec("psycopg_pool") is None:
        raise Unavailable(
            "unavailable", "PostgreSQL needs its driver; in the project's folder: pip install -e '.[postgres]'"
        )
