"""Where a topic ends: the last committed record of each of its partitions, found from the back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from kafka.structs import TopicPartition

from domain.errors import Tampered, Unavailable

if TYPE_CHECKING:
    from kafka import KafkaConsumer

    from infra.kafka.connection import Connection

FIRST_SPAN = 16
SPAN_GROWTH = 16
POLL_MS = 200
READ_S_MAX = 120
SHOWN_S_MAX = 20.0
"""Longer than the longest transaction of a relay: what was written is then shown, or was taken back."""
LOOK_AGAIN_S = 0.05


class Bounds(NamedTuple):
    """The offsets of a topic taken once: where each partition begins, and where its committed records end."""

    begin: dict[int, int]
    end: dict[int, int]


def look_up(reader: KafkaConsumer, topics: Iterable[str]) -> None:
    """Learn where several topics lie in one go; asked one by one, each costs the client a tenth of a second."""
    reader.beginning_offsets([TopicPartition(topic, 0) for topic in topics])


def bounds_of(reader: KafkaConsumer, topic: str, partitions: int) -> Bounds:
    """Begin and end of every partition; raises `topic_behind` where the beginning of one is gone."""
    places = [TopicPartition(topic, partition) for partition in range(partitions)]
    begin = reader.beginning_offsets(places)
    end = reader.end_offsets(places)
    for place in places:
        if begin[place] > 0:
            raise Tampered(
                "topic_behind",
                f"{topic}, partition {place.partition}, begins at offset {begin[place]}: records were deleted; "
                "keep a copy of what is left, delete the topic, then `caseledger topic init` and `caseledger topic republish`; "
                "主题开头的记录已被删除，须重建主题并重新发布",
            )
    return Bounds({one.partition: begin[one] for one in places}, {one.partition: end[one] for one in places})


def ends_when_shown(connection: Connection, reader: KafkaConsumer, topic: str, partitions: int) -> dict[int, int]:
    """Where every partition ends now, when all that is written there has been shown to a reader of committed records.

    A commit is answered before its marker is in every partition: until then one shows a transaction and another does not.
    Raises `kafka_unreachable` where a transaction does not end.
    """
    places = [TopicPartition(topic, partition) for partition in range(partitions)]
    with connection.reader(isolation_level="read_uncommitted") as loose:
        written = loose.end_offsets(places)
    until = time.monotonic() + SHOWN_S_MAX
    while any(end < written[place] for place, end in reader.end_offsets(places).items()):
        if time.monotonic() > until:
            raise Unavailable("kafka_unreachable", f"{topic}: a transaction has not ended for {SHOWN_S_MAX:.0f} s")
        time.sleep(LOOK_AGAIN_S)
    return {place.partition: end for place, end in written.items()}


def last_records(reader: KafkaConsumer, topic: str, bounds: Bounds) -> dict[int, Any]:
    """The last committed record of each partition that has one.

    Offsets are also taken by control records and by records of aborted transactions, so the span that is looked at
    grows until a record is found or the partition begins.
    """
    found: dict[int, Any] = {}
    waiting = {partition for partition, end in bounds.end.items() if end > bounds.begin[partition]}
    span = FIRST_SPAN
    while waiting:
        starts = {partition: max(bounds.begin[partition], bounds.end[partition] - span) for partition in waiting}
        for record in records_between(reader, topic, starts, bounds.end):
            found[record.partition] = record
        waiting -= {one for one in waiting if one in found or starts[one] == bounds.begin[one]}
        span *= SPAN_GROWTH
    return found


def records_between(reader: KafkaConsumer, topic: str, starts: dict[int, int], ends: dict[int, int]) -> Iterable[Any]:
    """Committed records from the starts to the ends, per partition in order; raises where the cluster falls silent."""
    places = {TopicPartition(topic, partition): ends[partition] for partition in starts}
    reader.assign(list(places))
    reader.resume(*places)  # an earlier reading paused what it had finished
    for place in places:
        reader.seek(place, starts[place.partition])
    open_places = {place for place in places if starts[place.partition] < places[place]}
    silent_since = time.monotonic()
    while open_places:
        batches = reader.poll(timeout_ms=POLL_MS)
        for place, records in batches.items():
            silent_since = time.monotonic()
            yield from (record for record in records if record.offset < places[place])
        for place in list(open_places):
            if reader.position(place) >= places[place]:
                open_places.discard(place)
                reader.pause(place)
                silent_since = time.monotonic()
        if time.monotonic() - silent_since > READ_S_MAX:
            raise Unavailable("kafka_unreachable", f"{topic}: nothing came for {READ_S_MAX} s")
