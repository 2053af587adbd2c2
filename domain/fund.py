"""The relief fund (信访救助资金): opening, budget, commitments and what is available."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.base import Action, Aggregate, Desk, Draft, Fact
from domain.errors import InvalidAction, Refused
from domain.event import Event
from domain.fields import (
    Closed,
    Count,
    Document,
    Fen,
    Flag,
    FundName,
    GrantName,
    GrantNumber,
    Known,
    Maybe,
    PositiveFen,
    Ref,
    Role,
    Text,
    Year,
)


class Tier(Closed):
    """An approval tier: the first whose `up_to_fen` reaches the amount (F-10)."""

    up_to_fen: PositiveFen
    approver_role: Role
    collective: Flag


class Rules(Closed):
    """The fund's rules in force; every rule but `tiers` and `rule_source` may be absent = no such rule."""

    cap_fen: Maybe[PositiveFen]
    cap_basis: Maybe[Literal["case", "matter", "beneficiary"]]
    cap_hard: Maybe[Flag]
    tiers: Annotated[list[Tier], Field(max_length=200)]
    quorum: Maybe[Count]
    receipt_within_days: Maybe[Count]
    notice_days: Maybe[Count]
    attachments: Maybe[Annotated[list[Text], Field(max_length=200)]]
    cash_allowed: Maybe[Flag]
    fixed_amount: Maybe[Flag | PositiveFen]
    rule_source: Text


class Fund(Aggregate):
    """Decision state of a fund; all sums in fen."""

    ref: str = ""
    opened: bool = False
    cap_fen: int | None = None
    cap_basis: str = "case"
    cap_hard: bool = False
    opening_fen: int = 0
    budgeted_fen: int = 0
    committed_fen: int = 0
    released_fen: int = 0
    paid_fen: int = 0
    outside_fen: int = 0
    returned_fen: int = 0
    recovered_fen: int = 0
    commitments: dict[str, int] = {}

    @property
    def available_fen(self) -> int:
        """Opening + budgeted − committed + released − paid outside + returned + recovered."""
        return (
            self.opening_fen
            + self.budgeted_fen
            - self.committed_fen
            + self.released_fen
            - self.outside_fen
            + self.returned_fen
            + self.recovered_fen
        )

    @property
    def balance_fen(self) -> int:
        """Money in the account: opening + budgeted − paid + returned + recovered (F-15)."""
        return self.opening_fen + self.budgeted_fen - self.paid_fen + self.returned_fen + self.recovered_fen

    def committed_unpaid_fen(self, grant: str) -> int:
        """What is still committed to a grant and not paid."""
        return self.commitments.get(grant, 0)


class FundFact(Fact):
    """The payload of an event on a fund."""


class FundAction(Action):
    """An act on a fund, named by ref."""

    subject_key: ClassVar[str] = "fund"
    fund: FundName


class _Opening(Closed):
    year: Known[Year]
    kind: Literal["petition_relief", "judicial_relief"]
    opening_balance_fen: Fen
    rules: Known[Rules]


class FundOpened(_Opening, FundFact):
    """设立救助资金: a fund was opened for a year."""

    type_name = "petition.fund.opened.v1"
    ref: Ref

    def apply(self, state: Fund, event: Event) -> None:
        state.ref, state.opened, state.opening_fen = self.ref, True, self.opening_balance_fen
        if self.rules is not None:
            state.cap_fen = self.rules.cap_fen
            state.cap_basis = self.rules.cap_basis or "case"
            state.cap_hard = bool(self.rules.cap_hard)


class OpenFund(_Opening, FundAction):
    """设立救助资金: open a relief fund with its rules."""

    facts = (FundOpened,)
    claims = "fund"
    action: Literal["open_fund"]
    fund: Ref

    def decide(self, desk: Desk) -> Sequence[Draft]:
        desk.claim("fund", self.fund)
        if self.rules is not None:
            limits = [tier.up_to_fen for tier in self.rules.tiers]
            if limits != sorted(set(limits)):
                raise InvalidAction("bad_value", "tiers ascend by up_to_fen", field="rules.tiers")
        return [Draft(desk.new_fund(self.fund), FundOpened, {"ref": self.fund})]


class _Budget(Closed):
    amount_fen: Fen
    document: Known[Document]


class FundBudgeted(_Budget, FundFact):
    """追加或核减预算: money was added to or cut from the fund."""

    type_name = "petition.fund.budgeted.v1"

    def apply(self, state: Fund, event: Event) -> None:
        state.budgeted_fen += self.amount_fen


class BudgetFund(_Budget, FundAction):
    """追加或核减预算: add money to a fund or cut it."""

    facts = (FundBudgeted,)
    action: Literal["budget_fund"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        fund = desk.fund(self.fund)
        if self.amount_fen == 0:
            raise InvalidAction("bad_value", "a budget changes by an amount", field="amount_fen", subject=fund.id)
        return [Draft(fund, FundBudgeted)]


class _Movement(FundFact):
    grant: GrantNumber
    amount_fen: Fen


class FundCommitted(_Movement):
    """预留: money was set aside for an approved grant."""

    type_name = "petition.fund.committed.v1"

    def apply(self, state: Fund, event: Event) -> None:
        state.committed_fen += self.amount_fen
        state.commitments[self.grant] = state.commitments.get(self.grant, 0) + self.amount_fen


class FundPaid(_Movement):
    """支出: money left the fund; what no commitment covered stands apart."""

    type_name = "petition.fund.paid.v1"
    payment: Ref
    outside_commitment_fen: Fen

    def apply(self, state: Fund, event: Event) -> None:
        state.paid_fen += self.amount_fen
        state.outside_fen += self.outside_commitment_fen
        inside = self.amount_fen - self.outside_commitment_fen
        state.commitments[self.grant] = state.commitments.get(self.grant, 0) - inside


class FundReturned(_Movement):
    """退回入账: returned money is back in the fund."""

    type_name = "petition.fund.returned.v1"
    payment: Ref

    def apply(self, state: Fund, event: Event) -> None:
        state.returned_fen += self.amount_fen


class FundRecovered(_Movement):
    """追回入账: money wrongly paid is back in the fund."""

    type_name = "petition.fund.recovered.v1"

    def apply(self, state: Fund, event: Event) -> None:
        state.recovered_fen += self.amount_fen


class FundReleased(_Movement):
    """释放预留额: a commitment, or part of it, was given up."""

    type_name = "petition.fund.released.v1"
    reason: Maybe[Text]

    def apply(self, state: Fund, event: Event) -> None:
        state.released_fen += self.amount_fen
        state.commitments[self.grant] = state.commitments.get(self.grant, 0) - self.amount_fen


class ReleaseCommitment(Action):
    """释放未付的预留额: give up committed money; the fund follows from the grant and may be named as well."""

    subject_key: ClassVar[str] = "fund"
    facts = (FundReleased,)
    action: Literal["release_commitment"]
    fund: Maybe[FundName]
    grant: GrantName
    amount_fen: Fen
    reason: Known[Text]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        grant = desk.grant(self.grant)
        fund = desk.fund(grant.fund)
        if self.fund is not None and desk.fund(self.fund).id != fund.id:
            raise Refused("refused_by_state", f"{grant.id} draws on {fund.id}", field="fund", subject=grant.id)
        if self.amount_fen <= 0:
            raise InvalidAction("bad_value", "the amount must be above 0", field="amount_fen", subject=grant.id)
        if self.amount_fen > fund.committed_unpaid_fen(grant.id):
            raise Refused(
                "exceeds_known",
                f"{fund.committed_unpaid_fen(grant.id)} fen are committed and unpaid",
                field="amount_fen",
                subject=grant.id,
            )
        return [Draft(fund, FundReleased, {"grant": grant.id}, case=grant.case)]


ACTIONS = (OpenFund, BudgetFund, ReleaseCommitment)
