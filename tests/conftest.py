"""What every test may use: an empty ledger in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.ledger import Ledger
from infra.settings import Settings
from infra.wiring import open_ledger
from tests.support.kafka_fixture import brokers, pytest_runtest_makereport, shared_brokers  # noqa: F401
from tests.support.postgres_fixture import database, shared_postgres, views_place  # noqa: F401
from tests.support.stores import founded


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """A data folder with an empty ledger in it."""
    return founded(tmp_path, request)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    """The open ledger of `settings`."""
    with open_ledger(settings) as opened:
        yield opened
