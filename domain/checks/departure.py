"""The check on departures from the 60-day clock: no case leaves it on the last days without a procedure's number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import Limit
from domain.checks.context import Context
from domain.checks.course import Routing, routings
from domain.checks.facts import Facts
from domain.checks.handling_clock import HandlingClock, handling_clocks

NEVER_ACCEPTED_DAYS = 75


class StaysInTheClock(Check):
    """XF-CLS-002: an accepted claim does not leave the 60-day clock shortly before or after its due day.

    In imported history an absent procedure number is unknown; a claim that became something else has none to give.
    """

    id = "XF-CLS-002"
    title = Text(
        "临近或超过办理期限时改变分类途径", "Reclassified out of the 60 days shortly before or after they ended"
    )
    basis = (
        Basis(Text("《信访工作条例》第三十一条、第四十五条第一项", "Regulation art.31 and 45(1)"), REGULATION_FROM),
    )
    clauses = (
        Clause(
            "left_the_clock",
            "high",
            "suspect",
            Text(
                "已受理的案件在期满前10日（参数）内或期满后改走其他途径或改变信访目的，且无程序编号",
                "an accepted case leaves the 60-day clock (route 6 → 1–5, claim → other) within the last 10* days before its "
                "due day or later, without `procedure_ref`",
            ),
            clock=True,
        ),
    )
    parameters = (Parameter("days", 10, Text("管理口径：期满前十日", "a management default: the last ten days")),)
    risk = Text("以改变分类逃避60日期限", "the clock is escaped by calling the matter something else")
    verify = Text(
        "核对改变途径的理由与法定程序的立案材料", "the reason for the change, and the papers of the other procedure"
    )
    remedy = Text("按原途径计算期限，补充程序依据", "count by the old route, and give the ground of the procedure")
    false_positives = Text(
        "法院、仲裁机构此时才立案而未录编号",
        "a court or tribunal took the matter only then and its number was not entered",
    )
    blind_spots = Text("一开始就错误分类", "a wrong class from the beginning")
    kinds = ("case",)
    triggers = frozenset({"case.routed"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        known = routings(facts)
        if len(known) < 2:
            return
        clocks = handling_clocks(facts, context, NEVER_ACCEPTED_DAYS)
        for before, after in pairwise(known):
            if not _leaves(before, after) or after.procedure_ref is not None:
                continue
            clock = _running(clocks, after)
            if clock is None or clock.limit is None or clock.start is None:
                continue
            days = context.parameters.get(self, "days")
            if after.act.day < clock.limit.due - timedelta(days=days):
                continue
            evidence = (clock.start.id, before.act.id, after.act.id)
            if after.purpose == "claim" and context.may_be_unknown(after.act.event):
                missing = Text("法定程序的编号", "the number of the procedure (procedure_ref)")
                yield cannot_tell("left_the_clock", missing, evidence, item=str(after.act.day))
                continue
            yield self._left(before, after, clock.limit, evidence, context)

    def _left(
        self, before: Routing, after: Routing, limit: Limit, evidence: tuple[str, ...], context: Context
    ) -> Verdict:
        left = after.act.day
        into = f"{after.purpose} {after.route or ''}".strip()
        gap = (limit.due - left).days
        zh = f"距期满{gap}日" if gap >= 0 else f"期满后{-gap}日"
        en = f"{gap} day(s) before the due day" if gap >= 0 else f"{-gap} day(s) after the due day"
        return Verdict(
            reason="left_the_clock",
            item=str(left),
            event_ids=evidence,
            facts={
                **limit.facts(left, context), "from_route": before.route, "to_purpose": after.purpose,
                "to_route": after.route, "unit": after.act.unit, "days_before_due": gap,
            },
            sentence=Text(
                f"记录显示：{limit.start}受理，期限至{limit.due}；{left}（{zh}）改为 {into}，无程序编号。",
                f"The record shows: accepted on {limit.start}, due on {limit.due}; on {left} ({en}) it was changed to "
                f"{into} without a procedure's number.",
            ),
        )  # fmt: skip


def _leaves(before: Routing, after: Routing) -> bool:
    return before.is_claim_under_art_34 and after.purpose is not None and not after.is_claim_under_art_34


def _running(clocks: list[HandlingClock], after: Routing) -> HandlingClock | None:
    """The run that was under way when the class changed: accepted before, not answered before."""
    begun = [one for one in clocks if one.reason == "overdue" and one.start and one.start.day <= after.act.day]
    if not begun or (begun[-1].end is not None and begun[-1].end.is_before(after.act)):
        return None
    return begun[-1]
