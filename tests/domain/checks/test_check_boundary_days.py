"""Every clock of the checks on every start day of hard weeks: the due day itself is in time, the day after is late.

The due days come from a naive walker of this file: year's end, Spring Festival, make-up workdays, the leap day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from tests.support.history import HOLIDAYS_2025, HOLIDAYS_2026, MAKE_UP_2025, MAKE_UP_2026, History, at

OFF = {date.fromisoformat(day) for day in (*HOLIDAYS_2025, *HOLIDAYS_2026)}
MADE_UP = {date.fromisoformat(day) for day in (*MAKE_UP_2025, *MAKE_UP_2026)}
ONE = timedelta(days=1)
Due = Callable[[date], date]
Told = Callable[[History, str], object]


def is_off(day: date) -> bool:
    return day in OFF or (day.weekday() >= 5 and day not in MADE_UP)


def days(count: int) -> Due:
    """So many calendar days later; where that is a day off, the next working day."""

    def due(start: date) -> date:
        last = start + timedelta(days=count)
        while is_off(last):
            last += ONE
        return last

    return due


def workdays(count: int) -> Due:
    """The working day of this number after the start."""

    def due(start: date) -> date:
        last, left = start, count
        while left:
            last += ONE
            left -= not is_off(last)
        return last

    return due


def received(history: History, day: str) -> None:
    history.received(day)


def received_by_a_bureau(history: History, day: str) -> None:
    history.received(day, unit="MZJ")


def accepted(history: History, day: str) -> None:
    history.received("2024-01-02", unit="MZJ")
    history.claim("2024-01-02")
    history.accepted(day)


def offered(history: History, day: str) -> None:
    history.received("2024-01-02")
    history.handed(day)


def answered(history: History, day: str) -> None:
    history.received("2024-01-02")
    history.opinion(day)


def asked_for_review(history: History, day: str) -> None:
    history.received("2024-01-02")
    history.add("case.review_requested", day, stage="review", body="GOV", received_at=at(day))


def to_be_fed_back(history: History, day: str) -> None:
    history.received("2024-01-02")
    history.handed("2024-01-03", mode="assign", feedback_required=True, due_on=day)


CLOCKS: dict[str, tuple[str, Told, Due]] = {
    "XF-ACC-001": ("not_handled", received, days(15)),
    "XF-ACC-002": ("no_notice", received_by_a_bureau, days(15)),
    "XF-ACC-006": ("a_usual", received, workdays(3)),
    "XF-DDL-001": ("overdue", accepted, days(60)),
    "XF-DDL-009": ("review", asked_for_review, days(30)),
    "XF-HND-001": ("not_received", offered, workdays(5)),
    "XF-HND-006": ("no_feedback", to_be_fed_back, lambda day: day),
    "XF-OPN-004": ("a_not_sent", answered, days(15)),
}
SPANS = {
    "over the year's end and the Spring Festival": (date(2025, 12, 18), date(2026, 3, 3)),
    "over the Spring Festival of 2025": (date(2025, 1, 8), date(2025, 2, 10)),
    "over the holidays of May and October": (date(2025, 9, 10), date(2025, 10, 13)),
    "over the leap day": (date(2024, 1, 25), date(2024, 3, 4)),
}


def every_day(span: str) -> Iterator[date]:
    first, last = SPANS[span]
    return (first + ONE * offset for offset in range((last - first).days + 1))


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("check", CLOCKS)
def test_the_due_day_is_in_time_and_the_day_after_is_late_wherever_it_falls(check: str, span: str) -> None:
    reason, tell, due = CLOCKS[check]
    for start in every_day(span):
        history = History()
        history.calendar(2024, [], [])
        tell(history, start.isoformat())
        last = due(start)
        hits = [
            [one.reason for one in history.findings(check, day.isoformat()) if one.result == "hit"]
            for day in (last, last + ONE)
        ]
        assert hits[0] == [], (start, last)
        assert reason in hits[1], (start, last)


@pytest.mark.parametrize("check", ["XF-ACC-001", "XF-ACC-006", "XF-DDL-001", "XF-HND-001"])
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-02-10T23:59:59+08:00", "2026-02-10"),
        ("2026-02-11T00:00:00+08:00", "2026-02-11"),
        ("2026-02-10T15:59:59Z", "2026-02-10"),
        ("2026-02-10T16:00:00Z", "2026-02-11"),
        ("2026-02-10T17:30:00+01:00", "2026-02-11"),
        ("2026-02-10T09:00:00-08:00", "2026-02-11"),
    ],
)
def test_the_day_of_an_act_is_its_day_in_shanghai(check: str, moment: str, day: str) -> None:
    reason, tell, due = CLOCKS[check]
    history = History()
    tell(history, moment)
    last = due(date.fromisoformat(day))
    assert [one for one in history.findings(check, last.isoformat()) if one.result == "hit"] == []
    late = history.findings(check, (last + ONE).isoformat())
    assert [str(one.facts["due_on"]) for one in late if one.reason == reason] == [str(last)]
