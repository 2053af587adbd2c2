"""DL-06 and DL-07: 60 days from acceptance for matters of art.31(6), and at most 30 days of extension (art.34)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.calendar import Calendar, rdue, wdue
from domain.deadlines.clock import Clock, Question
from domain.deadlines.counting import Count, count_days
from domain.deadlines.explanation import Act, Explanation, StartFact
from domain.deadlines.facts import (
    CaseFacts,
    Fact,
    UnitReceipt,
    UnitRegister,
    hearings,
    objections,
    stops,
    unit_receipts,
    withdrawal_notes,
)
from domain.deadlines.routing import Routing, routing
from domain.deadlines.rules import EXTENSION_DAYS_MAX, PETITION_KINDS, PRESUMED_DAYS

LIMIT_DAYS = 60


def _given_back(facts: CaseFacts, unit: str | None, accepted: list[Fact]) -> bool:
    """Whether the unit's last acceptance was undone: objection upheld, handoff withdrawn, materials returned."""
    last = max(fact.index for fact in accepted)
    undone = [f for f in facts.all("objection_decided", unit=unit) if f.data.get("upheld") is True]
    undone += facts.all("handoff_withdrawn", unit=unit)
    undone += facts.all("materials_returned", unit=unit)
    return unit is not None and any(fact.index > last for fact in undone)


def first_acceptance(facts: CaseFacts, register: UnitRegister) -> Fact | None:
    """A: the first acceptance by the competent unit (checks §3, §4 XF-DDL-001).

    Competent is the unit named by a competence decision, if it accepted; else, of the units that accepted and
    did not give the matter back, the first that is no petition office, else the first.
    """
    by_unit: dict[str | None, list[Fact]] = {}
    for fact in facts.all("accepted"):
        by_unit.setdefault(fact.unit, []).append(fact)
    decided = facts.all("competence_decided")
    if decided and decided[-1].data.get("unit") in by_unit:
        return by_unit[decided[-1].data.get("unit")][0]
    holding = [unit for unit, accepted in by_unit.items() if not _given_back(facts, unit, accepted)]
    if not holding:
        return None
    handling = [unit for unit in holding if register.kinds.get(unit or "") not in PETITION_KINDS]
    return by_unit[(handling or holding)[0]][0]


@dataclass(frozen=True, slots=True)
class Extension:
    """One approved extension: `days` None where the record does not say."""

    approved: Act
    days: int | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Granted:
    """What extensions add: `days` of those approved by the due day before them, together at most 30.

    `dues` holds, per extension given, the due day that it had to be approved by.
    """

    days: int
    event_ids: tuple[str, ...]
    notes: tuple[str, ...]
    dues: tuple[date, ...]


def extensions(facts: CaseFacts, after: int = -1, before: int | None = None) -> list[Extension]:
    """Extensions of a case, those between two places in the order of its events."""
    found = [f for f in facts.all("extension_approved") if f.index > after and (before is None or f.index < before)]
    return [Extension(f.act(), f.data.get("days"), f.unit) for f in found]


def granted(calendar: Calendar, start: date, approved: Sequence[Extension], limit: int = LIMIT_DAYS) -> Granted:
    """Add up extensions in order (art.34): each must be approved by the rolled due day that stood before it."""
    days, ids, dues = 0, [], []
    notes: dict[str, None] = {}
    for extension in approved:
        due = rdue(calendar, start, limit + days)
        dues.append(due)
        if extension.approved.day > due:
            notes["late_extension"] = None
        elif extension.days is None:
            notes["extension_days_unknown"] = None
        else:
            if days + extension.days > EXTENSION_DAYS_MAX:
                notes["extension_over_cap"] = None
            days = min(EXTENSION_DAYS_MAX, days + extension.days)
            ids.append(extension.approved.event_id)
    return Granted(days, tuple(ids), tuple(notes), tuple(dues))


@dataclass(frozen=True, slots=True)
class Round:
    """One round of handling: from acceptance, or from a review's `redo`, to the next `redo`.

    `after` and `before` are places in the order of events; round 1 takes every earlier act too.
    """

    number: int
    start: StartFact
    who: str | None
    after: int = -1
    before: int | None = None
    redo: Act | None = None

    def holds(self, fact: Fact) -> bool:
        """Whether a fact belongs to this round."""
        return fact.index > self.after and (self.before is None or fact.index < self.before)


def rounds(facts: CaseFacts, register: UnitRegister) -> list[Round]:
    """The rounds of an accepted case; reopening, rework and re-acceptance begin none."""
    accepted = first_acceptance(facts, register)
    if accepted is None:
        return []
    starts = [(accepted, -1)]
    starts += [(redo, redo.index) for redo in facts.all("review_issued", outcome="redo")]
    answer = []
    for number, (fact, after) in enumerate(starts):
        following = starts[number + 1][0] if number + 1 < len(starts) else None
        answer.append(
            Round(
                number + 1, fact.start(), accepted.unit, after,
                following.index if following else None, following.act(reason="redo") if following else None,
            )
        )  # fmt: skip
    return answer


def _finishing(facts: CaseFacts, part: Round) -> list[Act]:
    done = [f for f in facts.all("opinion_issued") + facts.all("mediation_agreed") if part.holds(f)]
    return [f.act() for f in done]


def _with_hearings(question: Question, part: Round, answer: Explanation) -> Explanation:
    """Note hearing days in the round; late by no more than them is only probable (checks §4)."""
    last = answer.act.day if answer.act else question.as_of
    start = part.start.day
    found = [h for h in hearings(question.facts) if h.index > part.after and start <= h.opened.day <= last]
    days = {day for hearing in found for day in hearing.days(last) if day <= last}
    if not days:
        return answer
    ids = tuple(hearing.opened.event_id for hearing in found)
    excused = answer.is_late and (answer.days_late or 0) <= len(days)
    notes = (*answer.notes, "hearing_days") if excused else answer.notes
    return replace(answer, hearing_days=len(days), hearing_ids=ids, notes=notes)


def _undecided_extension(question: Question, start: date, answer: Explanation) -> Explanation:
    """An extension of unknown length: within the most it can give, lateness cannot be told."""
    most = rdue(question.calendar, start, LIMIT_DAYS + EXTENSION_DAYS_MAX)
    last = answer.act.day if answer.act else question.as_of
    if answer.is_late and "extension_days_unknown" in answer.notes and last <= most:
        return replace(answer, status="cannot_tell", missing=("days",))
    return answer


def round_clock(question: Question, part: Round, route: Routing) -> Explanation:
    """DL-06 of one round of an art.31(6) matter."""
    facts, calendar = question.facts, question.calendar
    start = part.start
    extra = granted(calendar, start.day, extensions(facts, part.after, part.before))
    count = count_days(calendar, start.day, LIMIT_DAYS, extension=extra.days)
    ended = stops(facts) + route.leaving + ([part.redo] if part.redo else [])
    notes = [*extra.notes, *route.notes, *withdrawal_notes(facts)]
    clock = Clock(question, "DL-06", part.who, f"round {part.number}")
    answer = clock.judged(start, count, _finishing(facts, part), ended, notes=notes)
    answer = replace(answer, extension_ids=extra.event_ids)
    return _undecided_extension(question, start.day, _with_hearings(question, part, answer))


def presumable(question: Question, receipt: UnitReceipt) -> bool:
    """Whether a unit that never accepted is taken to hold the matter: no objection in time, no refusal."""
    facts = question.facts
    kind = question.register.kinds.get(receipt.unit or "")
    if receipt.unit is None or (receipt.handoff is None and kind is None):
        return False
    if any(f.unit in (None, receipt.unit) for f in facts.all("acceptance_refused")):
        return False
    if receipt.handoff is None:
        return True
    last = wdue(question.calendar, receipt.start.day, 5)
    made = objections(facts, receipt.handoff, receipt.unit)
    if any(objection.objected.day <= last or objection.upheld for objection in made):
        return False
    return not facts.all("handoff_withdrawn", handoff=receipt.handoff, unit=receipt.unit)


def presumed_clock(question: Question, route: Routing, days: int = PRESUMED_DAYS) -> Explanation:
    """DL-06 where nobody accepted: from the first receipt by a unit that neither objected nor refused."""
    facts = question.facts
    receipts = unit_receipts(facts, question.register, question.receiver_kind)
    held = [receipt for receipt in receipts if presumable(question, receipt)]
    if not held:
        return Clock(question, "DL-06", item="round 1").waiting("not_accepted", notes=route.notes)
    first = min(held, key=lambda receipt: receipt.start.day)
    clock = Clock(question, "DL-06", first.unit, "round 1")
    count: Count = count_days(question.calendar, first.start.day, days)
    done = [f.act() for f in facts.all("opinion_issued") + facts.all("mediation_agreed")]
    ended = stops(facts) + route.leaving
    notes = ["never_accepted", *route.notes, *withdrawal_notes(facts)]
    answer = clock.judged(first.start, count, done, ended, notes=notes)
    if answer.status == "running":
        return replace(answer, status="not_started", reason="not_accepted")
    return answer


def handling_clocks(question: Question, presumed_days: int = PRESUMED_DAYS) -> list[Explanation]:
    """DL-06: one clock per round; of a case outside art.31(6) one that says why it does not run."""
    if question.facts.first("received") is None and question.facts.first("accepted") is None:
        return []
    route = routing(question.facts)
    clocks = _clocks(question, route, presumed_days)
    return [_purpose_known(clock) for clock in clocks]


def _purpose_known(clock: Explanation) -> Explanation:
    """Whether an unfinished petition was a claim at all must be known before it can be late."""
    if clock.is_late and "no_purpose" in clock.notes:
        return replace(clock, status="cannot_tell", missing=("purpose",), reason=None)
    return clock


def _clocks(question: Question, route: Routing, presumed_days: int) -> list[Explanation]:
    if route.outside:
        return [Clock(question, "DL-06", item="round 1").waiting(route.outside)]
    parts = rounds(question.facts, question.register)
    if not parts:
        return [presumed_clock(question, route, presumed_days)]
    return [round_clock(question, part, route) for part in parts]


def extension_clocks(question: Question) -> list[Explanation]:
    """DL-07: each extension, approved by the due day before it, or late."""
    answer = []
    for part in rounds(question.facts, question.register):
        approved = extensions(question.facts, part.after, part.before)
        extra = granted(question.calendar, part.start.day, approved)
        for number, extension in enumerate(approved):
            before = granted(question.calendar, part.start.day, approved[:number])
            count = count_days(question.calendar, part.start.day, LIMIT_DAYS, extension=before.days)
            clock = Clock(question, "DL-07", extension.unit, f"round {part.number}, extension {number + 1}")
            judged = clock.judged(part.start, count, [extension.approved], notes=extra.notes)
            answer.append(replace(judged, extension_ids=before.event_ids))
    return answer
