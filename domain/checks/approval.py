"""The check on relief money that asks for an approval by the fund's own rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.checks.base import Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.context import Context, FundRules
from domain.checks.facts import Act, Facts
from domain.checks.fund import related_of
from domain.numerals import yuan

CAME_BACK = ("grant.payment_returned", "grant.recovery_received")


class ApprovedByTheRules(Check):
    """XF-FND-004: money goes out after and within an approval that followed the fund's own rules."""

    id = "XF-FND-004"
    title = Text("救助资金未经依规批准", "Relief money was paid without an approval by the rules")
    basis = (
        Basis(
            Text(
                "审核、分级审批、集体决策（F-09、F-10、C-30，地方资金办法）",
                "examination, tiers, collective decision (F-09, F-10, C-30)",
            ),
            None,
        ),
    )
    clauses = (
        Clause(
            "a_unapproved",
            "high",
            "certain",
            Text("先付后批或未批先付", "paid before or without approval"),
            clock=True,
        ),
        Clause(
            "b_more",
            "high",
            "certain",
            Text("付款（扣除退回）超过批准额", "paid more than approved, net of what came back"),
        ),
        Clause(
            "c_unexamined",
            "high",
            "certain",
            Text("未经审核通过即批准", "approved without a passed examination"),
            clock=True,
        ),
        Clause(
            "d_role",
            "high",
            "certain",
            Text(
                "批准人身份不是该额度档次的批准人，或没有如此高的档次",
                "by.role at approval is not the approver_role of the tier of the amount, or no tier is that high",
            ),
        ),
        Clause(
            "e_no_meeting",
            "high",
            "certain",
            Text("应集体研究的额度没有会议", "a collective tier without a meeting"),
        ),
        Clause("f_quorum", "high", "certain", Text("会议出席人数少于法定人数", "fewer attendees than the quorum")),
    )
    risk = Text("越权审批、人情救助", "money given by somebody who may not give it")
    verify = Text(
        "核对审批表、会议纪要、签到和付款凭证", "the approval form, minutes, attendance, and payment vouchers"
    )
    remedy = Text("补正程序，超付部分追回", "repair the procedure and recover what was overpaid")
    false_positives = Text(
        "审批表补录晚于付款；会议记录未录入；临时授权未登记",
        "the approval was recorded after the payment; minutes not entered; a delegation that nobody recorded",
    )
    blind_spots = Text("会议走过场；先定后审", "meetings on paper; decisions made before the examination")
    kinds = ("grant",)
    triggers = frozenset({"grant.approved", "grant.paid"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        approved = facts.one("grant.approved")
        yield from self._payments(facts, approved)
        if approved is None:
            return
        yield from self._examination(facts, approved)
        applied = facts.one("grant.applied")
        rules = context.fund_rules.get(str(applied.get("fund"))) if applied is not None else None
        if rules is None:
            yield cannot_tell("d_role", Text("资金规则", "the rules of the fund"), [approved.id])
            return
        yield from self._tier(facts, approved, rules, context)
        yield from self._quorum(facts, approved, rules, context)

    def _payments(self, facts: Facts, approved: Act | None) -> Iterator[Verdict]:
        net = 0
        over: Act | None = None
        for act in facts.all("grant.paid", *CAME_BACK):
            if act.name in CAME_BACK:
                net -= int(act.get("amount_fen", 0))
                continue
            net += int(act.get("amount_fen", 0))
            if approved is None or act.is_before(approved):
                yield self._early(facts, act, approved)
            if approved is not None and over is None and net > int(approved.get("amount_fen", 0)):
                over = act
                yield self._more(facts, act, approved, net)

    def _early(self, facts: Facts, paid: Act, approved: Act | None) -> Verdict:
        when = Text("从未批准", "never approved")
        if approved is not None:
            when = Text(f"{approved.instant_text}才批准", f"approved only at {approved.instant_text}")
        stated: dict[str, Any] = {
            "payment": paid.get("payment"),
            "paid_fen": paid.get("amount_fen"),
            "paid_on": paid.day,
        }
        if approved is not None:
            stated["approved_on"] = approved.day
        return Verdict(
            reason="a_unapproved",
            item=str(paid.get("payment", paid.id)),
            open=approved is None,
            event_ids=(paid.id, *((approved.id,) if approved else ())),
            related=related_of(facts),
            facts=stated,
            sentence=Text(
                f"记录显示：{paid.day}付款{yuan(int(paid.get('amount_fen', 0)))}元，{when.zh}。",
                f"The record shows: {yuan(int(paid.get('amount_fen', 0)))} yuan was paid on {paid.day}; it was {when.en}.",
            ),
        )

    def _more(self, facts: Facts, paid: Act, approved: Act, net: int) -> Verdict:
        limit = int(approved.get("amount_fen", 0))
        return Verdict(
            reason="b_more",
            event_ids=(
                approved.id,
                *(act.id for act in facts.all("grant.paid") if act.position <= paid.position),
            ),
            related=related_of(facts),
            facts={"approved_fen": limit, "paid_net_fen": net, "over_fen": net - limit},
            sentence=Text(
                f"记录显示：批准{yuan(limit)}元，净付{yuan(net)}元，超付{yuan(net - limit)}元。",
                f"The record shows: {yuan(limit)} yuan approved, {yuan(net)} yuan paid net of what came back, "
                f"{yuan(net - limit)} yuan too much.",
            ),
        )

    def _examination(self, facts: Facts, approved: Act) -> Iterator[Verdict]:
        before = [act for act in facts.all("grant.examined") if not approved.is_before(act)]
        if any(act.get("passed") is True for act in before):
            return
        unknown = [act.id for act in before if "passed" not in act.data]
        if unknown:
            yield cannot_tell(
                "c_unexamined",
                Text("审核是否通过", "whether the examination passed"),
                [approved.id, *unknown],
            )
            return
        examined = facts.all("grant.examined")
        yield Verdict(
            reason="c_unexamined",
            event_ids=(approved.id, *(act.id for act in examined)),
            related=related_of(facts),
            facts={
                "approved_on": approved.day,
                "examinations_before": len(before),
                "examinations": len(examined),
            },
            sentence=Text(
                f"记录显示：{approved.day}批准，此前没有通过的审核。",
                f"The record shows: approved on {approved.day} with no passed examination before it.",
            ),
        )

    def _tier(self, facts: Facts, approved: Act, rules: FundRules, context: Context) -> Iterator[Verdict]:
        amount = int(approved.get("amount_fen", 0))
        tier = rules.tier(amount)
        evidence = (approved.id, rules.event_id)
        if "tiers" not in rules.rules:
            yield cannot_tell("d_role", Text("审批档次表", "the table of approval tiers"), evidence)
            return
        stated: dict[str, Any] = {"approved_fen": amount, "role": approved.role}
        if tier is None:
            yield Verdict(
                reason="d_role", item="no_tier", event_ids=evidence, related=related_of(facts), facts=stated,
                sentence=Text(
                    f"记录显示：批准{yuan(amount)}元，高于资金规则的最高档次。",
                    f"The record shows: {yuan(amount)} yuan approved, above the highest tier of the fund's rules.",
                ),
            )  # fmt: skip
            return
        stated["tier_up_to_fen"] = tier.get("up_to_fen")
        yield from self._role(facts, approved, tier, stated, evidence)
        if tier.get("collective") is True and "meeting" not in approved.data:
            if context.may_be_unknown(approved.event):
                yield cannot_tell("e_no_meeting", Text("是否开会研究", "whether a meeting was held"), evidence)
                return
            yield Verdict(
                reason="e_no_meeting", event_ids=evidence, related=related_of(facts), facts=stated,
                sentence=Text(
                    f"记录显示：批准{yuan(amount)}元属集体研究档次，没有会议记录。",
                    f"The record shows: {yuan(amount)} yuan belongs to a collective tier and no meeting is recorded.",
                ),
            )  # fmt: skip

    def _role(
        self, facts: Facts, approved: Act, tier: Any, stated: dict[str, Any], evidence: tuple[str, ...]
    ) -> Iterator[Verdict]:
        wanted = tier.get("approver_role")
        if wanted is None or approved.role == wanted:
            return
        if approved.role is None:
            yield cannot_tell("d_role", Text("批准人的身份", "the role in which it was approved"), evidence)
            return
        yield Verdict(
            reason="d_role", item="role", event_ids=evidence, related=related_of(facts),
            facts={**stated, "approver_role": wanted, "staff": approved.staff},
            sentence=Text(
                f"记录显示：{approved.staff} 以 {approved.role} 身份批准，该档次应由 {wanted} 批准。",
                f"The record shows: {approved.staff} approved as {approved.role}; this tier asks for {wanted}.",
            ),
        )  # fmt: skip

    def _quorum(self, facts: Facts, approved: Act, rules: FundRules, context: Context) -> Iterator[Verdict]:
        quorum = rules.rules.get("quorum")
        meeting = approved.get("meeting")
        if quorum is None or meeting is None:
            return
        evidence = (approved.id, rules.event_id)
        if "attendees" not in meeting:
            yield cannot_tell("f_quorum", Text("会议出席人员", "who attended the meeting"), evidence)
            return
        present = len(set(meeting["attendees"]))
        if present < quorum:
            yield Verdict(
                reason="f_quorum", event_ids=evidence, related=related_of(facts),
                facts={"attendees": present, "quorum": quorum, "held_on": meeting.get("held_on")},
                sentence=Text(
                    f"记录显示：会议{present}人出席，少于规定的{quorum}人。",
                    f"The record shows: {present} attended the meeting; the quorum is {quorum}.",
                ),
            )  # fmt: skip
