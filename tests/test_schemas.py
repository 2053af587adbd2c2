"""The published schemas: equal to the code, never changed once released, and true of a whole recorded year."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domain.answers import ImportItem
from domain.base import live_fields
from domain.event import canonical, decode
from domain.language import ACTIONS, FACTS
from infra.catalogue import FILE, sentence, text
from infra.reference_year.generator import generate
from infra.schemas import (
    FOLDER,
    RELEASED,
    action_schema,
    digest,
    documents,
    envelope_schema,
    event_schema,
    rendered,
)
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger, open_ledger
from tests.support.examples import EXAMPLES
from tests.support.given import World, ready_for

ADVICE = "a released schema never changes: add v{next} with an upcaster in domain/upcasts.py (README, docs/events.md)"
BATCH = 1_000


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


LIVE = {verb: validator(action_schema(verb, history=False)) for verb in ACTIONS}
HISTORY = {verb: validator(action_schema(verb, history=True)) for verb in ACTIONS}
PAYLOAD = {name: validator(event_schema(name)) for name in FACTS}
ENVELOPE = validator(envelope_schema())


def check_event(event: dict[str, Any]) -> None:
    """The envelope and the payload are valid."""
    ENVELOPE.validate(event)
    assert event["dataschema"] == PAYLOAD[event["type"]].schema["$id"]
    PAYLOAD[event["type"]].validate(event["data"])


def test_files_and_code_are_equal() -> None:
    expected = dict(documents())
    present = {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.schema.json")}
    assert present == set(expected)
    for path, schema in expected.items():
        assert (FOLDER / path).read_text(encoding="utf-8") == rendered(schema), f"{path}: run `python -m infra.schemas`"


@pytest.mark.parametrize("name", sorted(FACTS))
def test_the_schema_of_a_released_event_never_changes(name: str) -> None:
    released = json.loads((FOLDER / RELEASED).read_text(encoding="utf-8"))
    version = int(name.rpartition(".v")[2])
    assert name in released, f"{name} is new: run `python -m infra.schemas`"
    assert digest(event_schema(name)) == released[name], ADVICE.format(next=version + 1)


def test_every_released_event_is_still_read() -> None:
    released = json.loads((FOLDER / RELEASED).read_text(encoding="utf-8"))
    from domain.upcasts import UPCASTS

    assert set(released) <= set(FACTS) | set(UPCASTS)


def test_a_changed_demand_changes_the_digest_and_a_reworded_description_does_not() -> None:
    schema = event_schema("petition.case.received.v1")
    reworded = schema | {"description": "other words", "title": "another title"}
    assert digest(reworded) == digest(schema)
    for change in ({"required": []}, {"additionalProperties": True}):
        assert digest(schema | change) != digest(schema)
    described = copy.deepcopy(schema)
    described["properties"]["description"] = {"type": "string"}
    assert digest(described) != digest(schema)


def objects_in(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from objects_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects_in(part)


def test_every_schema_is_closed_names_itself_and_knows_no_null() -> None:
    for path, schema in documents():
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"].startswith("urn:caseledger:schema:")
        assert '"null"' not in json.dumps(schema), path
        closed = [one for one in objects_in(schema) if "properties" in one]
        assert all(one["additionalProperties"] is False for one in closed), path
    assert event_schema("petition.case.received.v1")["$id"] == "urn:caseledger:schema:petition.case.received.v1"


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_the_example_of_each_verb_is_valid_live_and_as_history(verb: str) -> None:
    line = ready_for(verb).line(verb)
    LIVE[verb].validate(line)
    HISTORY[verb].validate(line)


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_schema_and_ledger_agree_on_every_field_left_out(verb: str) -> None:
    """One field less: the live schema takes exactly what live work takes, the history schema what history takes."""
    whole = ready_for(verb).line(verb)
    for name in whole:
        for history, schema in ((False, LIVE[verb]), (True, HISTORY[verb])):
            world = ready_for(verb)
            line = {key: value for key, value in world.line(verb).items() if key != name}
            error = world.send(line, history=history).error
            if error is None or error.code not in ("missing_field", "unknown_action"):
                assert schema.is_valid(line), (verb, name, history)
            elif error.field == name:
                assert not schema.is_valid(line), (verb, name, history)


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_the_event_of_each_example_is_valid(verb: str) -> None:
    world = ready_for(verb)
    assert world.when(verb).answer.accepted
    for event in world.events:
        check_event(event)


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_the_event_of_what_history_hardly_knows_is_valid(verb: str) -> None:
    world = ready_for(verb)
    absent = dict.fromkeys([*live_fields(ACTIONS[verb]), "by"], ...)
    if verb == "confirm_approval":
        absent = {}
    outcome = world.when(verb, history=True, **absent)
    assert outcome.answer.error is None, outcome.answer.to_json()
    for event in outcome.events:
        check_event(event)


def strange(value: Any, rng: Random) -> Any:
    """A value that no field of this kind takes."""
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return rng.choice([None, 7, {"a": 1}])
    return rng.choice([None, "x", 7])


def mutations(data: dict[str, Any], rng: Random) -> Iterator[dict[str, Any]]:
    """The payload with a field too many, and with a field of another kind."""
    yield data | {"surprise": 1}
    fields = [name for name in data if name not in ("was", "now")]
    if fields:
        name = rng.choice(fields)
        yield data | {name: strange(data[name], rng)}


@pytest.fixture(scope="module")
def recorded_year(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The whole reference year through the real store; every action accepted."""
    settings = Settings(data=tmp_path_factory.mktemp("year") / "ledger")
    assert create_ledger(settings)
    actions = list(generate())
    importid = "ab" * 32
    with open_ledger(settings) as ledger:
        ledger.open_import(importid, "sha256:" + importid, 1, "history", "typist")
        for start in range(0, len(actions), BATCH):
            part = actions[start : start + BATCH]
            batch = [ImportItem(start + place, action) for place, action in enumerate(part, start=1)]
            answers = ledger.record_import(batch, importid, True)
            refused = [answer.to_json() for answer in answers if answer.error is not None]
            assert refused == []
    return [decode(event.raw) for event in SqliteSource(settings.ledger_file).read()]


def test_every_event_of_the_reference_year_is_valid(recorded_year: list[dict[str, Any]]) -> None:
    assert len(recorded_year) > 15_000
    for event in recorded_year:
        check_event(event)
    assert [event["recordedtime"] for event in recorded_year] == sorted(
        event["recordedtime"] for event in recorded_year
    )


def test_a_sample_of_the_year_altered_is_not_valid(recorded_year: list[dict[str, Any]]) -> None:
    rng = Random(2025)
    for event in rng.sample(recorded_year, 300):
        for altered in mutations(event["data"], rng):
            assert not PAYLOAD[event["type"]].is_valid(altered), (event["type"], altered)
        for name in ("id", "recordedtime", "sequence", "actiondigest", "data"):
            assert not ENVELOPE.is_valid({**event, name: 7})
            assert not ENVELOPE.is_valid({key: value for key, value in event.items() if key != name})
        assert not ENVELOPE.is_valid({**event, "Extra": "x"})


def test_every_action_of_the_year_is_valid_as_history() -> None:
    for action in generate():
        HISTORY[action["action"]].validate(action)


def test_the_catalogue_is_equal_to_the_code_and_speaks_both_languages() -> None:
    assert Path(FILE).read_text(encoding="utf-8") == text(), "run `python -m infra.catalogue`"
    for model in (*ACTIONS.values(), *FACTS.values()):
        chinese, english = sentence(model)
        assert not chinese.isascii(), model
        assert english, model


ROOT = FOLDER.parent.parent
FENCED = re.compile(r"^```json[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def objects_shown() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON object in a fenced block of a document."""
    decoder = json.JSONDecoder()
    for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for block in FENCED.findall(file.read_text(encoding="utf-8")):
            rest = block.strip()
            while rest:
                value, end = decoder.raw_decode(rest)
                rest = rest[end:].strip()
                if isinstance(value, dict):
                    yield file.name, value


def test_actions_and_events_shown_in_documents_are_valid() -> None:
    shown = list(objects_shown())
    assert [name for name, value in shown if "action" in value]
    for name, value in shown:
        if "action" in value:
            assert LIVE[value["action"]].is_valid(value) or HISTORY[value["action"]].is_valid(value), (name, value)
        elif "specversion" in value and value.get("type") in PAYLOAD:
            check_event(value)


def test_the_event_shown_in_the_catalogue_is_what_the_action_shown_records() -> None:
    action, event = (value for name, value in objects_shown() if name == "events.md")
    assert event["actiondigest"] == hashlib.sha256(canonical(action)).hexdigest()
    assert event["data"] == {key: action[key] for key in action if key in event["data"]} | {"unit": "MZJ"}


def test_a_line_that_the_ledger_takes_is_valid_by_its_schema() -> None:
    world = World()
    LIVE["receive_petition"].validate(world.line("receive_petition"))
    assert not LIVE["receive_petition"].is_valid(world.line("receive_petition", by={"staff": "S-1"}))
    assert HISTORY["receive_petition"].is_valid(world.line("receive_petition", by={"staff": "S-1"}))
    for verb, changes in (
        ("route", {"purpose": "other"}),
        ("hand_over", {"mode": "tri_party"}),
        ("correct_record", {"unit": "XF"}),
    ):
        assert not LIVE[verb].is_valid(ready_for(verb).line(verb, **changes))
        assert not HISTORY[verb].is_valid(ready_for(verb).line(verb, **changes))
    cash = ready_for("pay_grant").line("pay_grant", method="cash", account=...)
    assert LIVE["pay_grant"].is_valid(cash)
    assert not LIVE["pay_grant"].is_valid(cash | {"method": "subsidy_card"})
    assert set(EXAMPLES) == set(ACTIONS)
