"""DL-02 and DL-03: the receiving unit tells the petitioner in writing within 15 days (art.23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.calendar import rdue
from domain.deadlines.clock import Clock, Question
from domain.deadlines.counting import count_days
from domain.deadlines.explanation import Act, Explanation, StartFact
from domain.deadlines.facts import (
    CaseFacts,
    UnitReceipt,
    first_of_each,
    objections,
    stops,
    unit_receipts,
    unsure_stops,
    withdrawal_notes,
)
from domain.deadlines.rules import NOTICES, OTHER_RULE_KINDS, PETITION_KINDS

LIMIT_DAYS = 15


def notices_by(facts: CaseFacts, unit: str | None, reason: str | None = None) -> list[Act]:
    """Notices of art.23 sent by one unit (None: by nobody known): `sent_at`, else `delivered_at`, else `time`."""
    sent = [f for f in facts.all("petitioner_notified") if f.data.get("notice") in NOTICES]
    return [f.act("sent_at", "delivered_at", reason=reason) for f in sent if f.unit == unit]


def substance_acts(facts: CaseFacts) -> list[Act]:
    """Opinion, mediation or direct answer: the petitioner got more than a notice."""
    acts = [f.act(reason="opinion") for f in facts.all("opinion_issued")]
    acts += [f.act(reason="mediation") for f in facts.all("mediation_agreed")]
    acts += [f.act(reason="direct_answer") for f in facts.all("disposed", kind="direct_answer")]
    acts += [f.act(reason="direct_answer") for f in facts.all("closed", ground="answered_directly")]
    return acts


def line_notices(question: Question, receipt: UnitReceipt, receipts: list[UnitReceipt]) -> list[Act]:
    """Notices of units on one line of superiors with this one, within the first one's period.

    Units that received one and the same handoff each owe their own.
    """
    if receipt.unit is None:
        return []
    day, unit = receipt.start.day, receipt.unit
    line = [other for other in receipts if other.unit and question.register.on_one_line(unit, other.unit, day)]
    line = [other for other in line if other is receipt or other.handoff is None or other.handoff != receipt.handoff]
    first = min((receipt, *line), key=lambda member: member.start.day)
    period_end = rdue(question.calendar, first.start.day, LIMIT_DAYS)
    units = dict.fromkeys(other.unit for other in line if other.unit != unit)
    acts = [act for unit in units for act in notices_by(question.facts, unit)]
    return [replace(act, reason="line_notice") for act in acts if act.day <= period_end]


def _silence(question: Question, receipt: UnitReceipt) -> str | None:
    """Why no notice is owed at all."""
    facts = question.facts
    kind = question.register.kind(receipt.unit, receipt.start.day)
    if kind in OTHER_RULE_KINDS:
        return "other_rules"
    received = facts.first("received")
    if received is not None and received.data.get("anonymous") is True:
        return "anonymous"
    return None


def _after_objections(question: Question, receipt: UnitReceipt) -> tuple[StartFact, list[Act], str | None]:
    """Start of the clock after rejected objections, acts that took it away, and `pending` or `rejected`.

    An objection raised after the running due day moves nothing, however it was decided (XF-ACC-002).
    """
    start, state = receipt.start, None
    ended: list[Act] = []
    if receipt.handoff is None:
        return start, ended, state
    for objection in objections(question.facts, receipt.handoff, str(receipt.unit)):
        in_time = objection.objected.day <= rdue(question.calendar, start.day, LIMIT_DAYS)
        decided = objection.decided
        if in_time and objection.upheld and decided:
            ended.append(replace(objection.objected, reason="objection_upheld"))
        elif in_time and decided and objection.upheld is False:
            if decided.day > start.day:
                start = StartFact(decided.event_id, decided.what, decided.instant, decided.day)
            state = "rejected"
        elif in_time:
            return start, ended, "pending"
    return start, ended, state


def _anonymity_unknown(facts: CaseFacts) -> bool:
    received = facts.first("received")
    return received is None or not {"anonymous", "petitioner_ref"}.intersection(received.data)


def _sent_on_an_unknown_day(question: Question, receipt: UnitReceipt, due: date) -> list[Act]:
    """Notices of an imported history, dated in time, that show no day of sending and only a late arrival."""
    register, day, unit = question.register, receipt.start.day, receipt.unit or ""
    silent = [
        f
        for f in question.facts.all("petitioner_notified")
        if f.data.get("notice") in NOTICES and "sent_at" not in f.data and register.may_be_unknown(f.event)
    ]
    theirs = [f for f in silent if f.unit is None or register.on_one_line(unit, f.unit, day)]
    return [f.act(reason="sent_at") for f in theirs if f.act("delivered_at").day > due]


def _line_unknown(question: Question, receipt: UnitReceipt) -> bool:
    """Passed on by or to a unit that is no petition office, where the superiors of the one below are undeclared."""
    facts, register = question.facts, question.register
    received = {(f.data.get("handoff"), f.data.get("unit")) for f in facts.all("handoff_received")}
    offers = facts.all("handoff_offered")
    below = [
        f.data.get("unit")
        for f in offers
        if f.unit == receipt.unit and (f.data.get("handoff"), f.data.get("unit")) in received
    ]
    own = [f for f in offers if (f.data.get("handoff"), f.data.get("unit")) == (receipt.handoff, receipt.unit)][:1]
    below += [receipt.unit for f in own if register.kind(f.unit, f.act().day) not in PETITION_KINDS]
    return any(not register.line_known(unit, receipt.start.day) for unit in below)


def notice_clock(question: Question, receipt: UnitReceipt, receipts: list[UnitReceipt]) -> Explanation:
    """DL-02 (received directly) or DL-03 (by a handoff) of one receiving unit; `receipts` are all of the case."""
    facts = question.facts
    clock = Clock(question, "DL-02" if receipt.handoff is None else "DL-03", receipt.unit, receipt.handoff)
    kind = question.register.kind(receipt.unit, receipt.start.day)
    stand_in = question.receiver_kind if receipt.handoff is None else None
    if not receipt.unit:
        return clock.unknown("actorunit", start=receipt.start)
    if not (kind or stand_in):
        return clock.unknown(f"kind:{receipt.unit}", start=receipt.start)
    silent = _silence(question, receipt)
    if silent:
        return clock.waiting(silent, start=receipt.start)
    start, ended, objection = _after_objections(question, receipt)
    if any(act.reason == "objection_upheld" for act in ended):
        upheld = ended[-1]
        count = count_days(question.calendar, start.day, LIMIT_DAYS)
        stopped = clock.judged(start, count, notices_by(facts, receipt.unit), ended)
        return stopped if not stopped.is_late else replace(stopped, status="stopped", act=upheld)
    ended += [
        f.act(reason="handoff_withdrawn")
        for f in facts.all("handoff_withdrawn", handoff=receipt.handoff, unit=receipt.unit)
        if receipt.handoff is not None
    ]
    ended += [f.act(reason="exempted") for f in facts.all("notice_exempted")]
    ended += stops(facts) + substance_acts(facts)
    return _judged_notice(clock, receipt, receipts, start, ended, objection)


def _judged_notice(
    clock: Clock,
    receipt: UnitReceipt,
    receipts: list[UnitReceipt],
    start: StartFact,
    ended: list[Act],
    objection: str | None,
) -> Explanation:
    question, facts = clock.question, clock.question.facts
    count = count_days(question.calendar, start.day, LIMIT_DAYS)
    done = notices_by(facts, receipt.unit) + line_notices(question, receipt, receipts)
    notes = withdrawal_notes(facts, question.register) + (["objection_rejected"] if objection == "rejected" else [])
    notes += ["line_unknown"] if _line_unknown(question, receipt) else []
    unsure = notices_by(facts, None, "actorunit") + unsure_stops(facts, question.register)
    unsure += _sent_on_an_unknown_day(question, receipt, count.due)
    answer = clock.judged(start, count, done, ended, unsure=unsure, notes=notes)
    if not answer.is_late:
        return answer
    if objection == "pending":
        return replace(answer, status="cannot_tell", reason="objection_pending", missing=("decision",), act=None)
    if _anonymity_unknown(facts):
        return replace(answer, status="cannot_tell", missing=("anonymous",), act=None, reason=None)
    return answer


def notice_clocks(question: Question) -> list[Explanation]:
    """DL-02 and DL-03 of every receiving unit, and of the offers that nobody has received yet."""
    receipts = unit_receipts(question.facts, question.register, question.receiver_kind)
    return [notice_clock(question, receipt, receipts) for receipt in receipts] + _unreceived(question)


def _unreceived(question: Question) -> list[Explanation]:
    """Offers without a receipt and not withdrawn: the unit's 15 days have not begun."""
    facts = question.facts
    gone = facts.all("handoff_received") + facts.all("handoff_withdrawn")
    answered = {(f.data.get("handoff"), f.data.get("unit")) for f in gone}
    answer = []
    for offered in first_of_each(facts, "handoff_offered"):
        handoff, unit = offered.data["handoff"], offered.data["unit"]
        kind = question.register.kind(str(unit), offered.act().day)
        if (handoff, unit) not in answered and kind not in PETITION_KINDS | OTHER_RULE_KINDS:
            answer.append(Clock(question, "DL-03", unit, handoff).waiting("not_received"))
    return answer
