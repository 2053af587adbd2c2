"""Fixtures of PostgreSQL: one server for all tests, an empty database for each, and suites that run on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import FAST, PostgresServer, postgres_server

BOTH = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[PostgresServer]:
    """The server that tests share; it gives up what a power cut would ask of it, and so do they."""
    with postgres_server(FAST) as server:
        yield server


@pytest.fixture
def database(shared_postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty database."""
    with shared_postgres.database() as address:
        yield address


@pytest.fixture(params=BOTH)
def views_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where views may lie: a file, and a database."""
    return str(tmp_path / "views.db") if request.param == "sqlite" else str(request.getfixturevalue("database"))
