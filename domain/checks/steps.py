"""Who held a case one after the other: one step per handoff, in the order of offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from domain.checks.context import Context
from domain.checks.course import Handoff, handoffs
from domain.checks.facts import Facts

HOLDERS_MIN = 3


@dataclass(frozen=True, slots=True)
class Step:
    """The units that received one handoff; joint and three-way handoffs are one step."""

    ref: str
    units: frozenset[str]
    day: date
    evidence: tuple[str, ...]


def holder_steps(facts: Facts) -> list[Step]:
    """The steps of a case; the unit that received the petition itself hands over and is no holder."""
    received = facts.one("case.received")
    office = received.unit if received is not None else None
    by_ref: dict[str, list[Handoff]] = {}
    for handoff in handoffs(facts):
        if handoff.received is not None and handoff.unit != office:
            by_ref.setdefault(handoff.ref, []).append(handoff)
    return [_step(ref, theirs) for ref, theirs in by_ref.items()]


def _step(ref: str, received: list[Handoff]) -> Step:
    days = [one.received.day for one in received if one.received is not None]
    evidence = tuple(event_id for one in received for event_id in one.evidence)
    return Step(ref, frozenset(one.unit for one in received), min(days), evidence)


def returning_steps(steps: Iterable[Step]) -> Iterator[tuple[Step, Step]]:
    """Each step that equals an earlier one with another between, with that earlier one."""
    first: dict[frozenset[str], Step] = {}
    last: frozenset[str] | None = None
    for step in steps:
        if step.units in first and step.units != last:
            yield step, first[step.units]
        first.setdefault(step.units, step)
        last = step.units


def on_one_line(units: Iterable[str], day: date, context: Context) -> bool:
    """Whether of every two units one is above the other."""
    return all(context.register.on_one_line(one, other, day) for one, other in combinations(sorted(units), 2))
