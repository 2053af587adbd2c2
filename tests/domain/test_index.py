"""Index rows are re-derivable from every event alone."""

from __future__ import annotations

import pytest

from domain.index import ActionRow, GrantRow, IndexRow, LinkRow, RefRow, SeriesRow, index_rows, series_of
from domain.language import ACTIONS
from tests.support.given import World, ready_for, step

CASE, OTHER, GRANT = "XF500229-2025-000001", "XF500229-2025-000002", "JZ500229-2025-0001"


def derived(world: World) -> list[IndexRow]:
    """The rows of all events, each once."""
    return list(dict.fromkeys(row for event in world.events for row in index_rows(event)))


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_what_was_written_beside_the_events_is_what_the_events_say(name: str) -> None:
    world = ready_for(name)
    assert world.when(name).answer.accepted
    assert list(dict.fromkeys(world.memory.rows)) == derived(world)


def test_each_action_is_found_at_its_first_event() -> None:
    world = ready_for("pay_grant")
    world.when("pay_grant").then_recorded("grant.paid", "fund.paid")
    events = world.events
    for row in world.memory.actions.values():
        assert isinstance(row, ActionRow)
        own = [event for event in events if event["actionid"] == row.action_id]
        assert events[row.position - 1 : row.position - 1 + len(own)] == own
        assert row.events_count == len(own)
        assert len({event["actiondigest"] for event in own}) == 1


def test_the_rows_of_a_year_of_names() -> None:
    world = ready_for("apply_for_grant").given(
        step("hand_over", to=["MZJ", "RSJ"]), step("merge_case", case="ref:A2", into="ref:A1")
    )
    rows = derived(world)
    assert rows.count(RefRow("handoff", "ref:A1-h1", CASE)) == 1
    assert RefRow("fund", "ref:F2025", "fund:ref:F2025") in rows
    assert SeriesRow("XF500229-2025", 2) in rows
    assert GrantRow(GRANT, CASE, "b-91", "hmac:" + "ef" * 32) in rows
    assert LinkRow(CASE, OTHER) in rows
    assert LinkRow(OTHER, CASE) in rows


def test_a_number_is_a_series_and_a_place_in_it() -> None:
    assert series_of(CASE) == SeriesRow("XF500229-2025", 1)
    assert series_of("JZ500229-2025-12345") == SeriesRow("JZ500229-2025", 12_345)
