"""Whatever is recorded, in whatever order: the clocks answer, and their answers agree with themselves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from tests.support.case_story import Story, at
from tests.support.clock_facts import CLOCK_ACTS, CLOCK_VALUES


def random_story(chance: random.Random) -> Story:
    """Any events in any order, each with a random part of the fields that the clocks read."""
    story = Story(by=chance.choice(["XF", "MZJ", "WHO", None]))
    values: dict[str, Sequence[Any]] = {
        **CLOCK_VALUES,
        "unit": ["MZJ", "LS", "XF", "WHO"],
        "body": ["SJ", "WHO"],
        "hearing": ["t1", "t2"],
        "event_id": ["e1", "e2", "e3"],
        "field": ["/time", "/received_at", "/upheld", "/x/y"],
        "now": [at("2025-02-03")],
    }
    for _ in range(chance.randrange(14)):
        chosen = [name for name in values if chance.random() < 0.7]
        data = {name: chance.choice(values[name]) for name in chosen}
        day = f"2025-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        story.tell(
            chance.choice([*CLOCK_ACTS, "record_corrected"]),
            day,
            chance.choice(["XF", "MZJ", "LS", "SJ", None]),
            **data,
        )
    return story


def test_any_events_in_any_order_give_explanations_that_agree_with_themselves() -> None:
    chance = random.Random(34)
    seen = set()
    for _ in range(3_000):
        story = random_story(chance)
        for clock in story.clocks(chance.choice(["2025-03-10", "2025-12-31", "2027-06-01"])):
            seen.add((clock.rule, clock.status))
            assert clock.to_json()["sentence"]["zh"].startswith(clock.rule)
            assert clock.status != "cannot_tell" or clock.missing
            assert not (clock.informational and clock.is_late)
            assert clock.days_late is None or clock.days_late > 0
            assert clock.days_left is None or clock.days_left >= 0
            assert clock.status != "met" or (clock.act and clock.due and clock.act.day <= clock.due)
    assert {rule for rule, _ in seen} == {f"DL-{number:02}" for number in range(1, 12)}
    assert {status for _, status in seen} == {
        "running", "met", "late", "late_open", "stopped", "not_started", "cannot_tell"
    }  # fmt: skip
