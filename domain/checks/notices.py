"""The check on written notices: each responsible unit tells the petitioner within 15 days of its receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from domain.checks.base import (
    REGULATION_FROM,
    Basis,
    Certainty,
    Check,
    Clause,
    Text,
    Verdict,
    cannot_tell,
    weaker,
)
from domain.checks.clock import Limit, in_days, lateness
from domain.checks.context import Context
from domain.checks.course import Receipt, handoffs, is_office, receipts, stops
from domain.checks.facts import Act, Facts, remembered

NOTICE_DAYS = 15
SENT_ON = Text("寄出日期", "the day on which it was sent")
ANSWERING_NOTICES = frozenset(
    {"receipt", "acceptance", "non_acceptance", "transferred_to", "refer_elsewhere", "no_longer_accepted"}
)
OWN_RULES = frozenset({"discipline", "politics_law"})

TOO_EARLY = Text("施行日（2022-05-01）之后的收件", "a receipt on or after 2022-05-01, when the article came into force")

Status = Literal["timely", "late", "missing", "running", "excluded", "cannot_tell"]


class NoticeClock(msgspec.Struct, frozen=True):
    """One unit's 15 days after one receipt."""

    status: Status
    receipt: Receipt
    limit: Limit | None = None
    act: Act | None = None
    certainty: Certainty = "certain"
    why: Text | None = None
    evidence: tuple[str, ...] = ()

    @property
    def acted(self) -> date | None:
        """The day of the notice."""
        return self.act.day if self.act else None


@remembered
def notice_clocks(facts: Facts, context: Context) -> list[NoticeClock]:
    """DL-02 and DL-03 for every receipt by a unit that is no petition office, in the order of receipt."""
    owed = [one for one in receipts(facts) if not is_office(context.register.kind(one.unit, one.day))]
    by_unit: dict[str, list[Receipt]] = {}
    for receipt in owed:
        by_unit.setdefault(receipt.unit, []).append(receipt)
    return [_clock(facts, context, receipt, by_unit) for receipt in owed] + _unknown_receiver(facts)


def _unknown_receiver(facts: Facts) -> list[NoticeClock]:
    received = facts.one("case.received")
    if received is None or received.unit is not None:
        return []
    why = Text("接收单位", "the receiving unit")
    return [NoticeClock("cannot_tell", Receipt("?", received.day, received), why=why, evidence=(received.id,))]


def _clock(facts: Facts, context: Context, receipt: Receipt, owed: Mapping[str, list[Receipt]]) -> NoticeClock:
    evidence = (receipt.handoff.evidence if receipt.handoff else ()) or (receipt.act.id,)
    kind = context.register.kind(receipt.unit, receipt.day)
    limit = in_days(context, receipt.day, NOTICE_DAYS)
    notice = _first_notices(facts).get(receipt.unit)
    if kind in OWN_RULES:
        why = Text("政法、纪检监察机关另有规定", "a unit with rules of its own (art.23, last paragraph)")
        return NoticeClock("excluded", receipt, why=why, evidence=evidence)
    if receipt.day < REGULATION_FROM:
        return NoticeClock("cannot_tell", receipt, why=TOO_EARLY, evidence=evidence)
    if kind is None:
        why = Text(f"单位 {receipt.unit} 的类别登记", f"the declared kind of unit {receipt.unit}")
        return NoticeClock("cannot_tell", receipt, limit, notice, why=why, evidence=evidence)
    if _answered(facts, context, receipt, owed, notice, limit):
        return NoticeClock("timely", receipt, limit, notice, evidence=evidence)
    return _unanswered(facts, context, receipt, notice, limit, evidence)


def _first_notices(facts: Facts) -> dict[str, Act]:
    """The first answering notice of each unit."""
    known: dict[str, Act] | None = facts.notes.get("first_notices")
    if known is None:
        known = {}
        for act in facts.all("case.petitioner_notified"):
            if act.unit is None or act.get("notice") not in ANSWERING_NOTICES:
                continue
            earlier = known.get(act.unit)
            if earlier is None or (act.day, act.position) < (earlier.day, earlier.position):
                known[act.unit] = act
        facts.notes["first_notices"] = known
    return known


def _answered(
    facts: Facts,
    context: Context,
    receipt: Receipt,
    owed: Mapping[str, list[Receipt]],
    notice: Act | None,
    limit: Limit,
) -> bool:
    """The unit's own notice in time, or one by any unit of its line within the first one's period."""
    if notice is not None and notice.day <= limit.due:
        return True
    line = [receipt]
    for unit, theirs in owed.items():
        if context.register.on_one_line(receipt.unit, unit, receipt.day):
            line += [one for one in theirs if not _owes_its_own(receipt, one)][:1]
    first = min(line, key=lambda one: (one.day, one.act.position))
    first_due = in_days(context, first.day, NOTICE_DAYS).due
    notices = (_first_notices(facts).get(one.unit) for one in line)
    return any(one is not None and one.day <= first_due for one in notices)


def _owes_its_own(receipt: Receipt, other: Receipt) -> bool:
    """Of one joint handoff each unit owes its own notice."""
    ours, theirs = receipt.handoff, other.handoff
    return receipt is not other and ours is not None and theirs is not None and ours.ref == theirs.ref


def _unanswered(
    facts: Facts,
    context: Context,
    receipt: Receipt,
    notice: Act | None,
    limit: Limit,
    evidence: tuple[str, ...],
) -> NoticeClock:
    why = _silent(facts, context, receipt, limit.due)
    if why is not None:
        return NoticeClock("excluded", receipt, limit, why=why, evidence=evidence)
    limit, evidence, told = _after_objections(context, receipt, limit, notice, evidence)
    certainty: Certainty = "certain"
    if told is not None:
        certainty = "probable"
        upheld = Text("异议已被采纳", "the objection was upheld") if told == "upheld" else None
        why = upheld or _silent(facts, context, receipt, limit.due)
        if why is not None:
            return NoticeClock("excluded", receipt, limit, why=why, evidence=evidence)
    if told == "pending":
        why = Text("对异议的决定", "the decision on the objection")
        return NoticeClock("cannot_tell", receipt, limit, notice, why=why, evidence=evidence)
    status: Status = limit.state(notice.day if notice else None, context.today)
    if status in ("late", "missing"):
        missing = _missing_fact(facts, context, receipt, limit)
        if missing is not None:
            why, act = missing
            return NoticeClock("cannot_tell", receipt, limit, notice, why=why, evidence=(*evidence, act.id))
    if _line_unknown(facts, context, receipt):
        certainty = "probable"
    return NoticeClock(status, receipt, limit, notice, certainty, evidence=evidence)


def _after_objections(
    context: Context, receipt: Receipt, limit: Limit, notice: Act | None, evidence: tuple[str, ...]
) -> tuple[Limit, tuple[str, ...], Literal["pending", "upheld", "rejected"] | None]:
    """The limit after the objections made while it ran: each rejected one begins it anew from the decision."""
    told: Literal["rejected"] | None = None
    for objection in receipt.handoff.objections if receipt.handoff else ():
        if objection.act.day > limit.due or (notice is not None and notice.day <= limit.due):
            continue
        evidence = (*evidence, objection.act.id, *((objection.decided.id,) if objection.decided else ()))
        if objection.upheld:
            return limit, evidence, "upheld"
        if objection.decided is None or not objection.rejected:
            return limit, evidence, "pending"
        limit, told = in_days(context, max(limit.start, objection.decided.day), NOTICE_DAYS), "rejected"
    return limit, evidence, told


def _silent(facts: Facts, context: Context, receipt: Receipt, due: date) -> Text | None:
    """Why no notice is owed: nobody to tell, or the matter ended or was answered by the due day."""
    received = facts.one("case.received")
    if received is not None and received.get("anonymous") is True:
        return Text("匿名信访", "the petition is anonymous")
    for act in facts.acts:
        if act.day > due:
            continue
        if act.name == "case.notice_exempted":
            return Text("姓名或住址不清，依法免予告知", "exempted: name or address unclear")
        if act.name in ("case.opinion_issued", "case.mediation_agreed"):
            return Text("期限内已出具意见或达成调解", "an opinion or a mediation came in time")
        if (act.name == "case.disposed" and act.get("kind") == "direct_answer") or (
            act.name == "case.closed" and act.get("ground") == "answered_directly"
        ):
            return Text("期限内已直接答复", "answered directly in time")
    withdrawn = receipt.handoff.withdrawn if receipt.handoff else None
    if withdrawn is not None and withdrawn.day <= due:
        return Text("转送交办已撤回", "the handoff was withdrawn")
    if any(stop.sure and stop.act.day <= due for stop in stops(facts, context)):
        return Text("期限内已终止", "the case was stopped in time")
    return None


def _missing_fact(facts: Facts, context: Context, receipt: Receipt, limit: Limit) -> tuple[Text, Act] | None:
    """A fact without which lateness is not sure: who was to be told, who told, or why the petition was withdrawn."""
    received = facts.one("case.received")
    if received is None or not {"anonymous", "petitioner_ref"} & received.data.keys():
        return Text("是否匿名", "whether the petition is anonymous"), received or receipt.act
    for act in facts.all("case.petitioner_notified"):
        in_time = act.day <= limit.due
        if act.get("notice") not in ANSWERING_NOTICES:
            continue
        if act.unit is not None and not context.register.on_one_line(receipt.unit, act.unit, receipt.day):
            continue
        if in_time and act.unit is None:
            return Text("告知的单位", "the unit that sent the notice"), act
        if not in_time and sent_on_an_unknown_day(act, limit.due, context):
            return SENT_ON, act
    for stop in stops(facts, context):
        if not stop.sure and stop.act.day <= limit.due:
            return Text("撤回时信访人的书面材料", "the petitioner's document of withdrawal"), stop.act
    return None


def sent_on_an_unknown_day(act: Act, due_on: date, context: Context) -> bool:
    """Whether imported history left out when it was sent, knows only a late arrival, and dates the act in time."""
    return "sent_at" not in act.data and context.may_be_unknown(act.event) and act.recorded_day <= due_on


def _line_unknown(facts: Facts, context: Context, receipt: Receipt) -> bool:
    """Passed on by or to a unit that is no office, where nobody declared the superiors of the one below."""
    offer = receipt.handoff.offered if receipt.handoff else None
    below = [
        one.unit
        for one in handoffs(facts)
        if one.received is not None and one.offered is not None and one.offered.unit == receipt.unit
    ]
    if is_office(context.register.kind(receipt.unit, receipt.day)):
        below = []
    if offer is not None and not is_office(context.register.kind(offer.unit, offer.day)):
        below.append(receipt.unit)
    units = [context.register.unit(code, receipt.day) for code in below]
    return any(unit is None or not unit.superiors_known for unit in units)


class UnitNotifiesWithin15Days(Check):
    """XF-ACC-002: each unit that received the petition tells the petitioner in writing within 15 days."""

    id = "XF-ACC-002"
    title = Text("责任单位15日内未书面告知信访人", "A responsible unit sent no written notice within 15 days")
    basis = (
        Basis(
            Text("《信访工作条例》第二十三条、第四十四条第三项", "Regulation art.23 and 44(3) (DL-02, DL-03)"),
            REGULATION_FROM,
        ),
    )
    clauses = (
        Clause(
            "no_notice",
            "high",
            "certain",
            Text(
                "收到之日起15日内（末日遇休息日顺延）未书面告知；异议被驳回的自决定之日起算（较可能）",
                "within rdue(receipt,15) the unit sent no notice of receipt, acceptance, non-acceptance, transfer, "
                "referral or no longer accepting; after a rejected objection 15 days from the decision (probable)",
            ),
            clock=True,
        ),
    )
    risk = Text(
        "信访人不知去向，受理期限被虚化",
        "the petitioner is left in the dark and the handling clock never starts",
    )
    verify = Text("查阅告知书、送达回证、短信或邮寄记录", "the notice, its proof of sending, the unit's mail register")
    remedy = Text("补发书面告知，说明受理情况和途径", "send the notice now, with the way and procedure of handling")
    false_positives = Text(
        "已告知而未记录；姓名或住址不清但未记录免予告知",
        "a notice was sent and never recorded; name or address was unclear and the exemption was not recorded",
    )
    blind_spots = Text(
        "记录的告知并未真正寄出；上下级关系未登记时不能识别同一条线上的告知",
        "a recorded notice that was never posted; notices along a line of superiors that the register does not hold",
    )
    kinds = ("case",)
    triggers = frozenset({"case.received", "case.handoff_received"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for clock in notice_clocks(facts, context):
            if clock.status == "cannot_tell" and clock.why is not None:
                if clock.limit is None or clock.limit.state(clock.acted, context.today) in (
                    "late",
                    "missing",
                ):
                    yield cannot_tell("no_notice", clock.why, clock.evidence, item=clock.receipt.item)
            elif clock.status in ("late", "missing") and clock.limit is not None:
                yield self._late(clock, clock.limit, context)

    def _late(self, clock: NoticeClock, limit: Limit, context: Context) -> Verdict:
        tail = lateness(limit, clock.acted, context)
        unit = clock.receipt.unit
        stated: dict[str, Any] = limit.facts(clock.acted, context)
        stated |= {"unit": unit, "received_on": clock.receipt.day}
        if clock.receipt.handoff is not None:
            stated["handoff"] = clock.receipt.handoff.ref
        return Verdict(
            reason="no_notice",
            item=clock.receipt.item,
            open=clock.act is None,
            certainty=weaker(clock.certainty, context.certainty("certain", *limit.leans_on)),
            event_ids=(*clock.evidence, *((clock.act.id,) if clock.act else ())),
            facts=stated,
            sentence=Text(
                f"记录显示：单位 {unit} 于{clock.receipt.day}收到信访事项，未按期书面告知信访人；{tail.zh}。",
                f"The record shows: unit {unit} received the petition on {clock.receipt.day} and did not notify the "
                f"petitioner in writing in time; {tail.en}.",
            ),
        )
