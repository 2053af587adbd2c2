"""Units, staff, calendars, check parameters, cutover, lists and imports as rows, newest and earlier ones."""

from __future__ import annotations

from typing import Any

from projections.fold import (
    Document,
    Event,
    Projection,
    Row,
    Slot,
    columns,
    correct,
    entry_in,
    facts,
    fill,
)
from projections.timeline import sequence_of

COLUMNS = columns(
    "subject sequence register current position code name unit kind roles superiors from_on until_on year "
    "provisional notice details time recordedtime actorid approved_by corrected",
    key="subject sequence",
    index="register",
    integer="sequence position year",
    boolean="current provisional",
    json="roles superiors details corrected",
)

_REGISTER = "petition.register."
_UNSHOWN = frozenset({"numbers"})  # up to 3,000 numbers stay in the event

FACTS = {
    _REGISTER + "unit_declared.v1": facts("name kind superiors from_on", code="unit"),
    _REGISTER + "staff_declared.v1": facts(
        "name unit roles", code="staff", from_on="active_from_on", until_on="active_until_on"
    ),
    _REGISTER + "calendar_declared.v1": facts("year provisional notice holidays workdays", code="year"),
    _REGISTER + "check_parameters_set.v1": facts("parameters author approved_by reason", code="check"),
    _REGISTER + "cutover_declared.v1": facts(from_on="on"),
    _REGISTER + "external_list_declared.v1": facts("from_on until_on count part parts", code="system"),
    _REGISTER + "channel_log_declared.v1": facts("unit count not_petitions", code="channel", from_on="on"),
    _REGISTER + "import_opened.v1": facts("kind bytes operator recorder_staff approved_by reason", code="file"),
}
_NAMES = {
    "unit_declared": "unit",
    "staff_declared": "staff",
    "calendar_declared": "calendar",
    "check_parameters_set": "parameters",
    "cutover_declared": "cutover",
    "external_list_declared": "external_list",
    "channel_log_declared": "channel_log",
    "import_opened": "import",
}
# Registers of which a later entry takes the place of the earlier ones under the same subject.
_REPLACING = frozenset({"unit", "staff", "calendar", "parameters", "cutover"})
_COLUMN_NAMES = frozenset(column.name for column in COLUMNS)


def _declare(document: Document, event: Event) -> None:
    slot = entry_in(document, "entries")
    fill(document, slot, event, FACTS[event["type"]])
    slot["register"] = _NAMES[event["type"].removeprefix(_REGISTER).removesuffix(".v1")]
    slot["sequence"] = sequence_of(event)
    for name in ("position", "time", "recordedtime", "actorid"):
        slot[name] = event.get(name)


def _correct(document: Document, event: Event) -> None:
    correct(document, event, document.get("entries", []), FACTS)


def _row(subject: str, slot: Slot, current: bool) -> Row:
    row: dict[str, Any] = {name: slot.get(name) for name in _COLUMN_NAMES}
    code = slot.get("code")
    row.update(
        subject=subject,
        current=current,
        code=str(code) if isinstance(code, int) else code,
        details={
            name: value
            for name, value in slot.items()
            if name not in _COLUMN_NAMES and name not in _UNSHOWN and name != "from" and value is not None
        },
    )
    return row


def rows(subject: str, document: Document) -> list[Row]:
    """One row per declaration; `current` is false where a later one took its place."""
    entries = document.get("entries", [])
    newest = {slot["register"]: number for number, slot in enumerate(entries)}
    return [
        _row(subject, slot, slot["register"] not in _REPLACING or newest[slot["register"]] == number)
        for number, slot in enumerate(entries)
    ]


REGISTERS = Projection(
    name="registers",
    version=1,
    columns=COLUMNS,
    handlers={
        **{_REGISTER + f"{name}.v1": _declare for name in _NAMES},
        _REGISTER + "record_corrected.v1": _correct,
    },
    rows=rows,
    subject_column="subject",
)
