"""The event types, with versions, whose meaning the checks know; any other makes them answer `cannot_tell`."""

from __future__ import annotations

_CASE = (
    "received registered routed disposed merged withdrawn accepted acceptance_refused petitioner_notified "
    "notice_exempted reported_urgent competence_decided handler_assigned interest_declared recusal_requested "
    "recusal_decided handoff_offered handoff_received handoff_withdrawn handoff_due_changed handoff_objected "
    "objection_decided materials_returned handoff_fed_back returned_for_rework facts_heard investigated "
    "hearing_opened hearing_closed extension_approved mediation_agreed opinion_issued opinion_delivered "
    "review_requested review_refused review_issued review_delivered opinion_executed closed reopened rated "
    "archived record_corrected approval_confirmed supervision_opened supervision_answered supervision_closed "
    "advice_issued advice_answered measure_taken measure_released"
)
_GRANT = (
    "applied examined approved rejected notice_published appropriated paid receipt_confirmed receipt_excused "
    "booked bank_reconciled payment_returned recovery_ordered recovery_received record_corrected "
    "approval_confirmed"
)
_FUND = "opened budgeted committed paid returned released recovered record_corrected approval_confirmed"

CASE_TYPES: frozenset[str] = frozenset(f"petition.case.{name}.v1" for name in _CASE.split())
GRANT_TYPES: frozenset[str] = frozenset(f"petition.grant.{name}.v1" for name in _GRANT.split())
FUND_TYPES: frozenset[str] = frozenset(f"petition.fund.{name}.v1" for name in _FUND.split())
KNOWN_TYPES: frozenset[str] = CASE_TYPES | GRANT_TYPES | FUND_TYPES
