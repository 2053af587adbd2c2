"""Clauses on supervision, advice, urgent reports and ratings (XF-SUP, XF-ADV, XF-URG, XF-EVL)."""

from __future__ import annotations

from tests.support.clauses.acts import accepted, act, case, delivered, heard, notified, received, routed
from tests.support.clauses.story import Act, Fixture, asked_on, before_the_law, both, but, how, plus, told, untold
from tests.support.history import CASE, DOCUMENT

RUN = (received(), routed(), accepted())
REF = {"supervision": "ref:s1"}


def _opened(day: str = "2025-05-12") -> Act:
    return act("case.supervision_opened", day, **REF, ground="DELAY", method="letter", to="MZJ")


def _answered(day: str = "2025-05-20", ref: str = "ref:s1") -> Act:
    return act("case.supervision_answered", day, "S-100", "MZJ", "handler", supervision=ref, report=DOCUMENT)


def _closed(day: str, outcome: str) -> Act:
    return act("case.supervision_closed", day, **REF, outcome=outcome)


def _looked(day: str) -> Act:
    return act("case.investigated", day, "S-100", "MZJ", "handler", method="visit", record=DOCUMENT)


def _reported(day: str, *to: str, by: str = "XF") -> Act:
    return act("case.reported_urgent", day, "S-1", by, "clerk", to=list(to), learnt_at="2025-03-03T10:00:00+08:00")


def _rated(day: str, side: str = "unit", subject: str = CASE, via: str = "sms") -> Act:
    return act("case.rated", day, subject=subject, side=side, grade="satisfied", entered_via=via)


RATINGS = tuple(
    one
    for number in range(1, 11)
    for one in (
        received(subject=case(number)),
        _rated("2025-05-10", "office", case(number), "office_terminal" if number <= 6 else "sms"),
    )
)

FIXTURES = (
    Fixture(
        "XF-SUP-001",
        "not_supervised",
        told(*RUN, on="2025-05-24"),
        asked_on("2025-05-23"),
        plus(_opened("2025-05-20")),
        but("case.accepted", by_unit=None),
    ),
    Fixture(
        "XF-SUP-002",
        "a_no_answer",
        told(*RUN, _opened(), _answered(ref="ref:s2"), _closed("2025-05-21", "not_done")),
        but("case.supervision_answered", supervision="ref:s1"),
        plus(_answered("2025-05-21")),
        before_the_law,
    ),
    Fixture(
        "XF-SUP-002",
        "b_no_act",
        told(*RUN, _opened(), _answered(), _closed("2025-05-21", "done"), _looked("2025-05-22")),
        but("case.investigated", day="2025-05-21"),
        plus(heard("2025-05-15")),
        plus(act("case.facts_heard", "2025-05-15", record=DOCUMENT).but({"by_unit": None})),
    ),
    Fixture(
        "XF-ADV-001",
        "no_answer",
        told(
            received(),
            act("case.advice_issued", "2025-03-03", advice="ref:p1", kind="improve_work", to="MZJ", document=DOCUMENT),
            act("case.advice_answered", "2025-04-10", "S-100", "MZJ", advice="ref:p1"),
            on="2025-05-07",
        ),
        asked_on("2025-05-06"),
        but("case.advice_answered", document=DOCUMENT),
        untold("case.advice_answered", "document"),
    ),
    Fixture(
        "XF-URG-001",
        "a_late",
        told(received(urgent=True), on="2025-03-04"),
        asked_on("2025-03-03"),
        plus(_reported("2025-03-04T09:59", "GOV", "SJ")),
        untold("case.received", "urgent"),
    ),
    Fixture(
        "XF-URG-001",
        "b_addressees",
        told(received(urgent=True), _reported("2025-03-03T12:00", "SJ")),
        but("case.reported_urgent", to=["SJ", "GOV"]),
        but("case.reported_urgent", by_unit="MZJ", to=["GOV"]),
        how(units=False),
    ),
    Fixture(
        "XF-EVL-001",
        "terminal",
        told(*RATINGS),
        but("case.rated", 6, entered_via="sms"),
        both(*(but("case.rated", nth, day="2025-07-10") for nth in range(1, 7))),
        untold("case.rated", "entered_via"),
    ),
    Fixture(
        "XF-EVL-002",
        "unit",
        told(received(), accepted(), delivered("2025-04-10"), _rated("2025-04-10T09:59")),
        but("case.rated", day="2025-04-10T10:00"),
        plus(act("case.mediation_agreed", "2025-04-09", agreement=DOCUMENT, both_consent=True)),
        untold("case.rated", "side"),
    ),
    Fixture(
        "XF-EVL-002",
        "office",
        told(received(), accepted(), _rated("2025-04-10", "office"), notified("2025-04-11")),
        but("case.petitioner_notified", day="2025-04-10"),
        plus(notified("2025-03-15", "receipt", "XF")),
        but("case.received", by_unit=None),
    ),
)
