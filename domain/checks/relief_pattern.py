"""Checks on where relief money goes as a whole: suspicious amounts and months, and cases that are no reason for relief."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from domain.checks.base import Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import Routing, is_open_at, routings
from domain.checks.facts import Act, Facts
from domain.checks.fund import related_of
from domain.checks.groups import Joined
from domain.checks.one_time import fen
from domain.numerals import yuan

NEAR_PERCENT = 95
DECEMBER = 12


class AmountsLookNatural(Check):
    """XF-FND-007: payments do not crowd under a ceiling, and the year's money does not leave in December.

    Judged are the fund's own payments; 95 % and 100 % of the cap or of a tier are both near. A pattern for
    a closer look, never a charge; funds with fixed amounts are not judged.
    """

    id = "XF-FND-007"
    title = Text("救助金额贴近上限或年底集中发放", "Payments crowd under a ceiling, or leave in December")
    basis = (Basis(Text("数据分析（地方资金办法）", "analytics (fund rules)"), None),)
    clauses = (
        Clause(
            "a_near_limit",
            "low",
            "suspect",
            Text(
                "不少于10笔（参数）的资金中30%（参数）以上在限额或某一档的95%至100%",
                "fund with at least 10* payments: 30 %* of them at 95–100 % of the cap or a tier",
            ),
        ),
        Clause(
            "b_december",
            "low",
            "suspect",
            Text("全年发放额的40%（参数）以上在12月", "40 %* of the year's sum in December"),
        ),
    )
    parameters = (
        Parameter("min_n", 10, Text("管理口径，避免小样本", "a management default against small numbers")),
        Parameter("a_percent", 30, Text("管理口径", "a management default")),
        Parameter("b_percent", 40, Text("管理口径", "a management default")),
    )
    risk = Text("量身定额、突击花钱", "amounts made to measure, money spent in a rush")
    verify = Text("抽查贴近上限的审批和12月的发放", "a sample of approvals near the ceiling, and of December")
    remedy = Text("按实际困难核定金额，均衡发放", "set amounts by need, and pay through the year")
    false_positives = Text("标准化救助额；年底集中走访慰问", "standard amounts; a yearly round of visits in winter")
    blind_spots = Text("略低于95%的定额", "amounts made to lie just under 95 %")
    kinds = ("fund",)
    triggers = frozenset({"fund.paid"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        paid = facts.all("fund.paid")
        if len(paid) < context.parameters.get(self, "min_n"):
            return
        rules = context.fund_rules.get(facts.subject)
        if rules is None:
            missing = Text("资金规则", "the rules of the fund")
            yield cannot_tell("a_near_limit", missing, [act.id for act in paid])
            return
        if rules.rules.get("fixed_amount") is True:
            return
        percent = context.parameters.get(self, "a_percent")
        limits = [tier["up_to_fen"] for tier in rules.rules.get("tiers", ()) if type(tier.get("up_to_fen")) is int]
        limits += [rules.rules["cap_fen"]] if type(rules.rules.get("cap_fen")) is int else []
        near = [act for act in paid if any(NEAR_PERCENT * one <= 100 * fen(act) <= 100 * one for one in limits)]
        if near and 100 * len(near) >= percent * len(paid):
            yield self._near(paid, near, rules.event_id, percent)
        yield from self._december(paid, context)

    def _near(self, paid: list[Act], near: list[Act], event_id: str, percent: int) -> Verdict:
        return Verdict(
            reason="a_near_limit",
            event_ids=(event_id, *(act.id for act in near)),
            related=tuple(str(act.get("grant")) for act in near if "grant" in act.data),
            facts={"payments": len(paid), "near_a_limit": len(near), "percent": percent},
            sentence=Text(
                f"记录显示：{len(paid)}笔发放中有{len(near)}笔在限额或档次的95%至100%。",
                f"The record shows: {len(near)} of {len(paid)} payments lie at 95–100 % of the cap or a tier.",
            ),
        )

    def _december(self, paid: list[Act], context: Context) -> Iterator[Verdict]:
        percent = context.parameters.get(self, "b_percent")
        for year in sorted({act.day.year for act in paid}):
            of_year = [act for act in paid if act.day.year == year]
            late = [act for act in of_year if act.day.month == DECEMBER]
            total, december = sum(map(fen, of_year)), sum(map(fen, late))
            if late and 100 * december >= percent * total:
                yield Verdict(
                    reason="b_december",
                    item=str(year),
                    event_ids=tuple(act.id for act in late),
                    facts={"paid_fen": total, "december_fen": december, "percent": percent, "period": str(year)},
                    sentence=Text(
                        f"记录显示：{year}年发放{yuan(total)}元，其中12月{yuan(december)}元。",
                        f"The record shows: of {yuan(total)} yuan paid in {year}, {yuan(december)} yuan left in December.",
                    ),
                )


class ReliefHasItsCase(Check):
    """XF-FND-008: relief money follows a registered case that no statutory procedure can still answer.

    Judged are grants of petition relief that were neither rejected nor failed at examination. A route 1–5
    is open at the application unless the case was closed before it otherwise than as handed to the
    procedure. A fund whose kind nobody recorded gives `cannot_tell`.
    """

    id = "XF-FND-008"
    title = Text(
        "无登记案件或仍有法定途径而救助", "Relief without a registered case, or while a statutory route is open"
    )
    basis = (Basis(Text("救助范围（F-07，地方资金办法）", "scope of relief (F-07, fund rules)"), None),)
    clauses = (
        Clause("a_unregistered", "medium", "suspect", Text("案件从未登记", "the case was never registered")),
        Clause(
            "b_open_route",
            "medium",
            "suspect",
            Text(
                "案件仍在第三十一条第一至五项途径且救助事由不是生活困难",
                "the case lies on an open route 1–5 with scope other than hardship",
            ),
        ),
    )
    risk = Text("以救助代替法定途径，或虚构案件套取", "money instead of the law's way, or for a case that never was")
    verify = Text("核对案件登记、途径和救助事由", "the registration, the route, the scope of the relief")
    remedy = Text("导入法定途径；不符合范围的追回", "lead it to its procedure; recover what lies outside the scope")
    false_positives = Text("补登记滞后；急难临时救助事由录错", "a registration that came late; a wrong scope entered")
    blind_spots = Text("为救助而登记的虚假案件", "a case registered only for the money")
    kinds = ("file",)
    triggers = frozenset({"grant.applied"})

    def verdicts(self, facts: Joined, context: Context) -> Iterator[Verdict]:
        case = facts.case
        for grant in facts.grants.values():
            applied = grant.one("grant.applied")
            failed = any(act.get("passed") is False for act in grant.all("grant.examined"))
            if applied is None or case is None or failed or grant.all("grant.rejected"):
                continue
            verdict = self._judge(case, grant, applied, context)
            if verdict is None:
                continue
            kind = context.fund_kinds.get(str(applied.get("fund")))
            if kind is None:
                missing = Text("资金的类别", "the kind of the fund")
                yield replace(cannot_tell(verdict.reason, missing, verdict.event_ids), subject=verdict.subject)
            elif kind == "petition_relief":
                yield verdict

    def _judge(self, case: Facts, grant: Facts, applied: Act, context: Context) -> Verdict | None:
        if not case.all("case.registered"):
            return self._hit(
                "a_unregistered",
                case,
                grant,
                (applied.id, *(act.id for act in case.acts[:1])),
                {"applied_on": applied.day},
                Text("案件从未登记", "the case was never registered"),
            )
        last = self._open_route(case, applied)
        scope = applied.get("scope")
        if last is None or scope == "hardship":
            return None
        evidence = (applied.id, last.act.id)
        if scope is None:
            missing = Text("救助事由", "the scope of the relief")
            return replace(cannot_tell("b_open_route", missing, evidence), subject=grant.subject)
        stated = {"applied_on": applied.day, "route": last.route, "scope": scope}
        what = Text(
            f"案件在第三十一条第{last.route}项途径，救助事由为 {scope}",
            f"the case lies on route {last.route} of art.31 and the scope is {scope}",
        )
        return self._hit("b_open_route", case, grant, evidence, stated, what)

    def _open_route(self, case: Facts, applied: Act) -> Routing | None:
        known = [one for one in routings(case) if not applied.is_before(one.act)]
        if not known or known[-1].purpose != "claim" or known[-1].route not in range(1, 6):
            return None
        handed = [act for act in case.all("case.closed") if act.is_before(applied)]
        ended = not is_open_at(case, applied) and handed[-1].get("ground") != "handed_to_procedure"
        return None if ended else known[-1]

    def _hit(
        self, reason: str, case: Facts, grant: Facts, evidence: tuple[str, ...], stated: dict[str, Any], what: Text
    ) -> Verdict:
        return Verdict(
            reason=reason,
            subject=grant.subject,
            related=(case.subject, *related_of(grant)),
            event_ids=evidence,
            facts=stated,
            sentence=Text(
                f"记录显示：救助申请对应的{what.zh}。", f"The record shows: relief was asked for, and {what.en}."
            ),
        )
