"""Views as a faulty release would have them, so that a subject is parked, and can be taken up again by the mended one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from projections.fold import Document, Event, Projection
from projections.timeline import TIMELINE


def poisoned(projection: Projection, subject: str, fails: Callable[[Event], bool]) -> Projection:
    """The view as a faulty release would have it: some events of one subject raise, after half a change."""

    def faulty(handler: Callable[[Document, Event], None]) -> Callable[[Document, Event], None]:
        def take(document: Document, event: Event) -> None:
            handler(document, event)
            if event["subject"] == subject and fails(event):
                raise KeyError("channel")

        return take

    return replace(projection, handlers={name: faulty(handler) for name, handler in projection.handlers.items()})


def with_faults(subject: str, from_sequence: int) -> tuple[Projection, ...]:
    """Case view and timeline cannot take one subject's events from some sequence on."""
    faulty = {
        view.name: poisoned(view, subject, lambda event: int(event["sequence"]) >= from_sequence)
        for view in (CASE_VIEW, TIMELINE)
    }
    return tuple(faulty.get(view.name, view) for view in ALL_PROJECTIONS)
