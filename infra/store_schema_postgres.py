"""The event store's tables in PostgreSQL, derived from the embedded store's, and what keeps events as they are."""

from __future__ import annotations

from typing import Any

import psycopg

from infra.postgres_address import STORE_SCHEMA, has_table
from infra.postgres_errors import APPEND_ONLY
from infra.store_schema import SCHEMA_STATEMENTS

EVENTS_TABLE = "stored_events"
WRITE_LOCK = "write_lock"
"""An empty table; who holds it exclusively is the one writer. Locking it needs no right to change an event."""
TRIGGERS = ("no_update", "no_delete", "no_truncate")
INIT_LOCK = "SELECT pg_advisory_xact_lock(1667327588, hashtext('init'))"
_WORDS = (
    (" WITHOUT ROWID", ""),
    (" BLOB", " BYTEA"),
    (" INTEGER", " BIGINT"),
    (" TEXT", ' TEXT COLLATE "C"'),
)


def is_there(connection: psycopg.Connection[Any], table: str = EVENTS_TABLE) -> bool:
    """Whether the store was made."""
    return has_table(connection, STORE_SCHEMA, table)


def schema_statements(table: str, originator_type: str = "text") -> list[str]:
    """Everything that `init` runs, in one transaction that holds `INIT_LOCK`.

    Positions are given by the writer under its lock, the next after the last, so that a roll-back leaves no gap.
    """
    named = 'TEXT COLLATE "C"' if originator_type == "text" else originator_type.upper()
    return [
        f"CREATE SCHEMA IF NOT EXISTS {STORE_SCHEMA}",
        f"CREATE TABLE IF NOT EXISTS {table} ("
        "position BIGINT PRIMARY KEY CHECK (position > 0), "
        f"originator_id {named} NOT NULL, "
        "originator_version BIGINT NOT NULL, "
        'topic TEXT COLLATE "C" NOT NULL, '
        "state BYTEA NOT NULL, "
        "UNIQUE (originator_id, originator_version))",
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END$$",
        *(statement for trigger in TRIGGERS for statement in _trigger(table, trigger)),
        *(_translated(statement) for statement in SCHEMA_STATEMENTS),
        f"CREATE TABLE IF NOT EXISTS {WRITE_LOCK} (nobody BOOLEAN)",
    ]


def _trigger(table: str, trigger: str) -> tuple[str, str]:
    """A trigger that also stands while replication applies changes."""
    act = trigger.removeprefix("no_").upper()
    name = f"{table}_{trigger}"
    return (
        f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    )


def _translated(statement: str) -> str:
    for word, here in _WORDS:
        statement = statement.replace(word, here)
    return statement
