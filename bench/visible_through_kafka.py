"""How long from an action's answer until its row can be read, when everything goes through PostgreSQL and Kafka?

What docker-compose.yml starts runs on these cores as plain processes, and shares them: one broker, one PostgreSQL with
fsync, sealer, relay, two projectors – and the clients and the watcher of this benchmark. Clients keep a pace of 200 actions a second
together, group commit in one process; the watcher asks the stored case view for the newest rows again and again, so
its own interval is part of the figure. Floor: kafka-python alone, one producer and one consumer on the same broker, the
same number of records at the same pace, sent one transaction each and read committed.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer

sys.path.insert(0, str(Path(__file__).parents[1]))

from infra.group_commit import GroupCommit
from infra.settings import read_settings
from infra.wiring import open_ledger, open_views
from tests.support.broker import cluster
from tests.support.composed import ONE_BROKER, Running, composition, own_services, project, reader
from tests.support.office import line, receive
from tests.support.postgres import postgres_server

PER_SECOND = 200
CLIENTS = 16
ACTIONS_MAX = 4_000
LOOK_AGAIN_S = 0.005
NEWEST = 300
PATIENCE_S = 60
BAR_MS, BAR_P99_MS = 300, 1_500
FLOOR_TOPIC = "bench.floor"


def paced(count: int, work: Callable[[int], None], clients: int) -> None:
    """Call `work` for each number at the pace, from several threads."""
    numbers, began = itertools.count(), time.monotonic()

    def run() -> None:
        while (number := next(numbers)) < count:
            time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
            work(number)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def shown(name: str, waits_s: list[float]) -> float:
    """Print median and p99 in ms; gives the median."""
    waits = sorted(wait * 1_000 for wait in waits_s)
    p99 = waits[int(len(waits) * 0.99) - 1]
    print(f"{name:<44} median {statistics.median(waits):7.1f} ms   p99 {p99:7.1f} ms   of {len(waits):,}")
    return statistics.median(waits)


def through_kafka_alone(bootstrap: str, count: int) -> list[float]:
    """Seconds from a committed send to the consumer's hand, for each record."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, transactional_id="bench-floor", acks="all", retry_backoff_ms=20
    )
    producer.init_transactions()
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    consumer.subscribe([FLOOR_TOPIC])
    sent: dict[int, float] = {}
    seen: dict[int, float] = {}
    body = b"x" * 600

    def read() -> None:
        until = time.monotonic() + count / PER_SECOND + PATIENCE_S
        while len(seen) < count and time.monotonic() < until:
            for records in consumer.poll(timeout_ms=50).values():
                now = time.monotonic()
                seen.update((int(record.key), now) for record in records)

    def send(number: int) -> None:
        sent[number] = time.monotonic()
        producer.begin_transaction()
        producer.send(FLOOR_TOPIC, body, key=str(number).encode())
        producer.commit_transaction()

    watching = threading.Thread(target=read)
    watching.start()
    paced(count, send, 1)
    watching.join()
    producer.close()
    consumer.close()
    return [seen[number] - sent[number] for number in seen]


def through_the_ledger(services: dict[str, Running], count: int) -> list[float]:
    """Seconds from an action's answer to its row, for each action."""
    answered: dict[str, float] = {}
    seen: dict[str, float] = {}
    done = threading.Event()
    settings = read_settings({}, services["init"].environment)

    def watch() -> None:
        until = time.monotonic() + count / PER_SECOND + PATIENCE_S
        with open_views(settings) as views:
            while time.monotonic() < until and not (done.is_set() and len(seen) >= len(answered)):
                rows = [row["case"] for row in views.rows("case_view", order=["-case"], limit=NEWEST)]
                now = time.monotonic()
                for case in rows:
                    seen.setdefault(case, now)
                time.sleep(LOOK_AGAIN_S)

    watching = threading.Thread(target=watch)
    watching.start()
    with open_ledger(settings) as ledger:
        group = GroupCommit(ledger)

        def send(number: int) -> None:
            answer = group.act(line(receive(f"ref:bench-{number}")))
            assert answer.error is None, answer.error
            answered[str(answer.subject)] = time.monotonic()

        paced(count, send, CLIENTS)
        group.close()
    done.set()
    watching.join()
    assert set(answered) <= set(seen), f"{len(set(answered) - set(seen))} rows never came"
    return [seen[case] - moment for case, moment in answered.items()]


def main() -> None:
    """One broker, one database, both figures from one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    count = min(parser.parse_args().events, ACTIONS_MAX)
    folder = Path(tempfile.mkdtemp(prefix="bench-visible-"))
    read = own_services(project(reader(folder), folder, ONE_BROKER))
    with cluster(folder / "kafka") as brokers, postgres_server() as postgres, postgres.database() as database:
        admin = brokers.admin()
        admin.create_topics({FLOOR_TOPIC: {"num_partitions": 6, "replication_factor": 1}}, wait_for_metadata=True)
        admin.close()
        floor = shown("floor: kafka-python alone, committed → read", through_kafka_alone(brokers.bootstrap, count // 4))
        services = composition(read, folder, brokers.bootstrap, database)
        try:
            services["init"].start()
            services["init"].finish()
            running = [one for name, one in services.items() if name != "init"]
            for one in running:
                one.start()
            for one in running:
                one.wait_until_healthy()
            ours = shown("answered → row visible, the whole way", through_the_ledger(services, count))
        finally:
            for one in services.values():
                one.kill()
    print(
        f"ratio {ours / floor:.1f} × the floor; bars: median < {BAR_MS} ms, p99 < {BAR_P99_MS} ms at {PER_SECOND} actions/s"
    )


if __name__ == "__main__":
    main()
