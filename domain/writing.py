"""From a decided draft to its one byte string: envelope, payload, number, encoding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from domain.answers import ImportMark
from domain.base import Draft, Fact
from domain.case.case import Case
from domain.event import CONTENT_TYPE, SCHEMA_BASE, SPECVERSION, Event
from domain.payload import payload_of
from domain.reading import Prepared
from domain.register import Entry

_OWN_CASE = (Case, Entry)


class NewId(Protocol):
    """Gives an event its name."""

    def __call__(self, moment: datetime, /) -> str: ...


def common_attributes(source: str, recorder: str, stamp: str) -> dict[str, Any]:
    """The attributes that all events of one write section share."""
    return {
        "specversion": SPECVERSION,
        "source": source,
        "datacontenttype": CONTENT_TYPE,
        "recordedtime": stamp,
        "recorderid": recorder,
    }


def envelope_of(common: dict[str, Any], one: Prepared, digest: str, mark: ImportMark | None) -> dict[str, Any]:
    """The attributes that all events of one action share; what is unknown is absent."""
    action = one.action
    envelope = common.copy()
    envelope["time"] = action.at
    envelope["actionid"] = action.action_id
    envelope["actiondigest"] = digest
    by = action.by
    if by is not None:
        if by.staff is not None:
            envelope["actorid"] = by.staff
        if by.unit is not None:
            envelope["actorunit"] = by.unit
        if by.role is not None:
            envelope["actorrole"] = by.role
    if action.at_precision is not None:
        envelope["timeprecision"] = action.at_precision
    if action.entered_at is not None:
        envelope["enteredtime"] = action.entered_at
    if mark is not None:
        envelope["importid"], envelope["importline"] = mark.importid, str(mark.line)
    return envelope


def written(
    drafts: Sequence[Draft],
    one: Prepared,
    sealed: dict[str, Any],
    envelope: dict[str, Any],
    new_id: NewId,
    moment: datetime,
) -> list[tuple[Event, Fact | None]]:
    """The events of one action, numbered and encoded, each with its validated payload (None: it evolves nothing).

    Nothing is evolved yet: an event that would be too long refuses the whole action.
    """
    made: list[tuple[Event, Fact | None]] = []
    versions: dict[str, int] = {}
    for draft in drafts:
        state, kind = draft.state, draft.fact.type_name
        subject = state.id
        version = versions[subject] = versions.get(subject, state.version) + 1
        data, fact = payload_of(one, sealed, draft)
        attributes = envelope if draft is drafts[-1] else envelope.copy()
        attributes["id"] = new_id(moment)
        attributes["type"] = kind
        attributes["dataschema"] = SCHEMA_BASE + kind
        attributes["subject"] = subject
        attributes["sequence"] = str(version)
        attributes["data"] = data
        if not isinstance(state, _OWN_CASE):
            correlation = _correlation(draft, drafts, data)
            if correlation is not None:
                attributes["correlationid"] = correlation
        event = Event(attributes)
        event.encode()
        made.append((event, fact))
    return made


def _correlation(draft: Draft, drafts: Sequence[Draft], data: dict[str, Any]) -> str | None:
    """The case, when the subject is a grant or a fund."""
    if draft.case is not None:
        return draft.case
    for other in (draft, *drafts):
        case = getattr(other.state, "case", None)
        if isinstance(case, str) and case:
            return case
    case = data.get("case")
    return case if isinstance(case, str) and draft.state.id.startswith("JZ") else None
