"""Folding events into stored views: catching up live, rebuilding beside the live view, and asking any date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from consumers.batch import collector_resting, fold_subjects, write_due
from consumers.folding import ALL, Comparison, Folding, Share, ViewStore, events_of, foldings_of
from consumers.follow import (
    BATCH_EVENTS_MAX,
    UNREADABLE,
    UNTAKEABLE,
    Source,
    SourceEvent,
    StoppedAtEvent,
    batches,
    decoded,
    field_of,
    stored_names,
)
from consumers.waiting_rows import write_waiting
from domain.asof import AsOf, parse_instant
from domain.corrections import moves, taken
from domain.errors import Conflict
from projections.fold import Document, Projection, Row, shaped
from projections.ledger_source import size_of

REBUILD_EVENTS_PER_WRITE = 50_000
"""Events that a rebuild folds between two commits; what a killed one has to fold again."""
SWAP_TRIES_MAX = 20
"""How often a rebuild runs after a live view that moved on before it gives up."""


class Progress(NamedTuple):
    """How far a pass is: events read so far, and the position reached on the way to `head`."""

    events: int
    position: int
    head: int


Result = TypeVar("Result")
OnProgress = Callable[[Progress], None]
Split = Callable[[Sequence[Projection], bool, OnProgress], None]
"""Has other processes fold shares of these views' subjects (`parks` as in `rebuild`), and joins the shares."""


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
    view's tables are of another version than its code. A view that is fed from a topic is left to its projectors.
    """
    store.require_current(*projections)
    foldings = [folding for folding in foldings_of(projections, store, "live") if not folding.is_fed]
    progress = _run(source, store, foldings, "live", on_progress, until)
    _raise_stopped(foldings)
    return progress


def rebuild(
    source: Source,
    store: ViewStore,
    projections: Sequence[Projection],
    on_progress: OnProgress | None = None,
    *,
    swaps: bool = True,
    parks: bool = False,
    split: Split | None = None,
    pause: Callable[[], None] = lambda: None,
) -> list[Comparison]:
    """Fold all history into the next version's tables, compare them with the live ones, and swap.

    Readers see the old rows until the swap, which is one transaction; the former tables stay for `rollback`. A
    live view that goes on meanwhile is followed until both stand at the same position. Raises `StoppedAtEvent`,
    with nothing swapped, where an event cannot be taken; with `parks` its subject is parked and the rest goes on.
    An interrupted rebuild goes on where it was written. Without `swaps` the views are only compared. `split` lets
    other processes fold shares of the subjects first. Refused `view_rebuilding` while another process rebuilds.

    A live view that projectors feed from a topic goes on being fed: the swap waits, a `pause` between two tries,
    until it stands where the new tables do, and they are fed from there. Refused `view_fed` with `parks`: the events
    behind a parked subject would be kept nowhere.
    """
    with store.rebuilding(projections) as pulse, collector_resting():

        def told(progress: Progress) -> None:
            pulse.moved(*progress)
            if on_progress is not None:
                on_progress(progress)

        for projection in projections:
            store.begin_building(projection)
        if split is not None:
            split(projections, parks, told)
        _build(source, store, projections, told, parks)
        return [_swap_in(source, store, projection, swaps, parks, pause) for projection in projections]


def _build(source: Source, store: ViewStore, projections: Sequence[Projection], told: OnProgress, parks: bool) -> None:
    """One pass into the next version's tables; what it held in memory is gone afterwards."""
    foldings = foldings_of(projections, store, "building", parks=parks)
    for folding in foldings:
        if parks and folding.is_fed:
            raise Conflict(
                "view_fed", f"{folding.projection.name}: leave --park out; its projectors park by themselves"
            )
    _run(source, store, foldings, "building", told, None)
    _raise_stopped(foldings)


def fold_share(
    source: Source,
    store: ViewStore,
    projections: Sequence[Projection],
    share: Share,
    until: int,
    on_progress: OnProgress | None = None,
    parks: bool = False,
) -> None:
    """Fold one share of the subjects into the next version's tables, from where it was written, up to `until`."""
    with collector_resting():
        foldings = foldings_of(projections, store, "building", parks=parks, share=share)
        _run(source, store, foldings, "building", on_progress, until)
        _raise_stopped(foldings)


def _swap_in(
    source: Source, store: ViewStore, projection: Projection, swaps: bool, parks: bool, pause: Callable[[], None]
) -> Comparison:
    """Compare the new and the live tables where both stand at one position, and swap if that is wanted.

    A live view under load moves on meanwhile. The comparison is of one moment; afterwards the new tables only
    have to catch up with the little that came since, however long the comparison took.
    """
    _follow_live(source, store, projection, source.head())
    comparison = _in_step(source, store, projection, parks, pause, lambda: store.compare(projection))
    if not swaps:
        store.discard(projection)
        return comparison

    def swap() -> None:
        with store.standing_still():
            store.swap(projection, _brought_together(source, store, projection, parks))

    _in_step(source, store, projection, parks, pause, swap)
    return comparison


def _in_step(
    source: Source,
    store: ViewStore,
    projection: Projection,
    parks: bool,
    pause: Callable[[], None],
    work: Callable[[], Result],
) -> Result:
    """Bring the new tables to where the live ones stand and work there; again where these moved on in between.

    They are brought near first while others write on, so that for the rest nobody waits long.
    """
    for _ in range(SWAP_TRIES_MAX):
        position, live = store.position(projection.name, "building"), store.position(projection.name)
        if live not in (0, position):
            _brought_together(source, store, projection, parks)
            with store.standing_still():
                _brought_together(source, store, projection, parks)
        try:
            return work()
        except Conflict:
            pause()
    raise Conflict("view_moved", f"{projection.name}: the live view moves faster than it can be swapped")


def _brought_together(source: Source, store: ViewStore, projection: Projection, parks: bool) -> int:
    """Bring whichever tables are behind to where the others stand; gives the position of the new ones."""
    foldings = foldings_of([projection], store, "building", parks=parks)
    (building,) = foldings
    _follow_live(source, store, projection, building.position)
    _run(source, store, foldings, "building", None, max(building.position, store.position(projection.name)))
    _raise_stopped(foldings)
    return building.position


def _follow_live(source: Source, store: ViewStore, projection: Projection, until: int) -> None:
    """Bring the live view up to `until` if its code can still write it; else it is compared as it stands."""
    if store.position(projection.name) == 0:
        return
    try:
        catch_up(source, store, [projection], until=until)
    except (Conflict, StoppedAtEvent):
        return


def _run(
    source: Source,
    store: ViewStore,
    foldings: Sequence[Folding],
    target: str,
    on_progress: OnProgress | None,
    until: int | None,
) -> Progress:
    """One pass over the events for all views, each event decoded once, from the earliest position on."""
    head = source.head() if until is None else until
    starts = sorted({folding.position for folding in foldings if folding.position < head})
    events = 0
    for after, end in pairwise([*starts, head]):
        going = [folding for folding in foldings if folding.position <= after and folding.stopped is None]
        events = _pass(source, store, going, target, on_progress, Progress(events, after, head), end)
    for folding in foldings:
        if folding.stopped is None:
            folding.position = max(folding.position, head)
    write_due(store, foldings, target)
    write_waiting(store, foldings, target)
    return Progress(events, min((folding.position for folding in foldings), default=head), head)


def _pass(
    source: Source,
    store: ViewStore,
    foldings: Sequence[Folding],
    target: str,
    on_progress: OnProgress | None,
    begun: Progress,
    end: int,
) -> int:
    """Take the events up to `end` into views that stand at one position; gives the events read so far."""
    types = frozenset[str]().union(*(folding.handlers for folding in foldings))
    events = begun.events
    share = foldings[0].share if foldings else ALL
    size = BATCH_EVENTS_MAX if target == "live" else REBUILD_EVENTS_PER_WRITE
    for batch in batches(events_of(source, share, begun.position, end, types), size):
        fold_subjects(source, foldings, batch)
        events += len(batch)
        if on_progress is not None:
            on_progress(Progress(events, batch[-1].position, begun.head))
        write_due(store, foldings, target)
    return events


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
    parked: Collection[str] = (),
) -> Iterator[Row]:
    """The view's rows as of a ledger size, day or instant on either clock, folded in memory.

    Only the needed types are read; with `subjects` only those subjects. The happened clock takes each subject's
    events by (time, ledger order), a corrected time before the recorded one; a subject whose events came in that
    order, as most do, is folded as it is read, and only the others are read again.

    Raises `StoppedAtEvent` where an event cannot be taken; of the subjects that are `parked` the rows are those in
    front of it, and say `stale_from`.
    """
    as_of = AsOf(as_of.clock, as_of.instant, size_of(source, as_of))
    documents: dict[str, Document] = {}
    newest: dict[str, datetime] = {}
    again: dict[str, int | None] = {}
    for item in _events(source, projection, as_of, subjects):
        subject = item.subject
        try:
            event = _admitted(projection, item, as_of)
            if event is None or subject in again:
                continue
            if as_of.clock == "happened" and not _is_next(event, newest, subject):
                again[subject] = None
                continue
            document = documents.get(subject)
            documents[subject] = _evolved(projection, projection.start() if document is None else document, item, event)
        except StoppedAtEvent as stop:
            if subject not in parked:
                raise
            again[subject] = min(stop.position, again.get(subject) or stop.position)
    for subject in sorted(documents.keys() | again):
        document, stale_from = documents.get(subject), None
        if subject in again:
            document, stale_from = _fold_again(source, projection, as_of, subject, again[subject], subject in parked)
        for row in projection.rows(subject, document) if document is not None else ():
            shown = shaped(projection.columns, row)
            yield shown if stale_from is None else {**shown, "stale_from": stale_from}


def _is_next(event: dict[str, Any], newest: dict[str, datetime], subject: str) -> bool:
    """Whether the subject's events have come in the order of the happened clock so far."""
    moment = parse_instant(event["time"])
    last = newest.get(subject, moment)
    newest[subject] = moment
    return moment >= last and not moves(event)


def _fold_again(
    source: Source, projection: Projection, as_of: AsOf, subject: str, before: int | None, is_parked: bool
) -> tuple[Document | None, int | None]:
    """One subject from its own events in the order of the clock; a parked one up to the event that stops it, and where."""
    while True:
        cut = as_of if before is None else AsOf(as_of.clock, as_of.instant, before - 1)
        try:
            return _reordered(source, projection, cut, subject), before
        except StoppedAtEvent as stop:
            if not is_parked:
                raise
            before = stop.position


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


def _admitted(projection: Projection, item: SourceEvent, as_of: AsOf) -> dict[str, Any] | None:
    """The event, if the question takes it by the time that was recorded."""
    event = _decoded(projection, item)
    try:
        return event if as_of.admits(event, item.position) else None
    except UNREADABLE as error:
        raise StoppedAtEvent(projection.name, item, field_of(error), str(error)) from error


def _decoded(projection: Projection, item: SourceEvent) -> dict[str, Any]:
    try:
        return decoded(item)
    except UNREADABLE as error:
        raise StoppedAtEvent(projection.name, item, field_of(error), str(error)) from error


def _evolved(projection: Projection, document: Document, item: SourceEvent, event: dict[str, Any]) -> Document:
    try:
        return projection.evolve(document, event)
    except UNTAKEABLE as error:
        raise StoppedAtEvent(projection.name, item, field_of(error), str(error)) from error


def _reordered(source: Source, projection: Projection, as_of: AsOf, subject: str) -> Document | None:
    """One subject's document, its events in the order of the question's clock; None where it takes none of them."""
    events = [(item, _decoded(projection, item)) for item in _events(source, projection, as_of, [subject])]
    items = {item.position: item for item, _ in events}
    document = None
    for position, event in taken(((item.position, event) for item, event in events), as_of):
        document = projection.start() if document is None else document
        document = _evolved(projection, document, items[position], event)
    return document
