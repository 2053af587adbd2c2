"""One line, one strict object: each way to be malformed is refused with its code, its field and its subject."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.errors import InvalidAction
from domain.reading import prepare
from domain.strict_json import LINE_BYTES_MAX, NESTING_MAX, read_object, read_plain
from tests.support.examples import EXAMPLES
from tests.support.given import World, given, step

HEAD = b'{"action":"rate","action_id":"x/1","at":"2025-03-04T10:20:00+08:00","case":"ref:A1"'
BY = b'"by":{"staff":"S-1","unit":"XF","role":"clerk"}'
RATE = HEAD + b"," + BY + b',"side":"office","grade":"satisfied","entered_via":"sms"}'


def refusal(raw: bytes) -> dict[str, Any]:
    with pytest.raises(InvalidAction) as caught:
        prepare(raw)
    answer = caught.value.to_json()
    json.dumps(answer, ensure_ascii=False).encode("utf-8")
    return answer


@pytest.mark.parametrize(
    ("member", "code", "field"),
    [
        (b'"by":{"staff":"S-1","staff":"S-2"}', "duplicate_key", "by.staff"),
        (b'"case":"ref:A1"', "duplicate_key", "case"),
        (b'"\\u0063ase":"ref:A1"', "duplicate_key", "case"),
        (b'"a":[0,{"b":{"c":1,"c":1}}]', "duplicate_key", "a.1.b.c"),
        (b'"side":NaN', "bad_json", "side"),
        (b'"side":Infinity', "bad_json", "side"),
        (b'"side":[-Infinity]', "bad_json", "side.0"),
        (b'"side":1.0', "float_not_allowed", "side"),
        (b'"side":1e3', "float_not_allowed", "side"),
        (b'"side":1E999', "float_not_allowed", "side"),
        (b'"side":[1,{"x":0.1}]', "float_not_allowed", "side.1.x"),
        (b'"side":null', "null_not_allowed", "side"),
        (b'"by":{"staff":null}', "null_not_allowed", "by.staff"),
        (b'"side":"\\ud800"', "bad_encoding", "side"),
        (b'"side":"a\\udc00\\ud800"', "bad_encoding", "side"),
        (b'"\\ud800":1', "bad_encoding", "?"),
        (b'"side":"\xff"', "bad_encoding", "side"),
        (b'"side":"\xed\xa0\x80"', "bad_encoding", "side"),
        (b'"side":"\xc0\x80"', "bad_encoding", "side"),
        (b'"side":"a\x01b"', "control_character", "side"),
        (b'"side":"a\nb"', "control_character", "side"),
        (b'"by":{"staff":"a\tb"}', "control_character", "by.staff"),
        (b'"a\\u0001":1', "control_character", "a\x01"),
        (b'"a\\n":1', "control_character", "a\n"),
        (b'"side":9007199254740992', "number_range", "side"),
        (b'"side":-9007199254740992', "number_range", "side"),
        (b'"a":[' + b"9" * 5000 + b"]", "number_range", "a.0"),
        (b'"side":9007199254740991', "wrong_type", "side"),
        (b'"surprise":1', "unknown_field", "surprise"),
        (b'"by":{"staff":"S","unit":"X","role":"clerk","rank":1}', "unknown_field", "by.rank"),
        (b'"by":[]', "wrong_type", "by"),
        (b'"side":7', "wrong_type", "side"),
        (b'"side":["office"]', "wrong_type", "side"),
        (b'"side":"Office"', "bad_value", "side"),
        (b'"by":"S-1"', "wrong_type", "by"),
        (b'"a":' + b"[" * 32 + b"]" * 32, "too_deep", "a" + ".0" * 31),
        (b'"a":' + b"[" * 31 + b"]" * 31, "unknown_field", "a"),
    ],
)  # fmt: skip
def test_a_strange_member_is_refused_with_its_place(member: bytes, code: str, field: str) -> None:
    answer = refusal(HEAD + b"," + member + b"}")
    assert (answer["code"], answer["field"], answer["subject"]) == (code, field, "ref:A1")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "bad_json"),
        (b" ", "bad_json"),
        (b"\xef\xbb\xbf" + RATE, "bom"),
        (RATE.decode().encode("utf-16"), "bad_encoding"),
        (RATE.decode().encode("utf-16-be"), "bad_json"),
        (RATE[:-1], "bad_json"),
        (RATE[:40], "bad_json"),
        (RATE + RATE, "bad_json"),
        (RATE + b",", "bad_json"),
        (b"[" + RATE + b"]", "bad_json"),
        (b'"rate"', "bad_json"),
        (b"17", "bad_json"),
        (b"null", "bad_json"),
        (b"{'action':'rate'}", "bad_json"),
        (b'{"a":01}', "bad_json"),
        (b'{"a":+1}', "bad_json"),
        (b'{"a":"\\x41"}', "bad_json"),
        (b'{"a":1,}', "bad_json"),
        (b'{"a":tru}', "bad_json"),
        (b"[" * 60_000, "too_deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep"),
        (b"\x00" * 10, "bad_json"),
        (b"{}", "missing_field"),
        (b'{"action":"fly"}', "unknown_action"),
        (b'{"action":7}', "wrong_type"),
        (b'{"action":"open_import"}', "reserved"),
    ],
)
def test_what_is_no_object_of_the_language_is_refused(raw: bytes, code: str) -> None:
    assert refusal(raw)["code"] == code


def padded(size: int) -> bytes:
    """A valid line of exactly this many bytes, grown with space."""
    return RATE[:-1] + b" " * (size - len(RATE)) + b"}"


def test_a_line_has_at_most_65535_bytes() -> None:
    assert LINE_BYTES_MAX == 65_535
    assert prepare(padded(65_535)).action.action_id == "x/1"
    assert refusal(padded(65_536))["code"] == "line_too_long"


@pytest.mark.parametrize("levels", [NESTING_MAX, NESTING_MAX + 1])
def test_a_line_has_at_most_32_levels(levels: int) -> None:
    raw = b'{"a":' * levels + b"1" + b"}" * levels
    if levels == 32:
        assert read_object(raw)
    else:
        with pytest.raises(InvalidAction, match="32"):
            read_object(raw)


@pytest.mark.parametrize(("size", "accepted"), [(1, True), (128, True), (129, False), (0, False)])
def test_an_action_id_has_1_to_128_characters(size: int, accepted: bool) -> None:
    outcome = World().when("receive_petition", action_id="案" * size)
    if accepted:
        outcome.then_recorded("case.received")
    else:
        outcome.then_refused("bad_value", "action_id")


@pytest.mark.parametrize("character", ["\x00", "\n", "\x1f", "\x7f"])
def test_an_action_id_has_no_control_character_and_free_text_may_have_an_escaped_one(character: str) -> None:
    World().when("receive_petition", action_id=f"a{character}b").then_refused("bad_value", "action_id")
    world = given(step("receive_petition"))
    world.when("register_petition", repeat_of=..., content_class=f"a{character}b").then_recorded("case.registered")


@pytest.mark.parametrize(("size", "accepted"), [(0, True), (500, True), (501, False)])
def test_free_text_has_at_most_500_characters(size: int, accepted: bool) -> None:
    outcome = given(step("receive_petition")).when("register_petition", repeat_of=..., content_class="信" * size)
    if accepted:
        outcome.then_recorded("case.registered")
    else:
        outcome.then_refused("bad_value", "content_class", "ref:A1")


@pytest.mark.parametrize(("size", "accepted"), [(200, True), (201, False)])
def test_a_list_has_at_most_200_items(size: int, accepted: bool) -> None:
    units = [f"U{number}" for number in range(size)]
    for verb, field in (("receive_petition", "about_units"), ("report_urgent", "to")):
        world = World() if verb == "receive_petition" else given(step("receive_petition"))
        outcome = world.when(verb, **{field: units})
        assert outcome.answer.accepted is accepted
        if not accepted:
            outcome.then_refused("bad_value", field)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("ref:" + "a" * 120, None), ("ref:" + "a" * 121, "bad_value"), ("ref:", "bad_value"), ("A17", "bad_value"),
        ("ref:A 17", "bad_value"), ("ref:案", "bad_value"), ("ref:A17\n", "bad_value"), ("ref:A._:/-9", None),
        ("XF500229-2025-000001", "bad_value"), (17, "wrong_type"),
    ],
)  # fmt: skip
def test_a_ref_is_a_name_of_1_to_120_plain_characters(case: Any, code: str | None) -> None:
    outcome = World().when("receive_petition", case=case)
    if code is None:
        outcome.then_recorded("case.received", ref=case)
    else:
        outcome.then_refused(code, "case")


def test_a_null_is_taken_only_as_was_and_now() -> None:
    world = given(step("receive_petition", superior_due_on=...))
    line = world.line("correct_record", field="/superior_due_on", was=None, now="2025-05-01")
    assert world.send(json.dumps(line).encode()).accepted
    line = world.line("correct_record", field="/superior_due_on", was="2025-05-01", now=None)
    assert world.send(json.dumps(line).encode()).accepted
    line = world.line("correct_record", reason=None)
    assert world.send(json.dumps(line).encode()).error.code == "null_not_allowed"  # type: ignore[union-attr]


@pytest.mark.parametrize("verb", sorted(EXAMPLES))
@pytest.mark.parametrize("style", [{"separators": (",", ":")}, {}, {"indent": 1}, {"ensure_ascii": False}])
def test_spelling_does_not_change_what_a_line_says(verb: str, style: dict[str, Any]) -> None:
    line = given(step("receive_petition")).line(verb)
    spelled = prepare(json.dumps(line, **style).encode())
    assert spelled.raw == line
    assert spelled.digest == prepare(line).digest


def test_a_repeated_key_is_never_hidden_by_spaces() -> None:
    """Whatever the spelling of the rest, the quick way never takes a line in which a key stands twice."""
    for spaces in range(60):
        raw = RATE[:-1] + b',"case":"ref:A1"' + b" " * spaces + b"}"
        assert read_plain(raw) is None
        assert refusal(raw)["code"] == "duplicate_key"
        spread = raw.replace(b'","', b'", "', spaces)
        assert refusal(spread)["code"] == "duplicate_key"


@pytest.mark.parametrize("raw", [b'{"a":1.5}', b'{"a":1e400}'])
def test_the_quick_way_leaves_decimals_to_the_careful_one(raw: bytes) -> None:
    assert refusal(raw[:-1] + b',"action":"rate"}')["code"] == "float_not_allowed"
