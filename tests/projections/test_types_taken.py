"""What the views take and what the language records are the same types, and fields named are the contract's."""

from __future__ import annotations

from string import Formatter

import pytest

from domain.language import FACTS
from projections import ALL_PROJECTIONS, case_view, grant_log, handoff_log, registers
from projections.timeline import TYPES
from projections.wording import ANY_AGGREGATE, SENTENCES, short_type
from tests.support.memory_ledger import ALL_TYPES

BESIDE_THE_PAYLOAD = {"actorid", "actorunit"}


def test_every_event_of_a_case_a_grant_or_a_fund_is_in_the_timeline() -> None:
    recorded = {name for name in FACTS if name.startswith(("petition.case.", "petition.grant.", "petition.fund."))}
    assert recorded == TYPES


def test_every_register_event_is_in_the_registers() -> None:
    recorded = {name for name in FACTS if name.startswith("petition.register.")}
    assert recorded - {"petition.register.approval_confirmed.v1"} == registers.REGISTERS.types


def test_no_view_takes_a_type_that_the_contract_does_not_record() -> None:
    of_later_rooms = {"petition.vault.opened.v1", "petition.vault.erased.v1", "petition.ledger.key_rotated.v1"}
    assert set(ALL_TYPES) - set(FACTS) <= of_later_rooms


@pytest.mark.parametrize("view", [case_view, handoff_log, grant_log, registers], ids=lambda view: view.__name__)
def test_a_view_reads_only_fields_that_the_event_has(view: object) -> None:
    for type_name, shown in view.FACTS.items():  # type: ignore[attr-defined]
        fields = set(FACTS[type_name].model_fields)
        assert {source for source, _ in shown.pairs} <= fields, type_name


@pytest.mark.parametrize("type_name", sorted(FACTS))
def test_a_sentence_names_only_fields_that_the_event_has(type_name: str) -> None:
    short = short_type(type_name)
    words = SENTENCES.get(short) or ANY_AGGREGATE.get(short.rpartition(".")[2])
    assert words is not None
    for text in words:
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        assert named <= set(FACTS[type_name].model_fields) | BESIDE_THE_PAYLOAD


def test_every_view_takes_something_that_is_recorded() -> None:
    for projection in ALL_PROJECTIONS:
        assert projection.types & set(FACTS)
