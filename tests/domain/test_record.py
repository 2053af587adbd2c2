"""Corrections and confirmations: a recorded fact stays; another event says what it should read, and who stands for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.examples import CASE, CLERK, DOC, FUND, GRANT, MEETING, OTHER_DOC
from tests.support.given import World, given, ready_for, step, tag_of

NUMBER = "XF500229-2025-000001"
RECEIVED = step("receive_petition")
REASONS = {"reason": "typing error", "approved_by": "S-009"}


def correct(world: World, field: str, was: Any, now: Any, place: int = 0, **changes: Any) -> Any:
    event_id = world.events[place]["id"]
    return world.when("correct_record", event_id=event_id, field=field, was=was, now=now, **changes)


def test_a_correction_says_which_event_which_field_what_and_why() -> None:
    world = given(RECEIVED)
    before = world.memory.raw[0]
    correct(world, "/people_count", 6, 7).then_payloads(
        {"event_id": world.events[0]["id"], "field": "/people_count", "was": 6, "now": 7, **REASONS}
    )
    assert world.memory.raw[0] == before
    assert world.events[1]["type"] == "petition.case.record_corrected.v1"
    assert world.events[1]["subject"] == NUMBER


@pytest.mark.parametrize(
    ("steps", "subject", "field", "was", "now", "kind"),
    [
        ([("receive_petition", {})], {"case": CASE}, "/channel", "letter", "visit", "case"),
        ([("open_fund", {})], {"case": ..., "fund": FUND}, "/year", 2025, 2026, "fund"),
        ([("declare_unit", {})], {"case": ..., "unit": "JSW"}, "/kind", "responsible", "township", "register"),
        ([("declare_staff", {})], {"case": ..., "staff": "S-009"}, "/unit", "XF", "MZJ", "register"),
        ([("declare_calendar", {})], {"case": ..., "year": 2025}, "/provisional", False, True, "register"),
        ([("set_check_parameters", {})], {"case": ..., "check": "XF-ACC-003"}, "/author", "S-001", "S-002", "register"),
        ([("declare_cutover", {})], {"case": ..., "ledger": True}, "/on", "2025-07-01", "2025-07-02", "register"),
    ],
)
def test_events_of_every_kind_of_subject_are_corrected(
    steps: Any, subject: Any, field: str, was: Any, now: Any, kind: str
) -> None:
    world = given(*steps)
    correct(world, field, was, now, **subject).then_recorded(f"{kind}.record_corrected", now=now)
    assert world.events[1]["subject"] == world.events[0]["subject"]


def test_a_grant_is_corrected_with_its_case_beside_it() -> None:
    world = ready_for("examine_grant")
    outcome = correct(world, "/scope", "hardship", "historic", -1, case=..., grant=GRANT)
    outcome.then_recorded("grant.record_corrected", now="historic")
    assert outcome.events[0]["correlationid"] == NUMBER


@pytest.mark.parametrize("named", [{"case": ...}, {"unit": "JSW"}, {"grant": GRANT}, {"ledger": True}])
def test_exactly_one_subject_is_named(named: dict[str, Any]) -> None:
    given(RECEIVED).when("correct_record", **named).then_refused("missing_field", "case")


def test_the_event_belongs_to_the_subject() -> None:
    world = given(RECEIVED, step("receive_petition", case="ref:A2"))
    correct(world, "/people_count", 6, 7, place=1).then_refused("event_not_of_subject", "event_id", NUMBER)
    correct(world, "/people_count", 6, 7, place=1, case="ref:A2").then_recorded("case.record_corrected")
    unknown = "01980000-0000-7000-8000-ffffffffffff"
    world.when("correct_record", event_id=unknown).then_refused("event_not_of_subject", "event_id")
    world.when("correct_record", case=..., staff="S-nobody").then_refused("event_not_of_subject", "event_id")
    world.when("correct_record", event_id=unknown.replace("-7000", "-4000")).then_refused("bad_value", "event_id")


@pytest.mark.parametrize("was", [5, "6", None, ["6"], True])
def test_was_must_be_what_the_event_says(was: Any) -> None:
    correct(given(RECEIVED), "/people_count", was, 7).then_refused("correction_mismatch", "was", NUMBER)


def test_true_is_not_one() -> None:
    world = given(step("receive_petition", people_count=1))
    correct(world, "/people_count", True, 2).then_refused("correction_mismatch", "was")
    correct(world, "/urgent", 0, True).then_refused("correction_mismatch", "was")
    correct(world, "/urgent", False, True).then_recorded("case.record_corrected")


def test_a_second_correction_starts_from_the_first() -> None:
    world = given(RECEIVED)
    correct(world, "/people_count", 6, 7)
    correct(world, "/people_count", 6, 8).then_refused("correction_mismatch", "was")
    correct(world, "/people_count", 7, 8).then_recorded("case.record_corrected")
    correct(world, "/about_units", ["JSW"], ["JSW", "RSJ"])
    correct(world, "/about_units/1", "RSJ", "MZJ").then_recorded("case.record_corrected")
    correct(world, "/about_units", ["JSW", "RSJ"], []).then_refused("correction_mismatch", "was")
    correct(world, "/about_units", ["JSW", "MZJ"], []).then_recorded("case.record_corrected")


def test_an_absent_fact_is_filled_in_and_a_wrong_one_taken_out() -> None:
    world = given(step("receive_petition", superior_due_on=...))
    correct(world, "/superior_due_on", None, "2025-05-01").then_recorded("case.record_corrected", was=None)
    correct(world, "/superior_due_on", "2025-05-01", None).then_recorded("case.record_corrected", now=None)
    assert (world.events[1]["data"]["was"], world.events[2]["data"]["now"]) == (None, None)
    outcome = world.when("correct_record", field="/superior_due_on", was=..., now="2025-05-02")
    outcome.then_recorded("case.record_corrected")
    assert "was" not in outcome.events[0]["data"]
    world.when("correct_record", now=...).then_refused("missing_field", "now")


@pytest.mark.parametrize(
    ("field", "was", "now", "refused"),
    [
        ("/channel", "letter", "pigeon", "now"),
        ("/people_count", 6, "seven", "now"),
        ("/people_count", 6, -1, "now"),
        ("/petition_dated_on", "2025-03-01", "2025-02-30", "now"),
        ("/receipt_evidence/kind", "arrival_stamp", "postmark", None),
        ("/receipt_evidence/kind", "arrival_stamp", "rumour", "now"),
        (
            "/receipt_evidence",
            {"at": "2025-03-03T09:00:00+08:00", "kind": "arrival_stamp"},
            {"kind": "postmark"},
            "now",
        ),
        ("/no_such_field", None, "x", "field"),
        ("/people_count/0", None, "x", "field"),
        ("/about_units/7", None, "MZJ", "field"),
        ("/external_numbers/national", "5002292025030001", "5002292025030002", None),
        ("/external_numbers/省级", None, "17", None),
    ],
)
def test_now_is_valid_by_the_original_types_schema(field: str, was: Any, now: Any, refused: str | None) -> None:
    outcome = correct(given(RECEIVED), field, was, now)
    if refused is None:
        outcome.then_recorded("case.record_corrected", field=field)
    else:
        outcome.then_refused("bad_value", refused)


@pytest.mark.parametrize("field", ["", "people_count", "/", "//x", "/a~2b", "/a~"])
def test_a_field_is_a_json_pointer(field: str) -> None:
    correct(given(RECEIVED), field, 6, 7).then_refused("bad_value", "field")


def test_the_time_is_corrected_to_an_instant_that_is_not_after_the_correction() -> None:
    was = "2025-03-04T10:20:00+08:00"
    world = given(RECEIVED)
    correct(world, "/time", was, "2025-03-04T23:59:59+08:00").then_recorded("case.record_corrected")
    correct(given(RECEIVED), "/time", was, "2025-03-05T00:00:00+08:00").then_refused("at_in_future", "now")
    correct(given(RECEIVED), "/time", was, "2025-03-03").then_refused("bad_value", "now")
    correct(given(RECEIVED), "/time", was, None).then_refused("bad_value", "now")
    correct(given(RECEIVED), "/time", "2025-03-04T02:20:00Z", was).then_refused("correction_mismatch", "was")


@pytest.mark.parametrize(
    ("verb", "field", "was", "now", "subject"),
    [
        ("receive_petition", "/ref", CASE, "ref:B", {}),
        ("receive_petition", "/petitioner_ref", "p-7f3a", "p-8", {}),
        ("register_petition", "/repeat_of", "XF500229-2025-000002", None, {}),
        ("dispose", "/linked_to", "XF500229-2025-000002", None, {}),
        ("merge_case", "/into", "XF500229-2025-000002", NUMBER, {}),
        ("hand_over", "/handoff", "ref:A1-h1", "ref:A1-h2", {}),
        ("hand_over", "/unit", "MZJ", "RSJ", {}),
        ("hand_over", "/to", ["MZJ"], ["RSJ"], {}),
        ("hand_over", "/to/0", "MZJ", "RSJ", {}),
        ("receive_handoff", "/unit", "MZJ", "RSJ", {}),
        ("open_hearing", "/hearing", "ref:A1-hearing", "ref:h", {}),
        ("supervise", "/supervision", "ref:A1-s1", "ref:s", {}),
        ("advise", "/advice", "ref:A1-v1", "ref:v", {}),
        ("take_measure", "/measure", "ref:A1-m1", "ref:m", {}),
        ("open_fund", "/opening_balance_fen", 100_000_00, 1, {"case": ..., "fund": FUND}),
        ("open_fund", "/rules/cap_fen", 10_000_00, 1, {"case": ..., "fund": FUND}),
        ("open_fund", "/rules/tiers/0/up_to_fen", 3_000_00, 1, {"case": ..., "fund": FUND}),
        ("approve_grant", "/amount_fen", 2_500_00, 1, {"case": ..., "grant": GRANT}),
        ("pay_grant", "/payment", "ref:G1-p1", "ref:p", {"case": ..., "grant": GRANT}),
        ("apply_for_grant", "/fund", "fund:ref:F2025", "fund:ref:F2026", {"case": ..., "grant": GRANT}),
        ("apply_for_grant", "/case", NUMBER, "XF500229-2025-000002", {"case": ..., "grant": GRANT}),
        ("apply_for_grant", "/beneficiary_ref", "b-91", "b-1", {"case": ..., "grant": GRANT}),
        ("declare_unit", "/unit", "JSW", "MZJ", {"case": ..., "unit": "JSW"}),
        ("declare_staff", "/staff", "S-009", "S-1", {"case": ..., "staff": "S-009"}),
        ("declare_calendar", "/year", 2025, 2026, {"case": ..., "year": 2025}),
        ("set_check_parameters", "/check", "XF-ACC-003", "XF-ACC-001", {"case": ..., "check": "XF-ACC-003"}),
    ],
)  # fmt: skip
def test_subjects_refs_and_money_are_never_corrected(verb: str, field: str, was: Any, now: Any, subject: Any) -> None:
    world = ready_for(verb)
    place = world.memory.head()
    world.given(step(verb))
    correct(world, field, was, now, place, **subject).then_refused("correction_not_allowed", "field")


def test_money_is_not_corrected_inside_a_larger_value_either() -> None:
    world = World().given(step("open_fund"))
    rules = world.events[0]["data"]["rules"]
    changed = {**rules, "cap_fen": 1}
    correct(world, "/rules", rules, changed, case=..., fund=FUND).then_refused("correction_not_allowed", "field")


def test_the_unit_that_a_measure_or_a_staff_member_belongs_to_may_be_corrected() -> None:
    world = given(RECEIVED, step("take_measure"))
    correct(world, "/unit", "GAJ", "ZFW", 1).then_recorded("case.record_corrected")


def test_a_meeting_is_corrected_as_a_whole_or_in_part() -> None:
    world = ready_for("pay_grant")
    place = next(n for n, event in enumerate(world.events) if event["type"] == "petition.grant.approved.v1")
    attendees = MEETING["attendees"]
    correct(world, "/meeting/attendees", attendees, [*attendees, "S-010"], place, case=..., grant=GRANT).then_recorded(
        "grant.record_corrected"
    )
    corrected = MEETING | {"attendees": [*attendees, "S-010"]}
    correct(world, "/meeting", corrected, MEETING, place, case=..., grant=GRANT).then_recorded("grant.record_corrected")


def test_of_a_correction_only_its_reason_and_approver_are_corrected() -> None:
    world = given(RECEIVED)
    correct(world, "/people_count", 6, 7)
    correct(world, "/approved_by", "S-009", "S-010", 1).then_recorded("case.record_corrected")
    correct(world, "/now", 7, 8, 1).then_refused("correction_not_allowed", "field")
    correct(world, "/event_id", world.events[0]["id"], world.events[1]["id"], 1).then_refused(
        "correction_not_allowed", "field"
    )
    correct(world, "/people_count", 7, 8).then_recorded("case.record_corrected")


def test_a_restricted_value_is_compared_and_stored_as_a_tag() -> None:
    world = given(step("receive_petition", restricted=True, about_units=["JSW"]))
    correct(world, "/about_units", ["RSJ"], ["MZJ"]).then_refused("correction_mismatch", "was")
    correct(world, "/about_units/0", "JSW", "MZJ").then_recorded(
        "case.record_corrected", was=tag_of("about_units", "JSW"), now=tag_of("about_units", "MZJ")
    )
    assert b"MZJ" not in world.memory.raw[1]
    correct(world, "/about_units", ["MZJ"], None).then_recorded(
        "case.record_corrected", was=[tag_of("about_units", "MZJ")], now=None
    )
    world.key = None
    correct(world, "/about_units", None, ["MZJ"]).then_refused("key_missing", subject=CASE)


def test_what_is_corrected_is_scanned_for_personal_data() -> None:
    correct(given(RECEIVED), "/region", "500229", "13800138000").then_refused("personal_data", "now")
    correct(given(RECEIVED), "/region", "500229", "500229", reason="tel 13800138000").then_refused(
        "personal_data", "reason"
    )


def test_a_corrected_role_decides_who_may_approve_an_override() -> None:
    override = {"guards": ["recused"], "reason": "x", "approved_by": "S-009"}
    recused = [step("declare_interest", staff="S-001"), step("decide_recusal", staff="S-001")]
    world = given(step("declare_staff"), RECEIVED, *recused)
    world.when("rate", override=override).then_recorded("case.rated")
    by = {**CLERK, "staff": "S-002"}
    correct(world, "/roles/0", "head", "clerk", case=..., staff="S-009", by=by).then_recorded(
        "register.record_corrected"
    )
    world.when("rate", override=override).then_refused("override_not_approved")
    world.given(step("declare_staff")).when("rate", override=override).then_recorded("case.rated")
    first = world.events[0]["id"]
    world.given(
        step(
            "correct_record",
            case=...,
            staff="S-009",
            by=by,
            event_id=first,
            field="/roles/1",
            was="approver",
            now="clerk",
        )
    )
    world.when("rate", override=override).then_recorded("case.rated")


@pytest.mark.parametrize(
    ("verb", "changes", "approver", "subject"),
    [
        ("extend", {}, "S-109", {"case": CASE}),
        ("issue_opinion", {}, "S-109", {"case": CASE}),
        ("reopen_case", {}, "S-009", {"case": CASE}),
        ("take_measure", {}, "S-401", {"case": CASE}),
        ("correct_record", {}, "S-009", {"case": CASE}),
        ("rate", {"override": {"guards": ["leak"], "reason": "x", "approved_by": "S-009"}}, "S-009", {"case": CASE}),
        ("pay_grant", {}, "S-009", {"grant": GRANT}),
        ("excuse_receipt", {}, "S-009", {"grant": GRANT}),
        ("set_check_parameters", {}, "S-009", {"check": "XF-ACC-003"}),
    ],
)
def test_an_approval_is_confirmed_by_its_owner_alone(verb: str, changes: Any, approver: str, subject: Any) -> None:
    world = ready_for(verb).given(step("declare_staff"), step(verb, **changes))
    aggregate = {"case": "case", "grant": "grant"}.get(next(iter(subject)), "register")
    event = next(
        one for one in reversed(world.events) if approver in str(one["data"]) and one["type"].split(".")[1] == aggregate
    )
    named = {"case": ..., **subject, "event_id": event["id"]}
    world.when("confirm_approval", by={**CLERK, "staff": "S-777"}, **named).then_refused(
        "refused_by_state", "by.staff", event["subject"]
    )
    outcome = world.when("confirm_approval", by={"staff": approver, "unit": "XF", "role": "head"}, **named)
    outcome.then_payloads({"event_id": event["id"]})
    assert outcome.events[0]["type"] == f"petition.{aggregate}.approval_confirmed.v1"


def test_an_event_without_an_approval_has_nothing_to_confirm() -> None:
    world = given(RECEIVED)
    event_id = world.events[0]["id"]
    world.when("confirm_approval", event_id=event_id).then_refused("refused_by_state", "by.staff")
    world.when("confirm_approval", event_id=event_id, history=True, by=...).then_refused("refused_by_state", "by.staff")


def test_the_confirmed_event_belongs_to_the_subject() -> None:
    world = ready_for("confirm_approval").given(step("receive_petition", case="ref:B"))
    opinion = world.of("case.opinion_issued")[0]["id"]
    world.when("confirm_approval", event_id=opinion, case="ref:B").then_refused("event_not_of_subject", "event_id")
    world.when("confirm_approval", event_id=opinion).then_recorded("case.approval_confirmed")


def test_an_opinion_document_is_corrected_like_any_other_fact() -> None:
    world = ready_for("confirm_approval")
    correct(world, "/document", DOC, OTHER_DOC, -1).then_recorded("case.record_corrected", now=OTHER_DOC)
