"""How fast does the relay publish a sealed log, beside kafka-python producing the same records with nothing around it?

Floor: a transactional kafka-python producer, the records (key, value, headers, partition) made beforehand and kept in
memory, 500 a transaction, and the same options of the client. Ours: `caseledger relay` from an empty topic to the end of the log:
bundles read, hashed and held against the signed root, records made, transactions of at most 1,000, the published mark,
the checkpoint. One real broker in KRaft on the same cores takes both. Also measured: reading the topic back with a bare
consumer (floor) and as the source that checks each record and merges the partitions into ledger order.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kafka import KafkaProducer

sys.path.insert(0, str(Path(__file__).parents[1]))

from seal import Listed, event, fresh
from seal import seal as seal_events
from whole_topic import batches

from consumers.leaf_record import Record, record_of
from infra.kafka.connection import connection_of
from infra.kafka.publisher import BATCH_BYTES, LINGER_MS, RETRY_MS
from infra.kafka.relay import relay_of
from infra.kafka.topic_source import TopicSource
from infra.kafka.topics import make_topics, planned
from infra.keys_log import create_log_key
from infra.log_tail import LogTail
from infra.settings import Settings
from tests.support.broker import cluster

RUNS = 3
PARTITIONS = 6
FLOOR_PER_TRANSACTION = 500
_numbers = itertools.count(1)


class Bench:
    """One sealed log, and a new ledger name, hence new topics, for every run."""

    def __init__(self, folder: Path, bootstrap: str, count: int) -> None:
        self.settings = Settings(
            data=folder / "ours", kafka=bootstrap, kafka_partitions=PARTITIONS, kafka_replication=1
        )
        key = create_log_key(fresh(folder / "keys"), "caseledger/500229/petition-office")
        seal_events(Listed([event(index) for index in range(count)]), fresh(folder / "ours"), key)
        log = LogTail(folder / "ours" / "log")
        size = log.look()
        self.records = [record_of(leaf, PARTITIONS) for leaf in log.leaves(0, size)]
        self.bytes = sum(len(one.value) for one in self.records)

    def topics(self) -> str:
        """The source of a ledger whose topics are there and empty."""
        source = f"/500229/bench{next(_numbers)}"
        with connection_of(self.settings).admin() as admin:
            make_topics(admin, planned(source, self.settings))
        return source

    def floor(self, source: str) -> None:
        """Produce the same records, 500 a transaction."""
        topic = planned(source, self.settings)[0].name
        producer = KafkaProducer(
            bootstrap_servers=self.settings.kafka,
            transactional_id=f"floor-{source}",
            enable_idempotence=True,
            acks="all",
            batch_size=BATCH_BYTES,
            linger_ms=LINGER_MS,
            retry_backoff_ms=RETRY_MS,
            metrics_enabled=False,
        )
        with closing(producer):
            producer.init_transactions()
            for start in range(0, len(self.records), FLOOR_PER_TRANSACTION):
                self._transaction(producer, topic, self.records[start : start + FLOOR_PER_TRANSACTION])

    def _transaction(self, producer: KafkaProducer, topic: str, records: list[Record]) -> None:
        producer.begin_transaction()
        for one in records:
            producer.send(topic, one.value, one.key, one.headers, one.partition)
        producer.commit_transaction()

    def ours(self, source: str) -> None:
        """Publish the log with the relay."""
        shutil.rmtree(self.settings.data / "publishing", ignore_errors=True)

        def trouble(what: object) -> None:
            raise SystemExit(f"the relay had trouble: {what}")

        relay = relay_of(self.settings, source, pause=lambda seconds: True, on_trouble=trouble)
        with closing(relay):
            done = relay.publish_waiting()
        if done is None or done.added != len(self.records):
            raise SystemExit("not everything was published")

    def read_floor(self, source: str) -> None:
        """Consume the topic and do nothing."""
        topic = planned(source, self.settings)[0].name
        for _ in batches(self.settings.kafka, topic, PARTITIONS, 5_000, fetch_max_bytes=33_554_432):
            pass

    def read_ours(self, source: str) -> None:
        """Read the topic in ledger order, every record checked."""
        topic = TopicSource(connection_of(self.settings), planned(source, self.settings))
        if sum(1 for _ in topic.read()) != len(self.records):
            raise SystemExit("not everything was read")


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def line(question: str, count: int, floor: float, ours: float, bar: float | None) -> str:
    ratio = floor / ours
    told = f"bar {bar:.2f}   {'reached' if ratio >= bar else 'MISSED'}" if bar else "no bar"
    return f"{question:<38} floor {count / floor:>8,.0f}/s   ours {count / ours:>8,.0f}/s   ratio {ratio:5.2f}   {told}"


def measure(count: int, folder: Path, bootstrap: str) -> None:
    bench = Bench(folder, bootstrap, count)
    gc.collect()
    gc.freeze()  # what was made for the measuring is not looked through again while either side is measured
    print(f"\n{count:,} events of {bench.bytes // count:,} bytes, {PARTITIONS} partitions, best of {RUNS}")
    floors, ours, reads, sources = [], [], [], []
    for _ in range(RUNS):
        floor_source, our_source = bench.topics(), bench.topics()
        floors.append(seconds(lambda source=floor_source: bench.floor(source)))
        ours.append(seconds(lambda source=our_source: bench.ours(source)))
        reads.append(seconds(lambda source=our_source: bench.read_floor(source)))
        sources.append(seconds(lambda source=our_source: bench.read_ours(source)))
    print(line("publish the sealed log", count, min(floors), min(ours), 0.7))
    print(line("read back in ledger order, checked", count, min(reads), min(sources), None))


def main() -> None:
    """Measure at each size, against one broker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 100_000], help="log sizes")
    given = parser.parse_args()
    if shutil.which("java") is None:
        sys.exit("the broker needs Java: apt-get install default-jre-headless maven")
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder,
        cluster(Path(folder) / "kafka") as broker,
    ):
        for count in given.events:
            measure(count, Path(folder), broker.bootstrap)


if __name__ == "__main__":
    main()
