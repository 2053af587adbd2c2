"""The money itself: payment, receipt, booking, reconciliation, return, recovery (F-09 … F-17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.base import Desk, Draft
from domain.errors import InvalidAction
from domain.event import Event
from domain.fields import (
    Closed,
    Code,
    Day,
    Document,
    Fen,
    Flag,
    Known,
    Maybe,
    PersonRef,
    Ref,
    Tag,
    Text,
)
from domain.fund import FundPaid, FundRecovered, FundReturned
from domain.grant import Grant, GrantAction, GrantFact, Payment, note_actor, require_positive


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
        note_actor(state.paid_by, event)


class PayGrant(_Payment, GrantAction):
    """发放: pay the beneficiary (F-13)."""

    facts = (GrantPaid, FundPaid)
    claims = "payment"
    action: Literal["pay_grant"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        desk.claim("payment", self.payment)
        require_positive(self.amount_fen, grant.id)
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
        require_positive(self.amount_fen, grant.id)
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
        require_positive(self.amount_fen, grant.id)
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
        require_positive(self.amount_fen, grant.id)
        if grant.recovered_fen + self.amount_fen > grant.recovery_ordered_fen:
            raise grant.refuse(f"{grant.recovery_ordered_fen} fen were ordered back", "amount_fen", "exceeds_known")
        return [
            Draft(grant, RecoveryReceived),
            Draft(desk.fund(grant.fund), FundRecovered, {"grant": grant.id}, frozenset({"amount_fen"})),
        ]


ACTIONS = (
    PayGrant,
    ConfirmReceipt,
    ExcuseReceipt,
    BookPayment,
    ReconcileBank,
    ReturnPayment,
    OrderRecovery,
    ReceiveRecovery,
)
