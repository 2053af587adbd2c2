"""DL-04 and DL-05: objecting within 5 working days, and feeding back by the day that was set (art.22, 23)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from domain.deadlines.clock import Clock, Question
from domain.deadlines.counting import count_until, count_workdays
from domain.deadlines.explanation import Explanation
from domain.deadlines.facts import CaseFacts, Fact, objections


def objection_clocks(question: Question) -> list[Explanation]:
    """DL-04 of every receipt by a handoff: one clock per objection; without one, the window and its end."""
    answer = []
    for fact in question.facts.all("handoff_received"):
        handoff, unit = str(fact.data.get("handoff", "")), str(fact.data.get("unit", ""))
        made = objections(question.facts, handoff, unit)
        for number, objection in enumerate(made):
            item = handoff if number == 0 else f"{handoff}#{number + 1}"
            clock = Clock(question, "DL-04", unit, item)
            start = fact.start("arrived_at")
            count = count_workdays(question.calendar, start.day, 5)
            answer.append(clock.judged(start, count, [objection.objected]))
        if not made:
            answer.append(_open_window(question, fact, handoff, unit))
    return answer


def _open_window(question: Question, received: Fact, handoff: str, unit: str) -> Explanation:
    """Nobody is late for not objecting: after the window the unit simply keeps the matter."""
    start = received.start("arrived_at")
    count = count_workdays(question.calendar, start.day, 5)
    answer = Clock(question, "DL-04", unit, handoff).judged(start, count, [])
    return replace(answer, status="stopped", reason="window_closed") if answer.is_late else answer


@dataclass(frozen=True, slots=True)
class SetDay:
    """The day set for feedback: as offered, as last changed by the sender before it passed, and what was not.

    `late_changes` are event ids of changes that came after the day had passed, or from somebody else.
    """

    due_on: date | None
    changed_by: tuple[str, ...] = ()
    late_changes: tuple[str, ...] = ()


def set_day(facts: CaseFacts, offered: Fact) -> SetDay:
    """The effective `due_on` of one offer (checks §4, XF-HND-006). An unknown sender counts as the sender."""
    handoff, unit = offered.data.get("handoff"), offered.data.get("unit")
    current = _day(offered.data.get("due_on"))
    changed: list[str] = []
    ignored: list[str] = []
    for fact in facts.all("handoff_due_changed", handoff=handoff, unit=unit):
        by_sender = None in (fact.unit, offered.unit) or fact.unit == offered.unit
        act = fact.act()
        if by_sender and (current is None or act.day <= current):
            current = _day(fact.data.get("due_on"))
            changed.append(act.event_id)
        else:
            ignored.append(act.event_id)
    return SetDay(current, tuple(changed), tuple(ignored))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def feedback_clock(question: Question, offered: Fact) -> Explanation | None:
    """DL-05 of one offer, to 24:00 of the set day, never rolled. None where no feedback was asked for.

    Withdrawal, or an objection upheld, by that day takes the duty away; closing the case does not.
    """
    facts, data = question.facts, offered.data
    handoff, unit = str(data.get("handoff", "")), str(data.get("unit", ""))
    clock = Clock(question, "DL-05", unit, handoff)
    required = data.get("feedback_required")
    day = set_day(facts, offered)
    if required is False or (required is None and day.due_on is None and data.get("mode") == "transfer"):
        return None
    start = offered.start()
    unsaid = () if required else ("feedback_required",)
    if day.due_on is None:
        return clock.unknown("due_on", *unsaid, start=start)
    withdrawn = facts.all("handoff_withdrawn", handoff=handoff, unit=unit)
    ended = [f.act(reason="handoff_withdrawn") for f in withdrawn]
    ended += [
        replace(objection.decided, reason="objection_upheld")
        for objection in objections(facts, handoff, unit)
        if objection.upheld and objection.decided
    ]
    done = [f.act() for f in facts.all("handoff_fed_back", handoff=handoff, unit=unit)]
    notes = [*(["due_changed"] if day.changed_by else []), *(["late_due_change"] if day.late_changes else [])]
    if any(objection.pending for objection in objections(facts, handoff, unit)):
        notes.append("objection_pending")
    answer = clock.judged(start, count_until(start.day, day.due_on), done, ended, notes=notes)
    return replace(answer, status="cannot_tell", missing=unsaid) if unsaid and answer.is_late else answer


def feedback_clocks(question: Question) -> list[Explanation]:
    """DL-05 of every offer of which feedback was asked, or may have been."""
    clocks = (feedback_clock(question, offered) for offered in question.facts.all("handoff_offered"))
    return [clock for clock in clocks if clock is not None]
