"""Handling and opinion: facts, hearings, extension, opinion, review, closing (art. 31–36)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.base import Desk, Draft
from domain.case.case import Case, CaseAction, CaseFact
from domain.errors import InvalidAction
from domain.event import Event
from domain.fields import (
    Closed,
    Code,
    Codes,
    Count,
    Day,
    Days,
    Delivery,
    Document,
    Flag,
    Instant,
    Known,
    Maybe,
    Ref,
    Text,
    Texts,
)

Stage = Literal["review", "re_review"]


class _Hearing(Closed):
    attendees: Known[Codes]
    record: Known[Document]


class FactsHeard(_Hearing, CaseFact):
    """听取信访人陈述事实和理由."""

    type_name = "petition.case.facts_heard.v1"


class HearFacts(_Hearing, CaseAction):
    """听取陈述 (art. 31(6))."""

    facts = (FactsHeard,)
    action: Literal["hear_facts"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), FactsHeard)]


class _Investigation(Closed):
    method: Known[Text]
    attendees: Known[Codes]
    record: Known[Document]


class Investigated(_Investigation, CaseFact):
    """调查核实."""

    type_name = "petition.case.investigated.v1"


class Investigate(_Investigation, CaseAction):
    """调查核实 (art. 31(6))."""

    facts = (Investigated,)
    action: Literal["investigate"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), Investigated)]


class HearingOpened(CaseFact):
    """听证 was opened."""

    type_name = "petition.case.hearing_opened.v1"
    hearing: Ref

    def apply(self, state: Case, event: Event) -> None:
        state.hearings[self.hearing] = True


class OpenHearing(CaseAction):
    """举行听证 (art. 31(6), 36)."""

    facts = (HearingOpened,)
    claims = "hearing"
    action: Literal["open_hearing"]
    hearing: Ref

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        desk.claim("hearing", self.hearing)
        return [Draft(case, HearingOpened)]


class _HearingClosing(Closed):
    hearing: Ref
    record: Known[Document]


class HearingClosed(_HearingClosing, CaseFact):
    """听证 was closed."""

    type_name = "petition.case.hearing_closed.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.hearings[self.hearing] = False


class CloseHearing(_HearingClosing, CaseAction):
    """听证结束."""

    facts = (HearingClosed,)
    action: Literal["close_hearing"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.hearings.get(self.hearing):
            raise case.refuse(f"hearing {self.hearing} is not open", "hearing")
        return [Draft(case, HearingClosed)]


class _Extension(Closed):
    days: Known[Days]
    approved_by: Known[Code]
    approver_role: Known[Text]
    reason: Known[Text]


class ExtensionApproved(_Extension, CaseFact):
    """延长办理期限."""

    type_name = "petition.case.extension_approved.v1"


class Extend(_Extension, CaseAction):
    """延期 (art. 34: at most 30 days, by the head, with notice)."""

    facts = (ExtensionApproved,)
    action: Literal["extend"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if self.days is not None and self.days < 1:
            raise InvalidAction("bad_value", "an extension has at least 1 day", field="days", subject=case.id)
        if not case.ever_accepted:
            raise case.refuse("the case was not accepted")
        return [Draft(case, ExtensionApproved)]


class _Mediation(Closed):
    agreement: Known[Document]
    both_consent: Known[Flag]


class MediationAgreed(_Mediation, CaseFact):
    """调解、和解协议."""

    type_name = "petition.case.mediation_agreed.v1"


class Mediate(_Mediation, CaseAction):
    """调解、和解 (art. 33)."""

    facts = (MediationAgreed,)
    action: Literal["mediate"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), MediationAgreed)]


class _Opinion(Closed):
    document: Known[Document]
    result: Known[Literal["supported", "explained", "not_supported"]]
    legal_basis: Known[Texts]
    signed_by: Known[Code]
    promise_due_on: Maybe[Day]
    executing_unit: Maybe[Code]


class OpinionIssued(_Opinion, CaseFact):
    """信访处理意见书."""

    type_name = "petition.case.opinion_issued.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.opinion_issued = True


class IssueOpinion(_Opinion, CaseAction):
    """出具信访处理意见书 (art. 31(6), 32)."""

    facts = (OpinionIssued,)
    action: Literal["issue_opinion"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.ever_accepted:
            raise case.refuse("the case was not accepted")
        return [Draft(case, OpinionIssued)]


class _OpinionDelivery(Closed):
    sent_at: Maybe[Instant]
    delivered_at: Maybe[Instant]
    delivery: Known[Delivery]
    signed: Known[Flag]
    attempts: Maybe[Count]
    proof: Maybe[Document]


class OpinionDelivered(_OpinionDelivery, CaseFact):
    """送达 of the opinion."""

    type_name = "petition.case.opinion_delivered.v1"


class DeliverOpinion(_OpinionDelivery, CaseAction):
    """送达信访处理意见书 (art. 35)."""

    facts = (OpinionDelivered,)
    action: Literal["deliver_opinion"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.opinion_issued:
            raise case.refuse("no opinion was issued")
        return [Draft(case, OpinionDelivered)]


class _ReviewRequest(Closed):
    stage: Stage
    body: Known[Code]
    requested_at: Known[Instant]
    received_at: Maybe[Instant]


class ReviewRequested(_ReviewRequest, CaseFact):
    """复查 or 复核 was asked for."""

    type_name = "petition.case.review_requested.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.stage not in state.reviews_requested:
            state.reviews_requested.append(self.stage)


class RequestReview(_ReviewRequest, CaseAction):
    """请求复查、复核 (art. 35, 36)."""

    facts = (ReviewRequested,)
    action: Literal["request_review"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), ReviewRequested)]


def _require_requested(case: Case, stage: str) -> None:
    if stage not in case.reviews_requested:
        raise case.refuse(f"no {stage} was requested", "stage")


class _ReviewRefusal(Closed):
    stage: Stage
    ground: Text
    document: Known[Document]


class ReviewRefused(_ReviewRefusal, CaseFact):
    """The request for review was not accepted."""

    type_name = "petition.case.review_refused.v1"


class RefuseReview(_ReviewRefusal, CaseAction):
    """复查、复核不予受理."""

    facts = (ReviewRefused,)
    action: Literal["refuse_review"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        _require_requested(case, self.stage)
        return [Draft(case, ReviewRefused)]


class _Review(Closed):
    stage: Stage
    body: Known[Code]
    outcome: Known[Literal["upheld", "changed", "redo"]]
    members: Known[Codes]
    document: Known[Document]


class ReviewIssued(_Review, CaseFact):
    """复查意见 or 复核意见."""

    type_name = "petition.case.review_issued.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.stage not in state.reviews_issued:
            state.reviews_issued.append(self.stage)
        if self.outcome == "redo":
            state.accepted_by = []


class IssueReview(_Review, CaseAction):
    """作出复查、复核意见 (art. 35, 36)."""

    facts = (ReviewIssued,)
    action: Literal["issue_review"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        _require_requested(case, self.stage)
        return [Draft(case, ReviewIssued)]


class _ReviewDelivery(Closed):
    stage: Stage
    sent_at: Maybe[Instant]
    delivered_at: Maybe[Instant]
    delivery: Known[Delivery]
    signed: Known[Flag]
    proof: Maybe[Document]


class ReviewDelivered(_ReviewDelivery, CaseFact):
    """送达 of a review."""

    type_name = "petition.case.review_delivered.v1"


class DeliverReview(_ReviewDelivery, CaseAction):
    """送达复查、复核意见."""

    facts = (ReviewDelivered,)
    action: Literal["deliver_review"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if self.stage not in case.reviews_issued:
            raise case.refuse(f"no {self.stage} was issued", "stage")
        return [Draft(case, ReviewDelivered)]


class _Execution(Closed):
    done: Known[Flag]
    proof: Maybe[Document]


class OpinionExecuted(_Execution, CaseFact):
    """执行 of an opinion that supports the request."""

    type_name = "petition.case.opinion_executed.v1"


class ExecuteOpinion(_Execution, CaseAction):
    """执行信访处理意见 (art. 32, 40)."""

    facts = (OpinionExecuted,)
    action: Literal["execute_opinion"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.opinion_issued:
            raise case.refuse("there is no opinion to execute")
        return [Draft(case, OpinionExecuted)]


class _Closing(Closed):
    ground: Literal[
        "opinion_delivered",
        "mediated",
        "handed_to_procedure",
        "withdrawn",
        "not_accepted",
        "review_final",
        "merged",
        "no_longer_accepted",
        "petitioner_died",
        "suggestion_answered",
        "accusation_transferred",
        "answered_directly",
        "transferred_out",
    ]


class CaseClosed(_Closing, CaseFact):
    """办结."""

    type_name = "petition.case.closed.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.closed = True


class CloseCase(_Closing, CaseAction):
    """办结."""

    facts = (CaseClosed,)
    action: Literal["close_case"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        case.require_registered()
        if case.closed:
            raise case.refuse("closed already", code="case_closed")
        return [Draft(case, CaseClosed)]


class _Reopening(Closed):
    reason: Known[Text]
    approved_by: Known[Code]


class CaseReopened(_Reopening, CaseFact):
    """重新办理."""

    type_name = "petition.case.reopened.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.closed = False
        state.withdrawn = False
        state.accepted_by = []


class ReopenCase(_Reopening, CaseAction):
    """重新办理."""

    facts = (CaseReopened,)
    action: Literal["reopen_case"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.closed:
            raise case.refuse("the case is not closed")
        return [Draft(case, CaseReopened)]


class _Rating(Closed):
    side: Known[Literal["office", "unit"]]
    grade: Known[Literal["satisfied", "basically", "dissatisfied"]]
    entered_via: Known[Literal["petitioner_online", "sms", "phone", "hall_kiosk", "office_terminal"]]


class Rated(_Rating, CaseFact):
    """满意度评价."""

    type_name = "petition.case.rated.v1"


class Rate(_Rating, CaseAction):
    """满意度评价 (国信发〔2022〕11号)."""

    facts = (Rated,)
    action: Literal["rate"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), Rated)]


class _Archiving(Closed):
    archive_no: Known[Text]


class CaseArchived(_Archiving, CaseFact):
    """归档."""

    type_name = "petition.case.archived.v1"


class ArchiveCase(_Archiving, CaseAction):
    """归档."""

    facts = (CaseArchived,)
    action: Literal["archive_case"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.closed:
            raise case.refuse("the case is not closed")
        return [Draft(case, CaseArchived)]


ACTIONS = (
    HearFacts,
    Investigate,
    OpenHearing,
    CloseHearing,
    Extend,
    Mediate,
    IssueOpinion,
    DeliverOpinion,
    RequestReview,
    RefuseReview,
    IssueReview,
    DeliverReview,
    ExecuteOpinion,
    CloseCase,
    ReopenCase,
    Rate,
    ArchiveCase,
)
