"""Sealing a data folder: where log, history, lock and key lie, put together for whoever records."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from consumers.seal import RecordedEvents, Sealed, Sealer
from domain.errors import Unavailable
from infra.keys_log import load_log_key, load_signers, log_origin, policy_text
from infra.seal_history import SealHistory, SealLock
from infra.tile_store import TileStore

LOG_FOLDER = "log"
SEALING_FOLDER = "sealing"

_ERRNO_CODES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}


@contextmanager
def open_sealer(data: Path, keys: Path, source: str, events: RecordedEvents) -> Iterator[Sealer]:
    """The sealer of a data folder, with its lock held; `source` is the ledger's, such as `/500229/petition-office`.

    Raises `sealer_running`, `log_key_…`, and for what the disk refuses `disk_full` or `read_only`.
    """
    origin = log_origin(source)
    sealing = data / SEALING_FOLDER
    try:
        signers = load_signers(keys, origin)
        with SealLock(sealing):
            yield Sealer(
                events,
                TileStore(data / LOG_FOLDER, sealing / "incoming"),
                SealHistory(sealing),
                origin,
                signers,
                clock=time.monotonic,
                pause=time.sleep,
            )
    except OSError as error:
        code = _ERRNO_CODES.get(error.errno or 0, "unavailable")
        raise Unavailable(code, f"{error.filename or data}: {error.strerror}") from error


def seal_now(data: Path, keys: Path, source: str, events: RecordedEvents) -> Sealed:
    """Seal everything that is recorded and return when the checkpoint is durable."""
    with open_sealer(data, keys, source, events) as sealer:
        return sealer.seal_waiting()


def log_policy(keys: Path, source: str) -> str:
    """The policy text that an auditor pins for this ledger's log."""
    return policy_text(load_log_key(keys, log_origin(source)).vkey)
