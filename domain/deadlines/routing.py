"""Whether a case is on the 60-day clock of art.31(6), and how it may have left it."""

from __future__ import annotations

from dataclasses import dataclass, field
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


def routing(facts: CaseFacts) -> Routing:
    """Read all routings of a case; a claim never routed counts as route 6, probable; without a purpose, noted.

    A case that was on route 6 leaves the clock by another purpose, or by route 1–5 with `procedure` and
    `procedure_ref`; by route 1–5 without them it stays, noted.
    """
    routed = facts.all("routed")
    places = [place(fact) for fact in routed]
    if "route_6" not in places:
        last = places[-1] if places else "unknown"
        if last in ("other_route", "not_a_claim"):
            return Routing(last)
        return Routing(notes=("no_route",) if last == "claim" else ("no_route", "no_purpose"))
    away = len(places) - next(n for n, was in enumerate(reversed(places)) if was == "route_6")
    leaving: list[Act] = []
    for fact, where in zip(routed[away:], places[away:], strict=True):
        if where == "not_a_claim":
            leaving.append(fact.act(reason="not_a_claim"))
        elif where == "other_route" and "procedure" in fact.data and "procedure_ref" in fact.data:
            leaving.append(fact.act(reason="to_procedure"))
    left_bare = not leaving and "other_route" in places[away:]
    return Routing(None, leaving, ("reclassified_without_reference",) if left_bare else ())
