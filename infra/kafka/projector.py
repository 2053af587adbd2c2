"""A projector process: FastStream hands over what the topic holds, the feed writes it, the database says where to read."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, KafkaError
from kafka import KafkaAdminClient

from consumers.feed import PASSING, FedStore, Feed, Topic
from domain.errors import LedgerError, NotFound, Unavailable
from infra.kafka.connection import Connection
from infra.kafka.records import delivered
from infra.kafka.subscriptions import BATCH_RECORDS_MAX, kafka_broker, subscribe_events
from infra.metrics import StageMetrics
from projections.fold import Projection

BEAT_S = 0.25
PARKED_LOOK_S = 5.0
END_S_MAX = 60.0
"""Without --follow: so long without a batch and without the topic's end is a failure, not patience."""
START_WAIT_S_MAX = 5.0
FETCH_SILENT_S_MAX = 5.0
"""A broker that answers no fetch for so long is away, though the connection may stand."""
BROKER_AWAY = frozenset({"kafka_unreachable", "kafka_refused", "topic_missing"})


class TopicWatch:
    """What the broker says of one topic now; safe to ask from several threads."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._lock = threading.Lock()
        self._admin: KafkaAdminClient | None = None

    def now(self) -> Topic:
        """Id and partitions. Raises `topic_missing`, or what the connection says of a cluster that is away."""
        with self._lock, self._connection.failing_as_ours():
            try:
                if self._admin is None:
                    self._admin = KafkaAdminClient(**self._connection.common)
                (found,) = self._admin.describe_topics([self._name])
            except BaseException:
                self._close()
                raise
        if found["error_code"] != 0 or not found["partitions"]:
            raise NotFound("topic_missing", self._name)
        return Topic(str(found["topic_id"]), len(found["partitions"]))

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None


class Projector(ConsumerRebalanceListener):  # type: ignore[misc]
    """One process of the group. Any number may run; a partition belongs to one of them at a time, and where two
    believe so, the database refuses the one that was overtaken."""

    def __init__(
        self,
        connection: Connection,
        topic: str,
        group: str,
        store: FedStore,
        projections: Sequence[Projection],
        metrics: StageMetrics,
        *,
        ends_at_the_end: bool = False,
        records_max: int = BATCH_RECORDS_MAX,
        on_trouble: Callable[[LedgerError], None] = lambda error: None,
    ) -> None:
        self._connection = connection
        self._stopping = threading.Event()
        self._ends_at_the_end = ends_at_the_end
        self._on_trouble = on_trouble
        self._last_trouble = ""
        self._joined = False
        self._is_silent = False
        self._is_blind = False
        self._in_hand = 0
        self._batches = 0
        self._batches_at_end = -1
        self._batches_seen = 0
        self._assigned_s = 0.0
        self._moved_s = time.monotonic()
        self._metrics = metrics
        self._store = store
        self._views = tuple(projections)
        self._watch = TopicWatch(connection, topic)
        self._name = topic
        self._feed = Feed(projections, store, lambda wait_s: not self._stopping.wait(wait_s), self._told)
        self._broker = kafka_broker(connection)
        self._subscriber = subscribe_events(self._broker, topic, group, self._handle, self, records_max)
        self._failed: BaseException | None = None
        self._stop: asyncio.Event | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Project until `stop`; then finish the batch at hand and leave the group.

        A broker or a database that is away is waited for. Raises what no waiting mends: `foreign_record`,
        `view_stale`, `poison_event` of rows that no parking explains.
        """
        self._stop = stop
        beats = asyncio.create_task(self._beats())
        try:
            if await self._started(stop):
                await stop.wait()
        finally:
            self._stopping.set()
            beats.cancel()
            await self._broker.stop()
            await asyncio.to_thread(self._watch.close)
        if self._failed is not None:
            raise self._failed

    async def _started(self, stop: asyncio.Event) -> bool:
        """Join the group as soon as the broker answers and knows the topic; False where the stop came first."""
        wait_s = BEAT_S
        while not stop.is_set():
            try:
                await asyncio.to_thread(self._watch.now)
                await self._broker.start()
                return True
            except (KafkaError, LedgerError) as error:
                self._told(error if isinstance(error, LedgerError) else self._connection.ours(error))
                await self._broker.stop()
            try:
                await asyncio.wait_for(stop.wait(), wait_s)
            except TimeoutError:
                wait_s = min(wait_s * 2, START_WAIT_S_MAX)
        return False

    @property
    def partitions(self) -> list[int]:
        """The partitions that this process has at the moment."""
        return sorted(self._feed.positions())

    # -- what FastStream and the group call --

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Finish the batch that is being written, and forget these partitions."""
        await asyncio.to_thread(self._feed.leave, [one.partition for one in revoked])

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Read on from where the database stands. What fails here is tried again with the first batch."""
        self._joined = True
        self._assigned_s = time.time()
        for one in assigned:
            try:
                offset = await asyncio.to_thread(self._entered, one.partition)
                if offset is not None and not self._feed.has_begun(one.partition):
                    self._seek(one, offset)
            except LedgerError as error:
                self._told(error)
        self._metrics.ready()

    async def _handle(self, records: tuple[ConsumerRecord, ...]) -> None:
        """What a poll gave, partition by partition."""
        self._in_hand = len(records)
        self._batches += 1
        self._metrics.waits(min(record.timestamp for record in records) / 1_000)
        for partition, some in groupby(records, key=lambda record: int(record.partition)):
            if self._stopping.is_set():
                return
            try:
                again = await asyncio.to_thread(self._take, partition, list(some))
            except Exception as error:  # noqa: BLE001 - ends the process; `run` raises it
                self._fail(error)
                return
            if again is not None:
                self._seek(TopicPartition(self._name, partition), again)
        self._in_hand = 0
        self._metrics.waits(None)

    def _entered(self, partition: int) -> int | None:
        return self._feed.enter(partition, self._watch.now())

    def _take(self, partition: int, records: list[ConsumerRecord]) -> int | None:
        """Hand a batch to the feed; the topic is looked at after it was read, so that one made anew is noticed."""
        try:
            topic = self._watch.now()
        except (Unavailable, NotFound) as error:
            if error.code not in BROKER_AWAY:
                raise
            self._told(error)
            self._stopping.wait(BEAT_S)
            return int(records[0].offset)
        again = self._feed.take(partition, topic, [delivered(record) for record in records])
        if again is None:
            self._last_trouble = ""
            self._metrics.progressed()
        return again

    def _seek(self, where: TopicPartition, offset: int) -> None:
        consumer = self._subscriber.consumer
        try:
            if consumer is not None:
                consumer.seek(where, offset)
        except IllegalStateError:
            return  # the partition was taken away meanwhile: its new owner reads the database itself

    def _told(self, error: LedgerError) -> None:
        """A failure that is tried again."""
        if error.code not in PASSING | BROKER_AWAY:
            self._fail(error)
        self._metrics.trouble(error.code)
        if error.code != self._last_trouble:
            self._last_trouble = error.code
            self._on_trouble(error)

    def _fail(self, error: BaseException) -> None:
        self._failed = self._failed or error
        if self._stop is not None:
            self._stop.set()

    # -- heartbeat --

    async def _beats(self) -> None:
        looked_s = -PARKED_LOOK_S
        while True:
            try:
                if time.monotonic() - looked_s >= PARKED_LOOK_S:
                    looked_s = time.monotonic()
                    await asyncio.to_thread(self._count_parked)
                await asyncio.wait_for(self._beat(), BEAT_S)
                self._require_an_end()
            except (TimeoutError, IllegalStateError, AssertionError):
                self._require_an_end()  # the broker is slow, or a partition was taken away while it was looked at: no beat
            except Exception as error:  # noqa: BLE001 - a projector without a pulse must not go on
                self._fail(error)
                return
            await asyncio.sleep(BEAT_S)

    def _require_an_end(self) -> None:
        """Whoever wants to stop at the end of the topic is told when no batch comes and no end is seen."""
        if self._batches != self._batches_seen:
            self._batches_seen, self._moved_s = self._batches, time.monotonic()
        is_late = not self._in_hand and time.monotonic() - self._moved_s > END_S_MAX
        if self._ends_at_the_end and is_late:
            self._fail(Unavailable("kafka_unreachable", f"{self._name}: no batch and no end for {END_S_MAX:.0f} s"))

    def _end_if_done(self, is_at_end: bool) -> None:
        """Stop at the end of the topic where that is wanted. Two looks in a row must see it, with no batch between
        them: one that was just fetched has moved the consumer, and is not in hand yet."""
        if is_at_end and self._ends_at_the_end and self._batches_at_end == self._batches and self._stop is not None:
            self._stop.set()
        self._batches_at_end = self._batches if is_at_end else -1

    def _count_parked(self) -> None:
        """How many subjects wait, as the store has it: a retry elsewhere is seen here too."""
        was_blind, self._is_blind = self._is_blind, True
        try:
            self._metrics.parked({view.name: len(self._store.parked(view.name)) for view in self._views})
        except LedgerError as error:
            self._told(error)
            return
        self._is_blind = False
        if was_blind:
            self._metrics.ready()

    async def _beat(self) -> None:
        """Position and lag of the partitions held here; a broker that answers no fetch makes the stage unready."""
        consumer = self._subscriber.consumer
        lag, newest, is_known = self._in_hand, time.time(), self._joined
        for one in consumer.assignment() if consumer else ():
            assert consumer is not None, "only a consumer has partitions"
            end = consumer.last_stable_offset(one)
            is_known = is_known and end is not None
            if end is None:
                newest = min(newest, self._assigned_s)  # nothing was fetched since it was given to us
            else:
                lag += max(0, end - await consumer.position(one))
                newest = min(newest, consumer.last_poll_timestamp(one) / 1_000)
        self._metrics.beat()
        was_silent, self._is_silent = self._is_silent, time.time() - newest >= FETCH_SILENT_S_MAX
        if self._is_silent:
            if not was_silent:
                self._told(Unavailable("kafka_unreachable", self._connection.bootstrap))
            return
        if was_silent:
            self._metrics.ready()
        if consumer is not None:
            self._metrics.stands(max(self._feed.positions().values(), default=0), lag)
            self._end_if_done(is_known and lag == 0)
