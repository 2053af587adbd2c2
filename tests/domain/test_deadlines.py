"""DL-01 to DL-05: the office's and the receiving units' clocks, one day before, on and after each limit."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from domain.deadlines import RULES, CaseFacts, UnitRegister, case_deadlines, receipt
from tests.support.case_story import CALENDAR, FAR, KINDS, Story, at

# DL-01: received 2025-03-03, day 15 is Tuesday 2025-03-18.


@pytest.mark.parametrize(
    ("day", "status", "late"), [("2025-03-17", "met", None), ("2025-03-18", "met", None), ("2025-03-19", "late", 1)]
)
def test_the_office_transfers_by_the_fifteenth_day_or_is_late(day: str, status: str, late: int | None) -> None:
    clock = Story().tell("handoff_offered", day, "XF", handoff="h1", unit="MZJ").clock("DL-01")
    assert (clock.status, clock.days_late, clock.due) == (status, late, date(2025, 3, 18))
    assert clock.certainty == "certain"


@pytest.mark.parametrize(
    ("as_of", "status", "left", "late"),
    [("2025-03-17", "running", 1, None), ("2025-03-18", "running", 0, None), ("2025-03-19", "late_open", None, 1)],
)
def test_nothing_done_is_late_only_after_24_00_of_the_due_day(
    as_of: str, status: str, left: int | None, late: int | None
) -> None:
    clock = Story().tell("registered", "2025-03-03").tell("routed", "2025-03-04", purpose="claim").clock("DL-01", as_of)
    assert (clock.status, clock.days_left, clock.days_late) == (status, left, late)


def test_an_act_in_the_last_minute_of_the_due_day_is_in_time_in_any_zone() -> None:
    for instant in ("2025-03-18T23:59:59.999999+08:00", "2025-03-18T15:59:59Z", "2025-03-18T10:59:00-05:00"):
        assert Story().tell("reported_urgent", instant).clock("DL-01").status == "met"
    for instant in ("2025-03-19T00:00:00+08:00", "2025-03-18T16:00:00Z", "2025-03-18T11:00:00-05:00"):
        assert Story().tell("reported_urgent", instant).clock("DL-01").status == "late"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("accepted", {}),
        ("reported_urgent", {}),
        ("disposed", {"kind": "direct_answer"}),
        ("acceptance_refused", {"ground": "not_competent"}),
    ],
)
def test_each_lawful_way_to_deal_with_a_petition_meets_the_office_clock(kind: str, data: dict[str, Any]) -> None:
    assert Story().tell(kind, "2025-03-18", **data).clock("DL-01").status == "met"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("routed", {"purpose": "claim", "route": 6}),
        ("registered", {}),
        ("acceptance_refused", {"ground": "unclear"}),
        ("acceptance_refused", {"ground": "other"}),
        ("withdrawn", {}),
        ("closed", {"ground": "withdrawn"}),
    ],
)
def test_what_disposes_of_nothing_does_not_stop_the_office_clock(kind: str, data: dict[str, Any]) -> None:
    clock = Story().tell(kind, "2025-03-10", **data).clock("DL-01")
    assert (clock.status, clock.certainty) == ("late_open", "certain")


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("withdrawn", {"document": "sha256:0"}, "withdrawn"),
        ("merged", {"into": "XF500229-2025-000002"}, "merged"),
        ("closed", {"ground": "petitioner_died"}, "died"),
        ("disposed", {"kind": "no_longer_accepted"}, "no_longer_accepted"),
    ],
)
def test_a_stopped_case_owes_nothing_from_then_on_and_is_late_if_it_stopped_too_late(
    kind: str, data: dict[str, Any], reason: str
) -> None:
    in_time = Story().tell(kind, "2025-03-18", **data).clock("DL-01")
    assert (in_time.status, in_time.reason) == ("stopped", reason)
    assert Story().tell(kind, "2025-03-19", **data).clock("DL-01").status == "late"


def test_acceptance_by_another_unit_is_no_act_of_the_office_and_by_an_unknown_one_cannot_be_told() -> None:
    assert Story().tell("accepted", "2025-03-10", "MZJ").clock("DL-01").status == "late_open"
    unknown = Story().tell("accepted", "2025-03-10", None).clock("DL-01")
    assert (unknown.status, unknown.missing) == ("cannot_tell", ("actorunit",))


def test_a_withdrawal_of_an_imported_history_may_have_had_a_document_but_one_of_a_live_import_has_none() -> None:
    story = Story().tell("withdrawn", "2025-03-10")
    story.events[-1]["importid"] = "0" * 64
    clock = story.clock("DL-01")
    assert (clock.status, clock.missing) == ("cannot_tell", ("document",))
    assert story.clock("DL-01", "2025-03-18").status == "running"
    live = UnitRegister(KINDS, live_imports={"0" * 64})
    assert story.clock("DL-01", registers=live).status == "late_open"


def test_the_due_day_rolls_over_the_spring_festival_and_both_days_are_shown() -> None:
    story = Story("2025-01-14")
    for as_of, status in (("2025-02-04", "running"), ("2025-02-05", "running"), ("2025-02-06", "late_open")):
        clock = story.clock("DL-01", as_of)
        assert clock.status == status
        assert (clock.due_unrolled, clock.due) == (date(2025, 1, 29), date(2025, 2, 5))
    assert [(run.first.day, run.last.day, run.counted, run.reason) for run in clock.runs] == [
        (14, 14, False, "day_0"),
        (15, 29, True, "limit"),
        (30, 5, False, "rolled"),
    ]


def test_a_year_without_a_calendar_makes_lateness_probable() -> None:
    clock = Story("2027-03-01").clock("DL-01", "2027-12-31")
    assert (clock.status, clock.provisional, clock.certainty) == ("late_open", True, "probable")
    assert clock.calendar == "2027=undeclared"


@pytest.mark.parametrize(("day", "status"), [("2022-04-30", "cannot_tell"), ("2022-05-01", "late_open")])
def test_nothing_is_told_of_petitions_older_than_the_regulation(day: str, status: str) -> None:
    assert Story(day).clock("DL-01").status == status


@pytest.mark.parametrize(
    ("kind", "day"),
    [("arrival_stamp", 5), ("visit_log", 5), ("call_log", 5), ("web_log", 5), ("superior_system", 5), ("postmark", 3)],
)
def test_receipt_is_the_evidence_of_arrival_and_never_the_postmark(kind: str, day: int) -> None:
    story = Story("2025-03-03", receipt_evidence={"kind": kind, "at": at("2025-03-05")})
    received = CaseFacts.of(story.events).first("received")
    assert received is not None
    assert receipt(received).day == date(2025, 3, day)


def test_an_unknown_receiver_cannot_be_told_unless_the_caller_knows_its_kind() -> None:
    undeclared = Story().clock("DL-01", registers={})
    assert (undeclared.status, undeclared.missing) == ("cannot_tell", ("kind:XF",))
    assert Story().clock("DL-01", registers={}, receiver_kind="petition_office").status == "late_open"
    assert Story(by=None).clock("DL-01").missing == ("actorunit",)


# DL-02, DL-03: notice to the petitioner.


@pytest.mark.parametrize(
    ("day", "status"), [("2025-03-17", "met"), ("2025-03-18", "met"), ("2025-03-19", "late"), (None, "late_open")]
)
@pytest.mark.parametrize("rule", ["DL-02", "DL-03"])
def test_a_unit_tells_the_petitioner_by_the_fifteenth_day_or_is_late(rule: str, day: str | None, status: str) -> None:
    story = Story(by="MZJ") if rule == "DL-02" else Story().handed()
    if day:
        story.tell("petitioner_notified", FAR, "MZJ", notice="acceptance", sent_at=at(day), delivered_at=at(FAR))
    clock = story.clock(rule)
    assert (clock.status, clock.who, clock.due) == (status, "MZJ", date(2025, 3, 18))
    assert clock.certainty == "certain"


def test_the_clock_of_a_handoff_starts_at_the_units_own_receipt() -> None:
    story = Story().tell("handoff_offered", "2025-03-03", "XF", handoff="h1", unit="MZJ", mode="transfer")
    assert story.clock("DL-03").status == "not_started"
    story.tell("handoff_received", "2025-03-20", "MZJ", handoff="h1", unit="MZJ", arrived_at=at("2025-03-10"))
    assert story.clock("DL-03").start is not None
    assert story.clock("DL-03").due == date(2025, 3, 25)


@pytest.mark.parametrize("notice", ["extension", "review_result", "procedure"])
def test_another_kind_of_notice_or_another_units_notice_is_not_enough(notice: str) -> None:
    story = Story().handed().tell("petitioner_notified", "2025-03-10", "MZJ", notice=notice)
    story.tell("petitioner_notified", "2025-03-10", "RSJ", notice="acceptance")
    assert story.clock("DL-03").status == "late_open"


def test_a_notice_of_an_unknown_unit_leaves_the_answer_open() -> None:
    clock = Story().handed().tell("petitioner_notified", "2025-03-10", None, notice="acceptance").clock("DL-03")
    assert (clock.status, clock.missing) == ("cannot_tell", ("actorunit",))


def test_no_notice_is_owed_to_nobody_and_by_those_with_rules_of_their_own() -> None:
    assert Story(anonymous=True).handed().clock("DL-03").reason == "anonymous"
    for unit in ("JW", "ZFW"):
        assert Story().handed(to=unit).clock("DL-03").reason == "other_rules"


def test_an_anonymity_that_was_never_recorded_cannot_be_told() -> None:
    story = Story().handed()
    del story.events[0]["data"]["anonymous"]
    assert story.clock("DL-03").missing == ("anonymous",)
    story.events[0]["data"]["petitioner_ref"] = "p1"
    assert story.clock("DL-03").status == "late_open"


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("notice_exempted", {"notice": "receipt", "ground": "name_unclear"}, "exempted"),
        ("opinion_issued", {}, "opinion"),
        ("mediation_agreed", {}, "mediation"),
        ("disposed", {"kind": "direct_answer"}, "direct_answer"),
        ("handoff_withdrawn", {"handoff": "h1", "unit": "MZJ"}, "handoff_withdrawn"),
        ("withdrawn", {"document": "sha256:0"}, "withdrawn"),
    ],
)
def test_what_happens_by_the_due_day_can_take_the_notice_away(kind: str, data: dict[str, Any], reason: str) -> None:
    clock = Story().handed().tell(kind, "2025-03-18", "MZJ", **data).clock("DL-03")
    assert (clock.status, clock.reason) == ("stopped", reason)
    assert Story().handed().tell(kind, "2025-03-19", "MZJ", **data).clock("DL-03").status == "late"


def objected(*, day: str = "2025-03-07", decided: str | None = None, upheld: bool = False) -> Story:
    story = Story().handed().tell("handoff_objected", day, "MZJ", handoff="h1", unit="MZJ")
    if decided:
        story.tell("objection_decided", decided, "XF", handoff="h1", unit="MZJ", upheld=upheld)
    return story


def test_a_pending_objection_cannot_be_told_and_an_upheld_one_takes_the_notice_away() -> None:
    pending = objected().clock("DL-03")
    assert (pending.status, pending.reason) == ("cannot_tell", "objection_pending")
    upheld = objected(decided="2025-04-10", upheld=True).clock("DL-03")
    assert (upheld.status, upheld.reason) == ("stopped", "objection_upheld")


def test_a_rejected_objection_gives_fifteen_days_from_its_rejection() -> None:
    story = objected(decided="2025-03-17")
    for as_of, status in (("2025-03-31", "running"), ("2025-04-01", "running"), ("2025-04-02", "late_open")):
        clock = story.clock("DL-03", as_of)
        assert (clock.status, clock.due, clock.certainty) == (status, date(2025, 4, 1), "probable")


def test_an_objection_after_the_due_day_gives_no_new_period() -> None:
    assert objected(day="2025-03-19").clock("DL-03").status == "late_open"
    assert objected(day="2025-03-19", decided="2025-03-20").clock("DL-03").due == date(2025, 3, 18)


@pytest.mark.parametrize(("day", "statuses"), [("2025-03-18", ["met", "met"]), ("2025-03-19", ["late_open", "met"])])
def test_down_a_line_one_notice_within_the_first_ones_period_does_for_all(day: str, statuses: list[str]) -> None:
    story = Story().handed().handed("2025-03-10", "LS", "h2")
    story.tell("petitioner_notified", day, "LS", notice="acceptance")
    assert [clock.status for clock in story.clocks() if clock.rule == "DL-03"] == statuses


def test_units_of_a_joint_handoff_and_units_of_no_line_owe_their_own_notice() -> None:
    joint = Story().handed(joint=True).handed("2025-03-03", "LS", "h1", joint=True)
    beside = Story().handed().handed("2025-03-03", "RSJ", "h2")
    for story, unit in ((joint, "LS"), (beside, "RSJ")):
        story.tell("petitioner_notified", "2025-03-10", unit, notice="acceptance")
        assert [clock.status for clock in story.clocks() if clock.rule == "DL-03"] == ["late_open", "met"]


def test_a_unit_of_unknown_kind_cannot_be_told() -> None:
    clock = Story().handed(to="WHO").clock("DL-03")
    assert (clock.status, clock.missing) == ("cannot_tell", ("kind:WHO",))


# DL-04: received Monday 2025-03-31; Qingming is off from 04-04, so the fifth working day is 2025-04-08.


@pytest.mark.parametrize(("day", "status"), [("2025-04-07", "met"), ("2025-04-08", "met"), ("2025-04-09", "late")])
def test_an_objection_is_due_on_the_fifth_working_day(day: str, status: str) -> None:
    story = Story().handed("2025-03-31").tell("handoff_objected", day, "MZJ", handoff="h1", unit="MZJ")
    clock = story.clock("DL-04")
    assert (clock.status, clock.due) == (status, date(2025, 4, 8))
    left_out = [run.reason for run in clock.runs if not run.counted]
    assert left_out == ["day_0", "holiday"]


def test_a_unit_that_never_objects_is_not_late_but_keeps_the_matter() -> None:
    story = Story().handed("2025-03-31")
    assert story.clock("DL-04", "2025-04-08").status == "running"
    after = story.clock("DL-04", "2025-04-09")
    assert (after.status, after.reason) == ("stopped", "window_closed")


# DL-05: the day set is Saturday 2025-04-05.


def assigned(**offer: Any) -> Story:
    return Story().handed(**{"mode": "assign", "feedback_required": True, "due_on": "2025-04-05", **offer})


@pytest.mark.parametrize(("day", "status"), [("2025-04-04", "met"), ("2025-04-05", "met"), ("2025-04-06", "late")])
def test_feedback_is_due_by_24_00_of_the_day_set_and_never_rolls(day: str, status: str) -> None:
    clock = assigned().tell("handoff_fed_back", day, "MZJ", handoff="h1", unit="MZJ").clock("DL-05")
    assert (clock.status, clock.due, clock.provisional) == (status, date(2025, 4, 5), False)


def test_closing_the_case_does_not_discharge_the_feedback() -> None:
    clock = assigned().tell("closed", "2025-04-01", ground="opinion_delivered").clock("DL-05", "2025-04-06")
    assert (clock.status, clock.days_late) == ("late_open", 1)


@pytest.mark.parametrize(("day", "status"), [("2025-04-05", "stopped"), ("2025-04-06", "late")])
def test_withdrawal_or_an_upheld_objection_by_the_day_discharges_the_feedback(day: str, status: str) -> None:
    withdrawn = assigned().tell("handoff_withdrawn", day, handoff="h1", unit="MZJ")
    upheld = assigned().tell("handoff_objected", "2025-03-04", "MZJ", handoff="h1", unit="MZJ")
    upheld.tell("objection_decided", day, handoff="h1", unit="MZJ", upheld=True)
    assert [withdrawn.clock("DL-05").status, upheld.clock("DL-05").status] == [status, status]


@pytest.mark.parametrize(
    ("day", "unit", "due"), [("2025-04-05", "XF", 20), ("2025-04-06", "XF", 5), ("2025-04-01", "MZJ", 5)]
)
def test_only_the_sender_moves_the_day_and_only_before_it_passed(day: str, unit: str, due: int) -> None:
    story = assigned().tell("handoff_due_changed", day, unit, handoff="h1", unit="MZJ", due_on="2025-04-20")
    assert story.clock("DL-05").due == date(2025, 4, due)


def test_feedback_without_a_day_cannot_be_told_and_without_a_wish_is_not_owed() -> None:
    assert assigned(due_on=None).clock("DL-05").missing == ("due_on",)
    unsaid = assigned(feedback_required=None)
    assert unsaid.clock("DL-05").missing == ("feedback_required",)
    assert unsaid.tell("handoff_fed_back", "2025-04-05", "MZJ", handoff="h1", unit="MZJ").clock("DL-05").status == "met"
    assert not [clock for clock in assigned(feedback_required=False).clocks() if clock.rule == "DL-05"]


# Explanations themselves.


def test_every_rule_names_its_article_and_both_languages() -> None:
    assert list(RULES) == [f"DL-{number:02}" for number in range(1, 12)]
    assert all(rule.article and rule.duty_zh and rule.duty_en for rule in RULES.values())


def test_an_explanation_becomes_json_and_a_sentence_in_two_languages() -> None:
    clock = Story("2025-01-14").clock("DL-01", "2025-02-07")
    document = json.loads(json.dumps(clock.to_json(), ensure_ascii=False))
    assert (document["due_unrolled"], document["due"], document["days_late"]) == ("2025-01-29", "2025-02-05", 2)
    assert document["start"] == {
        "event_id": "e1",
        "what": "case.received/received_at",
        "instant": "2025-01-14T10:00:00+08:00",
        "day": "2025-01-14",
        "corrected": False,
    }
    assert "days_left" not in document
    assert document["calendar"].startswith("2025=国办发明电〔2024〕12号#")
    assert "第二十二条" in clock.sentence("zh")
    assert "顺延至2025-02-05" in clock.sentence("zh")
    assert "2 days late" in clock.sentence("en")
    with pytest.raises(ValueError, match="language"):
        clock.sentence("fr")


def test_no_events_have_no_clocks() -> None:
    assert case_deadlines([], CALENDAR, date(2025, 1, 1)) == []
