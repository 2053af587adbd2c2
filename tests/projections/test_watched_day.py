"""The watched day: every way to read it tells the first day on which the answer will differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from projections.watched_day import WatchedDay

TODAY = date(2025, 3, 5)
READINGS: tuple[Callable[[date], object], ...] = (
    lambda day: day > date(2025, 3, 9),
    lambda day: day >= date(2025, 3, 9),
    lambda day: day < date(2025, 3, 9),
    lambda day: day <= date(2025, 3, 9),
    lambda day: date(2025, 3, 9) < day,
    lambda day: date(2025, 3, 9) >= day,
    lambda day: day == date(2025, 3, 9),
    lambda day: day != date(2025, 3, 5),
    lambda day: day > date(2025, 1, 1),
    lambda day: (day - date(2025, 1, 1)).days,
    lambda day: (date(2025, 4, 1) - day).days,
    lambda day: day + timedelta(days=1),
    lambda day: f"{day}",
    lambda day: f"{day:%Y-%m}",
    lambda day: str(day),
    lambda day: day.isoformat(),
    lambda day: (day.year, day.month, day.day, day.weekday()),
    lambda day: min(day, date(2025, 3, 9)) == date(2025, 3, 9),
    lambda day: max(day, date(2025, 3, 9)) == date(2025, 3, 9),
    lambda day: {day: 1} == {date(2025, 3, 9): 1},
    lambda day: sorted([date(2025, 3, 9), day])[0] == date(2025, 3, 9),
    lambda day: day.replace(day=1),
)


@pytest.mark.parametrize("number", range(len(READINGS)))
def test_no_answer_differs_before_the_day_that_was_noted(number: int) -> None:
    read = READINGS[number]
    watched = WatchedDay(TODAY)
    answer = read(watched)
    assert answer == read(TODAY)
    wake = watched.forget()
    later = [TODAY + timedelta(days=offset) for offset in range(1, 40)]
    for day in later:
        if wake is None or day < wake:
            assert read(day) == answer


def test_a_comparison_wakes_on_the_day_after_the_limit_and_not_before() -> None:
    watched = WatchedDay(TODAY)
    assert not watched > date(2025, 3, 9)
    assert watched.forget() == date(2025, 3, 10)
    assert watched.forget() is None
    assert watched > date(2025, 1, 1)
    assert watched.forget() is None


def test_the_last_day_that_a_date_can_name_wakes_never() -> None:
    watched = WatchedDay(date.max)
    assert f"{watched}" == "9999-12-31"
    assert not watched > date.max
    assert watched.forget() is None
