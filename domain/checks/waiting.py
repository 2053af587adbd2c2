"""Checks on waiting: offers that nobody receives, and objections that nobody decides."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict
from domain.checks.clock import in_workdays, lateness
from domain.checks.context import Context
from domain.checks.course import handoffs
from domain.checks.facts import Facts, earliest


class OffersAreReceived(Check):
    """XF-HND-001: an offer is received or withdrawn within a few working days."""

    id = "XF-HND-001"
    title = Text("转送交办后长期无人签收", "A handoff was neither received nor withdrawn")
    basis = (Basis(Text("《信访工作条例》第二十八条", "Regulation art.28"), REGULATION_FROM),)
    clauses = (
        Clause(
            "not_received",
            "medium",
            "probable",
            Text(
                "发出后5个工作日（参数）内未签收也未撤回", "offered, neither received nor withdrawn by wdue(offer,5*)"
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter(
            "workdays",
            5,
            Text("管理口径，条例无签收期限", "a management default; the Regulation sets no limit for receiving"),
        ),
    )
    risk = Text("以不签收推诿，办理期限不起算", "not receiving instead of objecting, so that no clock starts")
    verify = Text("核对送达凭证与收件单位的登记", "the proof of sending and the addressee's register")
    remedy = Text("催收，必要时督办或改派", "press for receipt, supervise, or hand over elsewhere")
    false_positives = Text("已纸质签收而未录入", "received on paper and not entered")
    blind_spots = Text("签收后不办", "received and then left lying")
    kinds = ("case",)
    triggers = frozenset({"case.handoff_offered"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for handoff in handoffs(facts):
            if handoff.offered is None:
                continue
            end = earliest([act for act in (handoff.received, handoff.withdrawn) if act is not None])
            acted = end.day if end is not None else None
            limit = in_workdays(context, handoff.offered.day, context.parameters.get(self, "workdays"))
            if limit.state(acted, context.today) not in ("late", "missing"):
                continue
            tail = lateness(limit, acted, context)
            yield Verdict(
                reason="not_received",
                item=handoff.item,
                open=end is None,
                certainty=context.certainty("probable", limit.start, limit.due),
                event_ids=(handoff.offered.id, *((end.id,) if end is not None else ())),
                facts={**limit.facts(acted, context), "unit": handoff.unit, "handoff": handoff.ref},
                sentence=Text(
                    f"记录显示：{limit.start}转送交办给 {handoff.unit}，未按期签收或撤回；{tail.zh}。",
                    f"The record shows: offered to {handoff.unit} on {limit.start}, neither received nor withdrawn in time; "
                    f"{tail.en}.",
                ),
            )


class ObjectionsAreDecided(Check):
    """XF-HND-009: the sender decides an objection within a few working days."""

    id = "XF-HND-009"
    title = Text("对异议迟迟不作决定", "An objection was left undecided")
    basis = (Basis(Text("《信访工作条例》第二十三条", "Regulation art.23"), REGULATION_FROM),)
    clauses = (
        Clause(
            "undecided",
            "medium",
            "suspect",
            Text("提出后10个工作日（参数）内未决定", "undecided after wdue(objection,10*)"),
            clock=True,
        ),
    )
    parameters = (
        Parameter(
            "workdays", 10, Text("管理口径，条例未定期限", "a management default; the Regulation sets no number")
        ),
    )
    risk = Text("案件悬置，无人负责", "the case hangs between two units and nobody handles it")
    verify = Text("核对异议的收件和审核记录", "when the objection arrived and who examined it")
    remedy = Text("限期作出决定，或提请共同上级决定", "decide at once, or ask the common superior")
    false_positives = Text(
        "已口头决定而未记录；期间已撤回或另行交办", "decided by word only; withdrawn or handed over elsewhere"
    )
    blind_spots = Text("形式上驳回而不说明理由", "a rejection in form without reasons")
    kinds = ("case",)
    triggers = frozenset({"case.handoff_objected"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for handoff in handoffs(facts):
            for number, objection in enumerate(handoff.objections, start=1):
                ends = [act for act in (objection.decided, handoff.withdrawn) if act is not None]
                end = min(ends, key=lambda act: (act.day, act.position), default=None)
                acted = end.day if end is not None else None
                limit = in_workdays(context, objection.act.day, context.parameters.get(self, "workdays"))
                if limit.state(acted, context.today) not in ("late", "missing"):
                    continue
                tail = lateness(limit, acted, context)
                yield Verdict(
                    reason="undecided",
                    item=handoff.item if number == 1 else f"{handoff.item}#{number}",
                    open=end is None,
                    certainty=context.certainty("suspect", limit.start, limit.due),
                    event_ids=(*handoff.evidence, objection.act.id, *((end.id,) if end is not None else ())),
                    facts={**limit.facts(acted, context), "unit": handoff.unit, "handoff": handoff.ref},
                    sentence=Text(
                        f"记录显示：单位 {handoff.unit} 于{limit.start}提出异议，未按期作出决定；{tail.zh}。",
                        f"The record shows: unit {handoff.unit} objected on {limit.start} and the objection was not decided "
                        f"in time; {tail.en}.",
                    ),
                )
