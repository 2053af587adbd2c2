"""The AsyncAPI document names every topic, and everything that it refers to is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from consumers.topics import topics_of
from domain.language import FACTS
from infra.kafka.asyncapi import LEDGER, document

DOCS = Path(__file__).parents[2] / "docs"


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def resolved(whole: dict[str, Any], reference: str) -> Any:
    """What a reference leads to, within the document or in a file beside it."""
    if not reference.startswith("#/"):
        return json.loads((DOCS / reference).read_text(encoding="utf-8"))
    found: Any = whole
    for step in reference[2:].split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")]
    return found


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    found = set(references(whole))
    assert len(found) > len(FACTS)
    for reference in found:
        assert resolved(whole, reference)


def test_every_topic_has_its_channel_and_every_event_type_its_payload() -> None:
    whole = document()
    assert whole["asyncapi"].startswith("3.")
    addresses = {channel["address"].replace(LEDGER, "500229.petition-office") for channel in whole["channels"].values()}
    assert addresses == set(topics_of("/500229/petition-office"))
    branches = whole["components"]["schemas"]["events"]["schema"]["oneOf"]
    assert {one["properties"]["type"]["const"] for one in branches} == set(FACTS)
    actions = {name: operation["action"] for name, operation in whole["operations"].items()}
    assert actions == {
        "events": "send",
        "checkpoints": "send",
        "findings": "send",
        "parked": "send",
        "project": "receive",
    }
