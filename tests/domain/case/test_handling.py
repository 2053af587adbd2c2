"""Handling and opinion: every step needs the one that it answers, and nothing is done twice that can be once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.examples import CASE, DOC, HANDLER
from tests.support.given import World, given, ready_for, step

RECEIVED = step("receive_petition")
REGISTERED = [RECEIVED, step("register_petition", repeat_of=...)]
ACCEPTED = [*REGISTERED, step("accept_case")]
OPINION = [*ACCEPTED, step("issue_opinion")]
NUMBER = "XF500229-2025-000001"
GROUNDS = [
    "opinion_delivered", "mediated", "handed_to_procedure", "withdrawn", "not_accepted", "review_final", "merged",
    "no_longer_accepted", "petitioner_died", "suggestion_answered", "accusation_transferred", "answered_directly",
    "transferred_out",
]  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        ("hear_facts", "case.facts_heard"),
        ("investigate", "case.investigated"),
        ("mediate", "case.mediation_agreed"),
        ("request_review", "case.review_requested"),
        ("rate", "case.rated"),
    ],
)
def test_what_is_never_refused_is_recorded_as_often_as_it_happened(verb: str, kind: str) -> None:
    given(RECEIVED).when(verb).then_recorded(kind).when(verb).then_recorded(kind)


def test_a_hearing_is_opened_under_a_new_name_and_closed_once() -> None:
    world = given(RECEIVED, step("receive_petition", case="ref:A2"))
    world.when("close_hearing").then_refused("refused_by_state", "hearing", NUMBER)
    world.when("open_hearing").then_recorded("case.hearing_opened", hearing="ref:A1-hearing")
    world.when("open_hearing").then_refused("ref_in_use", "hearing")
    world.when("open_hearing", case="ref:A2").then_refused("ref_in_use", "hearing")
    world.when("close_hearing", case="ref:A2").then_refused("refused_by_state", "hearing")
    world.when("close_hearing").then_recorded("case.hearing_closed", record=DOC)
    world.when("close_hearing").then_refused("refused_by_state", "hearing")


@pytest.mark.parametrize(("days", "accepted"), [(-1, False), (0, False), (1, True), (31, True), (400, True)])
def test_an_extension_has_at_least_one_day_and_what_is_too_long_is_for_the_checks(days: int, accepted: bool) -> None:
    outcome = given(*ACCEPTED).when("extend", days=days)
    if accepted:
        outcome.then_recorded("case.extension_approved", days=days)
    else:
        outcome.then_refused("bad_value", "days", NUMBER)


@pytest.mark.parametrize("verb", ["extend", "issue_opinion"])
def test_extension_and_opinion_need_an_acceptance(verb: str) -> None:
    given(*REGISTERED).when(verb).then_refused("refused_by_state", subject=NUMBER)
    assert given(*ACCEPTED).when(verb).answer.accepted


@pytest.mark.parametrize(
    ("verb", "kind"), [("deliver_opinion", "case.opinion_delivered"), ("execute_opinion", "case.opinion_executed")]
)
def test_delivery_and_execution_need_an_opinion(verb: str, kind: str) -> None:
    given(*ACCEPTED).when(verb).then_refused("refused_by_state", subject=NUMBER)
    given(*OPINION).when(verb).then_recorded(kind, proof=DOC)


def test_an_opinion_may_have_no_legal_basis() -> None:
    given(*ACCEPTED).when("issue_opinion", legal_basis=[]).then_recorded("case.opinion_issued", legal_basis=[])


@pytest.mark.parametrize(
    ("verb", "kind"), [("refuse_review", "case.review_refused"), ("issue_review", "case.review_issued")]
)
def test_a_review_answers_a_request_at_the_same_stage(verb: str, kind: str) -> None:
    given(*OPINION).when(verb).then_refused("refused_by_state", "stage", NUMBER)
    world = given(*OPINION, step("request_review"))
    world.when(verb, stage="re_review").then_refused("refused_by_state", "stage")
    world.when(verb).then_recorded(kind, stage="review", document=DOC)


def test_only_an_issued_review_is_delivered() -> None:
    world = given(*OPINION, step("request_review"), step("request_review", stage="re_review"))
    world.when("deliver_review").then_refused("refused_by_state", "stage")
    world.given(step("issue_review")).when("deliver_review").then_recorded("case.review_delivered", stage="review")
    world.when("deliver_review", stage="re_review").then_refused("refused_by_state", "stage")


def test_after_a_review_that_orders_to_decide_anew_the_unit_accepts_again() -> None:
    world = given(*OPINION, step("request_review"), step("issue_review"))
    world.when("accept_case").then_refused("refused_by_state")
    world.given(step("issue_review", outcome="redo")).when("accept_case").then_recorded("case.accepted")


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_case_is_closed_once_on_any_of_the_grounds(ground: str) -> None:
    world = given(*REGISTERED)
    world.when("close_case", ground=ground).then_recorded("case.closed", ground=ground)
    world.when("close_case", ground=ground).then_refused("case_closed", subject=NUMBER)


def test_an_unregistered_case_is_not_closed() -> None:
    given(RECEIVED).when("close_case").then_refused("refused_by_state", subject=NUMBER)


@pytest.mark.parametrize(("verb", "kind"), [("reopen_case", "case.reopened"), ("archive_case", "case.archived")])
def test_only_a_closed_case_is_reopened_or_archived(verb: str, kind: str) -> None:
    given(*REGISTERED).when(verb).then_refused("refused_by_state", subject=NUMBER)
    given(*REGISTERED, step("close_case")).when(verb).then_recorded(kind)


def test_a_reopened_case_is_open_and_may_be_closed_again() -> None:
    world = given(*REGISTERED, step("close_case"), step("reopen_case"))
    world.when("reopen_case").then_refused("refused_by_state")
    world.when("archive_case").then_refused("refused_by_state")
    world.when("close_case").then_recorded("case.closed")


def test_what_is_merely_unlawful_is_recorded() -> None:
    """Work before registration, an opinion signed by the handler, closing without delivery: facts for the checks."""
    world = given(RECEIVED, step("accept_case"))
    world.when("issue_opinion", signed_by=HANDLER["staff"]).then_recorded("case.opinion_issued")
    world.given(step("register_petition", repeat_of=...))
    world.when("close_case", ground="opinion_delivered").then_recorded("case.closed")
    world.when("rate", by={**HANDLER, "staff": "S-stranger"}).then_recorded("case.rated")


@pytest.mark.parametrize(
    ("verb", "field", "value"),
    [
        ("rate", "grade", "excellent"),
        ("rate", "side", "petitioner"),
        ("close_case", "ground", "done"),
        ("issue_opinion", "result", "refused"),
        ("issue_review", "outcome", "ok"),
        ("request_review", "stage", "third"),
        ("deliver_opinion", "delivery", "pigeon"),
        ("deliver_opinion", "attempts", -1),
    ],
)
def test_a_word_outside_the_contract_is_refused_with_its_field(verb: str, field: str, value: Any) -> None:
    ready_for(verb).when(verb, **{field: value}).then_refused("bad_value", field, CASE)


def test_every_verb_takes_number_and_ref_alike() -> None:
    world = World().given(RECEIVED)
    assert world.when("hear_facts", case=NUMBER).events[0]["subject"] == NUMBER
    assert world.when("hear_facts", case=CASE).events[0]["subject"] == NUMBER
