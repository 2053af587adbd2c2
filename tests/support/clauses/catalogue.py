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

NEEDED = "every fact that it reads is required of its events, of imported history too"
NEVER_UNSURE: dict[tuple[str, str], str] = {
    ("XF-DDL-005", "a_made_timely"): (
        "compares two readings of what is recorded; a fact that both lack is told by the check of the clock itself"
    ),
    ("XF-FND-004", "a_unapproved"): f"an approval that is not there is the finding itself; beside it {NEEDED}",
    ("XF-FND-004", "b_more"): f"compares recorded amounts: {NEEDED}",
    ("XF-FND-004", "f_quorum"): (
        "a meeting that is recorded names its attendees; one that is not recorded is asked for by e_no_meeting, and a "
        "fund without rules is told by d_role"
    ),
    ("XF-FND-006", "c_amount"): f"compares recorded amounts: {NEEDED}",
    ("XF-FND-007", "b_december"): "a fund whose rules are not known is told once for both clauses, by a_near_limit",
    ("XF-FND-009", "not_recovered"): f"compares recorded amounts and days: {NEEDED}",
    ("XF-INT-001", "sequence"): "looks at the record itself: an event that is not there is the finding",
    ("XF-INT-001", "numbers"): "looks at the record itself: a number that is not there is the finding",
    ("XF-INT-001", "recordedtime"): "every event carries `recordedtime`; none is admitted to the ledger without it",
    ("XF-INT-001", "leaf"): "bytes and leaf are compared where a sealed log is at hand; without one it claims nothing",
    ("XF-INT-001", "short"): "the size of a signed checkpoint is compared; without a checkpoint it claims nothing",
    ("XF-INT-003", "a_money_or_secrecy"): f"an override is whole or not there: {NEEDED}",
    ("XF-INT-003", "b_other"): f"an override is whole or not there: {NEEDED}",
    ("XF-INT-004", "cannot_tell"): "speaks of missing facts themselves, by counting the answers of the other checks",
    ("XF-INT-005", "b_approver"): (
        "absent, undeclared and not head that day are the finding itself: who opens an import names a declared head"
    ),
    ("XF-INT-006", "unconfirmed"): (
        "looks at live records only, in which an approval names its owner and its day; a missing confirmation is the "
        "finding"
    ),
}
"""Why a clause never answers `cannot_tell`, by check and reason."""

UNIT = "whose act it was is not known: told by XF-INT-002, and where it decides, by the checks of the clocks"
PURPOSE = "a purpose or route that nobody recorded is itself found by XF-CLS-006 and XF-DDL-001"
OPTIONAL = "not every such act has one, so its absence says that there is none"
SILENT_WITHOUT: dict[tuple[str, str], str] = {
    (
        "XF-ACC-004",
        "case.facts_heard/by_staff",
    ): "the act is then counted for the month of its unit, where it cannot tell",
    ("XF-ACC-007", "case.received/receipt_evidence"): f"a receipt without evidence counts by itself: {OPTIONAL}",
    ("XF-ACC-008", "case.received/by_unit"): UNIT,
    ("XF-ACC-009", "case.received/by_unit"): UNIT,
    ("XF-ACC-011", "case.petitioner_notified/result"): "a delivery of unknown result does not prove an address",
    ("XF-CLS-001", "case.received/accusation_of"): f"a petition that accuses nobody has none: {OPTIONAL}",
    ("XF-CLS-001", "case.received/restricted"): "the ledger tags a field only where it records the restriction with it",
    ("XF-CLS-002", "case.routed/purpose"): PURPOSE,
    ("XF-CLS-002", "case.routed/route"): PURPOSE,
    ("XF-CLS-003", "case.routed/purpose"): PURPOSE,
    ("XF-CLS-003", "case.routed/route"): PURPOSE,
    ("XF-CLS-004", "case.routed/purpose"): PURPOSE,
    ("XF-CLS-004", "case.routed/route"): PURPOSE,
    ("XF-CLS-005", "case.received/about_units"): f"a petition that complains of no unit has none: {OPTIONAL}",
    ("XF-CLS-005", "case.routed/purpose"): PURPOSE,
    ("XF-CLS-005", "case.routed/by_unit"): UNIT,
    ("XF-DDL-002", "case.extension_approved/approved_by"): "the role that stands on the approval decides then",
    ("XF-DDL-007", "case.opinion_issued/by_unit"): UNIT,
    ("XF-DDL-008", "case.registered/repeat_of"): f"a petition of its own repeats none: {OPTIONAL}",
    ("XF-OPN-002", "case.opinion_issued/promise_due_on"): "without a promised day b_no_promise counts, from delivery",
    ("XF-OPN-003", "case.opinion_issued/document"): "only documents that are there can be compared",
    ("XF-OPN-004", "case.opinion_delivered/delivery"): "an unknown way of delivery is no public notice",
    ("XF-FLD-002", "case.received/by_staff"): "visits of one known registrar are compared, the others by themselves",
    ("XF-FLD-002", "case.received/channel"): "a petition of unknown channel is no visit",
    ("XF-FLD-002", "case.received/about_units"): f"visits of like complaints are compared: {OPTIONAL}",
    ("XF-FLD-002", "case.registered/content_class"): "visits of one known class are compared, the others by themselves",
    ("XF-SUG-001", "case.routed/purpose"): PURPOSE,
    (
        "XF-SUP-001",
        "case.routed/route",
    ): "only breaches that are certain must be supervised; without a route it is probable",
    ("XF-EVL-001", "case.received/by_unit"): UNIT,
    ("XF-COI-002", "case.accepted/handler"): f"who accepted is the handler then: {OPTIONAL}",
    ("XF-CNF-003", "case.routed/purpose"): PURPOSE,
    ("XF-MSR-001", "case.measure_taken/until_on"): f"a measure without a last day ends at once: {OPTIONAL}",
    ("XF-FND-002", "grant.paid/account"): "only accounts that are there can be compared",
    ("XF-FND-004", "grant.approved/meeting"): "a meeting is asked for by e_no_meeting where the tier is collective",
    ("XF-FND-008", "case.routed/purpose"): PURPOSE,
    ("XF-FND-008", "case.routed/route"): PURPOSE,
    ("XF-REC-001", "case.received/external_numbers"): f"only numbers that are there can be compared: {OPTIONAL}",
    ("XF-INT-003", "grant.paid/override"): f"an act within the guards has none: {OPTIONAL}",
}
"""Values that imported history may leave out and without which a check says nothing; with the reason, by check and value."""

LIVE_ONLY = frozenset({"XF-INT-006"})
"""Checks that look at live records alone."""
