"""Clauses on handoffs between units (XF-HND)."""

from __future__ import annotations

from tests.support.clauses.acts import (
    accepted,
    act,
    competence,
    decided,
    fed_back,
    handed,
    objected,
    received,
    returned,
    took,
    unit,
)
from tests.support.clauses.story import (
    Act,
    Fixture,
    Story,
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

TAKEN = (received(), handed(), took())
ASSIGNED = (
    received(),
    handed(mode="assign", feedback_required=True, due_on="2025-05-30"),
    took(),
    accepted("2025-03-07"),
)


def _chain(*units: str) -> Story:
    """The case goes from unit to unit, a day apart."""
    acts: list[Act] = [received()]
    for number, code in enumerate(units, start=1):
        day = f"2025-03-{4 + number:02d}"
        acts += [handed(day, code, f"ref:h{number}"), took(f"{day}T15:00", code, f"ref:h{number}")]
    return told(*acts)


def _two(one: str, other: str) -> Story:
    """Handed to one unit and, while it holds the case, to another."""
    return told(
        received(), handed(unit=one), took(unit=one), handed("2025-03-07", other, "ref:h2"),
        took("2025-03-20", other, "ref:h2"),
    )  # fmt: skip


def _three(*units: str, due_on: str | None = "2025-04-18", on: str = "2025-12-31") -> Story:
    """A three-way assignment; each unit receives it and reports."""
    how = {"mode": "tri_party", "feedback_required": True, "to": list(units), "due_on": due_on}
    acts = [unit("GA", "police", "GOV"), received()]
    acts += [handed("2025-03-05", code, "ref:t", **how) for code in units]
    for code in units:
        acts += [took("2025-03-06", code, "ref:t"), fed_back("2025-04-18", code, "ref:t")]
    return told(*acts, on=on)


FIXTURES = (
    Fixture(
        "XF-HND-001",
        "not_received",
        told(received(), handed(), on="2025-03-13"),
        asked_on("2025-03-12"),
        plus(took("2025-03-12")),
        before_the_law,
    ),
    Fixture(
        "XF-HND-002",
        "a_late",
        told(*TAKEN, objected("2025-03-14")),
        but("case.handoff_objected", day="2025-03-13"),
        but("case.handoff_received", day="2025-03-07"),
        without("case.handoff_received"),
    ),
    Fixture(
        "XF-HND-002",
        "b_materials",
        told(*TAKEN, objected("2025-03-10"), decided("2025-03-17", materials_returned=False), on="2025-04-01"),
        asked_on("2025-03-31"),
        plus(act("case.materials_returned", "2025-03-31", handoff="ref:h1", unit="MZJ")),
        untold("case.objection_decided", "upheld"),
    ),
    Fixture(
        "XF-HND-002",
        "c_no_reasons",
        told(*TAKEN, objected("2025-03-10", reasons=None)),
        but("case.handoff_objected", reasons="sha256:" + "cd" * 32),
        both(but("case.handoff_objected", reasons="sha256:" + "cd" * 32, day="2025-03-13")),
        untold("case.handoff_objected"),
    ),
    Fixture(
        "XF-HND-003",
        "a_returning",
        _chain("MZJ", "JSW", "MZJ"),
        without("case.handoff_received", 3),
        lambda story: _chain("GOV", "XZ", "XZ1"),
        before_the_law,
    ),
    Fixture(
        "XF-HND-003",
        "b_many_holders",
        _chain("MZJ", "JSW", "RSJ"),
        without("case.handoff_received", 3),
        lambda story: _chain("GOV", "XZ", "XZ1"),
        how(units=False),
    ),
    Fixture(
        "XF-HND-003",
        "c_undecided",
        told(*TAKEN, objected("2025-03-07"), decided("2025-03-10"), handed("2025-03-25", ref="ref:again")),
        but("case.objection_decided", upheld=False),
        plus(competence("2025-03-20")),
        untold("case.objection_decided", "upheld"),
    ),
    Fixture(
        "XF-HND-004",
        "a_nobody",
        told(*TAKEN, objected("2025-03-10"), decided("2025-03-12"), on="2025-03-20"),
        asked_on("2025-03-19"),
        plus(handed("2025-03-19", "JSW", "ref:h2")),
        untold("case.objection_decided", "upheld"),
    ),
    Fixture(
        "XF-HND-004",
        "b_two_at_once",
        _two("MZJ", "JSW"),
        plus(fed_back("2025-03-19")),
        lambda story: _two("XZ", "XZ1"),
        how(units=False),
    ),
    Fixture(
        "XF-HND-005",
        "a_no_day",
        but("case.handoff_offered", 2, due_on=None)(_three("ZFW", "GA", "XF")),
        but("case.handoff_offered", 2, due_on="2025-04-18"),
        plus(act("case.handoff_due_changed", "2025-03-07", handoff="ref:t", unit="GA", due_on="2025-04-30")),
        untold("case.handoff_offered", nth=2),
    ),
    Fixture(
        "XF-HND-005",
        "b_silent_unit",
        but("case.handoff_fed_back", 2, day="2025-04-19")(_three("ZFW", "GA", "XF")),
        but("case.handoff_fed_back", 2, day="2025-04-18"),
        plus(act("case.handoff_due_changed", "2025-04-10", handoff="ref:t", unit="GA", due_on="2025-04-21")),
        before_the_law,
    ),
    Fixture(
        "XF-HND-005",
        "c_kinds",
        _three("ZFW", "MZJ", "XF"),
        plus(unit("MZJ", "police", "GOV")),
        lambda story: _three("ZFW", "GA", "XF"),
        how(units=False),
    ),
    Fixture(
        "XF-HND-006",
        "no_feedback",
        told(*ASSIGNED, on="2025-05-31"),
        asked_on("2025-05-30"),
        plus(fed_back("2025-05-30")),
        untold("case.handoff_offered", "due_on"),
    ),
    Fixture(
        "XF-HND-007",
        "never_received",
        told(*TAKEN, accepted(unit="JSW")),
        but("case.accepted", by_unit="MZJ"),
        plus(handed("2025-03-07", "JSW", "ref:h2"), took("2025-03-08", "JSW", "ref:h2")),
        but("case.accepted", by_unit=None),
    ),
    Fixture(
        "XF-HND-008",
        "a_second",
        told(
            *ASSIGNED,
            fed_back("2025-04-10"),
            returned("2025-04-11"),
            fed_back("2025-04-20"),
            returned("2025-04-21"),
            fed_back("2025-04-30"),
        ),
        without("case.returned_for_rework", 2),
        both(but("case.returned_for_rework", 2, unit="JSW")),
        before_the_law,
    ),
    Fixture(
        "XF-HND-008",
        "b_reset",
        told(*ASSIGNED, fed_back("2025-04-10"), returned("2025-04-11"), accepted("2025-04-12"), fed_back("2025-04-20")),
        but("case.accepted", 2, by_unit="JSW"),
        but("case.accepted", 2, day="2025-04-09"),
        but("case.accepted", 2, by_unit=None),
    ),
    Fixture(
        "XF-HND-008",
        "c_past_due",
        told(*ASSIGNED, fed_back("2025-05-20"), returned("2025-05-20"), on="2025-05-31"),
        asked_on("2025-05-30"),
        plus(fed_back("2025-05-30")),
        untold("case.handoff_offered", "due_on"),
    ),
    Fixture(
        "XF-HND-009",
        "undecided",
        told(*TAKEN, objected("2025-03-07"), on="2025-03-22"),
        asked_on("2025-03-21"),
        plus(decided("2025-03-21")),
        before_the_law,
    ),
)
