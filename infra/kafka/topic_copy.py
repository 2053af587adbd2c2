"""A topic opened as a ledger of one's own: read once, every record checked, then every question in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from consumers.project import OnProgress
from infra.kafka.connection import Connection
from infra.kafka.split_copy import copy_in_parts
from infra.kafka.topic_source import topic_source
from infra.kafka.topics import TopicPlan
from infra.log_copy import LogCopy, copied, copy_of

SPLIT_FROM_EVENTS = 50_000
"""Fewer events are read before a second process has started."""
PROCESSES_MAX = 8
"""As many databases as SQLite attaches at once, less the one that they are joined in."""


@contextmanager
def topic_copy(
    connection: Connection, plans: Sequence[TopicPlan], on_progress: OnProgress | None = None, processes: int = 1
) -> Iterator[LogCopy]:
    """Copy a topic's events, to ends that are taken once, into a folder that is gone afterwards.

    Several processes share the partitions; no more of them run than there are partitions.
    """
    with topic_source(connection, plans) as topic:
        shares = min(processes, len(topic.bounds.end), PROCESSES_MAX)
        if shares == 1 or topic.head() < SPLIT_FROM_EVENTS:
            with copy_of(topic, on_progress) as copy:
                yield copy
            return
        with copied(
            lambda folder, target: copy_in_parts(
                folder, target, connection, plans[0].name, topic.bounds, topic.head(), shares, on_progress
            )
        ) as copy:
            yield copy
