"""DL-01: the petition office has 15 days to transfer, assign, accept, report or dispose (art.22)."""

from __future__ import annotations

from domain.deadlines.clock import Clock, Question
from domain.deadlines.counting import count_days
from domain.deadlines.explanation import Act, Explanation
from domain.deadlines.facts import CaseFacts, receipt, stops, unsure_stops, withdrawal_notes
from domain.deadlines.rules import OFFICE_KIND, PETITION_KINDS

EMPTY_REFUSALS = frozenset({"unclear", "other"})
"""Grounds of refusal that dispose of nothing."""


def office_acts(facts: CaseFacts, unit: str | None) -> tuple[list[Act], list[Act]]:
    """Acts by which the receiving office deals with a petition, and acceptances whose unit is unknown.

    Routing alone does not count, nor a refusal as `unclear` or `other` (XF-ACC-001).
    """
    accepted = facts.all("accepted")
    acts = [f.act() for f in facts.all("handoff_offered")]
    acts += [f.act() for f in accepted if f.unit is not None and f.unit == unit]
    acts += [f.act() for f in facts.all("reported_urgent")]
    acts += [f.act() for f in facts.all("disposed") if f.data.get("kind") != "no_longer_accepted"]
    refusals = facts.all("acceptance_refused")
    acts += [f.act() for f in refusals if f.data.get("ground", "other") not in EMPTY_REFUSALS]
    unsure = [f.act(reason="actorunit") for f in accepted if f.unit is None or unit is None]
    return acts, unsure


def office_clock(question: Question) -> Explanation | None:
    """DL-01 from receipt R. None where the receiver is known to be no petition office, or nothing was received."""
    facts = question.facts
    received = facts.first("received")
    if received is None:
        return None
    unit = received.unit
    start = receipt(received)
    kind = question.register.kind(unit, start.day) or question.receiver_kind
    clock = Clock(question, "DL-01", unit)
    if not kind:
        return clock.unknown(f"kind:{unit}" if unit else "actorunit", start=start)
    if kind != OFFICE_KIND:
        return clock.waiting("superior_office", start=start) if kind in PETITION_KINDS else None
    count = count_days(question.calendar, start.day, 15)
    done, unsure = office_acts(facts, unit)
    unsure += unsure_stops(facts, question.register)
    notes = withdrawal_notes(facts, question.register)
    return clock.judged(start, count, done, stops(facts), unsure=unsure, notes=notes)
