"""The check on closings that did not hold: reopened, or the same matter came again, within a month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict
from domain.checks.context import Context
from domain.checks.facts import Act, Facts
from domain.checks.groups import Joined

WEAK_GROUNDS = frozenset({"withdrawn", "not_accepted"})


class ClosingsHold(Check):
    """XF-DDL-008: within 30 days of a weak closing the case is reopened, or its matter is received again.

    Weak = without a delivered opinion, with a supported opinion not executed by then, or as withdrawn or not
    accepted. A closing as merged is none: the matter goes on in the other case.
    """

    id = "XF-DDL-008"
    title = Text("办结后短期内重新办理或重复来访", "Closed, and back within a month")
    basis = (Basis(Text("《信访工作条例》第四十五条第一项", "Regulation art.45(1) (C-06)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "reopened",
            "medium",
            "suspect",
            Text(
                "办结后30日（参数）内重新办理，而办结时意见未送达、支持事项未执行，或以撤回、不予受理办结",
                "reopened within 30* days of closing, while the closing had no delivered opinion, an unexecuted support, or "
                "ground withdrawn or not_accepted",
            ),
        ),
        Clause(
            "came_again",
            "medium",
            "suspect",
            Text(
                "同样的办结后30日（参数）内同一事项又被接收",
                "the same matter received again within 30* days of such a closing",
            ),
        ),
    )
    parameters = (Parameter("days", 30, Text("管理口径", "a management default")),)
    risk = Text("为按期办结而虚假办结", "closed on paper to be in time")
    verify = Text("核对办结依据与再次反映的内容", "what the closing rested on, and what came again")
    remedy = Text("恢复办理，期限自原受理之日计算", "go on handling, and count from the first acceptance")
    false_positives = Text("信访人不服而再次反映；新的事实", "the petitioner disagrees; new facts")
    blind_spots = Text("同一事项未关联；30日之后再来", "matters that nobody joined; back after the thirty days")
    kinds = ("matter",)
    triggers = frozenset({"case.closed"})
    triggers_alone = frozenset({"case.reopened"})

    def verdicts(self, facts: Joined, context: Context) -> Iterator[Verdict]:
        days = timedelta(days=context.parameters.get(self, "days"))
        for case in facts.cases.values():
            for closed in case.all("case.closed"):
                weakness = _weakness(case, closed)
                if weakness is None:
                    continue
                last = closed.day + days
                reopened = next((act for act in case.all("case.reopened") if _follows(closed, act)), None)
                if reopened is not None and reopened.day <= last:
                    yield self._back("reopened", case, closed, weakness, reopened, case)
                again = _received_again(facts, case, closed)
                if again is not None and again[1].day <= last:
                    yield self._back("came_again", case, closed, weakness, again[1], again[0])

    def _back(self, reason: str, case: Facts, closed: Act, weakness: Text, back: Act, where: Facts) -> Verdict:
        gap = (back.day - closed.day).days
        what = (
            Text("重新办理", "reopened") if reason == "reopened" else Text("同一事项又来", "the same matter came again")
        )
        return Verdict(
            reason=reason,
            subject=case.subject,
            related=(where.subject,),
            item=str(closed.event["sequence"]),
            event_ids=(closed.id, back.id),
            facts={
                "unit": closed.unit, "closed_on": closed.day, "back_on": back.day, "days_between": gap,
                "ground": closed.get("ground"), "weakness": weakness.en,
            },
            sentence=Text(
                f"记录显示：{closed.day}办结（{weakness.zh}），{gap}日后{what.zh}。",
                f"The record shows: closed on {closed.day} ({weakness.en}), and {gap} day(s) later {what.en}.",
            ),
        )  # fmt: skip


def _weakness(case: Facts, closed: Act) -> Text | None:
    """Why a closing may be one on paper only; None where it rests on something."""
    ground = closed.get("ground")
    if ground == "merged":
        return None
    if ground in WEAK_GROUNDS:
        return Text(f"办结方式为 {ground}", f"closed as {ground}")
    if not any(not closed.is_before(act) for act in case.all("case.opinion_delivered")):
        return Text("没有送达意见", "no delivered opinion")
    opinions = [act for act in case.all("case.opinion_issued") if not closed.is_before(act)]
    executed = [act for act in case.all("case.opinion_executed") if act.get("done") is True]
    supported = bool(opinions) and opinions[-1].get("result") == "supported"
    if supported and not any(not closed.is_before(act) for act in executed):
        return Text("支持事项未执行", "a supported opinion was not executed")
    return None


def _received_again(facts: Joined, case: Facts, closed: Act) -> tuple[Facts, Act] | None:
    """The first receipt of another case of the matter after a closing."""
    for other, received in facts.all("case.received"):
        if other is not case and _follows(closed, received):
            return other, received
    return None


def _follows(closed: Act, act: Act) -> bool:
    """Whether an act comes after a closing; of the same day by the order of the ledger where hours are unknown."""
    return closed.is_before(act) or (
        closed.day == act.day and not act.is_before(closed) and act.position > closed.position
    )
