"""Second reading of the fund's rules: duties, approval, caps, payees, receipts, notices, papers, recovery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from tests.support.second_reading.intake import Read
from tests.support.second_reading.record import Record, Story, Told

INTO = {"fund.budgeted": 1, "fund.paid": -1, "fund.returned": 1, "fund.recovered": 1}


def read_fund(fund: Story) -> Iterator[Read]:
    balance = fund.told[0].data["opening_balance_fen"]
    for one in fund.told:
        balance += INTO.get(one.name, 0) * (one.get("amount_fen") or 0)
        if balance < 0:
            yield "XF-FND-006", "a_overspent", fund.subject


def read_grant(grant: Story, record: Record) -> Iterator[Read]:
    applied = grant.all("grant.applied")[0]
    rules = record.stories[applied.data["fund"]].told[0].data["rules"]
    for check, reason in (
        *_duties(grant),
        *_approved(grant, rules),
        *(found for payment in grant.all("grant.paid") for found in _paid(grant, record, rules, payment)),
        *_examined(grant, record, rules),
        *_recovered(grant, record),
    ):
        yield check, reason, grant.subject


def _duties(grant: Story) -> Iterator[tuple[str, str]]:
    parts: dict[str, set[str]] = {}
    for one in grant.all("grant.applied", "grant.examined", "grant.approved", "grant.paid"):
        parts.setdefault(one.staff, set()).add(one.name)
    if any(len(names) > 1 for names in parts.values()):
        yield "XF-FND-001", "duties"
    if any(one.staff in parts for one in grant.all("grant.booked")):
        yield "XF-FND-001", "bookkeeper"


def _approved(grant: Story, rules: dict[str, Any]) -> Iterator[tuple[str, str]]:
    approved = grant.all("grant.approved")
    if not approved:
        return
    amount, meeting = approved[0].data["amount_fen"], approved[0].get("meeting")
    signs = {"grant.paid": 1, "grant.payment_returned": -1, "grant.recovery_received": -1}
    flows = [signs.get(one.name, 0) * (one.get("amount_fen") or 0) for one in grant.told]
    if any(net > amount for net in accumulate(flows)):
        yield "XF-FND-004", "b_more"
    if not any(one.get("passed") and one.order < approved[0].order for one in grant.all("grant.examined")):
        yield "XF-FND-004", "c_unexamined"
    tier = next((one for one in rules["tiers"] if one["up_to_fen"] >= amount), None)
    if tier is None or approved[0].role != tier["approver_role"]:
        yield "XF-FND-004", "d_role"
    if tier and tier["collective"] and not meeting:
        yield "XF-FND-004", "e_no_meeting"
    if meeting and rules.get("quorum") and len(meeting["attendees"]) < rules["quorum"]:
        yield "XF-FND-004", "f_quorum"


def _paid(grant: Story, record: Record, rules: dict[str, Any], payment: Told) -> Iterator[tuple[str, str]]:
    name, data = payment.data["payment"], payment.data
    if not any(one.order < payment.order for one in grant.all("grant.approved")):
        yield "XF-FND-004", "a_unapproved"
    if data["payee_ref"] != grant.all("grant.applied")[0].data["beneficiary_ref"] and not data.get("payee_authority"):
        yield "XF-FND-005", "a_payee"
    if data["method"] == "cash" and rules.get("cash_allowed") is False and not data.get("cash_exception"):
        yield "XF-FND-005", "b_cash"
    if rules.get("receipt_within_days"):
        due = payment.day + timedelta(days=rules["receipt_within_days"])
        shown = [*grant.of("grant.receipt_confirmed", payment=name), *grant.of("grant.payment_returned", payment=name)]
        had = any(one.day <= due for one in shown) or grant.of("grant.receipt_excused", payment=name)
        if record.passed(due) and not had:
            yield "XF-FND-006", "b_no_receipt"
    answers = grant.of("grant.receipt_confirmed", payment=name) + grant.of("grant.bank_reconciled", payment=name)
    if any(one.data["amount_fen"] != data["amount_fen"] for one in answers):
        yield "XF-FND-006", "c_amount"
    notices = grant.all("grant.notice_published")
    if notices or rules.get("notice_days"):
        run = timedelta(days=(rules.get("notice_days") or 1) - 1)
        ends = [
            max(date.fromisoformat(one.data["until_on"]), date.fromisoformat(one.data["from_on"]) + run)
            for one in notices
        ]
        if not ends or payment.day <= max(ends):
            yield "XF-FND-010", "not_noticed"


def _examined(grant: Story, record: Record, rules: dict[str, Any]) -> Iterator[tuple[str, str]]:
    applied = grant.all("grant.applied")[0]
    if grant.all("grant.examined") and set(rules.get("attachments") or ()) - set(applied.get("attachments") or ()):
        yield "XF-FND-011", "missing_paper"
    case = record.stories.get(applied.data["case"])
    if case is not None and not case.all("case.registered"):
        yield "XF-FND-008", "a_unregistered"


def _recovered(grant: Story, record: Record) -> Iterator[tuple[str, str]]:
    for order in grant.all("grant.recovery_ordered"):
        due = date.fromisoformat(order.data["due_on"]) if order.get("due_on") else order.day + timedelta(days=90)
        came = sum(one.data["amount_fen"] for one in grant.all("grant.recovery_received") if one.day <= due)
        if record.passed(due) and came < order.data["amount_fen"]:
            yield "XF-FND-009", "not_recovered"
