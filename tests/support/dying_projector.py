"""A projector that kills itself with SIGKILL around one of its transactions: `… inside|after NUMBER BATCH GROUP PLACE`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from consumers.feed import PartitionChange
from consumers.topics import topics_of
from infra.fed_store import FedReadStore
from infra.kafka.connection import connection_of
from infra.kafka.projector import Projector
from infra.metrics import StageMetrics
from infra.settings import read_settings
from infra.wiring import source_of
from projections import ALL_PROJECTIONS


class Dying(FedReadStore):
    """Dies with rows written and nothing committed, or with everything committed and nobody told."""

    where = ""
    left = 0

    def write_partition(self, changes: Sequence[PartitionChange]) -> None:
        """As it should be, until the end comes."""
        self.left -= 1
        super().write_partition(changes)
        if self.left <= 0 and self.where == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    def _write_view(self, *given: Any) -> None:
        super()._write_view(*given)
        if self.left <= 0 and self.where == "inside":
            os.kill(os.getpid(), signal.SIGKILL)


async def run(store: FedReadStore, batch: int, group: str) -> None:
    """Project until death."""
    settings = read_settings({})
    topic = topics_of(source_of(settings)).events
    projector = Projector(
        connection_of(settings), topic, group, store, ALL_PROJECTIONS, StageMetrics("projector"), records_max=batch
    )
    await projector.run(asyncio.Event())


if __name__ == "__main__":
    where, number, batch, group, place = sys.argv[1:]
    store = Dying(place)
    store.where, store.left = where, int(number)
    asyncio.run(run(store, int(batch), group))
