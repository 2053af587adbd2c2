"""What `topic status` says: each topic as the cluster has it, and every setting that is not as it must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.errors import LedgerError, NotFound
from infra.kafka.connection import Connection
from infra.kafka.tails import bounds_of
from infra.kafka.topics import TopicPlan, describe, drifted, drifts


def topic_rows(connection: Connection, plans: Sequence[TopicPlan]) -> tuple[list[dict[str, Any]], list[LedgerError]]:
    """One row for each topic, and one error for each that is missing or set up otherwise than planned.

    `records_end` counts offsets, which control records take as well: it is more than the number of events.
    """
    with connection.admin() as admin:
        there = describe(admin, plans)
    rows: list[dict[str, Any]] = []
    errors: list[LedgerError] = []
    for plan in plans:
        state = there.get(plan.name)
        if state is None:
            rows.append({"topic": plan.name, "state": "missing"})
            errors.append(NotFound("topic_missing", plan.name))
            continue
        found = drifts(plan, state)
        errors += [drifted(one) for one in found]
        with connection.reader() as reader:
            end = sum(bounds_of(reader, plan.name, state.partitions).end.values())
        rows.append(
            {
                "topic": plan.name,
                "state": "drifted" if found else "as planned",
                "partitions": state.partitions,
                "replication": state.replication,
                "in_sync": state.in_sync_min,
                "records_end": end,
                "topic_id": state.topic_id,
            }
        )
    return rows, errors
