"""The check on corrections: does a correction turn late into timely, and who approved it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.facts import Act, Facts
from domain.checks.groups import GatheringCheck


class CorrectionsAreHonest(Check):
    """XF-DDL-005: a correction of a fact that sets a clock turned late into timely, or approved itself.

    (a) asks every check of audience `office` that judges one subject and has clauses about clocks, once by the
    values first recorded and once by the corrected ones; the check that was late only by the first drops to `suspect`.
    """

    id = "XF-DDL-005"
    title = Text("更正使逾期变为按期，或自批自改", "A correction turned late into timely, or approved itself")
    basis = (Basis(Text("《信访工作条例》第四十条（弄虚作假）", "Regulation art.40 (C-15)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_made_timely",
            "high",
            "suspect",
            Text(
                "更正了影响期限的事实，使逾期变为按期",
                "a correction of a fact that sets a clock turns late into timely",
            ),
        ),
        Clause(
            "b_own_approval", "medium", "certain", Text("更正人即批准人", "corrector is the approver of the correction")
        ),
    )
    risk = Text("以更正掩盖逾期", "lateness is corrected away")
    verify = Text("核对更正依据与原始凭证", "the ground of the correction and the original paper")
    remedy = Text(
        "依据不足的恢复原值，由他人复核更正", "restore the first value without proof; let somebody else approve"
    )
    false_positives = Text("确属录入错误，有凭证可查", "a real typing error with a paper that proves it")
    blind_spots = Text(
        "录入时即已不实；跨对象期限的更正", "facts that were false from the start; clocks over several subjects"
    )
    speaks_of_others = True
    kinds = ("case", "grant", "fund")
    triggers = frozenset({"case.record_corrected", "grant.record_corrected", "fund.record_corrected"})

    def __init__(self, checks: Callable[[], Sequence[Check]]) -> None:
        self._checks = checks

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        corrections = facts.all(f"{facts.group.kind}.record_corrected")
        if facts.first is not None:
            yield from self._made_timely(facts, facts.first, corrections, context)
        for act in corrections:
            yield from self._own_approval(act, context)

    def _made_timely(self, facts: Facts, first: Facts, corrections: list[Act], context: Context) -> Iterator[Verdict]:
        for check in self._checks():
            timed = {clause.reason for clause in check.clauses if clause.clock}
            if (
                isinstance(check, GatheringCheck)
                or not timed
                or check.audience != "office"
                or facts.group.kind not in check.kinds
            ):
                continue
            late_now = {_key(one) for one in check.verdicts(facts, context) if one.result == "hit"}
            for one in check.verdicts(first, context):
                if one.result == "hit" and one.reason in timed and _key(one) not in late_now:
                    yield self._turned(check, one, corrections)

    def _turned(self, check: Check, one: Verdict, corrections: list[Act]) -> Verdict:
        fields = sorted({str(act.get("field")) for act in corrections})
        return Verdict(
            reason="a_made_timely",
            item="/".join(part for part in (check.id, one.reason, one.item) if part),
            event_ids=(*one.event_ids, *(act.id for act in corrections)),
            related=one.related,
            facts={
                "check": check.id, "clause": one.reason, "fields": fields, "first_reading": dict(one.facts),
                "unit": one.facts.get("unit"),
            },
            sentence=Text(
                f"记录显示：按原值 {check.id} 逾期，更正（{'、'.join(fields)}）后变为按期。",
                f"The record shows: by the values first recorded {check.id} was late; after the correction of "
                f"{', '.join(fields)} it is in time.",
            ),
        )  # fmt: skip

    def _own_approval(self, act: Act, context: Context) -> Iterator[Verdict]:
        approver, item = act.get("approved_by"), str(act.event["sequence"])
        if approver is None or act.staff is None:
            missing = Text("更正人或批准人", "who corrected, or who approved")
            yield cannot_tell("b_own_approval", missing, (act.id,), item=item)
        elif approver == act.staff:
            yield Verdict(
                reason="b_own_approval",
                item=item,
                event_ids=(act.id,),
                facts={"staff": act.staff, "field": act.get("field"), "corrected_on": act.day, "unit": act.unit},
                sentence=Text(
                    f"记录显示：{act.day}的更正由 {act.staff} 自行批准。",
                    f"The record shows: {act.staff} approved the own correction of {act.day}.",
                ),
            )


def _key(verdict: Verdict) -> tuple[str, str]:
    return verdict.reason, verdict.item
