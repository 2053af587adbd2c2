"""XF-DDL-009: reviews and re-reviews within 30 days of their receipt by the body, hearings not counted."""

from __future__ import annotations

import pytest

from domain.checks.review import ReviewedWithin30Days
from projections.explaining import explain
from tests.support.history import CASE, DOCUMENT, History, asked, at

CHECK = "XF-DDL-009"
REVIEWED = ReviewedWithin30Days()
END = "2026-03-31"
BODIES = {"review": "GOV", "re_review": "SJ"}


def requested(day: str = "2025-06-03", stage: str = "review", **changes: str | None) -> History:
    """A case whose answer is to be reviewed; a request that arrives on Tuesday, June 3, ends on Thursday, July 3."""
    return ask(History(), day, stage, received=True, **changes)


def ask(history: History, day: str, stage: str, *, received: bool = False, **changes: str | None) -> History:
    if received:
        history.received("2025-01-06")
    data = {"body": BODIES[stage], "requested_at": at(day), "received_at": at(day), **changes}
    history.add("case.review_requested", day, stage=stage, **data)
    return history


def issued(history: History, day: str, stage: str = "review", **changes: str) -> History:
    history.add(
        "case.review_issued", day, by=("S-61", BODIES[stage], "reviewer"),
        stage=stage, body=BODIES[stage], outcome="upheld", document=DOCUMENT, **changes,
    )  # fmt: skip
    return history


def heard(history: History, opened: str, closed: str | None, hearing: str = "ref:t1") -> History:
    history.add("case.hearing_opened", opened, by=("S-61", "SJ", "reviewer"), hearing=hearing)
    if closed is not None:
        history.add("case.hearing_closed", closed, by=("S-61", "SJ", "reviewer"), hearing=hearing)
    return history


def said(history: History, day: str = END) -> list[tuple[str, str, str, str]]:
    return [(one.reason, one.item, one.result, one.certainty) for one in history.findings(CHECK, day)]


@pytest.mark.parametrize("stage", ["review", "re_review"])
def test_the_thirtieth_day_is_in_time_and_the_day_after_is_late(stage: str) -> None:
    hit = [(stage, "1", "hit", "certain")]
    assert said(issued(requested(stage=stage), "2025-07-03", stage)) == []
    assert said(issued(requested(stage=stage), "2025-07-04", stage)) == hit
    assert said(requested(stage=stage), "2025-07-03") == []
    assert said(requested(stage=stage), "2025-07-04") == hit


def test_a_finding_names_the_days_the_body_and_whether_it_is_still_open() -> None:
    (late,) = issued(requested(), "2025-07-07").findings(CHECK, END)
    assert (late.subject, late.open, late.facts["unit"], late.facts["days_late"]) == (CASE, False, "GOV", 4)
    assert [str(late.facts[name]) for name in ("start_on", "due_on", "acted_on")] == [
        "2025-06-03", "2025-07-03", "2025-07-07",
    ]  # fmt: skip
    assert len(late.event_ids) == 2
    (missing,) = requested().findings(CHECK, "2025-07-10")
    assert missing.open
    assert missing.sentence.zh.startswith("记录显示：GOV 于2025-06-03收到复查请求")
    assert "7 day(s) late" in missing.sentence.en


@pytest.mark.parametrize(
    ("asked_on", "unrolled", "due", "next_day"),
    [
        ("2025-06-05", "2025-07-05", "2025-07-07", "2025-07-08"),  # ends on a Saturday
        ("2025-09-03", "2025-10-03", "2025-10-09", "2025-10-10"),  # in the October holidays
        ("2025-09-11", "2025-10-11", "2025-10-11", "2025-10-12"),  # on a Saturday that is a make-up working day
        ("2025-12-02", "2026-01-01", "2026-01-04", "2026-01-05"),  # over the year's end to a make-up Sunday
        ("2026-01-16", "2026-02-15", "2026-02-24", "2026-02-25"),  # in the Spring Festival
    ],
)
def test_the_last_day_rolls_over_days_off(asked_on: str, unrolled: str, due: str, next_day: str) -> None:
    assert said(issued(requested(asked_on), due)) == []
    (late,) = issued(requested(asked_on), next_day).findings(CHECK, END)
    assert [str(late.facts[name]) for name in ("due_before_rolling_on", "due_on")] == [unrolled, due]


def test_twenty_four_o_clock_and_another_zone_are_read_in_shanghai() -> None:
    history = requested()
    history.add("case.review_issued", "2025-07-03T16:30:00Z", stage="review", body="GOV", outcome="upheld")
    assert said(history) == [("review", "1", "hit", "certain")]
    evening = requested()
    evening.add("case.review_issued", "2025-07-03T15:59:59Z", stage="review", body="GOV", outcome="upheld")
    assert said(evening) == []
    by_day = requested(received_at="2025-06-03T00:00:00+08:00")
    by_day.add("case.review_issued", "2025-07-03T00:00:00+08:00", precision="day", stage="review", outcome="upheld")
    assert said(by_day) == []


def test_a_leap_day_counts_like_any_other() -> None:
    history = History(calendars=False)
    history.received("2024-01-08")
    ask(history, "2024-02-01", "review")
    (late,) = history.findings(CHECK, "2024-12-31")
    assert str(late.facts["due_before_rolling_on"]) == "2024-03-02"
    assert late.certainty == "probable"


def test_without_a_receipt_by_the_body_the_request_counts_and_only_probably() -> None:
    history = requested(received_at=None)
    assert said(history, "2025-07-04") == [("review", "1", "hit", "probable")]


def test_the_days_of_a_hearing_are_not_counted_in_a_re_review_and_are_in_a_review() -> None:
    for day, hits in (("2025-07-07", 0), ("2025-07-08", 1)):
        history = heard(requested(stage="re_review"), "2025-06-16", "2025-06-18")  # 3 days: July 6, a Sunday
        assert len(said(issued(history, day, "re_review"))) == hits
    (late,) = issued(
        heard(requested(stage="re_review"), "2025-06-16", "2025-06-18"), "2025-07-08", "re_review"
    ).findings(CHECK, END)
    assert (late.facts["hearing_days"], late.facts["limit"], len(late.event_ids)) == (3, 33, 3)
    plain = heard(requested(), "2025-06-16", "2025-06-18")
    assert said(issued(plain, "2025-07-04")) == [("review", "1", "hit", "certain")]


def test_a_hearing_opened_and_closed_on_one_day_takes_one_day_and_one_after_the_due_day_none() -> None:
    one_day = heard(requested("2025-06-02", "re_review"), "2025-06-16", "2025-06-16")
    assert said(issued(one_day, "2025-07-03", "re_review")) == []
    afterwards = heard(requested("2025-06-02", "re_review"), "2025-07-03", "2025-07-03")
    assert said(issued(afterwards, "2025-07-04", "re_review")) == [("re_review", "1", "hit", "certain")]


def test_while_a_hearing_is_open_nothing_is_late_and_without_its_end_lateness_is_probable() -> None:
    history = heard(requested(stage="re_review"), "2025-06-16", None)
    assert said(history, "2025-12-31") == []
    ended = issued(heard(requested(stage="re_review"), "2025-06-16", None), "2025-12-01", "re_review")
    assert said(ended, "2025-12-31") == []


def test_a_refused_request_owes_no_opinion() -> None:
    for day in ("2025-06-10", "2025-08-01"):
        history = requested()
        history.add("case.review_refused", day, stage="review", ground="late")
        assert said(history) == []


def test_a_case_that_stopped_in_time_owes_no_opinion() -> None:
    history = requested()
    history.add("case.withdrawn", "2025-06-20", document=DOCUMENT)
    assert said(history) == []
    late = requested()
    late.add("case.withdrawn", "2025-07-20", document=DOCUMENT)
    (finding,) = late.findings(CHECK, END)
    assert (finding.facts["ended_by"], finding.open) == ("withdrawn", False)


@pytest.mark.parametrize("body", ["OUT", "NEW"])
def test_a_body_outside_or_undeclared_may_have_answered_unseen_but_a_recorded_day_counts(body: str) -> None:
    def history() -> History:
        one = requested(body=body)
        one.unit("OUT", "external")
        return one

    assert said(history(), "2025-07-03") == []
    assert said(history(), "2025-07-04") == [("review", "1", "cannot_tell", "suspect")]
    assert said(issued(history(), "2025-07-03")) == []
    assert said(issued(history(), "2025-07-04")) == [("review", "1", "hit", "certain")]


def test_a_body_that_nobody_recorded_cannot_be_told() -> None:
    (untold,) = requested(body=None).findings(CHECK, END)
    assert untold.sentence.en == "Cannot tell: the declared kind of a body that was not recorded is not recorded."


def test_each_request_has_its_own_clock() -> None:
    history = issued(requested(), "2025-07-03")
    ask(history, "2025-08-01", "review")
    issued(history, "2025-09-02")
    ask(history, "2025-09-08", "re_review")
    assert said(history) == [("re_review", "1", "hit", "certain"), ("review", "2", "hit", "certain")]


def test_a_petition_from_before_the_regulation_cannot_be_judged_by_it() -> None:
    history = History()
    history.received("2022-04-30")
    ask(history, "2025-06-03", "review")
    assert said(history) == [("review", "1", "cannot_tell", "suspect")]


def test_a_corrected_receipt_that_alone_is_late_is_suspect() -> None:
    history = History()
    history.received("2025-01-06")
    request = history.add(
        "case.review_requested", "2025-06-03", stage="review", body="GOV", received_at=at("2025-06-03")
    )
    issued(history, "2025-07-04")
    history.corrected(request, "/received_at", at("2025-06-03"), at("2025-06-04"), "2025-07-10")
    assert said(history) == [("review", "1", "hit", "suspect")]


def test_another_opinion_or_another_stage_ends_nothing() -> None:
    history = requested()
    history.opinion("2025-06-20")
    issued(history, "2025-06-20", "re_review")
    assert said(history, "2025-07-04") == [("review", "1", "hit", "certain")]


def test_an_explanation_tells_what_was_looked_for_and_how_it_was_counted() -> None:
    told = explain(requested("2025-06-05").source(), REVIEWED, CASE, asked("2025-07-10"))
    steps = [one.en for one in told.steps]
    assert told.result == "hit"
    assert f"{CASE}: looks for case.review_requested: 2025-06-05 XF" in steps
    assert (
        "30 days from 2025-06-05 end on 2025-07-07 (rolled from 2025-07-05); done not yet: missing, and the limit "
        + ("has passed")
        in steps
    )
