"""Which petition arrives when, and what becomes of it: the year dealt out before anything happens."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random

from domain.calendar import Calendar
from infra.reference_year.parameters import Parameters, Share
from infra.reference_year.working_time import WorkingTime, instant

QUIET_DAY_SHARE = 0.35  # online receipts on weekends and holidays against working days


@dataclass(frozen=True, slots=True)
class Slot:
    """One petition item before its story is told."""

    channel: str
    received_at: datetime
    index: int = 0
    scenario: str = ""
    traits: frozenset[str] = frozenset()

    @property
    def ref(self) -> str:
        """The name under which the case is created."""
        return f"ref:A{self.index:04d}"


def _days(month: str) -> list[date]:
    year, number = int(month[:4]), int(month[5:])
    return [date(year, number, day) for day in range(1, monthrange(year, number)[1] + 1)]


def _arrivals(month: str, channel: str, count: int, time: WorkingTime) -> list[datetime]:
    """Letters, visits and calls come in office hours; the web takes petitions at any hour of any day."""
    rng, calendar = time.rng, time.calendar
    if channel != "online":
        open_days = [day for day in _days(month) if calendar.is_workday(day)]
        return [time.on_day(rng.choice(open_days)) for _ in range(count)]
    days = _days(month)
    weights = [1.0 if calendar.is_workday(day) else QUIET_DAY_SHARE for day in days]
    chosen = rng.choices(days, weights, k=count)
    return [instant(day, rng.randint(6, 22), rng.randint(0, 59), rng.randint(0, 59)) for day in chosen]


def arrivals(parameters: Parameters, calendar: Calendar, rng: Random) -> list[Slot]:
    """All items of the year in order of receipt, numbered from 1."""
    time = WorkingTime(calendar, rng)
    slots = [
        Slot(channel, moment)
        for (month, channel), count in parameters.volumes.items()
        for moment in _arrivals(month, channel, count, time)
    ]
    slots.sort(key=lambda slot: (slot.received_at, slot.channel))
    return [replace(slot, index=index) for index, slot in enumerate(slots, start=1)]


def _fits(share: Share, slot: Slot) -> bool:
    first, last = share.months
    return slot.channel in share.channels and first <= slot.received_at.month <= last


def _drawn(share: Share, eligible: list[Slot], rng: Random) -> list[Slot]:
    if len(eligible) < share.count:
        raise ValueError(f"{share.name}: {share.count} items wanted, {len(eligible)} to draw from")
    return rng.sample(eligible, share.count)


def deal(parameters: Parameters, slots: list[Slot], rng: Random) -> list[Slot]:
    """Give every item its scenario and its traits; ValueError when a share cannot be drawn."""
    by_index = {slot.index: slot for slot in slots}
    for share in parameters.scenarios:
        eligible = [slot for slot in by_index.values() if not slot.scenario and _fits(share, slot)]
        for slot in _drawn(share, eligible, rng):
            by_index[slot.index] = replace(slot, scenario=share.name)
    for slot in list(by_index.values()):
        if not slot.scenario:
            by_index[slot.index] = replace(slot, scenario=parameters.remainder)
    for share in parameters.traits:
        eligible = [
            slot
            for slot in by_index.values()
            if slot.scenario in share.scenarios and _fits(share, slot) and not slot.traits & set(share.without)
        ]
        for slot in _drawn(share, eligible, rng):
            by_index[slot.index] = replace(slot, traits=slot.traits | {share.name})
    return [by_index[slot.index] for slot in slots]
