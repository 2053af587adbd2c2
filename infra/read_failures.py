"""What can go wrong between the ledger and a database of views, as errors that say what to do next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from domain.errors import LedgerError, Unavailable

_CODES = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_CANTOPEN: "read_only",
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_CORRUPT: "store_damaged",
    sqlite3.SQLITE_NOTADB: "store_damaged",
}


def failure(original: BaseException | None, place: str) -> LedgerError:
    """The typed error for what the database said; views hold nothing that cannot be folded again."""
    code = "unavailable"
    if isinstance(original, sqlite3.Error):
        primary = getattr(original, "sqlite_errorcode", 0) & 0xFF
        code = _CODES.get(primary, "unavailable")
    elif type(original).__module__.startswith("psycopg"):
        from infra.postgres_errors import code_of, words_of

        return Unavailable(code_of(original), f"views in {place}: {words_of(original)}")
    advice = "; remove the file and run `caseledger replay`" if code == "store_damaged" else ""
    return Unavailable(code, f"views in {place}: {original}{advice}")


@contextmanager
def database_failures(place: str) -> Iterator[None]:
    """Turn the database's own exceptions into the ledger's."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise failure(error.orig, place) from error
    except sqlite3.Error as error:
        raise failure(error, place) from error
