"""The law's clocks, DL-01 to DL-11: explanations, not dates. How days are counted: `docs/deadlines.md`."""

from __future__ import annotations

from domain.deadlines.case import ask, case_deadlines, deadlines_both_ways
from domain.deadlines.clock import Clock, Question
from domain.deadlines.counting import Count, count_days, count_until, count_workdays, judge
from domain.deadlines.explanation import Act, Explanation, Run, StartFact
from domain.deadlines.facts import (
    CaseFacts,
    Fact,
    Hearing,
    Objection,
    UnitReceipt,
    hearings,
    objections,
    receipt,
    stops,
    unit_receipts,
)
from domain.deadlines.handling import (
    Extension,
    Granted,
    Round,
    extension_clocks,
    extensions,
    first_acceptance,
    granted,
    handling_clocks,
    rounds,
)
from domain.deadlines.handoffs import SetDay, feedback_clock, feedback_clocks, objection_clocks, set_day
from domain.deadlines.intake import office_acts, office_clock
from domain.deadlines.notices import notice_clock, notice_clocks, notices_by
from domain.deadlines.register import UnitRegister
from domain.deadlines.reviews import review_clock, review_clocks, review_windows
from domain.deadlines.routing import Routing, routing
from domain.deadlines.rules import RULES, Rule

__all__ = [
    "RULES",
    "Act",
    "CaseFacts",
    "Clock",
    "Count",
    "Explanation",
    "Extension",
    "Fact",
    "Granted",
    "Hearing",
    "Objection",
    "Question",
    "Round",
    "Routing",
    "Rule",
    "Run",
    "SetDay",
    "StartFact",
    "UnitReceipt",
    "UnitRegister",
    "ask",
    "case_deadlines",
    "count_days",
    "count_until",
    "count_workdays",
    "deadlines_both_ways",
    "extension_clocks",
    "extensions",
    "feedback_clock",
    "feedback_clocks",
    "first_acceptance",
    "granted",
    "handling_clocks",
    "hearings",
    "judge",
    "notice_clock",
    "notice_clocks",
    "notices_by",
    "objection_clocks",
    "objections",
    "office_acts",
    "office_clock",
    "receipt",
    "review_clock",
    "review_clocks",
    "review_windows",
    "rounds",
    "routing",
    "set_day",
    "stops",
    "unit_receipts",
]
