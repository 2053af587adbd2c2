"""Taking a parked subject up again: its waiting events in their order, onto the document that it was left with."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

from consumers.folding import Change, Parked
from consumers.follow import UNREADABLE, SourceEvent, decoded, field_of, stored_names
from projections.fold import Document, Projection, forget_lines


class Retried(NamedTuple):
    """What a retry did, or would do: how many events it takes, how many still wait, and behind which."""

    view: str
    subject: str
    taken: int
    left: int
    parked: Parked | None


class Unparked(NamedTuple):
    """What a view writes for a subject after a retry, up to which event, and where it is parked again."""

    change: Change
    taken: int
    until: int
    parked: Parked | None


def fold_waiting(
    projection: Projection, subject: str, document: Document | None, waiting: Sequence[SourceEvent]
) -> Unparked:
    """Fold the waiting events one after the other; at the first that still cannot be taken the subject stays parked."""
    handlers = {stored: handler for name, handler in projection.handlers.items() for stored in stored_names([name])}
    before = projection.start() if document is None else document
    taken, parked = len(waiting), None
    folded = copy.deepcopy(before)
    for number, item in enumerate(waiting):
        try:
            event = decoded(item)
            if item.type in handlers:
                handlers[item.type](folded, event)
            if number == len(waiting) - 1:
                projection.rows(subject, folded)
        except UNREADABLE as error:
            taken, parked = number, Parked(subject, item.position, item.type, field_of(error), str(error))
            break
    if parked is not None:
        folded = before
        for item in waiting[:taken]:
            if item.type in handlers:
                handlers[item.type](folded, decoded(item))
    rows = projection.rows(subject, folded)
    if projection.appends:
        forget_lines(folded)
    until = waiting[taken - 1].position if taken else 0
    return Unparked(Change(folded, rows, is_new=document is None), taken, until, parked)
