"""DL-04 and DL-05: objecting within 5 working days, and feeding back by the day that was set (art.22, 23)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from domain.deadlines.clock import Clock, Question
from domain.deadlines.counting import count_until, count_workdays
from domain.deadlines.explanation import Explanation
from domain.deadlines.facts import CaseFacts, Fact, first_of_each, objections
from domain.deadlines.register import UnitRegister


def objection_clocks(question: Question) -> list[Explanation]:
    """DL-04 of every receipt by a handoff: one clock per objection; without one, the window and its end.

    An objection without a recorded receipt has no day to count from.
    """
    answer = _unreceived(question)
    for fact in first_of_each(question.facts, "handoff_received"):
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


def _unreceived(question: Question) -> list[Explanation]:
    facts = question.facts
    received = {(f.data.get("handoff"), f.data.get("unit")) for f in facts.all("handoff_received")}
    made = {(f.data.get("handoff"), f.data.get("unit")): f for f in reversed(facts.all("handoff_objected"))}
    return [
        Clock(question, "DL-04", unit, handoff).unknown("handoff_received")
        for handoff, unit in reversed(made)
        if handoff is not None and unit is not None and (handoff, unit) not in received
    ]


def _open_window(question: Question, received: Fact, handoff: str, unit: str) -> Explanation:
    """Nobody is late for not objecting: after the window the unit simply keeps the matter."""
    start = received.start("arrived_at")
    count = count_workdays(question.calendar, start.day, 5)
    answer = Clock(question, "DL-04", unit, handoff).judged(start, count, [])
    return replace(answer, status="stopped", reason="window_closed") if answer.is_late else answer


@dataclass(frozen=True, slots=True)
class SetDay:
    """The day set for feedback: as offered, as last changed by the sender before it passed, and what was not.

    `late_changes` are event ids of changes that came after the day had passed, or from somebody else. `untold`:
    an imported history holds a change by that day which does not say to which day.
    """

    due_on: date | None
    changed_by: tuple[str, ...] = ()
    late_changes: tuple[str, ...] = ()
    untold: bool = False


def set_day(facts: CaseFacts, offered: Fact, register: UnitRegister | None = None) -> SetDay:
    """The effective `due_on` of one offer (XF-HND-006). An unknown sender counts as the sender."""
    handoff, unit = offered.data.get("handoff"), offered.data.get("unit")
    current = _day(offered.data.get("due_on"))
    changed: list[str] = []
    ignored: list[str] = []
    changes = facts.all("handoff_due_changed", handoff=handoff, unit=unit)
    for fact in changes:
        if "due_on" not in fact.data:
            continue
        by_sender = None in (fact.unit, offered.unit) or fact.unit == offered.unit
        act = fact.act()
        if by_sender and (current is None or act.day <= current):
            current = _day(fact.data.get("due_on"))
            changed.append(act.event_id)
        else:
            ignored.append(act.event_id)
    silent = [f for f in changes if "due_on" not in f.data and (register or UnitRegister()).may_be_unknown(f.event)]
    untold = any(current is not None and f.act().day <= current for f in silent)
    return SetDay(current, tuple(changed), tuple(ignored), untold)


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
    day = set_day(facts, offered, question.register)
    if required is False:
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
    made = objections(facts, handoff, unit)
    if any(objection.pending for objection in made):
        notes.append("objection_pending")
    answer = clock.judged(start, count_until(start.day, day.due_on), done, ended, notes=notes)
    unheard = any(o.upheld is None and o.decided and o.decided.day <= day.due_on for o in made)
    missing = (*unsaid, *(["due_on"] if day.untold else []), *(["upheld"] if unheard else []))
    if answer.is_late and missing:
        return replace(answer, status="cannot_tell", act=None, reason=None, missing=missing)
    return answer


def feedback_clocks(question: Question) -> list[Explanation]:
    """DL-05 of every offer of which feedback was asked, or may have been; a repeated offer is the first one."""
    clocks = (feedback_clock(question, offered) for offered in first_of_each(question.facts, "handoff_offered"))
    return [clock for clock in clocks if clock is not None]
