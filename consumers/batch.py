"""One batch of events through all views: each event decoded once, given to every view that takes its type."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from consumers.folding import Folding, ViewStore
from consumers.follow import UNREADABLE, UNTAKEABLE, Source, SourceEvent, decoded
from projections.fold import Document, Handler

Taker = tuple[Folding, dict[str, Document], Handler]


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
        store.write([folding.changes() for folding in due], target)
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
