"""The relief grant: application, examination, approval, payment, receipt, return, recovery (F-01 … F-17)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from domain.base import Action, Aggregate, Fact
from domain.errors import InvalidAction, NotFound, Refused
from domain.event import Event
from domain.fields import (
    GrantName,
)


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


def actor_of(event: Event) -> str | None:
    """The staff number of who acted, as far as it was recorded."""
    staff: str | None = event.attributes.get("actorid")
    return staff


def note_actor(names: list[str], event: Event) -> None:
    """Keep who acted among the names, once."""
    staff = actor_of(event)
    if staff is not None and staff not in names:
        names.append(staff)


def require_positive(amount_fen: int, subject: str | None = None) -> None:
    """Refuse an amount of 0 or less, in fen."""
    if amount_fen <= 0:
        raise InvalidAction("bad_value", "the amount must be above 0", field="amount_fen", subject=subject)
