"""XF-SUP-001, XF-SUP-002 and XF-ADV-001: pressing where it must, with effect, and advice that is answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT, History, at

PRESSED, EFFECT, ADVICE = "XF-SUP-001", "XF-SUP-002", "XF-ADV-001"
END = "2025-12-31"
Said = list[tuple[str, str, str]]


def said(history: History, check: str, day: str = END) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day)]


def overdue(unit: str = "MZJ", **units: bool) -> History:
    """A claim of route 6 accepted on March 10 and due on May 9, unanswered."""
    history = History(**units)
    history.received("2025-03-03")
    history.claim("2025-03-04")
    history.accepted("2025-03-10", unit)
    return history


def supervised(history: History, day: str, to: str = "MZJ", ref: str = "ref:s1") -> History:
    history.add("case.supervision_opened", day, supervision=ref, ground="DELAY", method="letter", to=to)
    return history


def closed(history: History, day: str, outcome: str | None = "done", ref: str = "ref:s1", **changes: Any) -> History:
    history.add("case.supervision_closed", day, supervision=ref, outcome=outcome, **changes)
    return history


def test_fourteen_days_past_the_due_day_the_office_may_still_wait_and_fifteen_are_too_many() -> None:
    assert said(overdue(), PRESSED, "2025-05-23") == []
    (finding,) = overdue().findings(PRESSED, "2025-05-24")
    assert (finding.reason, finding.certainty, finding.open) == ("not_supervised", "probable", True)
    assert (finding.item, finding.facts["days_overdue"]) == ("XF-DDL-001/", 15)


def test_what_the_unit_has_answered_meanwhile_needs_no_supervision() -> None:
    history = overdue()
    history.opinion("2025-06-20", result="explained")
    assert said(history, PRESSED) == []
    assert said(history, PRESSED, "2025-06-19") == [("not_supervised", "hit", "probable")]


def test_a_supervision_after_the_due_day_or_one_still_open_suffices() -> None:
    assert said(supervised(overdue(), "2025-05-10"), PRESSED) == []
    assert said(supervised(overdue(), "2025-04-10"), PRESSED) == []
    assert said(closed(supervised(overdue(), "2025-05-10"), "2025-05-20"), PRESSED) == []


def test_a_supervision_that_ended_or_went_to_another_unit_does_not() -> None:
    hit = [("not_supervised", "hit", "probable")]
    assert said(closed(supervised(overdue(), "2025-04-10"), "2025-05-01"), PRESSED) == hit
    assert said(closed(supervised(overdue(), "2025-05-09"), "2025-06-01"), PRESSED) == hit
    assert said(supervised(overdue(), "2025-05-10", "JSW"), PRESSED) == hit


def test_the_office_does_not_supervise_itself_and_an_undeclared_unit_cannot_be_told() -> None:
    assert said(overdue("XF"), PRESSED) == []
    assert said(overdue(units=False), PRESSED) == [("not_supervised", "cannot_tell", "suspect")]


def test_what_a_review_sent_back_is_the_duty_of_the_unit_that_accepted() -> None:
    history = overdue()
    history.opinion("2025-04-01", result="explained")
    history.add("case.review_issued", "2025-05-20", by=("S-9", "GOV", "reviewer"), stage="review", outcome="redo")
    (finding,) = history.findings(PRESSED, "2025-09-30")
    assert finding.facts["unit"] == "MZJ"
    assert said(supervised(history, "2025-08-01"), PRESSED, "2025-09-30") == []


def test_a_claim_without_a_route_is_not_certainly_overdue() -> None:
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04", None)
    history.accepted("2025-03-10")
    assert said(history, PRESSED) == []


def test_missing_feedback_and_a_broken_promise_are_supervised_too() -> None:
    """Feedback due on April 30 and a promise for May 5: both over by more than 15 days on May 31."""
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05", mode="assign", feedback_required=True, due_on="2025-04-30")
    history.took("2025-03-06")
    assert [one.item for one in history.findings(PRESSED, "2025-05-15")] == ["XF-HND-006/ref:h1/MZJ"]
    promised = overdue()
    promised.opinion("2025-04-01", promise_due_on="2025-05-05", executing_unit="JSW")
    assert [one.item for one in promised.findings(PRESSED, "2025-05-20")] == ["XF-OPN-002/1"]
    assert said(supervised(promised, "2025-05-12"), PRESSED, "2025-05-20") == [("not_supervised", "hit", "probable")]
    assert said(supervised(promised, "2025-05-13", "JSW", "ref:s2"), PRESSED, "2025-05-20") == []


def test_sixty_days_without_a_promise_are_no_certain_breach() -> None:
    history = overdue()
    history.opinion("2025-04-01")
    history.add("case.opinion_delivered", "2025-04-02", delivered_at=at("2025-04-02"), signed=True)
    assert said(history, PRESSED) == []


def answered(history: History, day: str, unit: str = "MZJ") -> History:
    history.add("case.supervision_answered", day, by=("S-100", unit, "handler"), supervision="ref:s1", report=DOCUMENT)
    return history


def worked(history: History, day: str, unit: str | None = "MZJ") -> History:
    history.add("case.investigated", day, by=("S-100", unit, "handler"), method="visit", record=DOCUMENT)
    return history


def test_a_supervision_with_an_act_and_an_answer_has_effect() -> None:
    history = closed(answered(worked(supervised(overdue(), "2025-05-12"), "2025-05-12"), "2025-05-20"), "2025-05-21")
    assert said(history, EFFECT) == []


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("not_done", "probable"), ("dropped", "suspect"), (None, "probable")],
)
def test_closed_without_an_answer_is_found(outcome: str | None, expected: str) -> None:
    history = closed(worked(supervised(overdue(), "2025-05-12"), "2025-05-13"), "2025-05-21", outcome)
    assert said(history, EFFECT) == [("a_no_answer", "hit", expected)]


def test_an_answer_alone_is_no_act_and_acts_of_others_or_outside_the_days_do_not_count() -> None:
    history = answered(supervised(worked(overdue(), "2025-05-11"), "2025-05-12"), "2025-05-20")
    history = worked(closed(worked(history, "2025-05-18", "JSW"), "2025-05-21"), "2025-05-22")
    assert said(history, EFFECT) == [("b_no_act", "hit", "probable")]


def test_not_done_claims_nothing_and_an_open_supervision_is_not_judged() -> None:
    history = answered(supervised(overdue(), "2025-05-12"), "2025-05-20")
    assert said(history, EFFECT) == []
    assert said(closed(history, "2025-05-21", "not_done"), EFFECT) == []


def test_an_act_whose_unit_nobody_recorded_leaves_it_open_who_did_it() -> None:
    history = answered(supervised(overdue(), "2025-05-12"), "2025-05-20")
    assert said(closed(worked(history, "2025-05-18", None), "2025-05-21"), EFFECT) == [
        ("b_no_act", "cannot_tell", "suspect")
    ]


def advised(day: str = "2025-03-03") -> History:
    """Advice of March 3: the sixtieth day is May 2, a holiday, so May 6 is the last."""
    history = History()
    history.received("2025-02-20")
    history.add("case.advice_issued", day, advice="ref:p1", kind="improve_work", to="MZJ", document=DOCUMENT)
    return history


def test_advice_is_answered_by_the_rolled_sixtieth_day() -> None:
    history = advised()
    assert said(history, ADVICE, "2025-05-06") == []
    (finding,) = history.findings(ADVICE, "2025-05-07")
    assert (finding.reason, finding.certainty, finding.open) == ("no_answer", "suspect", True)
    history.add("case.advice_answered", "2025-05-06", advice="ref:p1", adopted=False, document=DOCUMENT)
    assert said(history, ADVICE) == []


def test_a_late_answer_or_one_to_other_advice_is_found() -> None:
    late = advised()
    late.add("case.advice_answered", "2025-05-07", advice="ref:p1", adopted=True, document=DOCUMENT)
    (finding,) = late.findings(ADVICE, END)
    assert (finding.open, finding.facts["days_late"]) == (False, 1)
    other = advised()
    other.add("case.advice_answered", "2025-04-07", advice="ref:p2", adopted=True, document=DOCUMENT)
    assert said(other, ADVICE) == [("no_answer", "hit", "suspect")]


def test_an_answer_whose_document_the_old_system_never_held_cannot_be_told() -> None:
    for imported, expected in ((None, "hit"), ("f", "cannot_tell")):
        history = advised()
        history.add("case.advice_answered", "2025-04-07", imported=imported, advice="ref:p1", adopted=True)
        assert [result for _, result, _ in said(history, ADVICE)] == [expected]
