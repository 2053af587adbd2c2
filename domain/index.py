"""Index rows: what the write section looks up instead of replaying, re-derivable from every event alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class RefRow(NamedTuple):
    """A name that the sender chose, unique per kind in the ledger."""

    kind: str
    ref: str
    subject: str


class SeriesRow(NamedTuple):
    """A number given in a series; the series' last number is the greatest."""

    series: str
    number: int


class GrantRow(NamedTuple):
    """Which case and beneficiary a grant is for."""

    grant: str
    case: str
    beneficiary_ref: str
    beneficiary_tag: str


class LinkRow(NamedTuple):
    """Two cases of one matter (`repeat_of`, `merged_into`)."""

    case: str
    other: str


class ActionRow(NamedTuple):
    """An accepted action: the position of its first event, and how many it has. Its digest stands in the events."""

    action_id: str
    position: int
    events_count: int


IndexRow = RefRow | SeriesRow | GrantRow | LinkRow

_CREATING = {
    "petition.case.received.v1": "case",
    "petition.fund.opened.v1": "fund",
    "petition.grant.applied.v1": "grant",
}
_REF_FIELDS = {
    "petition.case.handoff_offered.v1": "handoff",
    "petition.case.hearing_opened.v1": "hearing",
    "petition.case.supervision_opened.v1": "supervision",
    "petition.case.advice_issued.v1": "advice",
    "petition.case.measure_taken.v1": "measure",
    "petition.grant.paid.v1": "payment",
}


def series_of(number: str) -> SeriesRow:
    """The series and place of a case or grant number: `XF500229-2025-000001` is 1 in `XF500229-2025`."""
    series, _, digits = number.rpartition("-")
    return SeriesRow(series, int(digits))


_INDEXED = frozenset({*_CREATING, *_REF_FIELDS, "petition.case.registered.v1", "petition.case.merged.v1"})


def index_rows(event: Mapping[str, Any]) -> list[IndexRow]:
    """The rows that one event adds; equal rows of several events (one handoff, many addressees) are one row."""
    kind = event["type"]
    if kind not in _INDEXED:
        return []
    data, subject = event["data"], event["subject"]
    rows: list[IndexRow] = []
    if kind in _CREATING:
        rows.append(RefRow(_CREATING[kind], data["ref"], subject))
        if not subject.startswith("fund:"):
            rows.append(series_of(subject))
        if kind == "petition.grant.applied.v1":
            rows.append(
                GrantRow(subject, data["case"], data.get("beneficiary_ref", ""), data.get("beneficiary_tag", ""))
            )
    elif kind in _REF_FIELDS:
        field = _REF_FIELDS[kind]
        rows.append(RefRow(field, data[field], subject))
    elif kind == "petition.case.registered.v1" and "repeat_of" in data:
        rows.append(LinkRow(subject, data["repeat_of"]))
    elif kind == "petition.case.merged.v1":
        rows.append(LinkRow(subject, data["into"]))
    return rows
