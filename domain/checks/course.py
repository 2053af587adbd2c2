"""The course of a case as several checks read it: receipt, handoffs, routing, and what stopped it."""

from __future__ import annotations

from datetime import date
from operator import attrgetter

import msgspec

from domain.calendar import day_of
from domain.checks.base import REGULATION_FROM, Text
from domain.checks.context import OFFICE_KINDS, Context
from domain.checks.facts import Act, Facts

OFFICE_EVIDENCE = frozenset({"arrival_stamp", "visit_log", "call_log", "web_log", "superior_system"})
LATER_RECEIPT = Text(
    f"{REGULATION_FROM}（施行日）之后的收件",
    f"a receipt on or after {REGULATION_FROM}, when the article came into force",
)
WHETHER_UPHELD = Text("异议是否被采纳", "whether the objection was upheld")
WHETHER_ANONYMOUS = Text("是否匿名", "whether the petition was anonymous")
STOPPING_GROUNDS = frozenset({"petitioner_died", "merged", "no_longer_accepted"})


class Objection(msgspec.Struct):
    """One objection to a handoff, and its decision if there is one."""

    act: Act
    decided: Act | None = None

    @property
    def upheld(self) -> bool:
        """Whether the sender agreed."""
        return self.decided is not None and self.decided.get("upheld") is True

    @property
    def untold(self) -> bool:
        """Whether it was decided and nobody recorded how."""
        return self.decided is not None and not (self.upheld or self.rejected)

    @property
    def rejected(self) -> bool:
        """Whether the sender disagreed."""
        return self.decided is not None and self.decided.get("upheld") is False


class Handoff(msgspec.Struct):
    """One offer (handoff, addressed unit) with everything that came of it, in the order of the clock."""

    ref: str
    unit: str
    offered: Act | None = None
    received: Act | None = None
    withdrawn: Act | None = None
    due_changes: list[Act] = []
    objections: list[Objection] = []
    fed_back: list[Act] = []
    returned: list[Act] = []

    @property
    def item(self) -> str:
        """The name of the offer in a fingerprint."""
        return f"{self.ref}/{self.unit}"

    @property
    def is_shared(self) -> bool:
        """A joint or three-way handoff: one step with several units."""
        offer = self.offered
        return offer is not None and (bool(offer.get("joint")) or offer.get("mode") == "tri_party")

    @property
    def evidence(self) -> tuple[str, ...]:
        """The events that offered and received it."""
        offered = () if self.offered is None else (self.offered.id,)
        return offered if self.received is None else (*offered, self.received.id)


def handoffs(facts: Facts) -> list[Handoff]:
    """All offers of a case, in the order of offer."""
    known = facts.notes.get("handoffs")
    if known is None:
        known = _handoffs(facts)
        facts.notes["handoffs"] = known
    found: list[Handoff] = known
    return found


def _handoffs(facts: Facts) -> list[Handoff]:
    found: dict[tuple[str, str], Handoff] = {}
    for act in facts.acts if "handoff" in facts.fields else ():
        data = act.data
        if "handoff" in data and "unit" in data:
            key = (str(data["handoff"]), str(data["unit"]))
            one = found.get(key)
            if one is None:
                one = found[key] = Handoff(*key)
            _take(one, act)
    return sorted(found.values(), key=_place_of_offer) if len(found) > 1 else list(found.values())


def _place_of_offer(handoff: Handoff) -> tuple[bool, float, int, str]:
    offer = handoff.offered
    if offer is None:
        return (True, 0.0, 0, handoff.item)
    return (False, offer.instant.timestamp(), offer.position, handoff.unit)


def _take(one: Handoff, act: Act) -> None:
    match act.name:
        case "case.handoff_offered":
            one.offered = one.offered or act
        case "case.handoff_received":
            one.received = one.received or act
        case "case.handoff_withdrawn":
            one.withdrawn = one.withdrawn or act
        case "case.handoff_due_changed":
            one.due_changes.append(act)
        case "case.handoff_objected":
            one.objections.append(Objection(act))
        case "case.objection_decided":
            waiting = [objection for objection in one.objections if objection.decided is None]
            if waiting:
                waiting[0].decided = act
        case "case.handoff_fed_back":
            one.fed_back.append(act)
        case "case.materials_returned":
            one.returned.append(act)


class Receipt(msgspec.Struct, frozen=True):
    """One unit's receipt of the petition, from the petitioner or by a handoff."""

    unit: str
    day: date
    act: Act
    handoff: Handoff | None = None

    @property
    def item(self) -> str:
        """The name of the receipt in a fingerprint."""
        return self.handoff.item if self.handoff else self.unit


def receipts(facts: Facts) -> list[Receipt]:
    """Who received the case, in the order of receipt: directly from `received_at`, by handoff from its receipt."""
    known: list[Receipt] | None = facts.notes.get("receipts")
    if known is None:
        known = facts.notes["receipts"] = _receipts(facts)
    return known


def _receipts(facts: Facts) -> list[Receipt]:
    found = []
    received = facts.one("case.received")
    if received is not None and received.unit is not None:
        found.append(Receipt(received.unit, received.day, received))
    for handoff in handoffs(facts):
        if handoff.received is not None:
            found.append(Receipt(handoff.unit, handoff.received.day, handoff.received, handoff))
    found.sort(key=_place_of_receipt)
    return found


_place_of_receipt = attrgetter("day", "act.position")


def is_office(kind: str | None) -> bool:
    """Whether a unit of this kind transfers petitions rather than handling them."""
    return kind in OFFICE_KINDS


def office_receipt(received: Act) -> tuple[date, str]:
    """Day of receipt by the office and where it comes from; a postmark is the day of sending, never receipt."""
    evidence = received.get("receipt_evidence") or {}
    if evidence.get("kind") in OFFICE_EVIDENCE and "at" in evidence:
        return day_of(str(evidence["at"])), str(evidence["kind"])
    return received.day, "received_at" if "received_at" in received.data else "time"


class Stop(msgspec.Struct, frozen=True):
    """An act that ended the case without an answer; `sure` is false where the petitioner's paper is unknown."""

    act: Act
    ground: str
    sure: bool = True


def stops(facts: Facts, context: Context) -> list[Stop]:
    """Withdrawn with a document, died, merged, no longer accepted; in the order of the clock."""
    known: list[Stop] | None = facts.notes.get("stops")
    if known is None:
        known = facts.notes["stops"] = _stops(facts, context)
    return known


STOPPING = (
    "case.withdrawn", "case.merged", "case.disposed", "case.petitioner_notified", "case.closed",
)  # fmt: skip


def _stops(facts: Facts, context: Context) -> list[Stop]:
    found = []
    for act in facts.all(*STOPPING):
        if act.name == "case.withdrawn":
            if "document" in act.data:
                found.append(Stop(act, "withdrawn"))
            elif context.may_be_unknown(act.event):
                found.append(Stop(act, "withdrawn", sure=False))
        elif act.name == "case.merged":
            found.append(Stop(act, "merged"))
        elif (act.name == "case.disposed" and act.get("kind") == "no_longer_accepted") or (
            act.name == "case.petitioner_notified" and act.get("notice") == "no_longer_accepted"
        ):
            found.append(Stop(act, "no_longer_accepted"))
        elif act.name == "case.closed" and act.get("ground") in STOPPING_GROUNDS:
            found.append(Stop(act, str(act.get("ground"))))
    return found


class Routing(msgspec.Struct, frozen=True):
    """The classification in force from one act on, as that act states it."""

    act: Act
    purpose: str | None
    route: int | None
    procedure: str | None
    procedure_ref: str | None

    @property
    def is_claim_under_art_34(self) -> bool:
        """A claim of route 6, or one whose route nobody named."""
        return self.purpose == "claim" and self.route in (6, None)

    @property
    def leaves_for_a_procedure(self) -> bool:
        """Route 1–5 with the procedure named and its own number given."""
        in_other_route = self.purpose == "claim" and self.route is not None and self.route != 6
        return in_other_route and self.procedure is not None and self.procedure_ref is not None


def routings(facts: Facts) -> list[Routing]:
    """All classifications, in the order of the clock."""
    known: list[Routing] | None = facts.notes.get("routings")
    if known is None:
        known = facts.notes["routings"] = [
            Routing(act, act.get("purpose"), act.get("route"), act.get("procedure"), act.get("procedure_ref"))
            for act in facts.all("case.routed")
        ]
    return known


def before_the_regulation(day: date, from_on: date) -> bool:
    """Whether an act lies before the first day of its basis."""
    return day < from_on


def is_open_at(facts: Facts, act: Act) -> bool:
    """Whether the case stood open when an act, of this case or another, happened."""
    changes = [one for one in facts.all("case.closed", "case.reopened") if one.is_before(act)]
    return not changes or changes[-1].name == "case.reopened"


def is_early(facts: Facts) -> bool:
    """Whether the case was received before the Regulation came into force."""
    received = facts.one("case.received")
    return received is not None and received.day < REGULATION_FROM
