"""The whole year through the real recorder: nothing is refused, and no guard would have fired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.answers import ImportItem, ImportProgress
from domain.ledger import Ledger, Surroundings
from domain.official_calendars import OFFICIAL_CALENDARS
from infra.identity import new_event_id
from infra.keys import DisciplineKey
from infra.settings import Settings
from infra.wiring import DEFAULT_SOURCE, create_ledger

RECORDED_AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
BATCH_LINES = 500


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger in the middle of 2026."""
    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys")
    create_ledger(settings)
    tagger = DisciplineKey(settings.key_folder).tag
    surroundings = Surroundings(DEFAULT_SOURCE, "tester", lambda: RECORDED_AT, new_event_id, tagger)
    environment = {
        "PERSISTENCE_MODULE": "infra.event_store:Factory",
        "ORIGINATOR_ID_TYPE": "text",
        "SQLITE_DBNAME": str(settings.ledger_file),
        "SQLITE_LOCK_TIMEOUT": "30",
        "CREATE_TABLE": "n",
    }
    opened = Ledger(surroundings, environment)
    yield opened
    opened.recorder.close_writer()  # type: ignore[attr-defined]
    opened.close()


def _calendars() -> list[dict[str, Any]]:
    at = "2024-12-31T09:00:00+08:00"
    by = {"staff": "S-XF-01", "unit": "XF", "role": "head"}
    return [
        {"action": "declare_calendar", "action_id": f"calendar/{entry['year']}", "at": at, "by": by, **entry}
        for entry in OFFICIAL_CALENDARS
    ]


@pytest.mark.parametrize("history", [True, False], ids=["as a history", "guarded like live work"])
def test_the_recorder_takes_every_action_of_the_year(ledger: Ledger, year: Any, history: bool) -> None:
    ledger.open_import("a" * 64, f"sha256:{'a' * 64}", 1, "history" if history else "live", "tester")
    actions = [*_calendars(), *year.actions]
    numbers: dict[str, str] = {}
    for start in range(0, len(actions), BATCH_LINES):
        batch = [
            ImportItem(line, action)
            for line, action in enumerate(actions[start : start + BATCH_LINES], start=start + 1)
        ]
        progress = ImportProgress(next_line=start + BATCH_LINES)
        answers = ledger.record_import(batch, "a" * 64, history, progress)
        for item, answer in zip(batch, answers, strict=True):
            assert answer.error is None, (item.payload, answer.error)
            assert answer.events
            if answer.ref is not None and answer.subject is not None:
                numbers[answer.ref] = answer.subject
    cases = sorted(subject for subject in numbers.values() if subject.startswith("XF"))
    assert cases == [f"XF500229-2025-{number:06d}" for number in range(1, 1_059)]
