"""A bare kafka-python consumer of a whole topic: the floor beside whatever reads it with more than that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

FETCH_BYTES = 4 * 1024 * 1024


def batches(
    bootstrap: str | None, topic: str, partitions: int, records_max: int, **options: Any
) -> Iterator[list[Any]]:
    """What the committed records of a topic come in, poll by poll, from its beginning to its present end."""
    places = [TopicPartition(topic, one) for one in range(partitions)]
    given = {"max_poll_records": records_max, "max_partition_fetch_bytes": FETCH_BYTES, **options}
    with closing(
        KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed", **given)
    ) as consumer:
        ends = consumer.end_offsets(places)
        consumer.assign(places)
        for place in places:
            consumer.seek(place, 0)
        while any(consumer.position(place) < ends[place] for place in places):
            yield from consumer.poll(200).values()
