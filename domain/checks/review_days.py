"""The 30 days of a review: from the request's arrival at the body, longer by the hearing in a re-review."""

from __future__ import annotations

from datetime import date, timedelta

from domain.checks.clock import Limit, in_days
from domain.checks.context import Context
from domain.checks.facts import Act, Facts

REVIEW_DAYS = 30


def review_limit(issued: Act, facts: Facts, context: Context) -> Limit | None:
    """The limit that an issued review had to keep (DL-09, DL-11); None where no request of its stage precedes it."""
    stage = issued.get("stage")
    requests = [act for act in facts.all("case.review_requested") if act.get("stage") == stage]
    earlier = [act for act in requests if act.day <= issued.day]
    if not earlier:
        return None
    start = earlier[-1].day
    hearing = len(_hearing_days(facts, start, issued.day)) if stage == "re_review" else 0
    return in_days(context, start, REVIEW_DAYS + hearing)


def _hearing_days(facts: Facts, start: date, until: date) -> set[date]:
    """Days from a hearing's opening to its closing, both counted, within the review."""
    days: set[date] = set()
    opened: dict[str, date] = {}
    for act in facts.all("case.hearing_opened", "case.hearing_closed"):
        hearing = str(act.get("hearing"))
        if act.name == "case.hearing_opened":
            opened[hearing] = act.day
        elif hearing in opened:
            first, last = max(opened.pop(hearing), start), min(act.day, until)
            days |= {first + timedelta(days=offset) for offset in range((last - first).days + 1)}
    return days
