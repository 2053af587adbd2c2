"""Figures on handoffs: who was addressed and answered late, and which cases travel."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import Text
from domain.checks.context import Context
from domain.checks.course import handoffs
from domain.checks.facts import Facts
from domain.checks.feedback_clock import feedback_clock
from domain.checks.known import CASE_TYPES
from domain.checks.steps import HOLDERS_MIN, holder_steps, returning_steps
from projections.figure import Contribution, Definition, FigureRule, Member, Question

HANDOFF_TYPES = frozenset(
    name
    for name in CASE_TYPES
    if "handoff" in name or "objection" in name or name.endswith((".received.v1", ".record_corrected.v1"))
)


class HandoffsByUnit(FigureRule):
    """Handoffs addressed to each unit, each with how its feedback stands."""

    definition = Definition(
        id="handoffs_by_unit",
        version=1,
        title=Text("各单位承接转送交办", "Handoffs by addressed unit"),
        unit="件次",
        kind="exact",
        says=Text(
            "统计期内发出的转送、交办，按承接单位；每次注明反馈情况（timely、late、late_open、running、not_required、cannot_tell）",
            "offers made in the period, by addressed unit; each says how its feedback stands: timely, late, late_open, "
            "running, not_required, cannot_tell",
        ),
        types=HANDOFF_TYPES,
        group="case",
        dimensions=("unit",),
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        for handoff in handoffs(facts):
            if handoff.offered is None or not question.covers(handoff.offered.day):
                continue
            clock = feedback_clock(handoff, context)
            status = {"missing": "late_open", "excluded": "not_required"}.get(clock.status, clock.status)
            evidence = tuple(dict.fromkeys((*handoff.evidence, *clock.evidence)))
            yield Contribution((handoff.unit,), Member(facts.subject, evidence, handoff.item, status))


class LateFeedbackByUnit(FigureRule):
    """Of these, the ones whose feedback came late or is missing past its day."""

    definition = Definition(
        id="handoffs_late_feedback_by_unit",
        version=1,
        title=Text("各单位逾期反馈", "Handoffs with late feedback, by addressed unit"),
        unit="件次",
        kind="exact",
        says=Text(
            "统计期内发出、按XF-HND-006的时钟逾期反馈或逾期未反馈的转送交办，按承接单位",
            "offers made in the period whose feedback is late or missing by the clock of XF-HND-006, by addressed unit",
        ),
        types=HANDOFF_TYPES,
        group="case",
        dimensions=("unit",),
        better="lower",
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        for one in HandoffsByUnit().contributions(facts, context, question):
            if isinstance(one.entry, Member) and one.entry.status in ("late", "late_open"):
                yield one


class HoldersAtLeast3(FigureRule):
    """Cases that had three or more distinct holders."""

    definition = Definition(
        id="holders_at_least_3",
        version=1,
        title=Text("先后三个以上承接方的案件", "Cases with three or more distinct holders"),
        unit="件",
        kind="exact",
        says=Text(
            "第三个不同承接方签收日在统计期内的案件；共同办理和三向交办算一个承接方",
            "cases whose third distinct holder received in the period; joint and three-way handoffs are one holder",
        ),
        types=HANDOFF_TYPES,
        group="case",
        better="lower",
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        seen: set[frozenset[str]] = set()
        evidence: list[str] = []
        for step in holder_steps(facts):
            evidence += step.evidence
            is_new = step.units not in seen
            seen.add(step.units)
            if is_new and len(seen) == HOLDERS_MIN and question.covers(step.day):
                yield Contribution((), Member(facts.subject, tuple(evidence)))


class ReturningChains(FigureRule):
    """Cases that came back to an earlier holder."""

    definition = Definition(
        id="returning_chains",
        version=1,
        title=Text("流转后又回到原承接方的案件", "Cases that came back to an earlier holder"),
        unit="件",
        kind="exact",
        says=Text(
            "首次回到较早承接方（其间隔有其他承接方）的签收日在统计期内的案件",
            "cases that first came back, in the period, to an earlier holder with another between",
        ),
        types=HANDOFF_TYPES,
        group="case",
        better="lower",
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        for step, earlier in returning_steps(holder_steps(facts)):
            if question.covers(step.day):
                yield Contribution((), Member(facts.subject, (*earlier.evidence, *step.evidence)))
            return
