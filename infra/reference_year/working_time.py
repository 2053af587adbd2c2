"""When officials work: instants inside working hours of working days, drawn from a seeded source."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from domain.asof import SHANGHAI
from domain.calendar import Calendar, YearCalendar
from domain.official_calendars import OFFICIAL_CALENDARS

MORNING = (time(9, 0), time(12, 0))
AFTERNOON = (time(14, 0), time(17, 40))
STEP_MINUTES_MAX = 70


def official_calendar() -> Calendar:
    """The declared calendars that `init` records; the generator counts its days by no other."""
    years = {int(fields["year"]): YearCalendar.from_fields(fields) for fields in OFFICIAL_CALENDARS}
    return Calendar(years)


def instant(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of a day in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)


def in_hours(moment: datetime) -> bool:
    """Whether the instant lies in office hours, the day left aside."""
    clock = moment.timetz().replace(tzinfo=None)
    return MORNING[0] <= clock < MORNING[1] or AFTERNOON[0] <= clock <= AFTERNOON[1]


class WorkingTime:
    """Draws the instants of official acts; every instant returned lies in office hours of a working day."""

    def __init__(self, calendar: Calendar, rng: Random) -> None:
        self.calendar = calendar
        self.rng = rng

    def soon(self, after: datetime) -> datetime:
        """Later on the same working day while it lasts, else on the morning of the next working day."""
        moment = after + timedelta(minutes=self.rng.randint(4, STEP_MINUTES_MAX), seconds=self.rng.randint(0, 59))
        if self.calendar.is_workday(after.date()) and moment.date() == after.date():
            if moment.time() < MORNING[0]:
                return self._morning(after.date())
            if MORNING[1] <= moment.time() < AFTERNOON[0]:
                return instant(after.date(), 14, self.rng.randint(0, 50), self.rng.randint(0, 59))
            if in_hours(moment):
                return moment
        return self._morning(self.calendar.add_workdays(after.date(), 1))

    def on_day(self, day: date, after: datetime | None = None) -> datetime:
        """Some instant of office hours of a working day; on the day of `after` itself as `soon`."""
        if after is not None and day <= after.date():
            return self.soon(after)
        if self.rng.random() < 0.5:
            return instant(day, self.rng.randint(9, 11), self.rng.randint(0, 59), self.rng.randint(0, 59))
        return instant(day, self.rng.randint(14, 16), self.rng.randint(0, 59), self.rng.randint(0, 59))

    def workdays_later(self, after: datetime, low: int, high: int, latest: date | None = None) -> datetime:
        """`low` to `high` working days later, never after the day `latest`; ValueError when it cannot be kept."""
        count = self.rng.randint(low, high)
        day = self.calendar.add_workdays(after.date(), count)
        while latest is not None and day > latest and count > 0:
            count -= 1
            day = self.calendar.add_workdays(after.date(), count)
        moment = self.on_day(day, after)
        return self._checked(moment, latest)

    def days_later(self, after: datetime, low: int, high: int, latest: date | None = None) -> datetime:
        """`low` to `high` calendar days later, drawn back to a working day, never after the day `latest`."""
        day = after.date() + timedelta(days=self.rng.randint(low, high))
        if latest is not None:
            day = min(day, latest)
        return self._checked(self.on_day(self.back_to_workday(day), after), latest)

    def back_to_workday(self, day: date) -> date:
        """The day itself, or the last working day before it."""
        while not self.calendar.is_workday(day):
            day -= timedelta(days=1)
        return day

    def _morning(self, day: date) -> datetime:
        return instant(day, 9, self.rng.randint(0, 55), self.rng.randint(0, 59))

    @staticmethod
    def _checked(moment: datetime, latest: date | None) -> datetime:
        if latest is not None and moment.date() > latest:
            raise ValueError(f"no working time is left before {latest}: {moment}")
        return moment
