"""Checks on the handling period: was the matter answered within the 60 days of art.34."""

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
    weaker,
)
from domain.checks.clock import Limit, lateness
from domain.checks.context import Context
from domain.checks.facts import Facts, judged_once
from domain.checks.handling_clock import HandlingClock, handling_clocks


class AnsweredWithin60Days(Check):
    """XF-DDL-001: a claim of route 6 is answered within 60 days of acceptance, at most 30 more if extended."""

    id = "XF-DDL-001"
    title = Text(
        "申诉求决事项未在60日（含依法延长）内办结",
        "A claim was not answered within 60 days, extensions included",
    )
    basis = (Basis(Text("《信访工作条例》第三十四条", "Regulation art.34 (DL-06, DL-07)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "overdue",
            "high",
            "certain",
            Text(
                "自首次受理之日起60日加依法延长期（合计不超过30日）内未出具意见、达成调解、终止或导入法定程序；"
                "途径未记录的、超期日数不超过听证日数的为较可能",
                "no opinion, mediation, stop or named statutory procedure by rdue(first acceptance, 60 + extensions, at "
                "most 30); probable where no route was recorded or the lateness is within the hearing days",
            ),
            clock=True,
        ),
        Clause(
            "never_accepted",
            "high",
            "probable",
            Text(
                "责任单位收到后从未受理，未按期异议，未作不予受理，且收到后75日（参数）已过",
                "a unit received the claim, never accepted or refused it, did not object in time, and rdue(receipt,75*) "
                "has passed",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter(
            "never_accepted_days",
            75,
            Text(
                "告知15日与办理60日之和（推定）",
                "15 days to notify plus 60 days to handle (inference from art.23 and 34)",
            ),
        ),
    )
    risk = Text("拖延办理，久拖不决", "matters drag on without an answer")
    verify = Text(
        "核对受理文书、延期审批和意见书出具日期",
        "acceptance, extension approvals, and the date of the opinion",
    )
    remedy = Text("限期出具处理意见并督办", "issue the opinion and supervise the unit (art.40)")
    false_positives = Text(
        "意见书已出具而未记录；听证耗时；依第三十一条第1至5项办理但未记录途径",
        "an opinion issued but never recorded; long hearings; a matter of routes 1–5 whose route was not recorded",
    )
    blind_spots = Text(
        "为结案而出具的空洞意见；受理日期本身被推迟记录；其他法定程序自身的期限",
        "an empty opinion issued to stop the clock; acceptance recorded late; the limits of other statutory procedures",
    )
    kinds = ("case",)
    triggers = frozenset({"case.received", "case.accepted"})

    @judged_once
    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        days = context.parameters.get(self, "never_accepted_days")
        for clock in handling_clocks(facts, context, days):
            if clock.status == "cannot_tell" and clock.why is not None:
                if clock.limit is None or clock.limit.state(clock.acted, context.today) in ("late", "missing"):
                    yield cannot_tell(clock.reason, clock.why, clock.evidence, item=clock.item)
            elif clock.status in ("late", "missing") and clock.limit is not None:
                yield self._late(clock, clock.limit, context)

    def _late(self, clock: HandlingClock, limit: Limit, context: Context) -> Verdict:
        tail = lateness(limit, clock.acted, context)
        stated: dict[str, Any] = limit.facts(clock.acted, context)
        stated |= {"extended_days": clock.extended_days, "hearing_days": clock.hearing_days}
        if clock.start is not None and (clock.start.unit or clock.start.get("unit")):
            stated["unit"] = clock.start.get("unit") or clock.start.unit
        if clock.ended_by is not None:
            stated["ended_by"] = clock.ended_by
        if clock.reason == "overdue":
            head = Text(
                f"受理于{limit.start}，60日加延长{clock.extended_days}日",
                f"accepted on {limit.start}, 60 days plus {clock.extended_days} of extension",
            )
        else:
            head = Text(
                f"责任单位于{limit.start}收到，从未受理，按{limit.count}日计",
                f"a unit received it on {limit.start} and never accepted it, {limit.count} days counted",
            )
        return Verdict(
            reason=clock.reason,
            item=clock.item,
            open=clock.end is None,
            certainty=weaker(clock.certainty, context.certainty("certain", *limit.leans_on)),
            event_ids=(*clock.evidence, *((clock.end.id,) if clock.end else ())),
            facts=stated,
            sentence=Text(f"记录显示：{head.zh}；{tail.zh}。", f"The record shows: {head.en}; {tail.en}."),
        )
