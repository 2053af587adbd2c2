"""JSON Schema 2020-12 as far as closed event schemas use it, compiled into functions; the rest is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Rule = Callable[[Any], str | None]
"""Gives nothing if the value is right, else `/path what is wrong`."""

ANNOTATIONS = frozenset(
    [
        "$schema",
        "$id",
        "$defs",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "format",
        "discriminator",
        "x-unit",
        "x-article",
    ]
)
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


class UnknownKeyword(Exception):
    """The schema uses something that this verifier does not understand, so it must not pass anything."""


class _Compiler:
    """Compiles one schema document; references inside it are compiled once each."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._references: dict[str, Rule] = {}

    def rule(self, schema: Any) -> Rule:
        if schema is True:
            return lambda value: None
        if schema is False:
            return lambda value: "/ is not allowed here"
        if not isinstance(schema, dict):
            raise UnknownKeyword(f"not a schema: {str(schema)[:60]}")
        rules: list[Rule] = []
        quick = _quick_text(schema)
        objects = {"properties", "required", "additionalProperties", "propertyNames"} & schema.keys()
        if objects:
            rules.append(self._object(schema))
        for keyword, operand in schema.items():
            if keyword not in ANNOTATIONS and keyword not in objects:
                rules.append(self._keyword(keyword, operand))
        whole = rules[0] if len(rules) == 1 else _all_of(rules)
        return whole if quick is None else lambda value: None if quick(value) else whole(value)

    def _keyword(self, keyword: str, operand: Any) -> Rule:
        if keyword in _SIMPLE:
            return _SIMPLE[keyword](operand)
        match keyword:
            case "$ref":
                return self._reference(operand)
            case "items":
                return self._items(self.rule(operand))
            case "allOf":
                return _all_of([self.rule(part) for part in operand])
            case "anyOf" | "oneOf":
                parts = [self.rule(part) for part in operand]
                return _one_of(parts) if keyword == "oneOf" else _any_of(parts)
            case "not":
                part = self.rule(operand)
                return lambda value: "/ is what it must not be" if part(value) is None else None
        raise UnknownKeyword(f"{keyword} is not understood")

    def _reference(self, target: str) -> Rule:
        if target not in self._references:
            if not target.startswith("#/"):
                raise UnknownKeyword(f"$ref {target} leads out of the schema")
            found: Any = self._document
            for step in target[2:].split("/"):
                name = step.replace("~1", "/").replace("~0", "~")
                if not isinstance(found, dict) or name not in found:
                    raise UnknownKeyword(f"$ref {target} leads nowhere")
                found = found[name]
            self._references[target] = lambda value: self._references[target](value)
            self._references[target] = self.rule(found)
        return lambda value: self._references[target](value)

    def _items(self, each: Rule) -> Rule:
        def check(value: Any) -> str | None:
            if isinstance(value, list):
                for at, item in enumerate(value):
                    wrong = each(item)
                    if wrong is not None:
                        return f"/{at}{wrong}"
            return None

        return check

    def _object(self, schema: dict[str, Any]) -> Rule:
        properties = {name: self.rule(part) for name, part in schema.get("properties", {}).items()}
        required = frozenset(schema.get("required", ()))
        others = self.rule(schema.get("additionalProperties", True))
        names = self.rule(schema["propertyNames"]) if "propertyNames" in schema else None
        rule_of = properties.get

        def check(value: Any) -> str | None:
            if not isinstance(value, dict):
                return None
            if not value.keys() >= required:
                return f"/ lacks {sorted(required - value.keys())}"
            for name, item in value.items():
                wrong = rule_of(name, others)(item)
                if wrong is not None:
                    return f"/{name}{wrong}"
                if names is not None and names(name) is not None:
                    return f"/{name} is not a name that may stand here"
            return None

        return check


def _quick_text(schema: dict[str, Any]) -> Callable[[Any], bool] | None:
    """For a text with at most one more rule: whether a value is surely right; the full rules say what is wrong."""
    rest = {keyword: operand for keyword, operand in schema.items() if keyword not in ANNOTATIONS}
    if rest.pop("type", None) != "string" or len(rest) != 1:
        return None
    ((keyword, operand),) = rest.items()
    if keyword == "pattern":
        search = _compiled(operand)
        return lambda value: isinstance(value, str) and search(value) is not None
    if keyword == "maxLength":
        return lambda value: isinstance(value, str) and len(value) <= operand
    if keyword == "enum":
        texts = frozenset(item for item in operand if isinstance(item, str))
        return lambda value: isinstance(value, str) and value in texts
    return None


def _all_of(rules: list[Rule]) -> Rule:
    return lambda value: _first_wrong(rules, value)


def _first_wrong(rules: list[Rule], value: Any) -> str | None:
    for rule in rules:
        wrong = rule(value)
        if wrong is not None:
            return wrong
    return None


def _any_of(parts: list[Rule]) -> Rule:
    def check(value: Any) -> str | None:
        return None if any(part(value) is None for part in parts) else "/ is none of what is allowed"

    return check


def _one_of(parts: list[Rule]) -> Rule:
    def check(value: Any) -> str | None:
        fitting = sum(part(value) is None for part in parts)
        return None if fitting == 1 else f"/ fits {fitting} alternatives, not one"

    return check


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[name], right[name]) for name in left)
    return bool(left == right)


def _type(operand: Any) -> Rule:
    names = [operand] if isinstance(operand, str) else operand
    if not all(name in _TYPES for name in names):
        raise UnknownKeyword(f"type {operand}")
    tests = [_TYPES[name] for name in names]
    if len(tests) == 1:
        test = tests[0]
        return lambda value: None if test(value) else f"/ is not of type {operand}"
    return lambda value: None if any(test(value) for test in tests) else f"/ is not of type {operand}"


def _enum(operand: Any) -> Rule:
    texts = frozenset(item for item in operand if isinstance(item, str))
    others = [item for item in operand if not isinstance(item, str)]

    def check(value: Any) -> str | None:
        known = value in texts if isinstance(value, str) else any(_equal(value, one) for one in others)
        return None if known else "/ is not one of the values allowed"

    return check


def _compiled(pattern: str) -> Callable[[str], object]:
    """A pattern as ECMA-262 reads it: `\\d` and its like are ASCII, `$` is the end and not a line feed before it."""
    ours, at, inside = "", 0, False
    while at < len(pattern):
        one = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        inside = (inside or one == "[") and one != "]"
        ours += r"\Z" if one == "$" and not inside else one
        at += len(one)
    try:
        return re.compile(ours, re.ASCII).search
    except re.error as error:
        raise UnknownKeyword(f"pattern {pattern}: {error}") from None


def _pattern(operand: str) -> Rule:
    search = _compiled(operand)
    return lambda value: None if not isinstance(value, str) or search(value) else f"/ does not match {operand}"


def _unique(operand: Any) -> Rule:
    def check(value: Any) -> str | None:
        if not operand or not isinstance(value, list):
            return None
        twice = any(_equal(item, other) for at, item in enumerate(value) for other in value[:at])
        return "/ has an item twice" if twice else None

    return check


def _limit(kind: type | tuple[type, ...], fits: Callable[[Any, Any], bool], words: str) -> Callable[[Any], Rule]:
    def compiled(operand: Any) -> Rule:
        def check(value: Any) -> str | None:
            if not isinstance(value, kind) or isinstance(value, bool) or fits(value, operand):
                return None
            return f"/ {words} {operand}"

        return check

    return compiled


_SIMPLE: dict[str, Callable[[Any], Rule]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda operand: lambda value: None if _equal(value, operand) else f"/ is not {operand!r}",
    "pattern": _pattern,
    "uniqueItems": _unique,
    "minimum": _limit((int, float), lambda value, limit: value >= limit, "is less than"),
    "maximum": _limit((int, float), lambda value, limit: value <= limit, "is more than"),
    "exclusiveMinimum": _limit((int, float), lambda value, limit: value > limit, "is not more than"),
    "exclusiveMaximum": _limit((int, float), lambda value, limit: value < limit, "is not less than"),
    "minLength": _limit(str, lambda value, limit: len(value) >= limit, "is shorter than"),
    "maxLength": _limit(str, lambda value, limit: len(value) <= limit, "is longer than"),
    "minItems": _limit(list, lambda value, limit: len(value) >= limit, "has fewer items than"),
    "maxItems": _limit(list, lambda value, limit: len(value) <= limit, "has more items than"),
    "minProperties": _limit(dict, lambda value, limit: len(value) >= limit, "has fewer fields than"),
    "maxProperties": _limit(dict, lambda value, limit: len(value) <= limit, "has more fields than"),
}


def compile_schema(schema: dict[str, Any]) -> Rule:
    """Compile a schema; `UnknownKeyword` for anything that would otherwise be passed over in silence."""
    return _Compiler(schema).rule(schema)
