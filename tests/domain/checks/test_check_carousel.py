"""XF-HND-003: what counts as a step, when a case travels, and when somebody decided."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History

CHECK = "XF-HND-003"
END = "2025-12-31"


def travelled(*units: str) -> History:
    """Handed to one unit after the other, every one receiving."""
    history = History()
    history.received("2025-03-03")
    for number, unit in enumerate(units, start=1):
        day = f"2025-03-{number + 4:02d}"
        history.handed(day, unit, f"ref:h{number}")
        history.took(day + "T15:00", unit, f"ref:h{number}")
    return history


def said(history: History) -> list[tuple[str, str]]:
    return [(one.reason, one.item) for one in history.findings(CHECK, END)]


def test_a_unit_that_gets_the_case_back_with_another_between_is_found() -> None:
    assert said(travelled("MZJ", "JSW", "MZJ")) == [("a_returning", "MZJ")]


@pytest.mark.parametrize("units", [("MZJ", "MZJ"), ("MZJ", "JSW"), ("MZJ",)])
def test_the_same_unit_twice_running_or_one_hop_short_is_silent(units: tuple[str, ...]) -> None:
    assert said(travelled(*units)) == []


def test_three_distinct_holders_off_one_line_are_found_and_two_are_not() -> None:
    history = travelled("MZJ", "JSW", "RSJ")
    (finding,) = history.findings(CHECK, END)
    assert (finding.reason, finding.certainty, finding.severity) == ("b_many_holders", "suspect", "medium")
    assert finding.facts["holders"] == 3
    assert len(finding.event_ids) == 6


def test_three_holders_down_one_line_of_superiors_are_the_ordinary_way() -> None:
    assert said(travelled("GOV", "XZ", "XZ1")) == []


def test_undeclared_units_cannot_be_told_to_be_on_one_line() -> None:
    history = travelled("MZJ", "JSW", "NEW")
    (finding,) = history.findings(CHECK, END)
    assert (finding.result, finding.reason) == ("cannot_tell", "b_many_holders")
    assert "NEW" in finding.facts["missing"]


def test_a_joint_handoff_is_one_step_with_the_set_of_its_units() -> None:
    history = History()
    history.received("2025-03-03")
    for unit in ("MZJ", "JSW", "RSJ"):
        history.handed("2025-03-05", unit, "ref:j", joint=True)
        history.took("2025-03-06", unit, "ref:j")
    assert said(history) == []


def test_an_offer_that_nobody_received_and_the_handing_office_are_no_steps() -> None:
    history = travelled("MZJ", "JSW")
    history.handed("2025-03-20", "RSJ", "ref:x")
    history.handed("2025-03-21", "XF", "ref:y", by=("S-100", "JSW", "clerk"))
    history.took("2025-03-21", "XF", "ref:y")
    assert said(history) == []


def test_steps_follow_the_order_of_offer_on_the_happened_clock_even_when_recorded_otherwise() -> None:
    history = History()
    history.received("2025-03-03")
    for day, unit, ref in (
        ("2025-03-12", "MZJ", "ref:3"),
        ("2025-03-05", "MZJ", "ref:1"),
        ("2025-03-08", "JSW", "ref:2"),
    ):
        history.handed(day, unit, ref)
        history.took(day + "T15:00", unit, ref)
    assert said(history) == [("a_returning", "MZJ")]


def upheld(history: History, unit: str, ref: str, day: str) -> None:
    history.add("case.handoff_objected", day, by=("S-1", unit, "clerk"), handoff=ref, unit=unit, reasons=DOCUMENT)
    history.add("case.objection_decided", day + "T16:00", handoff=ref, unit=unit, upheld=True, materials_returned=True)


def test_two_upheld_objections_without_a_competence_decision_are_found() -> None:
    history = travelled("MZJ", "JSW")
    upheld(history, "MZJ", "ref:h1", "2025-03-05")
    assert said(history) == []
    upheld(history, "JSW", "ref:h2", "2025-03-07")
    (finding,) = history.findings(CHECK, END)
    assert (finding.reason, finding.item, finding.certainty) == ("c_undecided", "objections", "probable")
    history.add("case.competence_decided", "2025-03-10", unit="RSJ", decided_by="GOV")
    assert said(history) == []


def test_offered_again_to_a_unit_whose_objection_was_upheld_needs_a_decision_between() -> None:
    for decided, expected in (("2025-03-20", []), ("2025-03-30", [("c_undecided", "ref:again/MZJ")])):
        history = travelled("MZJ")
        upheld(history, "MZJ", "ref:h1", "2025-03-07")
        history.add("case.competence_decided", decided, unit="MZJ", decided_by="GOV")
        history.handed("2025-03-25", "MZJ", "ref:again")
        assert said(history) == expected


def test_a_rejected_objection_is_no_carousel() -> None:
    history = travelled("MZJ")
    history.add("case.handoff_objected", "2025-03-07", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
    history.add("case.objection_decided", "2025-03-10", handoff="ref:h1", unit="MZJ", upheld=False)
    history.handed("2025-03-25", "MZJ", "ref:again")
    assert said(history) == []
