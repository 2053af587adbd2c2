"""What SQLite says when a disk is full, a lock is held or a folder is read-only, as typed errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import PersistenceError

from domain.errors import Conflict, LedgerError, Tampered, Unavailable

MOVED = "this ledger moved to"
_WORDS = (
    (MOVED, "ledger_moved", "set CASELEDGER_STORE to where it went"),
    ("locked", "locked", "another program holds the database; try again when it is done"),
    ("busy", "locked", "another program holds the database; try again when it is done"),
    ("full", "disk_full", "free some space and send the action again"),
    ("readonly", "read_only", "give this user write access to the data folder"),
    ("read-only", "read_only", "give this user write access to the data folder"),
    ("unable to open", "read_only", "the data folder is missing or not writable"),
    ("disk i/o", "unavailable", "the disk reports an error; check it before going on"),
    ("malformed", "store_damaged", "run `caseledger doctor`, then restore from the sealed log or a backup"),
    ("not a database", "store_damaged", "run `caseledger doctor`, then restore from the sealed log or a backup"),
    ("append-only", "tampered", "events can only be added"),
)


def typed(error: Exception) -> LedgerError:
    """The typed error of a database failure; its own words are kept."""
    words = str(error).lower()
    for word, code, advice in _WORDS:
        if word in words:
            family = {"tampered": Tampered, "ledger_moved": Conflict}.get(code, Unavailable)
            return family(code, f"{advice} ({error})")
    return Unavailable("unavailable", f"the database answered: {error}")


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever the database raises inside into a typed error."""
    try:
        yield
    except (sqlite3.Error, PersistenceError) as error:
        raise typed(error) from error
