"""A topic's committed records in ledger order: partitions are read side by side and merged by leaf index."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kafka.structs import TopicPartition

from consumers.leaf_record import Leaf, record_of
from consumers.topics import HEADER_LEAF_INDEX
from domain.errors import Tampered, Unavailable
from domain.seal.tree import leaf_hash
from infra.kafka.tails import POLL_MS, READ_S_MAX, Bounds, ends_when_shown

if TYPE_CHECKING:
    from kafka import KafkaConsumer

    from infra.kafka.connection import Connection

WAITING_MAX = 20_000
"""Records of one partition that wait for the others; it is not read further meanwhile."""

FAST = {"max_poll_records": 5_000, "max_partition_fetch_bytes": 4_194_304, "fetch_max_bytes": 33_554_432}
"""Options of a consumer that reads much."""


def leaf_of(record: Any, partitions: int) -> Leaf:
    """The leaf that a record says it is; `topic_differs` unless it is exactly the record that a relay makes of it."""
    headers = list(record.headers)
    index = next((value for name, value in headers if name == HEADER_LEAF_INDEX), b"")
    if not index.isdigit() or record.value is None:
        raise _differs(record, "no record of a relay")
    leaf = Leaf(int(index), leaf_hash(record.value), record.value)
    made = record_of(leaf, partitions)
    if headers != made.headers:
        wrong = sorted(name for name, value in made.headers if (name, value) not in record.headers)
        raise _differs(record, f"leaf {leaf.leaf_index}: its bytes do not fit its headers ({', '.join(wrong)})")
    if (record.key, record.partition) != (made.key, made.partition):
        raise _differs(record, f"leaf {leaf.leaf_index} belongs in partition {made.partition} under its subject")
    return leaf


def in_ledger_order(connection: Connection, reader: KafkaConsumer, topic: str, bounds: Bounds) -> Iterator[Leaf]:
    """Leaves 0, 1, 2 … of a topic between bounds that were taken once, each checked against its own hash.

    Bounds taken while a transaction was shown by some partitions only are moved on to where it ends, and may then hold
    leaves of later ones. Raises `topic_differs` at the first leaf that is missing, stands twice or stands behind a later one.
    """
    merge = _Merge(connection, reader, topic, bounds)
    expected = 0
    while merge.fill(expected):
        while (leaf := merge.take(expected)) is not None:
            yield leaf
            expected += 1


class _Merge:
    """Leaves that wait for earlier ones; a partition with too many of them is paused until those have come."""

    def __init__(self, connection: Connection, reader: KafkaConsumer, topic: str, bounds: Bounds) -> None:
        self._connection = connection
        self._reader = reader
        self._topic = topic
        places = {TopicPartition(topic, one): end for one, end in bounds.end.items()}
        self._ends: Mapping[Any, int] = places
        self._missed = -1
        self._open = {place for place in places if bounds.begin[place.partition] < places[place]}
        self._waiting: dict[int, tuple[int, Leaf]] = {}
        self._counts = dict.fromkeys(bounds.end, 0)
        self._last = dict.fromkeys(bounds.end, -1)
        reader.assign(list(places))
        for place in places:
            reader.seek(place, bounds.begin[place.partition])
        reader.pause(*(place for place in places if place not in self._open))

    def take(self, expected: int) -> Leaf | None:
        """The expected leaf, if it is there."""
        found = self._waiting.pop(expected, None)
        if found is None:
            return None
        self._counts[found[0]] -= 1
        return found[1]

    def fill(self, expected: int) -> bool:
        """Read until the expected leaf is there; false at the end of all."""
        silent_since = time.monotonic()
        while expected not in self._waiting:
            if all(self._last[place.partition] > expected for place in self._open):
                if not self._waiting:
                    return False
                if self._missed != expected and self._move_on(expected):
                    continue
                there = min(self._waiting)
                raise Tampered(
                    "topic_differs", f"{self._topic} lacks leaf {expected}; leaf {there} is there; 主题缺少条目"
                )
            if self._read():
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > READ_S_MAX:
                raise Unavailable("kafka_unreachable", f"{self._topic}: nothing came for {READ_S_MAX} s")
        return True

    def _move_on(self, missed: int) -> bool:
        """A leaf is not there and later ones are: read to where everything written by now ends; false where we are there."""
        self._missed = missed
        ends = ends_when_shown(self._connection, self._reader, self._topic, len(self._last))
        grown = {place for place, end in self._ends.items() if ends[place.partition] > end}
        self._ends = {place: max(end, ends[place.partition]) for place, end in self._ends.items()}
        self._open |= grown
        return bool(grown)

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
            full = self._counts[place.partition] >= WAITING_MAX
            (self._reader.pause if full else self._reader.resume)(place)
        return moved

    def _keep(self, record: Any) -> None:
        leaf = leaf_of(record, len(self._last))
        if leaf.leaf_index <= self._last[record.partition]:
            raise _differs(record, f"leaf {leaf.leaf_index} stands behind leaf {self._last[record.partition]}")
        self._last[record.partition] = leaf.leaf_index
        if leaf.leaf_index in self._waiting:
            raise _differs(record, f"leaf {leaf.leaf_index} stands twice")
        self._waiting[leaf.leaf_index] = record.partition, leaf
        self._counts[record.partition] += 1


def _differs(record: Any, why: str) -> Tampered:
    place = f"{record.topic}, partition {record.partition}, offset {record.offset}"
    return Tampered("topic_differs", f"{place}: {why}; 主题内容不符")
