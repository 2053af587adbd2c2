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
    hearings,
    objections,
    stops,
    unit_receipts,
    unsure_stops,
    withdrawal_notes,
)
from domain.deadlines.register import UnitRegister
from domain.deadlines.routing import routing
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
    """A: the first acceptance by the competent unit (XF-DDL-001).

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
    handling = [unit for unit in holding if _handles(by_unit[unit][0], register)]
    return by_unit[(handling or holding)[0]][0]


def _handles(accepted: Fact, register: UnitRegister) -> bool:
    return register.kind(accepted.unit, accepted.act().day) not in PETITION_KINDS


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
    """Note hearing days within the clock; late by no more than them is only probable."""
    last = answer.act.day if answer.act else question.as_of
    start = part.start.day
    found = [h for h in hearings(question.facts) if h.opened.day <= last and h.days(last, start)]
    days = {day for hearing in found for day in hearing.days(last, start) if day <= last}
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


def round_clock(question: Question, part: Round) -> Explanation:
    """DL-06 of one round of an art.31(6) matter."""
    facts, calendar = question.facts, question.calendar
    start = part.start
    extra = granted(calendar, start.day, extensions(facts, part.after, part.before))
    count = count_days(calendar, start.day, LIMIT_DAYS, extension=extra.days)
    clock = Clock(question, "DL-06", part.who, f"round {part.number}")
    route = routing(facts, start.day, count.due, part.after)
    if route.outside:
        return clock.waiting(route.outside, start=start)
    ended = stops(facts, part.after) + route.leaving + ([part.redo] if part.redo else [])
    notes = [*extra.notes, *route.notes, *withdrawal_notes(facts, question.register)]
    unsure = unsure_stops(facts, question.register, part.after)
    answer = clock.judged(start, count, _finishing(facts, part), ended, unsure=unsure, notes=notes)
    answer = replace(answer, extension_ids=extra.event_ids)
    answer = _undecided_extension(question, start.day, _with_hearings(question, part, answer))
    return _unnamed_procedure(question, part, answer)


def _unnamed_procedure(question: Question, part: Round, answer: Explanation) -> Explanation:
    """Routed elsewhere by the due day: which procedure an imported history means may merely be unknown."""
    due = answer.due
    if due is None or not answer.is_late:
        return answer
    for fact in question.facts.all("routed", purpose="claim"):
        data = fact.data
        named = data.get("route") and "procedure" in data and "procedure_ref" in data
        again = "reason" in data or "route" in data
        in_time = part.start.day <= fact.act().day <= due and question.register.may_be_unknown(fact.event)
        if data.get("route") != 6 and not named and again and in_time:
            return replace(answer, status="cannot_tell", act=None, reason=None, missing=("procedure",))
    return answer


def presumable(question: Question, receipt: UnitReceipt) -> bool:
    """Whether a unit that never accepted is taken to hold the matter: no objection in time, no refusal."""
    facts = question.facts
    if receipt.unit is None or facts.all("acceptance_refused"):
        return False
    if receipt.handoff is None:
        return True
    last = wdue(question.calendar, receipt.start.day, 5)
    made = objections(facts, receipt.handoff, receipt.unit)
    if any(objection.objected.day <= last or objection.upheld for objection in made):
        return False
    return not facts.all("handoff_withdrawn", handoff=receipt.handoff, unit=receipt.unit)


def presumed_clock(question: Question, days: int = PRESUMED_DAYS) -> Explanation:
    """DL-06 where nobody accepted: from the first receipt by a unit that neither objected nor refused."""
    facts = question.facts
    receipts = unit_receipts(facts, question.register, question.receiver_kind)
    held = [receipt for receipt in receipts if presumable(question, receipt)]
    if not held:
        route = routing(facts, date.min, date.max)
        return Clock(question, "DL-06", item="round 1").waiting(route.outside or "not_accepted", notes=route.notes)
    first = min(held, key=lambda receipt: receipt.start.day)
    clock = Clock(question, "DL-06", first.unit, "round 1")
    count: Count = count_days(question.calendar, first.start.day, days)
    route = routing(facts, first.start.day, count.due)
    if route.outside:
        return clock.waiting(route.outside, start=first.start)
    done = [f.act() for f in facts.all("opinion_issued") + facts.all("mediation_agreed")]
    ended = stops(facts) + route.leaving
    notes = ["never_accepted", *route.notes, *withdrawal_notes(facts, question.register)]
    unsure = unsure_stops(facts, question.register)
    answer = clock.judged(first.start, count, done, ended, unsure=unsure, notes=notes)
    if answer.status == "running":
        return replace(answer, status="not_started", reason="not_accepted")
    kind = question.register.kind(first.unit, first.start.day)
    if answer.is_late and not (kind or (question.receiver_kind if first.handoff is None else None)):
        return replace(answer, status="cannot_tell", act=None, missing=(f"kind:{first.unit}",), reason=None)
    return answer


def handling_clocks(question: Question, presumed_days: int = PRESUMED_DAYS) -> list[Explanation]:
    """DL-06: one clock per round; of a case outside art.31(6) one that says why it does not run."""
    if question.facts.first("received") is None and question.facts.first("accepted") is None:
        return []
    return [_purpose_known(clock) for clock in _clocks(question, presumed_days)]


def _purpose_known(clock: Explanation) -> Explanation:
    """Whether an unfinished petition was a claim at all must be known before it can be late."""
    if clock.is_late and "no_purpose" in clock.notes:
        return replace(clock, status="cannot_tell", missing=("purpose",), reason=None)
    return clock


def _clocks(question: Question, presumed_days: int) -> list[Explanation]:
    parts = rounds(question.facts, question.register)
    if not parts:
        return [presumed_clock(question, presumed_days)]
    return [round_clock(question, part) for part in parts]


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
            longest = rdue(question.calendar, part.start.day, LIMIT_DAYS + EXTENSION_DAYS_MAX)
            if judged.is_late and "extension_days_unknown" in before.notes and extension.approved.day <= longest:
                judged = replace(judged, status="cannot_tell", missing=("days",), reason=None)
            answer.append(replace(judged, extension_ids=before.event_ids))
    return answer
