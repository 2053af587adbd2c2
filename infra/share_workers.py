"""The processes that fold shares of a rebuild: started, listened to, and ended with the one that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from consumers.folding import Share
from consumers.follow import SourceEvent, StoppedAtEvent
from consumers.project import Progress, fold_share
from domain.errors import LedgerError, Unavailable
from infra.read_store import ReadStore
from infra.stores import source_at
from projections import projection_named


class Work(NamedTuple):
    """What all processes of a split rebuild are told."""

    store_place: str
    views_place: str
    views: tuple[str, ...]
    shares: tuple[Share, ...]
    until: int
    parks: bool


class Workers:
    """A process for every share but the first. Raises what one could not take, or `unavailable` where one is gone."""

    def __init__(self, work: Work, store: ReadStore, moved: Callable[[int, Progress], None]) -> None:
        self._work = work
        self._store = store
        self._moved = moved
        self._processes: list[BaseProcess] = []
        self._going: dict[Connection, int] = {}
        self._pipes: list[Connection] = []

    def __enter__(self) -> Workers:
        self._store.close()
        context: Any = multiprocessing.get_context(_way_to_start([self._work.store_place, self._work.views_place]))
        forks = context.get_start_method() == "fork"
        try:
            for share in self._work.shares[1:]:
                ours, theirs = context.Pipe(duplex=False)
                self._pipes.append(ours)
                inherited = self._pipes if forks else []
                store = self._store if forks else None
                process = context.Process(target=_run, args=(self._work, share, theirs, store, inherited), daemon=True)
                with warnings.catch_warnings():
                    # Python warns of a fork beside a thread. The only one is the heartbeat's, whose locks no child needs.
                    warnings.simplefilter("ignore", DeprecationWarning)
                    process.start()
                theirs.close()
                self._processes.append(process)
                self._going[ours] = share.number
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.terminate()
            process.join()

    def finish(self) -> None:
        """Wait until all shares are folded."""
        while self._going:
            self.listen(None)

    def listen(self, wait_s: float | None = 0.0) -> None:
        """Take what the processes have told meanwhile; wait for it that long, without a limit for None."""
        for pipe in wait(list(self._going), wait_s):
            assert isinstance(pipe, Connection), "only pipes are waited for"
            try:
                told = pipe.recv()
            except EOFError:
                raise Unavailable(
                    "unavailable", "a process of the rebuild ended early; run `caseledger replay`"
                ) from None
            if told is None:
                del self._going[pipe]
            elif isinstance(told, Progress):
                self._moved(self._going[pipe], told)
            else:
                raise _failure(told)


def _way_to_start(places: Sequence[str]) -> str:
    """`fork`, which starts at once; but `spawn` where this process may hold something that a copy of it must not have.

    SQLite's locks are a process's own, and its copy would take them for held. So none of the files may be open here.
    """
    if sys.platform != "linux":
        return "spawn"
    held = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the folder's own descriptor is gone by now
            held.append(os.readlink(entry))
    files = [str(Path(place.removeprefix("sqlite:///")).resolve()) for place in places]
    is_free = all(Path(file).exists() for file in files) and not any(
        name in (file, f"{file}-wal", f"{file}-shm") for name in held for file in files
    )
    return "fork" if is_free else "spawn"


def _failure(told: dict[str, Any]) -> LedgerError:
    if "projection" in told:
        return StoppedAtEvent(told["projection"], SourceEvent(*told["event"]), told["field"], told["why"])
    return Unavailable(told["code"], told["detail"])


def _run(work: Work, share: Share, pipe: Connection, store: ReadStore | None, inherited: Sequence[Connection]) -> None:
    """One process: fold its share, tell how far it is, and end when nobody listens any more.

    A forked one has the `store` of the process that started it, closed, and the ends of its pipes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:
        other.close()
    try:
        _fold(work, share, pipe, store or ReadStore(work.views_place))
    except StoppedAtEvent as stop:
        event = (stop.position, stop.subject, 0, stop.type, b"")
        pipe.send({"projection": stop.projection, "event": event, "field": stop.field, "why": stop.why})
    except LedgerError as error:
        pipe.send({"code": error.code, "detail": error.detail})
    except BrokenPipeError:
        return


def _fold(work: Work, share: Share, pipe: Connection, store: ReadStore) -> None:
    projections = [projection_named(name) for name in work.views]
    with (
        closing(source_at(work.store_place)) as source,
        closing(store.of_share(projections, share)) as own,
    ):
        fold_share(source, own, projections, share, work.until, pipe.send, work.parks)
    pipe.send(None)
