"""One full, valid action for every verb of the language, and what must stand in the ledger before it."""

from __future__ import annotations

from typing import Any

Fields = dict[str, Any]
Step = tuple[str, Fields]

DOC = "sha256:" + "ab" * 32
OTHER_DOC = "sha256:" + "cd" * 32
TAG = "hmac:" + "ef" * 32
AT = "2025-03-04T10:20:00+08:00"
CLERK = {"staff": "S-001", "unit": "XF", "role": "registrar"}
HANDLER = {"staff": "S-100", "unit": "MZJ", "role": "handler"}
EXAMINER = {"staff": "S-201", "unit": "XF", "role": "examiner"}
APPROVER = {"staff": "S-202", "unit": "XF", "role": "approver"}
CASHIER = {"staff": "S-203", "unit": "XF", "role": "cashier"}
BOOKKEEPER = {"staff": "S-204", "unit": "XF", "role": "bookkeeper"}
SYSTEM = {"staff": "system"}

CASE, OTHER_CASE, GRANT, FUND = "ref:A1", "ref:A2", "ref:G1", "ref:F2025"
RULES = {
    "cap_fen": 10_000_00,
    "cap_basis": "case",
    "cap_hard": True,
    "tiers": [
        {"up_to_fen": 3_000_00, "approver_role": "approver", "collective": False},
        {"up_to_fen": 50_000_00, "approver_role": "head", "collective": True},
    ],
    "quorum": 3,
    "receipt_within_days": 15,
    "notice_days": 5,
    "attachments": ["application"],
    "cash_allowed": False,
    "fixed_amount": False,
    "rule_source": "local rules 2024",
}
MEETING = {"held_on": "2025-03-10", "attendees": ["S-202", "S-009"], "dissent": []}

EXAMPLES: dict[str, Fields] = {
    "receive_petition": {
        "case": CASE,
        "channel": "letter",
        "source": "direct",
        "received_at": "2025-03-03T09:00:00+08:00",
        "receipt_evidence": {"kind": "arrival_stamp", "at": "2025-03-03T09:00:00+08:00"},
        "petition_dated_on": "2025-03-01",
        "petitioner_ref": "p-7f3a",
        "people_count": 6,
        "representatives_count": 2,
        "anonymous": False,
        "content": DOC,
        "region": "500229",
        "about_units": ["JSW"],
        "urgent": False,
        "superior_due_on": "2025-05-30",
        "external_numbers": {"national": "5002292025030001"},
        "restricted": False,
    },
    "register_petition": {"case": CASE, "content_class": "labour/wages", "repeat_of": OTHER_CASE, "urgent": False},
    "route": {
        "case": CASE,
        "purpose": "claim",
        "route": 5,
        "procedure": "labour arbitration",
        "procedure_ref": "LA-12",
        "reason": "the matter has a procedure of its own",
    },
    "dispose": {"case": CASE, "kind": "linked", "linked_to": OTHER_CASE, "document": DOC},
    "merge_case": {"case": CASE, "into": OTHER_CASE, "attestation": DOC},
    "withdraw_petition": {"case": CASE, "document": DOC, "via": "letter"},
    "accept_case": {"by": HANDLER, "case": CASE, "handler": "S-100"},
    "refuse_acceptance": {
        "by": HANDLER,
        "case": CASE,
        "ground": "other_procedure",
        "procedure": "litigation",
        "document": DOC,
    },
    "notify_petitioner": {
        "case": CASE,
        "notice": "receipt",
        "document": DOC,
        "sent_at": AT,
        "delivered_at": "2025-03-06T10:00:00+08:00",
        "delivery": "post",
        "result": "signed",
        "proof": DOC,
    },
    "exempt_notice": {"case": CASE, "notice": "acceptance", "ground": "address_unclear"},
    "report_urgent": {"case": CASE, "learnt_at": AT, "to": ["GOV", "SJ"]},
    "decide_competence": {"case": CASE, "unit": "MZJ", "decided_by": "GOV", "document": DOC},
    "assign_handler": {"case": CASE, "handler": "S-100", "supervisor": "S-109"},
    "declare_interest": {"case": CASE, "staff": "S-100", "relation": "brother-in-law"},
    "request_recusal": {"case": CASE, "staff": "S-100", "requested_by": "petitioner", "reason": "related"},
    "decide_recusal": {"case": CASE, "staff": "S-100", "recused": True, "replacement": "S-101"},
    "hand_over": {
        "case": CASE,
        "handoff": "ref:A1-h1",
        "mode": "assign",
        "to": ["MZJ"],
        "cc": ["GOV"],
        "joint": False,
        "due_on": "2025-04-18",
        "feedback_required": True,
        "materials": [DOC],
        "legal_ground": "art.22(3)",
        "reason": "within its duties",
    },
    "receive_handoff": {
        "by": HANDLER,
        "case": CASE,
        "handoff": "ref:A1-h1",
        "arrived_at": AT,
        "materials_complete": True,
    },
    "withdraw_handoff": {"case": CASE, "handoff": "ref:A1-h1", "unit": "MZJ", "reason": "sent by mistake"},
    "change_handoff_due": {
        "case": CASE,
        "handoff": "ref:A1-h1",
        "unit": "MZJ",
        "due_on": "2025-05-18",
        "reason": "asked for",
    },
    "object_to_handoff": {"by": HANDLER, "case": CASE, "handoff": "ref:A1-h1", "reasons": DOC},
    "decide_objection": {
        "case": CASE,
        "handoff": "ref:A1-h1",
        "unit": "MZJ",
        "upheld": True,
        "reason": "not its duty",
        "materials_returned": True,
    },
    "return_materials": {"by": HANDLER, "case": CASE, "handoff": "ref:A1-h1", "unit": "MZJ"},
    "feed_back": {"by": HANDLER, "case": CASE, "handoff": "ref:A1-h1", "report": DOC, "result": "done"},
    "return_for_rework": {"case": CASE, "handoff": "ref:A1-h1", "unit": "MZJ", "reason": "facts are missing"},
    "hear_facts": {"by": HANDLER, "case": CASE, "attendees": ["S-100"], "record": DOC},
    "investigate": {"by": HANDLER, "case": CASE, "method": "site visit", "attendees": ["S-100"], "record": DOC},
    "open_hearing": {"by": HANDLER, "case": CASE, "hearing": "ref:A1-hearing"},
    "close_hearing": {"by": HANDLER, "case": CASE, "hearing": "ref:A1-hearing", "record": DOC},
    "extend": {
        "by": HANDLER,
        "case": CASE,
        "days": 30,
        "approved_by": "S-109",
        "approver_role": "head",
        "reason": "complex",
    },
    "mediate": {"by": HANDLER, "case": CASE, "agreement": DOC, "both_consent": True},
    "issue_opinion": {
        "by": HANDLER,
        "case": CASE,
        "document": DOC,
        "result": "supported",
        "legal_basis": ["labour law art.50"],
        "signed_by": "S-109",
        "promise_due_on": "2025-06-30",
        "executing_unit": "RSJ",
    },
    "deliver_opinion": {
        "by": HANDLER,
        "case": CASE,
        "sent_at": AT,
        "delivered_at": "2025-03-06T10:00:00+08:00",
        "delivery": "post",
        "signed": True,
        "attempts": 1,
        "proof": DOC,
    },
    "request_review": {"case": CASE, "stage": "review", "body": "GOV", "requested_at": AT, "received_at": AT},
    "refuse_review": {"case": CASE, "stage": "review", "ground": "too late", "document": DOC},
    "issue_review": {
        "case": CASE,
        "stage": "review",
        "body": "GOV",
        "outcome": "upheld",
        "members": ["S-301"],
        "document": DOC,
    },
    "deliver_review": {
        "case": CASE,
        "stage": "review",
        "sent_at": AT,
        "delivered_at": AT,
        "delivery": "hand",
        "signed": True,
        "proof": DOC,
    },
    "execute_opinion": {"by": HANDLER, "case": CASE, "done": True, "proof": DOC},
    "close_case": {"case": CASE, "ground": "opinion_delivered"},
    "reopen_case": {"case": CASE, "reason": "new facts", "approved_by": "S-009"},
    "rate": {"case": CASE, "side": "office", "grade": "satisfied", "entered_via": "sms"},
    "archive_case": {"case": CASE, "archive_no": "2025-XF-0001"},
    "supervise": {
        "case": CASE,
        "supervision": "ref:A1-s1",
        "ground": "DELAY",
        "method": "letter",
        "to": "MZJ",
        "due_on": "2025-05-01",
    },
    "answer_supervision": {"by": HANDLER, "case": CASE, "supervision": "ref:A1-s1", "report": DOC},
    "close_supervision": {"case": CASE, "supervision": "ref:A1-s1", "outcome": "done"},
    "advise": {"case": CASE, "advice": "ref:A1-v1", "kind": "improve_work", "to": "MZJ", "document": DOC},
    "answer_advice": {
        "by": HANDLER,
        "case": CASE,
        "advice": "ref:A1-v1",
        "adopted": False,
        "reason": "done already",
        "document": DOC,
    },
    "take_measure": {
        "case": CASE,
        "measure": "ref:A1-m1",
        "kind": "dissuasion",
        "unit": "GAJ",
        "legal_basis": "art.47",
        "conduct": DOC,
        "approved_by": "S-401",
        "until_on": "2025-03-05",
        "statement": DOC,
        "statement_refused": False,
    },
    "release_measure": {"case": CASE, "measure": "ref:A1-m1", "reason": "over"},
    "open_fund": {
        "fund": FUND,
        "year": 2025,
        "kind": "petition_relief",
        "opening_balance_fen": 100_000_00,
        "rules": RULES,
    },
    "budget_fund": {"fund": FUND, "amount_fen": -5_000_00, "document": DOC},
    "release_commitment": {"fund": FUND, "grant": GRANT, "amount_fen": 1_000_00, "reason": "not needed"},
    "apply_for_grant": {
        "grant": GRANT,
        "fund": FUND,
        "case": CASE,
        "applicant_unit": "XF",
        "beneficiary_ref": "b-91",
        "beneficiary_tag": TAG,
        "amount_fen": 2_500_00,
        "scope": "hardship",
        "attachments": {"application": DOC, "收入证明": DOC},
        "instalment_of": "ref:G0",
    },
    "examine_grant": {"by": EXAMINER, "grant": GRANT, "passed": True, "opinion": DOC},
    "approve_grant": {
        "by": APPROVER,
        "grant": GRANT,
        "amount_fen": 2_500_00,
        "meeting": MEETING,
        "exceptional": False,
    },
    "reject_grant": {"by": APPROVER, "grant": GRANT, "reason": "outside the scope"},
    "publish_grant_notice": {"grant": GRANT, "from_on": "2025-03-11", "until_on": "2025-03-17", "place": "hall"},
    "appropriate_grant": {
        "by": {"staff": "S-501", "unit": "CZJ", "role": "treasurer"},
        "grant": GRANT,
        "amount_fen": 2_500_00,
        "document": DOC,
    },
    "pay_grant": {
        "by": CASHIER,
        "grant": GRANT,
        "payment": "ref:G1-p1",
        "amount_fen": 2_500_00,
        "method": "bank_transfer",
        "payee_ref": "b-91",
        "payee_authority": DOC,
        "account": TAG,
        "cash_exception": {"reason": "no account", "approved_by": "S-009"},
        "bank_ref": "6222020200012345678",
    },
    "confirm_receipt": {
        "by": CASHIER,
        "grant": GRANT,
        "payment": "ref:G1-p1",
        "amount_fen": 2_500_00,
        "receipt": DOC,
        "signed_by_payee": True,
    },
    "excuse_receipt": {
        "by": CASHIER,
        "grant": GRANT,
        "payment": "ref:G1-p1",
        "ground": "in hospital",
        "approved_by": "S-009",
    },
    "book_payment": {"by": BOOKKEEPER, "grant": GRANT, "payment": "ref:G1-p1", "voucher": "V-2025-031"},
    "reconcile_bank": {
        "by": BOOKKEEPER,
        "grant": GRANT,
        "payment": "ref:G1-p1",
        "amount_fen": 2_500_00,
        "bank_ref": "B-1",
    },
    "return_payment": {"by": CASHIER, "grant": GRANT, "payment": "ref:G1-p1", "amount_fen": 500_00, "bank_ref": "B-2"},
    "order_recovery": {"grant": GRANT, "amount_fen": 1_000_00, "reason": "false statement", "due_on": "2025-06-01"},
    "receive_recovery": {"by": CASHIER, "grant": GRANT, "amount_fen": 1_000_00, "bank_ref": "B-3"},
    "declare_unit": {
        "unit": "JSW",
        "name": "住房和城乡建设委员会",
        "kind": "responsible",
        "superiors": ["GOV"],
        "from_on": "2020-01-01",
    },
    "declare_staff": {
        "staff": "S-009",
        "name": "an official",
        "unit": "XF",
        "roles": ["head", "approver"],
        "active_from_on": "2024-01-01",
        "active_until_on": "2026-12-31",
    },
    "declare_calendar": {
        "year": 2025,
        "holidays": ["2025-01-01"],
        "workdays": ["2025-01-26"],
        "notice": "国办发明电〔2024〕12号",
        "provisional": False,
    },
    "set_check_parameters": {
        "check": "XF-ACC-003",
        "parameters": {"a_workdays": 5, "kinds": ["a", 1], "on": True, "text": "x"},
        "author": "S-001",
        "approved_by": "S-009",
        "reason": "local rule",
    },
    "declare_cutover": {"on": "2025-07-01"},
    "declare_external_list": {
        "system": "national",
        "from_on": "2025-01-01",
        "until_on": "2025-12-31",
        "count": 2,
        "numbers": ["13800138000", "13800138001"],
        "part": 1,
        "parts": 1,
    },
    "declare_channel_log": {"channel": "call", "unit": "XF", "on": "2025-03-04", "count": 9, "not_petitions": 2},
    "correct_record": {
        "case": CASE,
        "event_id": "(first)",
        "field": "/people_count",
        "was": 6,
        "now": 7,
        "reason": "typing error",
        "approved_by": "S-009",
    },
    "confirm_approval": {
        "by": {"staff": "S-109", "unit": "MZJ", "role": "head"},
        "case": CASE,
        "event_id": "(last)",
    },
}

_RECEIVED: list[Step] = [("receive_petition", {})]
_REGISTERED: list[Step] = [*_RECEIVED, ("receive_petition", {"case": OTHER_CASE}), ("register_petition", {})]
_OFFERED: list[Step] = [*_REGISTERED, ("hand_over", {})]
_TAKEN: list[Step] = [*_OFFERED, ("receive_handoff", {})]
_ACCEPTED: list[Step] = [*_REGISTERED, ("accept_case", {})]
_OPINION: list[Step] = [*_ACCEPTED, ("issue_opinion", {})]
_REVIEW: list[Step] = [*_OPINION, ("request_review", {})]
_FUND: list[Step] = [*_REGISTERED, ("open_fund", {})]
_APPLIED: list[Step] = [*_FUND, ("apply_for_grant", {"instalment_of": ...})]
_APPROVED: list[Step] = [*_APPLIED, ("examine_grant", {}), ("approve_grant", {})]
_PAID: list[Step] = [*_APPROVED, ("pay_grant", {})]

_CLOSED: list[Step] = [*_REGISTERED, ("close_case", {})]
_SUPERVISED: list[Step] = [*_RECEIVED, ("supervise", {})]
_NOTHING: list[Step] = []

BEFORE: dict[str, list[Step]] = {
    "register_petition": _REGISTERED[:2],
    **dict.fromkeys(("route", "dispose", "merge_case", "hand_over", "close_case"), _REGISTERED),
    "decide_recusal": [*_RECEIVED, ("declare_interest", {})],
    **dict.fromkeys(("receive_handoff", "withdraw_handoff", "change_handoff_due", "return_materials"), _OFFERED),
    **dict.fromkeys(("object_to_handoff", "feed_back"), _TAKEN),
    "decide_objection": [*_TAKEN, ("object_to_handoff", {})],
    "return_for_rework": [*_TAKEN, ("feed_back", {})],
    "close_hearing": [*_RECEIVED, ("open_hearing", {})],
    **dict.fromkeys(("extend", "issue_opinion"), _ACCEPTED),
    **dict.fromkeys(("deliver_opinion", "execute_opinion", "request_review", "confirm_approval"), _OPINION),
    **dict.fromkeys(("refuse_review", "issue_review"), _REVIEW),
    "deliver_review": [*_REVIEW, ("issue_review", {})],
    **dict.fromkeys(("reopen_case", "archive_case"), _CLOSED),
    **dict.fromkeys(("answer_supervision", "close_supervision"), _SUPERVISED),
    "answer_advice": [*_RECEIVED, ("advise", {})],
    "release_measure": [*_RECEIVED, ("take_measure", {})],
    "budget_fund": [("open_fund", {})],
    "apply_for_grant": [*_FUND, ("apply_for_grant", {"grant": "ref:G0", "instalment_of": ...})],
    **dict.fromkeys(("examine_grant", "reject_grant", "publish_grant_notice", "order_recovery"), _APPLIED),
    "approve_grant": [*_APPLIED, ("examine_grant", {})],
    **dict.fromkeys(("appropriate_grant", "pay_grant", "release_commitment"), _APPROVED),
    **dict.fromkeys(
        ("confirm_receipt", "excuse_receipt", "book_payment", "reconcile_bank", "return_payment"), _PAID
    ),
    "receive_recovery": [*_PAID, ("order_recovery", {})],
    **dict.fromkeys(
        (
            "open_fund", "receive_petition", "declare_unit", "declare_staff", "declare_calendar",
            "set_check_parameters", "declare_cutover", "declare_external_list", "declare_channel_log",
        ),
        _NOTHING,
    ),
}  # fmt: skip
"""What stands in the ledger before a verb's example; a verb that is not named needs a received case."""


def before(verb: str) -> list[Step]:
    """The steps after which the verb's example is accepted."""
    return BEFORE.get(verb, _RECEIVED)
