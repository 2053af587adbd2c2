"""The check on relief money that recomputes balances, receipts and bank amounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from domain.asof import SHANGHAI
from domain.checks.base import Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.clock import in_plain_days, lateness
from domain.checks.context import Context
from domain.checks.facts import Act, Facts
from domain.checks.fund import related_of
from domain.numerals import yuan

SIGNS = {"fund.budgeted": 1, "fund.paid": -1, "fund.returned": 1, "fund.recovered": 1}


class MoneyAddsUp(Check):
    """XF-FND-006: the fund never pays what it does not have, and every payment has its receipt and amount."""

    id = "XF-FND-006"
    title = Text("救助资金超支、缺收据或金额不符", "Relief money overspent, without receipt, or with differing amounts")
    basis = (
        Basis(
            Text(
                "凭据发放、专账核算（F-14、F-15，地方资金办法；《会计法》第十四条）",
                "receipts and a separate account (F-14, F-15; Accounting Law art.14)",
            ),
            None,
        ),
    )
    clauses = (
        Clause(
            "a_overspent",
            "high",
            "certain",
            Text(
                "期初加预算减付款加退回加追回，按发生先后在任一时刻为负",
                "opening + budgeted − paid + returned + recovered below zero at any moment, in order of time",
            ),
            clock=True,
        ),
        Clause(
            "b_no_receipt",
            "medium",
            "certain",
            Text(
                "付款后在资金规则规定的日数（自然日，不顺延）内没有收据，也未依规免除",
                "no receipt within receipt_within_days calendar days of the payment, not excused",
            ),
            clock=True,
        ),
        Clause(
            "c_amount",
            "high",
            "certain",
            Text("收据或银行金额与付款不一致", "receipt or bank amount differs from the payment"),
        ),
    )
    risk = Text("挪用、截留、虚列支出", "money diverted, held back, or booked for nobody")
    verify = Text("核对银行流水、收据原件和预算文件", "bank statements, original receipts, budget papers")
    remedy = Text(
        "补齐预算或追回，补收据，查明差额",
        "bring the budget in or the money back, obtain the receipt, explain the difference",
    )
    false_positives = Text(
        "预算文件晚于到账录入；收据在途；银行手续费计入金额",
        "the budget was recorded later than it came; a receipt in the post; bank fees inside the amount",
    )
    blind_spots = Text("伪造的收据；账外资金", "forged receipts; money outside the account")
    kinds = ("fund", "grant")
    triggers = frozenset({*SIGNS, "fund.opened", "grant.paid"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        if facts.group.kind == "fund":
            yield from self._overspent(facts)
        else:
            yield from self._receipts(facts, context)
            yield from self._amounts(facts)

    def _overspent(self, facts: Facts) -> Iterator[Verdict]:
        moves = [act for act in facts.acts if act.name in SIGNS]
        opened = facts.one("fund.opened")
        if opened is None or "opening_balance_fen" not in opened.data:
            if moves:
                yield cannot_tell("a_overspent", Text("期初余额", "the opening balance"), [moves[0].id])
            return
        balance = lowest = int(opened.data["opening_balance_fen"])
        first: Act | None = None
        below: list[Act] = []
        for act in sorted(moves, key=_moment):
            balance += SIGNS[act.name] * int(act.get("amount_fen", 0))
            lowest = min(lowest, balance)
            if balance < 0 and act.name == "fund.paid":
                below.append(act)
            if balance < 0 and first is None:
                first = act
        if first is None:
            return
        yield Verdict(
            reason="a_overspent",
            open=balance < 0,
            event_ids=(opened.id, first.id, *(act.id for act in below)),
            related=tuple(str(act.data["grant"]) for act in below if "grant" in act.data),
            facts={"first_below_zero_on": first.day, "lowest_fen": lowest, "balance_fen": balance},
            sentence=Text(
                f"记录显示：资金余额自{first.day}起曾低于零，最低{yuan(lowest)}元，现为{yuan(balance)}元。",
                f"The record shows: the fund fell below zero on {first.day}; lowest {yuan(lowest)} yuan, "
                f"now {yuan(balance)} yuan.",
            ),
        )

    def _receipts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        applied = facts.one("grant.applied")
        rules = context.fund_rules.get(str(applied.get("fund"))) if applied is not None else None
        for paid in facts.all("grant.paid"):
            item = str(paid.get("payment", paid.id))
            if rules is None:
                yield cannot_tell("b_no_receipt", Text("资金规则", "the rules of the fund"), [paid.id], item=item)
                continue
            within = rules.rules.get("receipt_within_days")
            if within is None or _concerning(facts, "grant.receipt_excused", paid):
                continue
            yield from self._receipt(facts, paid, item, int(within), rules.event_id, context)

    def _receipt(
        self, facts: Facts, paid: Act, item: str, within: int, rule_id: str, context: Context
    ) -> Iterator[Verdict]:
        limit = in_plain_days(paid.day, within)
        confirmed = _concerning(facts, "grant.receipt_confirmed", paid)
        acted = confirmed[0].day if confirmed else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        if _fully_returned(facts, paid, limit.due):
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="b_no_receipt",
            item=item,
            open=acted is None,
            event_ids=(paid.id, rule_id, *(act.id for act in confirmed[:1])),
            related=related_of(facts),
            facts={**limit.facts(acted, context), "payment": item, "paid_fen": paid.get("amount_fen")},
            sentence=Text(
                f"记录显示：{paid.day}付款{yuan(int(paid.get('amount_fen', 0)))}元，{within}日内没有收据；{tail.zh}。",
                f"The record shows: {yuan(int(paid.get('amount_fen', 0)))} yuan paid on {paid.day} without a receipt "
                f"within {within} days; {tail.en}.",
            ),
        )

    def _amounts(self, facts: Facts) -> Iterator[Verdict]:
        for paid in facts.all("grant.paid"):
            for name, label in (
                ("grant.receipt_confirmed", Text("收据", "receipt")),
                ("grant.bank_reconciled", Text("银行", "bank")),
            ):
                for act in _concerning(facts, name, paid):
                    amount, stated = paid.get("amount_fen"), act.get("amount_fen")
                    if amount is None or stated is None or amount == stated:
                        continue
                    yield Verdict(
                        reason="c_amount",
                        item=f"{paid.get('payment')}/{label.en}",
                        event_ids=(paid.id, act.id),
                        related=related_of(facts),
                        facts={"payment": paid.get("payment"), "paid_fen": amount, f"{label.en}_fen": stated},
                        sentence=Text(
                            f"记录显示：付款{yuan(amount)}元，{label.zh}金额{yuan(stated)}元，不一致。",
                            f"The record shows: {yuan(amount)} yuan paid; the {label.en} says {yuan(stated)} yuan.",
                        ),
                    )


def _concerning(facts: Facts, name: str, paid: Act) -> list[Act]:
    return [act for act in facts.all(name) if act.get("payment") == paid.get("payment")]


def _fully_returned(facts: Facts, paid: Act, by: date) -> bool:
    """Whether the money came back whole in time: then nobody is left to sign a receipt."""
    back = sum(
        int(act.get("amount_fen", 0)) for act in _concerning(facts, "grant.payment_returned", paid) if act.day <= by
    )
    return back >= int(paid.get("amount_fen", 0))


def _moment(act: Act) -> tuple[datetime, int]:
    """Place in the order of time; without an hour credits stand first in their day and debits last."""
    if act.has_hour:
        return act.instant, act.position
    midnight = datetime(act.day.year, act.day.month, act.day.day, tzinfo=SHANGHAI)
    is_credit = SIGNS[act.name] * int(act.get("amount_fen", 0)) >= 0
    return (midnight if is_credit else midnight + timedelta(days=1, microseconds=-1)), act.position
