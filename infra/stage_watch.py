"""A pulling stage – sealer, relay, feed – as its metrics see it: each look a heartbeat, each result a place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from domain.asof import parse_instant
from domain.errors import LedgerError
from infra.health import address_from, health_server
from infra.log_proof import LogReader
from infra.metrics import StageMetrics
from projections.ledger_source import read_stamp

T = TypeVar("T")
BUNDLE = 256


class StageWatch:
    """What a stage tells of itself; `position` is how far it has come."""

    def __init__(self, metrics: StageMetrics) -> None:
        self._metrics = metrics
        self.position = 0

    def looking(self, look: Callable[[], T]) -> Callable[[], T]:
        """The same look for work, with a heartbeat."""

        def beating() -> T:
            self._metrics.beat()
            return look()

        return beating

    def heading(self, head: Callable[[], int]) -> Callable[[], int]:
        """A look at a source's newest position: a heartbeat, and since when there has been something to do."""

        def looked() -> int:
            newest = head()
            self._metrics.stands(self.position, max(0, newest - self.position))
            if newest > self.position:
                self._metrics.waits(time.time())
            return newest

        return looked

    def moved(self, position: int, head: int) -> None:
        """Some of the work is done."""
        self.position = position
        self._metrics.stands(position, max(0, head - position))
        self._metrics.progressed()

    def done(self, position: int) -> None:
        """All that was there is done."""
        self.moved(position, position)
        self._metrics.waits(None)

    def waits(self, code: str, oldest: tuple[int, float] | None) -> None:
        """Something is away; `oldest` is how many events wait, and since when the first of them has been recorded."""
        self._metrics.trouble(code)
        count, since = oldest if oldest is not None else (0, None)
        self._metrics.stands(self.position, count)
        self._metrics.waits(since)


@contextmanager
def watched(stage: str, health: str | None) -> Iterator[StageWatch]:
    """A stage's watch, answering on the address while the block runs, if one is given."""
    metrics = StageMetrics(stage)
    with health_server(metrics, None if health is None else address_from(health)):
        yield StageWatch(metrics)


def oldest_leaf(log: Path, done: int) -> tuple[int, float] | None:
    """How many leaves of a log lie behind the first `done`, and when the first of them was recorded (Unix seconds)."""
    try:
        reader = LogReader(log)
        if reader.size <= done:
            return None
        raw = reader.entries(done // BUNDLE)[done % BUNDLE]
        return reader.size - done, parse_instant(read_stamp(raw).recordedtime).timestamp()
    except (LedgerError, OSError, ValueError, IndexError):
        return None  # the log is being written, or damaged: the relay itself says so
