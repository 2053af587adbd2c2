"""One slim row per event of a case, a grant or a fund; the words come from the event when it is read."""

from __future__ import annotations

from projections.fold import (
    Document,
    Event,
    Projection,
    Row,
    columns,
    entry_lag_days,
    new_lines,
)
from projections.wording import ANY_AGGREGATE, SENTENCES

COLUMNS = columns(
    "subject sequence position case type time timeprecision recordedtime actorid actorunit actorrole "
    "recorderid actionid entry_lag_days",
    key="subject sequence",
    index="case",
    integer="sequence position entry_lag_days",
)
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
    get = event.get
    document.setdefault("lines", []).append(
        {
            "sequence": sequence_of(event),
            "position": get("position"),
            "case": case_of(event),
            "type": get("type"),
            "time": get("time"),
            "timeprecision": get("timeprecision"),
            "recordedtime": get("recordedtime"),
            "actorid": get("actorid"),
            "actorunit": get("actorunit"),
            "actorrole": get("actorrole"),
            "recorderid": get("recorderid"),
            "actionid": get("actionid"),
            "entry_lag_days": entry_lag_days(event),
        }
    )


def rows(subject: str, document: Document) -> list[Row]:
    """The lines that are not stored yet, in the order taken."""
    return [{"subject": subject, **line} for line in new_lines(document)]


TIMELINE = Projection(
    name="timeline",
    version=1,
    columns=COLUMNS,
    handlers=dict.fromkeys(TYPES, _add),
    rows=rows,
    subject_column="subject",
    appends=True,
)
