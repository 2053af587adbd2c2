"""XF-HND-008: a report is sent back once, and no clock starts again by it."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History

CHECK = "XF-HND-008"
END = "2025-12-31"


def returned(*days: str, due_on: str | None = "2025-05-30") -> History:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05", mode="assign", due_on=due_on, feedback_required=True)
    history.took("2025-03-06")
    history.accepted("2025-03-07")
    for day in days:
        fed_back(history, day)
        history.add("case.returned_for_rework", day, handoff="ref:h1", unit="MZJ", reason="incomplete")
    return history


def fed_back(history: History, day: str) -> History:
    history.add("case.handoff_fed_back", day, handoff="ref:h1", unit="MZJ", report=DOCUMENT, result="done")
    return history


def said(history: History, day: str = END) -> list[tuple[str, str, str]]:
    return [(one.reason, one.item, one.certainty) for one in history.findings(CHECK, day)]


def test_one_return_answered_before_the_due_day_is_ordinary_quality_control() -> None:
    assert said(fed_back(returned("2025-04-10"), "2025-04-20")) == []


def test_a_second_return_is_suspect() -> None:
    history = fed_back(returned("2025-04-10", "2025-04-20"), "2025-04-30")
    (finding,) = history.findings(CHECK, END)
    assert (finding.reason, finding.item, finding.severity, finding.facts["returns"]) == (
        "a_second", "ref:h1/MZJ", "high", 2,
    )  # fmt: skip


def test_two_units_of_one_handoff_returned_once_each_are_no_second_return() -> None:
    history = fed_back(returned("2025-04-10"), "2025-04-20")
    history.handed("2025-03-05", "JSW", "ref:h1", mode="assign", due_on="2025-05-30")
    history.took("2025-03-06", "JSW", "ref:h1")
    history.add("case.handoff_fed_back", "2025-04-10", handoff="ref:h1", unit="JSW", report=DOCUMENT, result="done")
    history.add("case.returned_for_rework", "2025-04-11", handoff="ref:h1", unit="JSW", reason="x")
    history.add("case.handoff_fed_back", "2025-04-20", handoff="ref:h1", unit="JSW", report=DOCUMENT, result="done")
    assert said(history) == []


@pytest.mark.parametrize(("day", "hits"), [("2025-04-09", 0), ("2025-04-11", 1)])
def test_accepting_again_or_another_due_day_after_the_return_resets_the_clock(day: str, hits: int) -> None:
    accepted = fed_back(returned("2025-04-10"), "2025-04-20")
    accepted.accepted(day)
    assert said(accepted) == [("b_reset", "ref:h1/MZJ/acceptance", "suspect")] * hits
    moved = fed_back(returned("2025-04-10"), "2025-04-20")
    moved.add("case.handoff_due_changed", day, handoff="ref:h1", unit="MZJ", due_on="2025-06-30", reason="x")
    assert said(moved) == [("b_reset", "ref:h1/MZJ/due_on", "suspect")] * hits


def test_the_first_acceptance_after_a_return_and_one_by_another_unit_reset_nothing() -> None:
    history = fed_back(returned("2025-04-10"), "2025-04-20")
    history.accepted("2025-04-11", "JSW")
    assert said(history) == []


def test_rework_may_run_to_the_first_due_day_and_not_past_it() -> None:
    assert said(fed_back(returned("2025-05-20"), "2025-05-30")) == []
    assert said(fed_back(returned("2025-05-20"), "2025-05-31")) == [("c_past_due", "ref:h1/MZJ", "suspect")]
    waiting = returned("2025-05-20")
    assert said(waiting, "2025-05-30") == []
    assert [one.open for one in waiting.findings(CHECK, "2025-05-31")] == [True]


def test_a_changed_due_day_does_not_move_the_first_one() -> None:
    history = returned("2025-05-20")
    history.add("case.handoff_due_changed", "2025-05-19", handoff="ref:h1", unit="MZJ", due_on="2025-06-30", reason="x")
    fed_back(history, "2025-06-10")
    assert said(history) == [("c_past_due", "ref:h1/MZJ", "suspect")]


def test_without_a_due_day_or_after_a_withdrawal_there_is_nothing_to_run_past() -> None:
    assert said(returned("2025-05-20", due_on=None)) == []
    withdrawn = returned("2025-05-20")
    withdrawn.add("case.handoff_withdrawn", "2025-05-30", handoff="ref:h1", unit="MZJ", reason="x")
    assert said(withdrawn) == []


def test_a_corrected_due_day_is_computed_both_ways() -> None:
    history = returned("2025-05-20")
    fed_back(history, "2025-05-31")
    offer = next(event for event in history.events if event["type"].endswith("handoff_offered.v1"))
    history.corrected(str(offer["id"]), "/due_on", "2025-05-30", "2025-06-30", "2025-06-02")
    (finding,) = history.findings(CHECK, END)
    assert finding.facts["late_only_by"] == "first value"
