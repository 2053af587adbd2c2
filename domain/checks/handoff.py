"""Checks on handoffs: objections by the book, no carousel of units, feedback by the day that was set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.checks.base import (
    REGULATION_FROM,
    Basis,
    Check,
    Clause,
    Parameter,
    Text,
    Verdict,
    cannot_tell,
)
from domain.checks.clock import in_workdays, lateness
from domain.checks.context import Context
from domain.checks.course import WHETHER_UPHELD, Handoff, Objection, handoffs
from domain.checks.facts import Facts, judged_once
from domain.checks.feedback_clock import feedback_clocks

OBJECTION_WORKDAYS = 5


class ObjectionsByTheBook(Check):
    """XF-HND-002: an objection comes within 5 working days, with reasons, and materials go back."""

    id = "XF-HND-002"
    title = Text(
        "对转送交办提出异议不合规定",
        "An objection to a handoff was late, without reasons, or left materials behind",
    )
    basis = (Basis(Text("《信访工作条例》第二十三条", "Regulation art.23 (DL-04)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_late",
            "medium",
            "certain",
            Text("收到后超过5个工作日才提出异议", "the objection came after wdue(receipt,5)"),
            clock=True,
        ),
        Clause(
            "b_materials",
            "low",
            "suspect",
            Text(
                "异议被采纳后10个工作日（参数）内未交还材料",
                "the objection was upheld and materials were not returned by wdue(decision,10*)",
            ),
            clock=True,
        ),
        Clause("c_no_reasons", "medium", "certain", Text("异议未说明理由", "the objection gave no reasons")),
    )
    parameters = (
        Parameter(
            "b_workdays",
            10,
            Text("条例未定期限，本参数为管理口径", "the Regulation sets no number; a management default"),
        ),
    )
    risk = Text("以异议推诿，材料滞留", "objections used to shirk; materials left with the wrong unit")
    verify = Text(
        "核对签收日期、异议书及其理由、材料交还凭证",
        "the day of receipt, the objection and its reasons, the return slip",
    )
    remedy = Text(
        "逾期异议的单位继续办理，或由共同上级决定受理机关",
        "a late objector stays responsible, or the common superior decides (art.24)",
    )
    false_positives = Text(
        "签收日期录入过早；口头先行异议；材料以电子方式流转无须交还",
        "receipt was entered too early; an oral objection came first; electronic materials need no return",
    )
    blind_spots = Text(
        "以不签收代替异议；理由文件空洞", "not receiving instead of objecting; reasons without substance"
    )
    kinds = ("case",)
    triggers = frozenset({"case.handoff_objected"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for handoff in handoffs(facts):
            for number, objection in enumerate(handoff.objections, start=1):
                item = handoff.item if number == 1 else f"{handoff.item}#{number}"
                evidence = (*handoff.evidence, objection.act.id)
                yield from self._late(handoff, objection, item, evidence, context)
                yield from self._materials(handoff, objection, item, evidence, context)
                yield from self._reasons(handoff, objection, item, evidence, context)

    def _late(
        self, handoff: Handoff, objection: Objection, item: str, evidence: tuple[str, ...], context: Context
    ) -> Iterator[Verdict]:
        if handoff.received is None:
            yield cannot_tell("a_late", Text("签收", "the receipt of the handoff"), evidence, item=item)
            return
        start = handoff.received.day
        if start < REGULATION_FROM:
            yield cannot_tell(
                "a_late", Text("施行日之后的收件", "a receipt on or after 2022-05-01"), evidence, item=item
            )
            return
        limit = in_workdays(context, start, OBJECTION_WORKDAYS)
        acted = objection.act.day
        if limit.state(acted, context.today) != "late":
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="a_late",
            item=item,
            certainty=context.certainty("certain", *limit.leans_on),
            event_ids=evidence,
            facts={**limit.facts(acted, context), "unit": handoff.unit, "handoff": handoff.ref},
            sentence=Text(
                f"记录显示：单位 {handoff.unit} 于{start}收到，5个工作日后才提出异议；{tail.zh}。",
                f"The record shows: unit {handoff.unit} received on {start} and objected after 5 working days; {tail.en}.",
            ),
        )

    def _materials(
        self, handoff: Handoff, objection: Objection, item: str, evidence: tuple[str, ...], context: Context
    ) -> Iterator[Verdict]:
        decided = objection.decided
        if decided is None or objection.rejected or decided.get("materials_returned") is True:
            return
        returned = next((act for act in handoff.returned if act.day >= objection.act.day), None)
        limit = in_workdays(context, decided.day, context.parameters.get(self, "b_workdays"))
        acted = returned.day if returned else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        evidence = (*evidence, decided.id, *((returned.id,) if returned else ()))
        unsaid = returned is None and "materials_returned" not in decided.data
        if objection.untold or unsaid:
            missing = WHETHER_UPHELD if objection.untold else Text("材料是否交还", "whether materials were returned")
            yield cannot_tell("b_materials", missing, evidence, item=item)
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="b_materials",
            item=item,
            open=returned is None,
            certainty=context.certainty("suspect", limit.start, limit.due),
            event_ids=evidence,
            facts={**limit.facts(acted, context), "unit": handoff.unit, "handoff": handoff.ref},
            sentence=Text(
                f"记录显示：单位 {handoff.unit} 的异议于{decided.day}被采纳，材料未按期交还；{tail.zh}。",
                f"The record shows: the objection of unit {handoff.unit} was upheld on {decided.day} and the materials were "
                f"not returned in time; {tail.en}.",
            ),
        )

    def _reasons(
        self, handoff: Handoff, objection: Objection, item: str, evidence: tuple[str, ...], context: Context
    ) -> Iterator[Verdict]:
        if "reasons" in objection.act.data:
            return
        if objection.act.day < REGULATION_FROM or context.may_be_unknown(objection.act.event):
            yield cannot_tell("c_no_reasons", Text("异议理由", "the reasons of the objection"), evidence, item=item)
            return
        yield Verdict(
            reason="c_no_reasons",
            item=item,
            event_ids=evidence,
            facts={"unit": handoff.unit, "handoff": handoff.ref, "acted_on": objection.act.day},
            sentence=Text(
                f"记录显示：单位 {handoff.unit} 于{objection.act.day}提出异议，未附理由。",
                f"The record shows: unit {handoff.unit} objected on {objection.act.day} without giving reasons.",
            ),
        )


class FeedbackByTheSetDay(Check):
    """XF-HND-006: whoever was assigned a matter with feedback reports back by the day that was set."""

    id = "XF-HND-006"
    title = Text("交办事项未按指定期限反馈结果", "No feedback by the day that the assignment set")
    basis = (Basis(Text("《信访工作条例》第二十二条第一款第三项", "Regulation art.22(3) (DL-05)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "no_feedback",
            "high",
            "certain",
            Text(
                "要求反馈而至指定日24时（以到期前最后一次变更为准）未反馈；办结不免除反馈，到期前撤回或异议被采纳的除外",
                "feedback required and none from the addressee by 24:00 of due_on, as last changed by the sender before "
                "it passed; closing does not discharge it, withdrawal or an upheld objection before then does",
            ),
            clock=True,
        ),
    )
    risk = Text("交而不办，督办落空", "assignments are made and nobody answers for them")
    verify = Text(
        "核对交办函、期限变更及办结报告的收件日期",
        "the assignment, changes of its day, and when the report arrived",
    )
    remedy = Text("催办、督办，要求提交办结报告", "press for and supervise the closing report (art.40)")
    false_positives = Text(
        "报告已交而未记录；延期口头同意未记录",
        "a report handed in but not recorded; an extension agreed by word",
    )
    blind_spots = Text("按期提交的空洞报告", "an empty report handed in on time")
    kinds = ("case",)
    triggers = frozenset({"case.handoff_offered"})

    @judged_once
    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for handoff, clock in feedback_clocks(facts, context):
            if clock.status == "cannot_tell" and clock.why is not None:
                yield cannot_tell("no_feedback", clock.why, clock.evidence, item=handoff.item)
            elif clock.status in ("late", "missing") and clock.limit is not None:
                limit, acted = clock.limit, clock.acted
                tail = lateness(limit, acted, context)
                stated: dict[str, Any] = {
                    "unit": handoff.unit,
                    "handoff": handoff.ref,
                    "due_changes": clock.changes,
                }
                yield Verdict(
                    reason="no_feedback",
                    item=handoff.item,
                    open=acted is None,
                    event_ids=clock.evidence,
                    facts={**limit.facts(acted, context), **stated},
                    sentence=Text(
                        f"记录显示：交办单位 {handoff.unit}（{handoff.ref}）要求反馈结果，未按期反馈；{tail.zh}。",
                        f"The record shows: unit {handoff.unit} ({handoff.ref}) had to report back and did not in time; "
                        f"{tail.en}.",
                    ),
                )
