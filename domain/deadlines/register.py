"""The units as the clocks ask for them: kinds and superiors on a day, and which imports are live records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.corrections import corrected
from domain.event import importid_of

UNIT_DECLARED = "petition.register.unit_declared.v1"
IMPORT_OPENED = "petition.register.import_opened.v1"


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration of a unit; `superiors` None where it does not say."""

    kind: str | None
    superiors: tuple[str, ...] | None
    from_on: date | None

    def holds_on(self, day: date | None) -> bool:
        """Whether it is in force on a day; without a day, always."""
        return day is None or self.from_on is None or self.from_on <= day


@dataclass(frozen=True, slots=True)
class UnitRegister:
    """Kinds and superiors of the declared units; what was never declared is unknown.

    `kinds` and `superiors` hold for all days; a unit in `declared` is read there instead, by day.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    superiors: Mapping[str, Collection[str]] = field(default_factory=dict)
    declared: Mapping[str, tuple[Declared, ...]] = field(default_factory=dict)
    live_imports: Collection[str] = frozenset()

    @classmethod
    def from_events(cls, events: Iterable[Mapping[str, Any]], on: date | None = None) -> UnitRegister:
        """Take the `unit_declared` and `import_opened` events, corrected; of a unit the last declaration counts.

        With `on`, declarations whose `from_on` lies after that day are left out.
        """
        declared: dict[str, tuple[Declared, ...]] = {}
        live: set[str] = set()
        history: set[str] = set()
        for event in corrected(events):
            data = event["data"]
            if event["type"] == UNIT_DECLARED:
                unit = str(data.get("unit") or event["subject"].removeprefix("unit:"))
                one = _declared(data)
                if one.holds_on(on):
                    declared[unit] = (*declared.get(unit, ()), one)
            elif event["type"] == IMPORT_OPENED and "file" in data:
                (live if data.get("kind") == "live" else history).add(importid_of(data["file"]))
        last = {unit: theirs[-1] for unit, theirs in declared.items()}
        kinds = {unit: one.kind for unit, one in last.items() if one.kind is not None}
        return cls(kinds, {unit: one.superiors or () for unit, one in last.items()}, declared, live - history)

    def _on(self, unit: str | None, day: date | None) -> Declared | None:
        code = unit or ""
        if code in self.declared:
            return next((one for one in reversed(self.declared[code]) if one.holds_on(day)), None)
        if code in self.kinds or code in self.superiors:
            superiors = tuple(self.superiors[code]) if code in self.superiors else None
            return Declared(self.kinds.get(code), superiors, None)
        return None

    def kind(self, unit: str | None, day: date | None = None) -> str | None:
        """The kind of a unit on a day, by its last declaration in force then; None where it is not known."""
        found = self._on(unit, day)
        return found.kind if found else None

    def line_known(self, unit: str | None, day: date | None = None) -> bool:
        """Whether the unit's declaration says which units are above it."""
        found = self._on(unit, day)
        return found is not None and found.superiors is not None

    def is_above(self, upper: str, lower: str, day: date | None = None) -> bool:
        """Whether `upper` is reached from `lower` along superiors; cycles end the search."""
        seen: set[str] = set()
        waiting = [lower]
        while waiting:
            found = self._on(waiting.pop(), day)
            for unit in (found.superiors or ()) if found else ():
                if unit == upper:
                    return True
                if unit not in seen:
                    seen.add(unit)
                    waiting.append(unit)
        return False

    def on_one_line(self, one: str, other: str, day: date | None = None) -> bool:
        """Whether the two are the same unit, or one is above the other."""
        return one == other or self.is_above(one, other, day) or self.is_above(other, one, day)

    def may_be_unknown(self, event: Mapping[str, Any]) -> bool:
        """Whether a field that is absent may only be unknown: in the history imports, not in live ones."""
        return "importid" in event and event["importid"] not in self.live_imports


def _declared(data: Mapping[str, Any]) -> Declared:
    from_on = data.get("from_on")
    superiors = tuple(data["superiors"]) if "superiors" in data else None
    return Declared(data.get("kind"), superiors, date.fromisoformat(from_on) if from_on else None)
