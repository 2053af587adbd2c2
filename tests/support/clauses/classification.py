"""Clauses on classification: purpose, route and accusations (XF-CLS)."""

from __future__ import annotations

from tests.support.clauses.acts import (
    accepted,
    act,
    case,
    handed,
    notified,
    opinion,
    received,
    registered,
    routed,
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
from tests.support.given import tag_of

ACCUSED = tag_of("accusation_of", "supervised_official")
OTHERWISE = tag_of("accusation_of", "other_illegality")


def _shares(first_year: int, light: tuple[int, int]) -> Story:
    """Thirty cases in each of two years, so many of each classed as a suggestion."""
    acts: list[Act] = []
    for year, suggestions in zip((first_year, first_year + 1), light, strict=True):
        for number in range(1, 31):
            purpose = "suggestion" if number <= suggestions else "claim"
            acts.append(received(f"{year}-03-04", subject=case(number, year)))
            acts.append(
                act("case.routed", f"{year}-03-05", "S-001", "XF", subject=case(number, year), purpose=purpose, route=6)
            )
    return told(*acts)


FIXTURES = (
    Fixture(
        "XF-CLS-001", "a_handed",
        told(received(accusation_of=ACCUSED, restricted=True), handed(), on="2025-03-08"),
        asked_on("2025-03-07"),
        but("case.handoff_offered", unit="JW", to=["JW"]),
        how(units=False),
    ),
    Fixture(
        "XF-CLS-001", "b_opinion",
        told(received(accusation_of=ACCUSED, restricted=True), routed(route=None, purpose="accusation"), opinion()),
        but("case.received", accusation_of=OTHERWISE),
        both(but("case.received", accusation_of=None, restricted=None), but("case.routed", purpose="claim")),
        how(key=False),
    ),
    Fixture(
        "XF-CLS-002", "left_the_clock",
        told(received(), routed(), accepted(), routed("2025-04-29", 4, procedure="review")),
        but("case.routed", 2, day="2025-04-28"),
        but("case.routed", 2, procedure_ref="2025-17"),
        untold("case.routed", nth=2),
    ),
    Fixture(
        "XF-CLS-003", "a_unnamed",
        told(received(), routed(route=1), notified("2025-03-05", "procedure", "XF")),
        but("case.routed", procedure="civil suit"),
        plus(routed("2025-03-10", 1, procedure="civil suit")),
        untold("case.routed"),
    ),
    Fixture(
        "XF-CLS-003", "b_untold",
        told(received(), routed(route=1, procedure="civil suit"), on="2025-03-20"),
        asked_on("2025-03-19"),
        plus(act("case.disposed", "2025-03-19", kind="guided")),
        untold("case.received", "anonymous"),
    ),
    Fixture(
        "XF-CLS-004", "nothing_done",
        told(received(), routed(route=5), on="2025-05-07"),
        asked_on("2025-05-06"),
        plus(act("case.disposed", "2025-05-06", kind="direct_answer")),
        before_the_law,
    ),
    Fixture(
        "XF-CLS-005", "a_complained",
        told(received(about_units=["MZJ"]), routed(route=None), handed()),
        but("case.received", about_units=["JSW"]),
        but("case.handoff_offered", unit="JSW", to=["JSW"]),
        without("case.routed"),
    ),
    Fixture(
        "XF-CLS-005", "b_share",
        _shares(2024, (1, 2)),
        but("case.routed", 32, purpose="claim"),
        lambda story: _shares(2024, (2, 2)),
        lambda story: _shares(2020, (1, 2)),
    ),
    Fixture(
        "XF-CLS-006", "unclassified",
        told(received(), registered("2025-03-03"), on="2025-03-19"),
        asked_on("2025-03-18"),
        plus(routed("2025-03-18")),
        before_the_law,
    ),
)  # fmt: skip
