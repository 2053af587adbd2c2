"""The check on ignorance: a fact that is missing again and again, so that a check can never tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from domain.checks.base import REGULATION_FROM, Basis, Clause, Finding, Group, Parameter, Text, Verdict
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck

NOBODY = "?"
MARK = " | "


class FactsAreThere(GatheringCheck):
    """XF-INT-004: for over a fifth of a unit's subjects one check cannot tell for the same missing fact.

    A case counts for the unit that last accepted it, else that received it; a grant for its applicant unit. Only
    checks that judge one subject, and whose findings an office may see, are asked.
    """

    id = "XF-INT-004"
    title = Text("同一事实大量缺失，检查无法判断", "The same fact is missing again and again")
    basis = (Basis(Text("《信访工作条例》第四十条（弄虚作假）", "Regulation art.40 (C-15)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "cannot_tell",
            "medium",
            "suspect",
            Text(
                "某项检查因同一缺失事实，对单位超过20%（参数）的案件（不少于10件）无法判断",
                "a check answers cannot_tell for over 20 %* of a unit's subjects (n ≥ 10) for the same missing fact",
            ),
        ),
    )
    parameters = (
        Parameter("percent", 20, Text("管理口径：比例", "a management default: the share")),
        Parameter("min_n", 10, Text("管理口径：样本下限", "a management default: the least number")),
    )
    risk = Text("以不录入逃避检查", "checks are escaped by leaving facts out")
    verify = Text("核对纸质卷宗是否有该事实", "whether the paper files hold the fact")
    remedy = Text("补录；完善录入要求", "record it, and ask for it from now on")
    false_positives = Text("旧系统从未采集该事实", "an old system that never asked for the fact")
    blind_spots = Text("以虚假内容填满的字段", "fields filled with anything at all")
    speaks_of_others = True
    kinds = ("unit",)
    reads = ("case", "grant")
    reads_findings = True

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        if not facts.acts:
            return
        first = facts.acts[0]
        unsure = [one for one in found if one.result == "cannot_tell" and one.audience == "office"]
        unit = Group("unit", _unit_of(facts) or NOBODY)
        if not unsure:
            yield Contribution(unit, facts.subject, (), first.day, {"missing": []})
            return
        missing = sorted({f"{one.check}{MARK}{one.facts.get('missing', '')}" for one in unsure})
        evidence = {event_id: None for one in unsure for event_id in one.event_ids[:1]}
        yield Contribution(unit, facts.subject, tuple(evidence), first.day, {"missing": missing})

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        percent, least = context.parameters.get(self, "percent"), context.parameters.get(self, "min_n")
        count = len(facts.members)
        if count < least:
            return
        untold = Counter(name for one in facts.members for name in one.get("missing"))
        for name in sorted(untold):
            if 100 * untold[name] > percent * count:
                lacking = [one for one in facts.members if name in one.get("missing")]
                yield self._missing(facts.parts[0], name, lacking, count)

    def _missing(self, unit: str, name: str, lacking: list[Contribution], count: int) -> Verdict:
        check, _, fact = name.partition(MARK)
        return Verdict(
            reason="cannot_tell",
            item=f"{check}/{fact}",
            event_ids=tuple(event_id for one in lacking for event_id in one.event_ids),
            related=tuple(one.subject for one in lacking),
            facts={"unit": unit, "check": check, "missing_fact": fact, "subjects": count, "cannot_tell": len(lacking)},
            sentence=Text(
                f"记录显示：{unit} 的{count}件中有{len(lacking)}件，{check} 因缺少同一事实无法判断（{fact}）。",
                f"The record shows: for {len(lacking)} of {count} subjects of {unit} {check} cannot tell, because the same "
                f"fact is missing: {fact}.",
            ),
        )


def _unit_of(facts: Facts) -> str | None:
    if facts.group.kind == "grant":
        applied = facts.one("grant.applied")
        return applied.get("applicant_unit") if applied is not None else None
    accepted, received = facts.last("case.accepted"), facts.one("case.received")
    act = accepted if accepted is not None and accepted.unit is not None else received
    return act.unit if act is not None else None
