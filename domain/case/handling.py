"""Handling and opinion: facts heard, hearings, extension, mediation, opinion, delivery, execution (art. 31–35)."""

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


class _Hearing(Closed):
    attendees: Known[Codes]
    record: Known[Document]


class FactsHeard(_Hearing, CaseFact):
    """听取信访人陈述事实和理由: the petitioner was heard."""

    type_name = "petition.case.facts_heard.v1"


class HearFacts(_Hearing, CaseAction):
    """听取陈述: hear the petitioner's facts and reasons (art. 31(6))."""

    facts = (FactsHeard,)
    action: Literal["hear_facts"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), FactsHeard)]


class _Investigation(Closed):
    method: Known[Text]
    attendees: Known[Codes]
    record: Known[Document]


class Investigated(_Investigation, CaseFact):
    """调查核实: the facts were looked into."""

    type_name = "petition.case.investigated.v1"


class Investigate(_Investigation, CaseAction):
    """调查核实: establish the facts (art. 31(6))."""

    facts = (Investigated,)
    action: Literal["investigate"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), Investigated)]


class HearingOpened(CaseFact):
    """听证开始: a hearing was opened."""

    type_name = "petition.case.hearing_opened.v1"
    hearing: Ref

    def apply(self, state: Case, event: Event) -> None:
        state.hearings[self.hearing] = True


class OpenHearing(CaseAction):
    """举行听证: open a hearing (art. 31(6), 36)."""

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
    """听证结束: a hearing was closed."""

    type_name = "petition.case.hearing_closed.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.hearings[self.hearing] = False


class CloseHearing(_HearingClosing, CaseAction):
    """听证结束: close a hearing with its record."""

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
    """延长办理期限: the handling period was prolonged."""

    type_name = "petition.case.extension_approved.v1"


class Extend(_Extension, CaseAction):
    """延期: prolong the handling period (art. 34: at most 30 days, by the head, with notice)."""

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
    """调解、和解协议: the parties agreed."""

    type_name = "petition.case.mediation_agreed.v1"


class Mediate(_Mediation, CaseAction):
    """调解、和解: record an agreement (art. 33)."""

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
    """信访处理意见书: the written opinion was issued."""

    type_name = "petition.case.opinion_issued.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.opinion_issued = True


class IssueOpinion(_Opinion, CaseAction):
    """出具信访处理意见书: issue the written opinion (art. 31(6), 32)."""

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
    """意见送达: the opinion was delivered."""

    type_name = "petition.case.opinion_delivered.v1"


class DeliverOpinion(_OpinionDelivery, CaseAction):
    """送达信访处理意见书: deliver the opinion (art. 35)."""

    facts = (OpinionDelivered,)
    action: Literal["deliver_opinion"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.opinion_issued:
            raise case.refuse("no opinion was issued")
        return [Draft(case, OpinionDelivered)]


class _Execution(Closed):
    done: Known[Flag]
    proof: Maybe[Document]


class OpinionExecuted(_Execution, CaseFact):
    """意见执行: an opinion was carried out, or was not."""

    type_name = "petition.case.opinion_executed.v1"


class ExecuteOpinion(_Execution, CaseAction):
    """执行信访处理意见: record whether the opinion was carried out (art. 32, 40)."""

    facts = (OpinionExecuted,)
    action: Literal["execute_opinion"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.opinion_issued:
            raise case.refuse("there is no opinion to execute")
        return [Draft(case, OpinionExecuted)]


ACTIONS = (
    HearFacts,
    Investigate,
    OpenHearing,
    CloseHearing,
    Extend,
    Mediate,
    IssueOpinion,
    DeliverOpinion,
    ExecuteOpinion,
)
