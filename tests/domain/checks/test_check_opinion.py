"""XF-OPN-001, 002, 003 and 004: opinions are founded, carried out, individual and sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, History, at

FOUNDED, EXECUTED, SENT = "XF-OPN-001", "XF-OPN-002", "XF-OPN-004"
END = "2025-12-31"
Said = list[tuple[str, str, str]]


def handled(route: int | None = 6, heard: bool = True, **received: Any) -> History:
    """A claim accepted on March 10 by MZJ, its facts heard on March 20."""
    history = History()
    history.received("2025-03-03", **received)
    history.claim("2025-03-04", route)
    history.accepted("2025-03-10")
    if heard:
        history.add("case.facts_heard", "2025-03-20", attendees=["S-100"], record=DOCUMENT)
    return history


def delivered(history: History, day: str, delivered_at: str | None = None, **changes: Any) -> None:
    arrived = at(delivered_at or day)
    data: dict[str, Any] = {"sent_at": at(day), "delivered_at": arrived, "delivery": "post", "signed": True, **changes}
    history.add("case.opinion_delivered", day, by=("S-100", "MZJ", "handler"), **data)


def closed(history: History, day: str, ground: str = "opinion_delivered", **changes: Any) -> None:
    history.add("case.closed", day, ground=ground, **changes)


def said(history: History, check: str, day: str = END) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day)]


def test_an_opinion_with_its_law_on_facts_heard_and_delivered_before_the_closing_is_founded() -> None:
    history = handled()
    history.opinion("2025-04-01")
    delivered(history, "2025-04-02", "2025-04-05")
    closed(history, "2025-04-05")
    assert said(history, FOUNDED) == []


@pytest.mark.parametrize(
    ("opinion", "expected"),
    [
        ({"legal_basis": []}, [("a_no_basis", "hit", "certain")]),
        ({"legal_basis": [], "result": "explained"}, [("a_no_basis", "hit", "suspect")]),
        ({"legal_basis": [], "result": None}, [("a_no_basis", "hit", "suspect")]),
        ({"legal_basis": ["a law"]}, []),
    ],
)
def test_an_opinion_names_its_law(opinion: dict[str, Any], expected: Said) -> None:
    history = handled()
    history.opinion("2025-04-01", **opinion)
    assert said(history, FOUNDED) == expected


def test_a_law_that_the_old_system_never_held_cannot_be_told() -> None:
    history = handled()
    history.opinion("2025-04-01", legal_basis=None)
    assert said(history, FOUNDED) == [("a_no_basis", "hit", "certain")]
    imported = handled()
    imported.add("case.opinion_issued", "2025-04-01", imported="f", document=DOCUMENT, result="supported")
    assert said(imported, FOUNDED) == [("a_no_basis", "cannot_tell", "suspect")]


def test_nobody_heard_and_nothing_investigated_before_the_opinion_is_found() -> None:
    history = handled(heard=False)
    history.opinion("2025-04-01")
    history.add("case.investigated", "2025-04-01T10:01", method="visit", attendees=["S-1"], record=DOCUMENT)
    assert said(history, FOUNDED) == [("b_no_facts", "hit", "probable")]


@pytest.mark.parametrize("name", ["case.facts_heard", "case.investigated"])
def test_either_of_the_two_suffices_and_an_unknown_hour_of_the_same_day_is_in_time(name: str) -> None:
    for moment, precision in (("2025-04-01T09:59", None), ("2025-04-01T18:00", "day")):
        history = handled(heard=False)
        history.add(name, moment, precision=precision, attendees=["S-1"], record=DOCUMENT)
        history.opinion("2025-04-01")
        assert said(history, FOUNDED) == []


def test_anonymous_petitions_are_not_asked_for_hearings_and_a_hearing_makes_it_a_suspicion() -> None:
    anonymous = handled(heard=False, anonymous=True)
    anonymous.opinion("2025-04-01")
    assert said(anonymous, FOUNDED) == []
    unknown = handled(heard=False, anonymous=None, imported="f")
    unknown.opinion("2025-04-01")
    assert said(unknown, FOUNDED) == [("b_no_facts", "cannot_tell", "suspect")]
    hearing = handled(heard=False)
    hearing.add("case.hearing_opened", "2025-03-28", hearing="ref:t1")
    hearing.opinion("2025-04-01")
    assert said(hearing, FOUNDED) == [("b_no_facts", "hit", "suspect")]


def test_a_closing_one_day_before_the_delivery_is_on_paper_only() -> None:
    for day, expected in (("2025-04-05", []), ("2025-04-04", [("c_not_delivered", "hit", "certain")])):
        history = handled()
        history.opinion("2025-04-01")
        closed(history, day)
        delivered(history, "2025-04-02", "2025-04-05")
        assert said(history, FOUNDED) == expected
        assert all(one.open is False for one in history.findings(FOUNDED, END))


def test_sending_is_not_arriving_and_another_ground_of_closing_needs_no_delivery() -> None:
    sent_only = handled()
    sent_only.opinion("2025-04-01")
    sent_only.add("case.opinion_delivered", "2025-04-02", sent_at=at("2025-04-02"), delivery="post", signed=False)
    closed(sent_only, "2025-04-20")
    (finding,) = sent_only.findings(FOUNDED, END)
    assert (finding.reason, finding.open) == ("c_not_delivered", True)
    mediated = handled()
    mediated.opinion("2025-04-01")
    closed(mediated, "2025-04-20", "mediated")
    assert said(mediated, FOUNDED) == []


def test_an_arrival_that_the_old_system_never_held_cannot_be_told() -> None:
    history = handled()
    history.opinion("2025-04-01")
    history.add("case.opinion_delivered", "2025-04-02", imported="f", delivery="post")
    closed(history, "2025-04-20")
    assert said(history, FOUNDED) == [("c_not_delivered", "cannot_tell", "suspect")]


@pytest.mark.parametrize(("route", "expected"), [(5, []), (None, [("a_no_basis", "cannot_tell", "suspect")])])
def test_only_route_six_is_judged_and_an_unknown_route_cannot_be_told(route: int | None, expected: Said) -> None:
    history = handled(route)
    history.opinion("2025-04-01", legal_basis=[])
    assert said(history, FOUNDED) == expected


def test_without_a_purpose_the_opinion_cannot_be_judged_and_a_suggestion_is_none_of_its_business() -> None:
    for purpose, expected in ((None, [("a_no_basis", "cannot_tell", "suspect")]), ("suggestion", [])):
        history = History()
        history.received("2025-03-03")
        history.accepted("2025-03-10")
        history.add("case.facts_heard", "2025-03-20", attendees=["S-100"], record=DOCUMENT)
        if purpose is not None:
            history.add("case.routed", "2025-03-04", purpose=purpose)
        history.opinion("2025-04-01", legal_basis=[])
        assert said(history, FOUNDED) == expected


def test_before_the_regulation_nobody_can_tell_whether_an_opinion_was_founded() -> None:
    history = History()
    history.received("2022-04-03")
    history.claim("2022-04-04")
    history.accepted("2022-04-10")
    history.opinion("2022-05-20", legal_basis=[])
    assert {one.result for one in history.findings(FOUNDED, END)} == {"cannot_tell"}


def test_a_corrected_delivery_is_counted_both_ways() -> None:
    history = handled()
    history.opinion("2025-04-01")
    closed(history, "2025-04-04")
    event = history.add(
        "case.opinion_delivered", "2025-04-05", sent_at=at("2025-04-02"), delivered_at=at("2025-04-05"), signed=True
    )
    history.corrected(event, "/delivered_at", at("2025-04-05"), at("2025-04-03"), "2025-06-01")
    assert said(history, FOUNDED) == [("c_not_delivered", "hit", "suspect")]


def supported(promise: str | None = "2025-05-01", **changes: Any) -> History:
    history = handled()
    history.opinion("2025-04-01", promise_due_on=promise, **changes)
    return history


def executed(
    history: History, day: str, done: bool | None = True, proof: str | None = DOCUMENT, **changes: Any
) -> None:
    history.add("case.opinion_executed", day, by=("S-100", "MZJ", "handler"), done=done, proof=proof, **changes)


def test_the_promised_day_itself_is_in_time_and_one_day_later_is_not() -> None:
    history = supported()
    executed(history, "2025-05-01")
    assert said(history, EXECUTED) == []
    late = supported()
    executed(late, "2025-05-02")
    (finding,) = late.findings(EXECUTED, END)
    assert (finding.reason, finding.certainty, finding.open) == ("a_promise", "certain", False)
    assert finding.facts["days_late"] == 1


def test_nothing_done_is_open_from_the_day_after_the_promise_on() -> None:
    history = supported(executing_unit="JSW")
    assert said(history, EXECUTED, "2025-05-01") == []
    (finding,) = history.findings(EXECUTED, "2025-05-02")
    assert (finding.reason, finding.open, finding.facts["unit"]) == ("a_promise", True, "JSW")


def test_something_begun_but_not_done_does_not_keep_the_promise() -> None:
    history = supported()
    executed(history, "2025-04-20", done=False)
    assert said(history, EXECUTED) == [("a_promise", "hit", "certain")]
    unknown = supported()
    executed(unknown, "2025-04-20", done=None)
    assert said(unknown, EXECUTED) == [("a_promise", "cannot_tell", "suspect")]


def test_without_a_promise_sixty_days_run_from_the_delivery() -> None:
    """Delivered on April 7, 60 days end on June 6, a Friday."""
    history = supported(None)
    delivered(history, "2025-04-03", "2025-04-07")
    assert said(history, EXECUTED, "2025-06-06") == []
    assert said(history, EXECUTED, "2025-06-07") == [("b_no_promise", "hit", "suspect")]
    executed(history, "2025-06-06")
    assert said(history, EXECUTED) == []


def test_without_promise_and_delivery_nothing_is_owed_yet() -> None:
    assert said(supported(None), EXECUTED) == []


def test_what_the_old_system_never_held_of_promise_delivery_or_result_cannot_be_told() -> None:
    untold = [("b_no_promise", "cannot_tell", "suspect")]
    no_promise = handled()
    no_promise.add("case.opinion_issued", "2025-04-01", imported="f", result="supported", legal_basis=["law"])
    delivered(no_promise, "2025-04-03")
    assert said(no_promise, EXECUTED) == untold
    no_arrival = supported(None)
    no_arrival.add("case.opinion_delivered", "2025-04-03", imported="f", delivery="post")
    assert said(no_arrival, EXECUTED) == untold
    assert said(supported(result=None), EXECUTED) == [("a_promise", "cannot_tell", "suspect")]


@pytest.mark.parametrize("result", ["explained", "not_supported"])
def test_only_support_has_to_be_carried_out(result: str) -> None:
    assert said(supported(result=result), EXECUTED) == []


def test_execution_without_proof_is_a_suspicion_unless_the_old_system_never_held_it() -> None:
    history = supported()
    executed(history, "2025-04-20", proof=None)
    assert said(history, EXECUTED) == [("c_no_proof", "hit", "suspect")]
    imported = supported()
    executed(imported, "2025-04-20", proof=None, imported="f")
    assert said(imported, EXECUTED) == [("c_no_proof", "cannot_tell", "suspect")]


def reviewed(history: History, outcome: str | None, day: str = "2025-05-20") -> History:
    history.add("case.review_requested", "2025-04-20", stage="review", body="GOV", requested_at=at("2025-04-20"))
    if outcome is not None:
        history.add(
            "case.review_issued", day, by=("S-9", "GOV", "reviewer"), stage="review", body="GOV", outcome=outcome
        )
    return history


def test_a_running_review_suspends_and_one_that_changed_the_opinion_ends_what_is_owed() -> None:
    assert said(reviewed(supported(), None), EXECUTED) == []
    assert said(reviewed(supported(), "changed"), EXECUTED) == []
    assert said(reviewed(supported(), "upheld"), EXECUTED, "2025-05-19") == []


def test_a_review_that_upheld_leaves_a_suspicion_where_it_ran_over_the_promised_day() -> None:
    assert said(reviewed(supported(), "upheld"), EXECUTED) == [("a_promise", "hit", "suspect")]
    assert said(reviewed(supported(), "upheld", "2025-04-30"), EXECUTED) == [("a_promise", "hit", "certain")]


def test_a_later_opinion_of_the_same_unit_replaces_the_promise_and_one_of_another_unit_does_not() -> None:
    history = supported()
    history.opinion("2025-04-10", result="explained")
    assert said(history, EXECUTED) == []
    joint = supported()
    joint.opinion("2025-04-10", unit="JSW", result="explained")
    assert said(joint, EXECUTED) == [("a_promise", "hit", "certain")]


def test_a_case_that_was_withdrawn_before_the_promised_day_is_only_a_suspicion() -> None:
    history = supported()
    history.add("case.withdrawn", "2025-04-25", document=DOCUMENT, via="letter")
    assert said(history, EXECUTED) == [("a_promise", "hit", "suspect")]


def test_an_opinion_sent_on_the_fifteenth_day_is_in_time_and_one_day_later_is_not() -> None:
    """Issued on April 1; the fifteenth day is April 16, a Wednesday."""
    for day, expected in (("2025-04-16", []), ("2025-04-17", [("a_not_sent", "hit", "probable")])):
        history = handled()
        history.opinion("2025-04-01")
        delivered(history, day, "2025-04-25")
        assert said(history, SENT) == expected


def test_the_last_day_rolls_over_the_spring_festival() -> None:
    """Issued on January 13, 2025: day 15 is January 28, a holiday; the next working day is February 5."""
    history = History()
    history.received("2025-01-02")
    history.opinion("2025-01-13")
    assert said(history, SENT, "2025-02-05") == []
    (finding,) = history.findings(SENT, "2025-02-06")
    assert (str(finding.facts["due_before_rolling_on"]), str(finding.facts["due_on"])) == ("2025-01-28", "2025-02-05")
    assert finding.open is True


def test_a_sending_day_that_the_old_system_never_held_cannot_be_told_where_only_the_arrival_is_late() -> None:
    for day, expected in (("2025-04-16", "cannot_tell"), ("2025-04-17", "hit")):
        history = handled()
        history.opinion("2025-04-01")
        arrived = at("2025-04-25")
        history.add("case.opinion_delivered", day, imported="f", delivered_at=arrived, delivery="post", signed=True)
        assert [one.result for one in history.findings(SENT, END)] == [expected]


def test_anonymous_exempted_stopped_and_replaced_opinions_need_not_be_sent() -> None:
    anonymous = handled(anonymous=True)
    exempted = handled()
    exempted.add("case.notice_exempted", "2025-03-12", notice="acceptance", ground="address_unclear")
    stopped = handled()
    for history in (anonymous, exempted, stopped):
        history.opinion("2025-04-01")
    stopped.add("case.withdrawn", "2025-04-10", document=DOCUMENT, via="letter")
    replaced = handled()
    replaced.opinion("2025-04-01")
    replaced.opinion("2025-04-05")
    delivered(replaced, "2025-04-06")
    for history in (anonymous, exempted, stopped, replaced):
        assert said(history, SENT) == []


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [(2, []), (1, [("b_public_notice", "hit", "suspect")]), (None, [("b_public_notice", "hit", "suspect")])],
)
def test_a_public_notice_follows_two_failed_attempts(attempts: int | None, expected: Said) -> None:
    history = handled()
    history.opinion("2025-04-01")
    delivered(history, "2025-04-10", delivery="public_notice", attempts=attempts)
    assert said(history, SENT) == expected


def test_attempts_that_the_old_system_never_held_cannot_be_told_and_other_deliveries_need_none() -> None:
    history = handled()
    history.opinion("2025-04-01")
    delivered(history, "2025-04-10", delivery="public_notice", imported="f")
    assert said(history, SENT) == [("b_public_notice", "cannot_tell", "suspect")]
    by_hand = handled()
    by_hand.opinion("2025-04-01")
    delivered(by_hand, "2025-04-10", delivery="hand", attempts=0)
    assert said(by_hand, SENT) == []


def test_the_case_is_the_subject_of_what_is_said_of_its_opinion() -> None:
    history = handled()
    history.opinion("2025-04-01", legal_basis=[])
    assert [one.subject for one in history.findings(FOUNDED, END)] == [CASE]
