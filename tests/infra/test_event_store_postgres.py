"""The PostgreSQL event store: the library's own recorder suites, and what only a server can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase

from infra.event_store_postgres import LedgerPostgresDatastore, PostgresLedgerRecorder
from infra.postgres_address import PostgresAddress
from tests.support.postgres import PostgresServer


class _OnPostgres:
    """Every recorder of a suite gets a database of its own."""

    @pytest.fixture(autouse=True)
    def _server(self, shared_postgres: PostgresServer) -> Iterator[None]:
        with ExitStack() as stack:
            self.stack, self.server = stack, shared_postgres
            yield

    def create_recorder(self) -> PostgresLedgerRecorder:
        address = PostgresAddress(self.stack.enter_context(self.server.database()))
        datastore = LedgerPostgresDatastore(address, originator_id_type="uuid")
        self.stack.callback(datastore.close)
        recorder = PostgresLedgerRecorder(datastore)
        recorder.create_table()
        return recorder


class TestTheLibrarysApplicationRecorderSuite(_OnPostgres, ApplicationRecorderTestCase[Any]):
    """`eventsourcing` holds its own recorders to this suite; ours passes it, subscriptions included."""

    def test_concurrent_no_conflicts(self) -> None:
        super().test_concurrent_no_conflicts()

    def test_concurrent_throughput(self) -> None:
        super().test_concurrent_throughput()

    def test_insert_subscribe(self) -> None:
        super().optional_test_insert_subscribe()


class TestTheLibrarysNonInterleavingSuite(_OnPostgres, NonInterleavingNotificationIDsBaseCase):
    """Positions of one insert are neighbours, also with concurrent writers."""

    insert_num = 1000


def test_a_commit_larger_than_every_buffer_comes_through(database: str) -> None:
    """The library's own insert, of a thousand of our events, waits for an answer to what it has not sent."""
    datastore = LedgerPostgresDatastore(PostgresAddress(database))
    recorder = PostgresLedgerRecorder(datastore)
    recorder.create_table()
    events = [StoredEvent(f"subject-{number}", 1, "type", bytes(4_000)) for number in range(2_000)]
    assert recorder.insert_events(events) == list(range(1, 2_001))
    with recorder.write_section() as section:
        section.insert([StoredEvent(event.originator_id, 2, "type", event.state) for event in events])
    assert recorder.max_notification_id() == 4_000
    assert [bytes(one.state) for one in recorder.select_notifications(3_999, 10)] == [bytes(4_000)] * 2
    recorder.close_writer()
    datastore.close()


def test_a_refused_insert_uses_no_position_up(database: str) -> None:
    datastore = LedgerPostgresDatastore(PostgresAddress(database))
    recorder = PostgresLedgerRecorder(datastore)
    recorder.create_table()
    first = StoredEvent("a", 1, "t", b"{}")
    assert recorder.insert_events([first]) == [1]
    for _ in range(3):
        with pytest.raises(IntegrityError):
            recorder.insert_events([StoredEvent("b", 1, "t", b"{}"), first])
    assert recorder.insert_events([StoredEvent("b", 1, "t", b"{}")]) == [2]
    datastore.close()
