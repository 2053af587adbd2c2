"""Whatever is recorded, in whatever order: the clocks answer, and their answers agree with themselves."""

from __future__ import annotations

import random
from typing import Any

from tests.support.case_story import Story, at


def random_story(chance: random.Random) -> Story:
    """Any events in any order, each with a random part of the fields that the clocks read."""
    story = Story(by=chance.choice(["XF", "MZJ", "WHO", None]))
    values: dict[str, list[Any]] = {
        "handoff": ["h1", "h2"],
        "unit": ["MZJ", "LS", "XF", "WHO"],
        "mode": ["transfer", "assign"],
        "due_on": ["2025-04-05", "9999-12-31"],
        "feedback_required": [True, False],
        "upheld": [True, False],
        "joint": [True, False],
        "purpose": ["claim", "suggestion"],
        "route": [1, 6],
        "procedure": ["p"],
        "procedure_ref": ["p1"],
        "kind": ["no_longer_accepted", "direct_answer", "guided"],
        "ground": ["merged", "petitioner_died", "unclear", "not_competent", "answered_directly"],
        "document": ["sha256:0"],
        "notice": ["receipt", "extension"],
        "sent_at": [at("2025-03-20"), "0001-01-01T00:00:00+14:00"],
        "delivered_at": [at("2025-03-21"), "9999-12-31T23:00:00-10:00"],
        "received_at": [at("2025-04-01")],
        "stage": ["review", "re_review"],
        "body": ["SJ", "WHO"],
        "outcome": ["redo", "upheld"],
        "days": [1, 31, 10**9],
        "hearing": ["t1", "t2"],
        "anonymous": [True, False],
        "event_id": ["e1", "e2", "e3"],
        "field": ["/time", "/received_at", "/upheld", "/x/y"],
        "now": [at("2025-02-03")],
    }
    for _ in range(chance.randrange(14)):
        chosen = [name for name in values if chance.random() < 0.7]
        data = {name: chance.choice(values[name]) for name in chosen}
        day = f"2025-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        story.tell(chance.choice(KINDS_OF_EVENTS), day, chance.choice(["XF", "MZJ", "LS", "SJ", None]), **data)
    return story


KINDS_OF_EVENTS = [
    "registered",
    "routed",
    "disposed",
    "merged",
    "withdrawn",
    "accepted",
    "acceptance_refused",
    "petitioner_notified",
    "notice_exempted",
    "reported_urgent",
    "competence_decided",
    "handoff_offered",
    "handoff_received",
    "handoff_withdrawn",
    "handoff_due_changed",
    "handoff_objected",
    "objection_decided",
    "materials_returned",
    "handoff_fed_back",
    "hearing_opened",
    "hearing_closed",
    "extension_approved",
    "mediation_agreed",
    "opinion_issued",
    "opinion_delivered",
    "review_requested",
    "review_refused",
    "review_issued",
    "review_delivered",
    "closed",
    "reopened",
    "record_corrected",
    "received",
]


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
