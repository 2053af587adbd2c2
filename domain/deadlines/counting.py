"""Counting a limit day by day, and judging a clock by what was done on which day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from domain.calendar import ONE_DAY, Calendar
from domain.calendar import due as due_day
from domain.deadlines.explanation import Act, Run, Status


@dataclass(frozen=True, slots=True)
class Count:
    """A counted limit: the due day before and after rolling, every day between, and the calendars used.

    `limit` and `extension_days` are days of the rule's unit; `hearing_days` are calendar days left out.
    """

    limit: int | None
    due_unrolled: date
    due: date
    runs: tuple[Run, ...]
    calendar: str
    provisional: bool
    extension_days: int = 0
    hearing_days: int = 0


def _runs(days: Iterable[tuple[date, bool, str]]) -> list[Run]:
    """Join neighbouring days that share their reason."""
    runs = []
    for (counted, reason), group in groupby(days, key=lambda day: day[1:]):
        joined = [day[0] for day in group]
        runs.append(Run(joined[0], joined[-1], counted, reason))
    return runs


def _provisional(calendar: Calendar, days: Iterable[date]) -> bool:
    return any(calendar.is_provisional(day) for day in days)


def _tail(calendar: Calendar, last: date) -> list[Run]:
    """The days between the last day counted and the next working day."""
    rolled = calendar.roll(last)
    return [Run(last + ONE_DAY, rolled, False, "rolled")] if rolled > last else []


def _walk(start: date, last: date, limit: int, extension: int, left_out: Collection[date]) -> list[Run]:
    """Day 0, then every day to `last`: of the limit, of the extension, of a hearing, or given back for one."""
    named: list[tuple[date, bool, str]] = [(start, False, "day_0")]
    counted = 0
    for offset in range(1, (last - start).days + 1):
        day = start + timedelta(days=offset)
        if day in left_out:
            named.append((day, False, "hearing"))
        elif counted < limit + extension:
            counted += 1
            named.append((day, True, "limit" if counted <= limit else "extension"))
        else:
            named.append((day, False, "hearing_given_back"))
    return _runs(named)


def count_days(
    calendar: Calendar, start: date, limit: int, *, extension: int = 0, left_out: Collection[date] = ()
) -> Count:
    """A limit of calendar days after day 0, with the days of `left_out` added back, then rolled.

    Hearing days that lie outside the counted stretch lengthen the limit all the same (XF-DDL-009).
    """
    last = due_day(start, limit + extension + len(left_out))
    if left_out:
        runs = _walk(start, last, limit, extension, left_out)
    else:
        runs = [Run(start, start, False, "day_0")]
        inner = due_day(start, limit)
        if limit and inner > start:
            runs.append(Run(start + ONE_DAY, inner, True, "limit"))
        if last > inner:
            runs.append(Run(inner + ONE_DAY, last, True, "extension"))
    runs += _tail(calendar, last)
    rolled = calendar.roll(last)
    return Count(
        limit, last, rolled, tuple(runs), calendar.version(last, rolled), _provisional(calendar, (last, rolled)),
        extension, len(left_out),
    )  # fmt: skip


def count_workdays(calendar: Calendar, start: date, limit: int) -> Count:
    """A limit of working days after day 0; the last day is a working day, so nothing rolls."""
    last = calendar.add_workdays(start, limit)
    days = [start + timedelta(days=offset) for offset in range(1, (last - start).days + 1)]
    named = [(day, calendar.is_workday(day), str(calendar.kind(day))) for day in days]
    runs = [Run(start, start, False, "day_0"), *_runs(named)]
    used = [days[0], last] if days else [last]
    years = {day.year: day for day in days or used}.values()
    return Count(limit, last, last, tuple(runs), calendar.version(*used), _provisional(calendar, years))


def count_until(start: date, due_on: date) -> Count:
    """A day that somebody set: it ends at its own 24:00 and never rolls, so no calendar is used."""
    runs = [Run(start, start, False, "day_0")]
    if due_on > start:
        runs.append(Run(start + ONE_DAY, due_on, True, "set"))
    return Count(None, due_on, due_on, tuple(runs), "", provisional=False)


def earliest(acts: Iterable[Act]) -> Act | None:
    """The act of the earliest day; of several on one day the first given."""
    return min(acts, key=lambda act: act.day, default=None)


def judge(
    due: date, as_of: date, done: Sequence[Act], ended: Sequence[Act] = (), unsure: Sequence[Act] = ()
) -> tuple[Status, Act | None]:
    """Status of a clock and the act that stopped it. Late = the act's day is after `due`.

    `done` fulfils the duty, `ended` takes it away; on one day fulfilling speaks. `unsure` would end it if a
    missing fact were known, and matters only where nothing certain came in time and the due day has passed.
    """
    act = earliest(done)
    end = earliest(ended)
    if act and act.day <= due and (end is None or act.day <= end.day):
        return "met", act
    if end and end.day <= due:
        return "stopped", end
    over = act is not None or end is not None or as_of > due
    if over and any(maybe.day <= due for maybe in unsure):
        return "cannot_tell", None
    if act or end:
        return "late", earliest(filter(None, (act, end)))
    return ("late_open", None) if over else ("running", None)
