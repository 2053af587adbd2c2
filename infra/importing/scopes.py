"""Looking up a name in a record: its own, its case's, its neighbours', the last known; and conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from infra.importing.instants import ZoneRule, localised, read_moment
from infra.importing.mapping import Condition, Source
from infra.importing.records import Values

Define = Callable[[str, "Scope"], str | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up: a row, a trace (`index` is None) or one event of a trace.

    `held` are the last known values before this event; `define` reads a name that the mapping defines.
    """

    source: Source
    values: Values
    trace: Values
    events: Sequence[Values]
    index: int | None
    held: Values
    define: Define

    def lookup(self, name: str) -> str | None:
        """The text under a name, or None where the source holds nothing (or one of its absent texts)."""
        scope_name, separator, rest = name.partition("@")
        if separator and not scope_name:
            return self.define(rest, self)
        if separator and (other := _SCOPES.get(scope_name)) is not None:
            scope = other(self)
            return scope.lookup(rest) if scope is not None else None
        if name == "#event":
            return str(self.index + 1) if self.index is not None else None
        text = self.values.get(name)
        if text is None or not text.strip() or text in self.source.absent:
            return None
        return text

    def at_event(self, index: int) -> Scope | None:
        """The scope of another event of this trace; None outside of it. It knows nothing of `held`."""
        if not 0 <= index < len(self.events):
            return None
        return Scope(self.source, self.events[index], self.trace, self.events, index, {}, self.define)

    def of_trace(self) -> Scope:
        """The attributes of the case itself."""
        return Scope(self.source, self.trace, self.trace, self.events, None, {}, self.define)

    def of_held(self) -> Scope:
        """The last known values before this event, as if they were an event."""
        return Scope(self.source, self.held, self.trace, self.events, self.index, {}, self.define)


_SCOPES: dict[str, Callable[[Scope], Scope | None]] = {
    "trace": Scope.of_trace,
    "held": Scope.of_held,
    "first": lambda scope: scope.at_event(0),
    "last": lambda scope: scope.at_event(len(scope.events) - 1),
    "previous": lambda scope: None if scope.index is None else scope.at_event(scope.index - 1),
    "next": lambda scope: None if scope.index is None else scope.at_event(scope.index + 1),
}


def holds(condition: Condition, scope: Scope) -> bool:
    """Whether every test of the condition holds; a test of an absent value does not hold."""
    if condition.column is not None and not _column_holds(condition, scope):
        return False
    if condition.changed is not None and not _has_changed(condition, scope):
        return False
    if condition.first is not None and condition.first != (scope.index == 0):
        return False
    if condition.last is not None and condition.last != (scope.index == len(scope.events) - 1):
        return False
    if condition.all is not None and not all(holds(part, scope) for part in condition.all):
        return False
    if condition.any is not None and not any(holds(part, scope) for part in condition.any):
        return False
    return condition.not_ is None or not holds(condition.not_, scope)


def _column_holds(condition: Condition, scope: Scope) -> bool:
    column = condition.column or ""
    text = scope.lookup(column)
    if text is None:
        return condition.present is False
    return (
        condition.present is not False
        and (condition.equals is None or text == condition.equals)
        and (condition.in_ is None or text in condition.in_)
        and (condition.matches is None or re.search(condition.matches, text) is not None)
        and _compares(condition, column, text, scope)
    )


def _compares(condition: Condition, column: str, text: str, scope: Scope) -> bool:
    for other, sign in ((condition.before, 1), (condition.after, -1)):
        if other is None:
            continue
        against = scope.lookup(other)
        if against is None:
            return False
        mine = _moment(text, condition, scope, column)
        if not sign * (_moment(against, condition, scope, other) - mine).total_seconds() > 0:
            return False
    return True


def _moment(text: str, condition: Condition, scope: Scope, field: str) -> datetime:
    rule = ZoneRule(scope.source.zone, scope.source.ambiguous, scope.source.missing)
    return localised(read_moment(text, condition.formats, field), rule, field)


def _has_changed(condition: Condition, scope: Scope) -> bool:
    """A change needs two known values: from the neighbour before, or from the last event that had one."""
    name = condition.changed or ""
    before = scope.lookup(f"previous@{name}" if condition.since == "neighbour" else f"held@{name}")
    now = scope.lookup(name)
    return before is not None and now is not None and before != now
