"""A rebuild in several processes: each folds a share of the subjects into the same new tables."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from consumers.folding import Share
from consumers.follow import SourceEvent, StoppedAtEvent
from consumers.project import OnProgress, Progress, fold_share
from domain.errors import LedgerError, Unavailable
from infra.read_store import ReadStore
from infra.stores import source_at
from projections import projection_named
from projections.fold import Projection

SPLIT_FROM_EVENTS = 50_000
"""Smaller ledgers are folded before a second process has started."""


def split_over(
    processes: int, store_place: str, store: ReadStore
) -> Callable[[Sequence[Projection], bool, OnProgress], None]:
    """A `Split` for `consumers.project.rebuild`: shares in processes of their own, over the store at a place."""

    def split(projections: Sequence[Projection], parks: bool, on_progress: OnProgress) -> None:
        source = source_at(store_place)
        try:
            until = source.head()
        finally:
            source.close()
        wanted = processes if until >= SPLIT_FROM_EVENTS else 1
        opened = {store.shares(projection, wanted) for projection in projections}
        if opened != {1}:
            shares = max(opened)
            given = [projection for projection in projections if store.shares(projection, 1) == shares]
            _fold_shares(store_place, store.place, given, shares, until, parks, on_progress)
            for projection in given:
                store.join(projection)

    return split


def _fold_shares(
    store_place: str,
    place: str,
    projections: Sequence[Projection],
    shares: int,
    until: int,
    parks: bool,
    on_progress: OnProgress,
) -> None:
    context = multiprocessing.get_context("spawn")
    names = [projection.name for projection in projections]
    workers: list[tuple[BaseProcess, Connection]] = []
    try:
        for number in range(shares):
            ours, theirs = context.Pipe(duplex=False)
            arguments = (store_place, place, names, Share(number, shares), until, parks, theirs)
            worker = context.Process(target=_work, args=arguments, daemon=True)
            worker.start()
            theirs.close()
            workers.append((worker, ours))
        _listen([ours for _, ours in workers], on_progress)
    finally:
        for process, pipe in workers:
            pipe.close()
            process.terminate()
            process.join()


def _listen(pipes: Sequence[Connection], on_progress: OnProgress) -> None:
    """Add up the shares' progress until all have said that they are done; raise what one could not take."""
    reached: dict[Connection, Progress] = {}
    going = list(pipes)
    while going:
        for pipe in wait(going):
            assert isinstance(pipe, Connection), "only pipes are waited for"
            try:
                told = pipe.recv()
            except EOFError:
                raise Unavailable(
                    "unavailable", "a process of the rebuild ended early; run `caseledger replay`"
                ) from None
            if told is None:
                going.remove(pipe)
            elif isinstance(told, Progress):
                reached[pipe] = told
                # every share passes over the same events; the slowest tells how far all of them are
                events = min(one.events for one in reached.values())
                on_progress(Progress(events, min(one.position for one in reached.values()), told.head))
            else:
                raise _failure(told)


def _failure(told: dict[str, Any]) -> LedgerError:
    if "projection" in told:
        return StoppedAtEvent(told["projection"], SourceEvent(*told["event"]), told["field"], told["why"])
    return Unavailable(told["code"], told["detail"])


def _work(
    store_place: str, place: str, names: list[str], share: Share, until: int, parks: bool, pipe: Connection
) -> None:
    """One process: fold its share, tell how far it is, and end when nobody listens any more."""
    source, store = source_at(store_place), ReadStore(place)
    try:
        fold_share(source, store, [projection_named(name) for name in names], share, until, pipe.send, parks)
        pipe.send(None)
    except StoppedAtEvent as stop:
        event = (stop.position, stop.subject, 0, stop.type, b"")
        pipe.send({"projection": stop.projection, "event": event, "field": stop.field, "why": stop.why})
    except LedgerError as error:
        pipe.send({"code": error.code, "detail": error.detail})
    except BrokenPipeError:
        return
    finally:
        source.close()
        store.close()
