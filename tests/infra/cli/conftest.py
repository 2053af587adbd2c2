"""An office with an empty ledger, and one with a story in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import Office, story


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A founded ledger without any case."""
    found = Office(tmp_path / "office")
    assert found("init").code == 0
    return found


@pytest.fixture
def told(office: Office) -> Office:
    """A ledger with one case that waits for its feedback."""
    office.take(story())
    return office
