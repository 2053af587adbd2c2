"""The checks on relief that comes twice, above the cap, or in slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.checks.base import Basis, Clause, Finding, Parameter, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.facts import Act, Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, gathering
from domain.checks.paying import RULES_UNKNOWN, rules_of
from domain.numerals import yuan

WHO = Text("受助人标识", "who the beneficiary is")


@dataclass(frozen=True, slots=True)
class Standing:
    """What one grant comes to: what was approved, paid and came back, and the acts that say so."""

    applied: Act
    approved: Act | None
    paid: list[Act]
    back_fen: int

    @property
    def amount_fen(self) -> int:
        """The amount approved, else what was paid."""
        if self.approved is not None and type(self.approved.get("amount_fen")) is int:
            return int(self.approved.data["amount_fen"])
        return sum(fen(act) for act in self.paid)

    @property
    def stands(self) -> bool:
        """Approved or paid, and not fully returned."""
        if self.paid:
            return sum(fen(act) for act in self.paid) > self.back_fen
        return self.approved is not None

    @property
    def act(self) -> Act:
        """The act that made it stand: the approval, else the first payment, else the application."""
        return self.approved or (self.paid[0] if self.paid else self.applied)

    @property
    def evidence(self) -> tuple[str, ...]:
        """Application, approval and payments."""
        acts = (self.applied, *((self.approved,) if self.approved else ()), *self.paid)
        return tuple(act.id for act in acts)


def fen(act: Act) -> int:
    """The amount of an act in fen; 0 where it is not a number."""
    value = act.get("amount_fen")
    return value if type(value) is int else 0


def standing(facts: Facts) -> Standing | None:
    """What one grant comes to; None where its application is not recorded."""
    applied = facts.one("grant.applied")
    if applied is None:
        return None
    back = sum(fen(act) for act in facts.all("grant.payment_returned", "grant.recovery_received"))
    return Standing(applied, facts.one("grant.approved"), facts.all("grant.paid"), back)


def person(applied: Act) -> dict[str, Any]:
    """What tells one beneficiary from another: the tag across cases, the pseudonym within one case."""
    return {"tag": applied.get("beneficiary_tag"), "ref": applied.get("beneficiary_ref"), "case": applied.get("case")}


def same_person(one: Contribution, other: Contribution) -> bool | None:
    """Whether two grants are one beneficiary's; None where the record cannot say."""
    if one.get("tag") is not None and other.get("tag") is not None:
        return bool(one.get("tag") == other.get("tag"))
    if one.get("ref") is None or other.get("ref") is None:
        return None
    if one.get("ref") == other.get("ref"):
        return True
    return False if one.get("case") == other.get("case") else None


class ReliefComesOnce(GatheringCheck):
    """XF-FND-002: one beneficiary is relieved once in one matter, on an own account.

    A beneficiary is known by the tag, within one case also by the pseudonym; two cases of one matter
    without tags give `cannot_tell`. Instalments of one grant are one relief. For (b) a payment with the
    payee's authority does not count.
    """

    id = "XF-FND-002"
    title = Text(
        "同一事项重复救助，或一个账户多人使用", "Relief twice in one matter, or one account for two beneficiaries"
    )
    basis = (Basis(Text("一次性救助原则（F-04，地方资金办法）", "relief comes once (F-04, fund rules)"), None),)
    clauses = (
        Clause(
            "a_twice",
            "high",
            "certain",
            Text(
                "同一受助人同一事项两笔以上已批准或已发放、未全额退回且非分期的救助",
                "two approved or paid grants, not fully returned, same beneficiary and same matter, without instalment_of",
            ),
        ),
        Clause(
            "b_account",
            "medium",
            "suspect",
            Text("一个账户收取两名受助人的款项而无委托", "one account for two beneficiaries without authority"),
        ),
    )
    risk = Text("重复套取、集中截留救助资金", "relief drawn twice, or collected on one account")
    verify = Text("核对受助人身份、事项和账户户名", "who the beneficiaries are, the matter, whose account it is")
    remedy = Text("追回重复部分，改发本人账户", "recover what came twice, pay to own accounts")
    false_positives = Text(
        "新事实下依规再次救助而未关联；夫妻共用账户", "relief on new facts by the rules; spouses with one account"
    )
    blind_spots = Text("同一人以不同身份标识申请", "one person under two identities")
    kinds = ("beneficiary", "account")
    reads = ("grant",)
    triggers = frozenset({"grant.approved", "grant.paid"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        one = standing(facts)
        if one is None:
            return
        who = person(one.applied)
        if one.stands and "case" in one.applied.data:
            group = gathering("beneficiary", context.matter(str(one.applied.data["case"])))
            told = {**who, "instalment_of": one.applied.get("instalment_of")}
            yield Contribution(group, facts.subject, one.evidence, one.act.day, told)
        for paid in one.paid:
            if "account" in paid.data and "payee_authority" not in paid.data:
                group = gathering("account", str(paid.data["account"]))
                unknown = context.may_be_unknown(paid.event)
                yield Contribution(
                    group, facts.subject, (one.applied.id, paid.id), paid.day, {**who, "unknown": unknown}
                )

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        if facts.group.kind == "account":
            yield from self._accounts(facts)
            return
        for one in facts.members:
            others = [other for other in facts.members if other.subject != one.subject and not _one_grant(one, other)]
            twice = [other for other in others if same_person(one, other) is True]
            unsure = [other for other in others if same_person(one, other) is None]
            if twice:
                yield self._twice(one, twice)
            elif unsure:
                evidence = (*one.event_ids, *(event_id for other in unsure for event_id in other.event_ids))
                yield replace(cannot_tell("a_twice", WHO, evidence), subject=one.subject)

    def _twice(self, one: Contribution, twice: list[Contribution]) -> Verdict:
        names = tuple(other.subject for other in twice)
        return Verdict(
            reason="a_twice",
            subject=one.subject,
            related=(*names, *_case_of(one)),
            event_ids=(*one.event_ids, *(event_id for other in twice for event_id in other.event_ids)),
            facts={"grants": sorted({one.subject, *names}), "stands_since_on": one.day},
            sentence=Text(
                f"记录显示：同一受助人同一事项已有 {len(twice) + 1} 笔救助：{'、'.join(sorted({one.subject, *names}))}。",
                f"The record shows: {len(twice) + 1} grants stand for one beneficiary in one matter: "
                f"{', '.join(sorted({one.subject, *names}))}.",
            ),
        )

    def _accounts(self, facts: Gathered) -> Iterator[Verdict]:
        first: dict[str, Contribution] = {}
        for member in facts.members:
            first.setdefault(member.subject, member)
        for one in first.values():
            others = [other for other in first.values() if other.subject != one.subject]
            shared = [other for other in others if same_person(one, other) is False]
            unsure = [other for other in others if same_person(one, other) is None]
            told = shared or unsure
            if not told:
                continue
            evidence = (*one.event_ids, *(event_id for other in told for event_id in other.event_ids))
            item = facts.parts[0]
            if not shared:
                yield replace(cannot_tell("b_account", WHO, evidence, item=item), subject=one.subject)
            elif one.get("unknown") or all(other.get("unknown") for other in shared):
                missing = Text("收款委托", "the authority of the payee")
                yield replace(cannot_tell("b_account", missing, evidence, item=item), subject=one.subject)
            else:
                yield self._shared(one, shared, item, evidence)

    def _shared(self, one: Contribution, shared: list[Contribution], item: str, evidence: tuple[str, ...]) -> Verdict:
        names = sorted({one.subject, *(other.subject for other in shared)})
        return Verdict(
            reason="b_account",
            item=item,
            subject=one.subject,
            related=(*names, *_case_of(one)),
            event_ids=evidence,
            facts={"grants": names, "account": item},
            sentence=Text(
                f"记录显示：不同受助人的 {len(names)} 笔救助付至同一账户，没有委托。",
                f"The record shows: {len(names)} grants of different beneficiaries went to one account without authority.",
            ),
        )


def _case_of(one: Contribution) -> tuple[str, ...]:
    return (str(one.get("case")),) if one.get("case") is not None else ()


def _one_grant(one: Contribution, other: Contribution) -> bool:
    """Whether two grants are instalments of one: of each other, or of the same third."""
    first = one.get("instalment_of") or one.subject
    second = other.get("instalment_of") or other.subject
    return bool(first == second)


class ReliefStaysUnderTheCap(GatheringCheck):
    """XF-FND-003: payments stay under the cap, and nobody slices an amount to stay under a tier.

    (a) runs in order of days, per fund and its basis, what came back on a day before what went out on it;
    every grant that was paid into the sum is named. The basis beneficiary goes by the tag, else by the
    pseudonym. (b) takes approved amounts by the day of approval; instalments are slices like others.
    """

    id = "XF-FND-003"
    title = Text("超限额救助或拆分规避审批", "Relief above the cap, or sliced to stay under a tier")
    basis = (
        Basis(Text("限额与分级审批（F-05、F-06，地方资金办法）", "ceiling and tiers (F-05, F-06, fund rules)"), None),
    )
    clauses = (
        Clause(
            "a_above_cap",
            "high",
            "certain",
            Text(
                "按规则口径累计发放超过限额且未作例外审批（非刚性限额为较可能）",
                "paid above cap_fen by its basis, not exceptional (hard cap: certain; else probable)",
            ),
        ),
        Clause(
            "b_sliced",
            "high",
            "suspect",
            Text(
                "90日（参数）内同一受助人同一事项两笔以上，每笔不超过某一档或限额，合计超过",
                "at least 2 grants of one beneficiary and matter within 90* days, each at or below a tier or the cap, "
                "together above it",
            ),
        ),
    )
    parameters = (
        Parameter("b_days", 90, Text("管理口径，地方规定未定", "a management default; fund rules set no number")),
    )
    risk = Text("突破限额、规避集体研究", "ceilings broken, collective decisions avoided")
    verify = Text("核对累计金额、例外审批和各笔间隔", "the sums, exceptional approvals, the days between grants")
    remedy = Text("追回超额部分，按合计金额补充审批", "recover the excess; approve by the tier of the sum")
    false_positives = Text("经批准分期发放；新增困难事实", "instalments that were approved as one; a new hardship")
    blind_spots = Text("跨基金、跨事项拆分", "slices over several funds or matters")
    kinds = ("beneficiary",)
    reads = ("grant",)
    triggers = frozenset({"grant.approved", "grant.paid"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        one = standing(facts)
        if one is None or "case" not in one.applied.data:
            return
        case, fund = str(one.applied.data["case"]), str(one.applied.get("fund"))
        rules = rules_of(facts, context)
        who = {**person(one.applied), "fund": fund}
        if rules is None:
            for act in one.paid[:1] or ([one.act] if one.stands else []):
                group = gathering("beneficiary", "cap", fund, "unknown", facts.subject)
                yield Contribution(group, facts.subject, (one.applied.id, act.id), act.day, who)
            return
        yield from self._moves(facts, one, who, rules.rules, context)
        if one.stands:
            group = gathering("beneficiary", "slices", fund, context.matter(case))
            yield Contribution(group, facts.subject, one.evidence, one.act.day, {**who, "fen": one.amount_fen})

    def _moves(
        self, facts: Facts, one: Standing, who: dict[str, Any], rules: Mapping[str, Any], context: Context
    ) -> Iterator[Contribution]:
        if type(rules.get("cap_fen")) is not int:
            return
        by = str(rules.get("cap_basis", "case"))
        key: str = str(who["case"])
        if by == "matter":
            key = context.matter(key)
        elif by == "beneficiary":
            key = str(who["tag"] or who["ref"] or "")
        exceptional = one.approved is not None and one.approved.get("exceptional") is True
        unknown = one.approved is not None and "exceptional" not in one.approved.data
        unknown = unknown and one.approved is not None and context.may_be_unknown(one.approved.event)
        group = gathering("beneficiary", "cap", str(who["fund"]), by, key)
        told = {**who, "exceptional": exceptional, "unknown": unknown or (by == "beneficiary" and not key)}
        for act in (*one.paid, *facts.all("grant.payment_returned", "grant.recovery_received")):
            amount = fen(act) if act.name == "grant.paid" else -fen(act)
            yield Contribution(group, facts.subject, (act.id,), act.day, {**told, "fen": amount})

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        what, fund = facts.parts[0], facts.parts[1]
        rules = context.fund_rules.get(fund)
        if rules is None:
            for one in facts.members:
                yield replace(cannot_tell("a_above_cap", RULES_UNKNOWN, one.event_ids), subject=one.subject)
        elif what == "cap":
            yield from self._above(facts, rules.rules, rules.event_id)
        else:
            yield from self._sliced(facts, rules.rules, rules.event_id, context)

    def _above(self, facts: Gathered, rules: Mapping[str, Any], event_id: str) -> Iterator[Verdict]:
        cap, total, most, over = int(rules["cap_fen"]), 0, 0, False
        paid: list[Contribution] = []
        named: list[Contribution] = []
        for move in sorted(facts.members, key=lambda one: (one.day, one.get("fen"))):
            total += move.get("fen")
            if move.get("fen") > 0:
                paid.append(move)
                if total > cap and not move.get("exceptional"):
                    over, most, named = True, max(most, total), list(paid)
        if not over:
            return
        evidence = (event_id, *(one for move in named for one in move.event_ids))
        first = {move.subject: move for move in reversed(named) if not move.get("exceptional")}
        for subject, move in sorted(first.items()):
            if move.get("unknown"):
                missing = Text("例外审批或受助人", "whether it was exceptional, or who the beneficiary is")
                yield replace(cannot_tell("a_above_cap", missing, evidence), subject=subject)
                continue
            yield Verdict(
                reason="a_above_cap",
                subject=subject,
                certainty="certain" if rules.get("cap_hard") is True else "probable",
                related=(*(one.subject for one in named), *_case_of(move), str(move.get("fund"))),
                event_ids=evidence,
                facts={"paid_fen": most, "cap_fen": cap, "cap_basis": facts.parts[2]},
                sentence=Text(
                    f"记录显示：按{facts.parts[2]}口径累计发放{yuan(most)}元，超过限额{yuan(cap)}元，没有例外审批。",
                    f"The record shows: {yuan(most)} yuan were paid by {facts.parts[2]}, above the cap of {yuan(cap)} yuan, not "
                    "exceptional.",
                ),
            )

    def _sliced(self, facts: Gathered, rules: Mapping[str, Any], event_id: str, context: Context) -> Iterator[Verdict]:
        days = context.parameters.get(self, "b_days")
        for one in facts.members:
            near = [other for other in facts.members if abs((other.day - one.day).days) <= days]
            theirs = [other for other in near if other.subject == one.subject or same_person(one, other) is True]
            maybe = [other for other in near if other.subject == one.subject or same_person(one, other) is not False]
            limit = _crossed(theirs, one, rules, days)
            if limit is not None:
                yield self._slices(one, theirs, limit, event_id)
            elif _crossed(maybe, one, rules, days) is not None:
                evidence = (event_id, *(event_id for other in maybe for event_id in other.event_ids))
                yield replace(cannot_tell("b_sliced", WHO, evidence), subject=one.subject)

    def _slices(self, one: Contribution, theirs: list[Contribution], limit: int, event_id: str) -> Verdict:
        slices = [other for other in theirs if other.get("fen") <= limit]
        together = sum(other.get("fen") for other in slices)
        names = sorted(other.subject for other in slices)
        return Verdict(
            reason="b_sliced",
            subject=one.subject,
            related=(*names, *_case_of(one), str(one.get("fund"))),
            event_ids=(event_id, *(event for other in slices for event in other.event_ids)),
            facts={"grants": names, "together_fen": together, "limit_fen": limit, "approved_on": one.day},
            sentence=Text(
                f"记录显示：同一受助人同一事项短期内{len(slices)}笔救助，每笔不超过{yuan(limit)}元，合计{yuan(together)}元。",
                f"The record shows: {len(slices)} grants of one beneficiary and matter within a short time, each at most "
                f"{yuan(limit)} yuan, {yuan(together)} yuan together.",
            ),
        )


def _crossed(theirs: list[Contribution], one: Contribution, rules: Mapping[str, Any], days: int) -> int | None:
    """The lowest tier or cap that this grant keeps to and that it crosses together with others in one window."""
    limits = sorted({*_limits(rules)})
    for limit in limits:
        if one.get("fen") > limit:
            continue
        slices = [other for other in theirs if other.get("fen") <= limit]
        for first in slices:
            window = [other for other in slices if 0 <= (other.day - first.day).days <= days]
            if one in window and len(window) > 1 and sum(other.get("fen") for other in window) > limit:
                return limit
    return None


def _limits(rules: Mapping[str, Any]) -> Iterable[int]:
    for tier in rules.get("tiers", ()):
        if type(tier.get("up_to_fen")) is int:
            yield tier["up_to_fen"]
    if type(rules.get("cap_fen")) is int:
        yield rules["cap_fen"]
