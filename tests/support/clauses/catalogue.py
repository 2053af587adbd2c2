"""All fixtures of all clauses, and the clauses that can always tell."""

from __future__ import annotations

from tests.support.clauses import (
    acceptance,
    classification,
    conduct,
    deadline,
    handoff,
    money,
    opinion,
    record,
    supervision,
)
from tests.support.clauses.story import Fixture

FIXTURES: tuple[Fixture, ...] = (
    *acceptance.FIXTURES,
    *classification.FIXTURES,
    *deadline.FIXTURES,
    *handoff.FIXTURES,
    *opinion.FIXTURES,
    *supervision.FIXTURES,
    *conduct.FIXTURES,
    *money.FIXTURES,
    *record.FIXTURES,
)

NEVER_UNSURE: dict[tuple[str, str], str] = {
    ("XF-DDL-005", "a_made_timely"): (
        "compares two readings of what is recorded: a fact that is missing in both is told by the check of the clock itself"
    ),
    ("XF-FND-004", "a_unapproved"): (
        "the missing fact is what it speaks of: money left and no approval stands before it; the order of two recorded "
        "instants is always there, and days of equal date without hours count in the payer's favour"
    ),
    (
        "XF-INT-001",
        "sequence",
    ): "looks at the record itself: an event that is not there is the finding, not a missing fact",
    (
        "XF-INT-001",
        "numbers",
    ): "looks at the record itself: a number that is not there is the finding, not a missing fact",
    ("XF-INT-001", "recordedtime"): "every event carries `recordedtime`; without it nothing is admitted to the ledger",
    (
        "XF-INT-001",
        "leaf",
    ): "bytes and leaf are compared where a sealed log is given; without one nothing is claimed sealed",
    ("XF-INT-001", "short"): "the size of a signed checkpoint is compared; without a checkpoint nothing was published",
    ("XF-INT-003", "b_other"): (
        "an override that does not say which guards it passed over is told once, by the graver clause a_money_or_secrecy"
    ),
    (
        "XF-INT-004",
        "cannot_tell",
    ): "speaks of the missing facts themselves, by counting the answers of the other checks",
    ("XF-INT-005", "b_approver"): (
        "absent, undeclared and not head that day are the finding itself: who opens an import must name a declared head"
    ),
    ("XF-INT-006", "unconfirmed"): (
        "looks at live records only, in which an approval always names its owner and its day; a confirmation that is "
        "missing is the finding"
    ),
}
"""Why a clause never answers `cannot_tell`, by check and reason."""
