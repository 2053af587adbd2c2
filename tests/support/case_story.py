"""One petition case told day by day as decoded events, and asked for its clocks."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.calendar import Calendar, YearCalendar
from domain.deadlines import Explanation, UnitRegister, case_deadlines
from domain.official_calendars import OFFICIAL_CALENDARS

CALENDAR = Calendar({year["year"]: YearCalendar.from_fields(year) for year in OFFICIAL_CALENDARS})
KINDS = {
    "XF": "petition_office",
    "SJ": "superior_petition_office",
    "MZJ": "responsible",
    "RSJ": "responsible",
    "LS": "township",
    "JW": "discipline",
    "ZFW": "politics_law",
}
REGISTER = UnitRegister(KINDS, {"LS": ("MZJ",)})
FAR = "2025-12-31"


class Story:
    """One case's decoded events, in the order told."""

    def __init__(self, received: str = "2025-03-03", by: str | None = "XF", **fields: Any) -> None:
        self.events: list[dict[str, Any]] = []
        self.tell("received", received, by, **{"received_at": at(received), "anonymous": False, **fields})

    def tell(self, kind: str, day: str, unit: str | None = "XF", /, **data: Any) -> Story:
        event = {
            "type": f"petition.case.{kind}.v1",
            "id": f"e{len(self.events) + 1}",
            "subject": "XF500229-2025-000001",
            "sequence": str(len(self.events) + 1),
            "time": at(day),
            "data": data,
        }
        if unit is not None:
            event["actorunit"] = unit
        self.events.append(event)
        return self

    def handed(self, day: str = "2025-03-03", to: str = "MZJ", ref: str = "h1", **data: Any) -> Story:
        given = {"mode": "transfer", "feedback_required": False, "to": [to], **data}
        offer = {name: value for name, value in given.items() if value is not None}
        self.tell("handoff_offered", day, "XF", handoff=ref, unit=to, **offer)
        return self.tell("handoff_received", day, to, handoff=ref, unit=to)

    def clocks(self, as_of: str = FAR, registers: Any = REGISTER, **how: Any) -> list[Explanation]:
        return case_deadlines(self.events, CALENDAR, date.fromisoformat(as_of), registers, **how)

    def clock(self, rule: str, as_of: str = FAR, registers: Any = REGISTER, **how: Any) -> Explanation:
        found = [clock for clock in self.clocks(as_of, registers, **how) if clock.rule == rule]
        assert len(found) == 1, [clock.key for clock in found]
        return found[0]


def at(day: str) -> str:
    return day if "T" in day else f"{day}T10:00:00+08:00"


def on(day: str) -> date:
    """The day of a text YYYY-MM-DD."""
    return date.fromisoformat(day)
