"""One slim row per event of a case, a grant or a fund: its position; the words come from the event when it is read."""

from __future__ import annotations

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
    """A grant's or a fund's event belongs to the case that it names."""
    told = event.get
    _put(document, (told("position"), told("subject"), told("correlationid")))


def _add_of_case(document: Document, event: Event) -> None:
    subject = event.get("subject")
    _put(document, (event.get("position"), subject, subject))


def _put(document: Document, line: Cells) -> None:
    if "lines" in document:
        document["lines"].append(line)
    else:
        document["lines"] = [line]


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
    handlers={name: _add_of_case if name.startswith("petition.case.") else _add for name in TYPES},
    rows=rows,
    subject_column="subject",
    appends=True,
    cells=cells,
)
