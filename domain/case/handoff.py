"""Handoffs (转送、交办、三向交办): offers, receipts, objections, feedback and rework (art. 22–24)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.base import Desk, Draft
from domain.case.case import Case, CaseAction, CaseFact, Offer
from domain.errors import InvalidAction
from domain.event import Event
from domain.fields import (
    Closed,
    Code,
    Codes,
    Day,
    Document,
    Documents,
    Flag,
    Instant,
    Known,
    Maybe,
    Ref,
    Text,
)

TRI_PARTY_ADDRESSEES = 3


class _Offer(Closed):
    handoff: Ref
    mode: Literal["transfer", "assign", "tri_party"]
    to: Annotated[list[Code], Field(min_length=1, max_length=200)]
    cc: Maybe[Codes]
    joint: Maybe[Flag]
    due_on: Maybe[Day]
    feedback_required: Known[Flag]
    materials: Known[Documents]
    legal_ground: Known[Text]
    reason: Maybe[Text]


class HandoffOffered(_Offer, CaseFact):
    """转送、交办: one offer of a handoff to one addressee."""

    type_name = "petition.case.handoff_offered.v1"
    unit: Code

    def apply(self, state: Case, event: Event) -> None:
        state.handoffs.setdefault(self.handoff, {})[self.unit] = Offer()


class HandOver(_Offer, CaseAction):
    """转送、交办、三向交办: offer the case to one or several units (art. 22(1)–(3))."""

    facts = (HandoffOffered,)
    claims = "handoff"
    action: Literal["hand_over"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        desk.claim("handoff", self.handoff)
        if case.closed:
            raise case.refuse("reopen it before handing it over", code="case_closed")
        if len(set(self.to)) != len(self.to):
            raise InvalidAction("bad_value", "a unit stands twice among the addressees", field="to")
        if self.mode == "tri_party" and len(self.to) != TRI_PARTY_ADDRESSEES:
            raise InvalidAction("bad_value", "tri_party has exactly 3 addressees", field="to")
        return [Draft(case, HandoffOffered, {"unit": unit}) for unit in self.to]


class _OneHandoff(Closed):
    handoff: Ref


class _Addressed(_OneHandoff):
    """An event about one offer: the ledger fills in the addressed unit."""

    unit: Code

    def offer_in(self, state: Case) -> Offer:
        """The offer this event is about; a stranger to the state is an empty one."""
        return state.handoffs.setdefault(self.handoff, {}).setdefault(self.unit, Offer())


class _Receipt(Closed):
    arrived_at: Maybe[Instant]
    materials_complete: Known[Flag]


class HandoffReceived(_Receipt, _Addressed, CaseFact):
    """签收: the addressee received the handoff."""

    type_name = "petition.case.handoff_received.v1"

    def apply(self, state: Case, event: Event) -> None:
        self.offer_in(state).received = True


class ReceiveHandoff(_Receipt, _OneHandoff, CaseAction):
    """签收: receive the handoff as an addressee."""

    facts = (HandoffReceived,)
    action: Literal["receive_handoff"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        unit = _acting_addressee(self, case, self.handoff)
        if case.offer(self.handoff, unit).received:
            raise case.refuse(f"{unit} received {self.handoff} already", "handoff")
        return [Draft(case, HandoffReceived, {"unit": unit})]


class HandoffWithdrawn(_Addressed, CaseFact):
    """撤回转送、交办: the sender took the offer back."""

    type_name = "petition.case.handoff_withdrawn.v1"
    reason: Maybe[Text]

    def apply(self, state: Case, event: Event) -> None:
        self.offer_in(state).withdrawn = True
        _give_back(state, self.unit)


def _give_back(state: Case, unit: str) -> None:
    """The unit no longer has the case: it may accept it again."""
    if unit in state.accepted_by:
        state.accepted_by.remove(unit)


def _acting_addressee(action: CaseAction, case: Case, handoff: str) -> str:
    """The unit that acts on its own offer; where history does not know who acted, the only addressee."""
    offers = case.offers(handoff)
    if action.acting_unit is None and len(offers) == 1:
        return next(iter(offers))
    unit = action.require_unit()
    case.offer(handoff, unit)
    return unit


def _open_offer(case: Case, handoff: str, unit: str | None) -> str:
    addressee = case.addressee(handoff, unit)
    if not case.offer(handoff, addressee).is_open:
        raise case.refuse(f"{handoff} to {addressee} is not open", "handoff")
    return addressee


class WithdrawHandoff(_OneHandoff, CaseAction):
    """撤回转送、交办: take an open offer back."""

    facts = (HandoffWithdrawn,)
    action: Literal["withdraw_handoff"]
    unit: Maybe[Code]
    reason: Known[Text]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        return [Draft(case, HandoffWithdrawn, {"unit": _open_offer(case, self.handoff, self.unit)})]


class HandoffDueChanged(_Addressed, CaseFact):
    """变更办理期限: the sender set another day for the feedback."""

    type_name = "petition.case.handoff_due_changed.v1"
    due_on: Maybe[Day]
    reason: Maybe[Text]


class ChangeHandoffDue(_OneHandoff, CaseAction):
    """变更办理期限: set another day for the feedback of an open offer."""

    facts = (HandoffDueChanged,)
    action: Literal["change_handoff_due"]
    unit: Maybe[Code]
    due_on: Known[Day]
    reason: Known[Text]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        return [Draft(case, HandoffDueChanged, {"unit": _open_offer(case, self.handoff, self.unit)})]


class HandoffObjected(_Addressed, CaseFact):
    """异议: the addressee says that the matter is not its own."""

    type_name = "petition.case.handoff_objected.v1"
    reasons: Maybe[Document]

    def apply(self, state: Case, event: Event) -> None:
        self.offer_in(state).objection_open = True


class ObjectToHandoff(_OneHandoff, CaseAction):
    """提出异议: say as an addressee that the matter is not its own (art. 23, 5 working days)."""

    facts = (HandoffObjected,)
    action: Literal["object_to_handoff"]
    reasons: Maybe[Document]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        unit = _acting_addressee(self, case, self.handoff)
        offer = case.offer(self.handoff, unit)
        if not offer.received:
            raise case.refuse(f"{unit} has not received {self.handoff}", "handoff")
        if offer.objection_open:
            raise case.refuse("an objection is open already", "handoff")
        return [Draft(case, HandoffObjected, {"unit": unit})]


class _ObjectionDecision(Closed):
    upheld: Known[Flag]
    reason: Maybe[Text]
    materials_returned: Known[Flag]


class ObjectionDecided(_ObjectionDecision, _Addressed, CaseFact):
    """异议决定: the sender decided the objection."""

    type_name = "petition.case.objection_decided.v1"

    def apply(self, state: Case, event: Event) -> None:
        offer = self.offer_in(state)
        offer.objection_open = False
        if self.upheld:
            offer.upheld = True
            _give_back(state, self.unit)


class DecideObjection(_ObjectionDecision, _OneHandoff, CaseAction):
    """核实异议: uphold or reject an objection (art. 23)."""

    facts = (ObjectionDecided,)
    action: Literal["decide_objection"]
    unit: Maybe[Code]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        unit = case.addressee(self.handoff, self.unit)
        if not case.offer(self.handoff, unit).objection_open:
            raise case.refuse(f"no objection of {unit} is open", "handoff")
        return [Draft(case, ObjectionDecided, {"unit": unit})]


class MaterialsReturned(_Addressed, CaseFact):
    """交还材料: the materials went back to the sender."""

    type_name = "petition.case.materials_returned.v1"


class ReturnMaterials(_OneHandoff, CaseAction):
    """交还相关材料: give the materials back (art. 23)."""

    facts = (MaterialsReturned,)
    action: Literal["return_materials"]
    unit: Maybe[Code]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        unit = case.addressee(self.handoff, self.unit, self.acting_unit)
        return [Draft(case, MaterialsReturned, {"unit": unit})]


class _Feedback(Closed):
    report: Known[Document]
    result: Known[Literal["done", "partly", "not_done"]]


class HandoffFedBack(_Feedback, _Addressed, CaseFact):
    """反馈结果、办结报告: the addressee reported the result."""

    type_name = "petition.case.handoff_fed_back.v1"

    def apply(self, state: Case, event: Event) -> None:
        self.offer_in(state).fed_back = True


class FeedBack(_Feedback, _OneHandoff, CaseAction):
    """反馈办理结果: report the result of a handoff (art. 22(3))."""

    facts = (HandoffFedBack,)
    action: Literal["feed_back"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        unit = _acting_addressee(self, case, self.handoff)
        if not case.offer(self.handoff, unit).received:
            raise case.refuse(f"{unit} has not received {self.handoff}", "handoff")
        return [Draft(case, HandoffFedBack, {"unit": unit})]


class ReturnedForRework(_Addressed, CaseFact):
    """退回重办: the sender wants it done again."""

    type_name = "petition.case.returned_for_rework.v1"
    reason: Maybe[Text]

    def apply(self, state: Case, event: Event) -> None:
        self.offer_in(state).fed_back = False
        _give_back(state, self.unit)


class ReturnForRework(_OneHandoff, CaseAction):
    """退回重新办理: send what was fed back to be done again."""

    facts = (ReturnedForRework,)
    action: Literal["return_for_rework"]
    unit: Maybe[Code]
    reason: Known[Text]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        unit = case.addressee(self.handoff, self.unit)
        if not case.offer(self.handoff, unit).fed_back:
            raise case.refuse(f"{unit} has fed nothing back", "handoff")
        extra: dict[str, Any] = {"unit": unit}
        return [Draft(case, ReturnedForRework, extra)]


ACTIONS = (
    HandOver,
    ReceiveHandoff,
    WithdrawHandoff,
    ChangeHandoffDue,
    ObjectToHandoff,
    DecideObjection,
    ReturnMaterials,
    FeedBack,
    ReturnForRework,
)
