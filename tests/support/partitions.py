"""A topic in memory for tests of projectors: partitions with holes between offsets, and consumers that may be late."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from consumers.feed import Delivered, Feed, Topic
from consumers.follow import SourceEvent
from consumers.topics import partition_of


class MemoryTopic:
    """The ledger's events by partition; offsets have holes, as transactions leave them."""

    def __init__(self, events: Iterable[SourceEvent], partitions: int, chance: random.Random, name: str = "t1") -> None:
        self.topic = Topic(name, partitions)
        self.records: list[list[Delivered]] = [[] for _ in range(partitions)]
        self._next = [0] * partitions
        self._chance = chance
        for event in events:
            self.add(event)

    def add(self, event: SourceEvent) -> None:
        """One more event at the end of its partition."""
        partition = partition_of(event.subject, self.topic.partitions)
        self._next[partition] += self._chance.choice((0, 0, 0, 1, 3))
        self.records[partition].append(Delivered(self._next[partition], event))
        self._next[partition] += 1

    def read(self, partition: int, offset: int, count: int) -> list[Delivered]:
        """At most so many records from an offset on."""
        return [record for record in self.records[partition] if record.offset >= offset][:count]


class Member:
    """One process of the group: a feed, and the offset that its consumer would read next in each partition it holds."""

    def __init__(self, feed: Feed, topic: MemoryTopic) -> None:
        self.feed = feed
        self.topic = topic
        self.offsets: dict[int, int] = {}

    def assign(self, partitions: Sequence[int]) -> None:
        """What a rebalance gives."""
        self.feed.leave(set(self.offsets))
        self.offsets = {partition: self.feed.enter(partition, self.topic.topic) or 0 for partition in partitions}

    def poll(self, partition: int, count: int) -> bool:
        """One batch of a partition; False where there is none."""
        records = self.topic.read(partition, self.offsets[partition], count)
        if not records:
            return False
        again = self.feed.take(partition, self.topic.topic, records)
        self.offsets[partition] = records[-1].offset + 1 if again is None else again
        return True

    def drain(self) -> None:
        """Everything that is there, of every partition held; fails where that does not end."""
        left = 1_000 + sum(len(records) for records in self.topic.records)
        while any(self.poll(partition, 200) for partition in list(self.offsets)):
            left -= 1
            assert left > 0, "the partition is read again and again"
