"""Clauses on opinions, closings, merging and suggestions (XF-OPN, XF-CLO, XF-FLD, XF-SUG)."""

from __future__ import annotations

from tests.support.clauses.acts import (
    SECOND,
    THIRD,
    accepted,
    act,
    closed,
    delivered,
    heard,
    measure,
    notified,
    opinion,
    received,
    refused,
    registered,
    reviewed,
    routed,
    withdrawn,
)
from tests.support.clauses.story import (
    Act,
    Fixture,
    asked_on,
    before_the_law,
    both,
    but,
    plus,
    told,
    untold,
)
from tests.support.history import CASE, DOCUMENT

RUN = (received(), routed(), accepted())
HEARD = (*RUN, heard())


def _executed(day: str, **data: object) -> Act:
    return act("case.opinion_executed", day, "S-100", "MZJ", "handler", done=True, **data)


def _visit(subject: str, people: int) -> tuple[Act, Act]:
    seen = received(subject=subject, channel="visit", people_count=people, about_units=["XZ"])
    return seen, registered("2025-03-03", subject)


def _like(subject: str, **data: object) -> tuple[Act, Act]:
    there = received(subject=subject, region="500229", about_units=["XZ"], **data)
    return there, registered("2025-03-04", subject, content_class="housing")


MERGED = act("case.merged", "2025-03-10", subject=SECOND, into=CASE)
MEDIATED = act("case.mediation_agreed", "2025-04-10", agreement=DOCUMENT, both_consent=True)

FIXTURES = (
    Fixture(
        "XF-OPN-001",
        "a_no_basis",
        told(*HEARD, opinion(legal_basis=[])),
        but("case.opinion_issued", legal_basis=["law"]),
        but("case.routed", route=5),
        untold("case.opinion_issued", "legal_basis"),
    ),
    Fixture(
        "XF-OPN-001",
        "b_no_facts",
        told(*RUN, opinion(), act("case.investigated", "2025-04-02", method="visit")),
        but("case.investigated", day="2025-04-01"),
        but("case.received", anonymous=True),
        untold("case.received", "anonymous"),
    ),
    Fixture(
        "XF-OPN-001",
        "c_not_delivered",
        told(*HEARD, opinion(), closed("2025-04-04", "opinion_delivered"), delivered("2025-04-05")),
        but("case.opinion_delivered", day="2025-04-04"),
        but("case.routed", route=5),
        untold("case.opinion_delivered", "delivered_at"),
    ),
    Fixture(
        "XF-OPN-002",
        "a_promise",
        told(*HEARD, opinion(promise_due_on="2025-05-01"), on="2025-05-02"),
        asked_on("2025-05-01"),
        plus(_executed("2025-05-01", proof=DOCUMENT)),
        untold("case.opinion_issued", "result"),
    ),
    Fixture(
        "XF-OPN-002",
        "b_no_promise",
        told(*HEARD, opinion(), delivered("2025-04-07"), on="2025-06-07"),
        asked_on("2025-06-06"),
        plus(_executed("2025-06-06", proof=DOCUMENT)),
        untold("case.opinion_issued"),
    ),
    Fixture(
        "XF-OPN-002",
        "c_no_proof",
        told(*HEARD, opinion(promise_due_on="2025-05-01"), _executed("2025-04-20")),
        but("case.opinion_executed", proof=DOCUMENT),
        but("case.opinion_issued", result="explained"),
        untold("case.opinion_executed"),
    ),
    Fixture(
        "XF-OPN-003",
        "same_document",
        told(
            received(),
            opinion(),
            received(subject=SECOND),
            opinion("2025-04-02", SECOND),
            received(subject=THIRD),
            opinion("2025-12-31", THIRD),
        ),
        but("case.opinion_issued", 3, day="2026-01-01"),
        plus(registered("2025-03-04", THIRD, repeat_of=CASE)),
        both(*(but("case.received", nth, day="2022-04-30") for nth in (1, 2, 3))),
    ),
    Fixture(
        "XF-OPN-004",
        "a_not_sent",
        told(received(), opinion(), on="2025-04-17"),
        asked_on("2025-04-16"),
        plus(delivered("2025-04-16")),
        before_the_law,
    ),
    Fixture(
        "XF-OPN-004",
        "b_public_notice",
        told(*HEARD, opinion(), delivered("2025-04-10", delivery="public_notice", attempts=1)),
        but("case.opinion_delivered", attempts=2),
        but("case.opinion_delivered", delivery="post"),
        untold("case.opinion_delivered", "attempts"),
    ),
    Fixture(
        "XF-CLO-001",
        "withdrawn",
        told(received(), withdrawn("2025-04-18", document=None), closed("2025-04-20", "withdrawn")),
        but("case.withdrawn", document=DOCUMENT),
        plus(withdrawn("2025-04-19")),
        untold("case.withdrawn", "document"),
    ),
    Fixture(
        "XF-CLO-001",
        "mediated",
        told(received(), MEDIATED.but({"both_consent": False}), closed("2025-04-20", "mediated")),
        but("case.mediation_agreed", both_consent=True),
        plus(MEDIATED),
        untold("case.mediation_agreed", "both_consent"),
    ),
    Fixture(
        "XF-CLO-001",
        "handed_to_procedure",
        told(received(), routed(route=1, procedure="civil suit"), closed("2025-04-20", "handed_to_procedure")),
        plus(notified("2025-04-10", "procedure", "XF")),
        but("case.received", anonymous=True),
        untold("case.routed", "procedure"),
    ),
    Fixture(
        "XF-CLO-001",
        "not_accepted",
        told(received(), closed("2025-04-20", "not_accepted")),
        plus(refused("2025-04-10")),
        plus(refused("2025-03-20", "unclear")),
        before_the_law,
    ),
    Fixture(
        "XF-CLO-001",
        "review_final",
        told(received(), reviewed("2025-04-10"), closed("2025-04-20", "review_final")),
        but("case.review_issued", stage="re_review"),
        plus(reviewed("2025-04-15", "re_review", "SJ")),
        before_the_law,
    ),
    Fixture(
        "XF-CLO-002",
        "a_before_due",
        told(*RUN, withdrawn("2025-04-29")),
        but("case.withdrawn", day="2025-04-28"),
        but("case.accepted", day="2025-03-24"),
        untold("case.withdrawn", "document"),
    ),
    Fixture(
        "XF-CLO-002",
        "b_after_act",
        told(*RUN, measure("2025-03-13", kind="admonition"), withdrawn("2025-03-28")),
        but("case.withdrawn", day="2025-03-29"),
        but("case.measure_taken", kind="care_plan"),
        before_the_law,
    ),
    Fixture(
        "XF-FLD-001",
        "a_unlike",
        but("case.registered", 2, content_class="land")(told(*_like(CASE), *_like(SECOND), MERGED)),
        but("case.registered", 2, content_class="housing"),
        but("case.merged", attestation=DOCUMENT),
        untold("case.merged"),
    ),
    Fixture(
        "XF-FLD-001",
        "b_closed",
        told(*_like(CASE), *_like(SECOND), closed("2025-03-09", "mediated"), MERGED),
        but("case.closed", day="2025-03-10"),
        plus(act("case.reopened", "2025-03-09T11:00", reason="x", approved_by="S-9")),
        but("case.received", 2, day="2022-04-30"),
    ),
    Fixture(
        "XF-FLD-002",
        "split",
        told(*_visit(CASE, 2), *_visit(SECOND, 2), *_visit(THIRD, 1)),
        but("case.received", 1, people_count=1),
        but("case.received", 3, about_units=["MZJ"]),
        untold("case.received", "people_count"),
    ),
    Fixture(
        "XF-SUG-001",
        "no_answer",
        told(received(), routed(route=None, purpose="suggestion"), on="2025-05-07"),
        asked_on("2025-05-06"),
        plus(act("case.disposed", "2025-05-06", kind="direct_answer")),
        before_the_law,
    ),
)
