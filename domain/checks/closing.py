"""Checks on how cases end: is the ground of a closing on record, and why was a petition withdrawn just then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.checks.base import REGULATION_FROM, Basis, Certainty, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.facts import Act, Facts
from domain.checks.groups import Joined
from domain.checks.handling_clock import handling_clocks

NEVER_ACCEPTED_DAYS = 75


class Lack(NamedTuple):
    """What a closing lacks: on which evidence, how sure; `unknown` where the record cannot say."""

    what: Text
    evidence: tuple[str, ...] = ()
    certainty: Certainty = "certain"
    unknown: bool = False


class ClosedOnRecord(Check):
    """XF-CLO-001: the ground of a closing has its own record in the case, whenever that record was made.

    `handed_to_procedure` without a named procedure and without a notice is certain; where only one of the
    two is missing the finding is `suspect`. A notice `procedure` or `refer_elsewhere` counts. Where an imported
    case was never routed, its old system had no routes, and the procedure cannot be told.
    """

    id = "XF-CLO-001"
    title = Text("办结理由没有相应记录", "A ground of closing without the record that it needs")
    basis = (
        Basis(Text("《信访工作条例》第三十一条、第三十三条、第三十六条", "Regulation art.31, 33, 36"), REGULATION_FROM),
    )
    clauses = (
        Clause(
            "withdrawn",
            "high",
            "certain",
            Text("以撤回办结而无信访人的书面材料", "withdrawn without the petitioner's document"),
        ),
        Clause(
            "mediated",
            "high",
            "certain",
            Text("以调解办结而无协议或缺双方同意", "mediated without agreement and both consents"),
        ),
        Clause(
            "handed_to_procedure",
            "high",
            "certain",
            Text(
                "以导入法定程序办结，既无程序名称也无告知（仅缺其一为可疑）",
                "handed_to_procedure without procedure or notice (only one of the two missing: suspect)",
            ),
        ),
        Clause(
            "not_accepted",
            "high",
            "certain",
            Text("以不予受理办结而无不予受理的记录", "not_accepted without refusal"),
        ),
        Clause(
            "review_final",
            "high",
            "certain",
            Text("以复核终结办结而无复核意见", "review_final without re-review"),
        ),
    )
    risk = Text("虚假办结，抬高办结率", "cases closed on paper to raise the rate")
    verify = Text("调阅办结卷宗中与办结理由对应的材料", "the paper in the file that the ground of closing needs")
    remedy = Text("补齐材料；不能补齐的，恢复办理", "complete the record, or reopen the case")
    false_positives = Text("材料在纸质卷宗中而未录入", "a paper that lies in the file and was never entered")
    blind_spots = Text("伪造或被迫签署的材料", "a forged paper, or one signed under pressure")
    kinds = ("case",)
    triggers = frozenset({"case.closed"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        reasons = {clause.reason for clause in self.clauses}
        closings = [act for act in facts.all("case.closed") if act.get("ground") in reasons]
        for number, closing in enumerate(closings, start=1):
            reason = str(closing.data["ground"])
            lack = _lack_of(reason, facts, context)
            if lack is None:
                continue
            evidence = (closing.id, *lack.evidence)
            if lack.unknown:
                yield cannot_tell(reason, lack.what, evidence, item=str(number))
                continue
            yield Verdict(
                reason=reason,
                item=str(number),
                certainty=lack.certainty,
                event_ids=evidence,
                facts={"closed_on": closing.day, "ground": reason, "lacks": lack.what.en},
                sentence=Text(
                    f"记录显示：{closing.day}以 {reason} 办结，没有{lack.what.zh}的记录。",
                    f"The record shows: closed on {closing.day} as {reason}, and the record holds no {lack.what.en}.",
                ),
            )


def _lack_of(ground: str, facts: Facts, context: Context) -> Lack | None:
    match ground:
        case "withdrawn":
            return _paper_lacks(facts.all("case.withdrawn"), context)
        case "mediated":
            return _agreement_lacks(facts.all("case.mediation_agreed"), context)
        case "handed_to_procedure":
            return _procedure_lacks(facts, context)
        case "not_accepted":
            return None if facts.all("case.acceptance_refused") else Lack(Text("不予受理", "refusal of acceptance"))
    issued = facts.all("case.review_issued")
    if any(act.get("stage") == "re_review" for act in issued):
        return None
    return Lack(Text("复核意见", "opinion of a re-review"), tuple(act.id for act in issued))


def _paper_lacks(withdrawals: list[Act], context: Context) -> Lack | None:
    if any("document" in act.data for act in withdrawals):
        return None
    paper = Text("信访人书面撤回材料", "document of withdrawal by the petitioner")
    unknown = any(context.may_be_unknown(act.event) for act in withdrawals)
    return Lack(paper, tuple(act.id for act in withdrawals), unknown=unknown)


def _agreement_lacks(mediations: list[Act], context: Context) -> Lack | None:
    if any("agreement" in act.data and act.get("both_consent") is True for act in mediations):
        return None
    what = Text("调解协议和双方同意", "agreement with the consent of both")
    unknown = any(
        context.may_be_unknown(act.event)
        and act.get("both_consent") is not False
        and not ("agreement" in act.data and "both_consent" in act.data)
        for act in mediations
    )
    return Lack(what, tuple(act.id for act in mediations), unknown=unknown)


def _procedure_lacks(facts: Facts, context: Context) -> Lack | None:
    naming = facts.all("case.routed", "case.acceptance_refused")
    named = any("procedure" in act.data for act in naming)
    notices = facts.all("case.petitioner_notified")
    told = any(act.get("notice") in ("procedure", "refer_elsewhere") for act in notices)
    if named and told:
        return None
    evidence = tuple(act.id for act in (*naming, *notices))
    if named:
        exempted = facts.all("case.notice_exempted")
        received = facts.one("case.received")
        if exempted or (received is not None and received.get("anonymous") is True):
            return None
        return Lack(Text("向信访人的程序告知", "notice of the procedure to the petitioner"), evidence, "suspect")
    unknown = any(context.may_be_unknown(act.event) for act in naming or facts.acts[:1])
    if told:
        return None if unknown else Lack(Text("法定程序名称", "name of the procedure"), evidence, "suspect")
    return Lack(Text("法定程序名称和告知", "procedure and no notice of it"), evidence, unknown=unknown)


class WithdrawnFreely(Check):
    """XF-CLO-002: a withdrawal shortly before the due day, or shortly after money or a measure, deserves a call.

    The due day is that of the handling clock (XF-DDL-001) with its extensions; the due day itself is zero
    days before it. A care plan is help and no measure here; payments are those of the grants of the case.
    """

    id = "XF-CLO-002"
    title = Text(
        "临近期限或收款、被采取措施后撤回", "Withdrawn just before the due day, or just after money or a measure"
    )
    basis = (
        Basis(
            Text("《信访工作条例》第四十条（弄虚作假），地方资金办法", "Regulation art.40 (C-15); fund rules (F-16)"),
            REGULATION_FROM,
        ),
    )
    clauses = (
        Clause(
            "a_before_due",
            "high",
            "suspect",
            Text("到期前10日（参数）内撤回", "withdrawn at most 10* days before the due day"),
            clock=True,
        ),
        Clause(
            "b_after_act",
            "high",
            "suspect",
            Text(
                "本案付款或采取措施后15日（参数）内撤回",
                "withdrawn at most 15* days after a payment or measure in that case",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter("a_days", 10, Text("管理口径，条例未定", "a management default; the Regulation sets no number")),
        Parameter("b_days", 15, Text("管理口径，条例未定", "a management default; the Regulation sets no number")),
    )
    audience = "discipline"
    risk = Text("施压或花钱买撤诉，虚报办结", "withdrawals won by pressure or money, counted as closed")
    verify = Text(
        "由第三方回访信访人，核对款项性质和措施依据", "a call by a third party; what the money was for; why the measure"
    )
    remedy = Text("非自愿的恢复办理并追责", "reopen what was not withdrawn freely, and hold to account")
    false_positives = Text(
        "问题确已解决；救助依规发放后自愿撤回",
        "the matter was solved; relief paid by the rules and withdrawn of free will",
    )
    blind_spots = Text("账外给钱；未记录的施压", "money outside the books; pressure that nobody recorded")
    kinds = ("file",)
    triggers = frozenset({"case.withdrawn"})

    def verdicts(self, facts: Joined, context: Context) -> Iterator[Verdict]:
        case = facts.case
        if case is None:
            return
        days = context.parameters.get(self, "b_days")
        before = [act for act in case.all("case.measure_taken") if act.get("kind") != "care_plan"]
        before += [act for grant in facts.grants.values() for act in grant.all("grant.paid")]
        for number, withdrawn in enumerate(case.all("case.withdrawn"), start=1):
            yield from self._before_due(case, withdrawn, str(number), context)
            for act in before:
                passed = (withdrawn.day - act.day).days
                if 0 <= passed <= days and not withdrawn.is_before(act):
                    yield self._after(withdrawn, act, passed, str(number))

    def _before_due(self, facts: Facts, withdrawn: Act, item: str, context: Context) -> Iterator[Verdict]:
        days = context.parameters.get(self, "a_days")
        for clock in handling_clocks(facts, context, NEVER_ACCEPTED_DAYS):
            limit = clock.limit
            if clock.reason != "overdue" or limit is None or clock.status == "excluded":
                continue
            left = (limit.due - withdrawn.day).days
            if clock.start is None or withdrawn.day < limit.start or not 0 <= left <= days:
                continue
            name = f"{item}/{clock.item}" if clock.item else item
            if clock.status == "cannot_tell" and clock.why is not None:
                yield cannot_tell("a_before_due", clock.why, (*clock.evidence, withdrawn.id), item=name)
                continue
            stated: dict[str, Any] = {**limit.facts(withdrawn.day, context), "days_before_due": left}
            yield Verdict(
                reason="a_before_due",
                item=name,
                event_ids=(*clock.evidence, withdrawn.id),
                facts=stated,
                sentence=Text(
                    f"记录显示：{withdrawn.day}撤回，距办理期限{limit.due}仅{left}日。",
                    f"The record shows: withdrawn on {withdrawn.day}, {left} day(s) before the due day {limit.due}.",
                ),
            )

    def _after(self, withdrawn: Act, act: Act, passed: int, item: str) -> Verdict:
        paid = act.name == "grant.paid"
        what = Text("付款", "a payment") if paid else Text("采取措施", "a measure")
        name = act.get("payment" if paid else "measure", act.id)
        related = (str(act.event["subject"]),) if paid else ()
        return Verdict(
            reason="b_after_act",
            item=f"{item}/{name}",
            event_ids=(act.id, withdrawn.id),
            related=related,
            facts={"withdrawn_on": withdrawn.day, "acted_on": act.day, "days_between": passed},
            sentence=Text(
                f"记录显示：{act.day}{what.zh}，{passed}日后（{withdrawn.day}）撤回。",
                f"The record shows: {what.en} on {act.day}, and withdrawn {passed} day(s) later, on {withdrawn.day}.",
            ),
        )
