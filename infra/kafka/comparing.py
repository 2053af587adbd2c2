"""`topic verify`: the topic and the sealed log side by side, leaf by leaf, to the first difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from domain.errors import Tampered
from infra.kafka.connection import Connection
from infra.kafka.ordered import FAST, in_ledger_order
from infra.kafka.tails import bounds_of
from infra.kafka.topics import TopicPlan, require_topics
from infra.log_tail import LogTail

PROGRESS_EACH = 1_000


class Compared(NamedTuple):
    """How many leaves are equal on both sides, and how many of the log are not on the topic yet."""

    compared: int
    not_yet: int


def compare(
    connection: Connection,
    plans: Sequence[TopicPlan],
    log_folder: Path,
    on_progress: Callable[[int, int], None] | None = None,
) -> Compared:
    """Hold every committed record against its leaf: place, hash and bytes, in ledger order.

    Raises `topic_differs` or `topic_ahead` with the first difference, and what the settings are refused with.
    The ends of the topic are taken before the log is looked at, and moved on where they cut a transaction in two, so that a
    running relay disturbs nothing.
    """
    events = plans[0]
    with connection.admin() as admin:
        require_topics(admin, plans)
    log = LogTail(log_folder)
    with connection.reader(**FAST) as reader:
        bounds = bounds_of(reader, events.name, events.partitions)
        size = log.look()
        sealed = log.leaves(0, size)
        count = 0
        for found in in_ledger_order(connection, reader, events.name, bounds):
            leaf = next(sealed, None)
            if leaf is None and log.look() > size:  # bounds that were moved on hold what was sealed meanwhile
                sealed, size = log.leaves(count, log.size), log.size
                leaf = next(sealed, None)
            if leaf is None:
                raise Tampered("topic_ahead", f"{events.name} holds leaf {found.leaf_index}, the log {size} leaves")
            if found != leaf:
                raise Tampered("topic_differs", f"{events.name}, leaf {leaf.leaf_index}: other bytes than were sealed")
            count += 1
            if on_progress is not None and count % PROGRESS_EACH == 0:
                on_progress(count, size)
    return Compared(count, size - count)
