"""The mapping at work: a record of the source becomes the actions that it proves, or the reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from infra.importing.encodings import is_clean
from infra.importing.mapping import ActionRule, Mapping
from infra.importing.problems import DECLARED, RowProblem, Unmappable
from infra.importing.records import Outcome, Proposed, Record, Values
from infra.importing.scopes import Scope, holds
from infra.importing.templates import Template
from infra.importing.values import Reader

ACTION_ID_CHARACTERS_MAX = 128
DEFAULT_LOG_KEY = "{concept:name}"


class Proposer:
    """Applies one mapping. A record is proposed whole or not at all: half a row proves nothing."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        log_column = mapping.log.case if mapping.log else None
        default_key = f"{{{log_column}}}" if log_column else DEFAULT_LOG_KEY
        self._key = Template.parse(mapping.identity.key or default_key)
        event_key = mapping.log.event_key if mapping.log else None
        self._event_key = Template.parse(event_key or "{#event}")

    def propose(self, record: Record) -> Outcome:
        """The actions of a record in the order of the rules, or its problem."""
        if not is_clean(record.raw):
            return RowProblem(record.number, None, "wrong_encoding", "", record.raw)
        try:
            scope = self._scope(record)
            self._refuse_contradiction(scope)
            actions = list(self._actions(record, scope))
            if not actions:
                raise Unmappable("no_action", None, "")
            return Proposed(record.number, record.raw, actions)
        except Unmappable as problem:
            return RowProblem(record.number, problem.field, problem.code, problem.detail, record.raw)

    def _scope(self, record: Record) -> Scope:
        mapping = self._mapping
        return Scope(mapping.source, record.values, record.values, record.events, None, {}, self._defined)

    def _defined(self, name: str, scope: Scope) -> str | None:
        found = Reader(self._mapping.source).value(self._mapping.define[name], scope, f"define.{name}")
        return None if found is None else str(found)

    def _refuse_contradiction(self, scope: Scope) -> None:
        for rule in self._mapping.reject:
            if holds(rule.when, scope):
                raise Unmappable(DECLARED, rule.field, rule.reason)

    def _actions(self, record: Record, scope: Scope) -> Iterator[dict[str, Any]]:
        key = self._key.fill(scope.lookup)
        if key is None:
            raise Unmappable("missing_value", "identity.key", ", ".join(self._key.names))
        for per, rules in groupby(self._mapping.action, key=lambda rule: rule.per):
            if per == "event":
                yield from self._event_actions(list(rules), record, scope, key)
                continue
            for rule in rules:
                if rule.when is None or holds(rule.when, scope):
                    yield self._action(rule, scope, f"{key}/{rule.name}")

    def _event_actions(
        self, rules: list[ActionRule], record: Record, trace: Scope, key: str
    ) -> Iterator[dict[str, Any]]:
        """Neighbouring event rules walk the trace together, event by event, each event in rule order."""
        held: dict[str, str] = {}
        absent = self._mapping.source.absent
        for index, values in enumerate(record.events):
            scope = Scope(trace.source, values, record.values, record.events, index, held, self._defined)
            for rule in rules:
                if rule.when is None or holds(rule.when, scope):
                    yield self._action(rule, scope, f"{key}/{rule.name}/{self._event_name(scope)}")
            held.update({name: text for name, text in values.items() if text.strip() and text not in absent})

    def _event_name(self, scope: Scope) -> str:
        name = self._event_key.fill(scope.lookup)
        if name is None:
            raise Unmappable("missing_value", "log.event_key", ", ".join(self._event_key.names))
        return name

    def _action(self, rule: ActionRule, scope: Scope, name: str) -> dict[str, Any]:
        reader = Reader(self._mapping.source)
        action: dict[str, Any] = {"action": rule.action, "action_id": self._action_id(name)}
        for field, spec in rule.fields.items():
            place = f"{rule.name}.{field}"
            found = reader.value(spec, scope, place)
            if found is not None:
                _put(action, field, found)
            elif field == "at":
                raise Unmappable("missing_time", place, ", ".join(spec.names()))
        if reader.day_precision:
            action["at_precision"] = "day"
        return action

    def _action_id(self, name: str) -> str:
        whole = f"{self._mapping.identity.name}/{name}"
        if len(whole) <= ACTION_ID_CHARACTERS_MAX and whole.isprintable():
            return whole
        return f"{self._mapping.identity.name}/sha256:{hashlib.sha256(whole.encode()).hexdigest()}"


def _put(action: dict[str, Any], path: str, value: Any) -> None:
    """Set a field by its dotted path."""
    *parents, last = path.split(".")
    for parent in parents:
        action = action.setdefault(parent, {})
    action[last] = value


def common_values(events: list[Values]) -> dict[str, str]:
    """What all rows of one case agree on: the case's own values in a table that repeats them on every row."""
    if not events:
        return {}
    shared = dict(events[0])
    for values in events[1:]:
        shared = {name: text for name, text in shared.items() if values.get(name) == text}
    return shared
