"""Corrections and confirmations: a recorded fact is never changed, another event says what it should read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from pydantic import Field, ValidationError

from domain.base import Action, Aggregate, Desk, Draft, Fact
from domain.calendar import day_of
from domain.case.case import Case
from domain.case.intake import TAGGED_FIELDS, is_restricted, tagged
from domain.corrections import corrected
from domain.errors import InvalidAction, Refused
from domain.event import Event, canonical
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
from domain.register import CheckId, Entry

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

FIXED_OF_TYPE: dict[str, frozenset[str]] = {
    "unit_declared": frozenset({"unit"}),
    "staff_declared": frozenset({"staff"}),
    "calendar_declared": frozenset({"year"}),
    "check_parameters_set": frozenset({"check"}),
    "record_corrected": frozenset({"event_id", "field", "was", "now"}),
    "approval_confirmed": frozenset({"event_id"}),
}
"""What else is a subject or ref in one event type; a correction's target and values are set by a new correction."""
OFFER_FIELDS = frozenset({"unit", "to"})
"""An offer is named by (handoff, addressed unit), so in a handoff event neither changes."""


class RecordAction(Action):
    """An act about a recorded event; exactly one subject key says whose it is."""

    case: Maybe[CaseName]
    grant: Maybe[GrantName]
    fund: Maybe[FundName]
    unit: Maybe[Code]
    staff: Maybe[Code]
    year: Maybe[Year]
    check: Maybe[CheckId]
    ledger: Maybe[Literal[True]]

    SUBJECT_KEYS: ClassVar[tuple[str, ...]] = ("case", "grant", "fund", "unit", "staff", "year", "check", "ledger")

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
        if self.ledger is not None:
            return desk.register("ledger")
        value = getattr(self, named[0])
        return desk.register(f"{'calendar' if named[0] == 'year' else named[0]}:{value}")


class _Correction(Closed):
    event_id: EventId
    field: Annotated[Text, Field(pattern=r"^(/([^/~]|~[01])+)+$")]
    was: Any = None
    now: Any
    reason: Known[Text]
    approved_by: Known[Code]


class CaseRecordCorrected(_Correction, Fact):
    """更正: an event on a case should read otherwise."""

    type_name = "petition.case.record_corrected.v1"

    def apply(self, state: Case, event: Event) -> None:
        """The guard `leak` looks at the corrected values; what became an accusation stays one."""
        name, _, place = self.field.removeprefix("/").partition("/")
        if name == "about_units":
            state.about_units = _list_with(state.about_units, place, self.now)
        if (name == "accusation_of" and self.now is not None) or (name == "purpose" and self.now == "accusation"):
            state.accusation = True


class GrantRecordCorrected(_Correction, Fact):
    """更正: an event on a grant should read otherwise."""

    type_name = "petition.grant.record_corrected.v1"


class FundRecordCorrected(_Correction, Fact):
    """更正: an event on a fund should read otherwise."""

    type_name = "petition.fund.record_corrected.v1"


class RegisterRecordCorrected(_Correction, Fact):
    """更正: a register entry should read otherwise."""

    type_name = "petition.register.record_corrected.v1"

    def apply(self, state: Entry, event: Event) -> None:
        """The newest declaration of a unit or staff member reads as corrected."""
        if self.event_id != state.declared:
            return
        name, _, place = self.field.removeprefix("/").partition("/")
        if name in ("roles", "superiors"):
            setattr(state, name, _list_with(getattr(state, name), place, self.now))
        elif name in ("active_from_on", "active_until_on"):
            setattr(state, name, self.now)


def _list_with(present: list[str], place: str, now: Any) -> list[str]:
    """A list as corrected, as a whole or in one place."""
    if not place:
        return list(now or [])
    if place.isdigit() and int(place) < len(present):
        return [now if number == int(place) else value for number, value in enumerate(present)]
    return present


CORRECTED: dict[str, type[Fact]] = {
    "case": CaseRecordCorrected,
    "grant": GrantRecordCorrected,
    "fund": FundRecordCorrected,
    "register": RegisterRecordCorrected,
}


class CorrectRecord(_Correction, RecordAction):
    """更正: say which event, which field, what it said, what it should say, why and approved by whom."""

    facts = (CaseRecordCorrected, GrantRecordCorrected, FundRecordCorrected, RegisterRecordCorrected)
    action: Literal["correct_record"]

    @classmethod
    def sealed(cls, raw: dict[str, Any], desk: Desk) -> dict[str, Any]:
        name = raw["field"].split("/")[1] if str(raw.get("field", "")).startswith("/") else ""
        if name not in TAGGED_FIELDS or "case" not in raw or not is_restricted(desk, raw["case"]):
            return raw
        hidden = {key: tagged(desk, name, raw[key], raw["case"]) for key in ("was", "now") if raw.get(key) is not None}
        return {**raw, **hidden}

    def decide(self, desk: Desk) -> Sequence[Draft]:
        state = self.state(desk)
        event = _event_of(desk, state, self.event_id)
        sent = self.sealed({"field": self.field, "was": self.was, "now": self.now, **_named(self)}, desk)
        _refuse_fixed(event, state, self.field, sent["was"], sent["now"])
        document = _present(desk, state, event)
        if canonical(_look(document, self.field)) != canonical(sent["was"]):
            raise Refused("correction_mismatch", "read the event again", field="was", subject=state.id)
        if self.field == "/time":
            _require_moment(sent["now"], self.at, state.id)
        else:
            _require_valid(event.type_name, document["data"], self.field, sent["now"], state.id)
        only = frozenset({"event_id", "field", "was", "now", "reason", "approved_by", "override"})
        return [Draft(state, CORRECTED[_family(event)], {}, only)]


def _named(action: RecordAction) -> dict[str, Any]:
    return {} if action.case is None else {"case": action.case}


def _family(event: Event) -> str:
    return event.type_name.split(".")[1]


def _event_of(desk: Desk, state: Aggregate, event_id: str) -> Event:
    for event in desk.events_of(state.id):
        if event.attributes["id"] == event_id:
            return event
    raise Refused("event_not_of_subject", event_id, field="event_id", subject=state.id)


def _refuse_fixed(event: Event, state: Aggregate, pointer: str, was: Any, now: Any) -> None:
    from domain.language import FACTS

    fact = FACTS.get(event.type_name)
    if fact is None or _family(event) not in CORRECTED:
        raise Refused("correction_not_allowed", event.type_name, field="event_id", subject=state.id)
    fixed = FIXED_FIELDS | FIXED_OF_TYPE.get(event.type_name.split(".")[2], frozenset())
    if "handoff" in fact.model_fields:
        fixed |= OFFER_FIELDS
    for name in sorted(set(pointer.split("/")[1:]) | _keys_in(was) | _keys_in(now)):
        if name in fixed or name.endswith("_fen"):
            raise Refused("correction_not_allowed", name, field="field", subject=state.id)


def _keys_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for part in value.values() for key in _keys_in(part)}
    if isinstance(value, list):
        return {key for part in value for key in _keys_in(part)}
    return set()


def _present(desk: Desk, state: Aggregate, event: Event) -> dict[str, Any]:
    """The event as it reads at present, with every correction so far."""
    events = corrected([other.attributes for other in desk.events_of(state.id)])
    return next(one for one in events if one["id"] == event.attributes["id"])


def _segments(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _look(event: dict[str, Any], pointer: str) -> Any:
    """The value at an RFC 6901 pointer into `data` (or `/time`), or None where there is none."""
    if pointer == "/time":
        return event["time"]
    value: Any = event["data"]
    for part in _segments(pointer):
        value = _step(value, part)
    return value


def _step(holder: Any, part: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(part)
    if isinstance(holder, list) and _is_place(holder, part):
        return holder[int(part)]
    return None


def _is_place(holder: list[Any], part: str) -> bool:
    return part.isascii() and part.isdigit() and int(part) < len(holder)


def _require_valid(type_name: str, data: dict[str, Any], pointer: str, now: Any, subject: str) -> None:
    """`now` must be valid by the original type's schema."""
    from domain.language import FACTS

    document = msgspec.json.decode(canonical(data))
    *way, last = _segments(pointer)
    holder: Any = document
    for part in way:
        holder = _step(holder, part)
    if isinstance(holder, dict):
        holder[last] = now
        if now is None:
            del holder[last]
    elif isinstance(holder, list) and _is_place(holder, last):
        holder[int(last)] = now
    else:
        raise InvalidAction("bad_value", "no such place in the event", field="field", subject=subject)
    try:
        FACTS[type_name].model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = "field" if first["type"] == "extra_forbidden" else "now"
        raise InvalidAction("bad_value", str(first["msg"]), field=field, subject=subject) from None


def _require_moment(now: Any, corrected_at: str, subject: str) -> None:
    """`now` must be an instant with an offset, and not after the day of the correction."""
    try:
        _Moment.model_validate({"at": now})
    except ValidationError:
        advice = "an instant with an offset, 2025-03-04T10:20:00+08:00"
        raise InvalidAction("bad_value", advice, field="now", subject=subject) from None
    if day_of(now) > day_of(corrected_at):
        raise InvalidAction("at_in_future", "later than the correction itself", field="now", subject=subject)


class _Moment(Closed):
    at: Instant


class _Confirmation(Closed):
    event_id: EventId


class CaseApprovalConfirmed(_Confirmation, Fact):
    """本人确认: the approver confirmed in person, on a case."""

    type_name = "petition.case.approval_confirmed.v1"


class GrantApprovalConfirmed(_Confirmation, Fact):
    """本人确认: the approver confirmed in person, on a grant."""

    type_name = "petition.grant.approval_confirmed.v1"


class FundApprovalConfirmed(_Confirmation, Fact):
    """本人确认: the approver confirmed in person, on a fund."""

    type_name = "petition.fund.approval_confirmed.v1"


class RegisterApprovalConfirmed(_Confirmation, Fact):
    """本人确认: the approver confirmed in person, in a register."""

    type_name = "petition.register.approval_confirmed.v1"


CONFIRMED: dict[str, type[Fact]] = {
    "case": CaseApprovalConfirmed,
    "grant": GrantApprovalConfirmed,
    "fund": FundApprovalConfirmed,
    "register": RegisterApprovalConfirmed,
}


class ConfirmApproval(_Confirmation, RecordAction):
    """本人确认审批: confirm in person an approval or signature that another person entered."""

    facts = (CaseApprovalConfirmed, GrantApprovalConfirmed, FundApprovalConfirmed, RegisterApprovalConfirmed)
    action: Literal["confirm_approval"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        state = self.state(desk)
        event = _event_of(desk, state, self.event_id)
        if self.actor is None or self.actor not in approvers_in(_present(desk, state, event)["data"]):
            raise Refused(
                "refused_by_state",
                f"the event names no approval of {self.actor}",
                field="by.staff",
                subject=state.id,
            )
        if _family(event) not in CONFIRMED:
            raise Refused("correction_not_allowed", event.type_name, field="event_id", subject=state.id)
        return [Draft(state, CONFIRMED[_family(event)], {}, frozenset({"event_id", "override"}))]


def approvers_in(data: dict[str, Any]) -> set[str]:
    """Whose approval or signature a payload names (XF-INT-006)."""
    places = (data, data.get("override") or {}, data.get("cash_exception") or {})
    named = {place.get("approved_by") for place in places} | {data.get("signed_by")}
    return {name for name in named if isinstance(name, str)}


ACTIONS = (CorrectRecord, ConfirmApproval)
