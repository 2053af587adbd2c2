"""XF-DDL-008: closed, and back within a month."""

from __future__ import annotations

import pytest

from tests.support.history import CASE, DOCUMENT, History

CHECK = "XF-DDL-008"
END = "2025-12-31"
AGAIN = "XF500229-2025-000002"


def closed(
    ground: str = "withdrawn", *, delivered: bool = False, result: str = "explained", done: bool = False
) -> History:
    """Closed on May 6."""
    history = History()
    history.received("2025-03-03")
    history.accepted("2025-03-10")
    if delivered:
        history.opinion("2025-05-02", result=result)
        history.add("case.opinion_delivered", "2025-05-05", delivery="hand", signed=True)
    if done:
        history.add("case.opinion_executed", "2025-05-06T09:00", done=True, proof=DOCUMENT)
    history.add("case.closed", "2025-05-06", ground=ground)
    return history


def reopened(history: History, day: str = "2025-05-20") -> History:
    history.add("case.reopened", day, reason="x", approved_by="S-9")
    return history


def came_again(history: History, day: str, repeat_of: str | None = CASE) -> History:
    history.received(day, subject=AGAIN)
    history.add("case.registered", day, subject=AGAIN, content_class="land", repeat_of=repeat_of)
    return history


def said(history: History) -> list[tuple[str, str, str]]:
    return [(one.subject, one.reason, one.certainty) for one in history.findings(CHECK, END)]


@pytest.mark.parametrize(("day", "hits"), [("2025-05-06T11:00", 1), ("2025-06-05", 1), ("2025-06-06", 0)])
def test_a_weak_closing_reopened_within_thirty_days_is_suspect(day: str, hits: int) -> None:
    assert said(reopened(closed(), day)) == [(CASE, "reopened", "suspect")] * hits


@pytest.mark.parametrize(("day", "hits"), [("2025-06-05", 1), ("2025-06-06", 0), ("2025-05-01", 0)])
def test_the_same_matter_received_again_within_thirty_days_is_told_of_the_closed_case(day: str, hits: int) -> None:
    history = came_again(closed(), day)
    assert said(history) == [(CASE, "came_again", "suspect")] * hits
    if hits:
        (finding,) = history.findings(CHECK, END)
        assert (finding.related, finding.facts["days_between"]) == ((AGAIN,), 30)


def test_another_matter_that_comes_is_no_return() -> None:
    assert said(came_again(closed(), "2025-05-20", None)) == []


@pytest.mark.parametrize(
    ("history", "hits"),
    [
        (closed("withdrawn", delivered=True), 1),
        (closed("not_accepted", delivered=True), 1),
        (closed("opinion_delivered"), 1),
        (closed("mediated"), 1),
        (closed("opinion_delivered", delivered=True), 0),
        (closed("opinion_delivered", delivered=True, result="supported"), 1),
        (closed("opinion_delivered", delivered=True, result="supported", done=True), 0),
        (closed("merged"), 0),
    ],
)
def test_a_closing_that_rests_on_a_delivered_and_executed_opinion_holds(history: History, hits: int) -> None:
    assert len(said(reopened(history))) == hits


def test_a_delivery_or_an_execution_after_the_closing_does_not_cure_it() -> None:
    late = closed("opinion_delivered")
    late.add("case.opinion_delivered", "2025-05-07", delivery="hand", signed=True)
    unexecuted = closed("opinion_delivered", delivered=True, result="supported")
    unexecuted.add("case.opinion_executed", "2025-05-07", done=True, proof=DOCUMENT)
    for history in (late, unexecuted):
        assert [one[1] for one in said(reopened(history))] == ["reopened"]


def test_each_closing_is_judged_by_what_followed_it() -> None:
    history = reopened(closed(), "2025-05-20")
    history.add("case.closed", "2025-06-20", ground="withdrawn")
    reopened(history, "2025-08-20")
    assert [one.item for one in history.findings(CHECK, END)] == ["3"]


def test_the_thirty_days_are_a_parameter_and_a_closing_left_alone_is_silent() -> None:
    history = reopened(closed(), "2025-06-06")
    assert len(history.findings(CHECK, END, parameters={CHECK: {"days": 31}})) == 1
    assert said(closed()) == []


def test_a_receipt_before_the_regulation_cannot_be_told() -> None:
    history = History()
    history.received("2022-03-03")
    history.add("case.closed", "2022-03-10", ground="withdrawn")
    reopened(history, "2022-03-20")
    assert [one.result for one in history.findings(CHECK, END)] == ["cannot_tell"]
