"""Every clock of one case, and the same with the values that stood before any correction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from domain.calendar import Calendar
from domain.deadlines.clock import Question
from domain.deadlines.explanation import Explanation
from domain.deadlines.facts import CaseFacts
from domain.deadlines.handling import extension_clocks, handling_clocks
from domain.deadlines.handoffs import feedback_clocks, objection_clocks
from domain.deadlines.intake import office_clock
from domain.deadlines.notices import notice_clocks
from domain.deadlines.register import UnitRegister
from domain.deadlines.reviews import review_clocks, review_windows
from domain.deadlines.rules import PRESUMED_DAYS


def ask(
    events: Iterable[Mapping[str, Any]],
    calendar: Calendar,
    today: date,
    registers: UnitRegister | Mapping[str, str] | None = None,
    *,
    receiver_kind: str | None = None,
    values: str = "corrected",
) -> Question:
    """What the single clocks are asked with: one case's decoded events, in the order of the clock in question.

    `registers` is a unit register or a plain mapping unit -> kind; a unit missing there is of unknown kind.
    """
    register = registers if isinstance(registers, UnitRegister) else UnitRegister(kinds=dict(registers or {}))
    return Question(CaseFacts.of(events, values), calendar, today, register, receiver_kind)


def case_deadlines(
    events: Iterable[Mapping[str, Any]],
    calendar: Calendar,
    today: date,
    registers: UnitRegister | Mapping[str, str] | None = None,
    *,
    receiver_kind: str | None = None,
    values: str = "corrected",
    presumed_days: int = PRESUMED_DAYS,
) -> list[Explanation]:
    """Every clock of one case at the end of the day `today`, by rule; of no event, none.

    `values`: `corrected` (the default) or `first`, as first recorded. Arguments as for `ask`.
    """
    question = ask(events, calendar, today, registers, receiver_kind=receiver_kind, values=values)
    office = office_clock(question)
    clocks = [
        *([office] if office else []),
        *notice_clocks(question),
        *objection_clocks(question),
        *feedback_clocks(question),
        *handling_clocks(question, presumed_days),
        *extension_clocks(question),
        *review_windows(question),
        *review_clocks(question),
    ]
    return sorted(clocks, key=lambda clock: clock.rule)


def deadlines_both_ways(
    events: Iterable[Mapping[str, Any]],
    calendar: Calendar,
    today: date,
    registers: UnitRegister | Mapping[str, str] | None = None,
    *,
    receiver_kind: str | None = None,
    recorded: Iterable[Mapping[str, Any]] | None = None,
) -> list[tuple[Explanation, Explanation | None]]:
    """Each clock by corrected values, with the same clock by first values where they tell it otherwise.

    The second is None where corrections changed neither due day, act nor status (XF-DDL-005).
    `recorded`: the events as they were recorded, in their order, where `events` already stand as corrected.
    """
    given = list(events)
    before = given if recorded is None else recorded
    now = case_deadlines(given, calendar, today, registers, receiver_kind=receiver_kind)
    first = {
        clock.key: clock
        for clock in case_deadlines(before, calendar, today, registers, receiver_kind=receiver_kind, values="first")
    }
    return [(clock, _if_other(clock, first.get(clock.key))) for clock in now]


def _if_other(now: Explanation, first: Explanation | None) -> Explanation | None:
    if first is None:
        return None
    told = (now.status, now.due, now.act and now.act.day)
    return None if told == (first.status, first.due, first.act and first.act.day) else first
