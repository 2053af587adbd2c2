"""Snapshots are a cache: a state restored from one is the state replayed from the bytes."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from domain.base import Aggregate
from domain.case.case import Case
from domain.desk import load, replay
from domain.language import ACTIONS
from domain.register import state_class
from domain.snapshot import SNAPSHOT_EVERY_EVENTS, is_due, restore, shape_of, take
from tests.support.given import World, ready_for, step


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_a_state_survives_its_snapshot_after_every_verb(name: str) -> None:
    world = ready_for(name)
    assert world.when(name).answer.accepted
    for subject in {event["subject"] for event in world.events}:
        state = load(world.memory, subject)
        assert state.version == len(world.memory.events_of(subject))
        again = restore(state_class(subject), take(state))
        assert msgspec.to_builtins(again) == msgspec.to_builtins(state)


def test_a_state_replayed_from_a_snapshot_in_the_middle_is_the_same() -> None:
    world = ready_for("receive_recovery").given(step("return_payment"), step("receive_recovery"))
    for subject in {event["subject"] for event in world.events}:
        events = world.memory.events_of(subject)
        for middle in range(len(events) + 1):
            state: Aggregate = state_class(subject)(subject)
            for place, event in enumerate(events):
                if place == middle:
                    state = restore(state_class(subject), take(state))
                replay(state, event)
            assert msgspec.to_builtins(state) == msgspec.to_builtins(load(world.memory, subject))


def test_a_new_state_shares_nothing_with_another_one() -> None:
    one, other = Case("a"), Case("b")
    one.accepted_by.append("MZJ")
    one.handoffs["ref:h"] = {}
    assert (other.accepted_by, other.handoffs) == ([], {})


@pytest.mark.parametrize(
    ("before", "after", "due"), [(98, 99, False), (99, 100, True), (100, 101, False), (90, 310, True)]
)
def test_a_snapshot_is_due_at_every_hundredth_event(before: int, after: int, due: bool) -> None:
    assert SNAPSHOT_EVERY_EVENTS == 100
    assert is_due(before, after) is due


def test_all_snapshots_of_a_long_subject_together_stay_in_proportion_to_its_events() -> None:
    marks = [version for version in range(1, 100_001) if is_due(version - 1, version)]
    assert sum(marks) < 7 * 100_000
    assert all(later - earlier <= max(SNAPSHOT_EVERY_EVENTS, later / 4) for earlier, later in pairwise([0, *marks]))


def test_every_kind_of_state_has_a_shape_of_its_own() -> None:
    subjects = ("XF500229-2025-000001", "JZ500229-2025-0001", "fund:ref:F", "unit:XF")
    assert len({shape_of(state_class(subject)) for subject in subjects}) == 4


def test_an_event_type_of_another_release_changes_only_the_version() -> None:
    world = World().given(step("receive_petition"))
    (event,) = world.memory.events_of("XF500229-2025-000001")
    stranger = dict(event.attributes) | {"type": "petition.case.weighed.v3", "sequence": "2", "data": {"kilograms": 2}}
    state = Case("XF500229-2025-000001")
    replay(state, event)
    before = msgspec.to_builtins(state)
    replay(state, type(event)(stranger))
    assert msgspec.to_builtins(state) == before | {"version": 2}
