"""The published JSON Schemas (2020-12) of every action and event, generated from the models into `docs/schemas/`.

`python -m infra.schemas` writes them. The schema of a released event type never changes (`released.json`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from consumers.announce import FINDING_TYPE, PARKED_TYPE
from domain.base import Action, Fact, live_fields
from domain.case.handoff import TRI_PARTY_ADDRESSEES
from domain.event import SCHEMA_BASE, canonical
from domain.language import ACTIONS, FACTS
from domain.record import RecordAction
from infra.feed_schemas import feed_schema

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"
RELEASED = "released.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE_REQUIRED = (
    "specversion", "id", "source", "type", "subject", "datacontenttype", "dataschema", "sequence", "time",
    "recordedtime", "recorderid", "actionid", "actiondigest", "data",
)  # fmt: skip
_ANNOTATIONS = frozenset({"title", "description", "$comment"})


def without_null(schema: Any) -> Any:
    """A generated schema without titles, defaults and null branches: what is unknown is absent."""
    if isinstance(schema, list):
        return [without_null(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: part for name, part in schema.items() if name not in ("title", "default") or not _is_keyword(part)}
    branches = kept.get("anyOf")
    if isinstance(branches, list):
        kept["anyOf"] = [branch for branch in branches if branch != {"type": "null"}]
        if len(kept["anyOf"]) == 1:
            kept |= kept.pop("anyOf")[0]
    return {name: without_null(part) for name, part in kept.items()}


def _is_keyword(part: Any) -> bool:
    """Whether `title` or `default` is the keyword and not a property of that name."""
    return not isinstance(part, dict)


def _model_schema(model: type[Action] | type[Fact], identity: str, title: str) -> dict[str, Any]:
    schema = without_null(model.model_json_schema())
    return {"$schema": DIALECT, "$id": identity, "title": title, **schema}


def action_schema(verb: str, *, history: bool) -> dict[str, Any]:
    """The schema of one verb: as live work states it, or as imported history may know it."""
    model = ACTIONS[verb]
    identity = f"{SCHEMA_BASE}action:{'history:' if history else ''}{verb}"
    schema = _model_schema(model, identity, f"{verb} ({'history' if history else 'live'})")
    if not history:
        required = set(schema["required"]) | set(live_fields(model))
        schema["required"] = [name for name in schema["properties"] if name in required]
        schema["$defs"]["By"]["required"] = ["staff", "unit", "role"]
    return schema | _conditions(verb, history)


def _conditions(verb: str, history: bool) -> dict[str, Any]:
    """What a verb demands of several fields together."""
    if issubclass(ACTIONS[verb], RecordAction):
        return {"oneOf": [{"required": [key]} for key in RecordAction.SUBJECT_KEYS]}
    if verb == "route":
        claim = {"properties": {"purpose": {"const": "claim"}}}
        return {"if": {"required": ["route", "purpose"]}, "then": claim}
    if verb == "hand_over":
        three = {"properties": {"to": {"minItems": TRI_PARTY_ADDRESSEES, "maxItems": TRI_PARTY_ADDRESSEES}}}
        return {"if": {"properties": {"mode": {"const": "tri_party"}}}, "then": three}
    if verb == "pay_grant" and not history:
        return {"if": {"not": {"properties": {"method": {"const": "cash"}}}}, "then": {"required": ["account"]}}
    return {}


def event_schema(type_name: str) -> dict[str, Any]:
    """The schema of an event type's payload (`data`)."""
    return _model_schema(FACTS[type_name], SCHEMA_BASE + type_name, type_name)


def envelope_schema() -> dict[str, Any]:
    """The schema of every event's envelope; `data` follows the schema named by `dataschema`."""
    stated = without_null(Action.model_json_schema())["properties"]
    instant = stated["at"]
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    decimal = {"type": "string", "pattern": "^[1-9][0-9]*$"}
    text = {"type": "string", "minLength": 1}
    type_pattern = r"^petition\.[a-z]+\.[a-z_]+\.v[0-9]+$"
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"},
        "source": {"type": "string", "pattern": "^/[0-9]{6}(/[A-Za-z0-9._-]+)*$"},
        "type": {"type": "string", "pattern": type_pattern},
        "subject": text,
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "pattern": "^urn:caseledger:schema:" + type_pattern[1:]},
        "sequence": decimal,
        "time": instant,
        "timeprecision": {"const": "day"},
        "recordedtime": {
            "type": "string",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$",
        },
        "enteredtime": instant,
        "importid": digest,
        "importline": decimal,
        "actorid": text,
        "actorunit": text,
        "actorrole": text,
        "recorderid": text,
        "actionid": stated["action_id"],
        "actiondigest": digest,
        "correlationid": {"type": "string", "pattern": "^XF[0-9]{6}-[0-9]{4}-[0-9]{6}$"},
        "data": {"type": "object"},
    }
    return {
        "$schema": DIALECT,
        "$id": SCHEMA_BASE + "event",
        "title": "event envelope",
        "description": "事件信封: the CloudEvents 1.0 attributes of every event.",
        "type": "object",
        "additionalProperties": False,
        "required": list(ENVELOPE_REQUIRED),
        "properties": properties,
    }


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema file by its path under `docs/schemas/`."""
    yield "event.schema.json", envelope_schema()
    for verb in ACTIONS:
        yield f"actions/{verb}.schema.json", action_schema(verb, history=False)
        yield f"actions/history/{verb}.schema.json", action_schema(verb, history=True)
    for type_name in FACTS:
        yield f"events/{type_name}.schema.json", event_schema(type_name)
    for kind in (FINDING_TYPE, PARKED_TYPE):
        yield f"feeds/{kind}.schema.json", feed_schema(kind, DIALECT)


def digest(schema: dict[str, Any]) -> str:
    """SHA-256 of what a schema demands; its titles and descriptions may be reworded."""
    return hashlib.sha256(canonical(_demands(schema))).hexdigest()


def _demands(schema: Any, is_keyed: bool = False) -> Any:
    if isinstance(schema, list):
        return [_demands(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: part for name, part in schema.items() if is_keyed or name not in _ANNOTATIONS}
    return {name: _demands(part, name in ("properties", "$defs") and not is_keyed) for name, part in kept.items()}


def rendered(document: Any) -> str:
    """The file's text."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def write(folder: Path = FOLDER) -> None:
    """Write every schema; new event types are added to `released.json`, known ones are left as they were released."""
    for path, schema in documents():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(rendered(schema), encoding="utf-8")
    file = folder / RELEASED
    released: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    added = {name: digest(event_schema(name)) for name in FACTS if name not in released}
    file.write_text(rendered(dict(sorted((released | added).items()))), encoding="utf-8")


if __name__ == "__main__":
    write()
