"""Intake and routing: what is recorded, what is refused, what a restricted petition hides, which number it gets."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from domain.event import canonical
from tests.support.examples import CASE, CLERK, DOC, HANDLER, OTHER_CASE
from tests.support.given import KEY, World, given, ready_for, step, tag_of

RECEIVED = step("receive_petition")
OTHER = step("receive_petition", case=OTHER_CASE)
REGISTERED = step("register_petition", repeat_of=...)
NUMBER = "XF500229-2025-000001"
RESTRICTED = {
    "restricted": True,
    "about_units": ["JSW", "MZJ"],
    "accusation_of": "supervised_official",
    "petitioner_ref": "p-whistle",
}
SECRETS = ("JSW", "supervised_official", "p-whistle", "bribery")


def test_a_received_petition_has_a_number_and_keeps_the_senders_ref() -> None:
    outcome = World().when("receive_petition")
    outcome.then_recorded("case.received", ref=CASE, people_count=6, source="direct")
    assert outcome.answer.to_json()["subject"] == NUMBER
    assert outcome.answer.to_json()["ref"] == CASE
    assert "case" not in outcome.events[0]["data"]


def test_a_case_ref_is_used_once() -> None:
    given(RECEIVED).when("receive_petition").then_refused("ref_in_use", "case")


def test_a_case_is_found_by_its_number_and_by_its_ref() -> None:
    given(RECEIVED).when("rate", case=NUMBER).then_recorded("case.rated")
    given(RECEIVED).when("rate", case=CASE).then_recorded("case.rated")


@pytest.mark.parametrize(
    "verb",
    [
        "register_petition", "route", "dispose", "merge_case", "withdraw_petition", "accept_case",
        "refuse_acceptance", "notify_petitioner", "exempt_notice", "report_urgent", "decide_competence",
        "assign_handler", "declare_interest", "request_recusal", "decide_recusal", "hand_over", "receive_handoff",
        "withdraw_handoff", "change_handoff_due", "object_to_handoff", "decide_objection", "return_materials",
        "feed_back", "return_for_rework", "hear_facts", "investigate", "open_hearing", "close_hearing", "extend",
        "mediate", "issue_opinion", "deliver_opinion", "request_review", "refuse_review", "issue_review",
        "deliver_review", "execute_opinion", "close_case", "reopen_case", "rate", "archive_case", "supervise",
        "answer_supervision", "close_supervision", "advise", "answer_advice", "take_measure", "release_measure",
    ],
)  # fmt: skip
def test_no_act_on_a_case_comes_before_its_receipt(verb: str) -> None:
    World().when(verb).then_refused("unknown_subject", "case", CASE)


@pytest.mark.parametrize(
    ("received_at", "year"),
    [
        ("2024-12-31T23:59:59+08:00", 2024),
        ("2025-01-01T00:00:00+08:00", 2025),
        ("2024-12-31T15:59:59Z", 2024),
        ("2024-12-31T16:00:00Z", 2025),
        ("2024-12-31T11:00:00-05:00", 2025),
        ("2025-01-01T00:30:00+09:00", 2024),
        ("1948-05-01T00:00:00+08:00", 1948),
        ("1900-01-01T00:00:00Z", 1900),
        ("0001-01-01T00:00:00+14:00", 1),
    ],
)
def test_the_series_is_the_shanghai_year_of_the_receipt(received_at: str, year: int) -> None:
    outcome = World().when("receive_petition", received_at=received_at)
    assert outcome.answer.subject == f"XF500229-{year:04d}-000001"


def test_numbers_have_no_gap_and_no_repeat_in_a_series() -> None:
    world = World()
    for number in range(1, 4):
        subject = world.when("receive_petition", case=f"ref:N{number}").answer.subject
        assert subject == f"XF500229-2025-{number:06d}"
        world.when("receive_petition", case=f"ref:N{number}").then_refused("ref_in_use")
    earlier = world.when("receive_petition", case="ref:E1", received_at="2024-05-01T00:00:00Z")
    assert earlier.answer.subject == "XF500229-2024-000001"
    assert world.when("receive_petition", case="ref:N4").answer.subject == "XF500229-2025-000004"


def test_where_the_receipt_is_unknown_the_series_is_the_year_of_the_act() -> None:
    outcome = World().when("receive_petition", history=True, received_at=..., at="2023-12-31T18:00:00Z")
    assert outcome.answer.subject == "XF500229-2024-000001"


def test_the_region_is_that_of_the_source() -> None:
    outcome = World(source="/110101/petition-office").when("receive_petition")
    assert outcome.answer.subject == "XF110101-2025-000001"


def test_a_case_is_registered_once() -> None:
    given(RECEIVED).when("register_petition", repeat_of=...).then_recorded("case.registered", urgent=False)
    given(RECEIVED, REGISTERED).when("register_petition", repeat_of=...).then_refused("refused_by_state")


def test_a_repeat_names_a_known_case_and_stores_its_number() -> None:
    given(RECEIVED).when("register_petition").then_refused("unknown_subject", "repeat_of")
    ready_for("register_petition").when("register_petition").then_recorded(
        "case.registered", repeat_of="XF500229-2025-000002"
    )


@pytest.mark.parametrize("verb", ["route", "dispose", "close_case"])
def test_routing_disposing_and_closing_need_a_registration(verb: str) -> None:
    given(RECEIVED, OTHER).when(verb).then_refused("refused_by_state", subject=NUMBER)
    assert ready_for(verb).when(verb).answer.accepted


def test_a_route_that_changes_nothing_is_refused_and_one_that_changes_anything_is_taken() -> None:
    routed = step("route")
    ready_for("route").given(routed).when("route", reason="again").then_refused("nothing_changes")
    for change in ({"route": 4}, {"procedure": "another"}, {"procedure_ref": "LA-13"}, {"route": ...}):
        ready_for("route").given(routed).when("route", **change).then_recorded("case.routed")
    ready_for("route").given(routed).when("route", purpose="consultation", route=...).then_recorded("case.routed")


def test_a_route_of_unknown_purpose_repeated_changes_nothing() -> None:
    nothing: dict[str, Any] = {"purpose": ..., "route": ..., "procedure": ..., "procedure_ref": ...}
    world = ready_for("route")
    world.when("route", history=True, **nothing).then_recorded("case.routed")
    world.when("route", history=True, **nothing).then_refused("nothing_changes")


@pytest.mark.parametrize("purpose", ["suggestion", "accusation", "consultation", "other"])
def test_a_route_of_article_31_goes_only_with_a_claim(purpose: str) -> None:
    ready_for("route").when("route", purpose=purpose).then_refused("bad_value", "route")
    ready_for("route").when("route", purpose=purpose, route=...).then_recorded("case.routed", purpose=purpose)


@pytest.mark.parametrize(
    ("route", "code"), [(0, "bad_value"), (1, None), (6, None), (7, "bad_value"), ("1", "wrong_type")]
)
def test_routes_are_one_to_six(route: Any, code: str | None) -> None:
    outcome = ready_for("route").when("route", route=route)
    if code is None:
        outcome.then_recorded("case.routed", route=route)
    else:
        outcome.then_refused(code, "route")


def test_a_disposal_links_to_a_known_case() -> None:
    given(RECEIVED, REGISTERED).when("dispose").then_refused("unknown_subject", "linked_to")
    ready_for("dispose").when("dispose").then_recorded("case.disposed", linked_to="XF500229-2025-000002")


def test_a_case_is_merged_once_and_not_into_itself() -> None:
    ready_for("merge_case").when("merge_case", into=CASE).then_refused("refused_by_state", "into")
    ready_for("merge_case").when("merge_case", into=NUMBER).then_refused("refused_by_state", "into")
    ready_for("merge_case").when("merge_case", into="ref:none").then_refused("unknown_subject", "into")
    merged = ready_for("merge_case").when("merge_case").then_recorded("case.merged", into="XF500229-2025-000002")
    merged.when("merge_case").then_refused("refused_by_state")


def test_a_petition_is_withdrawn_once_and_again_after_reopening() -> None:
    world = given(RECEIVED, REGISTERED, step("withdraw_petition"))
    world.when("withdraw_petition").then_refused("refused_by_state")
    world.given(step("close_case", ground="withdrawn"), step("reopen_case"))
    world.when("withdraw_petition").then_recorded("case.withdrawn")


def test_a_unit_accepts_once_and_another_unit_may_accept_too() -> None:
    world = given(RECEIVED, step("accept_case"))
    world.when("accept_case").then_refused("refused_by_state", "by.unit", NUMBER)
    world.when("accept_case", by={**HANDLER, "unit": "RSJ"}).then_recorded("case.accepted", handler="S-100")


@pytest.mark.parametrize(
    "returning",
    [
        [step("receive_handoff"), step("object_to_handoff"), step("decide_objection")],
        [step("withdraw_handoff")],
        [step("receive_handoff"), step("feed_back"), step("return_for_rework")],
    ],
    ids=["objection upheld", "handoff withdrawn", "returned for rework"],
)
def test_a_unit_that_gave_the_case_back_may_accept_it_again(returning: list[Any]) -> None:
    world = ready_for("receive_handoff").given(step("accept_case"), *returning)
    world.when("accept_case").then_recorded("case.accepted")


def test_a_rejected_objection_gives_nothing_back() -> None:
    world = ready_for("receive_handoff").given(
        step("accept_case"), step("receive_handoff"), step("object_to_handoff"), step("decide_objection", upheld=False)
    )
    world.when("accept_case").then_refused("refused_by_state")


def test_a_unit_that_accepted_does_not_refuse_acceptance() -> None:
    given(RECEIVED).when("refuse_acceptance").then_recorded("case.acceptance_refused", ground="other_procedure")
    world = given(RECEIVED, step("accept_case"))
    world.when("refuse_acceptance").then_refused("refused_by_state", "by.unit")
    world.when("refuse_acceptance", by={**HANDLER, "unit": "RSJ"}).then_recorded("case.acceptance_refused")


def test_a_recusal_is_decided_only_where_an_interest_was_declared_or_a_recusal_requested() -> None:
    given(RECEIVED).when("decide_recusal").then_refused("refused_by_state", "staff", NUMBER)
    given(RECEIVED, step("declare_interest", staff="S-999")).when("decide_recusal").then_refused("refused_by_state")
    given(RECEIVED, step("declare_interest")).when("decide_recusal").then_recorded("case.recusal_decided")
    given(RECEIVED, step("request_recusal")).when("decide_recusal", recused=False).then_recorded(
        "case.recusal_decided", recused=False, replacement="S-101"
    )


@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        ("notify_petitioner", "case.petitioner_notified"),
        ("exempt_notice", "case.notice_exempted"),
        ("report_urgent", "case.reported_urgent"),
        ("decide_competence", "case.competence_decided"),
        ("assign_handler", "case.handler_assigned"),
        ("declare_interest", "case.interest_declared"),
        ("request_recusal", "case.recusal_requested"),
    ],
)
def test_what_is_never_refused_is_recorded_as_often_as_it_happened(verb: str, kind: str) -> None:
    given(RECEIVED).when(verb).then_recorded(kind).when(verb).then_recorded(kind)


def test_a_restricted_petition_shows_tags_and_no_value() -> None:
    world = World()
    outcome = world.when("receive_petition", **RESTRICTED)
    data = outcome.events[0]["data"]
    assert data["about_units"] == [tag_of("about_units", "JSW"), tag_of("about_units", "MZJ")]
    assert data["accusation_of"] == tag_of("accusation_of", "supervised_official")
    assert data["petitioner_ref"] == tag_of("petitioner_ref", "p-whistle")
    assert data["restricted"] is True
    world.when("register_petition", repeat_of=..., content_class="bribery").then_recorded(
        "case.registered", content_class=tag_of("content_class", "bribery")
    )
    for raw in world.memory.raw:
        assert not [secret for secret in SECRETS if secret.encode() in raw]


def test_an_open_petition_keeps_its_plain_values() -> None:
    world = given(step("receive_petition", accusation_of="other_illegality"), REGISTERED)
    assert world.events[0]["data"]["about_units"] == ["JSW"]
    assert world.events[0]["data"]["accusation_of"] == "other_illegality"
    assert world.events[1]["data"]["content_class"] == "labour/wages"


def test_a_restricted_petition_sent_again_is_the_same_petition() -> None:
    world = World()
    line = world.line("receive_petition", **RESTRICTED)
    first, again = world.send(line), world.send(dict(reversed(line.items())))
    assert again.already_there
    assert again.to_json() == first.to_json()
    assert len(world.memory.raw) == 1
    assert world.send({**line, "about_units": ["RSJ"]}).error is not None
    assert len(world.memory.raw) == 1


def test_the_digest_of_a_restricted_petition_is_that_of_the_tagged_action() -> None:
    world = World()
    line = world.line("receive_petition", **RESTRICTED)
    world.send(line)
    tagged = line | {
        "about_units": [tag_of("about_units", unit) for unit in line["about_units"]],
        "accusation_of": tag_of("accusation_of", line["accusation_of"]),
        "petitioner_ref": tag_of("petitioner_ref", line["petitioner_ref"]),
    }
    spelled = json.dumps(tagged, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert spelled == canonical(tagged)
    assert world.events[0]["actiondigest"] == hashlib.sha256(spelled).hexdigest()


def test_tags_depend_on_the_key_and_on_the_field() -> None:
    other = World(key=bytes(32))
    other.given(step("receive_petition", **RESTRICTED))
    assert other.events[0]["data"]["petitioner_ref"] == tag_of("petitioner_ref", "p-whistle", bytes(32))
    assert tag_of("petitioner_ref", "x") != tag_of("content_class", "x")
    assert tag_of("petitioner_ref", "x", KEY) != tag_of("petitioner_ref", "x", bytes(32))


def test_without_the_key_a_restricted_petition_is_not_recorded_and_others_are() -> None:
    World(key=None).when("receive_petition", **RESTRICTED).then_refused("key_missing", subject=CASE)
    World(key=None).when("receive_petition").then_recorded("case.received")
    world = given(step("receive_petition", **RESTRICTED))
    world.key = None
    world.when("register_petition", repeat_of=...).then_refused("key_missing")
    world.when("register_petition", repeat_of=..., content_class=...).then_refused("missing_field", "content_class")
    world.when("rate").then_recorded("case.rated")


def test_a_restricted_line_of_history_hides_the_same_values() -> None:
    world = World()
    world.when("receive_petition", history=True, **RESTRICTED).then_recorded("case.received", restricted=True)
    assert not [secret for secret in SECRETS if secret.encode() in world.memory.raw[0]]


def test_another_content_under_a_known_id_is_a_conflict_even_where_its_case_is_unknown() -> None:
    world = given(RECEIVED)
    line = world.line("register_petition", repeat_of=...)
    world.send(line)
    error = world.send({**line, "case": "ref:nobody"}).error
    assert error is not None
    assert (error.code, error.field) == ("action_id_conflict", "action_id")


def test_a_proof_and_a_delivery_day_are_kept_as_sent() -> None:
    given(RECEIVED).when("notify_petitioner", by=CLERK).then_recorded(
        "case.petitioner_notified", proof=DOC, delivered_at="2025-03-06T10:00:00+08:00", result="signed"
    )


def test_a_petition_does_not_repeat_itself() -> None:
    given(RECEIVED).when("register_petition", repeat_of=CASE).then_refused("refused_by_state", "repeat_of")
