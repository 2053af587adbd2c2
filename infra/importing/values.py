"""One field's value: from the texts of a record, through the declared steps, to what an action holds."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from infra.importing.instants import ZoneRule, as_day, as_instant, localised, read_moment
from infra.importing.mapping import Constant, Source, Value
from infra.importing.problems import Unmappable
from infra.importing.scopes import Scope, holds
from infra.importing.templates import template_of

_FULL_TO_HALF = str.maketrans("０１２３４５６７８９", "0123456789")
_AMOUNT = re.compile(r"[+-]?\d{1,15}(\.\d{1,100})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,16}", re.ASCII)
_EXACT = Context(prec=200)
_FEN_OF_UNIT = {"wan_yuan": 1_000_000, "yuan": 100, "jiao": 10, "fen": 1}
_ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
_TRUTH = {"true": True, "false": False}


class Reader:
    """Reads the values of one record; remembers whether an instant was known only to the day."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.day_precision = False

    def value(self, spec: Value, scope: Scope, field: str) -> Any:
        """The field's value, or None when the source does not hold it; raises `Unmappable`."""
        if spec.when is not None and not holds(spec.when, scope):
            return None
        found = self._sourced(spec, scope, field)
        if isinstance(found, str) and spec.constant is None:
            found = self._stepped(spec, found, field)
        if found is None and spec.required:
            raise Unmappable("missing_value", field, ", ".join(spec.names()))
        return found

    def _sourced(self, spec: Value, scope: Scope, field: str) -> Any:
        if spec.column is not None:
            return scope.lookup(spec.column)
        if spec.template is not None:
            return template_of(spec.template).fill(scope.lookup)
        if spec.constant is not None:
            return spec.constant
        if spec.first_of is not None:
            candidates = (self.value(part, scope, field) for part in spec.first_of)
            return next((found for found in candidates if found is not None), None)
        parts = [self.value(part, scope, field) for part in spec.list_ or ()]
        items = [part for part in parts if part is not None]
        return items or None

    def _stepped(self, spec: Value, text: str, field: str) -> Any:
        if spec.trim:
            text = text.strip()
        if not text or text in spec.absent:
            return None
        if spec.digits == "half":
            text = text.translate(_FULL_TO_HALF)
        for old, new in spec.replace.items():
            text = text.replace(old, new)
        if spec.map is not None:
            found = _mapped(spec, text, field)
            return self._converted(spec, found, field) if isinstance(found, str) else found
        return self._converted(spec, text, field)

    def _converted(self, spec: Value, text: str, field: str) -> Any:
        if spec.as_ == "instant":
            return self._instant(spec, text, field)
        if spec.as_ == "day":
            return as_day(read_moment(text, spec.formats, field), spec.zone).isoformat()
        if spec.as_ == "fen":
            return fen_of(spec, text, field)
        if spec.as_ == "integer":
            return _integer(text, field)
        if spec.as_ == "boolean":
            if text not in _TRUTH:
                raise Unmappable("bad_boolean", field, f"{text[:60]!r}; declare a value map")
            return _TRUTH[text]
        return text

    def _instant(self, spec: Value, text: str, field: str) -> str:
        reading = read_moment(text, spec.formats, field)
        if spec.precision == "day" or not reading.has_hour:
            self.day_precision = True
        rule = ZoneRule(
            spec.zone or self._source.zone,
            spec.ambiguous or self._source.ambiguous,
            spec.missing or self._source.missing,
        )
        return as_instant(localised(reading, rule, field))


def _mapped(spec: Value, text: str, field: str) -> Any:
    if spec.map is not None and text in spec.map:
        return spec.map[text]
    if isinstance(spec.otherwise, Constant):
        return spec.otherwise.constant
    if spec.otherwise == "absent":
        return None
    raise Unmappable("unknown_value", field, repr(text[:80]))


def fen_of(spec: Value, text: str, field: str) -> int:
    """An amount as whole fen, exactly; more decimals than that are refused, or rounded by the stated rule."""
    plain = _without_marks(spec, text) if spec.thousands else text
    if spec.decimal != ".":
        plain = plain.replace(".", "?").replace(spec.decimal, ".")
    if not _AMOUNT.fullmatch(plain):
        raise Unmappable("bad_amount", field, repr(text[:60]))
    amount = _EXACT.multiply(Decimal(plain), _FEN_OF_UNIT[spec.unit])
    whole = amount.to_integral_value(rounding=_ROUNDING[spec.round] if spec.round else ROUND_DOWN)
    if whole != amount and spec.round is None:
        raise Unmappable("too_many_decimals", field, f"{text[:60]!r}; correct it or state a `round` rule")
    return int(whole)


def _without_marks(spec: Value, text: str) -> str:
    """The text without its thousands marks, where they part groups of three; else as it is, to be refused."""
    whole, point, rest = text.partition(spec.decimal)
    first, *groups = whole.removeprefix("-").split(spec.thousands)
    if groups and (not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups)):
        return text
    return whole.replace(spec.thousands, "") + point + rest


def _integer(text: str, field: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise Unmappable("bad_integer", field, repr(text[:60]))
    return int(text)
