"""DL-06 to DL-11: the sixty days, extensions, reviews and the petitioner's windows, at each limit."""

from __future__ import annotations

from typing import Any

import pytest

from domain.deadlines import UnitRegister, ask, deadlines_both_ways, first_acceptance, granted, rounds
from domain.deadlines.explanation import Act
from domain.deadlines.handling import Extension
from tests.support.case_story import CALENDAR, KINDS, REGISTER, Story, at, on

# Accepted Monday 2025-03-10: day 60 is Friday 2025-05-09; with 10 more Monday 05-19; with 30 more 06-08,
# a Sunday, so Monday 06-09.


def accepted(day: str = "2025-03-10", **route: Any) -> Story:
    route = route or {"purpose": "claim", "route": 6}
    return Story().tell("routed", "2025-03-04", **route).handed().tell("accepted", day, "MZJ")


@pytest.mark.parametrize("act", ["opinion_issued", "mediation_agreed"])
@pytest.mark.parametrize(
    ("day", "status", "late"), [("2025-05-08", "met", None), ("2025-05-09", "met", None), ("2025-05-10", "late", 1)]
)
def test_the_sixty_days_run_from_acceptance_to_the_opinion(act: str, day: str, status: str, late: int | None) -> None:
    clock = accepted().tell(act, day, "MZJ").clock("DL-06")
    assert (clock.status, clock.days_late, clock.due, clock.who) == (status, late, on("2025-05-09"), "MZJ")
    assert clock.certainty == "certain"


@pytest.mark.parametrize(
    ("as_of", "status"), [("2025-05-08", "running"), ("2025-05-09", "running"), ("2025-05-10", "late_open")]
)
def test_an_unfinished_matter_is_late_after_the_sixtieth_day(as_of: str, status: str) -> None:
    assert accepted().clock("DL-06", as_of).status == status


def test_reopening_rework_and_acceptance_again_do_not_restart_the_clock() -> None:
    story = accepted().tell("closed", "2025-03-20", ground="withdrawn").tell("reopened", "2025-04-01")
    story.tell("returned_for_rework", "2025-04-02", handoff="h1", unit="MZJ").tell("accepted", "2025-04-03", "MZJ")
    assert story.clock("DL-06").due == on("2025-05-09")


def test_a_redo_opens_a_second_round_from_its_issue() -> None:
    story = accepted().tell("opinion_issued", "2025-05-09", "MZJ")
    story.tell("review_issued", "2025-07-01", "SJ", stage="review", body="SJ", outcome="redo")
    first, second = [clock for clock in story.clocks() if clock.rule == "DL-06"]
    assert (first.status, first.due) == ("met", on("2025-05-09"))
    assert (second.status, second.due) == ("late_open", on("2025-09-01")), "day 60 is Saturday 08-30"
    story.tell("opinion_issued", "2025-09-01", "MZJ")
    assert [clock.status for clock in story.clocks() if clock.rule == "DL-06"] == ["met", "met"]


def test_the_office_that_accepts_and_hands_over_is_not_the_competent_unit() -> None:
    story = Story().tell("accepted", "2025-03-03", "XF").handed().tell("accepted", "2025-03-10", "MZJ")
    assert story.clock("DL-06").start is not None
    assert (story.clock("DL-06").who, story.clock("DL-06").due) == ("MZJ", on("2025-05-09"))


def test_a_unit_that_gave_the_matter_back_is_not_competent_and_a_decision_names_who_is() -> None:
    story = accepted().tell("objection_decided", "2025-03-14", handoff="h1", unit="MZJ", upheld=True)
    facts = ask(story.events, CALENDAR, on("2025-12-31"), REGISTER).facts
    assert first_acceptance(facts, REGISTER) is None
    story.handed("2025-03-17", "RSJ", "h2").tell("accepted", "2025-03-20", "RSJ")
    assert story.clock("DL-06").who == "RSJ"
    both = accepted().tell("accepted", "2025-03-12", "RSJ").tell("competence_decided", "2025-03-13", unit="RSJ")
    assert both.clock("DL-06").who == "RSJ"


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        ({"purpose": "suggestion"}, "not_a_claim"),
        ({"purpose": "accusation"}, "not_a_claim"),
        ({"purpose": "claim", "route": 4}, "other_route"),
    ],
)
def test_the_sixty_days_are_only_for_route_six(route: dict[str, Any], reason: str) -> None:
    clock = accepted(**route).clock("DL-06")
    assert (clock.status, clock.reason) == ("not_started", reason)


def test_a_claim_never_routed_counts_as_route_six_but_only_probably() -> None:
    clock = accepted(purpose="claim").clock("DL-06")
    assert (clock.status, clock.certainty, clock.notes) == ("late_open", "probable", ("no_route",))


def test_an_unfinished_matter_without_a_purpose_cannot_be_told() -> None:
    story = Story().handed().tell("accepted", "2025-03-10", "MZJ")
    assert [story.clock("DL-06", day).status for day in ("2025-05-09", "2025-05-10")] == ["running", "cannot_tell"]
    assert story.clock("DL-06").missing == ("purpose",)


@pytest.mark.parametrize(("day", "status"), [("2025-05-09", "stopped"), ("2025-05-10", "late")])
def test_leaving_for_a_named_procedure_by_the_due_day_ends_the_clock(day: str, status: str) -> None:
    story = accepted().tell("routed", day, purpose="claim", route=1, procedure="诉讼", procedure_ref="案号")
    assert story.clock("DL-06").status == status
    withdrawn = accepted().tell("withdrawn", day, document="sha256:0")
    assert withdrawn.clock("DL-06").status == status


def test_leaving_without_a_reference_leaves_the_clock_running() -> None:
    clock = accepted().tell("routed", "2025-04-01", purpose="claim", route=1, procedure="诉讼").clock("DL-06")
    assert (clock.status, clock.notes) == ("late_open", ("reclassified_without_reference",))


# DL-07: extensions.


@pytest.mark.parametrize(
    ("approved", "due", "status"),
    [("2025-05-08", "2025-05-19", "met"), ("2025-05-09", "2025-05-19", "met"), ("2025-05-10", "2025-05-09", "late")],
)
def test_an_extension_counts_only_if_approved_by_the_due_day_before_it(approved: str, due: str, status: str) -> None:
    story = accepted().tell("extension_approved", approved, "MZJ", days=10)
    assert story.clock("DL-07").status == status
    assert story.clock("DL-06").due == on(due)
    assert story.clock("DL-06").extension_ids == (("e6",) if status == "met" else ())


@pytest.mark.parametrize(("day", "status"), [("2025-05-18", "met"), ("2025-05-19", "met"), ("2025-05-20", "late")])
def test_an_extended_matter_is_late_after_its_extended_day(day: str, status: str) -> None:
    story = accepted().tell("extension_approved", "2025-05-01", "MZJ", days=10).tell("opinion_issued", day, "MZJ")
    assert story.clock("DL-06").status == status


@pytest.mark.parametrize(
    ("days", "counted", "noted"), [([29], 29, False), ([30], 30, False), ([31], 30, True), ([20, 15], 30, True)]
)
def test_extensions_together_give_at_most_thirty_days(days: list[int], counted: int, noted: bool) -> None:
    acts = [
        Extension(Act(f"x{n}", "extension", at("2025-04-01"), on("2025-04-01")), d, "MZJ") for n, d in enumerate(days)
    ]
    extra = granted(CALENDAR, on("2025-03-10"), acts)
    assert (extra.days, "extension_over_cap" in extra.notes) == (counted, noted)


def test_a_second_extension_may_be_approved_within_the_first() -> None:
    story = accepted().tell("extension_approved", "2025-05-09", "MZJ", days=10)
    story.tell("extension_approved", "2025-05-19", "MZJ", days=20)
    clock = story.clock("DL-06")
    assert (clock.extension_days, clock.due_unrolled, clock.due) == (30, on("2025-06-08"), on("2025-06-09"))


def test_an_extension_of_unknown_length_cannot_be_told_within_the_most_it_could_give() -> None:
    story = accepted().tell("extension_approved", "2025-05-01", "MZJ")
    statuses = [story.clock("DL-06", day).status for day in ("2025-05-09", "2025-06-09", "2025-06-10")]
    assert statuses == ["running", "cannot_tell", "late_open"]


@pytest.mark.parametrize(
    ("day", "certainty"), [("2025-05-11", "probable"), ("2025-05-12", "probable"), ("2025-05-13", "certain")]
)
def test_lateness_within_the_hearing_days_is_only_probable(day: str, certainty: str) -> None:
    story = accepted().tell("hearing_opened", "2025-04-01", "MZJ", hearing="t1")
    story.tell("hearing_closed", "2025-04-03", "MZJ", hearing="t1").tell("opinion_issued", day, "MZJ")
    clock = story.clock("DL-06")
    assert (clock.status, clock.hearing_days, clock.certainty, clock.due) == ("late", 3, certainty, on("2025-05-09"))


def claimed() -> Story:
    return Story().tell("routed", "2025-03-03", purpose="claim", route=6)


# Nobody accepted: received by the unit 2025-03-03, day 75 is Saturday 2025-05-17, so Monday 05-19.


@pytest.mark.parametrize(
    ("as_of", "status"), [("2025-05-18", "not_started"), ("2025-05-19", "not_started"), ("2025-05-20", "late_open")]
)
def test_a_matter_that_nobody_accepts_is_late_after_seventy_five_days(as_of: str, status: str) -> None:
    clock = claimed().handed().clock("DL-06", as_of)
    assert (clock.status, clock.who, clock.due, clock.certainty) == (status, "MZJ", on("2025-05-19"), "probable")


def test_nobody_is_presumed_to_hold_what_it_refused_objected_to_or_gave_back() -> None:
    refused = claimed().handed().tell("acceptance_refused", "2025-03-10", "MZJ", ground="not_competent")
    objected = claimed().handed().tell("handoff_objected", "2025-03-10", "MZJ", handoff="h1", unit="MZJ")
    withdrawn = claimed().handed().tell("handoff_withdrawn", "2025-03-10", handoff="h1", unit="MZJ")
    for story in (refused, objected, withdrawn, Story()):
        assert story.clock("DL-06").reason == "not_accepted"
        assert story.clock("DL-06").status == "not_started"
    late_objection = claimed().handed().tell("handoff_objected", "2025-03-11", "MZJ", handoff="h1", unit="MZJ")
    assert late_objection.clock("DL-06").status == "late_open"


# DL-08 … DL-11. The opinion arrives Monday 2025-05-12: day 30 is Wednesday 2025-06-11.


def delivered(**fields: Any) -> Story:
    story = accepted().tell("opinion_issued", "2025-05-08", "MZJ")
    return story.tell("opinion_delivered", "2025-05-09", "MZJ", **fields)


@pytest.mark.parametrize(
    ("day", "status", "reason"),
    [("2025-06-10", "met", None), ("2025-06-11", "met", None), ("2025-06-12", "stopped", "asked_after_window")],
)
def test_the_petitioners_window_for_a_review_closes_and_nobody_is_late(
    day: str, status: str, reason: str | None
) -> None:
    story = delivered(delivered_at=at("2025-05-12"))
    closed = story.clock("DL-08")
    assert (closed.status, closed.reason, closed.informational) == ("stopped", "window_closed", True)
    clock = story.tell("review_requested", day, stage="review", body="SJ").clock("DL-08")
    assert (clock.status, clock.reason, clock.due, clock.days_late) == (status, reason, on("2025-06-11"), None)


def test_without_proof_of_arrival_the_petitioners_window_has_not_begun() -> None:
    clock = delivered(sent_at=at("2025-05-09")).clock("DL-08")
    assert (clock.status, clock.reason) == ("not_started", "not_delivered")


@pytest.mark.parametrize(("day", "status"), [("2025-06-10", "met"), ("2025-06-11", "met"), ("2025-06-12", "stopped")])
def test_the_window_for_a_re_review_runs_from_the_reviews_arrival(day: str, status: str) -> None:
    story = accepted().tell("review_issued", "2025-05-09", "SJ", stage="review", body="SJ", outcome="upheld")
    story.tell("review_delivered", "2025-05-09", "SJ", stage="review", delivered_at=at("2025-05-12"))
    story.tell("review_requested", day, stage="re_review", body="SJ")
    assert story.clock("DL-10").status == status


def requested(stage: str = "review", **fields: Any) -> Story:
    given = {"body": "SJ", "received_at": at("2025-05-12"), **fields}
    return Story().tell("review_requested", "2025-05-10", stage=stage, **given)


@pytest.mark.parametrize(("stage", "rule"), [("review", "DL-09"), ("re_review", "DL-11")])
@pytest.mark.parametrize(("day", "status"), [("2025-06-10", "met"), ("2025-06-11", "met"), ("2025-06-12", "late")])
def test_a_review_is_issued_within_thirty_days_of_receipt_by_the_body(
    stage: str, rule: str, day: str, status: str
) -> None:
    clock = requested(stage).tell("review_issued", day, "SJ", stage=stage, outcome="upheld").clock(rule)
    assert (clock.status, clock.due, clock.certainty) == (status, on("2025-06-11"), "certain")
    as_of = {"met": day, "late": day}[status]
    assert requested(stage).clock(rule, as_of).status == ("running" if status == "met" else "late_open")


def test_without_the_bodys_receipt_the_request_counts_and_only_probably() -> None:
    story = Story().tell("review_requested", "2025-05-13", stage="review", body="SJ", requested_at=at("2025-05-12"))
    clock = story.clock("DL-09")
    assert (clock.status, clock.due, clock.certainty) == ("late_open", on("2025-06-11"), "probable")


def test_a_refused_review_is_no_breach_and_an_unseen_body_cannot_be_told() -> None:
    refused = requested().tell("review_refused", "2025-07-01", "SJ", stage="review", ground="late")
    assert refused.clock("DL-09").status == "stopped"
    for register in (UnitRegister({**KINDS, "SJ": "external"}), {"XF": "petition_office"}):
        assert requested().clock("DL-09", "2025-06-11", register).status == "running"
        assert requested().clock("DL-09", "2025-06-12", register).status == "cannot_tell"
        issued = requested().tell("review_issued", "2025-06-12", "SJ", stage="review", outcome="upheld")
        assert issued.clock("DL-09", registers=register).status == "late"


@pytest.mark.parametrize(("day", "status"), [("2025-06-15", "met"), ("2025-06-16", "met"), ("2025-06-17", "late")])
def test_a_hearing_lengthens_the_re_review_by_its_days(day: str, status: str) -> None:
    story = requested("re_review").tell("hearing_opened", "2025-05-20", "SJ", hearing="t1")
    story.tell("hearing_closed", "2025-05-23", "SJ", hearing="t1")
    clock = story.tell("review_issued", day, "SJ", stage="re_review", outcome="upheld").clock("DL-11")
    assert (clock.status, clock.hearing_days) == (status, 4)
    assert (clock.due_unrolled, clock.due) == (on("2025-06-15"), on("2025-06-16"))
    assert [(run.first, run.last) for run in clock.runs if run.reason == "hearing"] == [
        (on("2025-05-20"), on("2025-05-23"))
    ]


def test_a_hearing_lengthens_no_review_and_none_that_opens_after_the_due_day() -> None:
    review = requested().tell("hearing_opened", "2025-05-20", "SJ", hearing="t1")
    review.tell("hearing_closed", "2025-05-23", "SJ", hearing="t1")
    assert review.clock("DL-09").due == on("2025-06-11")
    late = requested("re_review").tell("hearing_opened", "2025-06-12", "SJ", hearing="t1")
    assert late.clock("DL-11").due == on("2025-06-11")


def test_an_open_hearing_holds_the_clock_only_probably() -> None:
    clock = requested("re_review").tell("hearing_opened", "2025-05-20", "SJ", hearing="t1").clock("DL-11", "2025-06-30")
    assert (clock.status, clock.certainty) == ("running", "probable")


def test_two_hearings_on_the_same_days_lengthen_once() -> None:
    story = requested("re_review")
    for ref in ("t1", "t2"):
        story.tell("hearing_opened", "2025-05-20", "SJ", hearing=ref)
        story.tell("hearing_closed", "2025-05-23", "SJ", hearing=ref)
    assert story.clock("DL-11").hearing_days == 4


# Corrections: both readings.


def test_a_corrected_acceptance_moves_the_clock_and_both_readings_are_kept() -> None:
    story = accepted("2025-03-10").tell("opinion_issued", "2025-05-12", "MZJ")
    fixed = {"event_id": "e5", "field": "/time", "was": at("2025-03-10"), "now": at("2025-03-14")}
    story.tell("record_corrected", "2025-05-12", **fixed)
    now = story.clock("DL-06")
    first = story.clock("DL-06", values="first")
    assert (now.status, now.due, first.status, first.due) == ("met", on("2025-05-13"), "late", on("2025-05-09"))
    assert "start_corrected" in now.notes
    pairs = {
        clock.rule: other for clock, other in deadlines_both_ways(story.events, CALENDAR, on("2025-12-31"), REGISTER)
    }
    assert pairs["DL-06"] == first
    assert pairs["DL-01"] is None


def test_rounds_of_a_case_never_accepted_are_none() -> None:
    assert rounds(ask(Story().events, CALENDAR, on("2025-12-31"), KINDS).facts, REGISTER) == []


def test_a_unit_is_of_the_kind_last_declared_for_the_day_and_superiors_may_run_in_a_circle() -> None:
    def declared(number: int, **data: Any) -> dict[str, Any]:
        return {
            "type": "petition.register.unit_declared.v1",
            "id": f"u{number}",
            "subject": "unit:MZJ",
            "sequence": str(number),
            "time": at("2025-01-01"),
            "data": {"unit": "MZJ", "superiors": ["MZJ", "GOV"], **data},
        }

    events = [declared(1, kind="township"), declared(2, kind="responsible", from_on="2025-06-01")]
    assert UnitRegister.from_events(events).kinds == {"MZJ": "responsible"}
    assert UnitRegister.from_events(events, on("2025-05-31")).kinds == {"MZJ": "township"}
    register = UnitRegister.from_events(events, on("2025-06-01"))
    assert register.kinds == {"MZJ": "responsible"}
    assert register.on_one_line("GOV", "MZJ")
    assert not register.is_above("XF", "MZJ")
