"""A store in a test's hands, whichever it is: what it holds, and what somebody with a database tool does to it."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from domain.event import decode
from infra.postgres_address import STORE_SCHEMA, PostgresAddress
from infra.settings import Settings
from infra.wiring import create_ledger, open_source
from tests.support.postgres_fixture import BOTH

on_both = pytest.mark.parametrize("settings", BOTH, indirect=True)
"""Runs a test of a ledger over both stores."""


def founded(folder: Path, request: pytest.FixtureRequest) -> Settings:
    """A data folder with an empty ledger in it; its store is a file, or with the parameter `postgres` a database."""
    on_postgres = getattr(request, "param", "sqlite") == "postgres"
    store = request.getfixturevalue("database") if on_postgres else None
    given = Settings(data=folder / "ledger-data", as_operator="tester", store=store, views=store)
    create_ledger(given)
    return given


def events_of(settings: Settings) -> list[dict[str, Any]]:
    """All recorded events, in ledger order."""
    with open_source(settings) as source:
        return [decode(event.raw) for event in source.read()]


def size_of(settings: Settings) -> int:
    """How many events are recorded."""
    with open_source(settings) as source:
        return source.head()


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a process that works on this ledger."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASELEDGER_")}
    given = {"DATA": settings.data, "STORE": settings.store, "VIEWS": settings.views}
    return {**kept, **{f"CASELEDGER_{name}": str(value) for name, value in given.items() if value}}


class StoreTool:
    """A database tool: it runs what it is told, with one transaction for each call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def run(self, statement: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """One statement, with `?` for parameters; its rows."""
        with self._connected() as run:
            return run(statement, params)

    def change(self, *statements: str, params: Sequence[object] = ()) -> None:
        """Change what triggers keep from being changed, and put the triggers back."""
        with self._connected() as run, self._without_triggers(run):
            for statement in statements:
                run(statement, params)

    def drop_trigger(self, name: str) -> None:
        """Take one guard away."""
        on = " ON stored_events" if self._settings.store else ""
        self.run(f"DROP TRIGGER {name}{on}")

    def set_bytes(self, position: int, raw: bytes) -> None:
        """Replace the bytes of one event."""
        self.change("UPDATE stored_events SET state=? WHERE position=?", params=(raw, position))

    def bytes_of(self, position: int) -> bytes:
        """The bytes of one event."""
        return bytes(self.run("SELECT state FROM stored_events WHERE position=?", (position,))[0][0])

    def everything(self) -> list[list[tuple[Any, ...]]]:
        """All rows of all tables."""
        tables = ("stored_events", "action_index", "ref_index", "series_index", "grant_index", "link_index",
                  "snapshots", "import_progress", "ledger")  # fmt: skip
        return [sorted(self.run(f"SELECT * FROM {table}")) for table in tables]

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        if self._settings.store is None:
            with closing(sqlite3.connect(self._settings.ledger_file)) as connection, connection:
                yield lambda statement, params=(): connection.execute(statement, params).fetchall()
            return
        with PostgresAddress(self._settings.store).connect(STORE_SCHEMA, 30) as postgres, postgres.transaction():

            def run(statement: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
                spelt = re.sub(r"AS BLOB\)", "AS BYTEA)", statement).replace("?", "%s")
                cursor = postgres.execute(spelt.encode(), params or None)
                return cursor.fetchall() if cursor.description else []

            yield run

    @contextmanager
    def _without_triggers(self, run: Any) -> Iterator[None]:
        if self._settings.store is not None:
            run("ALTER TABLE stored_events DISABLE TRIGGER USER")
            yield
            for trigger in ("no_update", "no_delete", "no_truncate"):
                run(f"ALTER TABLE stored_events ENABLE ALWAYS TRIGGER stored_events_{trigger}")
            return
        triggers = run("SELECT name, sql FROM sqlite_master WHERE type='trigger'")
        for name, _ in triggers:
            run(f"DROP TRIGGER {name}")
        yield
        for _, sql in triggers:
            run(sql)
