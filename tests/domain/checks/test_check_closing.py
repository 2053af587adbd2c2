"""XF-CLO-001 and XF-CLO-002: the ground of a closing is on record, and a withdrawal came freely."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, GRANT, History

RECORD, FREE = "XF-CLO-001", "XF-CLO-002"
END = "2025-12-31"
Said = list[tuple[str, str, str]]


def opened(**received: Any) -> History:
    history = History()
    history.received("2025-03-03", **received)
    return history


def closed(history: History, ground: str, day: str = "2025-04-20") -> History:
    history.add("case.closed", day, ground=ground)
    return history


def said(history: History, check: str, day: str = END) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day)]


@pytest.mark.parametrize(
    ("ground", "acts"),
    [
        ("withdrawn", [("case.withdrawn", {"document": DOCUMENT, "via": "letter"})]),
        ("mediated", [("case.mediation_agreed", {"agreement": DOCUMENT, "both_consent": True})]),
        (
            "handed_to_procedure",
            [
                ("case.routed", {"purpose": "claim", "route": 1, "procedure": "诉讼"}),
                ("case.petitioner_notified", {"notice": "procedure"}),
            ],
        ),
        (
            "handed_to_procedure",
            [
                ("case.acceptance_refused", {"ground": "other_procedure", "procedure": "诉讼"}),
                ("case.petitioner_notified", {"notice": "refer_elsewhere"}),
            ],
        ),
        ("not_accepted", [("case.acceptance_refused", {"ground": "not_competent"})]),
        ("review_final", [("case.review_issued", {"stage": "re_review", "outcome": "upheld"})]),
        ("answered_directly", []),
    ],
)
def test_a_ground_with_its_record_is_silent(ground: str, acts: list[tuple[str, dict[str, Any]]]) -> None:
    history = opened()
    for name, data in acts:
        history.add(name, "2025-04-01", **data)
    assert said(closed(history, ground), RECORD) == []


@pytest.mark.parametrize(
    ("ground", "acts"),
    [
        ("withdrawn", []),
        ("withdrawn", [("case.withdrawn", {"via": "phone"})]),
        ("mediated", []),
        ("mediated", [("case.mediation_agreed", {"agreement": DOCUMENT, "both_consent": False})]),
        ("mediated", [("case.mediation_agreed", {"both_consent": True})]),
        ("handed_to_procedure", []),
        ("handed_to_procedure", [("case.routed", {"purpose": "claim", "route": 1})]),
        ("not_accepted", []),
        ("review_final", []),
        ("review_final", [("case.review_issued", {"stage": "review", "outcome": "upheld"})]),
    ],
)
def test_a_ground_without_its_record_is_certain(ground: str, acts: list[tuple[str, dict[str, Any]]]) -> None:
    history = opened()
    for name, data in acts:
        history.add(name, "2025-04-01", **data)
    assert said(closed(history, ground), RECORD) == [(ground, "hit", "certain")]


def test_a_procedure_without_its_notice_or_a_notice_without_its_procedure_is_a_suspicion() -> None:
    unnoticed = opened()
    unnoticed.add("case.routed", "2025-04-01", purpose="claim", route=1, procedure="诉讼")
    assert said(closed(unnoticed, "handed_to_procedure"), RECORD) == [("handed_to_procedure", "hit", "suspect")]
    unnamed = opened()
    unnamed.notified("2025-04-01", notice="procedure")
    assert said(closed(unnamed, "handed_to_procedure"), RECORD) == [("handed_to_procedure", "hit", "suspect")]


def test_nobody_can_be_told_of_a_procedure_who_wrote_anonymously_or_without_an_address() -> None:
    for history in (opened(anonymous=True), opened()):
        history.add("case.routed", "2025-04-01", purpose="claim", route=1, procedure="诉讼")
        if history.events[-2]["data"]["anonymous"] is False:
            history.add("case.notice_exempted", "2025-04-02", notice="procedure", ground="address_unclear")
        assert said(closed(history, "handed_to_procedure"), RECORD) == []


@pytest.mark.parametrize(
    ("ground", "name", "data"),
    [
        ("withdrawn", "case.withdrawn", {"via": "phone"}),
        ("mediated", "case.mediation_agreed", {}),
        ("mediated", "case.mediation_agreed", {"both_consent": True}),
        ("handed_to_procedure", "case.routed", {"purpose": "claim", "route": 1}),
    ],
)
def test_a_field_that_the_old_system_never_held_cannot_be_told(ground: str, name: str, data: dict[str, Any]) -> None:
    history = opened()
    history.add(name, "2025-04-01", imported="f", **data)
    assert said(closed(history, ground), RECORD) == [(ground, "cannot_tell", "suspect")]


def test_an_imported_case_that_was_never_routed_comes_from_a_system_without_routes() -> None:
    history = History()
    history.received("2025-03-03", imported="f")
    assert said(closed(history, "handed_to_procedure"), RECORD) == [("handed_to_procedure", "cannot_tell", "suspect")]
    history.notified("2025-04-01", notice="procedure")
    assert said(history, RECORD) == []


def test_a_refused_consent_is_known_even_in_imported_history() -> None:
    history = opened()
    history.add("case.mediation_agreed", "2025-04-01", imported="f", both_consent=False)
    assert said(closed(history, "mediated"), RECORD) == [("mediated", "hit", "certain")]


def test_a_record_that_came_after_the_closing_counts_and_a_second_closing_is_told_apart() -> None:
    history = closed(opened(), "withdrawn")
    assert said(history, RECORD, "2025-04-21") == [("withdrawn", "hit", "certain")]
    history.add("case.withdrawn", "2025-04-22", document=DOCUMENT, via="letter")
    assert said(history, RECORD) == []
    twice = closed(closed(opened(), "not_accepted"), "withdrawn", "2025-05-20")
    assert [(one.reason, one.item) for one in twice.findings(RECORD, END)] == [
        ("not_accepted", "1"),
        ("withdrawn", "2"),
    ]


def claim(accepted: str | None = "2025-03-10") -> History:
    """A claim, due on May 9 when it was accepted on March 10."""
    history = opened()
    history.claim("2025-03-04")
    if accepted is not None:
        history.accepted(accepted)
    return history


def withdrawn(history: History, day: str) -> History:
    history.add("case.withdrawn", day, document=DOCUMENT, via="letter")
    return history


def test_ten_days_before_the_due_day_is_close_and_eleven_are_not() -> None:
    assert said(withdrawn(claim(), "2025-04-28"), FREE) == []
    (finding,) = withdrawn(claim(), "2025-04-29").findings(FREE, END)
    assert (finding.reason, finding.certainty, finding.facts["days_before_due"]) == ("a_before_due", "suspect", 10)
    assert finding.audience == "discipline"


def test_the_due_day_itself_is_close_and_the_day_after_is_lateness_and_not_this_check() -> None:
    assert said(withdrawn(claim(), "2025-05-09"), FREE) == [("a_before_due", "hit", "suspect")]
    assert said(withdrawn(claim(), "2025-05-10"), FREE) == []


def test_an_extension_moves_the_day_that_is_near() -> None:
    history = claim()
    history.add("case.extension_approved", "2025-05-01", days=30, approved_by="S-9", approver_role="head")
    assert said(withdrawn(history, "2025-05-09"), FREE) == []


def test_without_acceptance_or_outside_route_six_there_is_no_due_day() -> None:
    assert said(withdrawn(claim(None), "2025-05-09"), FREE) == []
    suggestion = opened()
    suggestion.add("case.routed", "2025-03-04", purpose="suggestion")
    suggestion.accepted("2025-03-10")
    assert said(withdrawn(suggestion, "2025-05-09"), FREE) == []


@pytest.mark.parametrize(
    ("day", "kind", "expected"),
    [
        ("2025-03-12", "admonition", []),
        ("2025-03-13", "admonition", [("b_after_act", "hit", "suspect")]),
        ("2025-03-13", "care_plan", []),
        ("2025-03-28T10:00", "education", [("b_after_act", "hit", "suspect")]),
        ("2025-03-28T10:01", "education", []),
    ],
)
def test_fifteen_days_after_a_measure_are_close_and_sixteen_are_not(day: str, kind: str, expected: Said) -> None:
    history = claim()
    history.add("case.measure_taken", day, measure="ref:m1", kind=kind, unit="XF")
    assert said(withdrawn(history, "2025-03-28"), FREE) == expected


@pytest.mark.parametrize(("day", "hits"), [("2025-03-12", 0), ("2025-03-13", 1), ("2025-03-29", 0)])
def test_a_payment_of_a_grant_of_the_case_shortly_before_is_looked_at(day: str, hits: int) -> None:
    history = claim()
    history.add("grant.applied", "2025-03-05", subject=GRANT, case=CASE, fund="fund:ref:F2025", amount_fen=100)
    history.add("grant.paid", day, subject=GRANT, payment="ref:p1", amount_fen=100)
    found = withdrawn(history, "2025-03-28").findings(FREE, END)
    assert [(one.subject, one.related, one.item) for one in found] == [(CASE, (GRANT,), "1/ref:p1")] * hits


def test_a_payment_in_another_case_is_none_of_this_ones_business() -> None:
    history = claim()
    history.add("grant.applied", "2025-03-05", subject=GRANT, case="XF500229-2025-000002", amount_fen=100)
    history.add("grant.paid", "2025-03-20", subject=GRANT, payment="ref:p1", amount_fen=100)
    assert said(withdrawn(history, "2025-03-28"), FREE) == []
