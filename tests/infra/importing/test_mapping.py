"""The mapping file: closed, and every mistake in it is named by its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.importing.mapping import load_mapping, parse_mapping
from infra.importing.problems import ImportFault
from infra.importing.templates import Template

GOOD = """
[source]
format = "csv"
[identity]
name = "old"
key = "{id}"
[[action]]
action = "register_petition"
[action.fields]
at = { column = "t", as = "instant" }
case = "ref:old/{id}"
"""


def refused(text: str) -> ImportFault:
    with pytest.raises(ImportFault) as fault:
        parse_mapping(text.encode())
    assert fault.value.code == "bad_mapping"
    return fault.value


def test_a_good_mapping_knows_the_columns_it_reads() -> None:
    mapping = parse_mapping(GOOD.encode())
    assert mapping.columns() == {"id", "t"}
    assert len(mapping.digest) == 64


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('format = "csv"', 'format = "csv"\nspeed = 3', "source.speed"),
        ('format = "csv"', 'format = "ods"', "source.format"),
        ('format = "csv"', 'format = "csv"\nzone = "Mars/Phobos"', "source"),
        ('name = "old"', 'name = "two words"', "identity.name"),
        ('key = "{id}"', 'key = "always the same"', "identity"),
        ('at = { column = "t", as = "instant" }', 'at = { column = "t", as = "moment" }', "action.0.fields.at"),
        ('at = { column = "t", as = "instant" }', 'at = { column = "t", constant = "x" }', "action.0.fields.at"),
        ('case = "ref:old/{id}"', 'case = "ref:old/{id"', "action.0.fields.case"),
        ("[action.fields]", 'when = { equals = "x" }\n[action.fields]', "action.0.when"),
        ("[action.fields]", "when = {}\n[action.fields]", "action.0.when"),
        ("[action.fields]", 'when = { column = "a", matches = "(" }\n[action.fields]', "action.0.when"),
        ("[action.fields]", 'per = "event"\n[action.fields]', "(whole file)"),
        ('case = "ref:old/{id}"', 'case = "{@nowhere}"', "(whole file)"),
        ('key = "{id}"', "", "(whole file)"),
    ],
)
def test_a_mistake_is_refused_with_its_key(old: str, new: str, key: str) -> None:
    fault = refused(GOOD.replace(old, new))
    assert fault.field is not None
    assert fault.field.startswith(key)
    assert key in fault.message


@pytest.mark.parametrize(
    "line",
    [
        'received_at = { constant = "2025-03-04T00:00:00+08:00" }',
        'received_at = "2025-03-04T00:00:00+08:00"',
        'due_on = { first_of = ["{due}", "2025-12-31"] }',
        "amount_fen = { constant = 100 }",
        'received_at = { template = "{day} 12:00:00", as = "instant" }',
        'received_at = { column = "t", as = "instant", replace = { am = "09:00" } }',
        'received_at = { column = "t", as = "instant", map = { old = "2025-03-04" } }',
        "rules.cap_fen = { constant = 100 }",
        'action_id = "{id}"',
    ],
)
def test_a_mapping_cannot_state_times_days_or_amounts_itself(line: str) -> None:
    assert refused(GOOD + line).field == "action.0"


def test_a_mapping_cannot_state_a_time_through_a_definition_either() -> None:
    text = GOOD + 'due_on = "{@due}"\n[define]\ndue = "2025-12-31"\n'
    assert "must come from the source" in refused(text).message
    assert "a definition is a text" in refused(GOOD + '[define]\nt = { column = "t", as = "instant" }').message


def test_a_date_and_an_hour_of_two_columns_may_be_joined() -> None:
    parse_mapping((GOOD + 'received_at = { template = "{day} {hour}", as = "instant" }').encode())


def test_an_action_without_a_time_of_its_own_is_refused() -> None:
    assert "`at` is missing" in refused(GOOD.replace('at = { column = "t", as = "instant" }', "")).message


def test_a_fallback_needs_a_value_map_and_is_never_a_time() -> None:
    line = 'received_at = { column = "t", as = "instant", map = { a = "b" }, otherwise = { constant = "2025-01-01" } }'
    assert "otherwise" in refused(GOOD + line).message


def test_two_rules_of_one_verb_need_names_of_their_own() -> None:
    rule = GOOD[GOOD.index("[[action]]") :]
    assert "register_petition" in refused(GOOD + rule).message
    parse_mapping((GOOD + rule.replace("[action.fields]", 'id = "again"\n[action.fields]')).encode())


def test_definitions_cannot_go_round_in_a_circle() -> None:
    assert "must stand above" in refused(GOOD + '[define]\na = "{@b}"\nb = "{@a}"').message


@pytest.mark.parametrize("raw", [b"\xff", b"[source", b""])
def test_what_is_no_mapping_at_all_is_refused(raw: bytes) -> None:
    refused_by = None
    try:
        parse_mapping(raw)
    except ImportFault as fault:
        refused_by = fault.code
    assert refused_by == "bad_mapping"


def test_doubled_braces_stand_for_themselves_and_half_a_name_is_no_name() -> None:
    template = Template.parse("{{{a}}}-{b}")
    assert template.fill({"a": "1", "b": "2"}.get) == "{1}-2"
    assert template.fill({"a": "1"}.get) is None
    assert Template.parse("").fill({}.get) == ""


@pytest.mark.parametrize("name", ["%Q", "excel", "%Y/%m/", "%Y/%m/%", ""])
def test_a_format_that_can_read_nothing_is_refused(name: str) -> None:
    line = f'received_at = {{ column = "t", as = "instant", formats = ["{name}"] }}'
    if name == "%Y/%m/":
        parse_mapping((GOOD + line).encode())
    else:
        assert "no date format" in refused(GOOD + line).message


def test_one_mark_cannot_part_thousands_and_decimals() -> None:
    assert "same mark" in refused(GOOD + 'amount_fen = { column = "x", as = "fen", thousands = "." }').message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("register_petition", "register_petitions", "unknown action"),
        ("case =", 'content_clas = "{c}"\ncase =', "content_clas"),
        ("case =", "by.unit =", "always needs case"),
    ],
)
def test_a_misspelt_verb_or_field_is_refused_before_anything_is_read(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "m.toml"
    path.write_text(GOOD, encoding="utf-8")
    load_mapping(path)
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ImportFault) as caught:
        load_mapping(path)
    assert said in caught.value.message
    assert caught.value.field == "action.0"
