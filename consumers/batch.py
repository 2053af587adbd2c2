"""A batch of events through all views: each event decoded once, given to every view that takes its type.

`fold_subjects` takes a batch subject by subject, so that a subject's events, documents and rows are worked on while
they are at hand; `fold_batch` takes it in ledger order, and knows what to do with an event that cannot be taken.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from consumers.folding import Folding, ViewStore
from consumers.follow import UNREADABLE, UNTAKEABLE, Source, SourceEvent, all_decoded, decoded
from projections.fold import Document, Handler, ManyHandler

Taker = tuple[Folding, dict[str, Document], Handler]


class _Takers(NamedTuple):
    """Which views, by their number, take the events stored under a type: one by one, or all of a subject at once."""

    one_by_one: Mapping[str, Sequence[tuple[int, Handler]]]
    at_once: Sequence[tuple[int, ManyHandler, frozenset[str]]]
    types: frozenset[str]


def fold_subjects(source: Source, foldings: Sequence[Folding], batch: Sequence[SourceEvent]) -> None:
    """Fold a batch into views that stand at one position with nothing unwritten, whole subjects one after the other.

    Where an event cannot be taken, everything is taken back and the batch is folded in ledger order, so that the view
    stops in front of exactly that event, or parks its subject there.
    """
    going = [folding for folding in foldings if folding.stopped is None]
    subjects: defaultdict[str, list[SourceEvent]] = defaultdict(list)
    for item in batch:
        subjects[item[1]].append(item)
    for folding in going:
        folding.prepare(source, batch, subjects.keys())
    takers = _takers_by_number(going)
    try:
        for subject, items in subjects.items():
            _fold_subject(going, takers, subject, items)
    except UNREADABLE:
        for folding in going:
            folding.take_back()
        fold_batch(source, foldings, batch)
        return
    for folding in going:
        folding.position = batch[-1].position


def _fold_subject(foldings: Sequence[Folding], takers: _Takers, subject: str, items: Sequence[SourceEvent]) -> None:
    """One subject's events through all views, then what they changed."""
    last = items[-1][3]
    kinds = [item[3] for item in items]
    if not takers.types.issuperset(kinds):
        items = [item for item in items if item[3] in takers.types]
        kinds = [item[3] for item in items]
    events = all_decoded(items)
    documents: list[Document | None] = [None] * len(foldings)
    for kind, event in zip(kinds, events, strict=True):
        for number, handler in takers.one_by_one[kind]:
            document = documents[number]
            if document is None:
                document = documents[number] = foldings[number].opened(subject)
                if document is None:
                    continue
            handler(document, event)
    for number, take, types in takers.at_once:
        is_all = types.issuperset(kinds)
        taken = events if is_all else [event for kind, event in zip(kinds, events, strict=True) if kind in types]
        if taken and (document := foldings[number].opened(subject)) is not None:
            take(document, taken)
            documents[number] = document
    for folding, document in zip(foldings, documents, strict=True):
        is_over = last in folding.projection.ends_with
        if document is None and is_over and folding.has_waiting(subject):
            document = folding.opened(subject)
        if document is not None:
            folding.take(subject, document, is_over=is_over)


def _takers_by_number(foldings: Sequence[Folding]) -> _Takers:
    one_by_one: dict[str, list[tuple[int, Handler]]] = {}
    at_once = []
    for number, folding in enumerate(foldings):
        many = folding.projection.takes_many
        if many is not None:
            at_once.append((number, many, frozenset(folding.handlers)))
        for name, handler in folding.handlers.items():
            pairs = one_by_one.setdefault(name, [])
            if many is None:
                pairs.append((number, handler))
    return _Takers(one_by_one, at_once, frozenset(one_by_one))


def fold_batch(source: Source, foldings: Sequence[Folding], batch: Sequence[SourceEvent]) -> None:
    """Fold a batch into views that stand at one position, and move that position to its end.

    An event of a type that nobody takes is skipped before it is decoded. A view that meets an event which it
    cannot take parks the subject or stops there (`Folding.fail`); the others go on.
    """
    subjects = {item.subject for item in batch}
    for folding in foldings:
        folding.prepare(source, batch, subjects)
    takers = takers_of(foldings)
    for item in batch:
        _, subject, _, kind, _ = item
        pairs = takers.get(kind)
        if pairs is None:
            continue
        try:
            event = decoded(item)
        except UNREADABLE as error:
            for folding, _, _ in pairs:
                if subject not in folding.parked:
                    folding.fail(source, item, error)
            takers = takers_of(foldings)
            continue
        for folding, documents, handler in pairs:
            document = documents.get(subject)
            if document is None:
                document = folding.admit(subject)
                if document is None:
                    continue
            try:
                handler(document, event)
            except UNTAKEABLE as error:
                folding.fail(source, item, error)
                takers = takers_of(foldings)
    reached = batch[-1].position
    for folding in foldings:
        if folding.stopped is None:
            folding.position = reached


def takers_of(foldings: Sequence[Folding]) -> dict[str, list[Taker]]:
    """Which views that have not stopped take the events stored under a type."""
    takers: dict[str, list[Taker]] = {}
    for folding in foldings:
        if folding.stopped is None:
            for name, handler in folding.handlers.items():
                takers.setdefault(name, []).append((folding, folding.documents, handler))
    return takers


def write_due(store: ViewStore, foldings: Sequence[Folding], target: str) -> None:
    """Write what the views that moved have to, all in one transaction."""
    due = [folding for folding in foldings if folding.position > folding.stored_position]
    if due:
        store.write([folding.changes() for folding in due], target, lets_go=True)
        for folding in due:
            folding.written()


@contextmanager
def collector_resting() -> Iterator[None]:
    """Keep the garbage collector off the growing heap of documents; they hold no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
