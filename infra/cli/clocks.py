"""The law's clocks as the command line asks for them: of one case, or of every case that has one open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.asof import AsOf
from domain.calendar import DECLARED, Calendar
from domain.checks.base import Group
from domain.checks.context import CORRECTIONS, IMPORT_OPENED, UNIT_DECLARED
from domain.checks.facts import facts_of
from domain.corrections import taken
from domain.deadlines import Explanation, UnitRegister, case_deadlines, deadlines_both_ways
from domain.event import decode
from infra.sql_source import SqlSource
from projections.ledger_source import read_group, stored_types

REGISTER_TYPES = stored_types({DECLARED, UNIT_DECLARED, IMPORT_OPENED, *CORRECTIONS})
RECEIVED = stored_types({"petition.case.received.v1"})
CASE_CORRECTED = stored_types({"petition.case.record_corrected.v1"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The calendars and the units that a question sees, read once for all cases."""

    calendar: Calendar
    units: UnitRegister

    @classmethod
    def read(cls, source: SqlSource, as_of: AsOf) -> Surroundings:
        """Take the register events that the question admits."""
        events = [
            event
            for item in source.read(until=as_of.size, types=REGISTER_TYPES)
            if as_of.admits(event := decode(item.raw), item.position)
        ]
        return cls(Calendar.from_events(events), UnitRegister.from_events(events))


def events_of(source: SqlSource, subject: str, as_of: AsOf) -> list[tuple[int, dict[str, Any]]]:
    """One subject's events with their positions, as the question admits and orders them."""
    head = source.head() if as_of.size is None else as_of.size
    return taken(read_group(source, subject, head), as_of)


def clocks_of(source: SqlSource, case: str, as_of: AsOf, today: date, around: Surroundings) -> list[Explanation]:
    """Every clock of one case at the end of a day, from the acts as the checks read them: a corrected time decides."""
    events = _corrected(source, case, as_of)
    return case_deadlines(events, around.calendar, today, around.units) if events else []


def clocks_both_ways(
    source: SqlSource, case: str, as_of: AsOf, today: date, around: Surroundings
) -> list[tuple[Explanation, Explanation | None]]:
    """Every clock of one case, and beside it the same by the values first recorded, where these tell it otherwise."""
    events = _corrected(source, case, as_of)
    recorded = [event for _, event in events_of(source, case, as_of)]
    if not events or not any(event["type"] in CASE_CORRECTED for event in recorded):
        return [(clock, None) for clock in clocks_of(source, case, as_of, today, around)]
    return deadlines_both_ways(events, around.calendar, today, around.units, recorded=recorded)


def _corrected(source: SqlSource, case: str, as_of: AsOf) -> list[Mapping[str, Any]]:
    head = source.head() if as_of.size is None else as_of.size
    facts = facts_of(Group("case", case), read_group(source, case, head), as_of)
    return [act.event for act in facts.acts] if facts else []


def open_clocks(source: SqlSource, as_of: AsOf, today: date) -> Iterator[Explanation]:
    """The clocks of all cases that are running, or were missed and are still open; rights of petitioners left out."""
    around = Surroundings.read(source, as_of)
    for item in source.read(until=as_of.size, types=RECEIVED):
        for clock in clocks_of(source, item.subject, as_of, today, around):
            if clock.status in ("running", "late_open") and not clock.informational:
                yield clock
