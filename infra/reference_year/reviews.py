"""Review by the county and re-review by the city, in time and by other people (art.35–36)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from infra.reference_year.handling import deliver_opinion, establish_facts, issue_opinion
from infra.reference_year.offices import CITY, COUNTY, OFFICE
from infra.reference_year.story import Case
from infra.reference_year.working_time import instant

REVIEW_DAYS = 30


def _requested(case: Case, stage: str, body: str) -> datetime:
    """The petitioner asks inside the thirty days of the delivery; the body receives it on the same or next day."""
    asked = case.time.days_later(case.now, 5, 22)
    got = case.time.workdays_later(asked, 0, 1)
    case.act(
        "request_review",
        got,
        body,
        "registrar",
        stage=stage,
        body=body,
        requested_at=asked.isoformat(),
        received_at=got.isoformat(),
    )
    return got


def _members(case: Case, body: str, day: datetime) -> list[str]:
    reviewers = [official.staff for official in case.world.offices.serving(body, "reviewer", day.date())]
    return sorted(case.rng.sample(reviewers, 2))


def review(case: Case, stage: str, outcome: str, *, hearing: bool = False) -> None:
    """One stage from request to delivery; hearing days of a re-review are counted out (art.36)."""
    body = COUNTY if stage == "review" else CITY
    received = _requested(case, stage, body)
    if hearing:
        latest = case.limit(received.date(), REVIEW_DAYS + _hear(case))
        at = case.time.on_day(latest, case.now)
    else:
        latest = case.limit(received.date(), REVIEW_DAYS)
        at = case.time.days_later(case.now, 10, 26, case.time.back_to_workday(latest))
    paper = case.personal_document(f"{stage}/opinion")
    members = _members(case, body, at)
    staff = members[0]
    entry: dict[str, Any] = {"stage": stage, "body": body, "outcome": outcome, "members": members, "document": paper}
    case.act("issue_review", at, body, "reviewer", acting=staff, **entry)
    _deliver(case, stage, body)


def _hear(case: Case) -> int:
    """A hearing of three days and more, hosted by the county's office for the city. Answers its days."""
    ref = f"{case.ref}-t2"
    case.act("open_hearing", case.time.workdays_later(case.now, 4, 6), OFFICE, "handler", hearing=ref)
    opened = case.now.date()
    ended = case.time.workdays_later(case.now, 2, 3)
    case.act("close_hearing", ended, OFFICE, "handler", hearing=ref, record=case.personal_document("re-hearing"))
    return (case.now.date() - opened).days + 1


def _deliver(case: Case, stage: str, body: str) -> None:
    sent = case.time.workdays_later(case.now, 0, 2)
    arrived = case.time.workdays_later(sent, 2, 4)
    at = instant(arrived.date(), 12)
    case.act(
        "deliver_review",
        at,
        body,
        "registrar",
        at_precision="day",
        entered=case.proof_entry(at, at),
        stage=stage,
        sent_at=sent.isoformat(),
        delivered_at=at.isoformat(),
        delivery="post",
        signed=True,
        proof=case.personal_document(f"{stage}/delivery"),
    )


def handle_again(case: Case) -> None:
    """A review's `redo`: the unit hears and decides anew inside sixty days of it, on new grounds."""
    issued = case.actions_named("issue_review")[-1]
    case.accepted_on = datetime.fromisoformat(issued["at"]).date()
    establish_facts(case)
    issue_opinion(case, result="explained", name="opinion/again")
    deliver_opinion(case, "opinion/again")
