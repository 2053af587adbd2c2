"""When an act was entered: live as the ledger recorded it, imported as the sending system says."""

from __future__ import annotations

from collections.abc import Sequence

from domain.checks.base import Text
from domain.checks.facts import Act, Facts

OUTSIDE_FACTS = frozenset(
    {
        "case.petitioner_notified",
        "case.opinion_delivered",
        "case.review_delivered",
        "grant.receipt_confirmed",
        "grant.bank_reconciled",
    }
)
"""Facts that the office learns from outside, by mail or from the bank: they get more time."""
ENTRY_MISSING = Text("录入时间", "the time of entry (enteredtime)")
OUTSIDE_WORKDAYS_SOURCE = Text(
    "回执、银行流水到达所需时间，管理口径", "the time that mail and bank need; a management default"
)


ECHOES = frozenset({"fund.committed", "fund.paid", "fund.returned", "fund.recovered"})
"""Events that a grant's action writes on the fund as well: one act, told on the grant."""


def is_echo(act: Act) -> bool:
    """Whether the event is the fund's side of a grant's own event."""
    return act.name in ECHOES and "grant" in act.data


def own_acts(facts: Facts) -> Sequence[Act]:
    """The acts on a subject that are told on it: all but the fund's side of a grant's own."""
    if facts.group.kind != "fund":
        return facts.acts
    return [act for act in facts.acts if not is_echo(act)]
