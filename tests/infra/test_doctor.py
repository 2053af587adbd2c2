"""The doctor: one way to damage a store at a time, each found, each named; a sound store stays silent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from domain.event import canonical
from domain.ledger import Ledger
from infra.doctor import EXAMPLES_MAX, Diagnosis, diagnose
from infra.settings import Settings
from tests.support.command_line import story
from tests.support.office import act, granted, line, open_fund, receive
from tests.support.postgres_fixture import BOTH
from tests.support.stores import StoreTool, founded


@pytest.fixture(params=BOTH)
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Either store."""
    return founded(tmp_path, request)


@pytest.fixture
def store(ledger: Ledger, settings: Settings) -> Settings:
    """A store with a case, a fund, a grant, links and a subject long enough for a snapshot."""
    actions = [
        *story(),
        receive("ref:A18"),
        act("register_petition", "r/A18", case="ref:A18", content_class="relief", repeat_of="ref:A17"),
        open_fund("ref:F2025", 10_000_000),
        *granted("ref:G1", "ref:A17", "ref:F2025", 300_000, "p1"),
        *(
            act("investigate", f"i/{n}", case="ref:A18", method="visit", attendees=["S-1"], record="sha256:" + "c" * 64)
            for n in range(110)
        ),
    ]
    for action in actions:
        answer = ledger.act(line(action))
        assert answer.accepted, answer.error
    return settings


def _rewrite(store: Settings, position: int, change: Callable[[dict[str, object]], object]) -> None:
    """Replace the bytes of one event by the canonical bytes of a changed one."""
    event = msgspec.json.decode(StoreTool(store).bytes_of(position))
    change(event)
    StoreTool(store).set_bytes(position, canonical(event))


def _kinds(store: Settings) -> set[str]:
    return set(diagnose(store.store_place).counts)


def test_a_sound_store_has_no_difference(store: Settings) -> None:
    diagnosis = diagnose(store.store_place)
    assert diagnosis.is_healthy
    assert diagnosis.events > 120
    assert diagnosis.snapshots == 1


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM ref_index WHERE kind='case'", "index_missing"),
        ("INSERT INTO ref_index VALUES ('case','ref:ghost','XF500229-2025-000009')", "index_extra"),
        ("UPDATE series_index SET last=last+1", "index_extra"),
        ("UPDATE action_index SET position=position+1 WHERE action_id='r/A17'", "index_extra"),
        ("UPDATE action_index SET count=2 WHERE action_id='r/A17'", "index_missing"),
        ("DELETE FROM grant_index", "index_missing"),
        ("DELETE FROM link_index", "index_missing"),
        ("UPDATE snapshots SET state='{\"id\":\"x\"}'", "snapshot"),
        ("DELETE FROM stored_events WHERE position=5", "position_gap"),
        ("DELETE FROM stored_events WHERE position=5", "sequence_gap"),
        ("DELETE FROM stored_events WHERE topic='petition.case.received.v1' AND position<6", "number_gap"),
        ("UPDATE stored_events SET topic='petition.case.closed.v1' WHERE position=4", "column_differs"),
        ("UPDATE ledger SET value='/110000/other' WHERE name='source'", "column_differs"),
        ("UPDATE stored_events SET state=CAST('{' AS BLOB) WHERE position=4", "not_json"),
        ("UPDATE stored_events SET state=CAST('[]' AS BLOB) WHERE position=4", "not_an_event"),
    ],
)  # fmt: skip
def test_each_damage_is_found(store: Settings, statement: str, kind: str) -> None:
    StoreTool(store).change(statement)
    assert kind in _kinds(store)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda event: event.update(recordedtime="2020-01-01T00:00:00.000000Z"), "time_runs_back"),
        (lambda event: event.update(time="some day"), "bad_time"),
        (lambda event: event.update(petitioner="somebody"), "unknown_attribute"),
        (lambda event: event["data"].update(note="somebody"), "schema"),
        (lambda event: event["data"].pop("channel"), "schema"),
        (lambda event: event.update(type="petition.case.flown.v1"), "unknown_type"),
        (lambda event: event.update(subject="XF500229-2025-000077"), "column_differs"),
    ],
)
def test_each_edit_of_an_event_is_found(
    store: Settings, change: Callable[[dict[str, object]], object], kind: str
) -> None:
    received = 3
    _rewrite(store, received, change)
    assert kind in _kinds(store)


def test_bytes_in_another_spelling_are_found(store: Settings) -> None:
    StoreTool(store).set_bytes(4, StoreTool(store).bytes_of(4).replace(b',"id"', b', "id"'))
    assert _kinds(store) == {"not_canonical"}


def test_a_missing_trigger_is_found(store: Settings) -> None:
    StoreTool(store).drop_trigger("stored_events_no_delete")
    (difference,) = diagnose(store.store_place).differences
    assert (difference.kind, difference.where) == ("trigger_missing", "stored_events_no_delete")


def test_a_snapshot_of_another_shape_is_not_used_and_not_blamed(store: Settings) -> None:
    StoreTool(store).change("UPDATE snapshots SET shape='older', state='{}'")
    assert diagnose(store.store_place).is_healthy


def test_the_doctor_changes_nothing(store: Settings) -> None:
    before = StoreTool(store).everything()
    diagnose(store.store_place)
    assert StoreTool(store).everything() == before


def test_progress_is_told_on_the_way(ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.doctor.BATCH_EVENTS", 2)
    for action in story():
        ledger.act(line(action))
    steps: list[tuple[int, int]] = []
    diagnose(settings.store_place, lambda done, total: steps.append((done, total)))
    assert steps == [(2, 8), (4, 8), (6, 8), (8, 8)]


def test_of_many_differences_some_are_told_and_all_are_counted() -> None:
    diagnosis = Diagnosis()
    for number in range(EXAMPLES_MAX + 7):
        diagnosis.note("schema", f"position {number}", "broken")
    assert len(diagnosis.differences) == EXAMPLES_MAX
    assert diagnosis.counts == {"schema": EXAMPLES_MAX + 7}
