"""The day of a question that notices when answers about it will change, so that only those are asked again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Self

ONE_DAY = timedelta(days=1)


class WatchedDay(date):
    """A day that behaves like any other and remembers the first later day on which something read of it differs.

    A comparison with another day changes once that day has come or gone; whatever else is read of the day
    (its text, a difference) changes tomorrow.
    """

    wake: date | None

    def __new__(cls, day: date) -> Self:
        self = super().__new__(cls, day.year, day.month, day.day)
        self.wake = None
        return self

    def forget(self) -> date | None:
        """The first day on which something changes, None for never; and begin anew."""
        wake, self.wake = self.wake, None
        return wake

    def note(self, day: date) -> None:
        """Something read of this day will be different on a later one."""
        if self.wake is None or date.__lt__(day, self.wake):
            self.wake = day

    def _note_tomorrow(self) -> None:
        plain = self.plain
        if plain < date.max:
            self.note(plain + ONE_DAY)

    @property
    def plain(self) -> date:
        """The same day, unwatched."""
        return date.fromordinal(date.toordinal(self))

    def __gt__(self, other: date) -> bool:
        answer = date.__gt__(self, other)
        if not answer and other < date.max:
            self.note(other + ONE_DAY)
        return answer

    def __le__(self, other: date) -> bool:
        return not self > other

    def __ge__(self, other: date) -> bool:
        answer = date.__ge__(self, other)
        if not answer:
            self.note(other)
        return answer

    def __lt__(self, other: date) -> bool:
        return not self >= other

    def __eq__(self, other: object) -> bool:
        answer = date.__eq__(self, other)
        if answer is True:
            self._note_tomorrow()
        elif isinstance(other, date) and date.__lt__(self, other):
            self.note(other)
        return answer is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        self._note_tomorrow()
        return date.__hash__(self)

    def __getattribute__(self, name: str) -> Any:
        if name in READ_BY_NAME:
            self._note_tomorrow()
        return super().__getattribute__(name)

    def __add__(self, other: timedelta) -> Self:
        self._note_tomorrow()
        return date.__add__(self.plain, other)  # type: ignore[return-value]

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        self._note_tomorrow()
        return date.__sub__(self.plain, other)

    def __rsub__(self, other: Any) -> Any:
        self._note_tomorrow()
        return date.__sub__(other, self.plain)

    def replace(self, *args: Any, **kwargs: Any) -> Any:
        """Another day, which nobody watches."""
        self._note_tomorrow()
        return self.plain.replace(*args, **kwargs)

    def __str__(self) -> str:
        self._note_tomorrow()
        return date.__str__(self)

    def __format__(self, spec: str) -> str:
        self._note_tomorrow()
        return date.__format__(self.plain, spec)


READ_BY_NAME = frozenset(
    {"year", "month", "day", "isoformat", "weekday", "isoweekday", "isocalendar", "strftime", "timetuple",
     "toordinal", "ctime"}
)  # fmt: skip
