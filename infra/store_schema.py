"""The embedded store's tables: events that can only be added, and index rows that can be re-derived."""

from __future__ import annotations


def events_table_statements(table: str) -> list[str]:
    """The events table; UPDATE, DELETE and REPLACE are refused by triggers."""
    refuse = "SELECT RAISE(ABORT, 'the ledger is append-only')"
    return [
        f"CREATE TABLE IF NOT EXISTS {table} ("
        "position INTEGER PRIMARY KEY AUTOINCREMENT, "
        "originator_id TEXT NOT NULL, "
        "originator_version INTEGER NOT NULL, "
        "topic TEXT NOT NULL, "
        "state BLOB NOT NULL, "
        "UNIQUE (originator_id, originator_version))",
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE position=NEW.position OR "
        "(originator_id=NEW.originator_id AND originator_version=NEW.originator_version)) "
        f"BEGIN {refuse}; END",
    ]


SCHEMA_STATEMENTS: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS action_index (action_id TEXT PRIMARY KEY, position INTEGER NOT NULL, "
    "count INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS ref_index (kind TEXT NOT NULL, ref TEXT NOT NULL, subject TEXT NOT NULL, "
    "PRIMARY KEY (kind, ref)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS series_index (series TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID",
    'CREATE TABLE IF NOT EXISTS grant_index ("grant" TEXT PRIMARY KEY, "case" TEXT NOT NULL, '
    "beneficiary_ref TEXT NOT NULL, beneficiary_tag TEXT NOT NULL) WITHOUT ROWID",
    'CREATE INDEX IF NOT EXISTS grant_by_case ON grant_index ("case")',
    "CREATE INDEX IF NOT EXISTS grant_by_ref ON grant_index (beneficiary_ref)",
    "CREATE INDEX IF NOT EXISTS grant_by_tag ON grant_index (beneficiary_tag)",
    'CREATE TABLE IF NOT EXISTS link_index ("case" TEXT NOT NULL, other TEXT NOT NULL, '
    'PRIMARY KEY ("case", other)) WITHOUT ROWID',
    "CREATE INDEX IF NOT EXISTS link_by_other ON link_index (other)",
    "CREATE TABLE IF NOT EXISTS snapshots (subject TEXT PRIMARY KEY, version INTEGER NOT NULL, "
    "shape TEXT NOT NULL, state BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS import_progress (importid TEXT PRIMARY KEY, progress TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS ledger (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)
