"""Review and re-review (复查、复核): request, refusal, opinion, delivery (art. 35, 36)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.base import Desk, Draft
from domain.case.case import Case, CaseAction, CaseFact
from domain.event import Event
from domain.fields import Closed, Code, Codes, Delivery, Document, Flag, Instant, Known, Maybe, Text

Stage = Literal["review", "re_review"]


class _ReviewRequest(Closed):
    stage: Stage
    body: Known[Code]
    requested_at: Known[Instant]
    received_at: Maybe[Instant]


class ReviewRequested(_ReviewRequest, CaseFact):
    """请求复查、复核: a review or re-review was asked for."""

    type_name = "petition.case.review_requested.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.stage not in state.reviews_requested:
            state.reviews_requested.append(self.stage)


class RequestReview(_ReviewRequest, CaseAction):
    """请求复查、复核: ask for a review or re-review (art. 35, 36)."""

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
    """复查、复核不予受理: the request for review was not accepted."""

    type_name = "petition.case.review_refused.v1"


class RefuseReview(_ReviewRefusal, CaseAction):
    """复查、复核不予受理: decline a requested review."""

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
    """复查、复核意见: a review or re-review was decided."""

    type_name = "petition.case.review_issued.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.stage not in state.reviews_issued:
            state.reviews_issued.append(self.stage)
        if self.outcome == "redo":
            state.accepted_by = []


class IssueReview(_Review, CaseAction):
    """作出复查、复核意见: decide a review or re-review (art. 35, 36)."""

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
    """复查、复核意见送达: a review was delivered."""

    type_name = "petition.case.review_delivered.v1"


class DeliverReview(_ReviewDelivery, CaseAction):
    """送达复查、复核意见: deliver a review."""

    facts = (ReviewDelivered,)
    action: Literal["deliver_review"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if self.stage not in case.reviews_issued:
            raise case.refuse(f"no {self.stage} was issued", "stage")
        return [Draft(case, ReviewDelivered)]


ACTIONS = (RequestReview, RefuseReview, IssueReview, DeliverReview)
