"""A store of an earlier release, put right before the first act is recorded in it; events are never touched.

Up to November 2026 the index of actions held each action's digest beside the events that hold it as well.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

DROP_DIGEST = "ALTER TABLE action_index DROP COLUMN digest"


def upgrade_sqlite(connection: sqlite3.Connection) -> None:
    """Drop the column that is written no more; nothing happens where it is not there, or where no table is yet."""
    if any(row[1] == "digest" for row in connection.execute("PRAGMA table_info(action_index)")):
        try:
            connection.execute(DROP_DIGEST)
        except sqlite3.OperationalError as error:
            if "no such column" not in str(error):  # another process was first
                raise


def upgrade_postgres(connection: psycopg.Connection[Any]) -> None:
    """The same; the role that records must own the table, as the one that made it does."""
    found = connection.execute(
        "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('action_index') AND attname = 'digest' AND NOT attisdropped"
    ).fetchone()
    if found is not None:
        connection.execute("ALTER TABLE action_index DROP COLUMN IF EXISTS digest")
