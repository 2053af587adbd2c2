"""Yesterday's events are read in today's shape, and their bytes stay as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.event import Event, canonical, decode
from domain.language import FACTS
from domain.upcasts import UPCASTS, upcast
from tests.support.given import World, step

SAMPLES = Path(__file__).parent / "samples"
V0 = (SAMPLES / "petition.case.received.v0.json").read_bytes()


def test_every_upcaster_has_a_stored_sample_and_leads_to_a_present_type() -> None:
    assert {file.stem for file in SAMPLES.glob("*.json")} == set(UPCASTS)
    for file in SAMPLES.glob("*.json"):
        event = decode(file.read_bytes())
        assert event["type"] in FACTS
        FACTS[event["type"]].model_validate(event["data"])
        assert event["dataschema"] == f"urn:caseledger:schema:{event['type']}"


def test_a_sample_is_canonical_and_kept_byte_for_byte() -> None:
    assert canonical(json.loads(V0)) == V0
    event = Event.from_bytes(V0)
    assert event.type_name == "petition.case.received.v1"
    assert event.encode() == V0


@pytest.mark.parametrize(("ref", "anonymous"), [("p-1", False), (None, True)])
def test_the_first_shape_of_a_receipt_said_persons_and_nothing_about_anonymity(
    ref: str | None, anonymous: bool
) -> None:
    stored = json.loads(V0)
    if ref is None:
        del stored["data"]["petitioner_ref"]
    data = upcast(stored)["data"]
    assert data["people_count"] == 3
    assert data["anonymous"] is anonymous
    assert "persons" not in data
    assert "persons" in stored["data"]


def test_a_present_or_unknown_type_is_left_alone() -> None:
    for name in ("petition.case.received.v1", "petition.vault.sealed.v9"):
        event = {"type": name, "data": {"x": 1}}
        assert upcast(event) == event


def test_a_case_that_began_in_the_first_shape_goes_on_today() -> None:
    world = World()
    world.memory.put([Event.from_bytes(V0)], actions=[], rows=[], snapshots=None)
    world.when("register_petition", case="XF500229-2024-000001", repeat_of=...).then_recorded("case.registered")
    assert [event["sequence"] for event in world.events] == ["1", "2"]
    world.given(step("rate", case="XF500229-2024-000001"))
