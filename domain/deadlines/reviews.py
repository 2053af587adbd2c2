"""DL-08 to DL-11: the petitioner's windows for review and re-review, and the bodies' 30 days (art.35, 36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.deadlines.clock import Clock, Question
from domain.deadlines.counting import Count, count_days
from domain.deadlines.explanation import Act, Explanation
from domain.deadlines.facts import CaseFacts, Fact, Hearing, hearings, stops

LIMIT_DAYS = 30
UNSEEN_KINDS = frozenset({"external"})
"""Kinds of bodies whose acts this ledger need not hold."""


def _next_index(facts: Sequence[Fact], number: int) -> int | None:
    return facts[number + 1].index if number + 1 < len(facts) else None


def _between(facts: Sequence[Fact], after: int, before: int | None) -> list[Fact]:
    return [f for f in facts if f.index > after and (before is None or f.index < before)]


def _window(question: Question, rule: str, item: str, deliveries: list[Fact], asked: list[Fact]) -> Explanation:
    """A petitioner's window from proven delivery. It closes; nobody is ever late."""
    clock = Clock(question, rule, item=item)
    arrived = [fact for fact in deliveries if "delivered_at" in fact.data]
    if not arrived:
        return clock.waiting("not_delivered")
    start = arrived[0].start("delivered_at")
    count = count_days(question.calendar, start.day, LIMIT_DAYS)
    answer = clock.judged(start, count, [fact.act("requested_at") for fact in asked])
    if answer.status == "late_open":
        return replace(answer, status="stopped", reason="window_closed")
    if answer.status == "late":
        return replace(answer, status="stopped", reason="asked_after_window")
    return answer


def review_windows(question: Question) -> list[Explanation]:
    """DL-08 after each opinion and DL-10 after each review: informational."""
    facts, answer = question.facts, []
    opinions = facts.all("opinion_issued")
    for number, fact in enumerate(opinions):
        before = _next_index(opinions, number)
        delivered = _between(facts.all("opinion_delivered"), fact.index, before)
        asked = _between(facts.all("review_requested", stage="review"), fact.index, before)
        answer.append(_window(question, "DL-08", f"opinion {number + 1}", delivered, asked))
    reviews = facts.all("review_issued", stage="review")
    for number, fact in enumerate(reviews):
        before = _next_index(reviews, number)
        delivered = _between(facts.all("review_delivered", stage="review"), fact.index, before)
        asked = _between(facts.all("review_requested", stage="re_review"), fact.index, before)
        answer.append(_window(question, "DL-10", f"review {number + 1}", delivered, asked))
    return answer


def excluded_hearings(question: Question, request: Fact, issued: Act | None) -> list[Hearing]:
    """Hearings of a re-review: opened from the body's receipt on, by its due day as moved, and by its issue."""
    start = request.start("received_at", "requested_at")
    found: list[Hearing] = []
    for hearing in sorted(hearings(question.facts), key=lambda h: h.opened.day):
        due = _review_count(question, request, found).due
        if start.day <= hearing.opened.day <= due and (issued is None or hearing.opened.day <= issued.day):
            found.append(hearing)
    return found


def _review_count(question: Question, request: Fact, excluded: Sequence[Hearing]) -> Count:
    start = request.start("received_at", "requested_at")
    days = {day for hearing in excluded for day in hearing.days(question.as_of)}
    return count_days(question.calendar, start.day, LIMIT_DAYS, left_out=days)


def _ending(facts: CaseFacts, stage: str, request: Fact) -> tuple[list[Act], list[Act]]:
    """What ends one request: the next opinion of that stage; a refusal, or Stopped. One opinion may end several."""
    issued = _between(facts.all("review_issued", stage=stage), request.index, None)
    refused = _between(facts.all("review_refused", stage=stage), request.index, None)
    return [f.act() for f in issued], [f.act(reason="refused") for f in refused] + stops(facts)


def review_clock(question: Question, request: Fact, number: int = 1) -> Explanation:
    """DL-09 or DL-11 of one request, the `number`-th of its stage."""
    stage = str(request.data.get("stage"))
    rule = "DL-11" if stage == "re_review" else "DL-09"
    body = request.data.get("body")
    clock = Clock(question, rule, body, f"{stage} {number}")
    done, ended = _ending(question.facts, stage, request)
    excluded = excluded_hearings(question, request, done[0] if done else None) if rule == "DL-11" else []
    notes = [] if "received_at" in request.data else ["start_from_request"]
    if any(hearing.closed is None for hearing in excluded):
        notes.append("hearing_open")
    count = _review_count(question, request, excluded)
    answer = clock.judged(request.start("received_at", "requested_at"), count, done, ended, notes=notes)
    answer = replace(answer, hearing_ids=tuple(hearing.opened.event_id for hearing in excluded))
    kind = question.register.kind(str(body), request.start("received_at", "requested_at").day)
    if answer.status == "late_open" and (kind is None or kind in UNSEEN_KINDS):
        return replace(answer, status="cannot_tell", missing=("review_issued" if kind else f"kind:{body}",))
    return _refused(answer)


def _refused(answer: Explanation) -> Explanation:
    """A refused request is no breach of the 30 days, whenever it was refused (XF-DDL-009)."""
    return replace(answer, status="stopped") if answer.is_late and answer.reason == "refused" else answer


def review_clocks(question: Question) -> list[Explanation]:
    """DL-09 of each request for review, DL-11 of each request for re-review."""
    answer = []
    for stage in ("review", "re_review"):
        requests = question.facts.all("review_requested", stage=stage)
        for number, request in enumerate(requests):
            answer.append(review_clock(question, request, number + 1))
    return answer
