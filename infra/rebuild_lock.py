"""The right to rebuild a view: a file lock that a dead process does not keep, with a heartbeat beside it."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec

from domain.errors import Conflict, LedgerError, Unavailable

BEAT_S = 1.0
"""Seconds between two heartbeats; they go on while no progress is made."""
BEAT_BYTES_MAX = 1_024
_HELD: set[int] = set()
"""The files locked by this process."""


class Heartbeat(NamedTuple):
    """What a rebuild says of itself. `is_running` is the lock's word, everything else the process's own."""

    is_running: bool
    pid: int
    began: str
    beat: str
    events: int
    position: int
    head: int
    events_per_s: int
    eta_s: int | None


class Beat:
    """The pulse of a rebuild: progress is put in from the pass, and written out every second by a thread."""

    def __init__(self, writes: Sequence[Callable[[bytes], None]]) -> None:
        self._writes = tuple(writes)
        self._failure: LedgerError | None = None
        self._began = datetime.now(UTC)
        self._began_s = time.monotonic()
        self._progress = (0, 0, 0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rebuild-heartbeat", daemon=True)

    def moved(self, events: int, position: int, head: int) -> None:
        """Events folded so far, and the position reached on the way to `head`.

        Raises what kept the last heartbeat from being written: where it is not, the lock may be lost as well.
        """
        if self._failure is not None:
            raise self._failure
        self._progress = (events, position, head)

    def __enter__(self) -> Beat:
        self._write()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._failure is None:
            self._write()

    def _run(self) -> None:
        while self._failure is None and not self._stop.wait(BEAT_S):
            try:
                self._write()
            except LedgerError as error:
                self._failure = error

    def _write(self) -> None:
        events, position, head = self._progress
        rate = events / max(time.monotonic() - self._began_s, 0.001)
        eta = round((head - position) / rate) if rate >= 1 else None
        told = Heartbeat(
            True, os.getpid(), _text(self._began), _text(datetime.now(UTC)), events, position, head, int(rate), eta
        )
        line = msgspec.json.encode(told._asdict()).ljust(BEAT_BYTES_MAX)
        for write in self._writes:
            write(line)


@contextmanager
def rebuild_locks(place: str, names: Sequence[str]) -> Iterator[Beat]:
    """Hold the locks of these views, all or none, while the block runs.

    Raises `view_rebuilding` with the process that holds one. A process that dies, however, lets go of them.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(_locked(place, name)) for name in sorted(set(names))]
        yield stack.enter_context(Beat([partial(_written, file) for file in files]))


def _written(file: int, line: bytes) -> None:
    os.pwrite(file, line, 0)


@contextmanager
def _locked(place: str, name: str) -> Iterator[int]:
    path = _path(place, name)
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Unavailable("read_only", f"{path}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held = _told(file)
            who = f"process {held['pid']}, at {held['position']} of {held['head']}" if held else "?"
            raise Conflict("view_rebuilding", f"{name}: {who}", field="name") from None
        _HELD.add(file)
        yield file
    finally:
        _HELD.discard(file)
        os.close(file)


def _let_go() -> None:
    """A forked process holds its parent's locks as well, and would keep them from whoever follows a dead parent."""
    for file in _HELD:
        os.close(file)
    _HELD.clear()


os.register_at_fork(after_in_child=_let_go)


def read_beat(place: str, name: str) -> Heartbeat | None:
    """The heartbeat of the rebuild that runs now, or of the last one; None where there was none."""
    try:
        file = os.open(_path(place, name), os.O_RDONLY)
    except OSError:
        return None
    try:
        told = _told(file)
        return None if told is None else Heartbeat(**{**told, "is_running": _is_held(file)})
    finally:
        os.close(file)


def _is_held(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _told(file: int) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = msgspec.json.decode(os.pread(file, BEAT_BYTES_MAX, 0).rstrip())
    except msgspec.DecodeError:
        return None
    return told


def _path(place: str, name: str) -> str:
    return f"{place.removeprefix('sqlite:///')}.{name}.rebuild"


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
