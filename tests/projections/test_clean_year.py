"""The clean year: an honest office's year, recorded through public actions, in which no check speaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.answers import ImportMark, Submission
from domain.asof import AsOf, end_of_day
from infra.founding import found
from infra.reference_year.generator import generate
from infra.reference_year.offices import OFFICE, Offices
from infra.settings import Settings
from infra.wiring import open_ledger, open_source, tagger_of
from projections.figure import Figure, Question
from projections.findings import run_checks
from projections.ledger_source import LedgerSource
from projections.statistics import figures

FILE = "c1ea" * 16
BATCH = 2_000
AFTER_THE_YEAR = date(2026, 3, 31)
APPROVER = Offices().head(OFFICE, AFTER_THE_YEAR)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder: Path = tmp_path_factory.mktemp("clean")
    settings = Settings(data=folder / "ledger")
    found(settings)
    return settings


@pytest.fixture(scope="module")
def year(settings: Settings) -> Iterator[LedgerSource]:
    lines = [json.dumps(action, ensure_ascii=False).encode() for action in generate()]
    with open_ledger(settings) as ledger:
        ledger.open_import(FILE, f"sha256:{FILE}", sum(map(len, lines)), "history", "tester", approved_by=APPROVER)
        for start in range(0, len(lines), BATCH):
            batch = [
                Submission(line, ImportMark(FILE, number, True))
                for number, line in enumerate(lines[start : start + BATCH], start=start + 1)
            ]
            assert [answer.error for answer in ledger.record(batch) if not answer.accepted] == []
    with open_source(settings) as source:
        yield source


def ask(source: LedgerSource, name: str) -> list[Figure]:
    question = Question.year(2025, AsOf("happened", end_of_day(AFTER_THE_YEAR)))
    return list(figures(source, Question(question.from_on, question.until_on, question.as_of, (name,))))


def test_no_check_speaks_on_the_clean_year_and_none_is_unable_to_tell(year: LedgerSource, settings: Settings) -> None:
    run = run_checks(year, AsOf("happened", end_of_day(AFTER_THE_YEAR)), tagger=tagger_of(settings))
    assert run.failures == []
    assert [one.to_json() for one in run] == []


def test_without_the_discipline_key_only_restricted_petitions_cannot_be_told(year: LedgerSource) -> None:
    run = run_checks(year, AsOf("happened", end_of_day(AFTER_THE_YEAR)))
    assert {(one.result, one.audience) for one in run} == {("cannot_tell", "discipline")}


def test_no_check_speaks_on_any_month_end_while_the_clean_year_was_running(
    year: LedgerSource, settings: Settings
) -> None:
    for month in range(1, 13, 2):
        asked = date(2025, month, 1) + timedelta(days=30)
        run = run_checks(year, AsOf("happened", end_of_day(asked)), tagger=tagger_of(settings))
        assert [one.to_json() for one in run] == []


def test_its_figures_are_those_of_the_reference_report(year: LedgerSource) -> None:
    assert sum(len(figure.members) for figure in ask(year, "cases_received_by_channel")) == 1_058
    for name in ("timely_acceptance_rate_office", "timely_acceptance_rate_units", "on_time_closure_rate"):
        total: dict[str, Any] = {"numerator": 0, "denominator": 0}
        for figure in ask(year, name):
            assert isinstance(figure.value, dict)
            total = {key: total[key] + figure.value[key] for key in total}
        assert total["numerator"] == total["denominator"] > 300


def test_every_received_case_is_a_member_or_is_excluded_with_a_reason(year: LedgerSource) -> None:
    received = {one.subject for figure in ask(year, "cases_received_by_channel") for one in figure.members}
    (closure,) = ask(year, "on_time_closure_rate")
    accounted = {one.subject for one in closure.members} | {one.subject for one in closure.excluded}
    assert received <= accounted
    assert all(one.reason.zh and one.reason.en for one in closure.excluded)
