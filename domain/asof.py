"""Any date, on either clock: which events an answer may take, and in which order (`docs/clocks.md`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Literal
from zoneinfo import ZoneInfo

Clock = Literal["happened", "known"]
SHANGHAI = ZoneInfo("Asia/Shanghai")
EAST_8 = timezone(timedelta(hours=8))
STANDARD_TIME_FROM = 1901

ALWAYS_PRESENT = (
    "petition.register.",
    "petition.ledger.",
)
ALWAYS_PRESENT_SUFFIXES = (".record_corrected.v1", ".approval_confirmed.v1")


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant with an offset; more than six fractional digits are cut, never rounded up."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"instant without an offset: {text!r}")
    return moment


def end_of_day(day: date) -> datetime:
    """The last microsecond before 24:00 of a day in Asia/Shanghai: what a question about a day means.

    24:00 itself is the next day's 00:00, and an act dated there with day precision belongs to that day.
    """
    return datetime.combine(day, time.max, tzinfo=SHANGHAI)


def instant_asked(instant: datetime | None, judged_on: date) -> str:
    """By which instant a question is answered, in Asia/Shanghai: the one it names, else the end of the day it is judged by.

    RFC 3339 knows no seconds in an offset, so +08:00 is written for the time when Shanghai kept local mean time.
    """
    moment = (instant or end_of_day(judged_on)).astimezone(SHANGHAI)
    return (moment.astimezone(EAST_8) if moment.year < STANDARD_TIME_FROM else moment).isoformat()


def is_register_fact(event_type: str) -> bool:
    """Registers, corrections and confirmations are taken at the present size whatever their `time`."""
    return event_type.startswith(ALWAYS_PRESENT) or event_type.endswith(ALWAYS_PRESENT_SUFFIXES)


@dataclass(frozen=True, slots=True)
class AsOf:
    """One question's point of view: a clock, an instant on it, and the ledger size it looks at.

    `happened`: events with `time` ≤ `instant`, ordered by (`time`, ledger order).
    `known`: events with `recordedtime` ≤ `instant`, in ledger order. No instant = everything there is.
    """

    clock: Clock = "happened"
    instant: datetime | None = None
    size: int | None = None

    def admits(self, event: dict[str, Any], position: int) -> bool:
        """Whether the answer may take this event."""
        if self.size is not None and position > self.size:
            return False
        if self.instant is None:
            return True
        if self.clock == "known":
            return parse_instant(event["recordedtime"]) <= self.instant
        if is_register_fact(event["type"]):
            return True
        return parse_instant(event["time"]) <= self.instant

    def ordered(self, events: Iterable[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
        """Sort (position, event) pairs as this clock reads them."""
        if self.clock == "known":
            return sorted(events, key=lambda pair: pair[0])
        return sorted(events, key=lambda pair: (parse_instant(pair[1]["time"]), pair[0]))
