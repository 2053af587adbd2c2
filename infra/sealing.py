"""Sealing a data folder: where log, history, lock and key lie, put together for whoever records."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from consumers.seal import RecordedEvents, Sealed, Sealer, store_behind
from domain.errors import Unavailable
from domain.seal.checkpoint import read_note
from infra.disk_errors import disk_failure
from infra.keys_log import load_log_key, load_signers, log_origin, policy_text
from infra.seal_history import SealHistory, SealLock
from infra.sql_source import SqlSource
from infra.tile_store import TileStore

LOG_FOLDER = "log"
SEALING_FOLDER = "sealing"
LOOK_AGAIN_S = 0.02
"""Seconds between two looks at what another sealer is doing."""


@contextmanager
def sealing_alone(data: Path, events: RecordedEvents | None = None) -> Iterator[None]:
    """Hold the sealer's lock of a data folder, and that of a store which other hosts reach as well.

    Raises `sealer_running`, and for what the disk refuses its code.
    """
    try:
        with SealLock(data / SEALING_FOLDER), _lock_of(events):
            yield
    except BrokenPipeError:  # whoever read what the sealer tells has left; nothing of the log failed
        raise
    except OSError as error:
        raise disk_failure(error.filename or data, error) from error


def _lock_of(events: RecordedEvents | None) -> AbstractContextManager[None]:
    return events.sealing() if isinstance(events, SqlSource) else nullcontext()


def sealer_of(data: Path, keys: Path, source: str, events: RecordedEvents) -> Sealer:
    """The sealer of a data folder with the keys as they are now; the caller holds the lock."""
    origin, sealing = log_origin(source), data / SEALING_FOLDER
    return Sealer(
        events,
        TileStore(data / LOG_FOLDER, sealing / "incoming"),
        SealHistory(sealing),
        origin,
        load_signers(keys, origin),
        clock=time.monotonic,
        pause=time.sleep,
    )


@contextmanager
def open_sealer(data: Path, keys: Path, source: str, events: RecordedEvents) -> Iterator[Sealer]:
    """The sealer of a data folder, with its lock held; `source` is the ledger's, such as `/500229/petition-office`.

    Raises `sealer_running`, `log_key_…`, and for what the disk refuses `disk_full` or `read_only`.
    """
    with sealing_alone(data, events):
        yield sealer_of(data, keys, source, events)


def seal_now(data: Path, keys: Path, source: str, events: RecordedEvents) -> Sealed:
    """Seal everything that is recorded and return when the checkpoint is durable."""
    with open_sealer(data, keys, source, events) as sealer:
        return sealer.seal_waiting()


def seal_or_be_sealed(data: Path, keys: Path, source: str, events: RecordedEvents, wait_s: float) -> None:
    """Return when everything recorded so far is sealed, by this process or by the one that seals just now.

    Raises `sealer_running` when another process has held the lock for `wait_s` without sealing it, and
    `store_behind_log` where the store ends before what is sealed.
    """
    head, deadline = events.head(), time.monotonic() + wait_s
    while True:
        try:
            seal_now(data, keys, source, events)
            return
        except Unavailable as refused:
            if refused.code != "sealer_running":
                raise
            sealed = sealed_position(data)
            if (now := events.head()) < sealed:  # read behind it: an honest store never ends before what is sealed
                raise store_behind(now, sealed) from None
            if sealed >= head:
                return
            if time.monotonic() >= deadline:
                raise
        time.sleep(LOOK_AGAIN_S)


def is_sealed(data: Path) -> bool:
    """Whether a log was ever signed here."""
    return (data / LOG_FOLDER).exists() or SealHistory(data / SEALING_FOLDER).is_begun


def sealed_position(data: Path) -> int:
    """The ledger position of the last event under the published checkpoint; 0 where nothing is sealed."""
    note = TileStore(data / LOG_FOLDER, data / SEALING_FOLDER).checkpoint()
    if note is None:
        return 0
    size = read_note(note).checkpoint.size
    return next((one.position for one in SealHistory(data / SEALING_FOLDER).last() if one.size == size), 0)


def log_policy(keys: Path, source: str) -> str:
    """The policy text that an auditor pins for this ledger's log."""
    return policy_text(load_log_key(keys, log_origin(source)).vkey)
