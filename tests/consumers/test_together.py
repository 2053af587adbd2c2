"""One pass gives what the checks, the figures and the views give when each is asked alone, and decodes an event once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest

import consumers.follow
import consumers.together
from consumers.follow import Source, SourceEvent, StoppedAtEvent
from consumers.project import fold_as_of
from consumers.together import answer_together
from domain.asof import AsOf, Clock, end_of_day
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from projections.figure import Question
from projections.findings import run_checks
from projections.statistics import figures
from tests.consumers.test_project import breaking, case_ledger
from tests.projections.test_findings_random_histories import told
from tests.support.history import MemorySource
from tests.support.memory_ledger import CASE, MemoryLedger

AS_OF = (
    AsOf(),
    AsOf("known"),
    AsOf("happened", end_of_day(date(2025, 3, 10))),
    AsOf("known", end_of_day(date(2025, 12, 31)), 60),
)


def random_source(seed: int) -> Source:
    """A random history; its events are `SourceEvent`s in all but name."""
    return cast(Source, told(seed).source())


@pytest.mark.parametrize("as_of", AS_OF)
@pytest.mark.parametrize("seed", range(3))
def test_answers_given_together_are_those_given_alone(seed: int, as_of: AsOf) -> None:
    ledger = random_source(seed)
    questions = (Question.year(2025, as_of), Question(date(2025, 2, 1), date(2025, 3, 31), as_of))
    found = answer_together(ledger, as_of, questions=questions, projections=ALL_PROJECTIONS)
    assert found.checks.to_bytes() == run_checks(ledger, as_of).to_bytes()
    for question, given in zip(questions, found.figures, strict=True):
        assert [one.to_json(members=True) for one in given] == [
            one.to_json(members=True) for one in figures(ledger, question)
        ]
    for projection in ALL_PROJECTIONS:
        assert found.rows[projection.name] == list(fold_as_of(ledger, projection, as_of)), projection.name


def test_every_event_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, seen = random_source(5), Counter[int]()

    def counted(item: SourceEvent) -> dict[str, Any]:
        seen[item.position] += 1
        return decoded(item)

    decoded = consumers.follow.decoded
    monkeypatch.setattr(consumers.together, "decoded", counted)
    found = answer_together(ledger, AsOf(), questions=[Question.year(2025)], projections=ALL_PROJECTIONS)
    assert found.decoded == len(seen) > 90
    assert set(seen.values()) == {1}


def test_an_empty_ledger_and_one_without_any_case_are_answered() -> None:
    ledger = MemoryLedger()
    for _ in range(2):
        found = answer_together(ledger, AsOf(), questions=[Question.year(2025)], projections=ALL_PROJECTIONS)
        assert [one.to_json() for one in found.figures[0]] == [
            one.to_json() for one in figures(ledger, Question.year(2025))
        ]
        assert found.checks.to_bytes() == run_checks(ledger, AsOf()).to_bytes()
        assert [len(found.rows[name]) for name in ("case_view", "registers")] == [0, ledger.head()]
        ledger.tell("register.unit_declared", "2025-01-01", subject="unit:MZJ", data={"unit": "MZJ", "name": "x"})


def test_an_event_that_a_view_cannot_take_is_named() -> None:
    with pytest.raises(StoppedAtEvent) as stop:
        answer_together(case_ledger(), AsOf(), projections=[breaking("e-4")])
    assert (stop.value.projection, stop.value.position, stop.value.subject) == ("case_view", 4, CASE)
    ledger = case_ledger()
    ledger.put(
        SourceEvent(
            7,
            CASE,
            5,
            "petition.case.archived.v1",
            b'{"id":"e","recordedtime":"2025-01-01T00:01:00.000000Z","type":"another"}',
        )
    )
    with pytest.raises(StoppedAtEvent) as stop:
        answer_together(ledger, AsOf(), projections=[CASE_VIEW])
    assert (stop.value.projection, stop.value.position) == ("case_view", 7)


def test_a_question_of_another_day_is_answered_as_of_the_one_that_all_are_asked_for() -> None:
    ledger, asked = random_source(1), AsOf("known", None, 80)
    (given,) = answer_together(ledger, asked, questions=[Question.year(2025)]).figures
    assert [one.value for one in given] == [
        one.value for one in figures(ledger, replace(Question.year(2025), as_of=asked))
    ]


@pytest.mark.parametrize("size", [0, 1, 30, 70])
@pytest.mark.parametrize("clock", ["happened", "known"])
def test_every_answer_as_of_a_size_is_that_of_a_ledger_cut_there(clock: Clock, size: int) -> None:
    events = told(8).stored()
    whole, cut = (cast(Source, MemorySource(some)) for some in (events, events[:size]))
    asked = Question.year(2025)
    then = answer_together(whole, AsOf(clock, size=size), questions=[asked], projections=ALL_PROJECTIONS)
    now = answer_together(cut, AsOf(clock), questions=[asked], projections=ALL_PROJECTIONS)
    assert then.rows == now.rows
    assert then.checks.to_bytes() == now.checks.to_bytes()
    assert [one.to_json(members=True) for one in then.figures[0]] == [
        one.to_json(members=True) for one in now.figures[0]
    ]
