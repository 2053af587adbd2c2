"""Clauses on the handling period: its end, extensions, corrections, closings and reviews (XF-DDL)."""

from __future__ import annotations

from tests.support.clauses.acts import (
    SECOND,
    accepted,
    act,
    case,
    closed,
    delivered,
    extended,
    handed,
    heard,
    notified,
    opinion,
    received,
    refused,
    registered,
    review,
    reviewed,
    routed,
    staff,
    took,
)
from tests.support.clauses.story import (
    FILE,
    Act,
    Fixture,
    IdOf,
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

RUN = (received(), routed(), accepted())
"""Accepted on March 10: due on May 9, with 30 days more on June 9."""


def _bunched(*ends: tuple[str, str, str]) -> Story:
    """Ten opinions in each of some months: three on its end, one on a day near it, six on another."""
    acts: list[Act] = []
    for end, near, early in ends:
        for day in (end, end, end, near, *[early] * 6):
            acts.append(opinion(day, subject=case(len(acts) + 1)))
    return told(*acts)


MARCH, APRIL = ("2025-03-31", "2025-03-31", "2025-03-10"), ("2025-04-30", "2025-04-29", "2025-04-10")


def _corrected(day: str, by: str = "S-001", approved_by: str = "S-009", **data: object) -> Act:
    return act("case.record_corrected", day, by, "XF", "clerk", reason="typing error", approved_by=approved_by, **data)


FIXTURES = (
    Fixture(
        "XF-DDL-001",
        "overdue",
        told(*RUN, on="2025-05-10"),
        asked_on("2025-05-09"),
        plus(extended("2025-05-09")),
        without("case.routed"),
    ),
    Fixture(
        "XF-DDL-001",
        "never_accepted",
        told(received(), routed(), handed(), took(), on="2025-05-21"),
        asked_on("2025-05-20"),
        plus(refused("2025-05-20")),
        how(units=False),
    ),
    Fixture(
        "XF-DDL-002",
        "a_too_long",
        told(staff("S-9"), *RUN, extended(days=31)),
        but("case.extension_approved", days=30),
        both(
            but("case.extension_approved", days=30),
            plus(reviewed("2025-06-02", outcome="redo"), extended("2025-07-01")),
        ),
        untold("case.extension_approved", "days"),
    ),
    Fixture(
        "XF-DDL-002",
        "b_approver",
        told(staff("S-9", role="handler"), *RUN, extended()),
        but("register.staff_declared", roles=["head"]),
        without("register.staff_declared"),
        both(without("register.staff_declared"), untold("case.extension_approved", "approver_role")),
    ),
    Fixture(
        "XF-DDL-002",
        "c_too_late",
        told(staff("S-9"), *RUN, extended("2025-05-10")),
        but("case.extension_approved", day="2025-05-09"),
        both(but("case.accepted", day="2025-03-05"), but("case.extension_approved", day="2025-05-06")),
        plus(extended("2025-05-08", days=None, imported=FILE)),
    ),
    Fixture(
        "XF-DDL-002",
        "d_second",
        told(staff("S-9"), *RUN, extended(days=15), extended("2025-05-20", 15)),
        without("case.extension_approved", 2),
        plus(reviewed("2025-05-15", outcome="redo")),
        before_the_law,
    ),
    Fixture(
        "XF-DDL-003",
        "not_inquired",
        told(*RUN, extended()),
        plus(heard("2025-05-06")),
        plus(act("case.investigated", "2025-03-10", method="visit")),
        before_the_law,
    ),
    Fixture(
        "XF-DDL-004",
        "a_late",
        told(*RUN, extended(), on="2025-05-10"),
        asked_on("2025-05-09"),
        plus(notified("2025-05-09", "extension")),
        untold("case.received", "anonymous"),
    ),
    Fixture(
        "XF-DDL-004",
        "b_never",
        told(*RUN, extended(), on="2025-06-10"),
        asked_on("2025-06-09"),
        plus(notified("2025-05-09", "extension")),
        untold("case.received", "anonymous"),
    ),
    Fixture(
        "XF-DDL-005",
        "a_made_timely",
        told(
            received(),
            registered("2025-03-07"),
            _corrected(
                "2025-03-20",
                event_id=IdOf("case.registered"),
                field="/time",
                was="2025-03-07T10:00:00+08:00",
                now="2025-03-06T10:00:00+08:00",
            ),
        ),
        but("case.record_corrected", now="2025-03-07T10:00:00+08:00"),
        both(but("case.registered", day="2025-03-06"), but("case.record_corrected", now="2025-03-05T10:00:00+08:00")),
    ),
    Fixture(
        "XF-DDL-005",
        "b_own_approval",
        told(
            received(),
            registered("2025-03-03"),
            _corrected("2025-06-02", "S-1", "S-1", event_id=IdOf("case.registered"), field="/reason", now="x"),
        ),
        but("case.record_corrected", approved_by="S-2"),
        but("case.record_corrected", by_staff="S-2"),
        untold("case.record_corrected", "approved_by"),
    ),
    Fixture(
        "XF-DDL-007",
        "bunched",
        _bunched(MARCH, APRIL),
        but("case.opinion_issued", 14, day="2025-04-28"),
        lambda story: _bunched(MARCH, ("2025-07-31", "2025-07-31", "2025-07-10")),
        lambda story: _bunched(("2022-03-31", "2022-03-31", "2022-03-10"), ("2022-04-29", "2022-04-29", "2022-04-10")),
    ),
    Fixture(
        "XF-DDL-008",
        "reopened",
        told(
            *RUN, closed("2025-05-06", "withdrawn"), act("case.reopened", "2025-06-05", reason="x", approved_by="S-9")
        ),
        but("case.reopened", day="2025-06-06"),
        both(
            but("case.closed", ground="opinion_delivered"),
            plus(opinion(result="explained"), delivered("2025-04-05")),
        ),
        before_the_law,
    ),
    Fixture(
        "XF-DDL-008",
        "came_again",
        told(
            *RUN,
            closed("2025-05-06", "withdrawn"),
            received("2025-06-05", subject=SECOND),
            registered("2025-06-05", SECOND, repeat_of=case(1)),
        ),
        but("case.received", 2, day="2025-06-06"),
        both(
            but("case.closed", ground="opinion_delivered"),
            plus(opinion(result="explained"), delivered("2025-04-05")),
        ),
        before_the_law,
    ),
    Fixture(
        "XF-DDL-009",
        "review",
        told(received(), review("2025-06-03"), on="2025-07-04"),
        asked_on("2025-07-03"),
        plus(reviewed("2025-07-03")),
        how(units=False),
    ),
    Fixture(
        "XF-DDL-009",
        "re_review",
        told(received(), review("2025-06-03", "re_review", "SJ"), on="2025-07-04"),
        asked_on("2025-07-03"),
        plus(reviewed("2025-07-03", "re_review", "SJ")),
        untold("case.review_requested", "body"),
    ),
)
