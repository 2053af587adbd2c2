"""The 30 days of reviews and re-reviews on one case, as the law's clocks explain them (DL-09, DL-11)."""

from __future__ import annotations

from domain.checks.clock import Limit, kept
from domain.checks.context import Context
from domain.checks.facts import Act, Facts, remembered
from domain.deadlines.clock import Question
from domain.deadlines.explanation import Explanation
from domain.deadlines.facts import CaseFacts, Fact
from domain.deadlines.register import Declared, UnitRegister
from domain.deadlines.reviews import review_clocks as explained

_READ = (
    "case.received", "case.review_requested", "case.review_issued", "case.review_refused", "case.hearing_opened",
    "case.hearing_closed", "case.withdrawn", "case.merged", "case.disposed", "case.petitioner_notified", "case.closed",
)  # fmt: skip


@remembered
def review_clocks(facts: Facts, context: Context) -> list[Explanation]:
    """One explanation for each request of the case: reviews first, then re-reviews."""
    if not facts.all("case.review_requested"):
        return []
    return explained(Question(_case_facts(facts), context.calendar, context.today, _units(context)))


def limit_of(clock: Explanation, context: Context) -> Limit | None:
    """The limit that an explanation counted; None where it could not be counted."""
    if clock.start is None or clock.limit is None or clock.due is None or clock.due_unrolled is None:
        return None
    days = clock.limit + clock.hearing_days
    return kept(context, Limit(clock.start.day, days, "days", clock.due_unrolled, clock.due))


def review_limit(issued: Act, facts: Facts, context: Context) -> Limit | None:
    """The limit that an issued review had to keep; None where no request of its stage precedes it."""
    asked = {act.id for act in facts.all("case.review_requested") if act.get("stage") == issued.get("stage")}
    earlier = [
        clock
        for clock in review_clocks(facts, context)
        if clock.start is not None and clock.start.event_id in asked and clock.start.day <= issued.day
    ]
    return limit_of(earlier[-1], context) if earlier else None


def _case_facts(facts: Facts) -> CaseFacts:
    """The acts that these clocks read; their values are corrected already."""
    by_kind: dict[str, list[Fact]] = {}
    for index, act in enumerate(facts.all(*_READ)):
        by_kind.setdefault(act.name, []).append(Fact(index, act.name, act.event))
    return CaseFacts(facts.subject, by_kind)


def _units(context: Context) -> UnitRegister:
    """The declared units as the clocks ask for them; derived once for all cases."""
    found = context.notes.get("units of the clocks")
    if found is None:
        declared = {
            code: tuple(
                Declared(one.kind, one.superiors if one.superiors_known else None, one.from_on) for one in all_of
            )
            for code, all_of in context.register.units.items()
        }
        live = {file for file, kind in context.import_kinds.items() if kind == "live"}
        found = context.notes["units of the clocks"] = UnitRegister(declared=declared, live_imports=live)
    units: UnitRegister = found
    return units
