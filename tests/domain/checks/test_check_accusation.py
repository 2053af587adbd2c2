"""XF-CLS-001: an accusation leaves by the right door only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT, History

CHECK = "XF-CLS-001"
END = "2025-12-31"


def tag(field: str, value: str) -> str:
    return f"hmac:{field}/{value}"


def accusation(
    unit: str = "MZJ", *, of: str | None = "supervised_official", purpose: str | None = "accusation"
) -> History:
    history = History()
    history.unit("ZZB", "organisation_dept")
    history.unit("DW", "party_committee")
    history.received("2025-03-03", accusation_of=of)
    if purpose is not None:
        history.add("case.routed", "2025-03-04", purpose=purpose)
    history.handed("2025-03-05", unit)
    return history


def withdrawn(history: History, day: str) -> History:
    history.add("case.handoff_withdrawn", day, handoff="ref:h1", unit="MZJ", reason="wrong addressee")
    return history


def said(history: History, day: str = END, **changes: Any) -> list[tuple[str, str, str]]:
    return [(one.reason, one.result, one.certainty) for one in history.findings(CHECK, day, **changes)]


def test_an_accusation_handed_to_a_bureau_is_certain_from_the_third_working_day() -> None:
    history = accusation()
    assert said(history, "2025-03-07") == []
    assert said(history, "2025-03-08") == [("a_handed", "hit", "certain")]
    (finding,) = history.findings(CHECK, END)
    assert (finding.severity, finding.audience, finding.open) == ("high", "discipline", True)


@pytest.mark.parametrize(("day", "hits"), [("2025-03-07", 0), ("2025-03-10", 1)])
def test_a_mistake_taken_back_within_two_working_days_is_no_finding(day: str, hits: int) -> None:
    assert said(withdrawn(accusation(), day)) == [("a_handed", "hit", "certain")] * hits


@pytest.mark.parametrize("unit", ["JW", "ZZB", "DW", "SJ"])
def test_the_four_kinds_of_bodies_may_have_it(unit: str) -> None:
    assert said(accusation(unit)) == []


def test_an_opinion_on_an_accusation_is_certain_on_the_same_day() -> None:
    history = accusation("JW")
    history.opinion("2025-04-01")
    assert said(history, "2025-03-31") == []
    assert said(history, "2025-04-01") == [("b_opinion", "hit", "certain")]


def test_an_illegality_of_somebody_else_goes_to_any_bureau() -> None:
    assert said(accusation(of="other_illegality")) == []


def test_an_accusation_that_does_not_say_of_whom_is_suspect_and_a_claim_is_none() -> None:
    assert said(accusation(of=None)) == [("a_handed", "hit", "suspect")]
    assert said(accusation(of=None, purpose="claim")) == []
    assert said(accusation(of=None, purpose=None)) == []


def test_an_accusation_routed_as_something_else_is_suspect_and_unrouted_is_certain() -> None:
    assert said(accusation(purpose="claim")) == [("a_handed", "hit", "suspect")]
    assert said(accusation(purpose=None)) == [("a_handed", "hit", "certain")]


def test_a_restricted_petition_needs_the_discipline_key() -> None:
    for of, with_key in (("supervised_official", [("a_handed", "hit", "certain")]), ("other_illegality", [])):
        history = History()
        history.received("2025-03-03", restricted=True, accusation_of=tag("accusation_of", of))
        history.handed("2025-03-05")
        assert said(history) == [("a_handed", "cannot_tell", "suspect")]
        assert said(history, tagger=lambda *_: None) == [("a_handed", "cannot_tell", "suspect")]
        assert said(history, tagger=tag) == with_key


def test_an_undeclared_addressee_cannot_be_told_and_neither_can_an_early_receipt() -> None:
    assert said(accusation("NOWHERE")) == [("a_handed", "cannot_tell", "suspect")]
    early = History()
    early.received("2022-04-01", accusation_of="supervised_official")
    early.handed("2022-04-02")
    assert said(early) == [("a_handed", "cannot_tell", "suspect")]


def test_two_working_days_leave_out_the_spring_festival_and_count_the_make_up_day() -> None:
    history = History()
    history.received("2025-01-24", accusation_of="party_organisation")
    history.handed("2025-01-26")
    assert said(withdrawn(history, "2025-02-05")) == []
    late = History()
    late.received("2025-01-24", accusation_of="party_organisation")
    late.handed("2025-01-26")
    late.add("case.materials_returned", "2025-02-05", handoff="ref:h1", unit="MZJ", record=DOCUMENT)
    assert said(withdrawn(late, "2025-02-06")) == [("a_handed", "hit", "certain")]


def test_the_two_working_days_are_a_parameter() -> None:
    history = withdrawn(accusation(), "2025-03-10")
    assert said(history, parameters={CHECK: {"a_workdays": 3}}) == []
