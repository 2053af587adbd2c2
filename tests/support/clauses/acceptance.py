"""Clauses on receipt, registration, acceptance and refusal (XF-ACC)."""

from __future__ import annotations

from tests.support.clauses.acts import (
    SECOND,
    accepted,
    act,
    case,
    competence,
    decided,
    handed,
    heard,
    notified,
    objected,
    opinion,
    received,
    refused,
    registered,
    took,
)
from tests.support.clauses.story import FILE, Fixture, asked_on, before_the_law, both, but, how, plus, told, untold

PROOF = {"kind": "arrival_stamp", "at": "2025-03-07T10:00:00+08:00"}


def _entered(day: str) -> str:
    return f"{day}T02:00:00.000000Z"


LATE = heard("2025-03-03", "S-7", recorded=_entered("2025-03-06"))
RECEIPTS = tuple(
    received(subject=case(number), receipt_evidence=None if number <= 3 else PROOF) for number in range(1, 11)
)

FIXTURES = (
    Fixture(
        "XF-ACC-001",
        "not_handled",
        told(received(), on="2025-03-19"),
        asked_on("2025-03-18"),
        plus(handed("2025-03-18T23:59")),
        how(units=False),
    ),
    Fixture(
        "XF-ACC-002",
        "no_notice",
        told(received(unit="MZJ"), on="2025-03-19"),
        asked_on("2025-03-18"),
        but("case.received", anonymous=True),
        untold("case.received", "anonymous"),
    ),
    Fixture(
        "XF-ACC-003",
        "a_usual",
        told(received(), registered("2025-03-07")),
        but("case.registered", day="2025-03-06"),
        both(but("case.received", day="2025-01-27"), but("case.registered", day="2025-02-07")),
        both(before_the_law, but("case.registered", day="2022-05-07")),
    ),
    Fixture(
        "XF-ACC-003",
        "b_office",
        told(received(), registered("2025-03-19")),
        but("case.registered", day="2025-03-18"),
        both(but("case.received", day="2025-01-26"), but("case.registered", day="2025-02-06")),
        how(units=False),
    ),
    Fixture(
        "XF-ACC-004",
        "entered_late",
        told(LATE, LATE, LATE),
        but("case.facts_heard", 3, recorded=_entered("2025-03-05")),
        both(*(but("case.facts_heard", nth, day="2025-01-27", recorded=_entered("2025-02-06")) for nth in (1, 2, 3))),
        untold("case.facts_heard"),
    ),
    Fixture(
        "XF-ACC-005",
        "refused",
        told(received(), refused("2025-03-10"), accepted("2025-03-20")),
        but("case.acceptance_refused", ground="unclear"),
        plus(competence("2025-03-15")),
        but("case.acceptance_refused", by_unit=None),
    ),
    Fixture(
        "XF-ACC-005",
        "objected",
        told(
            received(),
            handed("2025-03-04"),
            took(),
            objected("2025-03-07"),
            decided("2025-03-10"),
            accepted("2025-03-20"),
        ),
        but("case.objection_decided", upheld=False),
        plus(competence("2025-03-15")),
        untold("case.objection_decided", "upheld"),
    ),
    Fixture(
        "XF-ACC-006",
        "a_usual",
        told(received(), on="2025-03-07"),
        asked_on("2025-03-06"),
        plus(registered("2025-03-06")),
        both(plus(act("case.withdrawn", "2025-03-05", via="phone", imported=FILE))),
    ),
    Fixture(
        "XF-ACC-006",
        "b_office",
        told(received(), on="2025-03-19"),
        asked_on("2025-03-18"),
        plus(registered("2025-03-06")),
        how(units=False),
    ),
    Fixture(
        "XF-ACC-007",
        "a_receipt",
        told(received("2025-03-11", receipt_evidence=PROOF)),
        but("case.received", day="2025-03-10"),
        but("case.received", receipt_evidence__kind="postmark"),
        untold("case.received", "received_at"),
    ),
    Fixture(
        "XF-ACC-007",
        "b_worked",
        told(received(), opinion("2025-03-04"), registered("2025-03-05")),
        but("case.registered", day="2025-03-04"),
        but("case.registered", day="2025-03-03"),
        before_the_law,
    ),
    Fixture(
        "XF-ACC-008",
        "without_evidence",
        told(*RECEIPTS),
        but("case.received", 3, receipt_evidence=PROOF),
        both(*(but("case.received", nth, receipt_evidence={**PROOF, "kind": "postmark"}) for nth in (1, 2, 3))),
        untold("case.received"),
    ),
    Fixture(
        "XF-ACC-009",
        "entered_late",
        told(received(), registered("2025-03-04", recorded=_entered("2025-03-19"))),
        but("case.registered", recorded=_entered("2025-03-18")),
        but("case.registered", recorded=_entered("2025-03-04")),
        untold("case.registered"),
    ),
    Fixture(
        "XF-ACC-010",
        "same_matter",
        told(received(), refused("2025-03-10", "same_matter_in_process")),
        but("case.acceptance_refused", ground="not_competent"),
        plus(received("2025-02-03", subject=SECOND), registered(repeat_of=SECOND)),
        before_the_law,
    ),
    Fixture(
        "XF-ACC-010",
        "re_reviewed",
        told(received(), refused("2025-03-10", "re_reviewed")),
        but("case.acceptance_refused", ground="not_competent"),
        plus(act("case.review_issued", "2025-03-09", stage="re_review", outcome="upheld")),
        before_the_law,
    ),
    Fixture(
        "XF-ACC-010",
        "other_procedure",
        told(received(), refused("2025-03-10", "other_procedure", procedure="civil suit"), on="2025-03-26"),
        asked_on("2025-03-25"),
        plus(notified("2025-03-25", "refer_elsewhere")),
        both(
            but("case.acceptance_refused", procedure=None, imported=FILE),
            plus(notified("2025-03-20", "refer_elsewhere")),
        ),
    ),
    Fixture(
        "XF-ACC-011",
        "b_delivered",
        told(
            received(),
            act("case.notice_exempted", "2025-03-10", notice="acceptance", ground="address_unclear"),
            notified("2025-04-01", "extension", delivery="post", result="signed"),
        ),
        but("case.petitioner_notified", result="returned"),
        but("case.petitioner_notified", day="2025-03-09"),
        before_the_law,
    ),
)
