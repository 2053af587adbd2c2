"""The relief grant: application, examination, approval, payment, receipt, return, recovery (F-01 … F-17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import msgspec
from pydantic import Field

from domain.base import Action, Aggregate, Desk, Draft, Fact
from domain.errors import InvalidAction, NotFound, Refused
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
from domain.fund import FundCommitted, FundPaid, FundRecovered, FundReturned


class Payment(msgspec.Struct):
    """One payment of a grant, in fen."""

    amount_fen: int
    returned_fen: int = 0
    confirmed: bool = False


class Grant(Aggregate):
    """Decision state of a grant; all sums in fen."""

    ref: str = ""
    fund: str = ""
    case: str = ""
    beneficiary_ref: str | None = None
    beneficiary_tag: str | None = None
    instalment_of: str | None = None
    applied_by: str | None = None
    examined: bool = False
    examined_by: list[str] = []
    decided: str | None = None
    approved_by: list[str] = []
    approved_fen: int = 0
    exceptional: bool = False
    appropriated_fen: int = 0
    paid_by: list[str] = []
    payments: dict[str, Payment] = {}
    recovery_ordered_fen: int = 0
    recovered_fen: int = 0

    @property
    def paid_fen(self) -> int:
        """All that was ever paid."""
        return sum(payment.amount_fen for payment in self.payments.values())

    @property
    def came_back_fen(self) -> int:
        """All that was returned or recovered."""
        return sum(payment.returned_fen for payment in self.payments.values()) + self.recovered_fen

    @property
    def stands(self) -> bool:
        """Approved or paid, and not fully returned."""
        if self.payments:
            return self.paid_fen > self.came_back_fen
        return self.decided == "approved"

    @property
    def exposure_fen(self) -> int:
        """What the grant binds or has cost so far, less what came back."""
        approved = self.approved_fen if self.decided == "approved" else 0
        return max(max(approved, self.paid_fen) - self.came_back_fen, 0)

    def payment(self, ref: str) -> Payment:
        """One payment; raises `unknown_subject`."""
        found = self.payments.get(ref)
        if found is None:
            raise NotFound("unknown_subject", f"no payment {ref} of this grant", field="payment", subject=self.id)
        return found

    def refuse(self, detail: str, field: str | None = None, code: str = "refused_by_state") -> Refused:
        """A refusal that names this grant."""
        return Refused(code, detail, field=field, subject=self.id)


class GrantFact(Fact):
    """The payload of an event on a grant."""


class GrantAction(Action):
    """An act on a grant, named by number or ref."""

    subject_key: ClassVar[str] = "grant"
    grant: GrantName


def _actor(event: Event) -> str | None:
    staff: str | None = event.attributes.get("actorid")
    return staff


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
        state.applied_by = _actor(event)


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
        _require_positive(self.amount_fen)
        extra = {"ref": self.grant, "fund": desk.fund(self.fund).id, "case": desk.case(self.case).id}
        if self.instalment_of is not None:
            extra["instalment_of"] = desk.grant(self.instalment_of, "instalment_of").id
        return [Draft(desk.new_grant(day_of(self.at).year), GrantApplied, extra)]


def _require_positive(amount_fen: int, subject: str | None = None) -> None:
    if amount_fen <= 0:
        raise InvalidAction("bad_value", "the amount must be above 0", field="amount_fen", subject=subject)


class _Examination(Closed):
    passed: Known[Flag]
    opinion: Known[Document]


class GrantExamined(_Examination, GrantFact):
    """审核: the application was examined."""

    type_name = "petition.grant.examined.v1"

    def apply(self, state: Grant, event: Event) -> None:
        state.examined = True
        _note(state.examined_by, event)


def _note(names: list[str], event: Event) -> None:
    staff = _actor(event)
    if staff is not None and staff not in names:
        names.append(staff)


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
        _note(state.approved_by, event)


class ApproveGrant(_Approval, GrantAction):
    """审批: approve a grant and commit the money in the same transaction (F-10)."""

    facts = (GrantApproved, FundCommitted)
    action: Literal["approve_grant"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        if grant.decided is not None:
            raise grant.refuse(f"{grant.decided} already")
        _require_positive(self.amount_fen, grant.id)
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
        _require_positive(self.amount_fen, grant.id)
        return [Draft(grant, GrantAppropriated)]


class CashException(Closed):
    """Why cash was paid, and who allowed it."""

    reason: Text
    approved_by: Code


class _Payment(Closed):
    payment: Ref
    amount_fen: Fen
    method: Known[Literal["bank_transfer", "subsidy_card", "cash"]]
    payee_ref: Known[PersonRef]
    payee_authority: Maybe[Document]
    account: Maybe[Tag]
    cash_exception: Maybe[CashException]
    bank_ref: Maybe[Text]


class GrantPaid(_Payment, GrantFact):
    """发放: the beneficiary was paid."""

    type_name = "petition.grant.paid.v1"

    def apply(self, state: Grant, event: Event) -> None:
        state.payments[self.payment] = Payment(self.amount_fen)
        _note(state.paid_by, event)


class PayGrant(_Payment, GrantAction):
    """发放: pay the beneficiary (F-13)."""

    facts = (GrantPaid, FundPaid)
    claims = "payment"
    action: Literal["pay_grant"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        desk.claim("payment", self.payment)
        _require_positive(self.amount_fen, grant.id)
        if not desk.history and self.method != "cash" and self.account is None:
            raise InvalidAction("missing_field", "required unless cash", field="account", subject=grant.id)
        fund = desk.fund(grant.fund)
        outside = self.outside_fen(fund.committed_unpaid_fen(grant.id))
        extra = {"grant": grant.id, "outside_commitment_fen": outside}
        return [
            Draft(grant, GrantPaid),
            Draft(fund, FundPaid, extra, frozenset({"payment", "amount_fen"})),
        ]

    def outside_fen(self, committed_unpaid_fen: int) -> int:
        """The part of the payment that no commitment covers."""
        return max(self.amount_fen - max(committed_unpaid_fen, 0), 0)


class _ReceiptConfirmation(Closed):
    payment: Ref
    amount_fen: Fen
    receipt: Known[Document]
    signed_by_payee: Known[Flag]


class ReceiptConfirmed(_ReceiptConfirmation, GrantFact):
    """领款签收: the payee's receipt is there."""

    type_name = "petition.grant.receipt_confirmed.v1"

    def apply(self, state: Grant, event: Event) -> None:
        if self.payment in state.payments:
            state.payments[self.payment].confirmed = True


class ConfirmReceipt(_ReceiptConfirmation, GrantAction):
    """领款签收: record the payee's receipt (F-14)."""

    facts = (ReceiptConfirmed,)
    action: Literal["confirm_receipt"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        if grant.payment(self.payment).confirmed:
            raise grant.refuse(f"the receipt of {self.payment} is confirmed", "payment")
        return [Draft(grant, ReceiptConfirmed)]


class _ReceiptExcuse(Closed):
    payment: Ref
    ground: Text
    approved_by: Known[Code]


class ReceiptExcused(_ReceiptExcuse, GrantFact):
    """免予签收: no receipt can be had, and why."""

    type_name = "petition.grant.receipt_excused.v1"


class ExcuseReceipt(_ReceiptExcuse, GrantAction):
    """免予签收: record why no receipt can be had."""

    facts = (ReceiptExcused,)
    action: Literal["excuse_receipt"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        grant.payment(self.payment)
        return [Draft(grant, ReceiptExcused)]


class _Booking(Closed):
    payment: Ref
    voucher: Known[Text]


class GrantBooked(_Booking, GrantFact):
    """记账: the payment was entered into the books."""

    type_name = "petition.grant.booked.v1"


class BookPayment(_Booking, GrantAction):
    """记账: enter a payment into the books (会计法第二十五条)."""

    facts = (GrantBooked,)
    action: Literal["book_payment"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        grant.payment(self.payment)
        return [Draft(grant, GrantBooked)]


class _Reconciliation(Closed):
    payment: Ref
    amount_fen: Fen
    bank_ref: Known[Text]


class BankReconciled(_Reconciliation, GrantFact):
    """银行对账: the bank's record of the payment."""

    type_name = "petition.grant.bank_reconciled.v1"


class ReconcileBank(_Reconciliation, GrantAction):
    """银行对账: compare a payment with the bank's record."""

    facts = (BankReconciled,)
    action: Literal["reconcile_bank"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        grant.payment(self.payment)
        return [Draft(grant, BankReconciled)]


class _Return(Closed):
    payment: Ref
    amount_fen: Fen
    bank_ref: Known[Text]


class PaymentReturned(_Return, GrantFact):
    """退回: money of a payment came back."""

    type_name = "petition.grant.payment_returned.v1"

    def apply(self, state: Grant, event: Event) -> None:
        if self.payment in state.payments:
            state.payments[self.payment].returned_fen += self.amount_fen


class ReturnPayment(_Return, GrantAction):
    """退回款项: record money that came back."""

    facts = (PaymentReturned, FundReturned)
    action: Literal["return_payment"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        payment = grant.payment(self.payment)
        _require_positive(self.amount_fen, grant.id)
        if payment.returned_fen + self.amount_fen > payment.amount_fen:
            raise grant.refuse(
                f"{payment.amount_fen} fen were paid, {payment.returned_fen} came back",
                "amount_fen",
                "exceeds_known",
            )
        return [
            Draft(grant, PaymentReturned),
            Draft(desk.fund(grant.fund), FundReturned, {"grant": grant.id}, frozenset({"payment", "amount_fen"})),
        ]


class _RecoveryOrder(Closed):
    amount_fen: Fen
    reason: Known[Text]
    due_on: Maybe[Day]


class RecoveryOrdered(_RecoveryOrder, GrantFact):
    """责令追回: money was ordered back."""

    type_name = "petition.grant.recovery_ordered.v1"

    def apply(self, state: Grant, event: Event) -> None:
        state.recovery_ordered_fen += self.amount_fen


class OrderRecovery(_RecoveryOrder, GrantAction):
    """责令追回: order money back (F-17)."""

    facts = (RecoveryOrdered,)
    action: Literal["order_recovery"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        _require_positive(self.amount_fen, grant.id)
        return [Draft(grant, RecoveryOrdered)]


class _RecoveryReceipt(Closed):
    amount_fen: Fen
    bank_ref: Known[Text]


class RecoveryReceived(_RecoveryReceipt, GrantFact):
    """追回到账: recovered money arrived."""

    type_name = "petition.grant.recovery_received.v1"

    def apply(self, state: Grant, event: Event) -> None:
        state.recovered_fen += self.amount_fen


class ReceiveRecovery(_RecoveryReceipt, GrantAction):
    """追回到账: record recovered money (F-17)."""

    facts = (RecoveryReceived, FundRecovered)
    action: Literal["receive_recovery"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        _require_positive(self.amount_fen, grant.id)
        if grant.recovered_fen + self.amount_fen > grant.recovery_ordered_fen:
            raise grant.refuse(f"{grant.recovery_ordered_fen} fen were ordered back", "amount_fen", "exceeds_known")
        return [
            Draft(grant, RecoveryReceived),
            Draft(desk.fund(grant.fund), FundRecovered, {"grant": grant.id}, frozenset({"amount_fen"})),
        ]


ACTIONS = (
    ApplyForGrant,
    ExamineGrant,
    ApproveGrant,
    RejectGrant,
    PublishGrantNotice,
    AppropriateGrant,
    PayGrant,
    ConfirmReceipt,
    ExcuseReceipt,
    BookPayment,
    ReconcileBank,
    ReturnPayment,
    OrderRecovery,
    ReceiveRecovery,
)
