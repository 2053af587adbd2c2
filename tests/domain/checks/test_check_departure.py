"""XF-CLS-002: no claim leaves the 60-day clock on its last days without a procedure's number."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History, at

CHECK = "XF-CLS-002"
END = "2025-12-31"


def accepted(day: str = "2025-03-10") -> History:
    """Accepted on March 10: sixty days end on May 9."""
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04")
    history.accepted(day)
    return history


def said(history: History) -> list[tuple[str, str, str]]:
    return [(one.reason, one.result, one.certainty) for one in history.findings(CHECK, END)]


@pytest.mark.parametrize(("day", "hits"), [("2025-04-28", 0), ("2025-04-29", 1), ("2025-05-09", 1), ("2025-06-30", 1)])
def test_a_change_of_route_counts_from_ten_days_before_the_due_day_on(day: str, hits: int) -> None:
    history = accepted()
    history.claim(day, 4, procedure="review")
    assert said(history) == [("left_the_clock", "hit", "suspect")] * hits


def test_the_finding_says_how_near_the_due_day_was() -> None:
    history = accepted()
    history.add("case.routed", "2025-05-01", purpose="suggestion")
    (finding,) = history.findings(CHECK, END)
    assert (finding.facts["days_before_due"], str(finding.facts["due_on"]), finding.severity) == (
        8,
        "2025-05-09",
        "high",
    )


def test_an_extension_moves_the_ten_days() -> None:
    history = accepted()
    history.add("case.extension_approved", "2025-05-01", days=30, approved_by="S-9", approver_role="head", reason="x")
    history.claim("2025-05-08", 4, procedure="review")
    assert said(history) == []


def test_a_due_day_on_a_holiday_is_rolled_before_counting_back() -> None:
    history = accepted("2025-03-03")  # the sixtieth day, May 2, is a holiday: May 6
    history.claim("2025-04-25", 4, procedure="review")
    assert said(history) == []
    history = accepted("2025-03-03")
    history.claim("2025-04-26", 4, procedure="review")
    assert said(history) == [("left_the_clock", "hit", "suspect")]


def test_with_the_number_of_the_procedure_the_way_is_open() -> None:
    history = accepted()
    history.claim("2025-05-08", 1, procedure="civil suit", procedure_ref="CASE-7")
    assert said(history) == []


def test_leaving_before_acceptance_after_the_opinion_or_between_routes_inside_is_none() -> None:
    early = History()
    early.received("2025-03-03")
    early.claim("2025-03-04")
    early.claim("2025-05-08", 4, procedure="review")
    answered = accepted()
    answered.opinion("2025-05-06")
    answered.claim("2025-05-08", 4, procedure="review")
    inside = accepted()
    inside.claim("2025-05-08", None)
    for history in (early, answered, inside):
        assert said(history) == []


def test_an_absent_number_is_unknown_in_imported_history_and_a_suggestion_has_none_to_give() -> None:
    history = accepted()
    history.claim("2025-05-08", 4, procedure="review", imported="sha256:old")
    assert said(history) == [("left_the_clock", "cannot_tell", "suspect")]
    history = accepted()
    history.add("case.routed", "2025-05-08", purpose="suggestion", imported="sha256:old")
    assert said(history) == [("left_the_clock", "hit", "suspect")]


def test_a_review_that_orders_it_done_again_has_ten_last_days_of_its_own() -> None:
    for day, hits in (("2025-07-31", 0), ("2025-08-01", 1)):
        history = accepted()
        history.opinion("2025-05-09")
        history.add("case.review_issued", "2025-06-10", stage="review", body="GOV", outcome="redo", document=DOCUMENT)
        history.claim(day, 4, procedure="review")
        assert len(said(history)) == hits


def test_the_ten_days_are_a_parameter_and_a_corrected_day_is_computed_both_ways() -> None:
    history = accepted()
    routed = history.claim("2025-04-28", 4, procedure="review")
    assert len(history.findings(CHECK, END, parameters={CHECK: {"days": 11}})) == 1
    history.corrected(routed, "/time", at("2025-04-28"), at("2025-05-08"), "2025-05-09")
    (finding,) = history.findings(CHECK, END)
    assert finding.facts["late_only_by"] == "corrected value"
