"""The day that an assignment set for feedback: which day counts, and what came by then."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from domain.checks.base import REGULATION_FROM, Text
from domain.checks.clock import Limit, on_day
from domain.checks.context import Context
from domain.checks.course import Handoff, handoffs
from domain.checks.facts import Act, Facts, earliest, remembered

UNSAID = Text("是否要求反馈", "whether feedback was required")
Status = Literal["timely", "late", "missing", "running", "excluded", "cannot_tell"]


class FeedbackClock(msgspec.Struct, frozen=True):
    """One addressee's duty to report back."""

    status: Status
    limit: Limit | None = None
    act: Act | None = None
    changes: int = 0
    why: Text | None = None
    evidence: tuple[str, ...] = ()

    @property
    def acted(self) -> date | None:
        """The day of the first feedback."""
        return self.act.day if self.act else None


@remembered
def feedback_clocks(facts: Facts, context: Context) -> list[tuple[Handoff, FeedbackClock]]:
    """The clock of every offer of a case, in the order of offer."""
    return [(handoff, feedback_clock(handoff, context)) for handoff in handoffs(facts)]


def feedback_clock(handoff: Handoff, context: Context) -> FeedbackClock:
    """DL-05: 24:00 of `due_on`, as last changed by the sender before it passed; never rolled."""
    offer = handoff.offered
    if offer is None:
        return FeedbackClock("excluded", why=Text("没有转送记录", "the offer is not recorded"))
    required = offer.get("feedback_required")
    if required is False:
        return FeedbackClock("excluded", why=Text("不要求反馈", "no feedback was required"), evidence=handoff.evidence)
    if offer.day < REGULATION_FROM:
        missing = Text("施行日（2022-05-01）之后的交办", "an assignment on or after 2022-05-01")
        return FeedbackClock("cannot_tell", why=missing, evidence=(offer.id,))
    last, changes = set_day(handoff, offer)
    if last is None:
        missing = Text("反馈期限", "the day set for feedback (due_on)") if required else UNSAID
        return FeedbackClock("cannot_tell", why=missing, evidence=(offer.id,))
    evidence = (offer.id, *(change.id for change in changes))
    if _discharged(handoff, last):
        why = Text("到期前已撤回或异议被采纳", "withdrawn, or the objection upheld, before the day")
        return FeedbackClock("excluded", why=why, evidence=evidence)
    limit = on_day(offer.day, last)
    act = earliest(handoff.fed_back)
    status = limit.state(act.day if act else None, context.today)
    untold = _left_out(handoff, offer, last, context) if status in ("late", "missing") else None
    if untold is not None:
        return FeedbackClock("cannot_tell", limit, act, len(changes), untold, evidence)
    evidence = (*evidence, *((act.id,) if act else ()))
    return FeedbackClock(status, limit, act, len(changes), evidence=evidence)


def set_day(handoff: Handoff, offer: Act) -> tuple[date | None, list[Act]]:
    """The day in force and the changes that made it: by the sender (or nobody known), before the earlier day passed."""
    text = offer.get("due_on")
    day = date.fromisoformat(text) if text is not None else None
    counted = []
    for change in handoff.due_changes:
        by_sender = None in (change.unit, offer.unit) or change.unit == offer.unit
        in_time = day is None or change.day <= day
        if by_sender and in_time and "due_on" in change.data:
            day = date.fromisoformat(change.data["due_on"])
            counted.append(change)
    return day, counted


def _discharged(handoff: Handoff, last: date) -> bool:
    if handoff.withdrawn is not None and handoff.withdrawn.day <= last:
        return True
    upheld = (objection.decided for objection in handoff.objections if objection.upheld)
    return any(decided is not None and decided.day <= last for decided in upheld)


def _left_out(handoff: Handoff, offer: Act, last: date, context: Context) -> Text | None:
    """What the record does not hold and could excuse: that feedback was asked, a changed day, what was decided."""
    if offer.get("feedback_required") is None:
        return UNSAID
    for change in handoff.due_changes:
        if "due_on" not in change.data and change.day <= last and context.may_be_unknown(change.event):
            return Text("变更后的反馈期限", "the changed day for feedback")
    for objection in handoff.objections:
        decided = objection.decided
        if decided is not None and decided.day <= last and "upheld" not in decided.data:
            return Text("异议的处理结果", "whether the objection was upheld")
    return None
