"""What the clocks read: the acts that move them, and for each field values that are plausible, extreme or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.history import DOCUMENT, at

CLOCK_VALUES: dict[str, Sequence[Any]] = {
    "handoff": ["ref:h1", "ref:h2"],
    "unit": ["MZJ", "XZ", "XZ1", "XF", "NEW"],
    "mode": ["transfer", "assign"],
    "due_on": ["2025-04-05", "9999-12-31"],
    "feedback_required": [True, False],
    "upheld": [True, False],
    "joint": [True, False],
    "purpose": ["claim", "suggestion"],
    "route": [1, 6],
    "procedure": ["p"],
    "procedure_ref": ["p1"],
    "kind": ["no_longer_accepted", "direct_answer", "guided"],
    "ground": ["merged", "petitioner_died", "unclear", "not_competent", "answered_directly"],
    "document": [DOCUMENT],
    "notice": ["receipt", "extension", "no_longer_accepted"],
    "sent_at": [at("2025-03-20"), "0001-01-01T00:00:00+14:00"],
    "delivered_at": [at("2025-03-21"), "9999-12-31T23:00:00-10:00"],
    "received_at": [at("2025-04-01")],
    "stage": ["review", "re_review"],
    "body": ["GOV", "NEW"],
    "outcome": ["redo", "upheld"],
    "days": [1, 31, 10**9],
    "hearing": ["ref:t1", "ref:t2"],
    "anonymous": [True, False],
}
CLOCK_ACTS = [
    "received",
    "registered",
    "routed",
    "disposed",
    "merged",
    "withdrawn",
    "accepted",
    "acceptance_refused",
    "petitioner_notified",
    "notice_exempted",
    "reported_urgent",
    "competence_decided",
    "handoff_offered",
    "handoff_received",
    "handoff_withdrawn",
    "handoff_due_changed",
    "handoff_objected",
    "objection_decided",
    "materials_returned",
    "handoff_fed_back",
    "hearing_opened",
    "hearing_closed",
    "extension_approved",
    "mediation_agreed",
    "opinion_issued",
    "opinion_delivered",
    "review_requested",
    "review_refused",
    "review_issued",
    "review_delivered",
    "closed",
    "reopened",
]
