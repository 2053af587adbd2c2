"""The exported record as plain stories: events of one subject in order of time, working days, units and staff."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

SHANGHAI = timezone(timedelta(hours=8))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(SHANGHAI)


@dataclass(frozen=True)
class Told:
    """One event."""

    name: str
    at: datetime
    index: int
    unit: str
    staff: str
    role: str
    data: dict[str, Any]

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def order(self) -> tuple[datetime, int]:
        return self.at, self.index

    def own_day(self, *fields: str) -> date:
        """Day of the first of these fields that the event holds, else of its time."""
        return next((instant(self.data[name]).date() for name in fields if self.data.get(name)), self.day)

    def get(self, name: str) -> Any:
        return self.data.get(name)


@dataclass
class Story:
    """What was recorded of one subject up to the day asked for."""

    subject: str
    told: list[Told] = field(default_factory=list)

    def all(self, *names: str) -> list[Told]:
        return [one for one in self.told if one.name in names]

    def of(self, name: str, **fields: Any) -> list[Told]:
        return [one for one in self.all(name) if all(one.get(key) == value for key, value in fields.items())]


@dataclass
class Record:
    """The whole record as of a day; `passed(due)` where the day asked for lies behind a due day."""

    as_of: date
    holidays: set[date] = field(default_factory=set)
    make_up: set[date] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    superiors: dict[str, list[str]] = field(default_factory=dict)
    staff: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    grants_of: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def passed(self, due: date) -> bool:
        return self.as_of > due

    def is_working(self, day: date) -> bool:
        return day in self.make_up or (day.weekday() < 5 and day not in self.holidays)

    def in_days(self, start: date, count: int) -> date:
        """The last day of a limit in calendar days, rolled to a working day."""
        end = start + timedelta(days=count)
        while not self.is_working(end):
            end += timedelta(days=1)
        return end

    def in_workdays(self, start: date, count: int) -> date:
        """The last day of a limit in working days."""
        end = start
        while count:
            end += timedelta(days=1)
            count -= self.is_working(end)
        return end


def record_of(lines: Iterable[str], as_of: date) -> Record:
    """Read exported events; registers count whatever their time, the rest up to 24:00 of the day asked for."""
    record = Record(as_of)
    end = datetime.combine(as_of, time.max, SHANGHAI)
    for index, line in enumerate(lines):
        event = json.loads(line)
        name, data = event["type"].split(".", 1)[1].rsplit(".", 1)[0], event["data"]
        _register(record, name, data)
        told = Told(
            name,
            instant(event["time"]),
            index,
            event.get("actorunit", ""),
            event.get("actorid", ""),
            event.get("actorrole", ""),
            data,
        )
        if told.at <= end:
            record.stories.setdefault(event["subject"], Story(event["subject"])).told.append(told)
            if name == "grant.applied":
                record.grants_of[data["case"]].append(event["subject"])
    for story in record.stories.values():
        story.told.sort(key=lambda one: one.order)
    return record


def _register(record: Record, name: str, data: dict[str, Any]) -> None:
    if name == "register.calendar_declared":
        record.holidays |= {date.fromisoformat(day) for day in data["holidays"]}
        record.make_up |= {date.fromisoformat(day) for day in data["workdays"]}
    elif name == "register.unit_declared":
        record.kinds[data["unit"]], record.superiors[data["unit"]] = data["kind"], data.get("superiors", [])
    elif name == "register.staff_declared":
        record.staff[data["staff"]] = data["unit"], data["roles"]
