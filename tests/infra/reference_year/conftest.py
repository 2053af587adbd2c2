"""The year read back by an independent, naive reader: actions grouped by subject, days and units looked up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

from domain.calendar import Calendar, YearCalendar, day_of, rdue, wdue
from domain.official_calendars import OFFICIAL_CALENDARS
from infra.reference_year.generator import generate

Action = dict[str, Any]


@dataclass
class Year:
    """What the file says, subject by subject; nothing of the generator's own state."""

    actions: list[Action]
    calendar: Calendar
    cases: dict[str, list[Action]] = field(default_factory=lambda: defaultdict(list))
    grants: dict[str, list[Action]] = field(default_factory=lambda: defaultdict(list))
    units: dict[str, Action] = field(default_factory=dict)
    staff: dict[str, Action] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for action in self.actions:
            if action["action"] == "declare_unit":
                self.units[action["unit"]] = action
            elif action["action"] == "declare_staff":
                self.staff[action["staff"]] = action
            elif "grant" in action:
                self.grants[action["grant"]].append(action)
            elif "case" in action:
                self.cases[action["case"]].append(action)

    def named(self, *names: str) -> list[Action]:
        """All actions of some names."""
        return [action for action in self.actions if action["action"] in names]

    def of(self, ref: str, *names: str) -> list[Action]:
        """A case's actions of some names."""
        return [action for action in self.cases[ref] if action["action"] in names]

    def receipt_day(self, ref: str) -> date:
        """Day of the receipt: the evidence's own, unless it is a postmark."""
        receipt = self.cases[ref][0]
        evidence = receipt["receipt_evidence"]
        return day_of(receipt["received_at"] if evidence["kind"] == "postmark" else evidence["at"])

    def kind(self, unit: str) -> str:
        """The kind of a declared unit."""
        kind: str = self.units[unit]["kind"]
        return kind

    def above(self, unit: str) -> set[str]:
        """All units above one, along `superiors`."""
        found: set[str] = set()
        waiting = [unit]
        while waiting:
            for superior in self.units[waiting.pop()]["superiors"]:
                if superior not in found:
                    found.add(superior)
                    waiting.append(superior)
        return found

    def on_one_line(self, units: list[str]) -> bool:
        """Whether each of two of the units stands above the other, for every two of them."""
        return all(a == b or a in self.above(b) or b in self.above(a) for a in units for b in units)

    def rdue(self, day: date, n: int) -> date:
        """A limit of calendar days, rolled to a working day."""
        return rdue(self.calendar, day, n)

    def wdue(self, day: date, n: int) -> date:
        """A limit of working days."""
        return wdue(self.calendar, day, n)

    def is_head(self, staff: str, unit: str) -> bool:
        """Whether somebody is declared head in a unit."""
        return "head" in self.staff[staff]["roles"] and self.staff[staff]["unit"] == unit

    def route(self, ref: str) -> tuple[str, int | None]:
        """Purpose and route as last stated."""
        last = self.of(ref, "route")[-1]
        return last["purpose"], last.get("route")

    def clock(self, ref: str) -> date | None:
        """Day 0 of the handling period: the acceptance, or the latest review that ordered to decide anew."""
        accepted = self.of(ref, "accept_case")
        redone = [entry for entry in self.of(ref, "issue_review") if entry["outcome"] == "redo"]
        return day_of((redone or accepted)[-1 if redone else 0]["at"]) if accepted else None

    def competent(self, ref: str) -> str | None:
        """The unit that accepted."""
        accepted = self.of(ref, "accept_case")
        return accepted[0]["by"]["unit"] if accepted else None


def sent_day(action: Action) -> date:
    """The day that counts for the office's own periods."""
    return day_of(action.get("sent_at") or action.get("delivered_at") or action["at"])


def moment(action: Action) -> datetime:
    """When an act happened."""
    return datetime.fromisoformat(action["at"])


@pytest.fixture(scope="session")
def year() -> Year:
    """The reference year of the published seed."""
    calendars = {int(entry["year"]): YearCalendar.from_fields(entry) for entry in OFFICIAL_CALENDARS}
    return Year(list(generate()), Calendar(calendars))
