"""A store as a source: both stores give the same events, in any cut of the questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import infra.sql_source
from domain.ledger import Ledger
from infra.settings import Settings
from infra.sql_source import SqlSource
from infra.wiring import open_source
from tests.support.office import act, line, receive
from tests.support.postgres_fixture import BOTH
from tests.support.stores import founded

CASES = 7
EVENTS = CASES * 4


@pytest.fixture(params=BOTH)
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Either store."""
    return founded(tmp_path, request)


@pytest.fixture
def source(ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlSource]:
    """Cases whose events are spread over the ledger, read in small pages."""
    monkeypatch.setattr(infra.sql_source, "ROWS_OF_FIRST_READ", 2)
    monkeypatch.setattr(infra.sql_source, "ROWS_PER_READ", 5)
    monkeypatch.setattr(infra.sql_source, "SUBJECTS_PER_READ", 3)
    for case in range(CASES):
        assert ledger.act(line(receive(f"ref:{case}"))).accepted
    for number in range(3):
        for case in range(CASES):
            action = act(
                "hear_facts", f"{number}/{case}", case=f"ref:{case}", attendees=[], record="sha256:" + "0" * 64
            )
            assert ledger.act(line(action)).accepted
    with open_source(settings) as opened:
        yield opened


def positions(source: SqlSource, **asked: object) -> list[int]:
    return [event.position for event in source.read(**asked)]  # type: ignore[arg-type]


def test_pages_give_every_event_once_in_ledger_order(source: SqlSource) -> None:
    assert source.head() == EVENTS
    assert positions(source) == list(range(1, EVENTS + 1))
    assert positions(source, after=3, until=9) == [4, 5, 6, 7, 8, 9]
    assert positions(source, after=EVENTS) == []


def test_types_are_chosen_or_passed_over_and_no_type_is_no_event(source: SqlSource) -> None:
    received = "petition.case.received.v1"
    assert positions(source, types={received}) == list(range(1, CASES + 1))
    assert positions(source, types=set()) == []
    assert [row[0] for row in source.read_except({received}, EVENTS)] == list(range(CASES + 1, EVENTS + 1))
    assert [row[0] for row in source.read_except(set(), 5)] == [1, 2, 3, 4, 5]


def test_subjects_come_one_by_one_in_their_own_order(source: SqlSource) -> None:
    numbers = [f"XF500229-2025-{case + 1:06}" for case in range(CASES)]
    alone = list(source.read_subject(numbers[2]))
    assert [(event.subject, event.sequence) for event in alone] == [(numbers[2], n) for n in (1, 2, 3, 4)]
    assert [event.sequence for event in source.read_subject(numbers[2], until=CASES)] == [1]
    rows = list(source.read_subjects(numbers, EVENTS - 1))
    assert [(row[1], row[2]) for row in rows[:8]] == [(numbers[n // 4], n % 4 + 1) for n in range(8)]
    assert len(rows) == EVENTS - 1


def test_the_subjects_of_a_share_come_in_ledger_order_and_those_of_others_are_passed_over(source: SqlSource) -> None:
    types = {event.type for event in source.read()}
    every = list(source.read())
    names = sorted({event.subject for event in every})
    assert any(name > "XF" for name in names)
    for first, before in [("", names[3]), (names[3], names[5]), (names[5], None), ("", None), ("xf", None), ("", "")]:
        found = list(source.read_between(first, before, after=2, until=EVENTS - 3, types=types))
        assert found == [
            event
            for event in every[2 : EVENTS - 3]
            if first <= event.subject and (before is None or event.subject < before)
        ]
    assert list(source.read_between("", None, after=0, until=EVENTS, types=set())) == []


def test_a_ledger_is_divided_by_its_events(source: SqlSource) -> None:
    names = sorted({event.subject for event in source.read()})
    assert source.dividing(1) == []
    assert source.dividing(2) == [names[CASES // 2]]
    assert source.dividing(CASES) == names[1:]


def test_a_source_that_rested_answers_again(source: SqlSource) -> None:
    source.rest()
    source.rest()
    assert source.head() == EVENTS


def test_a_ref_names_its_subject(source: SqlSource) -> None:
    assert source.subject_of("case", "ref:3") == "XF500229-2025-000004"
    assert source.subject_of("case", "ref:none") is None


def test_the_bytes_are_those_that_were_recorded_and_of_the_bytes_type(source: SqlSource, settings: Settings) -> None:
    event = next(iter(source.read()))
    assert type(event.raw) is bytes
    assert event.raw.startswith(b'{"actiondigest"')
    assert source.name_value("source") == "/500229/petition-office"
    assert source.bytes_stored() > 0


def test_what_is_recorded_while_a_reader_pages_is_for_the_next_reader(source: SqlSource, ledger: Ledger) -> None:
    reading = source.read()
    seen = [next(reading).position]
    assert ledger.act(line(receive("ref:late"))).accepted
    seen += [event.position for event in reading]
    assert seen == list(range(1, EVENTS + 1))
    assert source.head() == EVENTS + 1
