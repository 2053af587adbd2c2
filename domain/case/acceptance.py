"""Acceptance and what the petitioner is told: decision, notices, exemptions, urgent reports, competence (art. 22–25)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from domain.base import Desk, Draft
from domain.case.case import Case, CaseAction, CaseFact
from domain.event import Event
from domain.fields import (
    Closed,
    Code,
    Delivery,
    Document,
    Instant,
    Known,
    Maybe,
    Text,
)

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


ACTIONS = (
    AcceptCase,
    RefuseAcceptance,
    NotifyPetitioner,
    ExemptNotice,
    ReportUrgent,
    DecideCompetence,
)
