"""A PostgreSQL store copied into a file of SQLite, for a trial that is thrown away."""

from __future__ import annotations

import sqlite3

from infra.postgres_snapshot import postgres_snapshot
from infra.store_schema import SCHEMA_STATEMENTS, events_table_statements

TABLES = {
    "stored_events": "position, originator_id, originator_version, topic, state",
    "action_index": "action_id, position, count",
    "ref_index": "kind, ref, subject",
    "series_index": "series, last",
    "grant_index": '"grant", "case", beneficiary_ref, beneficiary_tag',
    "link_index": '"case", other',
    "snapshots": "subject, version, shape, state",
    "import_progress": "importid, progress",
    "ledger": "name, value",
}


def copy_to_file(place: str, copy: sqlite3.Connection) -> None:
    """Copy every table as of one moment."""
    table, *triggers = events_table_statements("stored_events")
    with postgres_snapshot(place) as snapshot, copy:
        for statement in ("PRAGMA synchronous=OFF", table, *SCHEMA_STATEMENTS):
            copy.execute(statement)
        for name, columns in TABLES.items():
            marks = ",".join("?" * len(columns.split(",")))
            rows = snapshot.streamed(f"SELECT {columns} FROM {name}")
            copy.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", rows)
        for statement in triggers:
            copy.execute(statement)
