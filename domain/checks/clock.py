"""A limit and where an act stands to it: in time, late, missing past the due day, or still running."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from domain.calendar import ONE_DAY, due, rdue, wdue
from domain.checks.base import Text
from domain.checks.context import Context

State = Literal["timely", "late", "missing", "running"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A counted limit: day 0, how many days of which kind, the due day before and after rolling."""

    start: date
    count: int
    counts: Literal["days", "workdays", "fixed_day", "months"]
    due_before_rolling: date
    due: date

    def state(self, acted: date | None, today: date) -> State:
        """Late = the act's day is after the due day; missing only once the due day has passed."""
        if acted is not None:
            return "timely" if acted <= self.due else "late"
        return "missing" if today > self.due else "running"

    def days_late(self, acted: date | None, today: date) -> int:
        """Calendar days after the due day, of the act or, while it is missing, of the question."""
        return max(0, ((acted or today) - self.due).days)

    @property
    def leans_on(self) -> tuple[date, ...]:
        """Days whose calendar the due day leans on: calendar days only where they end, a set day on none."""
        if self.counts == "fixed_day":
            return ()
        return (self.start + ONE_DAY if self.counts == "workdays" else self.due_before_rolling, self.due)

    def facts(self, acted: date | None, context: Context) -> dict[str, Any]:
        """What a finding states of the limit."""
        out: dict[str, Any] = {
            "start_on": self.start,
            "limit": self.count,
            "limit_counts": self.counts,
            "due_before_rolling_on": self.due_before_rolling,
            "due_on": self.due,
            "days_late": self.days_late(acted, context.today),
        }
        if self.counts != "fixed_day":
            out["calendar"] = context.calendar.version(self.start, self.due)
        if acted is not None:
            out["acted_on"] = acted
        return out


def in_days(context: Context, start: date, count: int) -> Limit:
    """A limit in calendar days, ending on the next working day where its last day is none."""
    key = ("days", start, count)
    limit: Limit | None = context.limits.get(key)
    if limit is None:
        last = rdue(context.calendar, start, count)
        limit = _kept(context, key, Limit(start, count, "days", due(start, count), last))
    return limit


def _kept(context: Context, key: Any, counted: Limit) -> Limit:
    """The limit as the context keeps it, so that an explanation tells it."""
    context.limits[key] = counted
    limit: Limit = context.limits[key]
    return limit


def in_plain_days(start: date, count: int) -> Limit:
    """A limit in calendar days that a fund's own rules set; it is not rolled."""
    return Limit(start, count, "fixed_day", due(start, count), due(start, count))


def in_workdays(context: Context, start: date, count: int) -> Limit:
    """A limit in working days."""
    key = ("workdays", start, count)
    limit: Limit | None = context.limits.get(key)
    if limit is None:
        last = wdue(context.calendar, start, count)
        limit = _kept(context, key, Limit(start, count, "workdays", last, last))
    return limit


def in_months(context: Context, start: date, count: int) -> Limit:
    """A limit in calendar months: the same day of a later month, or its last one; ends on a working day."""
    key = ("months", start, count)
    limit: Limit | None = context.limits.get(key)
    if limit is None:
        year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
        last = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
        limit = _kept(context, key, Limit(start, count, "months", last, context.calendar.roll(last)))
    return limit


def kept(context: Context, counted: Limit) -> Limit:
    """A limit that was counted elsewhere, so that an explanation tells it like every other."""
    key = ("counted", counted)
    limit: Limit | None = context.limits.get(key)
    return _kept(context, key, counted) if limit is None else limit


def on_day(start: date, last: date) -> Limit:
    """A limit that an order set as a day; it ends at 24:00 of that day, working day or not."""
    return Limit(start, (last - start).days, "fixed_day", last, last)


def lateness(limit: Limit, acted: date | None, context: Context) -> Text:
    """「期限为 … 」: the numbers of a limit as the end of a sentence."""
    days = limit.days_late(acted, context.today)
    if acted is None:
        return Text(
            f"期限至{limit.due}，截至{context.today}仍未办，已超{days}日",
            f"the limit ended on {limit.due}; by {context.today} it is still missing, {days} day(s) late",
        )
    return Text(
        f"期限至{limit.due}，实际为{acted}，超{days}日",
        f"the limit ended on {limit.due}; it came on {acted}, {days} day(s) late",
    )
