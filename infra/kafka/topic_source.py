"""A source of events over a topic: the same bytes as store and log, to ends that are taken once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from consumers.follow import SourceEvent
from consumers.topics import partition_of
from infra.kafka.connection import Connection
from infra.kafka.ordered import FAST, in_ledger_order, leaf_of
from infra.kafka.tails import bounds_of, last_records, records_between
from infra.kafka.topics import TopicPlan, require_topics
from infra.log_source import head_of


class TopicSource:
    """`consumers.follow.Source` over the committed records of a ledger's `.events`; `position` is the leaf index plus one.

    Opens neither store nor log. Each record is compared with the hash and the place that it carries. A topic has no
    index: every reading begins at its first record, and `read_subject` reads a whole partition. Who asks for many
    subjects copies it first (`infra.kafka.topic_copy`).
    """

    name = "topic"

    def __init__(self, connection: Connection, plans: Sequence[TopicPlan]) -> None:
        self._connection = connection
        self._events, self._checkpoints = plans[0], plans[1]
        with connection.admin() as admin:
            require_topics(admin, plans[:2])
        with connection.reader() as reader:
            self.bounds = bounds_of(reader, self._events.name, self._events.partitions)
            tails = last_records(reader, self._events.name, self.bounds)
        leaves = [leaf_of(record, self._events.partitions).leaf_index for record in tails.values()]
        self._head = max(leaves, default=-1) + 1

    def head(self) -> int:
        """The position of the last event when the ends were taken."""
        return self._head

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[SourceEvent]:
        """Events behind `after` up to `until` in ledger order; partitions are read side by side and merged."""
        end = self._head if until is None else min(until, self._head)
        wanted = None if types is None else frozenset(types)
        if after >= end:
            return
        with self._connection.reader(**FAST) as reader:
            for leaf in in_ledger_order(self._connection, reader, self._events.name, self.bounds):
                position = leaf.leaf_index + 1
                if position > after:
                    sequence, subject, kind = head_of(leaf.raw)
                    if wanted is None or kind in wanted:
                        yield SourceEvent(position, subject, sequence, kind, leaf.raw)
                if position >= end:
                    return

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[SourceEvent]:
        """One subject's events: its partition, read once from the beginning."""
        partition = partition_of(subject, self._events.partitions)
        starts = {partition: self.bounds.begin[partition]}
        with self._connection.reader(**FAST) as reader:
            for record in records_between(reader, self._events.name, starts, self.bounds.end):
                if record.key != subject.encode():
                    continue
                leaf = leaf_of(record, self._events.partitions)
                if until is not None and leaf.leaf_index >= until:
                    return
                sequence, _, kind = head_of(leaf.raw)
                yield SourceEvent(leaf.leaf_index + 1, subject, sequence, kind, leaf.raw)

    def checkpoint(self) -> bytes | None:
        """The newest signed checkpoint of the ledger's `.checkpoints`; None where there is none."""
        with self._connection.reader() as reader:
            found = last_records(reader, self._checkpoints.name, bounds_of(reader, self._checkpoints.name, 1))
        return bytes(found[0].value) if found else None


@contextmanager
def topic_source(connection: Connection, plans: Sequence[TopicPlan]) -> Iterator[TopicSource]:
    """The topic as a source; a cluster that falls away while it is read is `kafka_unreachable`."""
    with connection.failing_as_ours():
        yield TopicSource(connection, plans)
