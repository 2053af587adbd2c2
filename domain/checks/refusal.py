"""Checks on refusals of acceptance: taken back without a decision, or made to escape the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from domain.checks.base import REGULATION_FROM, Basis, Certainty, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.clock import in_days, lateness
from domain.checks.context import Context
from domain.checks.course import WHETHER_UPHELD, handoffs, stops
from domain.checks.facts import Act, Facts
from domain.checks.groups import Joined

NOTICE_DAYS = 15
TELLING_NOTICES = frozenset({"refer_elsewhere", "non_acceptance"})
REFUSER = Text("不予受理的单位", "the unit that refused")


class RefusedAndAccepted(Check):
    """XF-ACC-005: a unit refused a matter, or had its objection upheld, and later accepted it with nobody deciding.

    A refusal as `unclear` is cured by a clearer petition and does not count. The finding is about the case that
    was refused; the case that was accepted may be another of the same matter.
    """

    id = "XF-ACC-005"
    title = Text("先不予受理后又受理", "Refused first, accepted later")
    basis = (Basis(Text("《信访工作条例》第四十四条第二项", "Regulation art.44(2) (C-04)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "refused",
            "medium",
            "suspect",
            Text(
                "单位不予受理后又受理同一事项，其间无受理机关决定",
                "a unit refused and later accepts the same matter with no competence decision between",
            ),
        ),
        Clause(
            "objected",
            "medium",
            "suspect",
            Text(
                "单位异议被采纳后又受理同一事项，其间无受理机关决定",
                "a unit's objection was upheld and it later accepts the same matter with no competence decision between",
            ),
        ),
    )
    risk = Text("属于职权范围而先推后受，拖延期限", "a competent unit pushed the matter away and gained time")
    verify = Text(
        "核对不予受理或异议的理由与后来受理的依据", "the ground of the refusal against that of the acceptance"
    )
    remedy = Text("期限自首次收到之日起算", "count the periods from the first receipt")
    false_positives = Text(
        "职能依法调整；信访人补充了新事实", "competences moved by law; new facts came from the petitioner"
    )
    blind_spots = Text(
        "同一事项未关联；以他单位名义受理", "matters that nobody joined; accepted in another unit's name"
    )
    kinds = ("matter",)
    triggers = frozenset({"case.acceptance_refused", "case.objection_decided"})

    def verdicts(self, facts: Joined, context: Context) -> Iterator[Verdict]:
        accepted = facts.all("case.accepted")
        decisions = [act for _, act in facts.all("case.competence_decided")]
        told: set[tuple[str, str, str]] = set()
        for reason, case, unit, act in self._pushed_away(facts):
            key = (reason, case.subject, unit or "")
            later = [pair for pair in accepted if act.is_before(pair[1]) and unit in (None, pair[1].unit)]
            later += [pair for pair in accepted if act.is_before(pair[1]) and pair[1].unit is None]
            if not later or key in told:
                continue
            where, acceptance = later[0]
            if any(not one.is_before(act) and not acceptance.is_before(one) for one in decisions):
                continue
            told.add(key)
            missing = _untold(act, acceptance)
            if unit is None or missing is not None:
                yield replace(cannot_tell(reason, missing or REFUSER, (act.id, acceptance.id)), subject=case.subject)
            else:
                yield self._accepted(reason, case, unit, act, where, acceptance)

    def _pushed_away(self, facts: Joined) -> Iterator[tuple[str, Facts, str | None, Act]]:
        """Every refusal and every upheld objection: reason, case, unit, act."""
        for case in facts.cases.values():
            for act in case.all("case.acceptance_refused"):
                if act.get("ground") != "unclear":
                    yield "refused", case, act.unit, act
            for handoff in handoffs(case):
                for objection in handoff.objections:
                    if (objection.upheld or objection.untold) and objection.decided is not None:
                        yield "objected", case, handoff.unit, objection.decided

    def _accepted(self, reason: str, case: Facts, unit: str, act: Act, where: Facts, acceptance: Act) -> Verdict:
        zh, en = ("不予受理", "refused it") if reason == "refused" else ("异议被采纳", "had its objection upheld")
        return Verdict(
            reason=reason,
            subject=case.subject,
            related=(where.subject,),
            item=unit,
            event_ids=(act.id, acceptance.id),
            facts={"unit": unit, "ground": act.get("ground"), "refused_on": act.day, "accepted_on": acceptance.day},
            sentence=Text(
                f"记录显示：单位 {unit} 于{act.day}{zh}，{acceptance.day}又受理同一事项，其间无受理机关决定。",
                f"The record shows: unit {unit} {en} on {act.day} and accepted the same matter on {acceptance.day}, with no "
                "decision on competence between.",
            ),
        )


class RefusedOnTrueGrounds(Check):
    """XF-ACC-010: a refusal names a matter in process, a re-review or another procedure that is really there.

    Where the matter's other cases are in this ledger the first two are certain, else suspect. The notice about
    another procedure is not owed to an anonymous petitioner or one exempted from it.
    """

    id = "XF-ACC-010"
    title = Text("不予受理的理由不成立", "The ground of a refusal is not there")
    basis = (
        Basis(
            Text("《信访工作条例》第十九条、第三十六条、第四十四条第二项", "Regulation art.19, 36 and 44(2)"),
            REGULATION_FROM,
        ),
    )
    clauses = (
        Clause(
            "same_matter",
            "high",
            "certain",
            Text(
                "以同一事项正在办理为由，而没有正在办理的同一事项",
                "`same_matter_in_process` without an open same matter; suspect where this ledger holds no other case of it",
            ),
        ),
        Clause(
            "re_reviewed",
            "high",
            "certain",
            Text("以已经复核为由，而没有复核意见", "`re_reviewed` without a re-review; suspect as above"),
        ),
        Clause(
            "other_procedure",
            "high",
            "certain",
            Text(
                "以应走其他程序为由，而未写明程序或15日内未书面告知",
                "`other_procedure` without `procedure` and a notice refer_elsewhere or non_acceptance by rdue(refusal,15)",
            ),
            clock=True,
        ),
    )
    risk = Text("以不予受理逃避期限", "the clocks are escaped by refusing")
    verify = Text("核对所称在办事项、复核意见或法定程序", "the matter, the re-review or the procedure that was named")
    remedy = Text("撤销不予受理，依法受理", "take the refusal back, and accept")
    false_positives = Text(
        "同一事项在其他信访部门办理；告知未录入", "the same matter lies with another office; a notice not entered"
    )
    blind_spots = Text("把不同事项说成同一事项", "another matter called the same")
    kinds = ("matter",)
    triggers = frozenset({"case.acceptance_refused"})

    def verdicts(self, facts: Joined, context: Context) -> Iterator[Verdict]:
        for case in facts.cases.values():
            for act in case.all("case.acceptance_refused"):
                match act.get("ground"):
                    case "same_matter_in_process":
                        others = [one for one in facts.cases.values() if one is not case]
                        if not any(_is_open(one, act, context) for one in others):
                            yield self._not_there("same_matter", case, act, others)
                    case "re_reviewed":
                        others = [one for one in facts.cases.values() if one is not case]
                        if not any(_re_reviewed(one, act) for one in facts.cases.values()):
                            yield self._not_there("re_reviewed", case, act, others)
                    case "other_procedure":
                        yield from self._procedure(case, act, context)

    def _not_there(self, reason: str, case: Facts, act: Act, others: list[Facts]) -> Verdict:
        certainty: Certainty = "certain" if others else "suspect"
        what = Text("正在办理的同一事项", "open case of the same matter")
        if reason == "re_reviewed":
            what = Text("复核意见", "re-review of the matter")
        return Verdict(
            reason=reason,
            subject=case.subject,
            related=tuple(one.subject for one in others),
            item=str(act.event["sequence"]),
            certainty=certainty,
            event_ids=(act.id,),
            facts={"unit": act.unit, "refused_on": act.day, "cases_of_the_matter": len(others)},
            sentence=Text(
                f"记录显示：{act.day}以 {act.get('ground')} 为由不予受理，账本中没有{what.zh}。",
                f"The record shows: refused on {act.day} as {act.get('ground')}; the ledger holds no {what.en}.",
            ),
        )

    def _procedure(self, case: Facts, act: Act, context: Context) -> Iterator[Verdict]:
        item = str(act.event["sequence"])
        limit = in_days(context, act.day, NOTICE_DAYS)
        notice = _notice(case, act)
        acted = notice.day if notice is not None else None
        untold = limit.state(acted, context.today) in ("late", "missing") and not _nobody_to_tell(case, limit.due)
        unnamed = "procedure" not in act.data
        if not untold and unnamed and context.may_be_unknown(act.event):
            missing = Text("所指的法定程序", "the procedure named (procedure)")
            told = cannot_tell("other_procedure", missing, (act.id,), item=item)
            yield replace(told, subject=case.subject)
        elif untold or unnamed:
            yield self._no_procedure(case, act, item, untold, unnamed, context)

    def _no_procedure(self, case: Facts, act: Act, item: str, untold: bool, unnamed: bool, context: Context) -> Verdict:
        limit = in_days(context, act.day, NOTICE_DAYS)
        notice = _notice(case, act)
        acted = notice.day if notice is not None else None
        lacking = [Text("未写明程序", "no procedure is named")] if unnamed else []
        if untold:
            tail = lateness(limit, acted, context)
            lacking.append(Text(f"未书面告知（{tail.zh}）", f"no notice in time ({tail.en})"))
        return Verdict(
            reason="other_procedure",
            subject=case.subject,
            item=item,
            open=notice is None,
            certainty=context.certainty("certain", limit.start, limit.due) if untold else "certain",
            event_ids=(act.id, *((notice.id,) if notice is not None else ())),
            facts={
                **limit.facts(acted, context),
                "unit": act.unit,
                "procedure": act.get("procedure"),
                "told": not untold,
            },
            sentence=Text(
                f"记录显示：{act.day}以应走其他程序为由不予受理，{'，'.join(one.zh for one in lacking)}。",
                f"The record shows: refused on {act.day} for another procedure; {' and '.join(one.en for one in lacking)}.",
            ),
        )


def _untold(pushed_away: Act, acceptance: Act) -> Text | None:
    """What is not recorded of a decided objection, or of the acceptance after it."""
    if pushed_away.name == "case.objection_decided" and "upheld" not in pushed_away.data:
        return WHETHER_UPHELD
    return Text("受理的单位", "the unit that accepted") if acceptance.unit is None else None


def _is_open(case: Facts, at: Act, context: Context) -> bool:
    """Whether a case had been received by then and was neither closed for good nor stopped."""
    received = case.one("case.received")
    if received is None or received.day > at.day:
        return False
    ends = [act for act in case.acts if act.name in ("case.closed", "case.reopened") and act.is_before(at)]
    ended = bool(ends) and ends[-1].name == "case.closed"
    return not ended and not any(stop.act.is_before(at) and stop.sure for stop in stops(case, context))


def _re_reviewed(case: Facts, at: Act) -> bool:
    issued = case.all("case.review_issued")
    return any(act.get("stage") == "re_review" and not at.is_before(act) for act in issued)


def _notice(case: Facts, refusal: Act) -> Act | None:
    notices = [
        act for act in case.all("case.petitioner_notified")
        if act.get("notice") in TELLING_NOTICES and act.day >= refusal.day
    ]  # fmt: skip
    return min(notices, key=lambda act: (act.day, act.position), default=None)


def _nobody_to_tell(case: Facts, due: date) -> bool:
    received = case.one("case.received")
    if received is not None and received.get("anonymous") is True:
        return True
    exempted = case.all("case.notice_exempted")
    return any(act.get("notice") in TELLING_NOTICES and act.day <= due for act in exempted)
