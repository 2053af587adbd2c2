"""Checks on how relief money is paid: to whom, in cash or not, after which notice, on which papers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from domain.checks.base import Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.context import Context, FundRules
from domain.checks.facts import Act, Facts
from domain.checks.fund import related_of

RULES_UNKNOWN = Text("资金规则", "the rules of the fund")


def rules_of(facts: Facts, context: Context) -> FundRules | None:
    """The rules of the fund that the application names."""
    applied = facts.one("grant.applied")
    return context.fund_rules.get(str(applied.get("fund"))) if applied is not None else None


def _item(paid: Act) -> str:
    return str(paid.get("payment", paid.id))


class PaidToTheBeneficiary(Check):
    """XF-FND-005: relief money goes to the beneficiary, and in cash only where the rules allow it."""

    id = "XF-FND-005"
    title = Text("收款人非受助人，或违规现金发放", "Relief money paid to somebody else, or in cash against the rules")
    basis = (
        Basis(
            Text("打卡发放、不得现金（F-13，地方资金办法）", "payment to the person's own account, no cash (F-13)"),
            None,
        ),
    )
    clauses = (
        Clause(
            "a_payee",
            "high",
            "probable",
            Text("收款人不是受助人且无委托", "payee is not the beneficiary, no authority"),
        ),
        Clause(
            "b_cash",
            "high",
            "certain",
            Text("规则不允许而发放现金且无例外审批", "cash where not allowed, no exception"),
        ),
    )
    risk = Text("冒领、截留", "money collected by or left with somebody else")
    verify = Text(
        "核对收款账户、委托书、现金签领和例外审批", "the account, the authority, cash signatures, the exception"
    )
    remedy = Text("补委托或追回后重新发放", "obtain the authority, or recover and pay again")
    false_positives = Text(
        "监护人、家属代领而委托未录入；同一人使用两个代号",
        "a guardian or relative whose authority was not entered; one person under two pseudonyms",
    )
    blind_spots = Text("本人账户由他人控制", "an own account that somebody else controls")
    kinds = ("grant",)
    triggers = frozenset({"grant.paid"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        applied = facts.one("grant.applied")
        rules = rules_of(facts, context)
        for paid in facts.all("grant.paid"):
            yield from self._payee(facts, applied, paid, context)
            if rules is None:
                yield cannot_tell("b_cash", RULES_UNKNOWN, [paid.id], item=_item(paid))
            elif rules.rules.get("cash_allowed") is False:
                yield from self._cash(facts, paid, rules, context)

    def _payee(self, facts: Facts, applied: Act | None, paid: Act, context: Context) -> Iterator[Verdict]:
        beneficiary = applied.get("beneficiary_ref") if applied is not None else None
        payee = paid.get("payee_ref")
        if beneficiary is None or payee is None:
            yield cannot_tell(
                "a_payee", Text("受助人或收款人", "the beneficiary or the payee"), [paid.id], item=_item(paid)
            )
            return
        if payee == beneficiary or "payee_authority" in paid.data or applied is None:
            return
        if context.may_be_unknown(paid.event):
            yield cannot_tell("a_payee", Text("委托书", "the authority of the payee"), [paid.id], item=_item(paid))
            return
        yield Verdict(
            reason="a_payee",
            item=_item(paid),
            event_ids=(applied.id, paid.id),
            related=related_of(facts),
            facts={"payment": paid.get("payment"), "paid_on": paid.day, "paid_fen": paid.get("amount_fen")},
            sentence=Text(
                f"记录显示：{paid.day}的付款收款人不是受助人，也没有委托。",
                f"The record shows: the payment of {paid.day} went to a payee who is not the beneficiary, without authority.",
            ),
        )

    def _cash(self, facts: Facts, paid: Act, rules: FundRules, context: Context) -> Iterator[Verdict]:
        method = paid.get("method")
        evidence = (paid.id, rules.event_id)
        if method is None:
            yield cannot_tell("b_cash", Text("付款方式", "the method of payment"), evidence, item=_item(paid))
            return
        if method != "cash" or "cash_exception" in paid.data:
            return
        if context.may_be_unknown(paid.event):
            yield cannot_tell("b_cash", Text("现金例外审批", "the exception for cash"), evidence, item=_item(paid))
            return
        yield Verdict(
            reason="b_cash",
            item=_item(paid),
            event_ids=evidence,
            related=related_of(facts),
            facts={"payment": paid.get("payment"), "paid_on": paid.day, "paid_fen": paid.get("amount_fen")},
            sentence=Text(
                f"记录显示：{paid.day}以现金付款，资金规则不允许，也没有例外审批。",
                f"The record shows: paid in cash on {paid.day}; the fund's rules do not allow it and no exception is recorded.",
            ),
        )


class PaidAfterNotice(Check):
    """XF-FND-010: where the rules ask for a public notice, money goes out after it has run."""

    id = "XF-FND-010"
    title = Text("公示期满前付款或未公示", "Paid before the public notice had run, or without it")
    basis = (Basis(Text("公示（F-12，地方资金办法）", "public notice (F-12, fund rules)"), None),)
    clauses = (
        Clause(
            "not_noticed",
            "medium",
            "certain",
            Text(
                "付款日不晚于公示截止日与（公示起始日加规定天数减一日）中的较晚者，或规则要求公示而未公示",
                "paid on or before the later of until_on and from_on + notice_days − 1, or without notice where the rules "
                "ask for it",
            ),
            clock=True,
        ),
    )
    risk = Text("暗箱操作，优亲厚友", "favours that nobody could object to")
    verify = Text("核对公示照片、起止日期和付款日期", "the notice, its first and last day, the day of payment")
    remedy = Text("补公示，接受异议后再发放其余款项", "publish the notice and pay the rest only after it has run")
    false_positives = Text(
        "公示日期录入有误；涉及隐私依规不公示未记录", "a wrong day entered; an exemption for privacy not recorded"
    )
    blind_spots = Text("公示地点无人可见", "a notice posted where nobody reads it")
    kinds = ("grant",)
    triggers = frozenset({"grant.paid"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        paid = facts.all("grant.paid")
        if not paid:
            return
        rules = rules_of(facts, context)
        if rules is None:
            yield cannot_tell("not_noticed", RULES_UNKNOWN, [act.id for act in paid])
            return
        days = rules.rules.get("notice_days")
        notices = facts.all("grant.notice_published")
        unknown = [act.id for act in notices if "from_on" not in act.data or "until_on" not in act.data]
        if unknown:
            yield cannot_tell("not_noticed", Text("公示起止日期", "the days of the notice"), unknown)
            return
        if not notices and not days:
            return
        ends = [_last_day(act, int(days or 0)) for act in notices]
        for payment in paid:
            if not any(payment.day > end for end in ends):
                yield self._verdict(facts, payment, notices, min(ends, default=None), rules)

    def _verdict(self, facts: Facts, paid: Act, notices: list[Act], end: date | None, rules: FundRules) -> Verdict:
        stated: dict[str, Any] = {"payment": paid.get("payment"), "paid_on": paid.day}
        stated["notice_days"] = rules.rules.get("notice_days", 0)
        if end is not None:
            stated["notice_until_on"] = end
        when = Text("没有公示", "no notice was published")
        if end is not None:
            when = Text(f"公示至{end}", f"the notice ran until {end}")
        return Verdict(
            reason="not_noticed",
            item=_item(paid),
            event_ids=(paid.id, rules.event_id, *(act.id for act in notices)),
            related=related_of(facts),
            facts=stated,
            sentence=Text(
                f"记录显示：{paid.day}付款，{when.zh}。", f"The record shows: paid on {paid.day}; {when.en}."
            ),
        )


def _last_day(notice: Act, days: int) -> date:
    """The last day on which the notice has to stand."""
    until = date.fromisoformat(notice.data["until_on"])
    asked = date.fromisoformat(notice.data["from_on"]) + timedelta(days=days - 1)
    return max(until, asked)


class PapersComplete(Check):
    """XF-FND-011: the papers that the rules ask for are there when the application is examined."""

    id = "XF-FND-011"
    title = Text("审核时申请材料不全", "Papers that the rules ask for were missing at examination")
    basis = (Basis(Text("申请材料（F-08，地方资金办法）", "application papers (F-08, fund rules)"), None),)
    clauses = (
        Clause(
            "missing_paper",
            "medium",
            "certain",
            Text("审核时缺少规则要求的材料", "an attachment that the rules ask for is missing"),
        ),
    )
    risk = Text("虚构情况套取资金", "money obtained on facts that nobody proved")
    verify = Text("核对申请档案", "the application file")
    remedy = Text("补齐材料并重新审核", "complete the file and examine again")
    false_positives = Text("材料以其他名称归档", "a paper filed under another name")
    blind_spots = Text("内容不实的材料", "papers whose content is untrue")
    kinds = ("grant",)
    triggers = frozenset({"grant.examined"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        applied, examined = facts.one("grant.applied"), facts.one("grant.examined")
        if applied is None or examined is None:
            return
        rules = rules_of(facts, context)
        evidence = (applied.id, examined.id)
        if rules is None:
            yield cannot_tell("missing_paper", RULES_UNKNOWN, evidence)
            return
        asked = rules.rules.get("attachments", ())
        if asked and "attachments" not in applied.data and context.may_be_unknown(applied.event):
            yield cannot_tell("missing_paper", Text("申请材料", "the papers of the application"), evidence)
            return
        held = applied.get("attachments", {})
        missing = sorted(kind for kind in asked if kind not in held)
        if missing:
            yield Verdict(
                reason="missing_paper",
                event_ids=(*evidence, rules.event_id),
                related=related_of(facts),
                facts={"missing_papers": missing, "examined_on": examined.day},
                sentence=Text(
                    f"记录显示：{examined.day}审核时缺少材料：{'、'.join(missing)}。",
                    f"The record shows: missing at the examination of {examined.day}: {', '.join(missing)}.",
                ),
            )
