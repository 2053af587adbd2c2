"""What a running stage – sealer, relay, projector, feed – says of itself: where it is, how far behind, and that it lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

SILENT_S_MAX = 30.0
"""After so many seconds without a heartbeat a stage counts as dead, whatever else it says."""


class StageMetrics:
    """One stage's metrics, in a registry of its own; may be set and read from any thread.

    The heartbeat says that the stage looks for work, progress that it found some: a silent source gives the one
    without the other.
    """

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._beat_s = time.monotonic()
        self._waiting_since_s: float | None = None
        self._unready = "starting"
        self._position = self._gauge("position", "ledger position of the newest event done")
        self._lag = self._gauge("lag_records", "what the source holds beyond that position")
        self._oldest = self._gauge(
            "oldest_unprocessed_seconds", "age of the oldest event not yet done, 0 where there is none"
        )
        self._heartbeat = self._gauge("heartbeat_timestamp_seconds", "when the stage last looked for work")
        self._progress = self._gauge("progress_timestamp_seconds", "when the stage last did any")
        self._ready = self._gauge("ready", "1 where the stage can work")
        self._parked = Gauge(
            "caseledger_parked_subjects", "subjects that wait for a retry", ["stage", "view"], registry=self.registry
        )
        self._troubles = Counter(
            "caseledger_troubles", "failures that were tried again", ["stage", "code"], registry=self.registry
        )

    def _gauge(self, name: str, told: str) -> Gauge:
        gauge = Gauge(f"caseledger_{name}", told, ["stage"], registry=self.registry)
        gauge.labels(self.stage)
        return gauge

    def beat(self) -> None:
        """The stage has looked for work."""
        self._beat_s = time.monotonic()
        self._heartbeat.labels(self.stage).set_to_current_time()

    def stands(self, position: int, lag: int) -> None:
        """Where the stage is, and how many events are left."""
        self._position.labels(self.stage).set(position)
        self._lag.labels(self.stage).set(lag)
        self.beat()

    def waits(self, since_unix_s: float | None) -> None:
        """Since when the oldest event not yet done has been there; None where all are done."""
        with self._lock:
            self._waiting_since_s = since_unix_s

    def progressed(self) -> None:
        """Something was done: the stage works."""
        self._progress.labels(self.stage).set_to_current_time()
        self.ready()

    def ready(self) -> None:
        """The stage can work."""
        self._unready = ""
        self._ready.labels(self.stage).set(1)

    def trouble(self, code: str) -> None:
        """Something failed and is tried again."""
        self._troubles.labels(self.stage, code).inc()
        self._unready = code
        self._ready.labels(self.stage).set(0)

    def parked(self, counts: Mapping[str, int]) -> None:
        """How many subjects each view has parked."""
        for view, count in counts.items():
            self._parked.labels(self.stage, view).set(count)

    @property
    def silent_s(self) -> float:
        """Seconds since the last heartbeat."""
        return time.monotonic() - self._beat_s

    @property
    def is_alive(self) -> bool:
        """Whether the stage still looks for work."""
        return self.silent_s < SILENT_S_MAX

    @property
    def unready(self) -> str:
        """Why the stage cannot work now; empty where it can."""
        return self._unready if self.is_alive else "silent"

    def exposition(self) -> bytes:
        """The metrics in Prometheus' text format."""
        since = self._waiting_since_s
        self._oldest.labels(self.stage).set(0 if since is None else max(0.0, time.time() - since))
        return generate_latest(self.registry)
