"""The PostgreSQL event store: the library's own recorder suites, and what only a server can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
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
