"""What imported history left out never becomes a certain accusation: extensions, routes, objections, roles, superiors, sendings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import History, at

END = "2025-12-31"
Said = list[tuple[str, str, str]]


def said(history: History, check: str) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, END)]


def accepted() -> History:
    """Accepted on March 10: due on May 9, with 30 days more on June 9 (day 90, June 8, is a Sunday)."""
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04")
    history.accepted("2025-03-10")
    return history


@pytest.mark.parametrize(("day", "expected"), [("2025-06-09", "cannot_tell"), ("2025-06-10", "hit")])
def test_an_extension_without_its_days_may_excuse_as_far_as_the_law_allows(day: str, expected: str) -> None:
    history = accepted()
    history.add("case.extension_approved", "2025-05-09", imported="f", approved_by="S-9")
    history.opinion(day)
    assert [result for _, result, _ in said(history, "XF-DDL-001")] == [expected]


def test_an_extension_without_its_days_after_the_due_day_excuses_nothing() -> None:
    history = accepted()
    history.add("case.extension_approved", "2025-05-10", imported="f", approved_by="S-9")
    history.opinion("2025-05-20")
    assert said(history, "XF-DDL-001") == [("overdue", "hit", "certain")]


@pytest.mark.parametrize(
    ("imported", "day", "expected"),
    [("f", "2025-05-09", "cannot_tell"), ("f", "2025-05-10", "hit"), (None, "2025-05-09", "hit")],
)
def test_a_later_route_without_its_procedure_may_have_left_the_clock(
    imported: str | None, day: str, expected: str
) -> None:
    history = accepted()
    history.claim(day, 1, imported=imported)
    assert [result for _, result, _ in said(history, "XF-DDL-001")] == [expected]


def assigned() -> History:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05", feedback_required=True, due_on="2025-04-30")
    history.took("2025-03-06")
    return history


def test_a_changed_day_or_a_decision_that_was_left_out_may_excuse_missing_feedback() -> None:
    untold = [("no_feedback", "cannot_tell", "suspect")]
    changed = assigned()
    changed.add("case.handoff_due_changed", "2025-04-20", imported="f", handoff="ref:h1", unit="MZJ")
    assert said(changed, "XF-HND-006") == untold
    decided = assigned()
    decided.add("case.handoff_objected", "2025-03-07", by=("S-1", "MZJ", "clerk"), handoff="ref:h1", unit="MZJ")
    decided.add("case.objection_decided", "2025-03-10", imported="f", handoff="ref:h1", unit="MZJ")
    assert said(decided, "XF-HND-006") == untold
    assert said(assigned(), "XF-HND-006") == [("no_feedback", "hit", "certain")]


@pytest.mark.parametrize("left_out", [{"roles": None, "unit": "MZJ"}, {"roles": ["head"], "unit": None}])
def test_an_approver_whose_unit_or_roles_nobody_declared_is_judged_by_the_role_on_the_paper(
    left_out: dict[str, Any],
) -> None:
    for role, expected in (("head", []), ("clerk", [("b_approver", "hit", "probable")])):
        history = accepted()
        history.add("register.staff_declared", "2025-01-01", subject="staff:S-9", staff="S-9", **left_out)
        history.add("case.extension_approved", "2025-05-06", days=20, approved_by="S-9", approver_role=role)
        assert said(history, "XF-DDL-002") == expected


def test_a_notice_whose_sending_was_left_out_is_not_certainly_late() -> None:
    for imported, expected in (("f", "cannot_tell"), (None, "hit")):
        history = History()
        history.received("2025-03-03")
        history.handed("2025-03-05")
        history.took("2025-03-06")
        history.add(
            "case.petitioner_notified", "2025-03-21", by=("S-1", "MZJ", "clerk"), imported=imported,
            notice="acceptance", delivered_at=at("2025-03-28"),
        )  # fmt: skip
        assert [result for _, result, _ in said(history, "XF-ACC-002")] == [expected]


def test_a_unit_that_passed_the_matter_down_an_undeclared_line_is_only_probably_silent() -> None:
    """XZ hands on to XZ1, which notifies in time: a township's notice of a line, unless nobody declared the line."""
    for declared, expected in ((True, []), (False, [("no_notice", "hit", "probable")])):
        history = History()
        if not declared:
            history.unit("XZ1", "responsible")
        history.received("2025-03-03")
        history.handed("2025-03-05", "XZ")
        history.took("2025-03-06", "XZ")
        history.handed("2025-03-07", "XZ1", "ref:h2", by=("S-1", "XZ", "clerk"))
        history.took("2025-03-08", "XZ1", "ref:h2")
        history.notified("2025-03-12", "XZ1")
        assert said(history, "XF-ACC-002") == expected
