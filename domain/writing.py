"""From a decided draft to its one byte string: envelope, payload, number, encoding (contract §2, §3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from pydantic import ValidationError

from domain.answers import ImportMark
from domain.base import Draft, Fact
from domain.case.case import Case
from domain.event import CONTENT_TYPE, SCHEMA_BASE, SPECVERSION, Event
from domain.reading import Prepared, first_problem
from domain.register import Entry

NOT_PAYLOAD = ("action", "action_id", "at", "at_precision", "entered_at", "by")
SUBJECT_KEYS = {"case": "case", "grant": "grant", "fund": "fund"}


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
    envelope = {**common, "time": action.at, "actionid": action.action_id, "actiondigest": digest}
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
    drafts: Sequence[Draft], sealed: dict[str, Any], envelope: dict[str, Any], new_id: NewId, moment: datetime
) -> list[tuple[Event, Fact]]:
    """The events of one action, numbered and encoded, each with its validated payload.

    Nothing is evolved yet: an event that would be too long refuses the whole action.
    """
    made: list[tuple[Event, Fact]] = []
    versions: dict[str, int] = {}
    for draft in drafts:
        subject = draft.state.id
        version = versions[subject] = versions.get(subject, draft.state.version) + 1
        fact, data = draft.fact, payload_of(sealed, draft)
        attributes = {
            **envelope,
            "id": new_id(moment),
            "type": fact.type_name,
            "dataschema": SCHEMA_BASE + fact.type_name,
            "subject": subject,
            "sequence": str(version),
            "data": data,
        }
        if not isinstance(draft.state, Case | Entry):
            correlation = _correlation(draft, drafts, data)
            if correlation is not None:
                attributes["correlationid"] = correlation
        event = Event(attributes)
        event.encode()
        made.append((event, _validated(fact, data)))
    return made


def _validated(fact: type[Fact], data: dict[str, Any]) -> Fact:
    try:
        return fact.model_validate(data)
    except ValidationError as error:
        raise first_problem(error, data) from None


def payload_of(sealed: dict[str, Any], draft: Draft) -> dict[str, Any]:
    """The action's fields without the envelope's keys and the subject, with what the ledger fills in."""
    if draft.only is not None:
        data = {key: value for key, value in sealed.items() if key in draft.only or key == "override"}
    else:
        data = sealed.copy()
        for key in NOT_PAYLOAD:
            data.pop(key, None)
        subject_key = SUBJECT_KEYS.get(draft.fact.type_name.split(".", 2)[1])
        if subject_key is not None:
            data.pop(subject_key, None)
    data.update(draft.extra)
    return data


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
