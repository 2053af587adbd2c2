"""XF-DDL-002 and XF-DDL-004: extensions by the book, and the petitioner told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT, History

BOOK = "XF-DDL-002"
TOLD = "XF-DDL-004"
END = "2025-12-31"


def staff(history: History, name: str, unit: str, roles: list[str], **dates: str) -> None:
    data: dict[str, Any] = {"staff": name, "unit": unit, "roles": roles, "active_from_on": "2020-01-01", **dates}
    history.add("register.staff_declared", "2025-01-01", subject=f"staff:{name}", by=("system", None, None), **data)


def accepted(**received: object) -> History:
    """Accepted on March 10 by MZJ, due on May 9; S-HEAD is its head, S-DEP no head, S-OLD retired in 2024."""
    history = History()
    staff(history, "S-HEAD", "MZJ", ["head"])
    staff(history, "S-DEP", "MZJ", ["handler"])
    staff(history, "S-OTHER", "JSW", ["head"])
    staff(history, "S-OLD", "MZJ", ["head"], active_until_on="2024-12-31")
    history.received("2025-03-03", **received)  # type: ignore[arg-type]
    history.claim("2025-03-04")
    history.accepted("2025-03-10")
    return history


def extended(
    history: History,
    day: str = "2025-05-06",
    days: int | None = 30,
    by: str | None = "S-HEAD",
    role: str | None = "head",
) -> History:
    history.add("case.extension_approved", day, days=days, approved_by=by, approver_role=role, reason="complex")
    return history


def said(history: History, check: str, day: str = END) -> list[tuple[str, str, str]]:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day)]


def test_thirty_days_by_the_head_before_the_due_day_are_by_the_book_and_thirty_one_are_not() -> None:
    assert said(extended(accepted()), BOOK) == []
    assert said(extended(accepted(), days=31), BOOK) == [("a_too_long", "hit", "certain")]


def test_two_extensions_within_thirty_days_are_a_mild_oddity_and_beyond_them_too_long() -> None:
    within = extended(extended(accepted(), "2025-05-06", 15), "2025-05-20", 15)
    assert said(within, BOOK) == [("d_second", "hit", "suspect")]
    beyond = extended(extended(accepted(), "2025-05-06", 15), "2025-05-20", 16)
    (finding,) = beyond.findings(BOOK, END)
    assert (finding.reason, finding.item, finding.facts["days_in_all"]) == ("a_too_long", "2", 31)


@pytest.mark.parametrize(
    ("by", "role", "expected"),
    [
        ("S-HEAD", "clerk", []),
        ("S-DEP", "head", [("b_approver", "hit", "certain")]),
        ("S-OTHER", "head", [("b_approver", "hit", "certain")]),
        ("S-OLD", "head", []),
        ("S-OLD", "approver", [("b_approver", "hit", "probable")]),
        ("S-NEW", "approver", [("b_approver", "hit", "probable")]),
        ("S-NEW", None, [("b_approver", "cannot_tell", "suspect")]),
        (None, None, [("b_approver", "cannot_tell", "suspect")]),
    ],
)
def test_the_register_of_that_day_decides_who_was_head(by: str | None, role: str | None, expected: list[Any]) -> None:
    assert said(extended(accepted(), by=by, role=role), BOOK) == expected


def test_approval_on_the_due_day_is_in_time_and_one_day_later_is_not() -> None:
    assert said(extended(accepted(), "2025-05-09"), BOOK) == []
    (finding,) = extended(accepted(), "2025-05-10").findings(BOOK, END)
    assert (finding.reason, finding.certainty, finding.facts["days_late"]) == ("c_too_late", "probable", 1)


def test_a_review_that_orders_it_done_again_begins_a_new_count() -> None:
    history = extended(accepted())
    history.opinion("2025-06-01")
    history.add("case.review_issued", "2025-07-01", stage="review", body="GOV", outcome="redo", members=["S-9"])
    assert said(extended(history, "2025-08-20"), BOOK) == []


def test_a_notice_by_the_original_due_day_is_in_time_and_one_day_later_is_late() -> None:
    for day, expected in (("2025-05-09", []), ("2025-05-10", [("a_late", "hit", "probable")])):
        history = extended(accepted())
        history.notified(day, notice="extension")
        history.opinion("2025-06-05")
        assert said(history, TOLD) == expected


def test_a_missing_notice_is_late_after_the_first_due_day_and_never_came_after_the_second() -> None:
    history = extended(accepted())
    assert said(history, TOLD, "2025-05-09") == []
    assert said(history, TOLD, "2025-05-10") == [("a_late", "hit", "probable")]
    assert said(history, TOLD, "2025-06-09") == [("a_late", "hit", "probable")]
    (finding,) = history.findings(TOLD, "2025-06-10")
    assert (finding.reason, finding.certainty, finding.open) == ("b_never", "certain", True)


def test_an_opinion_without_a_notice_before_it_means_never() -> None:
    history = extended(accepted())
    history.opinion("2025-05-20")
    assert said(history, TOLD) == [("b_never", "hit", "certain")]
    history.notified("2025-05-21", notice="extension")
    assert said(history, TOLD) == [("b_never", "hit", "certain")]


def test_an_extension_approved_too_late_can_be_told_on_its_own_day_and_later() -> None:
    """Approved on May 12, after the due day of May 9: told late, but told; thirty days more end on June 9."""
    for day, reason in (("2025-05-12", "a_late"), ("2025-06-09", "a_late"), ("2025-06-10", "b_never")):
        history = extended(accepted(), "2025-05-12")
        history.notified(day, notice="extension")
        assert [found[0] for found in said(history, TOLD)] == [reason]
    months_later = extended(accepted(), "2025-08-01")
    months_later.notified("2025-08-01", notice="extension")
    assert said(months_later, TOLD) == [("a_late", "hit", "probable")]
    assert said(extended(accepted(), "2025-08-01"), TOLD) == [("b_never", "hit", "certain")]


def test_an_extension_whose_days_nobody_recorded_is_still_dated_approved_and_told() -> None:
    history = extended(accepted(), "2025-05-12", None, "S-DEP")
    assert said(history, BOOK) == [
        ("a_too_long", "cannot_tell", "suspect"),
        ("b_approver", "hit", "certain"),
        ("c_too_late", "hit", "probable"),
    ]
    assert said(history, TOLD, "2025-06-09") == [("a_late", "hit", "probable")]
    assert said(history, TOLD, "2025-06-10") == [("b_never", "hit", "certain")]
    second = extended(extended(accepted(), "2025-05-06", None), "2025-05-07", 30)
    assert said(second, BOOK) == [("a_too_long", "cannot_tell", "suspect")]


def test_exempted_anonymous_or_ended_cases_are_silent() -> None:
    exempted = extended(accepted())
    exempted.add("case.notice_exempted", "2025-03-12", notice="receipt", ground="address_unclear")
    ended = extended(accepted())
    ended.add("case.withdrawn", "2025-05-20", document=DOCUMENT, via="letter")
    for history in (exempted, extended(accepted(anonymous=True)), ended):
        assert said(history, TOLD) == []


def test_another_kind_of_notice_does_not_tell_of_an_extension() -> None:
    history = extended(accepted())
    history.notified("2025-05-07", notice="acceptance")
    assert said(history, TOLD) == [("b_never", "hit", "certain")]


def test_a_case_without_an_extension_is_none_of_these_checks_business() -> None:
    for check in (BOOK, TOLD):
        assert said(accepted(), check) == []


def test_before_the_regulation_nobody_can_tell() -> None:
    history = History()
    history.received("2022-04-01")
    history.claim("2022-04-02")
    history.accepted("2022-04-10")
    extended(history, "2022-06-01", 31, "S-X", "head")
    assert said(history, BOOK) == [("a_too_long", "cannot_tell", "suspect")]
