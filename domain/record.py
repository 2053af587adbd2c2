"""Corrections and confirmations: a recorded fact is never changed, another event says what it should read."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationError

from domain.base import Action, Aggregate, Desk, Draft, Fact
from domain.case.intake import TAGGED_FIELDS, tagged
from domain.errors import InvalidAction, Refused
from domain.event import Event
from domain.fields import (
    CaseName,
    Closed,
    Code,
    EventId,
    FundName,
    GrantName,
    Instant,
    Known,
    Maybe,
    Text,
    Year,
)

FIXED_FIELDS = frozenset(
    {
        "ref",
        "case",
        "grant",
        "fund",
        "handoff",
        "payment",
        "measure",
        "supervision",
        "advice",
        "hearing",
        "repeat_of",
        "linked_to",
        "into",
        "instalment_of",
        "petitioner_ref",
        "beneficiary_ref",
        "payee_ref",
        "override",
    }
)
"""Names whose values tie the record together; they are never corrected."""


class RecordAction(Action):
    """An act about a recorded event; exactly one subject key says whose it is."""

    case: Maybe[CaseName]
    grant: Maybe[GrantName]
    fund: Maybe[FundName]
    unit: Maybe[Code]
    staff: Maybe[Code]
    year: Maybe[Year]

    SUBJECT_KEYS: ClassVar[tuple[str, ...]] = ("case", "grant", "fund", "unit", "staff", "year")

    def state(self, desk: Desk) -> Aggregate:
        """The subject's state; refused unless exactly one subject is named."""
        named = [key for key in self.SUBJECT_KEYS if getattr(self, key) is not None]
        if len(named) != 1:
            raise InvalidAction("missing_field", "name exactly one of " + ", ".join(self.SUBJECT_KEYS), field="case")
        if self.case is not None:
            return desk.case(self.case)
        if self.grant is not None:
            return desk.grant(self.grant)
        if self.fund is not None:
            return desk.fund(self.fund)
        value = getattr(self, named[0])
        return desk.register(f"{'calendar' if named[0] == 'year' else named[0]}:{value}")


class _Correction(Closed):
    event_id: EventId
    field: Annotated[Text, Field(pattern=r"^/[A-Za-z0-9_./~-]+$")]
    was: Any = None
    now: Any
    reason: Known[Text]
    approved_by: Known[Code]


class CaseRecordCorrected(_Correction, Fact):
    """更正 of an event on a case."""

    type_name = "petition.case.record_corrected.v1"


class GrantRecordCorrected(_Correction, Fact):
    """更正 of an event on a grant."""

    type_name = "petition.grant.record_corrected.v1"


class FundRecordCorrected(_Correction, Fact):
    """更正 of an event on a fund."""

    type_name = "petition.fund.record_corrected.v1"


class RegisterRecordCorrected(_Correction, Fact):
    """更正 of a register entry."""

    type_name = "petition.register.record_corrected.v1"


CORRECTED: dict[str, type[Fact]] = {
    "case": CaseRecordCorrected,
    "grant": GrantRecordCorrected,
    "fund": FundRecordCorrected,
    "register": RegisterRecordCorrected,
}


class CorrectRecord(_Correction, RecordAction):
    """更正: which event, which field, what it said and what it should say, why, approved by whom."""

    facts = (CaseRecordCorrected, GrantRecordCorrected, FundRecordCorrected, RegisterRecordCorrected)
    action: Literal["correct_record"]

    @classmethod
    def sealed(cls, raw: dict[str, Any], desk: Desk) -> dict[str, Any]:
        name = raw["field"].split("/")[1] if str(raw.get("field", "")).startswith("/") else ""
        if name not in TAGGED_FIELDS or "case" not in raw or not desk.case(raw["case"]).restricted:
            return raw
        hidden = {key: tagged(desk, name, raw[key], raw["case"]) for key in ("was", "now") if raw.get(key) is not None}
        return {**raw, **hidden}

    def decide(self, desk: Desk) -> Sequence[Draft]:
        state = self.state(desk)
        event = _event_of(desk, state, self.event_id)
        sent = self.sealed({"field": self.field, "was": self.was, "now": self.now, **_named(self)}, desk)
        _refuse_fixed(state, self.field, sent["was"], sent["now"])
        present = _corrected_value(desk, state, event, self.field)
        if present != sent["was"]:
            raise Refused("correction_mismatch", "read the event again", field="was", subject=state.id)
        _require_valid(event, self.field, sent["now"], state.id)
        only = frozenset({"event_id", "field", "was", "now", "reason", "approved_by", "override"})
        return [Draft(state, CORRECTED[_family(event)], {}, only)]


def _named(action: RecordAction) -> dict[str, Any]:
    return {} if action.case is None else {"case": action.case}


def _family(event: Event) -> str:
    return event.type_name.split(".")[1]


def _event_of(desk: Desk, state: Aggregate, event_id: str) -> Event:
    for event in desk.events_of(state.id):
        if event.attributes["id"] == event_id:
            if event.type_name.endswith((".record_corrected.v1", ".approval_confirmed.v1")):
                raise Refused(
                    "correction_not_allowed",
                    "a correction is corrected by correcting the first event again",
                    field="event_id",
                    subject=state.id,
                )
            return event
    raise Refused("event_not_of_subject", event_id, field="event_id", subject=state.id)


def _refuse_fixed(state: Aggregate, pointer: str, was: Any, now: Any) -> None:
    names = set(pointer.split("/")[1:]) | _keys_in(was) | _keys_in(now)
    for name in sorted(names):
        if name in FIXED_FIELDS or name.endswith("_fen"):
            raise Refused("correction_not_allowed", name, field="field", subject=state.id)


def _keys_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for part in value.values() for key in _keys_in(part)}
    if isinstance(value, list):
        return {key for part in value for key in _keys_in(part)}
    return set()


def _corrected_value(desk: Desk, state: Aggregate, event: Event, pointer: str) -> Any:
    """What the field reads at present: the event's own value, or what the last correction made of it."""
    event_id = event.attributes["id"]
    value = _look(_document(event), pointer)
    for other in desk.events_of(state.id):
        if other.type_name.endswith(".record_corrected.v1"):
            data = other.data
            if data["event_id"] == event_id and data["field"] == pointer:
                value = data.get("now")
    return value


def _document(event: Event) -> dict[str, Any]:
    return {**event.data, "time": event.attributes["time"]}


def _segments(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _look(document: Any, pointer: str) -> Any:
    """The value at an RFC 6901 pointer, or None where there is none."""
    for part in _segments(pointer):
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return None
    return document


def _require_valid(event: Event, pointer: str, now: Any, subject: str) -> None:
    """`now` must be valid by the original type's schema."""
    from domain.language import FACTS

    if pointer == "/time":
        _Moment.validate_value(now, subject)
        return
    document = copy.deepcopy(event.data)
    parts = _segments(pointer)
    holder: Any = document
    for part in parts[:-1]:
        holder = holder.get(part) if isinstance(holder, dict) else None
    if isinstance(holder, dict):
        if now is None:
            holder.pop(parts[-1], None)
        else:
            holder[parts[-1]] = now
    elif isinstance(holder, list) and parts[-1].isdigit() and int(parts[-1]) < len(holder):
        holder[int(parts[-1])] = now
    else:
        raise InvalidAction("bad_value", "no such place in the event", field="field", subject=subject)
    try:
        FACTS[event.type_name].model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidAction("bad_value", str(first["msg"]), field="now", subject=subject) from None


class _Moment(Closed):
    at: Instant

    @classmethod
    def validate_value(cls, now: Any, subject: str) -> None:
        """Raise unless `now` is an instant with an offset."""
        try:
            cls.model_validate({"at": now})
        except ValidationError:
            raise InvalidAction(
                "bad_value",
                "an instant with an offset, 2025-03-04T10:20:00+08:00",
                field="now",
                subject=subject,
            ) from None


class _Confirmation(Closed):
    event_id: EventId


class CaseApprovalConfirmed(_Confirmation, Fact):
    """The approver confirmed in person."""

    type_name = "petition.case.approval_confirmed.v1"


class GrantApprovalConfirmed(_Confirmation, Fact):
    """The approver confirmed in person."""

    type_name = "petition.grant.approval_confirmed.v1"


class FundApprovalConfirmed(_Confirmation, Fact):
    """The approver confirmed in person."""

    type_name = "petition.fund.approval_confirmed.v1"


class RegisterApprovalConfirmed(_Confirmation, Fact):
    """The approver confirmed in person."""

    type_name = "petition.register.approval_confirmed.v1"


CONFIRMED: dict[str, type[Fact]] = {
    "case": CaseApprovalConfirmed,
    "grant": GrantApprovalConfirmed,
    "fund": FundApprovalConfirmed,
    "register": RegisterApprovalConfirmed,
}


class ConfirmApproval(_Confirmation, RecordAction):
    """The official named as approver or signer confirms it in person."""

    facts = (CaseApprovalConfirmed, GrantApprovalConfirmed, FundApprovalConfirmed, RegisterApprovalConfirmed)
    action: Literal["confirm_approval"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        state = self.state(desk)
        for event in desk.events_of(state.id):
            if event.attributes["id"] == self.event_id:
                if self.actor is None or self.actor not in approvers_in(event.data):
                    raise Refused(
                        "refused_by_state",
                        f"the event names no approval of {self.actor}",
                        field="by.staff",
                        subject=state.id,
                    )
                return [Draft(state, CONFIRMED[_family(event)], {}, frozenset({"event_id", "override"}))]
        raise Refused("event_not_of_subject", self.event_id, field="event_id", subject=state.id)


def approvers_in(data: dict[str, Any]) -> set[str]:
    """Whose approval or signature a payload names (XF-INT-006)."""
    places = (data, data.get("override") or {}, data.get("cash_exception") or {})
    named = {place.get("approved_by") for place in places} | {data.get("signed_by")}
    return {name for name in named if isinstance(name, str)}


ACTIONS = (CorrectRecord, ConfirmApproval)
