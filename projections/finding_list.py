"""Findings as lists for people: by whom they may be seen, which unit they concern, since when, and as flat rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from domain.checks.base import SEVERITIES, Audience

Line = Mapping[str, Any]
"""A finding as `Finding.to_json` writes it."""

AUDIENCES: tuple[Audience, ...] = ("office", "superior", "discipline")
UNIT_FACTS = ("unit", "receiver", "body", "executing_unit", "applicant_unit", "units", "members")
NO_UNIT = ""
COLUMNS = (
    "check", "version", "subject", "related", "result", "severity", "certainty", "reason", "item", "open", "audience",
    "stage", "units", "due_on", "acted_on", "days_late", "sentence_zh", "sentence_en", "facts", "event_ids",
    "fingerprint",
)  # fmt: skip


def is_for(line: Line, audience: Audience) -> bool:
    """Whether this audience may see the finding: `office` ⊂ `superior` ⊂ `discipline`."""
    return AUDIENCES.index(line["audience"]) <= AUDIENCES.index(audience)


def units_of(line: Line) -> list[str]:
    """The units that a finding concerns: its subject, else those that its facts name as acting or owing an act."""
    if line["subject"].startswith("unit:"):
        return [line["subject"].removeprefix("unit:")]
    named: dict[str, None] = {}
    for name in UNIT_FACTS:
        value = line["facts"].get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                named[one] = None
    return list(named)


def concerns(line: Line, unit: str) -> bool:
    """Whether a finding concerns this unit."""
    return unit in units_of(line)


def days_of(line: Line) -> list[date]:
    """The days that a finding's facts name."""
    found = []
    for name, value in line["facts"].items():
        if isinstance(value, str) and len(value) == 10 and name.endswith("on"):
            try:
                found.append(date.fromisoformat(value))
            except ValueError:
                continue
    return found


def is_since(line: Line, first: date) -> bool:
    """Whether a finding is open, or the last day that it names is this one or later; without days it is kept."""
    days = days_of(line)
    return line["open"] or not days or max(days) >= first


def is_within(line: Line, first: date, last: date) -> bool:
    """Whether a finding names a day of the period; one without days belongs to every period."""
    days = days_of(line)
    return not days or any(first <= day <= last for day in days)


def by_unit_and_severity(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """How many findings of each severity concern each unit; the gravest first, `""` for those without a unit."""
    counts: dict[str, Counter[str]] = {}
    for line in lines:
        for unit in units_of(line) or [NO_UNIT]:
            counts.setdefault(unit, Counter())[line["severity"]] += 1
    ordered = sorted(counts, key=lambda unit: ([-counts[unit][one] for one in SEVERITIES], unit))
    return [{"unit": unit, **{one: counts[unit][one] for one in SEVERITIES}} for unit in ordered]


def flat(line: Line) -> dict[str, Any]:
    """A finding as one row of texts and numbers, for a table or a file."""
    facts = line["facts"]
    row = {name: line[name] for name in COLUMNS if name in line}
    row |= {name: facts.get(name) for name in ("due_on", "acted_on", "days_late")}
    row |= {"sentence_zh": line["sentence"]["zh"], "sentence_en": line["sentence"]["en"], "units": units_of(line)}
    row["facts"] = "; ".join(f"{name}={_told(value)}" for name, value in facts.items())
    return {name: _told(row.get(name)) for name in COLUMNS}


def _told(value: Any) -> Any:
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, list):
        return " ".join(str(_told(one)) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_told(one)}" for name, one in value.items())
    return str(value)


def of_checks(lines: Iterable[Line]) -> Iterator[tuple[str, list[Line]]]:
    """The findings check by check, in the order of the ids."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line["check"], []).append(line)
    for check in sorted(found):
        yield check, found[check]
