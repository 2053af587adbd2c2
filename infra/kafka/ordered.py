"""A topic's committed records in ledger order: partitions are read side by side and merged by leaf index."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kafka.structs import TopicPartition

from consumers.relay import Leaf, record_of
from consumers.topics import HEADER_LEAF_INDEX
from domain.errors import Tampered, Unavailable
from domain.seal.tree import leaf_hash
from infra.kafka.tails import POLL_MS, READ_S_MAX, Bounds

if TYPE_CHECKING:
    from kafka import KafkaConsumer

WAITING_MAX = 20_000
"""Records of one partition that wait for the others; it is not read further meanwhile."""

FAST = {"max_poll_records": 5_000, "max_partition_fetch_bytes": 4_194_304, "fetch_max_bytes": 33_554_432}
"""Options of a consumer that reads much."""


def leaf_of(record: Any, partitions: int) -> Leaf:
    """The leaf that a record says it is; `topic_differs` unless it is exactly the record that a relay makes of it."""
    index = dict(record.headers).get(HEADER_LEAF_INDEX, b"")
    if not index.isdigit() or record.value is None:
        raise _differs(record, "no record of a relay")
    leaf = Leaf(int(index), leaf_hash(record.value), record.value)
    made = record_of(leaf, partitions)
    if list(record.headers) != made.headers:
        wrong = sorted(name for name, value in made.headers if (name, value) not in record.headers)
        raise _differs(record, f"leaf {leaf.leaf_index}: its bytes do not fit its headers ({', '.join(wrong)})")
    if (record.key, record.partition) != (made.key, made.partition):
        raise _differs(record, f"leaf {leaf.leaf_index} belongs in partition {made.partition} under its subject")
    return leaf


def in_ledger_order(reader: KafkaConsumer, topic: str, bounds: Bounds) -> Iterator[Leaf]:
    """Leaves 0, 1, 2 … of a topic between bounds that were taken once, each checked against its own hash.

    Raises `topic_differs` at the first leaf that is missing, stands twice or stands behind a later one.
    """
    merge = _Merge(reader, topic, bounds)
    expected = 0
    while True:
        queue = merge.queue_with(expected)
        if queue is None:
            return
        while queue and queue[0].leaf_index == expected:
            yield queue.popleft()
            expected += 1


class _Merge:
    """One queue for each partition; a partition with a full queue is paused until the others have caught up."""

    def __init__(self, reader: KafkaConsumer, topic: str, bounds: Bounds) -> None:
        self._reader = reader
        self._topic = topic
        places = {TopicPartition(topic, one): end for one, end in bounds.end.items()}
        self._ends: Mapping[Any, int] = places
        self._open = {place for place in places if bounds.begin[place.partition] < places[place]}
        self._queues: dict[int, deque[Leaf]] = {one: deque() for one in bounds.end}
        self._last = dict.fromkeys(bounds.end, -1)
        reader.assign(list(places))
        for place in places:
            reader.seek(place, bounds.begin[place.partition])
        reader.pause(*(place for place in places if place not in self._open))

    def queue_with(self, expected: int) -> deque[Leaf] | None:
        """The queue whose first leaf is the expected one; None at the end of all."""
        silent_since = time.monotonic()
        while True:
            heads = {one: queue[0].leaf_index for one, queue in self._queues.items() if queue}
            for partition, index in heads.items():
                if index == expected:
                    return self._queues[partition]
            missing = [place for place in self._open if not self._queues[place.partition]]
            if not missing:
                if not heads:
                    return None
                raise Tampered(
                    "topic_differs",
                    f"{self._topic} lacks leaf {expected}; leaf {min(heads.values())} is there; 主题缺少条目",
                )
            if self._read():
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > READ_S_MAX:
                raise Unavailable("kafka_unreachable", f"{self._topic}: nothing came for {READ_S_MAX} s")

    def _read(self) -> bool:
        """Take what comes; whether anything came, or a partition ended."""
        moved = False
        for place, records in self._reader.poll(timeout_ms=POLL_MS).items():
            moved = True
            for record in records:
                if record.offset < self._ends[place]:
                    self._keep(record)
        for place in list(self._open):
            if self._reader.position(place) >= self._ends[place]:
                self._open.discard(place)
                self._reader.pause(place)
                moved = True
        for place in self._open:
            full = len(self._queues[place.partition]) >= WAITING_MAX
            (self._reader.pause if full else self._reader.resume)(place)
        return moved

    def _keep(self, record: Any) -> None:
        leaf = leaf_of(record, len(self._queues))
        if leaf.leaf_index <= self._last[record.partition]:
            raise _differs(record, f"leaf {leaf.leaf_index} stands behind leaf {self._last[record.partition]}")
        self._last[record.partition] = leaf.leaf_index
        self._queues[record.partition].append(leaf)


def _differs(record: Any, why: str) -> Tampered:
    place = f"{record.topic}, partition {record.partition}, offset {record.offset}"
    return Tampered("topic_differs", f"{place}: {why}; 主题内容不符")
