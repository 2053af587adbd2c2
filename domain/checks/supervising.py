"""Checks on supervision and advice: does the office press where it must, and does pressing lead to anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from domain.calendar import due
from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import in_days, lateness
from domain.checks.context import Context
from domain.checks.course import is_office
from domain.checks.deadline import AnsweredWithin60Days
from domain.checks.execution import SupportIsExecuted
from domain.checks.facts import Act, Facts
from domain.checks.handling_clock import competent_acceptance
from domain.checks.handoff import FeedbackByTheSetDay

SOURCES: tuple[Check, ...] = (AnsweredWithin60Days(), FeedbackByTheSetDay(), SupportIsExecuted())


def breaches(facts: Facts, context: Context) -> Iterator[tuple[Check, Verdict]]:
    """What is certainly overdue now in a case, as the checks on the periods themselves say it."""
    for check in SOURCES:
        for verdict in check.verdicts(facts, context):
            sure = (verdict.certainty or check.clause(verdict.reason).certainty) == "certain"
            if verdict.result == "hit" and verdict.open and (sure or check.id == "XF-HND-006"):
                yield check, verdict


class BreachIsSupervised(Check):
    """XF-SUP-001: what a unit leaves overdue is followed by a supervision of that unit.

    The office itself is every unit of a petition office's kind. Judged is what is still overdue: once the
    unit has acted, its lateness stays with the check that found it.
    """

    id = "XF-SUP-001"
    title = Text("应督办而未督办", "An overdue duty of a unit and no supervision of it")
    basis = (Basis(Text("《信访工作条例》第四十条", "Regulation art.40 (C-03)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "not_supervised",
            "medium",
            "probable",
            Text(
                "XF-DDL-001（确定）、XF-HND-006 或 XF-OPN-002(a) 对其他单位已持续15日（参数），没有仍在进行的或到期后发出的督办",
                "XF-DDL-001 (certain), XF-HND-006 or XF-OPN-002(a) open for 15* days against a unit other than the office "
                "itself, and no supervision to it that is still open or was opened after the due day",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter("days", 15, Text("管理口径，条例未定", "a management default; the Regulation sets no number")),
    )
    risk = Text("信访部门怠于履行督办职责", "the office leaves its own duty of supervision undone")
    verify = Text("核对督办台账和催办记录", "the register of supervisions and reminders")
    remedy = Text("立即督办，必要时提出改进工作建议", "supervise at once, and advise where needed")
    false_positives = Text("已口头或联席会议督办而未录入", "supervised by word or in the joint conference, not entered")
    blind_spots = Text("形式上的督办", "a supervision in form only")
    speaks_of_others = True
    kinds = ("case",)
    triggers = frozenset({"case.accepted", "case.handoff_offered", "case.opinion_issued"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        days = context.parameters.get(self, "days")
        for check, breach in breaches(facts, context):
            due_on: date = breach.facts["due_on"]
            if context.today < due(due_on, days):
                continue
            item = f"{check.id}/{breach.item}"
            unit = self._unit(check, breach, facts, context)
            if unit is None:
                missing = Text("责任单位", "the unit whose duty it was")
                yield cannot_tell("not_supervised", missing, breach.event_ids, item=item)
                continue
            kind = context.register.kind(unit, due_on)
            if is_office(kind) or self._supervised(facts, unit, due_on):
                continue
            if kind is None:
                missing = Text(f"单位 {unit} 的类别登记", f"the declared kind of unit {unit}")
                yield cannot_tell("not_supervised", missing, breach.event_ids, item=item)
                continue
            yield self._missing(facts, check, breach, item, unit, context)

    def _unit(self, check: Check, breach: Verdict, facts: Facts, context: Context) -> str | None:
        """Whose duty it was; of an opinion that a review sent back, the unit that accepted, not the review's body."""
        if check.id == "XF-DDL-001":
            accepted = competent_acceptance(facts, context)
            return accepted.unit if accepted is not None else None
        unit = breach.facts.get("unit")
        return None if unit is None else str(unit)

    def _supervised(self, facts: Facts, unit: str, due_on: date) -> bool:
        closed = {act.get("supervision") for act in facts.all("case.supervision_closed")}
        theirs = [act for act in facts.all("case.supervision_opened") if act.get("to") == unit]
        return any(act.day > due_on or act.get("supervision") not in closed for act in theirs)

    def _missing(self, facts: Facts, check: Check, breach: Verdict, item: str, unit: str, context: Context) -> Verdict:
        due_on = breach.facts["due_on"]
        passed = (context.today - due_on).days
        theirs = [act.id for act in facts.all("case.supervision_opened") if act.get("to") == unit]
        return Verdict(
            reason="not_supervised",
            item=item,
            open=True,
            event_ids=(*breach.event_ids, *theirs),
            certainty=context.certainty("probable", due_on),
            facts={"unit": unit, "due_on": due_on, "days_overdue": passed, "found_by": check.id},
            sentence=Text(
                f"记录显示：单位 {unit} 自{due_on}到期（{check.id}）已超{passed}日，没有对其督办。",
                f"The record shows: unit {unit} is {passed} day(s) past {due_on} ({check.id}) and was not supervised for it.",
            ),
        )


class SupervisionHasEffect(Check):
    """XF-SUP-002: a supervision ends with an answer, and `done` with something that the unit did.

    The answer itself is not the act that (b) asks for. A supervision that was dropped without an answer is
    only `suspect`. Days decide: an act on the day of opening or closing counts.
    """

    id = "XF-SUP-002"
    title = Text(
        "督办无答复即结束，或无实际办理而称办结", "A supervision closed without an answer, or done with nothing done"
    )
    basis = (Basis(Text("《信访工作条例》第四十条", "Regulation art.40"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_no_answer",
            "medium",
            "probable",
            Text("督办结束而无答复（撤销的为可疑）", "supervision closed without an answer (dropped: suspect)"),
        ),
        Clause(
            "b_no_act",
            "medium",
            "probable",
            Text(
                "以办结结束，而督办期间被督办单位没有任何办理行为",
                "done with no act of the supervised unit between opening and closing",
            ),
        ),
    )
    risk = Text("督而不办，走形式", "supervision in form only")
    verify = Text("核对督办答复和其间的办理材料", "the answer, and what was done in between")
    remedy = Text("重新督办，核实办理情况", "supervise again and see what was done")
    false_positives = Text(
        "答复或办理未录入；以单位名义由上级办理", "an answer or act not entered; done by the superior for the unit"
    )
    blind_spots = Text("只有答复没有实效", "an answer in words without effect")
    kinds = ("case",)
    triggers = frozenset({"case.supervision_closed"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        opened = {act.get("supervision"): act for act in facts.all("case.supervision_opened")}
        answered = {act.get("supervision"): act for act in facts.all("case.supervision_answered")}
        for closed in facts.all("case.supervision_closed"):
            ref = closed.get("supervision")
            begun = opened.get(ref)
            evidence = tuple(act.id for act in (begun, closed) if act is not None)
            if ref not in answered:
                yield self._unanswered(closed, begun, str(ref), evidence)
            unsaid = "outcome" not in closed.data and context.may_be_unknown(closed.event)
            if begun is not None and (unsaid or closed.get("outcome") == "done"):
                for one in self._idle(facts, begun, closed, str(ref), evidence):
                    missing = Text("督办的结果", "the outcome of the supervision")
                    yield cannot_tell(one.reason, missing, evidence, item=one.item) if unsaid else one

    def _unanswered(self, closed: Act, begun: Act | None, ref: str, evidence: tuple[str, ...]) -> Verdict:
        unit = begun.get("to") if begun is not None else None
        outcome = closed.get("outcome", "unknown")
        return Verdict(
            reason="a_no_answer",
            item=ref,
            certainty="suspect" if outcome == "dropped" else "probable",
            event_ids=evidence,
            facts={"closed_on": closed.day, "outcome": outcome, "supervision": ref, "unit": unit or "unknown"},
            sentence=Text(
                f"记录显示：督办 {ref} 于{closed.day}结束（{outcome}），没有答复。",
                f"The record shows: supervision {ref} was closed on {closed.day} ({outcome}) without an answer.",
            ),
        )

    def _idle(self, facts: Facts, begun: Act, closed: Act, ref: str, evidence: tuple[str, ...]) -> Iterator[Verdict]:
        unit = begun.get("to")
        between = [
            act
            for act in facts.acts
            if begun.day <= act.day <= closed.day
            and act.name not in ("case.supervision_opened", "case.supervision_answered", "case.supervision_closed")
        ]
        if any(act.unit == unit for act in between):
            return
        nameless = [act.id for act in between if act.unit is None]
        if unit is None or nameless:
            missing = Text("督办期间各办理行为的单位", "the units of the acts in between")
            yield cannot_tell("b_no_act", missing, (*evidence, *nameless), item=ref)
            return
        stated: dict[str, Any] = {"opened_on": begun.day, "closed_on": closed.day, "supervision": ref, "unit": unit}
        yield Verdict(
            reason="b_no_act",
            item=ref,
            event_ids=evidence,
            facts=stated,
            sentence=Text(
                f"记录显示：督办 {ref} 以办结结束，{begun.day}至{closed.day}间单位 {unit} 没有任何办理行为。",
                f"The record shows: supervision {ref} was closed as done, and from {begun.day} to {closed.day} unit {unit} did "
                "nothing in the case.",
            ),
        )


class AdviceIsAnswered(Check):
    """XF-ADV-001: advice is answered in writing; the Regulation sets no day, so the number is a default."""

    id = "XF-ADV-001"
    title = Text("三项建议长期未书面反馈", "Advice was left without a written answer")
    basis = (Basis(Text("《信访工作条例》第四十条末款", "Regulation art.40, last paragraph (DL-13)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "no_answer",
            "medium",
            "suspect",
            Text("提出后60日（参数）内无书面反馈", "advice without a written answer by rdue(advice,60*)"),
            clock=True,
        ),
    )
    parameters = (
        Parameter("days", 60, Text("管理口径，条例未定期限", "a management default; the Regulation sets no number")),
    )
    risk = Text("建议被搁置，同类问题反复发生", "advice is shelved and the same trouble returns")
    verify = Text("核对建议书送达和反馈文书", "when the advice arrived, and the written answer")
    remedy = Text("催办反馈，必要时报告本级党委政府", "press for the answer, report to party committee and government")
    false_positives = Text("已反馈而未录入；约定了更长期限", "answered and not entered; a longer time agreed")
    blind_spots = Text("答复采纳而不落实", "adopted on paper and not carried out")
    kinds = ("case",)
    triggers = frozenset({"case.advice_issued"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for advice in facts.all("case.advice_issued"):
            ref = advice.get("advice")
            answers = [act for act in facts.all("case.advice_answered") if act.get("advice") == ref]
            written = [act for act in answers if "document" in act.data]
            answer = min(written, key=lambda act: (act.day, act.position), default=None)
            acted = answer.day if answer is not None else None
            limit = in_days(context, advice.day, context.parameters.get(self, "days"))
            if limit.state(acted, context.today) not in ("late", "missing"):
                continue
            evidence = (advice.id, *(act.id for act in answers))
            if any(act.day <= limit.due and context.may_be_unknown(act.event) for act in answers):
                missing = Text("反馈的书面材料", "the document of the answer")
                yield cannot_tell("no_answer", missing, evidence, item=str(ref))
                continue
            tail = lateness(limit, acted, context)
            yield Verdict(
                reason="no_answer",
                item=str(ref),
                open=answer is None,
                certainty=context.certainty("suspect", limit.start, limit.due),
                event_ids=evidence,
                facts={**limit.facts(acted, context), "advice": ref, "unit": advice.get("to", "unknown")},
                sentence=Text(
                    f"记录显示：{limit.start}向 {advice.get('to')} 提出的建议 {ref} 未按期书面反馈；{tail.zh}。",
                    f"The record shows: advice {ref} of {limit.start} to {advice.get('to')} was not answered in writing in "
                    f"time; {tail.en}.",
                ),
            )
