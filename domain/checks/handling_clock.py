"""The 60 days of art.34 on one case: when they start, by how much they were extended, and what ended them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from domain.calendar import rdue, wdue
from domain.checks.base import REGULATION_FROM, Certainty, Text, weaker
from domain.checks.clock import Limit, in_days
from domain.checks.context import Context
from domain.checks.course import Handoff, Receipt, Routing, is_office, receipts, routings, stops
from domain.checks.facts import Act, Facts, remembered

HANDLING_DAYS = 60
EXTENSION_DAYS_MAX = 30
OBJECTION_WORKDAYS = 5

Status = Literal["timely", "late", "missing", "running", "excluded", "cannot_tell"]
End = Literal["opinion", "mediation", "stopped", "procedure", "redo"]


class HandlingClock(msgspec.Struct, frozen=True):
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


@remembered
def competent_acceptance(facts: Facts, context: Context) -> Act | None:
    """The first acceptance by the competent unit.

    Competent is the unit named by the last competence decision, if it accepted; else, of the units that accepted
    and did not give the matter back afterwards, the first that is no petition office, else the first.
    """
    accepted = facts.all("case.accepted")
    if not accepted:
        return None
    decided = facts.last("case.competence_decided")
    if decided is not None:
        theirs = [act for act in accepted if act.unit == decided.get("unit")]
        if theirs:
            return theirs[0]
    given_back = _given_back(facts, accepted)
    if len(accepted) == 1:
        return None if accepted[0].unit in given_back else accepted[0]
    first = {act.unit: act for act in reversed(accepted)}
    holding = [act for act in accepted if act is first[act.unit] and act.unit not in given_back]
    handling = [act for act in holding if not is_office(context.register.kind(act.unit, act.day))]
    return next(iter(handling or holding), None)


UNDOING = ("case.handoff_withdrawn", "case.materials_returned", "case.objection_decided")


def _given_back(facts: Facts, accepted: list[Act]) -> set[str | None]:
    """Units whose last acceptance was undone: objection upheld, handoff withdrawn, materials returned."""
    if facts.names.isdisjoint(UNDOING):
        return set()
    undone = facts.all("case.handoff_withdrawn", "case.materials_returned")
    undone = undone + [act for act in facts.all("case.objection_decided") if act.get("upheld") is True]
    if not undone:
        return set()
    last = {act.unit: facts.acts.index(act) for act in accepted}
    return {unit for unit, place in last.items() if any(_undoes(act, unit, place, facts) for act in undone)}


def _undoes(act: Act, unit: str | None, place: int, facts: Facts) -> bool:
    return unit is not None and act.get("unit") == unit and facts.acts.index(act) > place


@remembered
def handling_clocks(facts: Facts, context: Context, never_accepted_days: int) -> list[HandlingClock]:
    """Every run of the clock on one case; a case outside art.34 gives one run that says why it is excluded."""
    received = facts.one("case.received")
    start = competent_acceptance(facts, context)
    evidence = tuple(act.id for act in (received, start) if act is not None)
    if not evidence:
        return []
    if min(act.day for act in (received, start) if act is not None) < REGULATION_FROM:
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
    first = facts.acts.index(start) + 1 if item else 0
    acts = facts.acts
    if first or following is not None:
        acts = acts[first : acts.index(following) if following is not None else None]
    extended, extensions = 0, list[str]()
    if "case.extension_approved" in facts.names:
        extended, extensions = _extension(acts, context, start.day)
    limit = in_days(context, start.day, HANDLING_DAYS + extended)
    evidence = (*evidence, start.id, *extensions)
    in_law = _classification(facts, limit.due, start.day)
    end, ended_by, unsure = _end(acts, facts, context, limit, first, following)
    if isinstance(in_law, Text):
        told: Status = "cannot_tell" if in_law is PURPOSE_UNKNOWN else "excluded"
        return HandlingClock(
            "overdue", told, item, start, limit, extended, 0, end, ended_by, why=in_law, evidence=evidence
        )
    status: Status = limit.state(end.day if end else None, context.today)
    certainty: Certainty = "certain" if in_law == 6 else "probable"
    hearing = _hearing_days(facts, start.day, end.day if end else context.today)
    if status in ("late", "missing"):
        untold = (DOCUMENT, unsure) if unsure is not None else _left_out(acts, facts, context, limit, end)
        if untold is not None:
            what, act = untold
            return HandlingClock(
                "overdue", "cannot_tell", item, start, limit, extended, hearing, end, ended_by,
                why=what, evidence=(*evidence, act.id),
            )  # fmt: skip
        if limit.days_late(end.day if end else None, context.today) <= hearing:
            certainty = weaker(certainty, "probable")
    return HandlingClock(
        "overdue", status, item, start, limit, extended, hearing, end, ended_by, certainty, None, evidence
    )


def _extension(acts: Sequence[Act], context: Context, start: date) -> tuple[int, list[str]]:
    """Days by which extensions approved by the due day before them lengthen the clock, at most 30 together."""
    days = 0
    evidence = []
    for act in acts:
        if act.name == "case.extension_approved" and type(act.get("days")) is int:
            due = rdue(context.calendar, start, HANDLING_DAYS + days)
            if act.day <= due:
                days = min(EXTENSION_DAYS_MAX, days + act.data["days"])
                evidence.append(act.id)
    return days, evidence


def _left_out(
    acts: Sequence[Act], facts: Facts, context: Context, limit: Limit, end: Act | None
) -> tuple[Text, Act] | None:
    """What imported history does not hold and could excuse: the days of an extension, or a procedure it left for."""
    longest = in_days(context, limit.start, HANDLING_DAYS + EXTENSION_DAYS_MAX)
    if longest.state(end.day if end else None, context.today) not in ("late", "missing"):
        for act in acts:
            if act.name == "case.extension_approved" and "days" not in act.data and act.day <= limit.due:
                return Text("延长的天数", "the days of an extension"), act
    for one in routings(facts):
        outside = one.purpose == "claim" and one.route != 6 and not one.leaves_for_a_procedure
        again = "reason" in one.act.data or one.route is not None
        if outside and again and limit.start <= one.act.day <= limit.due and context.may_be_unknown(one.act.event):
            return Text("导入的法定程序及其编号", "the procedure that it was routed to, and its number"), one.act
    return None


DOCUMENT = Text("撤回时信访人的书面材料", "the petitioner's document of withdrawal")
REFUSED = Text("不予受理", "acceptance was refused")
ANSWERS: Mapping[str, End] = {"case.opinion_issued": "opinion", "case.mediation_agreed": "mediation"}
PURPOSE_UNKNOWN = Text("信访目的（是否申诉求决）", "the purpose of the petition (whether it is a claim)")


def _classification(facts: Facts, due: date, start: date) -> int | Text | None:
    """6 for a claim of route 6, None for a claim without a route, else why art.34 does not set the clock."""
    in_force = _in_force(facts, due)
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


def _purposes(facts: Facts) -> list[Routing]:
    """The classifications that say what the case is; a route belongs to a claim even where no purpose is recorded."""
    known: list[Routing] | None = facts.notes.get("purposes")
    if known is None:
        stated = [one for one in routings(facts) if one.purpose is not None or one.route is not None]
        known = [one if one.purpose is not None else msgspec.structs.replace(one, purpose="claim") for one in stated]
        facts.notes["purposes"] = known
    return known


def _in_force(facts: Facts, due: date) -> list[Routing]:
    """What was in force by the due day, else the first classification."""
    known = _purposes(facts)
    if len(known) < 2:
        return known
    return [one for one in known if one.act.day <= due] or known[:1]


def _leaving(facts: Facts, due: date, start: date) -> list[Act]:
    """Acts that took the case to a named procedure, later than the last classification that kept it in the clock."""
    known = _purposes(facts)
    if not any(one.leaves_for_a_procedure for one in known):
        return []
    in_force = _in_force(facts, due)
    inside = [one.act for one in _while_running(in_force, start) if one.is_claim_under_art_34]
    last = next((n for n, one in enumerate(known) if inside and one.act is inside[-1]), len(known))
    return [one.act for one in known[last + 1 :] if one.leaves_for_a_procedure]


def _while_running(in_force: list[Routing], start: date) -> list[Routing]:
    """The classification at the start and every one after it; all where none stood at the start."""
    if len(in_force) < 2:
        return in_force
    before = [one for one in in_force if one.act.day <= start]
    return in_force[len(before) - 1 :] if before else in_force


def _end(
    acts: Sequence[Act], facts: Facts, context: Context, limit: Limit, first: int, following: Act | None
) -> tuple[Act | None, End | None, Act | None]:
    """What ended the clock first, how, and a withdrawal in time whose paper is unknown.

    `acts` are those of the run; `first` is its place among all acts, `following` the `redo` that began the next.
    """
    answers = acts if acts is not facts.acts else facts.all(*ANSWERS)
    ends: list[tuple[Act, End]] = [(act, ANSWERS[act.name]) for act in answers if act.name in ANSWERS]
    ends += [(act, "procedure") for act in _leaving(facts, limit.due, limit.start)]
    unsure = None
    for stop in stops(facts, context):
        if stop.sure:
            ends.append((stop.act, "stopped"))
        elif stop.act.day <= limit.due and facts.acts.index(stop.act) >= first:
            unsure = unsure or stop.act
    if first:
        ends = [(act, how) for act, how in ends if facts.acts.index(act) >= first]
    if following is not None:
        ends.append((following, "redo"))
    if not ends:
        return None, None, unsure
    act, how = ends[0] if len(ends) == 1 else min(ends, key=lambda pair: (pair[0].day, pair[0].position))
    return act, how, unsure


def _hearing_days(facts: Facts, start: date, until: date) -> int:
    """Days of hearings within the clock, both ends counted, overlapping days once."""
    if "case.hearing_opened" not in facts.names:
        return 0
    closed = {str(act.get("hearing")): act.day for act in reversed(facts.all("case.hearing_closed"))}
    days: set[date] = set()
    for act in facts.all("case.hearing_opened"):
        if act.day <= until:
            days |= _span(max(act.day, start), min(closed.get(str(act.get("hearing")), until), until))
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
    end, ended_by, unsure = _end(facts.acts, facts, context, limit, 0, None)
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
        because = DOCUMENT
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
