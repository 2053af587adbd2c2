"""XF-DDL-005: corrections that turn late into timely, or approve themselves."""

from __future__ import annotations

from typing import Any

import pytest

from domain.checks import ALL_CHECKS
from tests.support.history import CASE, DOCUMENT, GRANT, History, at
from tests.support.money import Money

CHECK = "XF-DDL-005"
END = "2025-12-31"


def opinion_late(opinion: str = "2025-05-12") -> History:
    """Accepted on March 10: sixty days end on May 9."""
    history = History()
    history.received("2025-03-03")
    history.add("case.registered", "2025-03-03T11:00", content_class="land")
    history.claim("2025-03-04")
    history.accepted("2025-03-10")
    history.opinion(opinion)
    return history


def event_id(history: History, name: str) -> str:
    return next(str(event["id"]) for event in history.events if event["type"] == f"petition.{name}.v1")


def said(history: History, check: str = CHECK) -> list[tuple[str, str, str]]:
    return [(one.reason, one.item, one.result) for one in history.findings(check, END)]


@pytest.mark.parametrize(("now", "hits"), [("2025-05-09", 1), ("2025-05-10", 0)])
def test_an_opinion_corrected_into_its_sixty_days_is_suspect(now: str, hits: int) -> None:
    history = opinion_late()
    history.corrected(event_id(history, "case.opinion_issued"), "/time", at("2025-05-12"), at(now), "2025-06-02")
    assert said(history) == [("a_made_timely", "XF-DDL-001/overdue", "hit")] * hits
    assert [one.certainty for one in history.findings("XF-DDL-001", END)] == ["suspect" if hits else "certain"]


def test_the_finding_names_the_clock_the_field_and_both_events() -> None:
    history = opinion_late()
    wrong = event_id(history, "case.accepted")
    history.corrected(wrong, "/time", at("2025-03-10"), at("2025-03-14"), "2025-06-02")
    (finding,) = history.findings(CHECK, END)
    assert (finding.severity, finding.certainty, finding.facts["fields"]) == ("high", "suspect", ["/time"])
    assert (finding.facts["check"], str(finding.facts["first_reading"]["due_on"])) == ("XF-DDL-001", "2025-05-09")
    assert event_id(history, "case.record_corrected") in finding.event_ids


def test_a_correction_from_timely_to_late_or_of_a_fact_without_a_clock_is_not_this_finding() -> None:
    honest = opinion_late("2025-05-09")
    honest.corrected(event_id(honest, "case.opinion_issued"), "/time", at("2025-05-09"), at("2025-05-12"), "2025-06-02")
    assert said(honest) == []
    other = opinion_late()
    wrong = event_id(other, "case.opinion_issued")
    other.corrected(wrong, "/result", "supported", "explained", "2025-06-02")
    assert said(other) == []


def test_every_office_clock_of_a_subject_is_asked() -> None:
    history = History()
    history.received("2025-03-03")
    late = history.add("case.registered", "2025-03-19", content_class="land")
    history.corrected(late, "/time", at("2025-03-19"), at("2025-03-05"), "2025-03-20")
    assert ("a_made_timely", "XF-ACC-003/b_office", "hit") in said(history)


def test_a_due_day_of_money_is_a_clock_too() -> None:
    money = Money()
    money.applied()
    money.examined()
    money.approved()
    money.paid()
    receipt = money.receipt("2025-03-26")
    money.corrected(receipt, "/time", at("2025-03-26"), at("2025-03-25"), "2025-03-27", GRANT)
    assert said(money) == [("a_made_timely", "XF-FND-006/b_no_receipt/ref:p1", "hit")]


def test_a_correction_corrected_back_turns_nothing() -> None:
    history = opinion_late()
    wrong = event_id(history, "case.opinion_issued")
    history.corrected(wrong, "/time", at("2025-05-12"), at("2025-05-09"), "2025-06-02")
    history.corrected(wrong, "/time", at("2025-05-09"), at("2025-05-12"), "2025-06-03")
    assert said(history) == []


def corrected_by(staff: str | None, approver: str | None, **envelope: Any) -> History:
    history = opinion_late("2025-05-09")
    history.add(
        "case.record_corrected", "2025-06-02", by=(staff, "XF", "clerk"), event_id=event_id(history, "case.routed"),
        field="/reason", now="typing error", reason="x", approved_by=approver, **envelope,
    )  # fmt: skip
    return history


def test_whoever_approves_the_own_correction_is_certain() -> None:
    (finding,) = corrected_by("S-1", "S-1").findings(CHECK, END)
    assert (finding.reason, finding.subject, finding.severity, finding.certainty) == (
        "b_own_approval", CASE, "medium", "certain",
    )  # fmt: skip
    assert said(corrected_by("S-1", "S-2")) == []


def test_an_unknown_corrector_or_approver_cannot_be_told() -> None:
    for staff, approver in (("S-1", None), (None, "S-1")):
        history = corrected_by(staff, approver, imported="sha256:old")
        assert [(reason, result) for reason, _, result in said(history)] == [("b_own_approval", "cannot_tell")]


def test_a_receipt_before_the_regulation_cannot_be_told() -> None:
    history = History()
    history.received("2022-03-01")
    late = history.add("case.registered", "2022-03-30", content_class="land")
    history.corrected(late, "/time", at("2022-03-30"), at("2022-03-02"), "2022-04-01")
    assert {result for _, _, result in said(history)} == {"cannot_tell"}


def test_no_clock_of_an_office_check_is_left_out() -> None:
    """The check asks the catalogue itself, so a check that is added is asked as well."""
    asked = {check.id for check in ALL_CHECKS if any(clause.clock for clause in check.clauses)}
    assert {"XF-ACC-001", "XF-ACC-002", "XF-ACC-003", "XF-DDL-001", "XF-HND-006"} <= asked
    history = History()
    history.received("2025-03-03")
    handed = history.handed("2025-03-19", mode="assign", due_on="2025-04-18", feedback_required=True)
    history.took("2025-03-19")
    fed = history.add(
        "case.handoff_fed_back", "2025-04-21", handoff="ref:h1", unit="MZJ", report=DOCUMENT, result="done"
    )
    history.corrected(handed, "/time", at("2025-03-19"), at("2025-03-18"), "2025-04-22")
    history.corrected(fed, "/time", at("2025-04-21"), at("2025-04-18"), "2025-04-22")
    turned = {item for reason, item, _ in said(history) if reason == "a_made_timely"}
    assert {"XF-ACC-001/not_handled", "XF-HND-006/no_feedback/ref:h1/MZJ"} <= turned
