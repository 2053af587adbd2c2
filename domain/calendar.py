"""Working days of mainland China, from declared State Council notices, and the three ways to count a limit.

Source: 《民法典》 arts 201 and 203, by analogy. A year without a declared
calendar counts provisionally: Monday to Friday are working days, and the answer says that it is provisional.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from typing import Any, Literal

from domain.asof import SHANGHAI, parse_instant
from domain.corrections import corrected

DECLARED = "petition.register.calendar_declared.v1"
ONE_DAY = timedelta(days=1)
STEADY_OFFSET_SINCE = "1992"  # Asia/Shanghai is +08:00 without exception from this year on

DayKind = Literal["workday", "makeup_workday", "weekend", "holiday"]


@lru_cache(maxsize=65_536)
def day_of_text(text: str) -> date:
    """`day_of` a text."""
    if text[-6:] == "+08:00" and text[:4] >= STEADY_OFFSET_SINCE and text[11:13] != "24":
        return date.fromisoformat(text[:10])
    return _day_of_moment(parse_instant(text))


def _day_of_moment(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError(f"instant without an offset: {moment!r}")
    try:
        return moment.astimezone(SHANGHAI).date()
    except OverflowError:  # the first and last day that a date can name have no neighbour to move to
        return moment.date()


def day_of(instant: str | datetime) -> date:
    """The date in Asia/Shanghai on which an instant lies; 24:00 is the next day's 00:00.

    Raises ValueError for a text that is no RFC 3339 instant and for an instant without an offset.
    """
    if isinstance(instant, datetime):
        return _day_of_moment(instant)
    return day_of_text(instant)


def due(day: date, n: int) -> date:
    """Last day of a limit of `n` calendar days; day 0 is `day` (《民法典》 art.201).

    Ends at the last date there is. Raises ValueError when `n` is negative.
    """
    if n < 0:
        raise ValueError(f"a limit cannot be negative: {n}")
    if n > (date.max - day).days:
        return date.max
    return day + timedelta(days=n)


def rdue(calendar: Calendar, day: date, n: int) -> date:
    """`due`, or the next working day where `due` is none (《民法典》 art.203 by analogy)."""
    return calendar.roll(due(day, n))


def wdue(calendar: Calendar, day: date, n: int) -> date:
    """The `n`-th working day after `day`; with `n` = 0 the day itself."""
    return calendar.add_workdays(day, n)


@dataclass(frozen=True, slots=True)
class YearCalendar:
    """One declared year: every day off spelled out, every make-up working day, and the notice that says so.

    A notice may name days of the neighbouring years (元旦 of 2019 made 2018-12-29 a working day).
    """

    year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    notice: str = ""
    provisional: bool = False

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> YearCalendar:
        """Read the fields of `declare_calendar`; what is absent makes the year provisional."""
        complete = "holidays" in fields and "workdays" in fields
        return cls(
            year=int(fields["year"]),
            holidays=frozenset(date.fromisoformat(day) for day in fields.get("holidays", ())),
            workdays=frozenset(date.fromisoformat(day) for day in fields.get("workdays", ())),
            notice=str(fields.get("notice", "")),
            provisional=bool(fields.get("provisional", not complete)) or not complete,
        )

    def version(self) -> str:
        """Year, notice and eight digits of the digest of the days, so that no change of a day hides."""
        days = ",".join(sorted(day.isoformat() for day in self.holidays))
        days += "|" + ",".join(sorted(day.isoformat() for day in self.workdays))
        mark = ",provisional" if self.provisional else ""
        return f"{self.year}={self.notice}#{sha256(days.encode()).hexdigest()[:8]}{mark}"


def _exceptions(years: Mapping[int, YearCalendar]) -> dict[date, DayKind]:
    """Days that differ from their place in the week; of two notices on one day the later year's wins."""
    kinds: dict[date, DayKind] = {}
    for year in sorted(years):
        kinds.update(dict.fromkeys(years[year].holidays, "holiday"))
        kinds.update(dict.fromkeys(years[year].workdays, "makeup_workday"))
    return kinds


@dataclass(frozen=True, slots=True)
class Calendar:
    """All declared years together. Questions about a day never fail: an undeclared year is provisional."""

    years: Mapping[int, YearCalendar] = field(default_factory=dict)
    _kinds: Mapping[date, DayKind] = field(init=False, repr=False, compare=False)
    _versions: Mapping[int, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_kinds", _exceptions(self.years))
        object.__setattr__(self, "_versions", {year: self.years[year].version() for year in self.years})

    @classmethod
    def from_events(cls, events: Iterable[Mapping[str, Any]]) -> Calendar:
        """Take the `calendar_declared` events, corrected; of one year the last declaration counts."""
        years: dict[int, YearCalendar] = {}
        for event in corrected(events):
            if event["type"] == DECLARED and "year" in event["data"]:
                declared = YearCalendar.from_fields(event["data"])
                years[declared.year] = declared
        return cls(years)

    def kind(self, day: date) -> DayKind:
        """Why a day is a working day or is none."""
        kind = self._kinds.get(day)
        if kind == "makeup_workday" and day.weekday() < 5:
            return "workday"
        if kind is not None:
            return kind
        return "workday" if day.weekday() < 5 else "weekend"

    def is_workday(self, day: date) -> bool:
        """A day that is not Saturday, Sunday or holiday, or a declared make-up working day."""
        kind = self._kinds.get(day)
        if kind is None:
            return day.weekday() < 5
        return kind == "makeup_workday"

    def is_provisional(self, day: date) -> bool:
        """Whether the day's own year has no declared calendar, or only a provisional one."""
        declared = self.years.get(day.year)
        return declared is None or declared.provisional

    def roll(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        while not self.is_workday(day) and day < date.max:
            day += ONE_DAY
        return day

    def add_workdays(self, day: date, n: int) -> date:
        """The `n`-th working day after `day`, which is day 0 and never counted; ValueError if `n` < 0."""
        if n < 0:
            raise ValueError(f"a limit cannot be negative: {n}")
        while n > 0 and day < date.max:
            day += ONE_DAY
            n -= self.is_workday(day)
        return day

    def version(self, *days: date) -> str:
        """Which calendars a count from the first to the last of `days` used; without days, all."""
        if not days:
            return "+".join(self._versions[year] for year in sorted(self.years))
        parts = []
        span = range(min(days).year, max(days).year + 1)
        for declared, group in groupby(span, key=lambda year: year in self.years):
            years = list(group)
            if declared:
                parts += [self._versions[year] for year in years]
            else:
                span_name = str(years[0]) if len(years) == 1 else f"{years[0]}..{years[-1]}"
                parts.append(f"{span_name}=undeclared")
        return "+".join(parts)
