"""One slim row per event of a case, a grant or a fund: its position; the words come from the event when it is read."""

from __future__ import annotations

from collections.abc import Sequence

from projections.fold import (
    Cells,
    Document,
    Event,
    Projection,
    Row,
    columns,
    named,
    new_lines,
)
from projections.wording import ANY_AGGREGATE, SENTENCES

COLUMNS = columns("position subject case", key="position", index="case", integer="position")
_NAMES = tuple(column.name for column in COLUMNS)
AGGREGATES = ("case", "grant", "fund")
TYPES = frozenset(
    f"petition.{short}.v1"
    for short in (
        *(short for short in SENTENCES if short.startswith(AGGREGATES)),
        *(f"{aggregate}.{act}" for aggregate in AGGREGATES for act in ANY_AGGREGATE),
    )
)
"""All event types of cases, grants and funds."""
_CASE_TYPES = frozenset(name for name in TYPES if name.startswith("petition.case."))


def sequence_of(event: Event) -> int | None:
    """The event's number inside its subject."""
    text = event.get("sequence")
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 19 else None


def case_of(event: Event) -> object:
    """The case that an event belongs to: its subject, or for grants and funds the correlation."""
    type_name = event.get("type")
    if isinstance(type_name, str) and type_name.startswith("petition.case."):
        return event.get("subject")
    return event.get("correlationid")


def _add(document: Document, event: Event) -> None:
    _add_all(document, (event,))


def _add_all(document: Document, events: Sequence[Event]) -> None:
    """A line for each event; a grant's or a fund's event belongs to the case that it names."""
    lines: list[Cells] = document.setdefault("lines", [])
    subject: object = None
    for event in events:
        told = event.get
        found = told("subject")
        if found != subject:
            subject = found  # one and the same text for all lines: what was decoded beside it is freed at once
        case = subject if told("type") in _CASE_TYPES else told("correlationid")
        lines.append((told("position"), subject, case))


def cells(subject: str, document: Document) -> list[Cells]:
    """The lines that are not stored yet, in the order taken."""
    return new_lines(document)


def rows(subject: str, document: Document) -> list[Row]:
    """The same with the names of the columns."""
    return named(_NAMES, new_lines(document))


TIMELINE = Projection(
    name="timeline",
    version=2,
    columns=COLUMNS,
    handlers=dict.fromkeys(TYPES, _add),
    rows=rows,
    subject_column="subject",
    appends=True,
    cells=cells,
    takes_many=_add_all,
)
