"""Intake and routing: receipt, registration, route, disposal, merging, withdrawal (art. 17–22, 28–31)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.base import Desk, Draft
from domain.case.case import Case, CaseAction, CaseFact
from domain.errors import InvalidAction, NotFound, Unavailable
from domain.event import Event
from domain.fields import (
    CaseName,
    CaseNumber,
    Closed,
    Code,
    Codes,
    Count,
    Day,
    Document,
    Flag,
    Instant,
    Known,
    Maybe,
    PersonRef,
    Ref,
    Region,
    Tag,
    Text,
)

TAGGED_FIELDS = ("about_units", "accusation_of", "petitioner_ref", "content_class")
AccusationOf = Literal["supervised_official", "party_organisation", "other_illegality"]


def tagged(desk: Desk, field: str, value: Any, subject: str | None = None) -> Any:
    """Replace a restricted value, element by element, by its tag under the discipline key."""
    if isinstance(value, list):
        return [tagged(desk, field, item, subject) for item in value]
    if not isinstance(value, str):
        raise InvalidAction("wrong_type", "restricted values are text", field=field)
    tag = desk.tag(field, value)
    if tag is None:
        raise Unavailable("key_missing", "lay `discipline.key` into the key folder", subject=subject)
    return tag


def is_restricted(desk: Desk, case: str) -> bool:
    """Whether the case is known and was received as restricted; an unknown case is for the decision to refuse."""
    try:
        return desk.case(case).restricted
    except NotFound:
        return False


class ReceiptEvidence(Closed):
    """What shows the day of receipt; a postmark shows the day of sending only."""

    kind: Literal["postmark", "arrival_stamp", "visit_log", "call_log", "web_log", "superior_system"]
    at: Instant


class _Receipt(Closed):
    channel: Known[Literal["letter", "visit", "online", "call", "fax", "other"]]
    source: Maybe[Literal["direct", "superior_transfer", "superior_assign", "leader", "hotline"]]
    received_at: Known[Instant]
    receipt_evidence: Maybe[ReceiptEvidence]
    petition_dated_on: Maybe[Day]
    people_count: Known[Count]
    representatives_count: Maybe[Count]
    anonymous: Known[Flag]
    content: Known[Document]
    region: Known[Region]
    urgent: Known[Flag]
    superior_due_on: Maybe[Day]
    external_numbers: Maybe[Annotated[dict[Text, Text], Field(max_length=200)]]
    restricted: Maybe[Flag]


class Received(_Receipt, CaseFact):
    """收到信访事项: a petition item reached the office."""

    type_name = "petition.case.received.v1"
    ref: Ref
    petitioner_ref: Maybe[PersonRef]
    about_units: Maybe[Annotated[list[Code | Tag], Field(max_length=200)]]
    accusation_of: Maybe[AccusationOf | Tag]

    def apply(self, state: Case, event: Event) -> None:
        state.ref = self.ref
        state.received = True
        state.restricted = bool(self.restricted)
        state.accusation = bool(self.restricted) or self.accusation_of is not None
        state.about_units = list(self.about_units or [])
        state.region = self.region


class ReceivePetition(_Receipt, CaseAction):
    """收到信访事项: open a case, which gives it its number."""

    facts = (Received,)
    claims = "case"
    action: Literal["receive_petition"]
    case: Ref
    petitioner_ref: Maybe[PersonRef]
    about_units: Maybe[Codes]
    accusation_of: Maybe[AccusationOf]

    @classmethod
    def sealed(cls, raw: dict[str, Any], desk: Desk) -> dict[str, Any]:
        if raw.get("restricted") is not True:
            return raw
        hidden = {name: tagged(desk, name, raw[name]) for name in TAGGED_FIELDS if name in raw}
        return {**raw, **hidden}

    def decide(self, desk: Desk) -> Sequence[Draft]:
        desk.claim("case", self.case)
        case = desk.new_case(_year_of(self.received_at or self.at))
        return [Draft(case, Received, {"ref": self.case})]


def _year_of(instant: str) -> int:
    from domain.calendar import day_of

    return day_of(instant).year


class Registered(CaseFact):
    """登记: the item stands in the register."""

    type_name = "petition.case.registered.v1"
    content_class: Maybe[Text]
    repeat_of: Maybe[CaseNumber]
    urgent: Maybe[Flag]

    def apply(self, state: Case, event: Event) -> None:
        state.registered = True


class RegisterPetition(CaseAction):
    """登记信访事项: put the item into the register (art. 22, 23)."""

    facts = (Registered,)
    action: Literal["register_petition"]
    content_class: Known[Text]
    repeat_of: Maybe[CaseName]
    urgent: Maybe[Flag]

    @classmethod
    def sealed(cls, raw: dict[str, Any], desk: Desk) -> dict[str, Any]:
        if "content_class" not in raw or not is_restricted(desk, raw["case"]):
            return raw
        return {**raw, "content_class": tagged(desk, "content_class", raw["content_class"], raw["case"])}

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if case.registered:
            raise case.refuse("registered already")
        extra: dict[str, Any] = {}
        if self.repeat_of is not None:
            repeated = desk.case(self.repeat_of, "repeat_of")
            if repeated.id == case.id:
                raise case.refuse("a petition does not repeat itself", "repeat_of")
            extra["repeat_of"] = repeated.id
        return [Draft(case, Registered, extra)]


class _Route(Closed):
    purpose: Known[Literal["suggestion", "accusation", "claim", "consultation", "other"]]
    route: Maybe[Annotated[int, Field(strict=True, ge=1, le=6)]]
    procedure: Maybe[Text]
    procedure_ref: Maybe[Text]
    reason: Maybe[Text]


class Routed(_Route, CaseFact):
    """依法分类: the purpose and, for claims, the route of art. 31."""

    type_name = "petition.case.routed.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.routed = True
        state.purpose = self.purpose
        state.route = self.route
        state.procedure = self.procedure
        state.procedure_ref = self.procedure_ref
        state.accusation = state.accusation or self.purpose == "accusation"


class Route(_Route, CaseAction):
    """依法分类: say the purpose and, for a claim, the route (art. 29–31)."""

    facts = (Routed,)
    action: Literal["route"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        case.require_registered()
        if self.route is not None and self.purpose is not None and self.purpose != "claim":
            raise InvalidAction("bad_value", "a route of art. 31 goes only with purpose claim", field="route")
        now = (self.purpose, self.route, self.procedure, self.procedure_ref)
        if case.routed and now == (case.purpose, case.route, case.procedure, case.procedure_ref):
            raise case.refuse("the case is routed so already", code="nothing_changes")
        return [Draft(case, Routed)]


class _Disposal(Closed):
    kind: Literal["direct_answer", "guided", "filed", "linked", "no_longer_accepted"]
    document: Maybe[Document]


class Disposed(_Disposal, CaseFact):
    """处理完毕: the office disposed of the item without handing it over."""

    type_name = "petition.case.disposed.v1"
    linked_to: Maybe[CaseNumber]


class Dispose(_Disposal, CaseAction):
    """直接答复、引导、存查、并联或不再受理: finish an item without handing it over."""

    facts = (Disposed,)
    action: Literal["dispose"]
    linked_to: Maybe[CaseName]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        case.require_registered()
        extra = {} if self.linked_to is None else {"linked_to": desk.case(self.linked_to, "linked_to").id}
        return [Draft(case, Disposed, extra)]


class Merged(CaseFact):
    """并案: the case went on inside another one."""

    type_name = "petition.case.merged.v1"
    into: CaseNumber
    attestation: Maybe[Document]

    def apply(self, state: Case, event: Event) -> None:
        state.merged_into = self.into


class MergeCase(CaseAction):
    """并案: let the case go on inside another one."""

    facts = (Merged,)
    action: Literal["merge_case"]
    into: CaseName
    attestation: Maybe[Document]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        into = desk.case(self.into, "into")
        if into.id == case.id:
            raise case.refuse("a case cannot be merged into itself", "into")
        if case.merged_into is not None:
            raise case.refuse(f"merged already into {case.merged_into}")
        return [Draft(case, Merged, {"into": into.id})]


class _Withdrawal(Closed):
    document: Maybe[Document]
    via: Known[Literal["petitioner_online", "letter", "visit", "phone", "office_terminal"]]


class Withdrawn(_Withdrawal, CaseFact):
    """撤回: the petitioner withdrew the petition."""

    type_name = "petition.case.withdrawn.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.withdrawn = True


class WithdrawPetition(_Withdrawal, CaseAction):
    """撤回信访事项: record that the petitioner withdrew."""

    facts = (Withdrawn,)
    action: Literal["withdraw_petition"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if case.withdrawn:
            raise case.refuse("withdrawn already")
        return [Draft(case, Withdrawn)]


ACTIONS = (
    ReceivePetition,
    RegisterPetition,
    Route,
    Dispose,
    MergeCase,
    WithdrawPetition,
)
