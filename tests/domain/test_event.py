"""One event, one byte string: RFC 8785 bytes, an envelope by the contract, written once."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from domain.errors import InvalidAction, Tampered
from domain.event import ENVELOPE_ATTRIBUTES, EVENT_BYTES_MAX, Event, canonical, decode
from domain.fields import SAFE_INTEGER
from tests.support.examples import AT, DOC
from tests.support.given import IMPORT_ID, World, given, ready_for, step

ALWAYS = {
    "specversion", "id", "source", "type", "subject", "datacontenttype", "dataschema", "sequence", "time",
    "recordedtime", "recorderid", "actionid", "actiondigest", "data",
}  # fmt: skip
ACTOR = {"actorid", "actorunit", "actorrole"}
SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def jcs(value: Any) -> bytes:
    """RFC 8785 written down a second time, for values without floats."""
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    if isinstance(value, int):
        return str(value).encode()
    if isinstance(value, str):
        escaped = (SHORT.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 else c) for c in value)
        return ('"' + "".join(escaped) + '"').encode("utf-8")
    if isinstance(value, list):
        return b"[" + b",".join(jcs(item) for item in value) + b"]"

    def units(key: str) -> list[int]:
        raw = key.encode("utf-16-be")
        return [raw[place] * 256 + raw[place + 1] for place in range(0, len(raw), 2)]

    return b"{" + b",".join(jcs(key) + b":" + jcs(value[key]) for key in sorted(value, key=units)) + b"}"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEYS = st.one_of(TEXT, st.sampled_from(["\ufb33", "\U0001f600", "\uffff", "\U00010000", "a", "\r", "€", "\x80"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE_INTEGER, SAFE_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=600, deadline=None)
@for_any(VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == jcs(value)
    assert json.loads(canonical(value)) == value


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    """The example of RFC 8785 §3.2.3: an emoji (D83D…) stands before U+FB33 though its code point is greater."""
    keys = ["€", "\r", "\ufb33", "1", "\U0001f600", "\x80", "ö"]
    encoded = canonical(dict.fromkeys(keys, 1))
    assert list(json.loads(encoded)) == ["\r", "1", "\x80", "ö", "€", "\U0001f600", "\ufb33"]
    nested = canonical({"outer": [{"\ufb33": 1, "\U0001f600": 2}]})
    assert nested == '{"outer":[{"\U0001f600":2,"\ufb33":1}]}'.encode()


@pytest.mark.parametrize("text", ["a/b", "\x7f", "\u2028\u2029", "é", "<>&'", "\x00\x1f\x0b", "\U0010ffff"])
def test_texts_are_escaped_only_where_they_must_be(text: str) -> None:
    assert canonical(text) == jcs(text)


def everything() -> World:
    """A ledger with events of every aggregate."""
    return ready_for("receive_recovery").given(step("declare_unit"), step("receive_recovery"), step("declare_cutover"))


def test_stored_bytes_are_the_canonical_bytes_of_what_they_say() -> None:
    world = everything().given(
        step("receive_petition", case="ref:E", external_numbers={"\U0001f600": "1", "\ufb33": "2", "信": "\u2028"})
    )
    for raw in world.memory.raw:
        assert raw == jcs(json.loads(raw)) == canonical(decode(raw))


def test_the_envelope_of_live_work() -> None:
    world = given(step("receive_petition"))
    (event,) = world.events
    assert set(event) == ALWAYS | ACTOR
    line = World().line("receive_petition")
    assert event["specversion"] == "1.0"
    assert event["source"] == "/500229/petition-office"
    assert event["type"] == "petition.case.received.v1"
    assert event["dataschema"] == "urn:caseledger:schema:petition.case.received.v1"
    assert event["datacontenttype"] == "application/json"
    assert (event["subject"], event["sequence"]) == ("XF500229-2025-000001", "1")
    assert (event["time"], event["recordedtime"]) == (AT, "2026-01-15T02:00:00.000000Z")
    assert (event["actorid"], event["actorunit"], event["actorrole"]) == ("S-001", "XF", "registrar")
    assert event["recorderid"] == "typist"
    assert event["actionid"] == line["action_id"]
    assert event["actiondigest"] == hashlib.sha256(jcs(line)).hexdigest()


def test_the_envelope_of_imported_history() -> None:
    world = World()
    world.when("receive_petition", history=True, entered_at="2025-03-05T01:00:00Z", at_precision="day", by=...)
    (event,) = world.events
    assert set(event) == ALWAYS | {"enteredtime", "importid", "importline", "timeprecision"}
    assert event["enteredtime"] == "2025-03-05T01:00:00Z"
    assert (event["importid"], event["importline"]) == (IMPORT_ID, "7")
    assert event["timeprecision"] == "day"
    assert event["recorderid"] == "typist"


@pytest.mark.parametrize("by", [{"staff": "S-001"}, {"unit": "XF"}, {"role": "clerk"}, {}])
def test_what_is_unknown_of_the_actor_is_absent(by: dict[str, str]) -> None:
    world = World()
    world.when("receive_petition", history=True, by=by).then_recorded("case.received")
    assert set(world.events[0]) - ALWAYS == {"importid", "importline"} | {
        f"actor{'id' if k == 'staff' else k}" for k in by
    }


def test_attribute_names_are_lower_case_letters_and_digits() -> None:
    assert all(re.fullmatch(r"[a-z0-9]+", name) for name in ENVELOPE_ATTRIBUTES)
    for event in everything().events:
        assert set(event) <= {*ENVELOPE_ATTRIBUTES, "data"}


def test_the_case_is_named_beside_events_of_grants_and_of_their_fund_and_nowhere_else() -> None:
    for event in everything().events:
        kind = event["type"].split(".")[1]
        of_grant = kind == "grant" or "grant" in event["data"]
        assert event.get("correlationid") == ("XF500229-2025-000001" if of_grant else None), event["type"]


def test_sequences_have_no_gap_inside_a_subject() -> None:
    seen: dict[str, list[str]] = {}
    for event in everything().events:
        seen.setdefault(event["subject"], []).append(event["sequence"])
    for sequences in seen.values():
        assert sequences == [str(number) for number in range(1, len(sequences) + 1)]


def listing(world: World, size: int) -> dict[str, Any]:
    """A line of exactly this many bytes: an outside list of long numbers."""
    line = world.line("declare_external_list", numbers=[])
    while (spare := size - len(canonical(line))) > 480:
        line["numbers"].append("N" * 450)
    line["system"] += "s" * spare
    assert len(canonical(line)) == size
    return line


def test_a_line_within_its_limit_may_still_be_too_large_as_an_event() -> None:
    """The envelope is longer than what the action says of itself; the line is refused whole, with its subject."""
    world = World()
    assert world.send(listing(world, 64_500)).accepted
    error = world.send(listing(world, 65_535)).error
    assert error is not None
    assert (error.code, error.subject) == ("too_large", "ledger")
    assert len(world.memory.raw) == 1


def test_a_larger_event_is_refused_before_it_is_written() -> None:
    attributes = {"subject": "x", "sequence": "1", "data": ""}
    spare = EVENT_BYTES_MAX - len(canonical(attributes))
    assert len(Event({**attributes, "data": "a" * spare}).encode()) == EVENT_BYTES_MAX
    with pytest.raises(InvalidAction, match="65,535") as caught:
        Event({**attributes, "data": "a" * (spare + 1)}).encode()
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"type":1}x', b"\xff"])
def test_bytes_that_are_no_event_are_tampered(raw: bytes) -> None:
    with pytest.raises(Tampered):
        decode(raw)


def test_an_event_is_read_back_with_its_bytes() -> None:
    raw = given(step("receive_petition")).memory.raw[0]
    event = Event.from_bytes(raw)
    assert event.encode() is raw
    assert (event.originator_id, event.originator_version) == ("XF500229-2025-000001", 1)
    assert event.data["content"] == DOC
