"""The language as a whole: every verb keeps the rules that hold for all of them."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.base import ENVELOPE_KEYS, live_fields
from domain.fields import Day, Instant
from domain.language import ACTIONS, FACTS, SYSTEM, verb
from tests.support.examples import AT, EXAMPLES, HANDLER
from tests.support.given import NOW, World, given, ready_for, step

VERBS = sorted(ACTIONS)
CONTRACT = {
    "receive_petition": ["case.received"],
    "register_petition": ["case.registered"],
    "route": ["case.routed"],
    "dispose": ["case.disposed"],
    "merge_case": ["case.merged"],
    "withdraw_petition": ["case.withdrawn"],
    "accept_case": ["case.accepted"],
    "refuse_acceptance": ["case.acceptance_refused"],
    "notify_petitioner": ["case.petitioner_notified"],
    "exempt_notice": ["case.notice_exempted"],
    "report_urgent": ["case.reported_urgent"],
    "decide_competence": ["case.competence_decided"],
    "assign_handler": ["case.handler_assigned"],
    "declare_interest": ["case.interest_declared"],
    "request_recusal": ["case.recusal_requested"],
    "decide_recusal": ["case.recusal_decided"],
    "hand_over": ["case.handoff_offered"],
    "receive_handoff": ["case.handoff_received"],
    "withdraw_handoff": ["case.handoff_withdrawn"],
    "change_handoff_due": ["case.handoff_due_changed"],
    "object_to_handoff": ["case.handoff_objected"],
    "decide_objection": ["case.objection_decided"],
    "return_materials": ["case.materials_returned"],
    "feed_back": ["case.handoff_fed_back"],
    "return_for_rework": ["case.returned_for_rework"],
    "hear_facts": ["case.facts_heard"],
    "investigate": ["case.investigated"],
    "open_hearing": ["case.hearing_opened"],
    "close_hearing": ["case.hearing_closed"],
    "extend": ["case.extension_approved"],
    "mediate": ["case.mediation_agreed"],
    "issue_opinion": ["case.opinion_issued"],
    "deliver_opinion": ["case.opinion_delivered"],
    "request_review": ["case.review_requested"],
    "refuse_review": ["case.review_refused"],
    "issue_review": ["case.review_issued"],
    "deliver_review": ["case.review_delivered"],
    "execute_opinion": ["case.opinion_executed"],
    "close_case": ["case.closed"],
    "reopen_case": ["case.reopened"],
    "rate": ["case.rated"],
    "archive_case": ["case.archived"],
    "correct_record": [f"{kind}.record_corrected" for kind in ("case", "grant", "fund", "register")],
    "confirm_approval": [f"{kind}.approval_confirmed" for kind in ("case", "grant", "fund", "register")],
    "supervise": ["case.supervision_opened"],
    "answer_supervision": ["case.supervision_answered"],
    "close_supervision": ["case.supervision_closed"],
    "advise": ["case.advice_issued"],
    "answer_advice": ["case.advice_answered"],
    "take_measure": ["case.measure_taken"],
    "release_measure": ["case.measure_released"],
    "open_fund": ["fund.opened"],
    "budget_fund": ["fund.budgeted"],
    "apply_for_grant": ["grant.applied"],
    "examine_grant": ["grant.examined"],
    "approve_grant": ["grant.approved", "fund.committed"],
    "reject_grant": ["grant.rejected"],
    "publish_grant_notice": ["grant.notice_published"],
    "appropriate_grant": ["grant.appropriated"],
    "pay_grant": ["grant.paid", "fund.paid"],
    "confirm_receipt": ["grant.receipt_confirmed"],
    "excuse_receipt": ["grant.receipt_excused"],
    "book_payment": ["grant.booked"],
    "reconcile_bank": ["grant.bank_reconciled"],
    "return_payment": ["grant.payment_returned", "fund.returned"],
    "release_commitment": ["fund.released"],
    "order_recovery": ["grant.recovery_ordered"],
    "receive_recovery": ["grant.recovery_received", "fund.recovered"],
    "declare_unit": ["register.unit_declared"],
    "declare_staff": ["register.staff_declared"],
    "declare_calendar": ["register.calendar_declared"],
    "set_check_parameters": ["register.check_parameters_set"],
    "declare_cutover": ["register.cutover_declared"],
    "declare_external_list": ["register.external_list_declared"],
    "declare_channel_log": ["register.channel_log_declared"],
}
"""The contract's tables, written down a second time."""
REQUIRED_IN_HISTORY = {
    "mode", "kind", "notice", "ground", "stage", "to", "unit", "staff", "fund", "case", "grant", "handoff", "hearing",
    "supervision", "advice", "measure", "payment", "into", "amount_fen", "opening_balance_fen", "event_id", "field",
    "now", "year", "check", "parameters", "on", "system", "action", "action_id", "at",
}  # fmt: skip
"""Subjects, refs, `to`, `unit`, `staff`, `fund`, amounts, what says what happened, and what a register entry is."""


def test_the_verbs_and_events_are_those_of_the_contract() -> None:
    found = {name: [fact.type_name for fact in model.facts] for name, model in ACTIONS.items()}
    assert found == {name: [f"petition.{kind}.v1" for kind in kinds] for name, kinds in CONTRACT.items()}
    by_the_ledger = {"petition.register.import_opened.v1", "petition.ledger.key_rotated.v1"}
    assert set(FACTS) == {kind for kinds in found.values() for kind in kinds} | by_the_ledger


def test_type_names_are_petition_aggregate_past_tense_version() -> None:
    for name in FACTS:
        assert re.fullmatch(r"petition\.(case|grant|fund|register|ledger)\.[a-z_]+\.v[1-9][0-9]*", name)


def test_a_verb_is_the_models_own_word() -> None:
    for name, model in (ACTIONS | SYSTEM).items():
        assert verb(model) == name


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_records_its_events(name: str) -> None:
    outcome = ready_for(name).when(name)
    kinds = CONTRACT[name][:1] if name in ("correct_record", "confirm_approval") else CONTRACT[name]
    outcome.then_recorded(*kinds)


REPLACED = {
    "repeat_of": "XF500229-2025-000002",
    "linked_to": "XF500229-2025-000002",
    "into": "XF500229-2025-000002",
    "case": "XF500229-2025-000001",
    "fund": "fund:ref:F2025",
    "grant": "JZ500229-2025-0001",
    "instalment_of": "JZ500229-2025-0001",
}
ADDED = {
    "receive_petition": {"ref": "ref:A1"},
    "open_fund": {"ref": "ref:F2025"},
    "apply_for_grant": {"ref": "ref:G1"},
    **{name: {"unit": "MZJ"} for name in ("hand_over", "receive_handoff", "object_to_handoff", "feed_back")},
}


@pytest.mark.parametrize("name", VERBS)
def test_data_is_the_actions_fields_without_envelope_and_subject(name: str) -> None:
    world = ready_for(name)
    line = world.line(name)
    assert world.send(line).accepted
    event = next(one for one in world.events if one["actionid"] == line["action_id"])
    subject_key = ACTIONS[name].subject_key or ("case" if name in ("correct_record", "confirm_approval") else "")
    expected = {key: value for key, value in line.items() if key not in ENVELOPE_KEYS and key != subject_key}
    expected |= {key: REPLACED[key] for key in expected if key in REPLACED}
    assert event["data"] == expected | ADDED.get(name, {})


@pytest.mark.parametrize("name", VERBS)
def test_an_override_of_history_stands_in_every_event_of_the_action(name: str) -> None:
    override = {"guards": ["recused"], "reason": "x", "approved_by": "S-009"}
    outcome = ready_for(name).when(name, history=True, override=override)
    assert outcome.answer.error is None
    assert [event["data"]["override"] for event in outcome.events] == [override] * len(outcome.events)


@pytest.mark.parametrize("name", VERBS)
def test_history_may_leave_out_everything_it_may_not_know(name: str) -> None:
    absent = dict.fromkeys(live_fields(ACTIONS[name]), ...)
    if name == "confirm_approval":
        absent.pop("by")
    outcome = ready_for(name).when(name, history=True, **absent)
    assert outcome.answer.error is None, outcome.answer.to_json()
    assert not set(absent) & set(outcome.events[0]["data"])
    assert None not in outcome.events[0]["data"].values()


@pytest.mark.parametrize("name", VERBS)
def test_live_work_leaves_out_nothing_that_history_may(name: str) -> None:
    for field in live_fields(ACTIONS[name]):
        ready_for(name).when(name, **{field: ...}).then_refused("missing_field", field)
        ready_for(name).when(name, imported=True, **{field: ...}).then_refused("missing_field", field)


@pytest.mark.parametrize("name", VERBS)
@pytest.mark.parametrize("part", ["staff", "unit", "role"])
def test_live_work_says_who_acted(name: str, part: str) -> None:
    world = ready_for(name)
    by = {key: value for key, value in world.line(name)["by"].items() if key != part}
    ready_for(name).when(name, by=by).then_refused("missing_field", f"by.{part}")


@pytest.mark.parametrize("name", VERBS)
def test_what_history_must_state_is_what_the_contract_lists(name: str) -> None:
    optional = set(live_fields(ACTIONS[name]))
    for field, info in ACTIONS[name].model_fields.items():
        if info.is_required():
            assert field in REQUIRED_IN_HISTORY, f"{name}.{field}"
        if field in optional:
            other_meaning = name.startswith("declare_") or (name, field) == ("open_fund", "year")
            assert other_meaning or field not in REQUIRED_IN_HISTORY, f"{name}.{field}"


@pytest.mark.parametrize("name", VERBS)
def test_a_required_field_is_required_in_history_too(name: str) -> None:
    for field, info in ACTIONS[name].model_fields.items():
        if info.is_required() and field != "action":
            ready_for(name).when(name, history=True, **{field: ...}).then_refused("missing_field", field)


@pytest.mark.parametrize("name", VERBS)
@pytest.mark.parametrize("history", [False, True])
def test_an_unknown_field_is_refused(name: str, history: bool) -> None:
    ready_for(name).when(name, history=history, surprise=1).then_refused("unknown_field", "surprise")


@pytest.mark.parametrize("name", VERBS)
def test_the_same_action_again_answers_with_the_first_result_and_records_nothing(name: str) -> None:
    world = ready_for(name)
    line = world.line(name)
    first = world.send(line)
    size = world.memory.head()
    world.pass_time(days=1)
    spelled = json.dumps(dict(reversed(line.items())), indent=2).encode()
    for again in (line, spelled):
        answer = world.send(again)
        assert answer.already_there
        assert answer.to_json() == first.to_json()
    assert world.memory.head() == size


@pytest.mark.parametrize("name", VERBS)
def test_another_content_under_the_same_id_is_a_conflict(name: str) -> None:
    world = ready_for(name)
    line = world.line(name)
    world.send(line)
    size = world.memory.head()
    error = world.send({**line, "at": "2025-03-04T10:20:01+08:00"}).error
    assert error is not None
    assert (error.code, error.field) == ("action_id_conflict", "action_id")
    assert world.memory.head() == size


def test_the_same_instant_in_other_words_is_other_content() -> None:
    world = given(step("receive_petition", action_id="a"))
    error = world.send(world.line("receive_petition", action_id="a", at="2025-03-04T02:20:00Z")).error
    assert error is not None
    assert error.code == "action_id_conflict"


def test_a_refused_action_is_not_remembered() -> None:
    world = World()
    line = world.line("rate")
    assert world.send(line).error is not None
    world.given(step("receive_petition"))
    assert world.send(line).accepted


def test_an_id_is_unique_over_all_verbs_and_ways() -> None:
    world = given(step("receive_petition", action_id="a"))
    world.when("rate", action_id="a").then_refused("action_id_conflict", "action_id")
    world.when("rate", action_id="a", history=True).then_refused("action_id_conflict", "action_id")
    line = world.line("rate")
    assert world.send(line, history=True).accepted
    assert world.send(line).already_there


def test_an_action_repeated_in_one_batch_is_recorded_once() -> None:
    from domain.answers import Submission

    world = World()
    line = world.line("receive_petition")
    first, again, other = world.ledger.record(
        [Submission(line), Submission(line), Submission({**line, "people_count": 9})]
    )
    assert first.to_json() == again.to_json()
    assert (first.already_there, again.already_there) == (False, True)
    assert other.error is not None
    assert other.error.code == "action_id_conflict"
    assert len(world.memory.raw) == 1


@pytest.mark.parametrize(("seconds", "accepted"), [(300, True), (301, False)])
@pytest.mark.parametrize("history", [False, True])
def test_an_act_lies_at_most_five_minutes_ahead_of_the_clock(seconds: int, accepted: bool, history: bool) -> None:
    at = (NOW + timedelta(seconds=seconds)).isoformat()
    outcome = World().when("receive_petition", at=at, history=history)
    if accepted:
        outcome.then_recorded("case.received")
    else:
        outcome.then_refused("at_in_future", "at", "ref:A1")


@pytest.mark.parametrize(
    "at",
    [
        "2025-03-04", "2025-03-04T10:20:00", "2025-03-04 10:20:00+08:00", "2025-03-04t10:20:00+08:00",
        "2025-03-04T10:20:00z", "2025-03-04T24:00:00+08:00", "2025-03-04T10:20:60+08:00", "2025-02-29T10:20:00Z",
        "2025-03-04T10:20+08:00", "2025-03-04T10:20:00+0800", "2025-03-04T10:20:00.+08:00", "0000-01-01T00:00:00Z",
        "2025-03-04T10:20:00.1234567890Z", "２025-03-04T10:20:00Z", "2025-03-04T10:20:00+24:00", "",
    ],
)  # fmt: skip
def test_an_instant_is_rfc_3339_with_an_offset(at: str) -> None:
    World().when("receive_petition", at=at).then_refused("bad_value", "at", "ref:A1")


@pytest.mark.parametrize(
    "at",
    [
        "2025-03-04T02:20:00Z",
        "2025-03-04T10:20:00.5+08:00",
        "2025-03-04T10:20:00.123456789-11:30",
        "1948-01-01T00:00:00Z",
    ],
)
def test_the_time_keeps_the_senders_spelling(at: str) -> None:
    world = World()
    world.when("receive_petition", at=at).then_recorded("case.received")
    assert world.events[0]["time"] == at


def test_the_hour_may_be_unknown() -> None:
    World().when("receive_petition", at_precision="hour").then_refused("bad_value", "at_precision")
    world = World()
    world.when("receive_petition", at_precision="day").then_recorded("case.received")
    assert world.events[0]["timeprecision"] == "day"


def test_when_another_system_entered_it_is_said_only_in_imports() -> None:
    World().when("receive_petition", entered_at=AT).then_refused("history_only", "entered_at", "ref:A1")
    for how in ({"imported": True}, {"history": True}):
        world = World()
        world.when("receive_petition", entered_at=AT, **how).then_recorded("case.received")
        assert world.events[0]["enteredtime"] == AT


@pytest.mark.parametrize("by", [{"staff": "system"}, {"staff": "system", "unit": "XF", "role": "head"}])
@pytest.mark.parametrize("how", [{}, {"history": True}, {"imported": True}])
def test_nobody_acts_as_the_system(by: dict[str, str], how: dict[str, Any]) -> None:
    World().when("receive_petition", by=by, **how).then_refused("reserved", "by.staff", "ref:A1")


def test_nobody_claims_to_be_the_recorder() -> None:
    World().when("receive_petition", by={**HANDLER, "recorder": "me"}).then_refused("unknown_field", "by.recorder")
    World().when("receive_petition", recorderid="me").then_refused("unknown_field", "recorderid")


@pytest.mark.parametrize("role", ["chief", "system", "", "Head"])
def test_a_role_is_one_of_the_contract(role: str) -> None:
    World().when("receive_petition", by={**HANDLER, "role": role}).then_refused("bad_value", "by.role")


@pytest.mark.parametrize(
    "name", ["seal_vault", "key_rotated", "attest_heads", "RECEIVE_PETITION", "petition.case.received.v1", ""]
)
def test_what_is_no_verb_is_unknown(name: str) -> None:
    error = World().send({"action": name, "case": "ref:A1"}).error
    assert error is not None
    assert (error.code, error.field, error.subject) == ("unknown_action", "action", "ref:A1")


def test_the_clock_repeats_the_last_instant_for_less_than_five_seconds_and_then_stops() -> None:
    world = given(step("receive_petition"))
    world.pass_time(seconds=-4.999999)
    world.when("rate").then_recorded("case.rated")
    assert world.events[0]["recordedtime"] == world.events[1]["recordedtime"]
    world.pass_time(seconds=-0.000001)
    with pytest.raises(Exception, match="clock") as caught:
        world.send(world.line("rate"))
    assert caught.value.code == "clock_behind"  # type: ignore[attr-defined]
    assert len(world.memory.raw) == 2
    world.pass_time(seconds=5)
    world.when("rate").then_recorded("case.rated")


def test_an_answer_names_events_subject_and_ref() -> None:
    outcome = ready_for("approve_grant").when("approve_grant")
    assert outcome.answer.to_json() == {
        "events": [{key: event[key] for key in ("id", "type", "subject", "sequence")} for event in outcome.events],
        "subject": "JZ500229-2025-0001",
        "ref": "ref:G1",
    }


def test_a_refusal_says_code_message_field_and_subject() -> None:
    answer = World().when("rate").answer.to_json()
    assert answer == {
        "error": {
            "code": "unknown_subject",
            "message": "unknown subject: no case ref:A1",
            "field": "case",
            "subject": "ref:A1",
        }
    }


def test_every_verb_has_an_example() -> None:
    assert set(EXAMPLES) == set(ACTIONS) == set(CONTRACT)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("at", "2025-03-04", "2025-03-04T10:20:00+08:00"),
        ("at", "2025-02-30T10:00:00Z", "day is out of range"),
        ("case", "A17", "such as ref:A17"),
        ("content", "sha256:abc", "64 hexadecimal digits"),
        ("region", "50", "six digits"),
        ("petition_dated_on", "4.3.2025", "a day, such as 2025-03-04"),
        ("petitioner_ref", "张", "fresh for every case"),
    ],
)
def test_a_value_of_the_wrong_form_is_answered_with_the_right_form(field: str, value: str, words: str) -> None:
    error = ready_for("receive_petition").when("receive_petition", **{field: value}).answer.error
    assert error is not None
    assert (error.code, error.field) == ("bad_value", field)
    assert words in error.message
    assert "pattern" not in error.message
    assert "Value error" not in error.message


def test_every_day_of_the_calendar_and_no_other_is_a_day_and_an_instant() -> None:
    days, instants = TypeAdapter(Day), TypeAdapter(Instant)
    for year, month, number in product((0, 1, 1900, 2000, 2024, 2025, 9999), range(1, 13), range(1, 32)):
        text = f"{year:04}-{month:02}-{number:02}"
        try:
            date.fromisoformat(text)
        except ValueError:
            for kind, value in ((days, text), (instants, f"{text}T00:00:00Z")):
                with pytest.raises(ValidationError):
                    kind.validate_python(value)
            continue
        assert days.validate_python(text) == text
        assert instants.validate_python(f"{text}T23:59:59+08:00")
