"""What PostgreSQL says when it is away, locked, full or read-only, as typed errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from eventsourcing.persistence import PersistenceError
from psycopg.errors import LockNotAvailable

from domain.errors import Conflict, LedgerError, NotFound, Tampered, Unavailable

_ADVICE = {
    "locked": "another program holds the database; try again when it is done",
    "disk_full": "free some space on the database server and send the action again",
    "read_only": "give this role the rights of docs/postgresql.md, or point at the primary server",
    "unavailable": "see whether the server runs and lets this role in",
    "store_damaged": "run `caseledger doctor`, then restore from the sealed log or a backup",
    "tampered": "events can only be added",
    "ledger_moved": "point CASELEDGER_STORE at where it went",
    "no_ledger": "run `caseledger init` with this address",
}
_CODES = {
    "55P03": "locked",  # lock_not_available
    "55006": "locked",  # object_in_use
    "40P01": "locked",  # deadlock_detected
    "40001": "locked",  # serialization_failure
    "53100": "disk_full",
    "25006": "read_only",  # read_only_sql_transaction
    "42501": "read_only",  # insufficient_privilege
    "42P01": "no_ledger",  # undefined_table
    "3F000": "no_ledger",  # invalid_schema_name
    "XX001": "store_damaged",  # data_corrupted
    "XX002": "store_damaged",  # index_corrupted
}
APPEND_ONLY = "the ledger is append-only"


def code_of(error: BaseException | None) -> str:
    """The ledger's code for what the database answered."""
    state = getattr(error, "sqlstate", None)
    words = str(error)
    if APPEND_ONLY in words:
        return "tampered"
    if state is None and "No space left on device" in words:
        return "disk_full"
    return _CODES.get(state or "", "unavailable")


def words_of(error: BaseException | None) -> str:
    """The database's own first sentence on one line; libpq never puts a password into it."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    return " ".join((primary or str(error)).split())


def typed(error: BaseException | None) -> LedgerError:
    """The typed error of a database failure; its own words are kept."""
    if isinstance(error, PersistenceError) and isinstance(error.__cause__, psycopg.Error):
        error = error.__cause__
    code = code_of(error)
    detail = f"{_ADVICE[code]} ({words_of(error)})"
    if code == "tampered":
        return Tampered(code, detail)
    if code == "no_ledger":
        return NotFound(code, words_of(error))
    return Unavailable(code, detail)


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever the database raises inside into a typed error."""
    try:
        yield
    except (psycopg.Error, PersistenceError) as error:
        raise typed(error) from error


__all__ = ["Conflict", "LockNotAvailable", "code_of", "translated", "typed", "words_of"]
