"""Folding events into stored views: catching up live, rebuilding beside the live view, and asking any date."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from consumers.folding import Comparison, Folding, ViewStore
from consumers.follow import (
    BATCH_EVENTS_MAX,
    UNTAKEABLE,
    Source,
    SourceEvent,
    StoppedAtEvent,
    batches,
    decoded,
    field_of,
    stored_names,
)
from domain.asof import AsOf, parse_instant
from domain.errors import Conflict, LedgerError
from projections.fold import Document, Projection, Row, shaped

SWAP_TRIES_MAX = 20
"""How often a rebuild runs after a live view that moved on before it gives up."""


class Progress(NamedTuple):
    """How far a pass is: events read so far, and the position reached on the way to `head`."""

    events: int
    position: int
    head: int


OnProgress = Callable[[Progress], None]


def catch_up(
    source: Source,
    store: ViewStore,
    projections: Sequence[Projection],
    on_progress: OnProgress | None = None,
    until: int | None = None,
) -> Progress:
    """Take every event up to the head (or `until`) into the live views; rows and positions of a batch together.

    A view that meets an event which it cannot take stops in front of it and keeps that position; the others go
    on to the head, and then `StoppedAtEvent` is raised. Refused `view_stale` before anything is taken, where a
    view's tables are of another version than its code.
    """
    for projection in projections:
        store.require_current(projection)
    foldings = [Folding(projection, store, "live") for projection in projections]
    progress = _run(source, store, foldings, "live", on_progress, until)
    _raise_stopped(foldings)
    return progress


def rebuild(
    source: Source,
    store: ViewStore,
    projections: Sequence[Projection],
    on_progress: OnProgress | None = None,
) -> list[Comparison]:
    """Fold all history into the next version's tables, compare them with the live ones, and swap.

    Readers see the old rows until the swap, which is one transaction; the former tables stay for `rollback`. A
    live view that goes on meanwhile is followed until both stand at the same position. Raises `StoppedAtEvent`,
    with nothing swapped, where an event cannot be taken. An interrupted rebuild goes on where it was written.
    """
    for projection in projections:
        store.begin_building(projection)
    foldings = [Folding(projection, store, "building") for projection in projections]
    with _collector_resting():
        _run(source, store, foldings, "building", on_progress, None)
    _raise_stopped(foldings)
    return [_swap_in(source, store, projection) for projection in projections]


def _swap_in(source: Source, store: ViewStore, projection: Projection) -> Comparison:
    """Bring the new and the live tables to one position, compare, and swap."""
    for _ in range(SWAP_TRIES_MAX):
        until = max(source.head(), store.position(projection.name))
        folding = Folding(projection, store, "building")
        _run(source, store, [folding], "building", None, until)
        _raise_stopped([folding])
        _follow_live(source, store, projection, until)
        try:
            comparison = store.compare(projection)
            store.swap(projection, comparison.position)
        except Conflict:
            continue
        return comparison
    raise Conflict("view_moved", f"{projection.name}: the live view moves faster than it can be swapped")


def _follow_live(source: Source, store: ViewStore, projection: Projection, until: int) -> None:
    """Bring the live view up to `until` if its code can still write it; else it is compared as it stands."""
    try:
        catch_up(source, store, [projection], until=until)
    except (Conflict, StoppedAtEvent):
        return


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Keep the garbage collector off the growing heap of documents; they hold no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _run(
    source: Source,
    store: ViewStore,
    foldings: Sequence[Folding],
    target: str,
    on_progress: OnProgress | None,
    until: int | None,
) -> Progress:
    """One pass over the events for all views, each event decoded once."""
    head = source.head() if until is None else until
    after = min((folding.position for folding in foldings), default=head)
    types = frozenset[str]().union(*(stored_names(folding.projection.types) for folding in foldings))
    events = 0
    if after < head:
        for batch in batches(source.read(after=after, until=head, types=types), BATCH_EVENTS_MAX):
            _fold_batch(source, foldings, batch)
            events += len(batch)
            _write(store, foldings, target, only_full=target == "building")
            if on_progress is not None:
                on_progress(Progress(events, batch[-1].position, head))
    for folding in foldings:
        if folding.stopped is None:
            folding.position = max(folding.position, head)
    _write(store, foldings, target, only_full=False)
    return Progress(events, min((folding.position for folding in foldings), default=head), head)


def _fold_batch(source: Source, foldings: Sequence[Folding], batch: list[SourceEvent]) -> None:
    """Decode each event once and give it to every view that takes its type and has not had it yet."""
    takers = _takers(foldings)
    opened = [(item, _opened(item)) for item in batch]
    needed: dict[str, set[str]] = {folding.projection.name: set() for folding in foldings}
    for item, event in opened:
        for folding in takers.get(_type_of(event), ()):
            needed[folding.projection.name].add(item.subject)
    for folding in foldings:
        folding.load(needed[folding.projection.name])
    for item, event in opened:
        if isinstance(event, Exception):
            _stop_takers(foldings, item, event)
            continue
        for folding in takers.get(event["type"], ()):
            if folding.stopped is None and item.position > folding.position:
                folding.take(source, item, event)
    reached = batch[-1].position
    for folding in foldings:
        if folding.stopped is None and folding.position < reached:
            folding.position = reached


def _takers(foldings: Sequence[Folding]) -> dict[str | None, list[Folding]]:
    """Which views take an event type."""
    takers: dict[str | None, list[Folding]] = {}
    for folding in foldings:
        for name in folding.projection.types:
            takers.setdefault(name, []).append(folding)
    return takers


def _opened(item: SourceEvent) -> dict[str, Any] | Exception:
    """The decoded event, or why its bytes are no event."""
    try:
        return decoded(item)
    except (LedgerError, *UNTAKEABLE) as error:
        return error


def _type_of(event: dict[str, Any] | Exception) -> str | None:
    return None if isinstance(event, Exception) else event["type"]


def _stop_takers(foldings: Sequence[Folding], item: SourceEvent, error: Exception) -> None:
    """Bytes that are no event stop every view that takes the type under which they are stored."""
    for folding in foldings:
        due = folding.stopped is None and item.position > folding.position
        if due and item.type in stored_names(folding.projection.types):
            folding.stop(item, error)


def _write(store: ViewStore, foldings: Sequence[Folding], target: str, *, only_full: bool) -> None:
    """Write what the views have to, all in one transaction."""
    due = [
        folding
        for folding in foldings
        if folding.position > folding.stored_position and (folding.is_full or not only_full)
    ]
    if due:
        store.write([folding.changes() for folding in due], target)
        for folding in due:
            folding.written()


def _raise_stopped(foldings: Sequence[Folding]) -> None:
    for folding in foldings:
        if folding.stopped is not None:
            raise folding.stopped


# -- any date --


def fold_as_of(
    source: Source,
    projection: Projection,
    as_of: AsOf,
    subjects: Collection[str] | None = None,
) -> Iterator[Row]:
    """The view's rows as of a ledger size, day or instant on either clock, folded in memory.

    Only the needed types are read; with `subjects` only those subjects. The happened clock takes each subject's
    events by (time, ledger order); a subject whose events came in that order, as most do, is folded as it is
    read, and only the others are read again. Raises `StoppedAtEvent` where an event cannot be taken.
    """
    documents: dict[str, Document] = {}
    newest: dict[str, datetime] = {}
    disordered: set[str] = set()
    for item, event in _admitted(_events(source, projection, as_of, subjects), projection, as_of):
        if as_of.clock == "happened":
            moment = parse_instant(event["time"])
            if moment < newest.setdefault(item.subject, moment):
                disordered.add(item.subject)
                documents.pop(item.subject, None)
            newest[item.subject] = moment
        if item.subject not in disordered:
            document = documents.get(item.subject)
            if document is None:
                document = projection.start()
            documents[item.subject] = _evolved(projection, document, item, event)
    for subject in sorted(disordered):
        documents[subject] = _reordered(source, projection, as_of, subject)
    for subject in sorted(documents):
        for row in projection.rows(subject, documents[subject]):
            yield shaped(projection.columns, row)


def _events(
    source: Source, projection: Projection, as_of: AsOf, subjects: Collection[str] | None
) -> Iterator[SourceEvent]:
    """The stored events that the question may concern, in ledger order within each subject."""
    types = stored_names(projection.types)
    if subjects is None:
        yield from source.read(until=as_of.size, types=types)
        return
    for subject in sorted(set(subjects)):
        for item in source.read_subject(subject, as_of.size):
            if item.type in types:
                yield item


def _admitted(
    items: Iterable[SourceEvent], projection: Projection, as_of: AsOf
) -> Iterator[tuple[SourceEvent, dict[str, Any]]]:
    for item in items:
        try:
            event = decoded(item)
            admitted = as_of.admits(event, item.position)
        except (LedgerError, *UNTAKEABLE) as error:
            raise StoppedAtEvent(projection.name, item, field_of(error), str(error)) from error
        if admitted:
            yield item, event


def _evolved(projection: Projection, document: Document, item: SourceEvent, event: dict[str, Any]) -> Document:
    try:
        return projection.evolve(document, event)
    except UNTAKEABLE as error:
        raise StoppedAtEvent(projection.name, item, field_of(error), str(error)) from error


def _reordered(source: Source, projection: Projection, as_of: AsOf, subject: str) -> Document:
    """One subject's document, its events in the order of the question's clock."""
    admitted = list(_admitted(_events(source, projection, as_of, [subject]), projection, as_of))
    items = {item.position: item for item, _ in admitted}
    document = projection.start()
    for position, event in as_of.ordered((item.position, event) for item, event in admitted):
        document = _evolved(projection, document, items[position], event)
    return document
