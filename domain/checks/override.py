"""The check on overrides: every guard that was knowingly passed over is shown."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import Basis, Check, Clause, Text, Verdict
from domain.checks.context import Context
from domain.checks.entry import own_acts
from domain.checks.facts import Facts

GRAVE = frozenset({"duties", "approval", "funds", "cap", "once", "leak"})


class GuardsAreNotPassedOver(Check):
    """XF-INT-003: an override was used.

    One action is one finding on each subject; the fund's side of a grant's event is left out. An override
    without a list of guards counts as one over money.
    """

    id = "XF-INT-003"
    title = Text("越过系统控制办理", "A guard of the ledger was passed over")
    basis = (
        Basis(Text("内部控制（资金与保密）", "internal control of money and secrecy (the ledger's guards)"), None),
    )
    clauses = (
        Clause(
            "a_money_or_secrecy",
            "high",
            "certain",
            Text("越过资金或保密控制", "override used: money or secrecy"),
        ),
        Clause("b_other", "medium", "certain", Text("越过其他控制（回避）", "override used: other (recusal)")),
    )
    risk = Text("负责人批准后绕过制衡", "checks and balances are switched off by a signature")
    verify = Text("核对理由、批准人与同类事项的频次", "the reason, the approver, and how often it happens")
    remedy = Text("补充依据，必要时追回", "give the ground, and recover where there is none")
    false_positives = Text("紧急救助确有必要", "urgent relief that could not wait")
    blind_spots = Text(
        "历史导入不经控制，只由各项检查发现", "history imports are not guarded; the checks find what passed"
    )
    kinds = ("case", "grant", "fund")

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        if "override" not in facts.fields:
            return
        told: set[str] = set()
        for act in own_acts(facts):
            override = act.data.get("override")
            if not override:
                continue
            action = act.actionid or act.id
            if action in told:
                continue
            told.add(action)
            guards = sorted(str(guard) for guard in override.get("guards", ()))
            grave = not guards or bool(GRAVE & set(guards))
            approver = override.get("approved_by")
            yield Verdict(
                reason="a_money_or_secrecy" if grave else "b_other",
                item=str(act.event["sequence"]),
                event_ids=(act.id,),
                facts={
                    "guards": guards, "act": act.name, "acted_on": act.day, "unit": act.unit, "staff": act.staff,
                    "approved_by": approver, "grounds": override.get("reason"),
                },
                sentence=Text(
                    f"记录显示：{act.day}由 {approver} 批准，越过控制 {'、'.join(guards)}。",
                    f"The record shows: on {act.day} {approver} had the guard(s) {', '.join(guards)} passed over.",
                ),
            )  # fmt: skip
