"""Handoffs: one offer per addressee, and every step of an offer in its order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.examples import CLERK, DOC, HANDLER
from tests.support.given import World, given, ready_for, step

NUMBER = "XF500229-2025-000001"
THREE = ["ZFW", "GAJ", "XF"]
OFFER = {"handoff": "ref:A1-h1"}


def offered(to: list[str], **changes: Any) -> World:
    return ready_for("hand_over").given(step("hand_over", to=to, **changes))


def acting(unit: str) -> dict[str, str]:
    return {**HANDLER, "unit": unit}


def test_a_handoff_is_one_offer_per_addressee_with_all_of_them_named() -> None:
    outcome = ready_for("hand_over").when("hand_over", to=["MZJ", "RSJ"], joint=True)
    outcome.then_recorded("case.handoff_offered", "case.handoff_offered", unit="MZJ", to=["MZJ", "RSJ"])
    assert [event["data"]["unit"] for event in outcome.events] == ["MZJ", "RSJ"]
    assert [event["data"]["to"] for event in outcome.events] == [["MZJ", "RSJ"]] * 2
    assert [int(event["sequence"]) for event in outcome.events] == [3, 4]
    assert len({event["id"] for event in outcome.events}) == 2
    assert len({event["recordedtime"] for event in outcome.events}) == 1


def test_a_handoff_ref_is_used_once_in_the_ledger() -> None:
    offered(["MZJ"]).when("hand_over").then_refused("ref_in_use", "handoff")
    offered(["MZJ"]).when("hand_over", case="ref:A2").then_refused("ref_in_use", "handoff")
    offered(["MZJ"]).when("hand_over", handoff="ref:A1-h2").then_recorded("case.handoff_offered")


def test_a_closed_case_takes_no_new_handoff_until_it_is_reopened() -> None:
    world = ready_for("hand_over").given(step("close_case"))
    world.when("hand_over").then_refused("case_closed", subject=NUMBER)
    world.given(step("reopen_case")).when("hand_over").then_recorded("case.handoff_offered")


@pytest.mark.parametrize(("to", "accepted"), [(THREE[:2], False), (THREE, True), ([*THREE, "MZJ"], False)])
def test_tri_party_has_exactly_three_addressees(to: list[str], accepted: bool) -> None:
    outcome = ready_for("hand_over").when("hand_over", mode="tri_party", to=to)
    if accepted:
        outcome.then_recorded(*["case.handoff_offered"] * 3)
    else:
        outcome.then_refused("bad_value", "to", "XF500229-2025-000001")


def test_a_handoff_has_an_addressee_and_names_nobody_twice() -> None:
    ready_for("hand_over").when("hand_over", to=[]).then_refused("bad_value", "to")
    ready_for("hand_over").when("hand_over", to=["MZJ", "MZJ"]).then_refused("bad_value", "to")


def test_only_the_addressee_receives_and_only_once() -> None:
    world = offered(["MZJ"])
    world.when("receive_handoff", by=acting("RSJ")).then_refused("refused_by_state", "by.unit")
    world.when("receive_handoff").then_recorded("case.handoff_received", unit="MZJ", **OFFER)
    world.when("receive_handoff").then_refused("refused_by_state", "handoff")


def test_each_addressee_of_a_joint_handoff_receives_for_itself() -> None:
    world = offered(["MZJ", "RSJ"])
    world.when("receive_handoff").then_recorded("case.handoff_received", unit="MZJ")
    world.when("receive_handoff", by=acting("RSJ")).then_recorded("case.handoff_received", unit="RSJ")


@pytest.mark.parametrize(
    "verb",
    [
        "receive_handoff", "withdraw_handoff", "change_handoff_due", "object_to_handoff", "decide_objection",
        "return_materials", "feed_back", "return_for_rework",
    ],
)  # fmt: skip
def test_a_handoff_of_another_case_is_unknown_in_this_one(verb: str) -> None:
    offered(["MZJ"]).when(verb, case="ref:A2").then_refused("unknown_subject", "handoff")
    offered(["MZJ"]).when(verb, handoff="ref:none").then_refused("unknown_subject", "handoff")


@pytest.mark.parametrize("verb", ["withdraw_handoff", "change_handoff_due"])
def test_only_an_open_offer_is_withdrawn_or_given_another_day(verb: str) -> None:
    kind = {"withdraw_handoff": "case.handoff_withdrawn", "change_handoff_due": "case.handoff_due_changed"}[verb]
    offered(["MZJ"]).when(verb).then_recorded(kind, unit="MZJ")
    offered(["MZJ"]).given(step("receive_handoff"), step("feed_back", result="partly")).when(verb).then_recorded(kind)
    offered(["MZJ"]).given(step("withdraw_handoff")).when(verb).then_refused("refused_by_state", "handoff")
    upheld = [step("receive_handoff"), step("object_to_handoff"), step("decide_objection")]
    offered(["MZJ"]).given(*upheld).when(verb).then_refused("refused_by_state", "handoff")


@pytest.mark.parametrize("verb", ["withdraw_handoff", "change_handoff_due", "decide_objection", "return_for_rework"])
def test_a_sender_of_several_offers_names_the_unit(verb: str) -> None:
    world = offered(["MZJ", "RSJ"]).given(step("receive_handoff"), step("object_to_handoff"), step("feed_back"))
    world.when(verb, unit=...).then_refused("missing_field", "unit")
    world.when(verb, unit="LYJ").then_refused("refused_by_state", "unit")
    assert world.when(verb, unit="MZJ").events[0]["data"]["unit"] == "MZJ"


@pytest.mark.parametrize("verb", ["withdraw_handoff", "change_handoff_due", "decide_objection", "return_for_rework"])
def test_the_only_addressee_need_not_be_named(verb: str) -> None:
    world = offered(["MZJ"]).given(step("receive_handoff"), step("object_to_handoff"), step("feed_back"))
    assert world.when(verb, unit=...).events[0]["data"]["unit"] == "MZJ"


def test_objecting_needs_a_receipt_and_no_open_objection() -> None:
    offered(["MZJ"]).when("object_to_handoff").then_refused("refused_by_state", "handoff")
    world = offered(["MZJ"]).given(step("receive_handoff"))
    world.when("object_to_handoff").then_recorded("case.handoff_objected", unit="MZJ", reasons=DOC)
    world.when("object_to_handoff").then_refused("refused_by_state", "handoff")
    world.given(step("decide_objection", upheld=False))
    world.when("object_to_handoff").then_recorded("case.handoff_objected")


def test_an_objection_is_decided_once() -> None:
    offered(["MZJ"]).given(step("receive_handoff")).when("decide_objection").then_refused("refused_by_state")
    world = ready_for("decide_objection")
    world.when("decide_objection").then_recorded("case.objection_decided", unit="MZJ", upheld=True)
    world.when("decide_objection").then_refused("refused_by_state", "handoff")


def test_materials_are_returned_by_the_addressee_or_for_a_named_one() -> None:
    world = offered(["MZJ", "RSJ"])
    world.when("return_materials", unit=...).then_recorded("case.materials_returned", unit="MZJ")
    world.when("return_materials", by=CLERK, unit="RSJ").then_recorded("case.materials_returned", unit="RSJ")
    world.when("return_materials", by=CLERK, unit=...).then_refused("missing_field", "unit")


def test_feedback_needs_a_receipt_by_that_unit() -> None:
    offered(["MZJ"]).when("feed_back").then_refused("refused_by_state", "handoff")
    world = offered(["MZJ", "RSJ"]).given(step("receive_handoff"))
    world.when("feed_back").then_recorded("case.handoff_fed_back", unit="MZJ", report=DOC)
    world.when("feed_back", by=acting("RSJ")).then_refused("refused_by_state", "handoff")


def test_rework_needs_feedback_and_new_rework_needs_new_feedback() -> None:
    ready_for("feed_back").when("return_for_rework").then_refused("refused_by_state", "handoff")
    world = ready_for("return_for_rework")
    world.when("return_for_rework").then_recorded("case.returned_for_rework", unit="MZJ")
    world.when("return_for_rework").then_refused("refused_by_state", "handoff")
    world.given(step("feed_back")).when("return_for_rework").then_recorded("case.returned_for_rework")


@pytest.mark.parametrize("verb", ["receive_handoff", "object_to_handoff", "feed_back"])
def test_history_that_does_not_know_who_acted_means_the_only_addressee(verb: str) -> None:
    world = ready_for(verb)
    assert world.when(verb, history=True, by=...).events[0]["data"]["unit"] == "MZJ"


def test_history_that_does_not_know_which_of_several_addressees_acted_is_refused() -> None:
    world = offered(["MZJ", "RSJ"])
    world.when("receive_handoff", history=True, by=...).then_refused("missing_field", "by.unit")
    world.when("receive_handoff", history=True, by={"unit": "RSJ"}).then_recorded("case.handoff_received", unit="RSJ")


def test_every_handoff_event_names_handoff_and_unit() -> None:
    world = given(
        *[("receive_petition", {}), ("register_petition", {"repeat_of": ...})],
        step("hand_over"), step("receive_handoff"), step("change_handoff_due"), step("object_to_handoff"),
        step("decide_objection", upheld=False), step("feed_back"), step("return_for_rework"),
        step("return_materials"), step("withdraw_handoff"),
    )  # fmt: skip
    handoff_events = world.events[2:]
    assert len(handoff_events) == 9
    assert {(event["data"]["handoff"], event["data"]["unit"]) for event in handoff_events} == {("ref:A1-h1", "MZJ")}
