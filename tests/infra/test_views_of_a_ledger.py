"""Views over the real store: what was recorded through actions is what the rows show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consumers.project import catch_up, fold_as_of, rebuild
from domain.asof import AsOf
from domain.ledger import Ledger
from infra.postgres_address import VIEWS_SCHEMA, PostgresAddress
from infra.settings import Settings
from infra.wiring import open_source, open_views
from projections import ALL_PROJECTIONS
from tests.support.postgres_fixture import BOTH
from tests.support.stores import founded


@pytest.fixture(params=BOTH)
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Either store."""
    return founded(tmp_path, request)


def throw_away(settings: Settings) -> None:
    """Lose all views."""
    for file in settings.views_file.parent.glob(settings.views_file.name + "*"):
        file.unlink()
    if settings.views is not None:
        with PostgresAddress(settings.views).connect(VIEWS_SCHEMA, 1) as connection:
            connection.execute("DROP SCHEMA views CASCADE")


DOCUMENT = "sha256:" + "ab" * 32


def act(ledger: Ledger, verb: str, day: str, by: str, **fields: Any) -> None:
    staff, unit, role = by.split("/")
    ledger.act(
        {
            "action": verb,
            "action_id": f"{verb}-{day}-{staff}-{len(fields)}",
            "at": f"{day}T10:00:00+08:00",
            "by": {"staff": staff, "unit": unit, "role": role},
            **fields,
        }
    )


def record_a_case(ledger: Ledger) -> None:
    registrar, handler = "S-001/XF/registrar", "S-100/MZJ/handler"
    received = {"received_at": "2025-03-03T09:00:00+08:00", "people_count": 2, "anonymous": False, "urgent": False}
    act(ledger, "receive_petition", "2025-03-03", registrar, case="ref:A17", channel="letter", region="500229",
        content=DOCUMENT, **received)  # fmt: skip
    act(ledger, "register_petition", "2025-03-04", registrar, case="ref:A17", content_class="land")
    act(ledger, "route", "2025-03-04", registrar, case="ref:A17", purpose="claim", route=6)
    act(ledger, "hand_over", "2025-03-05", registrar, case="ref:A17", handoff="ref:A17-h1", mode="assign", to=["MZJ"],
        due_on="2025-04-18", feedback_required=True, materials=[DOCUMENT], legal_ground="art.22(3)")  # fmt: skip
    act(ledger, "receive_handoff", "2025-03-06", handler, case="ref:A17", handoff="ref:A17-h1", materials_complete=True)
    act(ledger, "accept_case", "2025-03-07", handler, case="ref:A17")
    act(
        ledger, "feed_back", "2025-04-20", handler, case="ref:A17", handoff="ref:A17-h1", report=DOCUMENT, result="done"
    )


def test_recorded_actions_show_in_the_rows_live_rebuilt_and_as_of_now(ledger: Ledger, settings: Settings) -> None:
    record_a_case(ledger)
    with open_source(settings) as source, open_views(settings) as store:
        catch_up(source, store, ALL_PROJECTIONS)
        (case,) = store.rows("case_view")
        (offer,) = store.rows("handoff_log")
        assert case["case"] == "XF500229-2025-000001"
        assert (case["ref"], case["state"], case["accepted_by"], case["route"]) == ("ref:A17", "accepted", "MZJ", 6)
        assert (offer["unit"], offer["due_on"], offer["feedback_days_late"]) == ("MZJ", "2025-04-18", 2)
        assert len(list(store.rows("timeline", {"case": case["case"]}))) == 7
        late = list(store.rows("integrity_log", {"fact": "late_entry"}))
        assert len(late) == 7
        assert all(line["entry_lag_days"] > 3 and line["recorderid"] == "tester" for line in late)
        for projection in ALL_PROJECTIONS:
            rows = list(fold_as_of(source, projection, AsOf()))
            assert rows == list(store.rows(projection.name))
        assert all(comparison.is_equal for comparison in rebuild(source, store, ALL_PROJECTIONS))


def test_views_can_be_thrown_away_and_come_back_the_same(ledger: Ledger, settings: Settings) -> None:
    record_a_case(ledger)
    found = []
    for _ in range(2):
        with open_source(settings) as source, open_views(settings) as store:
            catch_up(source, store, ALL_PROJECTIONS)
            found.append([list(store.rows(projection.name)) for projection in ALL_PROJECTIONS])
        throw_away(settings)
    assert found[0] == found[1]
    assert found[0][0]
