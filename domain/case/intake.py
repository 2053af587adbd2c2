"""Intake and routing: receipt, registration, route, acceptance, notices, recusal (art. 17–25, 28–31)."""

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
    Delivery,
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
Notice = Literal[
    "receipt",
    "acceptance",
    "non_acceptance",
    "transferred_to",
    "refer_elsewhere",
    "no_longer_accepted",
    "procedure",
    "extension",
    "review_result",
]


def tagged(desk: Desk, field: str, value: Any, subject: str | None = None) -> Any:
    """Replace a restricted value, element by element, by its tag under the discipline key (contract §3.1)."""
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


class Accepted(CaseFact):
    """受理: a competent unit took the matter."""

    type_name = "petition.case.accepted.v1"
    handler: Maybe[Code]

    def apply(self, state: Case, event: Event) -> None:
        state.ever_accepted = True
        unit = event.attributes.get("actorunit")
        if unit is not None and unit not in state.accepted_by:
            state.accepted_by.append(unit)


class AcceptCase(CaseAction):
    """受理: take the matter as the competent unit (art. 23, 31(6))."""

    facts = (Accepted,)
    action: Literal["accept_case"]
    handler: Maybe[Code]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if self.acting_unit in case.accepted_by:
            raise case.refuse(f"accepted by {self.acting_unit} and not returned", "by.unit")
        return [Draft(case, Accepted)]


class _AcceptanceRefusal(Closed):
    ground: Literal["not_competent", "other_procedure", "same_matter_in_process", "re_reviewed", "unclear", "other"]
    procedure: Maybe[Text]
    document: Maybe[Document]


class AcceptanceRefused(_AcceptanceRefusal, CaseFact):
    """不予受理: a unit declined the matter."""

    type_name = "petition.case.acceptance_refused.v1"


class RefuseAcceptance(_AcceptanceRefusal, CaseAction):
    """不予受理: decline the matter on a stated ground (art. 19, 36, 44(2))."""

    facts = (AcceptanceRefused,)
    action: Literal["refuse_acceptance"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if self.acting_unit in case.accepted_by:
            raise case.refuse(f"accepted by {self.acting_unit}", "by.unit")
        return [Draft(case, AcceptanceRefused)]


class _PetitionerNotice(Closed):
    notice: Notice
    document: Known[Document]
    sent_at: Known[Instant]
    delivered_at: Maybe[Instant]
    delivery: Known[Delivery]
    result: Maybe[Literal["signed", "refused_left", "returned"]]
    proof: Maybe[Document]


class PetitionerNotified(_PetitionerNotice, CaseFact):
    """告知: a written notice to the petitioner."""

    type_name = "petition.case.petitioner_notified.v1"


class NotifyPetitioner(_PetitionerNotice, CaseAction):
    """书面告知信访人: give the petitioner a written notice (art. 23, 34)."""

    facts = (PetitionerNotified,)
    action: Literal["notify_petitioner"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), PetitionerNotified)]


class _Exemption(Closed):
    notice: Notice
    ground: Literal["name_unclear", "address_unclear"]


class NoticeExempted(_Exemption, CaseFact):
    """免予告知: a notice could not be given, name or address unclear."""

    type_name = "petition.case.notice_exempted.v1"


class ExemptNotice(_Exemption, CaseAction):
    """姓名（名称）、住址不清，免予告知: record why no notice can be given (art. 23)."""

    facts = (NoticeExempted,)
    action: Literal["exempt_notice"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), NoticeExempted)]


class _UrgentReport(Closed):
    learnt_at: Known[Instant]
    to: Annotated[list[Code], Field(min_length=1, max_length=200)]


class ReportedUrgent(_UrgentReport, CaseFact):
    """重大、紧急信访事项报告: the matter was reported upwards as urgent."""

    type_name = "petition.case.reported_urgent.v1"


class ReportUrgent(_UrgentReport, CaseAction):
    """报告重大、紧急信访事项: report a grave or urgent matter upwards (art. 25)."""

    facts = (ReportedUrgent,)
    action: Literal["report_urgent"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), ReportedUrgent)]


class _Competence(Closed):
    unit: Code
    decided_by: Known[Code]
    document: Maybe[Document]


class CompetenceDecided(_Competence, CaseFact):
    """确定管辖: a dispute about competence was decided (art. 24)."""

    type_name = "petition.case.competence_decided.v1"


class DecideCompetence(_Competence, CaseAction):
    """决定受理机关: decide which unit is competent (art. 24)."""

    facts = (CompetenceDecided,)
    action: Literal["decide_competence"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), CompetenceDecided)]


class _Assignment(Closed):
    handler: Known[Code]
    supervisor: Maybe[Code]


class HandlerAssigned(_Assignment, CaseFact):
    """确定承办人: a person was put in charge of the case."""

    type_name = "petition.case.handler_assigned.v1"


class AssignHandler(_Assignment, CaseAction):
    """确定承办人: put a staff member in charge."""

    facts = (HandlerAssigned,)
    action: Literal["assign_handler"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), HandlerAssigned)]


class _Interest(Closed):
    staff: Code
    relation: Known[Text]


class InterestDeclared(_Interest, CaseFact):
    """申报利害关系: a staff member declared an interest in the matter."""

    type_name = "petition.case.interest_declared.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.staff not in state.interests:
            state.interests.append(self.staff)


class DeclareInterest(_Interest, CaseAction):
    """申报利害关系: declare an interest of a staff member (art. 28)."""

    facts = (InterestDeclared,)
    action: Literal["declare_interest"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), InterestDeclared)]


class _RecusalRequest(Closed):
    staff: Code
    requested_by: Known[Literal["petitioner", "unit", "self"]]
    reason: Known[Text]


class RecusalRequested(_RecusalRequest, CaseFact):
    """申请回避: somebody asked for a staff member's recusal."""

    type_name = "petition.case.recusal_requested.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.staff not in state.interests:
            state.interests.append(self.staff)


class RequestRecusal(_RecusalRequest, CaseAction):
    """申请回避: ask for the recusal of a staff member (art. 28)."""

    facts = (RecusalRequested,)
    action: Literal["request_recusal"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), RecusalRequested)]


class _RecusalDecision(Closed):
    staff: Code
    recused: Known[Flag]
    replacement: Maybe[Code]


class RecusalDecided(_RecusalDecision, CaseFact):
    """回避决定: the recusal was decided."""

    type_name = "petition.case.recusal_decided.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.recused and self.staff not in state.recused:
            state.recused.append(self.staff)
        if self.recused is False and self.staff in state.recused:
            state.recused.remove(self.staff)


class DecideRecusal(_RecusalDecision, CaseAction):
    """决定回避: decide whether a staff member is recused (art. 28)."""

    facts = (RecusalDecided,)
    action: Literal["decide_recusal"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if self.staff not in case.interests:
            raise case.refuse(f"no interest of {self.staff} was declared and no recusal requested", "staff")
        return [Draft(case, RecusalDecided)]


ACTIONS = (
    ReceivePetition,
    RegisterPetition,
    Route,
    Dispose,
    MergeCase,
    WithdrawPetition,
    AcceptCase,
    RefuseAcceptance,
    NotifyPetitioner,
    ExemptNotice,
    ReportUrgent,
    DecideCompetence,
    AssignHandler,
    DeclareInterest,
    RequestRecusal,
    DecideRecusal,
)
