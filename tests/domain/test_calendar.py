"""Working days and limits, against the State Council notices and against a naive day-by-day walker."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.calendar import Calendar, YearCalendar, day_of, due, rdue, wdue
from domain.deadlines import count_days, count_workdays
from domain.official_calendars import OFFICIAL_CALENDARS

CALENDAR = Calendar({year["year"]: YearCalendar.from_fields(year) for year in OFFICIAL_CALENDARS})


def d(text: str) -> date:
    return date.fromisoformat(text)


def declared(sequence: int, **data: object) -> dict[str, object]:
    return {
        "type": "petition.register.calendar_declared.v1",
        "id": f"c{sequence}",
        "subject": f"calendar:{data['year']}",
        "sequence": str(sequence),
        "time": "2025-01-01T00:00:00+08:00",
        "data": data,
    }


def test_the_official_years_hold_the_days_of_the_notices() -> None:
    assert [len(year["holidays"]) for year in OFFICIAL_CALENDARS] == [28, 33]
    assert all(not year["provisional"] for year in OFFICIAL_CALENDARS)
    spring_2025 = ["2025-01-27", "2025-01-28", "2025-02-04", "2025-02-05"]
    assert [CALENDAR.is_workday(d(day)) for day in spring_2025] == [True, False, False, True]
    spring_2026 = ["2026-02-14", "2026-02-15", "2026-02-23", "2026-02-24"]
    assert [CALENDAR.is_workday(d(day)) for day in spring_2026] == [True, False, False, True]


def test_every_make_up_working_day_is_a_weekend_day_that_counts() -> None:
    days = [d(day) for year in OFFICIAL_CALENDARS for day in year["workdays"]]
    assert len(days) == 11
    assert all(day.weekday() >= 5 and CALENDAR.is_workday(day) for day in days)
    assert {CALENDAR.kind(day) for day in days} == {"makeup_workday"}


def test_a_day_is_the_day_in_shanghai_whatever_the_offset() -> None:
    assert day_of("2025-03-04T15:59:59Z") == d("2025-03-04")
    assert day_of("2025-03-04T16:00:00Z") == d("2025-03-05")
    assert day_of("2025-03-04T23:59:59.999999+08:00") == d("2025-03-04")
    assert day_of("2025-03-05T00:00:00+08:00") == d("2025-03-05")
    assert day_of(datetime(2024, 12, 31, 16, tzinfo=UTC)) == d("2025-01-01")
    assert day_of("1948-06-01T00:30:00+08:00") == d("1948-06-01")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-10:00"])
def test_the_edges_of_time_have_a_day_too(text: str) -> None:
    assert day_of(text).isoformat() == text[:10]
    assert rdue(CALENDAR, day_of("9999-12-31T23:00:00-10:00"), 60) == date.max


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        day_of("2025-03-04T10:00:00")
    with pytest.raises(ValueError, match="offset"):
        day_of(datetime(2025, 3, 4))


def test_a_limit_that_ends_in_the_spring_festival_rolls_to_the_first_working_day() -> None:
    assert due(d("2025-01-14"), 15) == d("2025-01-29")
    assert rdue(CALENDAR, d("2025-01-14"), 15) == d("2025-02-05")
    assert rdue(CALENDAR, d("2025-01-11"), 15) == d("2025-01-26"), "a make-up Sunday is a working day"


def test_working_days_skip_holidays_and_count_make_up_days() -> None:
    assert wdue(CALENDAR, d("2025-01-24"), 1) == d("2025-01-26")
    assert wdue(CALENDAR, d("2025-01-24"), 3) == d("2025-02-05")
    assert wdue(CALENDAR, d("2025-09-26"), 5) == d("2025-10-10")


def test_a_limit_of_no_days_ends_on_day_0_and_a_negative_one_is_refused() -> None:
    saturday = d("2025-03-01")
    assert due(saturday, 0) == wdue(CALENDAR, saturday, 0) == saturday
    assert rdue(CALENDAR, saturday, 0) == d("2025-03-03")
    for count in (lambda: due(saturday, -1), lambda: wdue(CALENDAR, saturday, -1)):
        with pytest.raises(ValueError, match="negative"):
            count()


def test_an_undeclared_year_counts_weekends_only_and_says_so() -> None:
    assert not CALENDAR.is_workday(d("2027-01-02"))
    assert CALENDAR.is_workday(d("2027-01-01")), "new year's day is not known before it is declared"
    assert CALENDAR.is_provisional(d("2027-01-01"))
    assert not CALENDAR.is_provisional(d("2026-12-31"))
    assert CALENDAR.version(d("2026-12-31"), d("2028-01-01")).endswith("+2027..2028=undeclared")


def test_the_version_names_the_notice_and_changes_with_every_day() -> None:
    fields = OFFICIAL_CALENDARS[0]
    fewer = YearCalendar.from_fields({**fields, "workdays": fields["workdays"][1:]})
    same = YearCalendar.from_fields(fields)
    assert same.version() == CALENDAR.version(d("2025-05-01"))
    assert "国办发明电〔2024〕12号" in same.version()
    assert fewer.version() != same.version()
    assert YearCalendar.from_fields({**fields, "provisional": True}).version().endswith(",provisional")


def test_the_last_declaration_of_a_year_counts_and_corrections_are_applied() -> None:
    first = declared(1, year=2027, holidays=["2027-01-01"], workdays=[], notice="A", provisional=True)
    final = declared(2, year=2027, holidays=["2027-01-01"], workdays=[], notice="B", provisional=False)
    correction = {
        "type": "petition.register.record_corrected.v1",
        "id": "c3",
        "subject": "calendar:2027",
        "sequence": "3",
        "time": "2027-01-02T00:00:00+08:00",
        "data": {"event_id": "c2", "field": "/workdays", "was": [], "now": ["2027-01-03"]},
    }
    assert Calendar.from_events([first]).is_provisional(d("2027-05-05"))
    calendar = Calendar.from_events([first, final, correction])
    assert calendar.years[2027].notice == "B"
    assert not calendar.is_provisional(d("2027-05-05"))
    assert calendar.is_workday(d("2027-01-03"))


def test_a_declaration_that_leaves_its_days_out_is_provisional() -> None:
    calendar = Calendar.from_events([declared(1, year=2023, notice="A", provisional=False)])
    assert calendar.is_provisional(d("2023-05-05"))


def test_a_notice_may_name_days_of_the_year_before() -> None:
    calendar = Calendar.from_events(
        [declared(1, year=2019, holidays=["2018-12-31"], workdays=["2018-12-29"], notice="A", provisional=False)]
    )
    assert calendar.is_workday(d("2018-12-29"))
    assert not calendar.is_workday(d("2018-12-31"))


class NaiveWalker:
    """Counts like a clerk with a wall calendar: one day after the other, from the raw notices."""

    def __init__(self) -> None:
        self.off = {day for year in OFFICIAL_CALENDARS for day in year["holidays"]}
        self.on = {day for year in OFFICIAL_CALENDARS for day in year["workdays"]}

    def works(self, ordinal: int) -> bool:
        text = date.fromordinal(ordinal).isoformat()
        if text in self.on:
            return True
        return text not in self.off and ordinal % 7 not in (6, 0)

    def day(self, moment: datetime) -> int:
        shanghai = moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta()) + timedelta(hours=8)
        return shanghai.toordinal()

    def calendar_days(self, start: int, limit: int) -> tuple[int, int]:
        last = start
        for _ in range(limit):
            last += 1
        rolled = last
        while not self.works(rolled):
            rolled += 1
        return last, rolled

    def working_days(self, start: int, limit: int) -> int:
        left, day = limit, start
        while left:
            day += 1
            if self.works(day):
                left -= 1
        return day


NEAR = ("2025-01-20", "2026-02-10", "2024-02-25", "2028-02-27", "2024-12-25", "2025-12-25", "2026-12-20", "2025-09-24")
LIMITS = (0, 1, 2, 3, 5, 10, 15, 15, 30, 60)


def random_instant(chance: random.Random) -> datetime:
    """An instant near a border of the calendar or anywhere from 2023 to 2029, with any offset."""
    if chance.random() < 0.5:
        day = d(chance.choice(NEAR)) + timedelta(days=chance.randrange(20))
    else:
        day = date(2023, 1, 1) + timedelta(days=chance.randrange(2500))
    hour, minute, second, micro = chance.choice(
        [(0, 0, 0, 0), (23, 59, 59, 999999), (16, 0, 0, 0), (15, 59, 59, 0), (chance.randrange(24), 30, 0, 1)]
    )
    offset = chance.choice([0, 480, 480, 480, -300, 330, 840, -720, chance.randrange(-720, 841)])
    zone = timezone(timedelta(minutes=offset))
    return datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=zone)


def test_a_hundred_thousand_random_limits_end_where_a_naive_walker_ends() -> None:
    chance, walker = random.Random(20250304), NaiveWalker()
    for number in range(100_000):
        moment = random_instant(chance)
        limit = chance.choice(LIMITS) if number % 200 else chance.randrange(61, 800)
        start = day_of(moment.isoformat())
        where = (moment.isoformat(), limit)
        assert start.toordinal() == walker.day(moment), where
        last, rolled = walker.calendar_days(walker.day(moment), limit)
        assert due(start, limit).toordinal() == last, where
        assert rdue(CALENDAR, start, limit).toordinal() == rolled, where
        assert wdue(CALENDAR, start, limit).toordinal() == walker.working_days(start.toordinal(), limit), where


def test_the_runs_of_a_random_count_name_every_day_once_and_count_the_limit() -> None:
    chance, walker = random.Random(7), NaiveWalker()
    for _ in range(3_000):
        start, limit = day_of(random_instant(chance)), chance.choice(LIMITS)
        extension, hearing = chance.choice((0, 0, 10, 30)), chance.randrange(0, 8)
        opened = chance.randrange(0, limit + 3)
        left_out = {start + timedelta(days=opened + n) for n in range(hearing)}
        for count, wanted, in_working_days in (
            (count_days(CALENDAR, start, limit, extension=extension, left_out=left_out), limit + extension, False),
            (count_workdays(CALENDAR, start, limit), limit, True),
        ):
            named = [
                (run.first + timedelta(days=n), run)
                for run in count.runs
                for n in range((run.last - run.first).days + 1)
            ]
            days = [day for day, _ in named]
            assert days == [start + timedelta(days=n) for n in range((count.due - start).days + 1)]
            assert sum(run.counted for _, run in named) == wanted
            assert all(day in left_out for day, run in named if run.reason == "hearing")
            used = [day for day in days if day >= count.due_unrolled or (in_working_days and day > start)]
            assert count.provisional is any(day.year not in (2025, 2026) for day in used)
        assert walker.works(count.due.toordinal()) or limit == 0
