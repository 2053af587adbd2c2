"""The manufactured 100 %: a year whose rates read like the clean one's, in which every plant is found and nothing else is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.answers import ImportMark, Submission
from domain.asof import AsOf, end_of_day
from domain.checks import ALL_CHECKS
from domain.checks.base import Finding
from domain.ledger import Ledger
from infra.founding import found
from infra.keys import DisciplineKey
from infra.reference_year.manufactured import (
    corrections,
    generate_manufactured,
    plants,
    recorded_events,
    waiting_plants,
)
from infra.reference_year.manufactured_draft import Plant
from infra.settings import Settings
from infra.wiring import open_ledger, open_source
from projections.doubt import doubts
from projections.figure import Figure, Question
from projections.findings import CheckRun, run_checks
from projections.ledger_source import LedgerSource
from projections.statistics import figures

FIRST_FILE, SECOND_FILE = "3a9e" * 16, "3a9f" * 16
BATCH = 2_000
AFTER_THE_YEAR = AsOf("happened", end_of_day(date(2026, 3, 31)))
PUBLISHED = frozenset({"timely_acceptance_rate_office", "timely_acceptance_rate_units", "on_time_closure_rate"})
IN_THE_CATALOGUE = frozenset(check.id for check in ALL_CHECKS)
Named = tuple[str, str, str]


@dataclass(frozen=True)
class Recorded:
    """The year in a ledger, the numbers behind its refs, what was planted and what every check says of it."""

    source: LedgerSource
    planted: list[Plant]
    numbers: dict[str, str]
    run: CheckRun
    size_before_corrections: int

    def number(self, text: str) -> str:
        """A subject or an item with the ledger's number in place of the file's ref of a case."""
        return re.sub(r"ref:A\d{4}(?![-\d])", lambda found: self.numbers[found[0]], text)

    def expected(self) -> set[Named]:
        """Check, subject and reason of every plant and of its declared by-products."""
        named = set()
        for one in self.planted:
            subject = self.number(one.subject)
            named.add((one.check, subject, one.reason))
            named |= {(product.check, subject, product.reason) for product in one.also}
        return named


def _name(finding: Finding) -> Named:
    return (finding.check, finding.subject, finding.reason)


def _import(ledger: Ledger, file: str, actions: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Record one action file; answers the number of every ref. Fails on the first refusal."""
    lines = [json.dumps(action, ensure_ascii=False).encode() for action in actions]
    size = sum(map(len, lines))
    ledger.open_import(file, f"sha256:{file}", size, "history", "tester", approved_by="S-XF-01", reason="history")
    numbers: dict[str, str] = {}
    for start in range(0, len(lines), BATCH):
        batch = [
            Submission(line, ImportMark(file, number, True))
            for number, line in enumerate(lines[start : start + BATCH], start=start + 1)
        ]
        answers = ledger.record(batch)
        assert [answer.error for answer in answers if not answer.accepted] == []
        numbers |= {answer.ref: answer.subject for answer in answers if answer.ref and answer.subject}
    return numbers


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder: Path = tmp_path_factory.mktemp("manufactured")
    settings = Settings(data=folder / "ledger", keys=folder / "keys")
    found(settings)
    with open_ledger(settings) as ledger:
        numbers = _import(ledger, FIRST_FILE, generate_manufactured())
    with open_source(settings) as source:
        second, size = list(corrections(recorded_events(source))), source.head()
    with open_ledger(settings) as ledger:
        _import(ledger, SECOND_FILE, second)
    with open_source(settings) as source:
        run = run_checks(source, AFTER_THE_YEAR, tagger=DisciplineKey(settings.key_folder).tag)
        yield Recorded(source, plants(), numbers, run, size)


def test_both_files_are_recorded_without_a_refusal(year: Recorded) -> None:
    assert sum(1 for number in year.numbers.values() if number.startswith("XF")) == 1_058
    corrected = [event for event in year.source.read(after=year.size_before_corrections) if "corrected" in event.type]
    assert len(corrected) == sum(1 for plant in year.planted if plant.reason == "a_made_timely") >= 8
    assert year.run.failures == []


def _rates(year: Recorded, as_of: AsOf) -> list[Figure]:
    return [one for one in figures(year.source, Question.year(2025, as_of)) if one.definition.kind == "rate"]


def test_every_published_rate_of_the_manufactured_year_reads_a_hundred_percent(year: Recorded) -> None:
    rates = _rates(year, AFTER_THE_YEAR)
    assert {one.definition.id for one in rates} >= PUBLISHED
    for rate in rates:
        assert len(rate.numerator) == len(rate.members), (rate.definition.id, rate.members)
    assert sum(len(rate.members) for rate in rates if rate.definition.id in PUBLISHED) > 1_500


def test_before_its_corrections_the_year_reads_less_than_a_hundred_percent(year: Recorded) -> None:
    earlier = AsOf("happened", AFTER_THE_YEAR.instant, year.size_before_corrections)
    short = {one.definition.id for one in _rates(year, earlier) if len(one.numerator) < len(one.members)}
    assert short == {"timely_acceptance_rate_units", "on_time_closure_rate"}


def test_every_plant_is_found_by_its_check_with_its_reason_and_subject(year: Recorded) -> None:
    hits = {_name(one) for one in year.run.hits}
    items = {(*_name(one), one.item) for one in year.run.hits}
    missed = []
    for plant in year.planted:
        named = (plant.check, year.number(plant.subject), plant.reason)
        wanted = (*named, year.number(plant.item)) if plant.item else named
        if wanted not in (items if plant.item else hits):
            missed.append((plant, [one for one in year.run if _name(one)[:2] == named[:2]]))
    assert missed == []


def test_no_certain_or_probable_finding_falls_where_nothing_was_planted(year: Recorded) -> None:
    expected = year.expected()
    elsewhere = [one for one in year.run.hits if one.certainty != "suspect" and _name(one) not in expected]
    assert elsewhere == []


def test_suspicions_fall_on_planted_subjects_only(year: Recorded) -> None:
    touched = {year.number(name) for plant in year.planted for name in (plant.subject, *plant.cases)}
    assert [one for one in year.run.hits if one.subject not in touched] == []


def test_every_declared_by_product_is_there(year: Recorded) -> None:
    hits = {_name(one) for one in year.run.hits}
    declared = {
        (product.check, year.number(plant.subject), product.reason) for plant in year.planted for product in plant.also
    }
    assert declared - hits == set()


def test_every_check_that_a_plant_names_is_in_the_catalogue_and_the_waiting_one_is_not(year: Recorded) -> None:
    assert {plant.check for plant in year.planted} <= IN_THE_CATALOGUE
    assert {plant.check for plant in waiting_plants()} & IN_THE_CATALOGUE == set()


def test_the_sixteen_ways_show_every_plant_beside_the_rates(year: Recorded) -> None:
    lines = [one.to_json() for one in year.run]
    told = doubts(lines, IN_THE_CATALOGUE, date(2025, 1, 1), date(2026, 3, 31))
    assert [one.way.number for one in told if one.count is None] == [8]
    for doubt in told:
        shown = {(one["check"], one["subject"], one["reason"]) for one in doubt.members}
        wanted = {(p.check, year.number(p.subject), p.reason) for p in year.planted if p.way == doubt.way.number}
        assert wanted <= shown, doubt.way.title.en
