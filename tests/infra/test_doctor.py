"""The doctor: one way to damage a store at a time, each found, each named; a sound store stays silent."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from domain.event import canonical
from domain.ledger import Ledger
from infra.doctor import EXAMPLES_MAX, Diagnosis, diagnose
from infra.settings import Settings
from tests.support.command_line import story
from tests.support.office import act, granted, line, open_fund, receive


@pytest.fixture
def store(ledger: Ledger, settings: Settings) -> Path:
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
    return settings.ledger_file


def _change(store: Path, *statements: str) -> None:
    """Change the file as somebody with a database tool would, walking around the triggers."""
    with closing(sqlite3.connect(store)) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


def _rewrite(store: Path, position: int, change: Callable[[dict[str, object]], object]) -> None:
    """Replace the bytes of one event by the canonical bytes of a changed one."""
    with closing(sqlite3.connect(store)) as connection, connection:
        raw = connection.execute("SELECT state FROM stored_events WHERE position=?", (position,)).fetchone()[0]
        event = msgspec.json.decode(raw)
        change(event)
        _set_bytes(connection, position, canonical(event))


def _set_bytes(connection: sqlite3.Connection, position: int, raw: bytes) -> None:
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name='stored_events_no_update'").fetchone()
    connection.execute("DROP TRIGGER stored_events_no_update")
    connection.execute("UPDATE stored_events SET state=? WHERE position=?", (raw, position))
    connection.execute(sql)


def _kinds(store: Path) -> set[str]:
    return set(diagnose(store).counts)


def test_a_sound_store_has_no_difference(store: Path) -> None:
    diagnosis = diagnose(store)
    assert diagnosis.is_healthy
    assert diagnosis.events > 120
    assert diagnosis.snapshots == 1


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM ref_index WHERE kind='case'", "index_missing"),
        ("INSERT INTO ref_index VALUES ('case','ref:ghost','XF500229-2025-000009')", "index_extra"),
        ("UPDATE series_index SET last=last+1", "index_extra"),
        ("UPDATE action_index SET digest='0' WHERE action_id='r/A17'", "index_extra"),
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
        ("UPDATE stored_events SET state=CAST(replace(CAST(state AS TEXT), ',\"id\"', ', \"id\"') AS BLOB) WHERE position=4", "not_canonical"),
    ],
)  # fmt: skip
def test_each_damage_is_found(store: Path, statement: str, kind: str) -> None:
    _change(store, statement)
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
def test_each_edit_of_an_event_is_found(store: Path, change: Callable[[dict[str, object]], object], kind: str) -> None:
    received = 3
    _rewrite(store, received, change)
    assert kind in _kinds(store)


def test_a_missing_trigger_is_found(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DROP TRIGGER stored_events_no_delete")
    (difference,) = diagnose(store).differences
    assert (difference.kind, difference.where) == ("trigger_missing", "stored_events_no_delete")


def test_a_snapshot_of_another_shape_is_not_used_and_not_blamed(store: Path) -> None:
    _change(store, "UPDATE snapshots SET shape='older', state='{}'")
    assert diagnose(store).is_healthy


def test_the_doctor_changes_nothing(store: Path) -> None:
    before = store.read_bytes()
    diagnose(store)
    assert store.read_bytes() == before


def test_progress_is_told_on_the_way(ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.doctor.BATCH_EVENTS", 2)
    for action in story():
        ledger.act(line(action))
    steps: list[tuple[int, int]] = []
    diagnose(settings.ledger_file, lambda done, total: steps.append((done, total)))
    assert steps == [(2, 8), (4, 8), (6, 8), (8, 8)]


def test_of_many_differences_some_are_told_and_all_are_counted() -> None:
    diagnosis = Diagnosis()
    for number in range(EXAMPLES_MAX + 7):
        diagnosis.note("schema", f"position {number}", "broken")
    assert len(diagnosis.differences) == EXAMPLES_MAX
    assert diagnosis.counts == {"schema": EXAMPLES_MAX + 7}
