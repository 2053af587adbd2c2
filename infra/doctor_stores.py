"""What the doctor reads of a store, all as of one moment: SQLite's file, or a snapshot of a PostgreSQL database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from infra.settings import is_address
from infra.sqlite_errors import translated
from infra.stores import require_driver

Stored = tuple[int, str, int, str, Any]
INDEX_TABLES = {
    "action_index": "action_id, position, count",
    "ref_index": "kind, ref, subject",
    "series_index": "series, last",
    "grant_index": '"grant", "case", beneficiary_ref, beneficiary_tag',
    "link_index": '"case", other',
}
ALL_EVENTS = "SELECT position, originator_id, originator_version, topic, state FROM stored_events ORDER BY position"
ALL_SNAPSHOTS = "SELECT subject, version, shape, state FROM snapshots ORDER BY subject"


class StoredLedger(Protocol):
    """A store under examination. Its index tables stand in the derived database's schema `stored`."""

    wanted_triggers: tuple[str, ...]

    def damages(self) -> Iterator[str]:
        """What the database itself says is damaged."""

    def triggers(self) -> set[str]:
        """The names of the triggers that stand guard."""

    def source(self) -> str | None:
        """The ledger's own name."""

    def count(self) -> int:
        """How many events there are."""

    def events(self) -> Iterator[Stored]:
        """All events: position, subject, version, type, bytes."""

    def snapshots(self) -> Iterator[tuple[str, int, str, Any]]:
        """Subject, version, shape and state of every snapshot."""

    def events_until(self, subject: str, version: int) -> Iterator[Any]:
        """The bytes of a subject's events up to a version."""


def stored_ledger(place: str, derived: sqlite3.Connection) -> AbstractContextManager[StoredLedger]:
    """The store at a place, read as of one moment while the block runs."""
    if not is_address(place):
        return _attached(place, derived)
    require_driver()
    from infra.doctor_postgres import snapshot_of

    return snapshot_of(place, derived)


@contextmanager
def _attached(place: str, derived: sqlite3.Connection) -> Iterator[StoredLedger]:
    with translated():
        derived.execute("ATTACH ? AS stored", (f"file:{place}?mode=ro",))
        derived.execute("BEGIN")
        yield SqliteStored(derived)
        derived.execute("COMMIT")


class SqliteStored:
    """`StoredLedger` over the file, attached to the derived database; one transaction over both."""

    wanted_triggers: tuple[str, ...] = ("no_update", "no_delete", "no_replace")

    def __init__(self, derived: sqlite3.Connection) -> None:
        self._derived = derived

    def damages(self) -> Iterator[str]:
        """SQLite's own look at the file."""
        return (str(told) for (told,) in self._derived.execute("PRAGMA stored.quick_check") if told != "ok")

    def triggers(self) -> set[str]:
        """All triggers of the file."""
        found = self._derived.execute("SELECT name FROM stored.sqlite_master WHERE type='trigger'")
        return {str(name) for (name,) in found}

    def source(self) -> str | None:
        """The ledger's own name."""
        found = self._derived.execute("SELECT value FROM stored.ledger WHERE name='source'").fetchone()
        return str(found[0]) if found else None

    def count(self) -> int:
        """How many events there are."""
        return int(self._derived.execute("SELECT COUNT(*) FROM stored.stored_events").fetchone()[0])

    def events(self) -> Iterator[Stored]:
        """All events, streamed."""
        return self._derived.execute(ALL_EVENTS.replace("stored_events", "stored.stored_events"))

    def snapshots(self) -> Iterator[tuple[str, int, str, Any]]:
        """All snapshots, streamed."""
        return self._derived.execute(ALL_SNAPSHOTS.replace("snapshots", "stored.snapshots"))

    def events_until(self, subject: str, version: int) -> Iterator[Any]:
        """The bytes of a subject's events up to a version."""
        rows = self._derived.execute(
            "SELECT state FROM stored.stored_events WHERE originator_id=? AND originator_version<=? "
            "ORDER BY originator_version",
            (subject, version),
        )
        return (raw for (raw,) in rows)
