"""Figures on relief money, in fen."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import Text
from domain.checks.context import Context
from domain.checks.facts import Facts
from projections.figure import Contribution, Definition, FigureRule, Member, Question


class SumsPaidByFundAndMonth(FigureRule):
    """What each fund paid out, month by month."""

    definition = Definition(
        id="sums_paid_by_fund_and_month",
        version=1,
        title=Text("各资金逐月付款", "Sums paid by fund and month"),
        unit="分",
        kind="sum",
        says=Text(
            "付款日在统计期内的付款额合计（分），按资金和月份；退回和追回不抵减",
            "payments whose day lies in the period, in fen, by fund and month; what came back is not subtracted",
        ),
        types=frozenset({"petition.fund.paid.v1", "petition.fund.record_corrected.v1"}),
        group="fund",
        dimensions=("fund", "month"),
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        for paid in facts.all("fund.paid"):
            if question.covers(paid.day):
                item = str(paid.get("payment", paid.get("grant", "")))
                member = Member(facts.subject, (paid.id,), item, amount_fen=int(paid.get("amount_fen", 0)))
                yield Contribution((facts.subject, f"{paid.day:%Y-%m}"), member)
