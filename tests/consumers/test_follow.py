"""Pulling events from a source: batches, decoding, and where a view stops."""

from __future__ import annotations

import pytest

from consumers.follow import SourceEvent, StoppedAtEvent, batches, decoded, field_of, follow, stored_names
from domain.errors import PoisonEvent, Tampered
from tests.support.memory_ledger import random_ledger


@pytest.mark.parametrize("size", [1, 7, 99, 100, 101])
def test_batches_hold_every_event_once_and_in_order(size: int) -> None:
    ledger = random_ledger(1, 100)
    found = list(batches(ledger.read(), size))
    assert [item.position for batch in found for item in batch] == list(range(1, 101))
    assert all(len(batch) == size for batch in found[:-1])
    assert 0 < len(found[-1]) <= size


def test_a_decoded_event_carries_its_position_in_the_ledger() -> None:
    ledger = random_ledger(1, 3)
    assert [decoded(item)["position"] for item in ledger.read()] == [1, 2, 3]


def test_bytes_that_are_no_event_are_refused_when_decoded() -> None:
    with pytest.raises(Tampered):
        decoded(SourceEvent(1, "s", 1, "t", b"{broken"))


def test_a_type_is_read_under_the_names_of_its_earlier_versions_too() -> None:
    names = stored_names(["petition.case.received.v1", "petition.case.closed.v1"])
    assert names == {"petition.case.received.v1", "petition.case.received.v0", "petition.case.closed.v1"}


def test_a_stop_names_projection_position_subject_type_and_field() -> None:
    item = SourceEvent(17, "XF500229-2025-000001", 2, "petition.case.closed.v1", b"{}")
    error = StoppedAtEvent("case_view", item, field_of(KeyError("ground")), "not there")
    assert isinstance(error, PoisonEvent)
    assert (error.projection, error.position, error.subject, error.type, error.field) == (
        "case_view",
        17,
        "XF500229-2025-000001",
        "petition.case.closed.v1",
        "data.ground",
    )
    for word in ("case_view", "17", "XF500229-2025-000001", "petition.case.closed.v1", "data.ground"):
        assert word in error.message


def test_following_pulls_once_and_again_after_every_wait() -> None:
    steps: list[str] = []
    answers = iter([True, True, False])
    follow(lambda: steps.append("pull"), lambda: next(answers))
    assert steps == ["pull"] * 3
