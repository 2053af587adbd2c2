"""How fast does a projector bring all views up to a full topic, beside consuming, decoding and bulk-writing the same rows?

Floor: a kafka-python consumer of the same records (read_committed), each value decoded to a dict with msgspec, and the
rows that the views hold in the end – made beforehand, in memory – written in bulk: `COPY` on PostgreSQL, `executemany`
on SQLite, in as many transactions as the projector needs. Ours: one projector process' work from empty tables to the
end of the topic: folds, rows, documents, places, indexes kept. One broker and one PostgreSQL (fsync on) share these cores.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from many_years import filled
from whole_topic import batches

sys.path.insert(0, str(Path(__file__).parents[1]))

from consumers.project import catch_up
from consumers.topics import topics_of
from infra.fed_store import FedReadStore
from infra.kafka.connection import connection_of
from infra.kafka.projector import Projector
from infra.kafka.relay import relay_of
from infra.kafka.subscriptions import BATCH_RECORDS_MAX
from infra.kafka.topics import make_topics, planned
from infra.metrics import StageMetrics
from infra.read_positions import required
from infra.read_store import ReadStore
from infra.read_tables import ViewTables
from infra.sealing import seal_now
from infra.settings import Settings
from infra.wiring import open_source, source_of
from projections import ALL_PROJECTIONS
from tests.support.broker import cluster
from tests.support.postgres import postgres_server

RUNS = 3
PARTITIONS = 6
BAR = 0.5
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Bench:
    """One published ledger and the rows that its views hold."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.source = source_of(settings)
        self.topic = topics_of(self.source).events
        with open_source(settings) as events:
            seal_now(settings.data, settings.key_folder, self.source, events)
            self.count = events.head()
        with connection_of(settings).admin() as admin:
            make_topics(admin, planned(self.source, settings))
        with closing(relay_of(settings, self.source, pause=lambda seconds: True, on_trouble=print)) as relay:
            relay.publish_waiting()
        self._groups = 0

    def rows(self, folder: Path) -> dict[str, list[tuple[Any, ...]]]:
        """The final rows of every view as tuples."""
        store = ReadStore(folder / "final.db")
        store.prepare(ALL_PROJECTIONS)
        with open_source(self.settings) as events:
            catch_up(events, store, ALL_PROJECTIONS)
        found = {
            view.name: live_tables(store, view.name).tuples_of({"": list(store.rows(view.name))})
            for view in ALL_PROJECTIONS
        }
        store.close()
        return found

    def floor(self, store: FedReadStore, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        """Consume and decode, and write a share of the rows after every batch."""
        steps = max(1, -(-self.count // BATCH_RECORDS_MAX))
        step = seen = 0
        for records in batches(self.settings.kafka, self.topic, PARTITIONS, BATCH_RECORDS_MAX):
            for record in records:
                _decode(record.value)
            seen += len(records)
            while step < steps and seen >= min(self.count, (step + 1) * BATCH_RECORDS_MAX):
                self._write(store, {name: some[step::steps] for name, some in rows.items()})
                step += 1

    @staticmethod
    def _write(store: FedReadStore, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        with store._database.writing() as connection:
            for name, some in rows.items():
                if some:
                    store._database.fill(connection, live_tables(store, name).insert_row, some)

    def ours(self, store: FedReadStore) -> None:
        """A projector from the beginning to the end of the topic."""
        self._groups += 1
        projector = Projector(
            connection_of(self.settings), self.topic, f"bench-{self._groups}", store, ALL_PROJECTIONS,
            StageMetrics("projector"), ends_at_the_end=True,
        )  # fmt: skip

        async def run() -> None:
            await projector.run(asyncio.Event())

        asyncio.run(run())
        if {store.position(view.name) for view in ALL_PROJECTIONS} != {self.count}:
            raise SystemExit("not everything was projected")


def live_tables(store: ReadStore, name: str) -> ViewTables:
    """The tables that serve a view."""
    with store._database.reading() as connection:
        return store._of(required(connection, name, "live"))


@contextmanager
def fresh(place: str | Path) -> Iterator[FedReadStore]:
    """Empty views."""
    store = FedReadStore(place)
    store.prepare(ALL_PROJECTIONS)
    try:
        yield store
    finally:
        store.close()


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(bench: Bench, folder: Path, where: str, places: Callable[[], Any]) -> None:
    """Floor and figure in interleaved rounds, the best of each."""
    rows = bench.rows(folder)
    floors, ours = [], []
    for _ in range(RUNS):
        with places() as place, fresh(place) as store:
            floors.append(seconds(lambda store=store: bench.floor(store, rows)))
        with places() as place, fresh(place) as store:
            ours.append(seconds(lambda store=store: bench.ours(store)))
    floor, taken = min(floors), min(ours)
    told = "reached" if floor / taken >= BAR else "MISSED"
    written = sum(map(len, rows.values()))
    print(
        f"project from the topic, {where:<10} {bench.count:,} events, {written:,} rows   floor {bench.count / floor:>8,.0f}/s   "
        f"ours {bench.count / taken:>8,.0f}/s   ratio {floor / taken:5.2f}   bar {BAR:.2f}   {told}",
        flush=True,
    )


def main() -> None:
    """Measure at each size, against one broker and one database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    given = parser.parse_args()
    if shutil.which("java") is None:
        sys.exit("the broker needs Java: apt-get install default-jre-headless maven")
    with tempfile.TemporaryDirectory() as name, postgres_server() as server:
        folder = Path(name)
        with cluster(folder / "kafka") as broker:
            kafka = {"kafka": broker.bootstrap, "kafka_partitions": PARTITIONS, "kafka_replication": 1}
            bench = Bench(filled(folder, given.events).model_copy(update=kafka))
            numbers = iter(range(1_000))

            @contextmanager
            def files() -> Iterator[Path]:
                yield folder / f"views-{next(numbers)}.db"

            measure(bench, folder, "PostgreSQL", server.database)
            measure(bench, folder, "SQLite", files)


if __name__ == "__main__":
    main()
