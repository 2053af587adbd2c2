"""The check on recovery: money that was ordered back comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.checks.base import Basis, Check, Clause, Parameter, Text, Verdict
from domain.checks.clock import in_plain_days, lateness, on_day
from domain.checks.context import Context
from domain.checks.facts import Act, Facts
from domain.checks.fund import related_of
from domain.numerals import yuan


class RecoveredInTime(Check):
    """XF-FND-009: recovery that was ordered is received in full by its day."""

    id = "XF-FND-009"
    title = Text("责令追回的资金未按期收回", "Money ordered back was not received in time")
    basis = (Basis(Text("追回（F-17，地方资金办法）", "recovery (F-17, fund rules)"), None),)
    clauses = (
        Clause(
            "not_recovered",
            "medium",
            "probable",
            Text(
                "到规定日（未定的为责令后90日，参数）未全部收回",
                "recovery ordered, not fully received by its due day, else 90* days on",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter("days", 90, Text("管理口径，条例和资金办法未定", "a management default; no rule sets a number")),
    )
    risk = Text("追而不回，形成损失", "orders on paper, and the money stays away")
    verify = Text("核对追回决定与到账流水", "the order and the bank statement")
    remedy = Text("催缴或移送", "press for payment or refer the matter")
    false_positives = Text("分期退还协议未录入", "an agreed plan of instalments that nobody recorded")
    blind_spots = Text("应追回而从未责令", "money that should have been ordered back and never was")
    kinds = ("grant",)
    triggers = frozenset({"grant.recovery_ordered"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        owed = 0
        received = facts.all("grant.recovery_received")
        for number, order in enumerate(facts.all("grant.recovery_ordered"), start=1):
            owed += int(order.get("amount_fen", 0))
            limit = in_plain_days(order.day, context.parameters.get(self, "days"))
            if "due_on" in order.data:
                limit = on_day(order.day, date.fromisoformat(order.data["due_on"]))
            full = _when_full(received, owed)
            acted = full.day if full is not None else None
            if limit.state(acted, context.today) not in ("late", "missing"):
                continue
            back = sum(int(act.get("amount_fen", 0)) for act in received if act.day <= limit.due)
            tail = lateness(limit, acted, context)
            yield Verdict(
                reason="not_recovered",
                item=str(number),
                open=full is None,
                event_ids=(order.id, *(act.id for act in received)),
                related=related_of(facts),
                facts={**limit.facts(acted, context), "ordered_fen": owed, "received_by_then_fen": back},
                sentence=Text(
                    f"记录显示：责令追回共{yuan(owed)}元，到期已收{yuan(back)}元；{tail.zh}。",
                    f"The record shows: {yuan(owed)} yuan ordered back in all, {yuan(back)} yuan received by then; {tail.en}.",
                ),
            )


def _when_full(received: list[Act], owed: int) -> Act | None:
    """The receipt that made the sum whole, in the order of days."""
    total = 0
    for act in sorted(received, key=lambda one: (one.day, one.position)):
        total += int(act.get("amount_fen", 0))
        if total >= owed:
            return act
    return None
