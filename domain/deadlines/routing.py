"""Whether a case is on the 60-day clock of art.31(6), and how it may have left it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from domain.deadlines.explanation import Act
from domain.deadlines.facts import CaseFacts, Fact

Place = Literal["route_6", "other_route", "claim", "not_a_claim", "unknown"]


@dataclass(frozen=True, slots=True)
class Routing:
    """`outside`: why the clock never runs, or None; `leaving`: acts that took the case off it; notes."""

    outside: str | None = None
    leaving: list[Act] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def place(routed: Fact) -> Place:
    """Where one routing puts the case. A route belongs to a claim, even where the purpose is not recorded."""
    route, purpose = routed.data.get("route"), routed.data.get("purpose")
    if route is not None and purpose in (None, "claim"):
        return "route_6" if route == 6 else "other_route"
    if purpose is None:
        return "unknown"
    return "claim" if purpose == "claim" else "not_a_claim"


def routing(facts: CaseFacts, start: date, due: date, after: int = -1) -> Routing:
    """Read the routings of a case for a clock from `start` to `due` (XF-DDL-001).

    What counts is what was in force by the due day, else the first routing. A claim never routed counts as
    route 6, probable; without a purpose, noted. The case leaves the clock by another purpose, or by route 1–5
    with `procedure` and `procedure_ref` later than the place `after`; by route 1–5 without them it stays, noted.
    """
    routed = [fact for fact in facts.all("routed") if place(fact) != "unknown"]
    in_force = [fact for fact in routed if fact.act().day <= due] or routed[:1]
    if not in_force:
        return Routing(notes=("no_route", "no_purpose"))
    earlier = sum(fact.act().day <= start for fact in in_force)
    inside = [fact for fact in in_force[max(earlier - 1, 0) :] if place(fact) in ("route_6", "claim")]
    if place(in_force[-1]) == "not_a_claim":
        if not inside:
            return Routing("not_a_claim")
        return Routing(leaving=[in_force[-1].act(reason="not_a_claim")])
    if not inside:
        return Routing("other_route")
    away = [fact for fact in routed if fact.index > inside[-1].index and place(fact) == "other_route"]
    leaving = [fact for fact in away if "procedure" in fact.data and "procedure_ref" in fact.data]
    notes = () if any(place(fact) == "route_6" for fact in inside) else ("no_route",)
    left_bare = any(fact.act().day <= due for fact in away) and not leaving
    return Routing(
        leaving=[fact.act(reason="to_procedure") for fact in leaving if fact.index > after],
        notes=(*notes, "reclassified_without_reference") if left_bare else notes,
    )
