"""A sealed ledger of any size with topics of its own on the tests' broker, and the topic read by a plain consumer."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from consumers.relay import Published, Relay, Trouble
from infra.kafka.connection import Connection, connection_of
from infra.kafka.relay import relay_of
from infra.kafka.topics import TopicPlan, make_topics, planned
from infra.sealing import seal_now
from infra.settings import Settings
from infra.wiring import DEFAULT_SOURCE, create_ledger, open_source
from tests.support.broker import Cluster
from tests.support.command_line import Outcome, command
from tests.support.large_ledger import add_events, rows_from

PARTITIONS = 3
READ_S_MAX = 60


@dataclass
class PublishedOffice:
    """A data folder whose ledger is published; `environ` is what a relay of it is started with."""

    settings: Settings
    source: str
    rows: Iterator[tuple[str, int, str, bytes]]
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "CASELEDGER_DATA": str(self.settings.data),
            "CASELEDGER_KAFKA": str(self.settings.kafka),
            "CASELEDGER_KAFKA_PARTITIONS": str(self.settings.kafka_partitions),
            "CASELEDGER_KAFKA_REPLICATION": str(self.settings.kafka_replication),
            "CASELEDGER_LANG": "en",
        }

    @property
    def connection(self) -> Connection:
        return connection_of(self.settings)

    @property
    def plans(self) -> list[TopicPlan]:
        return planned(self.source, self.settings)

    @property
    def topic(self) -> str:
        return self.plans[0].name

    def __call__(self, *words: str) -> Outcome:
        """One command line of this office, in this process."""
        return command(*words, **self.environ)

    def make_topics(self) -> None:
        with self.connection.admin() as admin:
            make_topics(admin, self.plans)

    def delete_topic(self, name: str | None = None) -> None:
        """Delete a topic when its last transaction is over to the last marker, and wait until nobody sees it."""
        from tests.support.broker import wait_for

        self.settle()
        with self.connection.admin() as admin:
            admin.delete_topics([name or self.topic])
            wait_for(lambda: (name or self.topic) not in admin.list_topics(), "the topic to be gone", 30)

    def settle(self) -> None:
        """Wait until the markers of every transaction are written: a commit is answered before they are.

        Until then a partition shows a reader of committed records less than was committed.
        """
        from tests.support.broker import wait_for

        with self.connection.admin() as admin:
            wait_for(lambda: self._is_settled(admin), "the markers of the relay's transactions", 30)

    def _is_settled(self, admin: Any) -> bool:
        found = [one for each in admin.list_transactions().values() for one in each]
        mine = [one.state.value for one in found if self.topic in one.transactional_id]
        return not any(state.startswith("Prepare") for state in mine)

    def grow(self, count: int) -> None:
        """Record `count` more events and seal them."""
        add_events(self.settings, self.rows, count)
        with open_source(self.settings) as source:
            seal_now(self.settings.data, self.settings.key_folder, self.source, source)

    def relay(self, **options: Any) -> Relay:
        """A relay in this process that notes its troubles and never waits long."""
        given = {"pause": lambda seconds: True, "on_trouble": self.troubles.append, "patience": 3}
        return relay_of(self.settings, self.source, **{**given, **options})

    def publish(self, **options: Any) -> Published:
        """Publish everything with a relay of its own."""
        relay = self.relay(**options)
        try:
            done = relay.publish_waiting()
        finally:
            relay.close()
        assert done is not None
        self.settle()
        return done

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A process of its own: `-m module …`."""
        return subprocess.Popen(
            [sys.executable, *words],
            env={**_plain_environment(), **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def stored(self) -> list[bytes]:
        """Every event of the store, in ledger order."""
        with closing(sqlite3.connect(self.settings.ledger_file)) as connection:
            rows = connection.execute("SELECT state FROM stored_events ORDER BY position").fetchall()
        return [bytes(raw) for (raw,) in rows]

    def read(self, topic: str | None = None, isolation: str = "read_committed") -> dict[int, list[Any]]:
        """The records of each partition, the committed ones unless told otherwise, by a consumer without any code of ours."""
        self.settle()
        consumer = KafkaConsumer(
            bootstrap_servers=self.settings.kafka,
            group_id=None,
            isolation_level=isolation,
            max_poll_records=5_000,
        )
        with closing(consumer):
            name = topic or self.topic
            places = [TopicPartition(name, one) for one in sorted(consumer.partitions_for_topic(name))]
            ends = consumer.end_offsets(places)
            consumer.assign(places)
            for place in places:
                consumer.seek(place, 0)
            found: dict[int, list[Any]] = {place.partition: [] for place in places}
            while any(consumer.position(place) < ends[place] for place in places):
                for place, records in consumer.poll(1_000).items():
                    found[place.partition] += records
        return found


def assert_topic_is_the_log(office: PublishedOffice) -> None:
    """Every event once, its bytes untouched, in leaf order within each partition, one subject in one partition."""
    stored = office.stored()
    seen: dict[int, bytes] = {}
    partition_of: dict[bytes, int] = {}
    for partition, records in office.read().items():
        order = [int(dict(record.headers)["leafindex"]) for record in records]
        assert order == sorted(set(order)), f"partition {partition} is out of order or holds a leaf twice"
        for leaf_index, record in zip(order, records, strict=True):
            assert leaf_index not in seen, f"leaf {leaf_index} lies in two partitions"
            seen[leaf_index] = record.value
            assert partition_of.setdefault(record.key, partition) == partition
    assert len(seen) == len(stored), f"{len(seen)} events on the topic, {len(stored)} in the store"
    assert [seen[at] for at in range(len(stored))] == stored


def published_office(tmp_path: Path, brokers: Cluster, count: int, partitions: int = PARTITIONS) -> PublishedOffice:
    """A ledger with `count` sealed events (beside the calendars of its founding) and its topics, still empty."""
    source = f"/500229/t{uuid.uuid4().hex[:12]}"
    settings = Settings(
        data=tmp_path / "office",
        as_operator="tester",
        kafka=brokers.bootstrap,
        kafka_partitions=partitions,
        kafka_replication=min(len(brokers.brokers), 3),
    )
    create_ledger(settings, source)
    rows = (
        (subject, sequence, name, raw.replace(DEFAULT_SOURCE.encode(), source.encode()))
        for subject, sequence, name, raw in rows_from(1)
    )
    office = PublishedOffice(settings, source, rows)
    if count:
        office.grow(count)
    office.make_topics()
    return office


def _plain_environment() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if not name.startswith(("CASELEDGER_", "LC_", "LANG"))}
