"""The whole year through the real recorder: nothing refused, no guard fired, no check speaks, rates of 100 %."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.answers import ImportItem
from domain.asof import AsOf, end_of_day
from domain.ledger import Ledger, Surroundings
from domain.official_calendars import OFFICIAL_CALENDARS
from infra.identity import new_event_id
from infra.keys import DisciplineKey
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import DEFAULT_SOURCE, create_ledger
from projections.figure import Question
from projections.findings import run_checks
from projections.statistics import figures

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


def _record(ledger: Ledger, actions: list[dict[str, Any]], history: bool) -> dict[str, str]:
    """Import everything in batches; answers the number of every ref. Fails on the first refusal."""
    ledger.open_import(
        "a" * 64, f"sha256:{'a' * 64}", 1, "history" if history else "live", "tester", approved_by="S-XF-01"
    )
    numbers: dict[str, str] = {}
    for start in range(0, len(actions), BATCH_LINES):
        chunk = actions[start : start + BATCH_LINES]
        batch = [ImportItem(line, action) for line, action in enumerate(chunk, start=start + 1)]
        answers = ledger.record_import(batch, "a" * 64, history)
        for item, answer in zip(batch, answers, strict=True):
            assert answer.error is None, (item.payload, answer.error)
            assert answer.events
            if answer.ref is not None and answer.subject is not None:
                numbers[answer.ref] = answer.subject
    return numbers


@pytest.mark.parametrize("history", [True, False], ids=["as a history", "guarded like live work"])
def test_the_recorder_takes_every_action_of_the_year(ledger: Ledger, year: Any, history: bool) -> None:
    numbers = _record(ledger, [*_calendars(), *year.actions], history)
    cases = sorted(subject for subject in numbers.values() if subject.startswith("XF"))
    assert cases == [f"XF500229-2025-{number:06d}" for number in range(1, 1_059)]


@pytest.fixture
def recorded(ledger: Ledger, year: Any, tmp_path: Path) -> Iterator[SqliteSource]:
    """The year in a ledger, as a source to ask."""
    _record(ledger, [*_calendars(), *year.actions], history=True)
    source = SqliteSource(tmp_path / "data" / "ledger.db")
    yield source
    source.close()


def test_no_check_speaks_about_the_year_on_any_day(recorded: SqliteSource, tmp_path: Path) -> None:
    key = DisciplineKey(tmp_path / "keys").tag
    days = [None, *(date(2025, month, day) for month, day in ((2, 10), (4, 30), (7, 15), (10, 9), (12, 31)))]
    for day in [*days, date(2026, 2, 24)]:
        run = run_checks(recorded, AsOf(instant=end_of_day(day)) if day else None, tagger=key)
        assert run.findings == [], day
        assert run.failures == []


def test_the_rates_of_the_year_are_a_hundred_percent_and_the_matters_1058(recorded: SqliteSource) -> None:
    found = list(figures(recorded, Question.year(2025)))
    received = [one for one in found if one.definition.id == "cases_received_by_channel"]
    assert sum(len(one.members) for one in received) == 1_058
    rates = [one for one in found if one.definition.kind == "rate"]
    assert {one.definition.id for one in rates} >= {
        "timely_acceptance_rate_office",
        "timely_acceptance_rate_units",
        "on_time_closure_rate",
    }
    for rate in rates:
        assert len(rate.numerator) == len(rate.members), rate.definition.id
    assert sum(len(rate.members) for rate in rates) > 1_500
