"""The compiled schema rules judge as the reference implementation does, and refuse what they do not know."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from infra.verify.schema_rules import UnknownKeyword, compile_schema

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "ab", "2025-03-04", "甲乙"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
SIMPLE = st.one_of(
    st.sampled_from(["object", "array", "string", "integer", "boolean", "null"]).map(lambda name: {"type": name}),
    st.lists(st.sampled_from(["object", "string", "integer"]), min_size=1, max_size=2, unique=True).map(
        lambda names: {"type": names}
    ),
    st.lists(VALUES, min_size=1, max_size=3).map(lambda values: {"enum": values}),
    VALUES.map(lambda value: {"const": value}),
    st.sampled_from([{"pattern": "^a"}, {"maxLength": 1}, {"enum": ["a", 2]}]).map(
        lambda rule: {"type": "string", "title": "t", **rule}
    ),
    st.sampled_from(["^a", "b$", r"^\d{4}-\d\d-\d\d$"]).map(lambda pattern: {"pattern": pattern}),
    st.tuples(
        st.sampled_from(
            [
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "minLength",
                "maxLength",
                "minItems",
                "maxItems",
                "minProperties",
                "maxProperties",
            ]
        ),
        st.integers(0, 3),
    ).map(lambda pair: {pair[0]: pair[1]}),
    st.booleans().map(lambda flag: {"uniqueItems": flag}),
    st.just({"$ref": "#/$defs/a~1b"}),
    st.booleans(),
)
SCHEMAS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
                "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
                "additionalProperties": inner,
                "propertyNames": st.sampled_from([{"pattern": "^[ab]$"}, True]),
                "items": inner,
                "not": inner,
                "title": st.just("words"),
            },
        ),
        st.tuples(st.sampled_from(["anyOf", "oneOf", "allOf"]), st.lists(inner, min_size=1, max_size=3)).map(
            lambda pair: {pair[0]: pair[1]}
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=6))
def test_the_rules_judge_as_the_reference_implementation(schema: Any, values: list[Any]) -> None:
    document = {"$defs": {"a/b": {"type": "string"}}, "allOf": [schema]}
    rule, reference = compile_schema(document), Draft202012Validator(document)
    for value in values:
        assert (rule(value) is None) == reference.is_valid(value), (schema, value)


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        ("^[0-9]{4}$", ["2025"], ["2025\n", "\n2025", "２０２５"]),
        (r"^\d+$", ["7"], ["٣", "7\n"]),
        ("^(a$|b[$]$)", ["a", "b$"], ["a\n", "b$\n", "b"]),
        ("a", ["xax\n"], ["b"]),
    ],
)
def test_a_pattern_means_what_json_schema_means_not_what_python_would(
    pattern: str, right: list[str], wrong: list[str]
) -> None:
    for schema in ({"type": "string", "pattern": pattern}, {"pattern": pattern}):
        rule = compile_schema(schema)
        assert [one for one in right if rule(one) is not None] == []
        assert [one for one in wrong if rule(one) is None] == []


def test_a_recursive_schema_is_followed() -> None:
    rule = compile_schema({"$defs": {"t": {"type": "array", "items": {"$ref": "#/$defs/t"}}}, "$ref": "#/$defs/t"})
    assert rule([[], [[]]]) is None
    assert rule([[], [1]]) == "/1/0/ is not of type array"


@pytest.mark.parametrize(
    "schema",
    [
        {"if": True},
        {"patternProperties": {}},
        {"type": "decimal"},
        {"pattern": "("},
        {"$ref": "other.json"},
        {"$ref": "#/$defs/none"},
        {"items": 7},
        {"minimun": 3},
    ],
)
def test_a_schema_with_something_unknown_passes_nothing(schema: dict[str, Any]) -> None:
    with pytest.raises(UnknownKeyword):
        compile_schema(schema)
