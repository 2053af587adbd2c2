"""Supervision, advice and official measures: opened under a name of their own, answered and ended once."""

from __future__ import annotations

import pytest

from tests.support.examples import DOC
from tests.support.given import given, step

RECEIVED = step("receive_petition")
OTHER = step("receive_petition", case="ref:A2")
NUMBER = "XF500229-2025-000001"


@pytest.mark.parametrize(
    ("verb", "field", "kind"),
    [
        ("supervise", "supervision", "case.supervision_opened"),
        ("advise", "advice", "case.advice_issued"),
        ("take_measure", "measure", "case.measure_taken"),
    ],
)
def test_a_name_is_used_once_per_kind_in_the_ledger(verb: str, field: str, kind: str) -> None:
    world = given(RECEIVED, OTHER)
    world.when(verb, **{field: "ref:S"}).then_recorded(kind, **{field: "ref:S"})
    world.when(verb, **{field: "ref:S"}).then_refused("ref_in_use", field)
    world.when(verb, case="ref:A2", **{field: "ref:S"}).then_refused("ref_in_use", field)


def test_the_same_name_may_serve_another_kind() -> None:
    world = given(RECEIVED, step("supervise", supervision="ref:S"))
    world.when("advise", advice="ref:S").then_recorded("case.advice_issued")
    world.when("take_measure", measure="ref:S").then_recorded("case.measure_taken")


def test_only_an_open_supervision_is_answered_or_closed() -> None:
    world = given(RECEIVED)
    world.when("answer_supervision").then_refused("refused_by_state", "supervision", NUMBER)
    world.when("close_supervision").then_refused("refused_by_state", "supervision", NUMBER)
    world.given(step("supervise"))
    world.when("answer_supervision").then_recorded("case.supervision_answered", report=DOC)
    world.when("answer_supervision").then_recorded("case.supervision_answered")
    world.when("close_supervision").then_recorded("case.supervision_closed", outcome="done")
    world.when("close_supervision").then_refused("refused_by_state", "supervision")
    world.when("answer_supervision").then_refused("refused_by_state", "supervision")


def test_advice_is_answered_once() -> None:
    world = given(RECEIVED, OTHER)
    world.when("answer_advice").then_refused("unknown_subject", "advice")
    world.given(step("advise")).when("answer_advice", case="ref:A2").then_refused("unknown_subject", "advice")
    world.when("answer_advice").then_recorded("case.advice_answered", adopted=False, reason="done already")
    world.when("answer_advice").then_refused("refused_by_state", "advice")


def test_only_a_measure_in_force_is_released() -> None:
    world = given(RECEIVED)
    world.when("release_measure").then_refused("refused_by_state", "measure", NUMBER)
    world.given(step("take_measure")).when("release_measure").then_recorded("case.measure_released")
    world.when("release_measure").then_refused("refused_by_state", "measure")


def test_a_measure_without_legal_basis_is_a_fact_for_the_checks() -> None:
    bare = dict.fromkeys(("legal_basis", "conduct", "approved_by", "until_on", "statement", "statement_refused"), ...)
    given(RECEIVED).when("take_measure", **bare).then_payloads(
        {"measure": "ref:A1-m1", "kind": "dissuasion", "unit": "GAJ"}
    )
