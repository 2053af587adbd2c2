"""XF-HND-005: a three-way assignment by the book."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT, History

CHECK = "XF-HND-005"
END = "2025-12-31"
THREE = ("ZFW", "GA", "XF")


def assigned(units: tuple[str, ...] = THREE, due_on: str | None = "2025-04-18", **data: Any) -> History:
    history = History()
    history.unit("GA", "police", ["GOV"])
    history.received("2025-03-03")
    for unit in units:
        history.handed(
            "2025-03-05", unit, "ref:t", mode="tri_party", due_on=due_on, feedback_required=True, to=list(units), **data
        )
    return history


def answered(history: History, day: str = "2025-04-18", took: str = "2025-03-06", skip: str = "") -> History:
    for unit in THREE:
        history.took(took, unit, "ref:t")
        if unit != skip:
            history.add("case.handoff_fed_back", day, handoff="ref:t", unit=unit, report=DOCUMENT, result="done")
    return history


def said(history: History, day: str = END) -> list[tuple[str, str, str, str]]:
    return [(one.reason, one.item, one.result, one.certainty) for one in history.findings(CHECK, day)]


def test_three_receipts_and_three_reports_by_the_set_day_are_by_the_book() -> None:
    assert said(answered(assigned())) == []


def test_a_three_way_assignment_without_a_day_is_found_and_unknown_in_imported_history() -> None:
    assert said(answered(assigned(due_on=None))) == [("a_no_day", "ref:t", "hit", "probable")]
    assert said(answered(assigned(due_on=None, imported="sha256:old"))) == [
        ("a_no_day", "ref:t", "cannot_tell", "suspect")
    ]


def test_a_day_set_later_by_the_sender_is_a_day() -> None:
    history = assigned(due_on=None)
    for unit in THREE:
        history.add(
            "case.handoff_due_changed", "2025-03-10", handoff="ref:t", unit=unit, due_on="2025-04-18", reason="x"
        )
    assert said(answered(history)) == []


def test_the_one_of_the_three_that_does_not_report_is_named_from_the_day_after() -> None:
    history = answered(assigned(), "2025-04-10", skip="GA")
    assert said(history, "2025-04-18") == []
    assert said(history, "2025-04-19") == [("b_silent_unit", "ref:t/GA", "hit", "probable")]
    late = answered(assigned(), "2025-04-19")
    assert [one[1] for one in said(late)] == ["ref:t/GA", "ref:t/XF", "ref:t/ZFW"]


def test_a_unit_without_a_receipt_is_told_once_as_missing_its_receipt() -> None:
    history = assigned()
    for unit in ("ZFW", "XF"):
        history.took("2025-03-06", unit, "ref:t")
        history.add("case.handoff_fed_back", "2025-04-01", handoff="ref:t", unit=unit, report=DOCUMENT, result="done")
    (finding,) = history.findings(CHECK, END)
    assert (finding.item, finding.facts["missing_act"], finding.open) == ("ref:t/GA", "receipt", True)


@pytest.mark.parametrize(("day", "hits"), [("2025-04-18", 0), ("2025-04-19", 1)])
def test_an_offer_withdrawn_or_an_objection_upheld_by_the_set_day_owes_nothing(day: str, hits: int) -> None:
    withdrawn = answered(assigned(), "2025-04-10", skip="GA")
    withdrawn.add("case.handoff_withdrawn", day, handoff="ref:t", unit="GA", reason="x")
    upheld = answered(assigned(), "2025-04-10", skip="GA")
    upheld.add("case.handoff_objected", "2025-03-10", handoff="ref:t", unit="GA", reasons=DOCUMENT)
    upheld.add("case.objection_decided", day, handoff="ref:t", unit="GA", upheld=True)
    for history in (withdrawn, upheld):
        assert len(said(history)) == hits


def test_the_three_are_one_of_each_kind() -> None:
    history = assigned(("ZFW", "MZJ", "XF"))
    assert said(history, "2025-04-01") == [("c_kinds", "ref:t", "hit", "suspect")]
    assert said(assigned(("ZFW", "ZFW", "XF")), "2025-04-01") == [("c_kinds", "ref:t", "hit", "suspect")]
    assert said(assigned(("ZFW", "NEW", "XF")), "2025-04-01") == [("c_kinds", "ref:t", "cannot_tell", "suspect")]


def test_an_ordinary_assignment_to_three_units_is_no_three_way_assignment() -> None:
    history = History()
    history.received("2025-03-03")
    for unit in ("MZJ", "JSW", "RSJ"):
        history.handed("2025-03-05", unit, "ref:t", mode="assign", joint=True, to=["MZJ", "JSW", "RSJ"])
    assert said(history) == []
