"""A PostgreSQL store under the doctor's eyes: one read-only snapshot, the index tables copied beside the derived ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from infra.doctor_stores import ALL_EVENTS, ALL_SNAPSHOTS, INDEX_TABLES, Stored, StoredLedger
from infra.postgres_snapshot import PostgresSnapshot, postgres_snapshot
from infra.store_schema_postgres import TRIGGERS


@contextmanager
def snapshot_of(place: str, derived: sqlite3.Connection) -> Iterator[StoredLedger]:
    """The database as it is now, its index tables copied to where the doctor compares."""
    with postgres_snapshot(place) as snapshot:
        derived.execute("ATTACH ':memory:' AS stored")
        derived.execute("BEGIN")
        for table, columns in INDEX_TABLES.items():
            derived.execute(f"CREATE TABLE stored.{table} AS SELECT {columns} FROM main.{table} WHERE 0")
            marks = ",".join("?" * len(columns.split(",")))
            rows = snapshot.streamed(f"SELECT {columns} FROM {table}")
            derived.executemany(f"INSERT INTO stored.{table} VALUES ({marks})", rows)
        yield PostgresStored(snapshot)
        derived.execute("COMMIT")


class PostgresStored:
    """`StoredLedger` over one moment."""

    wanted_triggers: tuple[str, ...] = TRIGGERS

    def __init__(self, snapshot: PostgresSnapshot) -> None:
        self._snapshot = snapshot

    def damages(self) -> Iterator[str]:
        """Indexes that the server itself does not trust; a damaged page is told when it is read."""
        query = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)"
        return (f"index {name} is not valid" for (name,) in self._snapshot.streamed(query))

    def triggers(self) -> set[str]:
        """The triggers that are enabled always."""
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid='stored_events'::regclass AND tgenabled='A'"
        return {str(name) for (name,) in self._snapshot.streamed(query)}

    def source(self) -> str | None:
        """The ledger's own name."""
        found = self._snapshot.one("SELECT value FROM ledger WHERE name='source'")
        return None if found is None else str(found)

    def count(self) -> int:
        """How many events there are."""
        return int(self._snapshot.one("SELECT count(*) FROM stored_events"))

    def events(self) -> Iterator[Stored]:
        """All events, streamed."""
        return cast("Iterator[Stored]", self._snapshot.streamed(ALL_EVENTS))

    def snapshots(self) -> Iterator[tuple[str, int, str, Any]]:
        """All snapshots, streamed."""
        return cast("Iterator[tuple[str, int, str, Any]]", self._snapshot.streamed(ALL_SNAPSHOTS))

    def events_until(self, subject: str, version: int) -> Iterator[Any]:
        """The bytes of a subject's events up to a version."""
        query = (
            "SELECT state FROM stored_events WHERE originator_id=%s AND originator_version<=%s "
            "ORDER BY originator_version"
        )
        return (raw for (raw,) in self._snapshot.streamed(query, (subject, version)))
