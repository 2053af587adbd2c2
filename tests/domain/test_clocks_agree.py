"""What the deadlines explain and what the checks find never contradict each other, whatever was recorded.

Compared per clock of a case: late, cannot be told, or nothing to say; where late, the due day, the act and how sure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

import pytest

from domain.calendar import Calendar
from domain.checks import ALL_CHECKS
from domain.checks.base import Finding, Group, weaker
from domain.checks.context import Context, context_of
from domain.checks.facts import Facts, facts_of
from domain.deadlines import Explanation, UnitRegister, case_deadlines
from tests.support.case_histories import CourseOfACase, any_history
from tests.support.history import CASE, History, asked

CHECKS = {check.id: check for check in ALL_CHECKS}
CLOCK_CLAUSES = {
    "XF-ACC-001": {"not_handled"},
    "XF-ACC-002": {"no_notice"},
    "XF-DDL-001": {"overdue", "never_accepted"},
    "XF-DDL-002": {"c_too_late"},
    "XF-DDL-009": {"review", "re_review"},
    "XF-HND-002": {"a_late"},
    "XF-HND-006": {"no_feedback"},
}
RULES = frozenset({"DL-01", "DL-02", "DL-03", "DL-04", "DL-05", "DL-06", "DL-07", "DL-09", "DL-11"})
DAYS = ("2025-03-31", "2025-06-30", "2025-12-31")
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Said:
    """What one side says of one clock: `late`, `cannot_tell` or `nothing`."""

    what: str
    due: str = ""
    acted: str = ""
    certainty: str = ""


NOTHING = Said("nothing")


@dataclass(frozen=True)
class Asked:
    """One history, asked on one day, as both sides read it."""

    facts: Facts
    context: Context
    registers: list[dict[str, Any]]

    @classmethod
    def of(cls, history: History, day: str) -> Asked | None:
        """None where nothing of the case had happened by that day."""
        events = list(enumerate(history.events, start=1))
        own = [pair for pair in events if pair[1]["subject"] == CASE]
        others = [pair for pair in events if pair[1]["subject"] != CASE]
        facts = facts_of(Group("case", CASE), own, asked(day))
        if facts is None:
            return None
        facts.first = None
        context = context_of(others, asked(day), date.fromisoformat(day))
        return cls(facts, context, [event for _, event in others])

    def found(self) -> dict[Key, Said]:
        """What the checks say, by clock."""
        answer = {}
        for check, reasons in CLOCK_CLAUSES.items():
            for finding in CHECKS[check].judge(self.facts, self.context):
                if finding.reason in reasons:
                    answer[key_of_finding(finding)] = said_by(finding)
        return answer

    def explained(self) -> dict[Key, Explanation]:
        """What the deadlines explain, by clock."""
        clocks = case_deadlines(
            [act.event for act in self.facts.acts],
            Calendar.from_events(self.registers),
            self.context.today,
            UnitRegister.from_events(self.registers),
        )
        answer = {key_of_clock(clock): clock for clock in clocks if clock.rule in RULES}
        assert len(answer) == sum(clock.rule in RULES for clock in clocks), "two explanations of one clock"
        return answer


def key_of_finding(finding: Finding) -> Key:
    """Rule, unit and item of the clock that a finding is about."""
    ref, _, unit = finding.item.rpartition("/")
    match finding.check:
        case "XF-ACC-001":
            return "DL-01", "", ""
        case "XF-ACC-002":
            return "DL-03" if ref else "DL-02", unit.removeprefix("?"), ref
        case "XF-DDL-001":
            number = int(finding.item.removeprefix("redo ")) + 1 if finding.item.startswith("redo ") else 1
            return "DL-06", "", f"round {number}"
        case "XF-DDL-002":
            return "DL-07", "", finding.event_ids[-1]
        case "XF-DDL-009":
            return ("DL-09" if finding.reason == "review" else "DL-11"), "", f"{finding.reason} {finding.item}"
        case "XF-HND-002":
            unit, _, number_of_objection = unit.partition("#")
            return "DL-04", unit, f"{ref}#{number_of_objection}" if number_of_objection else ref
    return "DL-05", unit, ref


def key_of_clock(clock: Explanation) -> Key:
    """The same of an explanation."""
    if clock.rule == "DL-07" and clock.act is not None:
        return clock.rule, "", clock.act.event_id
    unit = clock.who or "" if clock.rule in ("DL-02", "DL-03", "DL-04", "DL-05") else ""
    return clock.rule, unit, (clock.item or "") if clock.rule != "DL-01" else ""


def said_by(finding: Finding) -> Said:
    if finding.result == "cannot_tell":
        return Said("cannot_tell")
    assert finding.result == "hit"
    facts = finding.facts
    return Said("late", str(facts["due_on"]), str(facts.get("acted_on", "")), finding.certainty)


def said_in(clock: Explanation | None) -> Said:
    if clock is None or clock.status in ("met", "running", "stopped", "not_started"):
        return NOTHING
    if clock.status == "cannot_tell":
        return Said("cannot_tell")
    acted = str(clock.act.day) if clock.act else ""
    certainty = weaker(clock.certainty, "probable") if clock.rule == "DL-07" else clock.certainty
    return Said("late", str(clock.due), acted, certainty)


def intended(found: Said, clock: Explanation | None, asked_of: Asked) -> str | None:
    """Why the two may differ: every intended difference, with its reason; None where they may not."""
    if clock is None:
        # An explanation of an extension names no approval then, so the two cannot be laid side by side.
        untold = found.what == "cannot_tell" and before_the_regulation(asked_of)
        return "before the Regulation" if untold else None
    told = said_in(clock)
    if clock.reason == "before_regulation" or before_the_regulation(asked_of):
        # The article was not yet in force: a check says so only where it would speak, an explanation always.
        return "before the Regulation" if "late" not in (found.what, told.what) else None
    if told.what == "cannot_tell" and found == NOTHING:
        # Whether the unit owes anything is open from the first day; a check asks only once the day has passed
        # and nothing was done, for a finding about an undeclared unit that is in time helps nobody.
        whose = {"actorunit", f"kind:{clock.who}"}
        return "whose duty is not known" if whose.intersection(clock.missing) else None
    if found.what == told.what == "late" and clock.act and clock.act.reason and clock.rule in ENDED_LATE:
        # What took the duty away after the due day (an opinion, a withdrawal) closes the explanation; the
        # finding still counts the notice or feedback that never came, or came later.
        same = (found.due, found.certainty) == (told.due, told.certainty)
        return "ended after the due day" if same and (not found.acted or found.acted > told.acted) else None
    return None


ENDED_LATE = frozenset({"DL-02", "DL-03", "DL-05"})


def before_the_regulation(asked_of: Asked) -> bool:
    received = asked_of.facts.one("case.received")
    return received is not None and received.day < date(2022, 5, 1)


def differences(asked_of: Asked, seen: Counter[tuple[str, str]]) -> list[tuple[Key, Said, Said]]:
    """The clocks of which the two sides say different things without a reason; counts what was said."""
    found, explained = asked_of.found(), asked_of.explained()
    answer = []
    for key in {*found, *explained}:
        by_check, clock = found.get(key, NOTHING), explained.get(key)
        seen[key[0], by_check.what] += 1
        if by_check != said_in(clock):
            reason = intended(by_check, clock, asked_of)
            if reason is None:
                answer.append((key, by_check, said_in(clock)))
            else:
                seen["intended", reason] += 1
    return answer


@pytest.mark.parametrize("start", range(0, 2_000, 250))
def test_plausible_courses_are_told_alike_by_deadlines_and_checks(start: int) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(start, start + 250):
        chance = Random(seed)
        asked_of = Asked.of(CourseOfACase(chance).told(), chance.choice(DAYS))
        assert asked_of is None or differences(asked_of, seen) == [], seed
    every_answer = {(rule, what) for rule in RULES for what in ("late", "cannot_tell", "nothing")}
    seldom = {("DL-04", "cannot_tell"), ("DL-07", "cannot_tell"), ("DL-11", "cannot_tell")}
    assert every_answer - seldom <= seen.keys()
    assert {what for rule, what in seen if rule == "intended"} == {
        "before the Regulation",
        "whose duty is not known",
        "ended after the due day",
    }


@pytest.mark.parametrize("start", range(0, 2_000, 500))
def test_any_acts_in_any_order_are_told_alike_by_deadlines_and_checks(start: int) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(start, start + 500):
        chance = Random(seed)
        asked_of = Asked.of(any_history(chance), chance.choice(DAYS))
        assert asked_of is None or differences(asked_of, seen) == [], seed
    assert {(rule, "nothing") for rule in RULES} <= seen.keys()


def test_a_comparison_that_meets_a_contradiction_reports_it() -> None:
    history = History()
    history.received("2025-03-03")
    asked_of = Asked.of(history, "2025-06-30")
    assert asked_of is not None
    asked_of.registers.clear()
    ((key, by_check, by_deadlines),) = differences(asked_of, Counter())
    assert (key[0], by_check.what, by_deadlines.what) == ("DL-01", "late", "cannot_tell")
