"""The way to relief money: application, examination, approval, public notice, appropriation (F-01 … F-08)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from domain.base import Desk, Draft
from domain.event import Event
from domain.fields import (
    CaseName,
    CaseNumber,
    Closed,
    Code,
    Day,
    Document,
    Fen,
    Flag,
    FundName,
    FundNumber,
    GrantName,
    GrantNumber,
    Known,
    Maybe,
    Meeting,
    PersonRef,
    Ref,
    Tag,
    Text,
)
from domain.fund import FundCommitted
from domain.grant import Grant, GrantAction, GrantFact, actor_of, note_actor, require_positive


class _Application(Closed):
    applicant_unit: Known[Code]
    beneficiary_ref: Known[PersonRef]
    beneficiary_tag: Maybe[Tag]
    amount_fen: Fen
    scope: Known[Literal["hardship", "no_responsible_body", "no_legal_basis", "historic", "other"]]
    attachments: Known[Annotated[dict[Text, Document], Field(max_length=200)]]


class GrantApplied(_Application, GrantFact):
    """救助申请: a grant was applied for."""

    type_name = "petition.grant.applied.v1"
    ref: Ref
    fund: FundNumber
    case: CaseNumber
    instalment_of: Maybe[GrantNumber]

    def apply(self, state: Grant, event: Event) -> None:
        state.ref, state.fund, state.case = self.ref, self.fund, self.case
        state.beneficiary_ref, state.beneficiary_tag = self.beneficiary_ref, self.beneficiary_tag
        state.instalment_of = self.instalment_of
        state.applied_by = actor_of(event)


class ApplyForGrant(_Application, GrantAction):
    """申请救助: apply for a grant, which gives it its number (F-08)."""

    facts = (GrantApplied,)
    claims = "grant"
    action: Literal["apply_for_grant"]
    grant: Ref
    fund: FundName
    case: CaseName
    instalment_of: Maybe[GrantName]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        from domain.calendar import day_of

        desk.claim("grant", self.grant)
        require_positive(self.amount_fen)
        extra = {"ref": self.grant, "fund": desk.fund(self.fund).id, "case": desk.case(self.case).id}
        if self.instalment_of is not None:
            extra["instalment_of"] = desk.grant(self.instalment_of, "instalment_of").id
        return [Draft(desk.new_grant(day_of(self.at).year), GrantApplied, extra)]


class _Examination(Closed):
    passed: Known[Flag]
    opinion: Known[Document]


class GrantExamined(_Examination, GrantFact):
    """审核: the application was examined."""

    type_name = "petition.grant.examined.v1"

    def apply(self, state: Grant, event: Event) -> None:
        state.examined = True
        note_actor(state.examined_by, event)


class ExamineGrant(_Examination, GrantAction):
    """审核: examine an application (F-09)."""

    facts = (GrantExamined,)
    action: Literal["examine_grant"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        if grant.examined:
            raise grant.refuse("examined already")
        return [Draft(grant, GrantExamined)]


class _Approval(Closed):
    amount_fen: Fen
    meeting: Maybe[Meeting]
    exceptional: Maybe[Flag]


class GrantApproved(_Approval, GrantFact):
    """审批: the grant was approved."""

    type_name = "petition.grant.approved.v1"

    def apply(self, state: Grant, event: Event) -> None:
        state.decided, state.approved_fen = "approved", self.amount_fen
        state.exceptional = bool(self.exceptional)
        note_actor(state.approved_by, event)


class ApproveGrant(_Approval, GrantAction):
    """审批: approve a grant and commit the money in the same transaction (F-10)."""

    facts = (GrantApproved, FundCommitted)
    action: Literal["approve_grant"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        if grant.decided is not None:
            raise grant.refuse(f"{grant.decided} already")
        require_positive(self.amount_fen, grant.id)
        return [
            Draft(grant, GrantApproved),
            Draft(desk.fund(grant.fund), FundCommitted, {"grant": grant.id}, frozenset({"amount_fen"})),
        ]


class GrantRejected(GrantFact):
    """不予批准: the application was rejected."""

    type_name = "petition.grant.rejected.v1"
    reason: Maybe[Text]

    def apply(self, state: Grant, event: Event) -> None:
        state.decided = "rejected"


class RejectGrant(GrantAction):
    """不予批准: reject an application."""

    facts = (GrantRejected,)
    action: Literal["reject_grant"]
    reason: Known[Text]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        if grant.decided is not None:
            raise grant.refuse(f"{grant.decided} already")
        return [Draft(grant, GrantRejected)]


class _PublicNotice(Closed):
    from_on: Known[Day]
    until_on: Known[Day]
    place: Known[Text]


class GrantNoticePublished(_PublicNotice, GrantFact):
    """公示: a notice of the grant was published."""

    type_name = "petition.grant.notice_published.v1"


class PublishGrantNotice(_PublicNotice, GrantAction):
    """公示: publish a notice of the grant (F-12)."""

    facts = (GrantNoticePublished,)
    action: Literal["publish_grant_notice"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.grant(self.grant), GrantNoticePublished)]


class _Appropriation(Closed):
    amount_fen: Fen
    document: Known[Document]


class GrantAppropriated(_Appropriation, GrantFact):
    """拨付: the treasury made the money over."""

    type_name = "petition.grant.appropriated.v1"

    def apply(self, state: Grant, event: Event) -> None:
        state.appropriated_fen += self.amount_fen


class AppropriateGrant(_Appropriation, GrantAction):
    """拨付: make the money over from the treasury (F-02)."""

    facts = (GrantAppropriated,)
    action: Literal["appropriate_grant"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        require_positive(self.amount_fen, grant.id)
        return [Draft(grant, GrantAppropriated)]


ACTIONS = (
    ApplyForGrant,
    ExamineGrant,
    ApproveGrant,
    RejectGrant,
    PublishGrantNotice,
    AppropriateGrant,
)
