"""DL-02 and DL-03: the receiving unit tells the petitioner in writing within 15 days (art.23)."""

from __future__ import annotations

from dataclasses import replace

from domain.calendar import rdue
from domain.deadlines.clock import Clock, Question
from domain.deadlines.counting import count_days
from domain.deadlines.explanation import Act, Explanation, StartFact
from domain.deadlines.facts import (
    CaseFacts,
    UnitReceipt,
    objections,
    stops,
    unit_receipts,
    withdrawal_notes,
)
from domain.deadlines.rules import NOTICES, OTHER_RULE_KINDS, PETITION_KINDS

LIMIT_DAYS = 15


def notices_by(facts: CaseFacts, unit: str | None) -> list[Act]:
    """Notices of art.23 sent by one unit (None: by nobody known): `sent_at`, else `delivered_at`, else `time`."""
    sent = [f for f in facts.all("petitioner_notified") if f.data.get("notice") in NOTICES]
    return [f.act("sent_at", "delivered_at") for f in sent if f.unit == unit]


def substance_acts(facts: CaseFacts) -> list[Act]:
    """Opinion, mediation or direct answer: the petitioner got more than a notice."""
    acts = [f.act(reason="opinion") for f in facts.all("opinion_issued")]
    acts += [f.act(reason="mediation") for f in facts.all("mediation_agreed")]
    acts += [f.act(reason="direct_answer") for f in facts.all("disposed", kind="direct_answer")]
    acts += [f.act(reason="direct_answer") for f in facts.all("closed", ground="answered_directly")]
    return acts


def line_notices(question: Question, receipt: UnitReceipt, receipts: list[UnitReceipt]) -> list[Act]:
    """Notices of units on one line of superiors with this one, within the first one's period; none if joint."""
    if receipt.joint or receipt.unit is None:
        return []
    register = question.register
    line = [
        other for other in receipts if other.unit and not other.joint and register.on_one_line(receipt.unit, other.unit)
    ]
    if not line:
        return []
    first = min((receipt, *line), key=lambda member: member.start.day)
    period_end = rdue(question.calendar, first.start.day, LIMIT_DAYS)
    units = dict.fromkeys(other.unit for other in line)
    acts = [act for unit in units for act in notices_by(question.facts, unit)]
    return [replace(act, reason="line_notice") for act in acts if act.day <= period_end]


def _silence(question: Question, receipt: UnitReceipt) -> str | None:
    """Why no notice is owed at all."""
    facts = question.facts
    kind = question.register.kinds.get(receipt.unit or "")
    if kind in OTHER_RULE_KINDS:
        return "other_rules"
    if any(f.data.get("anonymous") is True for f in facts.all("received")):
        return "anonymous"
    return None


def _after_objections(question: Question, receipt: UnitReceipt) -> tuple[StartFact, list[Act], str | None]:
    """Start of the clock after rejected objections, acts that took it away, and `pending` or `rejected`.

    An objection raised after the running due day moves nothing, unless it is upheld.
    """
    start, state = receipt.start, None
    ended: list[Act] = []
    if receipt.handoff is None:
        return start, ended, state
    for objection in objections(question.facts, receipt.handoff, str(receipt.unit)):
        in_time = objection.objected.day <= rdue(question.calendar, start.day, LIMIT_DAYS)
        decided = objection.decided
        if objection.upheld and decided:
            ended.append(replace(objection.objected if in_time else decided, reason="objection_upheld"))
        elif in_time and decided and objection.upheld is False:
            start = StartFact(decided.event_id, decided.what, decided.instant, decided.day)
            state = "rejected"
        elif in_time:
            state = "pending"
    return start, ended, state


def _anonymity_unknown(facts: CaseFacts) -> bool:
    received = facts.first("received")
    return received is None or not {"anonymous", "petitioner_ref"}.intersection(received.data)


def notice_clock(question: Question, receipt: UnitReceipt, receipts: list[UnitReceipt]) -> Explanation:
    """DL-02 (received directly) or DL-03 (by a handoff) of one receiving unit; `receipts` are all of the case."""
    facts = question.facts
    clock = Clock(question, "DL-02" if receipt.handoff is None else "DL-03", receipt.unit, receipt.handoff)
    kinds = question.register.kinds
    stand_in = question.receiver_kind if receipt.handoff is None else None
    if not receipt.unit:
        return clock.unknown("actorunit", start=receipt.start)
    if not kinds.get(receipt.unit, stand_in or ""):
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
    ]
    exempted = [f for f in facts.all("notice_exempted") if f.data.get("notice") in NOTICES]
    ended += [f.act(reason="exempted") for f in exempted]
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
    notes = withdrawal_notes(facts) + (["objection_rejected"] if objection == "rejected" else [])
    answer = clock.judged(start, count, done, ended, unsure=notices_by(facts, None), missing=["actorunit"], notes=notes)
    if answer.status in ("met", "stopped"):
        return answer
    if objection == "pending":
        return replace(answer, status="cannot_tell", reason="objection_pending", missing=("decision",), act=None)
    if answer.is_late and _anonymity_unknown(facts):
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
    for offered in facts.all("handoff_offered"):
        handoff, unit = offered.data.get("handoff"), offered.data.get("unit")
        kind = question.register.kinds.get(str(unit))
        if (handoff, unit) not in answered and kind not in PETITION_KINDS | OTHER_RULE_KINDS:
            answer.append(Clock(question, "DL-03", unit, handoff).waiting("not_received"))
    return answer
