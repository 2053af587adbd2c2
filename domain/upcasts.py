"""How yesterday's event shapes are read today. The stored bytes stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def _received_v0(event: dict[str, Any]) -> dict[str, Any]:
    """v0 called the number of people `persons` and had no `anonymous`: who gave no ref was anonymous."""
    data = dict(event["data"])
    if "persons" in data:
        data["people_count"] = data.pop("persons")
    data.setdefault("anonymous", "petitioner_ref" not in data)
    return {**event, "type": "petition.case.received.v1", "data": data}


UPCASTS: dict[str, Upcast] = {
    "petition.case.received.v0": _received_v0,
}


def upcast(event: dict[str, Any]) -> dict[str, Any]:
    """Bring an event to its newest shape, one step at a time; an unknown type is left alone."""
    while (step := UPCASTS.get(event["type"])) is not None:
        before, event = event["type"], step(event)
        if "dataschema" in event:
            event = {**event, "dataschema": event["dataschema"].replace(before, event["type"])}
    return event
