"""The 60 days of art.34 on one case: when they start, by how much they were extended, and what ended them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from domain.calendar import rdue, wdue
from domain.checks.base import REGULATION_FROM, Certainty, Text, weaker
from domain.checks.clock import Limit, in_days
from domain.checks.context import Context
from domain.checks.course import Handoff, Receipt, Routing, is_office, receipts, routings, stops
from domain.checks.facts import Act, Facts

HANDLING_DAYS = 60
EXTENSION_DAYS_MAX = 30
OBJECTION_WORKDAYS = 5

Status = Literal["timely", "late", "missing", "running", "excluded", "cannot_tell"]
End = Literal["opinion", "mediation", "stopped", "procedure"]


@dataclass(frozen=True, slots=True)
class HandlingClock:
    """One run of the clock: from acceptance, from a review's `redo`, or from receipt where nobody accepted."""

    reason: Literal["overdue", "never_accepted"]
    status: Status
    item: str = ""
    start: Act | None = None
    limit: Limit | None = None
    extended_days: int = 0
    hearing_days: int = 0
    end: Act | None = None
    ended_by: End | None = None
    certainty: Certainty = "certain"
    why: Text | None = None
    evidence: tuple[str, ...] = ()

    @property
    def acted(self) -> date | None:
        """The day of the act that ended the clock."""
        return self.end.day if self.end else None


def competent_acceptance(facts: Facts, context: Context) -> Act | None:
    """The first acceptance by the competent unit.

    Competent is the unit named by the last competence decision, if it accepted; else the first that
    accepted, a petition office only where nobody else did.
    """
    accepted = facts.all("case.accepted")
    if not accepted:
        return None
    decided = facts.last("case.competence_decided")
    if decided is not None:
        theirs = [act for act in accepted if act.unit == decided.get("unit")]
        if theirs:
            return theirs[0]
    handling = [act for act in accepted if not is_office(context.register.kind(act.unit, act.day))]
    return (handling or accepted)[0]


def handling_clocks(facts: Facts, context: Context, never_accepted_days: int) -> list[HandlingClock]:
    """Every run of the clock on one case; a case outside art.34 gives one run that says why it is excluded."""
    received = facts.one("case.received")
    start = competent_acceptance(facts, context)
    evidence = tuple(act.id for act in (received, start) if act is not None)
    if not evidence:
        return []
    first_day = received.day if received is not None else start.day if start is not None else date.max
    if first_day < REGULATION_FROM:
        why = Text(
            "施行日（2022-05-01）之后的收件",
            "a receipt on or after 2022-05-01, when the article came into force",
        )
        return [HandlingClock("overdue", "cannot_tell", start=start, why=why, evidence=evidence)]
    if start is None:
        return [_never_accepted(facts, context, never_accepted_days, evidence)]
    redone = [act for act in facts.all("case.review_issued") if act.get("outcome") == "redo"]
    starts = [start, *redone]
    runs = []
    for number, (begun, following) in enumerate(zip(starts, [*redone, None], strict=True)):
        item = "" if number == 0 else f"redo {number}"
        runs.append(_run(facts, context, begun, following, item, evidence))
    return runs


def _run(
    facts: Facts, context: Context, start: Act, following: Act | None, item: str, evidence: tuple[str, ...]
) -> HandlingClock:
    begun = bool(item)
    acts = [act for act in facts.acts if not begun or act is start or start.is_before(act)]
    extended, extensions = _extension(acts, context, start.day)
    limit = in_days(context, start.day, HANDLING_DAYS + extended)
    evidence = (*evidence, start.id, *extensions)
    in_law = _classification(facts, limit.due, start.day)
    end, ended_by, unsure = _end(acts, facts, context, limit, start if begun else None)
    if isinstance(in_law, Text):
        told: Status = "cannot_tell" if in_law is PURPOSE_UNKNOWN else "excluded"
        return HandlingClock(
            "overdue", told, item, start, limit, extended, 0, end, ended_by, why=in_law, evidence=evidence
        )
    status: Status = limit.state(end.day if end else None, context.today)
    certainty: Certainty = "certain" if in_law == 6 else "probable"
    hearing = _hearing_days(acts, start.day, end.day if end else context.today)
    if status in ("late", "missing"):
        if unsure is not None:
            paper = Text("撤回时信访人的书面材料", "the petitioner's document of withdrawal")
            return HandlingClock(
                "overdue",
                "cannot_tell",
                item,
                start,
                limit,
                extended,
                hearing,
                why=paper,
                evidence=(*evidence, unsure.id),
            )
        untold = _left_out(acts, facts, context, limit, end)
        if untold is not None:
            what, act = untold
            return HandlingClock(
                "overdue", "cannot_tell", item, start, limit, extended, hearing, end, ended_by,
                why=what, evidence=(*evidence, act.id),
            )  # fmt: skip
        if limit.days_late(end.day if end else None, context.today) <= hearing:
            certainty = weaker(certainty, "probable")
    why: Text | None = None
    if status == "missing" and following is not None and following.day <= limit.due:
        status, why = "excluded", Text("复查复核决定重新办理", "a review ordered it to be done again")
    return HandlingClock(
        "overdue", status, item, start, limit, extended, hearing, end, ended_by, certainty, why, evidence
    )


def _extension(acts: list[Act], context: Context, start: date) -> tuple[int, list[str]]:
    """Days by which extensions approved by the due day before them lengthen the clock, at most 30 together."""
    days = 0
    evidence = []
    for act in acts:
        if act.name == "case.extension_approved" and type(act.get("days")) is int:
            due = rdue(context.calendar, start, HANDLING_DAYS + days)
            if start <= act.day <= due:
                days = min(EXTENSION_DAYS_MAX, days + act.data["days"])
                evidence.append(act.id)
    return days, evidence


def _left_out(
    acts: list[Act], facts: Facts, context: Context, limit: Limit, end: Act | None
) -> tuple[Text, Act] | None:
    """What imported history does not hold and could excuse: the days of an extension, or a procedure it left for."""
    longest = in_days(context, limit.start, HANDLING_DAYS + EXTENSION_DAYS_MAX)
    if longest.state(end.day if end else None, context.today) not in ("late", "missing"):
        for act in acts:
            if act.name == "case.extension_approved" and "days" not in act.data and limit.start <= act.day <= limit.due:
                return Text("延长的天数", "the days of an extension"), act
    for one in routings(facts):
        outside = one.purpose == "claim" and one.route != 6 and not one.leaves_for_a_procedure
        again = "reason" in one.act.data or one.route is not None
        if outside and again and limit.start <= one.act.day <= limit.due and context.may_be_unknown(one.act.event):
            return Text("导入的法定程序及其编号", "the procedure that it was routed to, and its number"), one.act
    return None


REFUSED = Text("不予受理", "acceptance was refused")
PURPOSE_UNKNOWN = Text("信访目的（是否申诉求决）", "the purpose of the petition (whether it is a claim)")


def _classification(facts: Facts, due: date, start: date) -> int | Text | None:
    """6 for a claim of route 6, None for a claim without a route, else why art.34 does not set the clock."""
    known = routings(facts)
    in_force = [one for one in known if one.act.day <= due] or known[:1]
    if not in_force:
        return PURPOSE_UNKNOWN
    last = in_force[-1]
    if last.purpose != "claim":
        return Text(f"信访目的为 {last.purpose}", f"purpose {last.purpose}")
    while_running = _while_running(in_force, start)
    inside = [one for one in while_running if one.is_claim_under_art_34]
    if not inside:
        return Text(f"第三十一条第{last.route}项途径", f"route {last.route} of art.31")
    return 6 if any(one.route == 6 for one in inside) else None


def _while_running(in_force: list[Routing], start: date) -> list[Routing]:
    """The classification at the start and every one after it; all where none stood at the start."""
    before = [one for one in in_force if one.act.day <= start]
    return in_force[len(before) - 1 :] if before else in_force


def _end(
    acts: list[Act], facts: Facts, context: Context, limit: Limit, not_before: Act | None
) -> tuple[Act | None, End | None, Act | None]:
    """What ended the clock first, how, and a withdrawal in time whose paper is unknown."""
    ends: list[tuple[Act, End]] = []
    leaving = {one.act.id for one in routings(facts) if one.leaves_for_a_procedure}
    for act in acts:
        if act.name == "case.opinion_issued":
            ends.append((act, "opinion"))
        elif act.name == "case.mediation_agreed":
            ends.append((act, "mediation"))
        elif act.id in leaving:
            ends.append((act, "procedure"))
    unsure = None
    for stop in stops(facts, context):
        if not_before is not None and not not_before.is_before(stop.act):
            continue
        if stop.sure:
            ends.append((stop.act, "stopped"))
        elif stop.act.day <= limit.due:
            unsure = unsure or stop.act
    if not ends:
        return None, None, unsure
    act, how = min(ends, key=lambda pair: (pair[0].day, pair[0].position))
    return act, how, unsure


def _hearing_days(acts: list[Act], start: date, until: date) -> int:
    """Days of hearings within the clock, both ends counted, overlapping days once."""
    opened: dict[str, date] = {}
    days: set[date] = set()
    for act in acts:
        if act.name == "case.hearing_opened":
            opened[str(act.get("hearing"))] = act.day
        elif act.name == "case.hearing_closed":
            begun = opened.pop(str(act.get("hearing")), act.day)
            days |= _span(max(begun, start), min(act.day, until))
    for begun in opened.values():
        days |= _span(max(begun, start), until)
    return len(days)


def _span(first: date, last: date) -> set[date]:
    return {first + timedelta(days=offset) for offset in range((last - first).days + 1)}


def _never_accepted(facts: Facts, context: Context, days: int, evidence: tuple[str, ...]) -> HandlingClock:
    """A unit holds the claim, neither objected in time nor refused, and never accepted it."""
    receipt = _holding_receipt(facts, context)
    if receipt is None:
        unsorted = _classification(facts, date.max, date.min)
        why = Text("没有责任单位收到", "no responsible unit received it")
        if isinstance(unsorted, Text) and unsorted is not PURPOSE_UNKNOWN:
            why = unsorted
        return HandlingClock("never_accepted", "excluded", why=why, evidence=evidence)
    evidence = (*evidence, receipt.act.id)
    limit = in_days(context, receipt.day, days)
    in_law = _classification(facts, limit.due, receipt.day)
    if facts.all("case.acceptance_refused"):
        why = in_law if isinstance(in_law, Text) and in_law is not PURPOSE_UNKNOWN else REFUSED
        return HandlingClock("never_accepted", "excluded", limit=limit, why=why, evidence=evidence)
    end, ended_by, unsure = _end(list(facts.acts), facts, context, limit, None)
    if isinstance(in_law, Text):
        told: Status = "cannot_tell" if in_law is PURPOSE_UNKNOWN else "excluded"
        return HandlingClock(
            "never_accepted", told, receipt.item, receipt.act, limit, end=end, why=in_law, evidence=evidence
        )
    status: Status = limit.state(end.day if end else None, context.today)
    if status in ("late", "missing") and unsure is not None:
        status = "cannot_tell"
    because: Text | None = None
    if status in ("late", "missing") and context.register.kind(receipt.unit, receipt.day) is None:
        status = "cannot_tell"
        because = Text(f"单位 {receipt.unit} 的类别登记", f"the declared kind of unit {receipt.unit}")
    elif status == "cannot_tell":
        because = Text("撤回时信访人的书面材料", "the petitioner's document of withdrawal")
    return HandlingClock(
        "never_accepted", status, receipt.item, receipt.act, limit, end=end, ended_by=ended_by,
        certainty="probable", why=because, evidence=evidence,
    )  # fmt: skip


def _holding_receipt(facts: Facts, context: Context) -> Receipt | None:
    """The first receipt by a unit that is no office, not withdrawn and without an objection in time."""
    for receipt in receipts(facts):
        if is_office(context.register.kind(receipt.unit, receipt.day)):
            continue
        if receipt.handoff is None or not _let_go(receipt.handoff, receipt.day, context):
            return receipt
    return None


def _let_go(handoff: Handoff, received: date, context: Context) -> bool:
    last = wdue(context.calendar, received, OBJECTION_WORKDAYS)
    in_time = any(objection.act.day <= last or objection.upheld for objection in handoff.objections)
    return in_time or handoff.withdrawn is not None
