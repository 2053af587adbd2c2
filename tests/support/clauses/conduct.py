"""Clauses on recusal, secrecy, reprisal and measures (XF-COI, XF-CNF, XF-RTL, XF-MSR)."""

from __future__ import annotations

from tests.support.clauses.acts import (
    accepted,
    act,
    closed,
    handed,
    heard,
    measure,
    opinion,
    received,
    review,
    reviewed,
    routed,
)
from tests.support.clauses.story import (
    Act,
    Fixture,
    asked_on,
    before_the_law,
    both,
    but,
    how,
    plus,
    told,
    untold,
    without,
)
from tests.support.given import tag_of
from tests.support.history import DOCUMENT

DECLARED = act("case.interest_declared", "2025-03-12", "S-7", "MZJ", "handler", staff="S-7")
ABOUT_XZ = received(about_units=["XZ"])


def _decided(day: str, recused: bool = True) -> Act:
    return act("case.recusal_decided", day, "S-9", "MZJ", "head", staff="S-7", recused=recused)


def _worked(day: str) -> Act:
    return act("case.investigated", day, "S-7", "MZJ", "handler", method="visit")


ACCUSATION = received(
    restricted=True, about_units=[tag_of("about_units", "XZ")], accusation_of=tag_of("accusation_of", "supervised_official")
)  # fmt: skip
REVIEW = (
    received(),
    routed(),
    accepted(handler="S-51"),
    heard(),
    opinion(),
    review("2025-04-20"),
    reviewed("2025-05-20", members=["S-61", "S-51"]),
)

FIXTURES = (
    Fixture(
        "XF-COI-001",
        "a_recused",
        told(received(), accepted(), DECLARED, _decided("2025-03-14"), _worked("2025-03-14T10:01")),
        but("case.investigated", day="2025-03-14T10:00"),
        but("case.investigated", by_staff="S-8"),
        untold("case.recusal_decided", "recused"),
    ),
    Fixture(
        "XF-COI-001",
        "b_undecided",
        told(received(), accepted(), DECLARED, _worked("2025-03-20")),
        but("case.investigated", day="2025-03-19"),
        plus(_decided("2025-03-19", False)),
        untold("case.investigated", "by_staff"),
    ),
    Fixture(
        "XF-COI-002",
        "a_members",
        told(*REVIEW),
        but("case.review_issued", members=["S-61", "S-52"]),
        but("case.accepted", handler="S-52"),
        untold("case.review_issued", "members"),
    ),
    Fixture(
        "XF-COI-002",
        "b_body",
        told(received(), opinion(), review("2025-04-20", body="MZJ"), reviewed("2025-05-20", body="MZJ")),
        but("case.review_issued", body="GOV"),
        both(but("case.review_requested", body="GOV"), but("case.review_issued", body="GOV", by_unit="GOV")),
        but("case.opinion_issued", by_unit=None),
    ),
    Fixture(
        "XF-CNF-001",
        "offered",
        told(ACCUSATION, handed(unit="XZ")),
        but("case.received", about_units=[tag_of("about_units", "RSJ")]),
        but("case.handoff_offered", unit="JW", to=["JW"]),
        how(key=False),
    ),
    Fixture(
        "XF-CNF-003",
        "not_restricted",
        told(received(restricted=False), routed(route=None, purpose="accusation")),
        but("case.received", restricted=True),
        but("case.routed", purpose="claim"),
        without("case.received"),
    ),
    Fixture(
        "XF-RTL-001",
        "a_by_accused",
        told(ABOUT_XZ, closed("2025-04-10", "mediated"), measure("2026-03-03", "XZ"), on="2026-12-31"),
        but("case.measure_taken", day="2026-03-04"),
        but("case.measure_taken", kind="care_plan"),
        untold("case.received", "about_units"),
    ),
    Fixture(
        "XF-RTL-001",
        "b_groundless",
        told(ABOUT_XZ, measure(legal_basis=None)),
        but("case.measure_taken", legal_basis="art.47"),
        but("case.received", about_units=None),
        untold("case.measure_taken"),
    ),
    Fixture(
        "XF-MSR-001",
        "a_ground",
        told(ABOUT_XZ, measure(legal_basis=None)),
        but("case.measure_taken", legal_basis="art.47"),
        but("case.measure_taken", kind="care_plan"),
        untold("case.measure_taken"),
    ),
    Fixture(
        "XF-MSR-001",
        "b_approval",
        told(ABOUT_XZ, measure(kind="admonition", approved_by=None)),
        but("case.measure_taken", approved_by="S-9"),
        but("case.measure_taken", kind="education"),
        untold("case.measure_taken"),
    ),
    Fixture(
        "XF-MSR-001",
        "c_until",
        told(ABOUT_XZ, measure(until_on="2025-04-30"), on="2025-05-01"),
        asked_on("2025-04-30"),
        plus(act("case.measure_released", "2025-04-30", measure="ref:m1")),
        before_the_law,
    ),
    Fixture(
        "XF-MSR-001",
        "d_statement",
        told(ABOUT_XZ, measure(statement=None)),
        but("case.measure_taken", statement=DOCUMENT),
        but("case.measure_taken", statement_refused=True),
        untold("case.measure_taken"),
    ),
)
