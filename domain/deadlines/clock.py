"""Putting one clock together: the count, the judgement and the notes become an explanation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.calendar import Calendar
from domain.deadlines.counting import Count, judge
from domain.deadlines.explanation import Act, Explanation, StartFact
from domain.deadlines.facts import CaseFacts
from domain.deadlines.register import UnitRegister
from domain.deadlines.rules import IN_FORCE_FROM


@dataclass(frozen=True, slots=True)
class Question:
    """What every clock of one case is asked with: its facts, the calendar, the as-of day and the registers.

    `receiver_kind` stands in for the kind of the receiving office where the register does not hold it.
    """

    facts: CaseFacts
    calendar: Calendar
    as_of: date
    register: UnitRegister
    receiver_kind: str | None = None

    def is_before_regulation(self, start: StartFact) -> bool:
        """Whether the petition arrived, or the clock started, before 2022-05-01."""
        received = self.facts.first("received")
        first = min(start.day, received.start("received_at").day) if received else start.day
        return first < IN_FORCE_FROM


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one case before it is judged."""

    question: Question
    rule: str
    who: str | None = None
    item: str | None = None

    def waiting(self, reason: str, *, start: StartFact | None = None, notes: Collection[str] = ()) -> Explanation:
        """The clock that never started, and why."""
        q = self.question
        return Explanation(
            self.rule, q.facts.case, q.as_of, "not_started", self.who, self.item, start, reason=reason,
            notes=tuple(notes),
        )  # fmt: skip

    def unknown(self, *missing: str, start: StartFact | None = None, reason: str | None = None) -> Explanation:
        """The clock that cannot be told, and the facts that are missing."""
        q = self.question
        return Explanation(
            self.rule, q.facts.case, q.as_of, "cannot_tell", self.who, self.item, start, reason=reason,
            missing=missing,
        )  # fmt: skip

    def judged(
        self,
        start: StartFact,
        count: Count,
        done: Sequence[Act],
        ended: Sequence[Act] = (),
        *,
        unsure: Sequence[Act] = (),
        notes: Iterable[str] = (),
    ) -> Explanation:
        """The clock counted and judged. The `reason` of an `unsure` act names the fact that is missing."""
        q = self.question
        status, act = judge(count.due, q.as_of, done, ended, unsure)
        missing = dict.fromkeys(str(maybe.reason) for maybe in unsure if maybe.day <= count.due)
        all_notes = dict.fromkeys(notes)
        if count.provisional:
            all_notes["provisional_calendar"] = None
        if start.corrected:
            all_notes["start_corrected"] = None
        reason = act.reason if act else None
        if q.is_before_regulation(start):
            status, act, reason, missing = "cannot_tell", None, "before_regulation", {"regulation in force": None}
        return Explanation(
            self.rule, q.facts.case, q.as_of, status, self.who, self.item, start, count.limit, count.runs,
            extension_days=count.extension_days, hearing_days=count.hearing_days, calendar=count.calendar,
            provisional=count.provisional, due_unrolled=count.due_unrolled, due=count.due, act=act,
            reason=reason, missing=tuple(missing) if status == "cannot_tell" else (),
            notes=tuple(all_notes),
        )  # fmt: skip
