"""The check on imported history: only what lies before the cutover, and approved by a head who is not the importer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from domain.checks.base import REGULATION_FROM, Basis, Clause, Finding, Group, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.facts import Act, Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, gathering
from domain.event import importid_of

OPENED = "register.import_opened"
CUTOVER = "register.cutover_declared"
PROBLEMS = {
    "absent": Text("没有批准人", "nobody is named as approving it"),
    "undeclared": Text("批准人未登记", "the approver is not declared"),
    "not_head": Text("批准人当日不是负责人", "the approver was not head on that day"),
    "same": Text("批准人即导入人", "the approver imported it"),
}


class HistoryIsOld(GatheringCheck):
    """XF-INT-005: imports of kind history hold no act on or after the cutover and are approved by a head.

    Judged file by file; the last declared cutover counts. Without any cutover (a) cannot be told.
    """

    id = "XF-INT-005"
    title = Text("历史数据导入不合规定", "An import of history that is not history, or not approved")
    basis = (Basis(Text("《信访工作条例》第四十条（弄虚作假）", "Regulation art.40 (C-15)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_after_cutover",
            "high",
            "certain",
            Text("历史导入中有切换日及以后的事项", "history import with acts on or after the cutover"),
        ),
        Clause(
            "b_approver",
            "high",
            "certain",
            Text(
                "历史导入没有批准人，或批准人未登记、当日不是负责人、即导入人本人",
                "history import whose `approved_by` is absent, undeclared, not head that day, or equal to `recorder_staff`",
            ),
        ),
    )
    risk = Text("以历史导入绕过控制和时限", "guards and clocks are passed by calling live work history")
    verify = Text("核对导入申请、审批和源系统", "the request for the import, its approval and the old system")
    remedy = Text("切换日后的事项改为实时录入并说明", "record acts after the cutover live, and say why they were late")
    false_positives = Text("切换当日旧系统仍在使用", "the old system was still in use on the day of the cutover")
    blind_spots = Text("改动日期后导入的事项", "acts whose dates were changed before the import")
    kinds = ("import",)
    reads = ("case", "grant", "fund")

    def standing(self, context: Context) -> Iterable[Group]:
        """Every file that was imported as history."""
        return [gathering("import", importid_of(act.get("file"))) for act in _opened(context)]

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        cutover = _cutover(context)
        if cutover is None or facts.last_day < cutover:
            return
        after: dict[str, list[Act]] = {}
        for act in facts.acts:
            imported = act.importid
            if imported is not None and act.recorded_day >= cutover and context.may_be_unknown(act.event):
                after.setdefault(str(imported), []).append(act)
        for imported, acts in after.items():
            ids = tuple(act.id for act in acts)
            yield Contribution(gathering("import", imported), facts.subject, ids, acts[0].recorded_day)

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        opened = next((act for act in _opened(context) if importid_of(act.get("file")) == facts.parts[0]), None)
        evidence = (opened.id,) if opened is not None else ()
        if facts.members:
            yield self._after(facts, evidence, _cutover(context))
        elif opened is not None and _cutover(context) is None:
            missing = Text("切换日", "the day of the cutover")
            told = cannot_tell("a_after_cutover", missing, evidence, item=facts.parts[0])
            yield _of_the_ledger(told)
        if opened is not None:
            yield from self._approver(opened, context)

    def _after(self, facts: Gathered, evidence: tuple[str, ...], cutover: date | None) -> Verdict:
        ids = [event_id for one in facts.members for event_id in one.event_ids]
        return Verdict(
            reason="a_after_cutover",
            subject="ledger",
            item=facts.parts[0],
            event_ids=(*evidence, *ids),
            related=tuple(one.subject for one in facts.members),
            facts={"file": facts.parts[0], "cutover_on": cutover, "acts": len(ids), "first_on": facts.members[0].day},
            sentence=Text(
                f"记录显示：历史导入 {facts.parts[0]} 中有{len(ids)}项事项在切换日{cutover}及以后。",
                f"The record shows: the history import {facts.parts[0]} holds {len(ids)} act(s) on or after the cutover of "
                f"{cutover}.",
            ),
        )

    def _approver(self, opened: Act, context: Context) -> Iterator[Verdict]:
        problem = _problem(opened, context)
        if problem is None:
            return
        file, approver, says = importid_of(opened.get("file")), opened.get("approved_by"), PROBLEMS[problem]
        yield Verdict(
            reason="b_approver",
            subject="ledger",
            item=file,
            event_ids=(opened.id,),
            facts={
                "file": file, "problem": problem, "approved_by": approver, "recorder_staff": opened.get("recorder_staff"),
                "operator": opened.get("operator"), "opened_on": opened.recorded_day,
            },
            sentence=Text(
                f"记录显示：历史导入 {file}（批准人 {approver or '无'}）{says.zh}。",
                f"The record shows: of the history import {file} (approved by {approver or 'nobody'}) {says.en}.",
            ),
        )  # fmt: skip


def _opened(context: Context) -> list[Act]:
    return [act for act in context.declared(OPENED) if act.get("kind", "history") == "history" and "file" in act.data]


def _cutover(context: Context) -> date | None:
    declared = [act for act in context.declared(CUTOVER) if "on" in act.data]
    return date.fromisoformat(str(declared[-1].data["on"])) if declared else None


def _problem(opened: Act, context: Context) -> str | None:
    approver = opened.get("approved_by")
    if approver is None:
        return "absent"
    if approver == opened.get("recorder_staff"):
        return "same"
    if approver not in context.register.staff:
        return "undeclared"
    member = context.register.member(approver, opened.recorded_day)
    return None if member is not None and "head" in member.roles else "not_head"


def _of_the_ledger(verdict: Verdict) -> Verdict:
    return replace(verdict, subject="ledger")
