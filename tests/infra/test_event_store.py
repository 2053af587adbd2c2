"""The embedded event store: the library's own recorder suites, append-only, gap-free, one writer at a time."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase

from domain.answers import Submission
from domain.errors import Tampered
from domain.event import canonical, decode
from domain.ledger import EVENTS_PER_INSERT, Ledger
from infra.event_store import LedgerDatastore, LedgerRecorder
from infra.settings import Settings
from infra.wiring import open_ledger, open_source
from tests.support.office import act, by, line, receive
from tests.support.stores import StoreTool, events_of, on_both


def _recorder(path: Path, originator_id_type: Any) -> LedgerRecorder:
    recorder = LedgerRecorder(LedgerDatastore(str(path), originator_id_type=originator_id_type))
    recorder.create_table()
    return recorder


class TestTheLibrarysApplicationRecorderSuite(ApplicationRecorderTestCase):
    """`eventsourcing` holds its own recorders to this suite; ours passes it with UUIDs as with text ids."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def create_recorder(self) -> LedgerRecorder:
        return _recorder(self.folder / f"{uuid4()}.db", "uuid")

    def test_concurrent_throughput(self) -> None:
        super().test_concurrent_throughput()


class TestTheLibrarysNonInterleavingSuite(NonInterleavingNotificationIDsBaseCase):
    """Positions of one insert are neighbours, also with concurrent writers."""

    insert_num = 1000

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def create_recorder(self) -> LedgerRecorder:
        return _recorder(self.folder / f"{uuid4()}.db", "uuid")


APPEND_ONLY = {
    "sqlite": [
        "UPDATE stored_events SET topic='x' WHERE position=1",
        "DELETE FROM stored_events WHERE position=1",
        "INSERT OR REPLACE INTO stored_events VALUES (1,'a',1,'t',x'00')",
        "REPLACE INTO stored_events (originator_id, originator_version, topic, state) "
        "SELECT originator_id, originator_version, topic, state FROM stored_events",
    ],
    "postgres": [
        "UPDATE stored_events SET topic='x' WHERE position=1",
        "DELETE FROM stored_events WHERE position=1",
        "TRUNCATE stored_events",
        "INSERT INTO stored_events VALUES (1,'a',1,'t','x') ON CONFLICT (position) DO UPDATE SET topic='x'",
        "INSERT INTO stored_events SELECT * FROM stored_events ON CONFLICT (originator_id, originator_version) "
        "DO UPDATE SET topic=excluded.topic",
        "MERGE INTO stored_events AS there USING (SELECT 1 AS position) AS given ON there.position=given.position "
        "WHEN MATCHED THEN DELETE",
    ],
}


@pytest.mark.parametrize(
    ("settings", "statement"),
    [(store, statement) for store, some in APPEND_ONLY.items() for statement in some],
    indirect=["settings"],
)
def test_an_event_can_be_neither_changed_nor_deleted_nor_replaced(
    ledger: Ledger, settings: Settings, statement: str
) -> None:
    assert ledger.act(line(receive("ref:A"))).accepted
    before = events_of(settings)
    with pytest.raises((sqlite3.Error, psycopg.Error), match="append-only"):
        StoreTool(settings).run(statement)
    assert events_of(settings) == before


@on_both
def test_the_stored_bytes_are_canonical_and_never_serialised_again(ledger: Ledger, settings: Settings) -> None:
    assert ledger.act(line(receive("ref:A", external_numbers={"全国": "1", "b": "2"}))).accepted
    with open_source(settings) as source:
        (event,) = source.read()
    assert canonical(decode(event.raw)) == event.raw
    assert event.type == "petition.case.received.v1"
    assert event.subject == "XF500229-2025-000001"


@on_both
def test_all_events_of_an_action_stand_or_none(ledger: Ledger, settings: Settings) -> None:
    assert ledger.act(line(receive("ref:A"))).accepted
    fields = {"case": "ref:A", "mode": "assign", "feedback_required": True, "materials": [], "legal_ground": "22(3)"}
    three = ledger.act(line(act("hand_over", "h1", handoff="ref:h1", to=["A", "B", "C"], **fields)))
    assert [event["sequence"] for event in three.events] == ["2", "3", "4"]
    twice = ledger.act(line(act("hand_over", "h2", handoff="ref:h2", to=["A", "A"], **fields)))
    assert twice.error is not None
    assert twice.error.field == "to"
    assert len(events_of(settings)) == 4


def test_a_version_conflict_raises_and_leaves_nothing(tmp_path: Path) -> None:
    recorder = _recorder(tmp_path / "store.db", "text")
    first = StoredEvent("a", 1, "t", b"{}")
    recorder.insert_events([first])
    with pytest.raises((IntegrityError, Tampered)):
        recorder.insert_events([StoredEvent("b", 1, "t", b"{}"), first])
    assert [stored.originator_id for stored in recorder.select_notifications(1, 10)] == ["a"]


@on_both
def test_a_second_ledger_object_sees_what_the_first_one_recorded(ledger: Ledger, settings: Settings) -> None:
    with open_ledger(settings) as other:
        assert ledger.act(line(receive("ref:A"))).subject == "XF500229-2025-000001"
        assert other.act(line(receive("ref:B"))).subject == "XF500229-2025-000002"
        assert ledger.act(line(receive("ref:C"))).subject == "XF500229-2025-000003"
        registered = act("register_petition", "r1", case="ref:A", content_class="roads")
        assert other.act(line(registered)).accepted
        refused = ledger.act(line({**registered, "action_id": "r2"}))
    assert refused.error is not None
    assert refused.error.code == "refused_by_state"


@on_both
def test_snapshots_shorten_long_subjects_and_change_no_answer(ledger: Ledger, settings: Settings) -> None:
    assert ledger.act(line(receive("ref:A"))).accepted
    for number in range(250):
        done = ledger.act(
            line(act("hear_facts", f"f{number}", case="ref:A", attendees=["S-1"], record="sha256:" + "0" * 64))
        )
        assert done.accepted
    assert ledger.act(line(act("declare_interest", "i1", case="ref:A", staff="S-9", relation="cousin"))).accepted
    assert StoreTool(settings).run("SELECT version FROM snapshots") == [(200,)]
    with open_ledger(settings) as fresh:
        with_snapshot = fresh.act(line({**act("decide_recusal", "d1", case="ref:A", staff="S-9", recused=True)}))
        assert with_snapshot.accepted
    StoreTool(settings).run("DELETE FROM snapshots")
    with open_ledger(settings) as fresh:
        acting = {
            **act("hear_facts", "f-last", case="ref:A", attendees=[], record="sha256:" + "0" * 64),
            "by": by("S-9"),
        }
        without = fresh.act(line(acting))
    assert without.error is not None
    assert without.error.code == "guard_recused"


def test_a_batch_of_many_inserts_is_one_commit_and_remembers_its_own_beginning(
    ledger: Ledger, settings: Settings
) -> None:
    """A long batch is inserted part by part: what it says of its first part still holds in the last, or nothing."""
    first = line(receive("ref:A"))
    grown = [line(receive(f"ref:A{number}")) for number in range(3 * EVENTS_PER_INSERT)]
    registered = line(act("register_petition", "r1", case="ref:A0", content_class="roads"))
    again = line(act("register_petition", "r2", case="ref:A0", content_class="roads"))
    batch = [Submission(payload) for payload in (first, *grown, registered, again, first)]

    def give_up(_: object) -> dict[str, Any]:
        raise RuntimeError("the rejects file is full")

    with pytest.raises(RuntimeError):
        ledger.record(batch, conclude=("0" * 64, give_up))
    assert events_of(settings) == []
    answers = ledger.record(batch)
    assert [answer.accepted for answer in answers] == [True] * (len(grown) + 2) + [False, True]
    assert answers[-1].already_there
    assert answers[-1].events == answers[0].events
    assert answers[-2].error is not None
    assert answers[-2].error.code == "refused_by_state"
    assert [event["id"] for event in events_of(settings)] == [
        event["id"] for answer in answers[:-2] for event in answer.events
    ]


def test_a_correction_in_the_same_batch_finds_its_event_before_and_after_it_is_inserted(ledger: Ledger) -> None:
    id_of = ledger.act(line(receive("ref:A"))).events[0]["id"]
    between = [line(receive(f"ref:B{number}")) for number in range(EVENTS_PER_INSERT)]

    def corrected(action_id: str, was: int, now: int) -> bytes:
        fields = {"case": "ref:A", "event_id": id_of, "field": "/people_count", "was": was, "now": now}
        return line(act("correct_record", action_id, **fields, reason="counted again", approved_by="S-900"))

    payloads = [corrected("c1", 1, 2), corrected("c2", 2, 3), *between, corrected("c3", 3, 4)]
    answers = ledger.record([Submission(payload) for payload in payloads])
    assert [answer.to_json()["error"] for answer in answers if answer.error is not None] == []


def test_the_writer_parses_each_of_its_statements_once(ledger: Ledger) -> None:
    assert all(ledger.act(line(receive(f"ref:A{number}"))).accepted for number in range(3))
    recorder = ledger.recorder
    assert isinstance(recorder, LedgerRecorder)
    assert recorder._writer is not None
    parsed: list[int] = []

    def note(*what: Any) -> int:
        parsed.append(what[0])
        return sqlite3.SQLITE_OK

    recorder._writer._sqlite_conn.set_authorizer(note)
    assert ledger.act(line(receive("ref:A3"))).accepted
    parsed.clear()  # setting an authorizer makes SQLite parse everything once more
    assert ledger.act(line(receive("ref:A4"))).accepted
    assert parsed == []
