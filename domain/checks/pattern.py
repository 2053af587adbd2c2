"""Patterns of a unit's months: receipts without evidence, and answers bunched on the last two working days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from domain.checks.base import (
    REGULATION_FROM,
    Basis,
    Clause,
    Finding,
    Group,
    Parameter,
    Text,
    Verdict,
    cannot_tell,
)
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, unit_month

SMALL = Text("管理口径：样本下限", "a management default: the least number")
SHARE = Text("管理口径：比例", "a management default: the share")


class ReceiptsHaveEvidence(GatheringCheck):
    """XF-ACC-008: of a unit's receipts in a month too many have no evidence.

    In imported history absent evidence is unknown: it can turn the answer into `cannot_tell`, never into a hit.
    """

    id = "XF-ACC-008"
    title = Text("收件凭证缺失比例过高", "Too many receipts without evidence")
    basis = (
        Basis(
            Text("《信访工作条例》第二十二条、第四十四条第一项", "Regulation art.22 and 44(1) (C-01)"), REGULATION_FROM
        ),
    )
    clauses = (
        Clause(
            "without_evidence",
            "medium",
            "suspect",
            Text(
                "单位当月收件不少于10件（参数），其中超过20%（参数）没有收件凭证",
                "unit-month with at least 10* receipts, over 20 %* without receipt evidence",
            ),
        ),
    )
    parameters = (Parameter("min_n", 10, SMALL), Parameter("percent", 20, SHARE))
    risk = Text("收件日期无从核对，可随意选择", "the day of receipt cannot be checked and can be chosen")
    verify = Text("抽查原信、来访登记、通话与网上记录", "a sample of letters, visit logs, call and web records")
    remedy = Text("收件即留存凭证", "keep evidence with every receipt")
    false_positives = Text("凭证留在纸质卷宗未录入", "evidence in the paper file and not entered")
    blind_spots = Text("伪造的凭证", "forged evidence")
    kinds = ("unit-month",)
    reads = ("case",)
    triggers = frozenset({"case.received"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        received = facts.one("case.received")
        if received is None or received.unit is None:
            return
        proof = (
            "yes" if received.get("receipt_evidence") else "unknown" if context.may_be_unknown(received.event) else "no"
        )
        yield Contribution(
            unit_month(received.unit, received.day), facts.subject, (received.id,), received.day, {"proof": proof}
        )

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        least, percent = context.parameters.get(self, "min_n"), context.parameters.get(self, "percent")
        unit, month = facts.parts
        count = len(facts.members)
        without = [one for one in facts.members if one.get("proof") == "no"]
        unknown = [one for one in facts.members if one.get("proof") == "unknown"]
        if count < least or 100 * (len(without) + len(unknown)) <= percent * count:
            return
        lacking = without if 100 * len(without) > percent * count else without + unknown
        evidence = tuple(event_id for one in lacking for event_id in one.event_ids)
        if lacking is not without:
            missing = Text("收件凭证（历史数据未载）", "receipt evidence, which the imported history does not hold")
            yield cannot_tell("without_evidence", missing, evidence, item=month)
            return
        yield Verdict(
            reason="without_evidence",
            item=month,
            event_ids=evidence,
            related=tuple(one.subject for one in without),
            facts={"unit": unit, "month": month, "receipts": count, "without_evidence": len(without)},
            sentence=Text(
                f"记录显示：{unit} {month}收件{count}件，其中{len(without)}件没有收件凭证。",
                f"The record shows: of {count} receipts of {unit} in {month}, {len(without)} have no evidence.",
            ),
        )


class AnswersAreSpread(GatheringCheck):
    """XF-DDL-007: a unit's opinions (else closings) bunch on a month's last two working days, again and again.

    A month with fewer than 10 opinions is judged by its closings. Two such months at most two apart make a
    pattern; a longer run of them is one finding, named by its first month.
    """

    id = "XF-DDL-007"
    title = Text("月末集中办结", "Answers bunched at the end of the month")
    basis = (Basis(Text("《信访工作条例》第四十条（弄虚作假）", "Regulation art.40 (C-15)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "bunched",
            "low",
            "suspect",
            Text(
                "当月意见（否则办结）不少于10件（参数），40%（参数）以上集中在最后两个工作日，连续3个月中有2个月；仅为规律，不是结论",
                "unit with at least 10* opinions (else closings) a month and 40 %* of them on its last two working days, in "
                "2 of 3 successive months; a pattern, not a charge",
            ),
        ),
    )
    parameters = (Parameter("min_n", 10, SMALL), Parameter("percent", 40, SHARE))
    risk = Text("为报表而突击办结", "answers are made for the report")
    verify = Text("抽查月末办结件的质量", "the quality of a sample of those answers")
    remedy = Text("均衡办理，随办随结", "answer when the work is done")
    false_positives = Text("月末例会集体审定", "a board that meets at the end of the month")
    blind_spots = Text("平均分布的虚假办结", "empty answers spread evenly")
    kinds = ("unit",)
    reads = ("case",)
    triggers = frozenset({"case.opinion_issued", "case.closed"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        for act in facts.all("case.opinion_issued", "case.closed"):
            if act.unit is not None:
                what = "opinion" if act.name == "case.opinion_issued" else "closing"
                yield Contribution(Group("unit", act.unit), facts.subject, (act.id,), act.day, {"what": what})

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        bunched = self._bunched(facts, context)
        runs: list[list[int]] = []
        for month in sorted(bunched):
            if runs and month - runs[-1][-1] <= 2:
                runs[-1].append(month)
            else:
                runs.append([month])
        for run in runs:
            if len(run) > 1:
                yield self._pattern(facts.parts[0], run, bunched)

    def _bunched(self, facts: Gathered, context: Context) -> dict[int, tuple[list[Contribution], int]]:
        """The months (year · 12 + month − 1) that bunch: what lies on their last two working days, and of how many."""
        least, percent = context.parameters.get(self, "min_n"), context.parameters.get(self, "percent")
        by_month: dict[int, dict[str, list[Contribution]]] = {}
        for one in facts.members:
            month = one.day.year * 12 + one.day.month - 1
            by_month.setdefault(month, {"opinion": [], "closing": []})[str(one.get("what"))].append(one)
        found = {}
        for month, theirs in by_month.items():
            judged = theirs["opinion"] if len(theirs["opinion"]) >= least else theirs["closing"]
            from_on = _last_two_from(month, context)
            last = [one for one in judged if one.day >= from_on]
            if len(judged) >= least and 100 * len(last) >= percent * len(judged):
                found[month] = (last, len(judged))
        return found

    def _pattern(self, unit: str, run: list[int], bunched: dict[int, tuple[list[Contribution], int]]) -> Verdict:
        last = [one for month in run for one in bunched[month][0]]
        if last[-1].day < REGULATION_FROM:
            early = Text("施行日（2022-05-01）之后的月份", "months after 2022-05-01, when the article came into force")
            evidence = [event_id for one in last for event_id in one.event_ids]
            return cannot_tell("bunched", early, evidence, item=_name(run[0]))
        told = {_name(month): f"{len(bunched[month][0])}/{bunched[month][1]}" for month in run}
        listed = ", ".join(f"{month} {share}" for month, share in told.items())
        return Verdict(
            reason="bunched",
            item=_name(run[0]),
            event_ids=tuple(event_id for one in last for event_id in one.event_ids),
            related=tuple(one.subject for one in last),
            facts={"unit": unit, "months": told},
            sentence=Text(
                f"记录显示：{unit} 的办结集中在月末最后两个工作日（{listed}）。",
                f"The record shows: answers of {unit} bunch on the last two working days of the month ({listed}).",
            ),
        )


def _name(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _last_two_from(month: int, context: Context) -> date:
    """The first of a month's last two working days."""
    following = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    day, left = following - timedelta(days=1), 2
    while True:
        left -= context.calendar.is_workday(day)
        if left == 0:
            return day
        day -= timedelta(days=1)
