"""XF-HND-004: somebody holds the case after an objection, and never two at once."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History, at

CHECK = "XF-HND-004"
END = "2025-12-31"


def objected(*, upheld: bool = True, decided: str = "2025-03-12") -> History:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05")
    history.took("2025-03-06")
    history.add("case.handoff_objected", "2025-03-10", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
    history.add("case.objection_decided", decided, handoff="ref:h1", unit="MZJ", upheld=upheld, materials_returned=True)
    return history


def said(history: History, day: str = END) -> list[tuple[str, str, str]]:
    return [(one.reason, one.item, one.result) for one in history.findings(CHECK, day)]


def test_five_working_days_after_an_upheld_objection_somebody_has_it() -> None:
    history = objected()
    assert said(history, "2025-03-19") == []
    (finding,) = history.findings(CHECK, "2025-03-20")
    assert (finding.reason, finding.item, finding.certainty, finding.open) == (
        "a_nobody",
        "ref:h1/MZJ",
        "probable",
        True,
    )
    assert str(finding.facts["due_on"]) == "2025-03-19"


@pytest.mark.parametrize(("day", "hits"), [("2025-03-11", 0), ("2025-03-19", 0), ("2025-03-20", 1)])
def test_a_new_handoff_an_acceptance_or_a_disposal_counts_until_the_fifth_day(day: str, hits: int) -> None:
    passed = objected()
    passed.handed(day, "JSW", "ref:h2")
    accepted = objected()
    accepted.accepted(day, "XF")
    disposed = objected()
    disposed.add("case.disposed", day, kind="direct_answer")
    for history in (passed, accepted, disposed):
        assert said(history) == [("a_nobody", "ref:h1/MZJ", "hit")] * hits


def test_the_five_days_leave_out_the_spring_festival() -> None:
    for day, hits in (("2025-02-06", 0), ("2025-02-07", 1)):
        history = History()
        history.received("2025-01-13")
        history.handed("2025-01-14")
        history.took("2025-01-15")
        history.add("case.handoff_objected", "2025-01-16", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
        history.add("case.objection_decided", "2025-01-23", handoff="ref:h1", unit="MZJ", upheld=True)
        history.handed(day, "JSW", "ref:h2")
        assert len(said(history)) == hits


def test_a_rejected_objection_a_stopped_case_and_a_second_holder_leave_nobody_waiting() -> None:
    rejected = objected(upheld=False)
    withdrawn = objected()
    withdrawn.add("case.withdrawn", "2025-03-14", document=DOCUMENT, via="visit")
    closed = objected()
    closed.add("case.closed", "2025-03-14", ground="mediated")
    joint = objected()
    joint.handed("2025-03-05", "JSW", "ref:h1", joint=True)
    joint.took("2025-03-06", "JSW", "ref:h1")
    for history in (rejected, withdrawn, closed, joint):
        assert [one for one in said(history) if one[0] == "a_nobody"] == []


def two(first_until: str | None, second_from: str, second: str = "JSW", ref: str = "ref:h2") -> History:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05")
    history.took("2025-03-06")
    history.handed("2025-03-07", second, ref)
    history.took(second_from, second, ref)
    if first_until is not None:
        history.add("case.handoff_fed_back", first_until, handoff="ref:h1", unit="MZJ", report=DOCUMENT, result="done")
    return history


def test_two_units_that_hold_it_at_once_are_suspect_and_a_clean_succession_is_not() -> None:
    for until, hits in (("2025-03-20", 0), ("2025-03-21", 1), (None, 1)):
        assert said(two(until, "2025-03-20")) == [("b_two_at_once", "JSW+MZJ", "hit")] * hits


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.handoff_withdrawn", {"handoff": "ref:h1", "unit": "MZJ", "reason": "x"}),
        ("case.closed", {"ground": "mediated"}),
        ("case.withdrawn", {"document": DOCUMENT, "via": "visit"}),
    ],
)
def test_withdrawal_and_closing_end_a_holding(name: str, data: dict[str, str]) -> None:
    for day, hits in (("2025-03-20", 0), ("2025-03-21", 1)):
        history = two(None, "2025-03-20")
        history.add(name, day, **data)  # type: ignore[arg-type]
        assert len(said(history)) == hits


def test_an_onward_handoff_passes_it_on() -> None:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05", "JSW")
    history.took("2025-03-06", "JSW")
    history.handed("2025-03-07", "MZJ", "ref:h2", by=("S-1", "JSW", "clerk"))
    history.took("2025-03-10", "MZJ", "ref:h2")
    assert said(history) == []


def test_one_line_of_superiors_and_one_joint_handoff_hold_it_together_rightly() -> None:
    line = History()
    line.received("2025-03-03")
    line.handed("2025-03-05", "XZ")
    line.took("2025-03-06", "XZ")
    line.handed("2025-03-07", "XZ1", "ref:h2")
    line.took("2025-03-10", "XZ1", "ref:h2")
    assert said(line) == []
    assert said(two(None, "2025-03-20", ref="ref:h1")) == []


def test_an_undeclared_unit_cannot_be_placed_on_a_line() -> None:
    assert said(two(None, "2025-03-20", "NEW")) == [("b_two_at_once", "MZJ+NEW", "cannot_tell")]


def test_the_five_days_are_a_parameter_and_corrected_decisions_are_computed_both_ways() -> None:
    history = objected()
    history.handed("2025-03-20", "JSW", "ref:h2")
    assert history.findings(CHECK, END, parameters={CHECK: {"a_workdays": 6}}) == []
    decision = next(event for event in history.events if event["type"].endswith("objection_decided.v1"))
    history.corrected(str(decision["id"]), "/time", at("2025-03-12"), at("2025-03-17"), "2025-03-21")
    (finding,) = history.findings(CHECK, END)
    assert (finding.certainty, finding.facts["late_only_by"]) == ("suspect", "first value")
