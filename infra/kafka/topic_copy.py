"""A topic opened as a ledger of one's own: read once, every record checked, then every question in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from consumers.project import OnProgress
from infra.kafka.connection import Connection
from infra.kafka.topic_source import topic_source
from infra.kafka.topics import TopicPlan
from infra.log_copy import LogCopy, copy_of


@contextmanager
def topic_copy(
    connection: Connection, plans: Sequence[TopicPlan], on_progress: OnProgress | None = None
) -> Iterator[LogCopy]:
    """Copy a topic's events, to ends that are taken once, into a folder that is gone afterwards."""
    with topic_source(connection, plans) as topic, copy_of(topic, on_progress) as copy:
        yield copy
