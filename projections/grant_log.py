"""One row per grant: who applied, examined, approved and paid what, in which meeting, and what came back."""

from __future__ import annotations

from typing import Any

from projections.fold import (
    Document,
    Event,
    Projection,
    Row,
    Slot,
    cells_of,
    columns,
    correct,
    corrections_of,
    entry_in,
    facts,
    fill,
    name_of,
    named,
    payload,
    slot_in,
    walk,
    whole,
)

COLUMNS = columns(
    "grant ref state fund case beneficiary_ref applicant_unit scope instalment_of attachments "
    "applied_fen applied_at applied_by examined_at examined_by examined_passed "
    "approved_fen approved_at approved_by approver_role exceptional meeting_held_on meeting_attendees "
    "meeting_dissent rejected_at rejected_by rejected_reason notice_from_on notice_until_on notice_place "
    "appropriated_fen appropriated_at appropriated_by appropriations payments paid_fen first_paid_at "
    "last_paid_at receipted_fen excused booked bank_fen returned_fen recovery_ordered_fen recovered_fen "
    "recoveries net_fen events last_time last_recordedtime corrections corrected",
    key="grant",
    index="fund case state",
    integer="applied_fen approved_fen appropriated_fen paid_fen receipted_fen excused booked bank_fen "
    "returned_fen recovery_ordered_fen recovered_fen net_fen events corrections",
    boolean="examined_passed exceptional",
    json="attachments meeting_attendees meeting_dissent appropriations payments recoveries corrected",
)
_NAMES = tuple(column.name for column in COLUMNS)

_GRANT = "petition.grant."
FACTS = {
    _GRANT + "applied.v1": facts(
        "ref fund case beneficiary_ref applicant_unit scope instalment_of attachments",
        at="applied_at",
        by="applied_by",
        applied_fen="amount_fen",
    ),
    _GRANT + "examined.v1": facts(at="examined_at", by="examined_by", examined_passed="passed"),
    _GRANT + "approved.v1": facts(
        "exceptional meeting",
        at="approved_at",
        by="approved_by",
        role="approver_role",
        approved_fen="amount_fen",
    ),
    _GRANT + "rejected.v1": facts(at="rejected_at", by="rejected_by", rejected_reason="reason"),
    _GRANT + "notice_published.v1": facts(notice_from_on="from_on", notice_until_on="until_on", notice_place="place"),
    _GRANT + "appropriated.v1": facts("amount_fen document", at="at", by="by"),
    _GRANT + "paid.v1": facts(
        "amount_fen method payee_ref payee_authority cash_exception bank_ref", at="paid_at", by="paid_by"
    ),
    _GRANT + "receipt_confirmed.v1": facts(
        "receipt signed_by_payee", at="receipted_at", by="receipted_by", receipted_fen="amount_fen"
    ),
    _GRANT + "receipt_excused.v1": facts(
        at="excused_at", by="excused_by", excused_ground="ground", excuse_approved_by="approved_by"
    ),
    _GRANT + "booked.v1": facts("voucher", at="booked_at", by="booked_by"),
    _GRANT + "bank_reconciled.v1": facts(
        at="reconciled_at", by="reconciled_by", bank_fen="amount_fen", reconciled_bank_ref="bank_ref"
    ),
    _GRANT + "payment_returned.v1": facts("amount_fen bank_ref", at="at", by="by"),
    _GRANT + "recovery_ordered.v1": facts("amount_fen reason due_on", at="at", by="by"),
    _GRANT + "recovery_received.v1": facts("amount_fen bank_ref", at="at", by="by"),
}


def _main(document: Document) -> Slot:
    slot: Slot = document.setdefault("grant", {})
    return slot


def _touch(document: Document, event: Event) -> Slot:
    slot = _main(document)
    slot["events"] = slot.get("events", 0) + 1
    slot["last_time"] = event.get("time")
    slot["last_recordedtime"] = event.get("recordedtime")
    return slot


def _take(document: Document, event: Event) -> None:
    fill(document, _touch(document, event), event, FACTS[event["type"]])


def _count(document: Document, event: Event) -> None:
    _touch(document, event)


def _payment_of(document: Document, event: Event) -> Slot:
    _touch(document, event)
    payment = name_of(payload(event).get("payment"))
    slot = slot_in(document, "payments", payment)
    slot.setdefault("payment", payment)
    return slot


def _take_payment(document: Document, event: Event) -> None:
    """A payment and what follows it lie in one slot under the payment's ref, whichever is read first."""
    fill(document, _payment_of(document, event), event, FACTS[event["type"]])


def _return_payment(document: Document, event: Event) -> None:
    fill(document, entry_in(_payment_of(document, event), "returns"), event, FACTS[event["type"]])


def _appropriate(document: Document, event: Event) -> None:
    _touch(document, event)
    fill(document, entry_in(document, "appropriations"), event, FACTS[event["type"]])


def _order_recovery(document: Document, event: Event) -> None:
    _touch(document, event)
    fill(document, entry_in(document, "orders"), event, FACTS[event["type"]])


def _recover(document: Document, event: Event) -> None:
    _touch(document, event)
    fill(document, entry_in(document, "recoveries"), event, FACTS[event["type"]])


def _correct(document: Document, event: Event) -> None:
    _touch(document, event)
    payments = document.get("payments", {}).values()
    slots = walk(
        [_main(document)],
        payments,
        [entry for payment in payments for entry in payment.get("returns", [])],
        *(document.get(family, []) for family in ("appropriations", "orders", "recoveries")),
    )
    correct(document, event, slots, FACTS)


def _shown(slot: Slot) -> Row:
    """A slot for a reader: without its own bookkeeping, its entries likewise."""
    return {
        name: [_shown(entry) for entry in value] if name == "returns" else value
        for name, value in slot.items()
        if name != "from" and value is not None
    }


def _fen(entries: list[Slot], column: str = "amount_fen") -> int:
    return sum(whole(entry.get(column)) for entry in entries)


def _state(slot: Slot, row: Row) -> str:
    """The furthest stage that the grant has reached."""
    paid, back = row["paid_fen"], row["returned_fen"] + row["recovered_fen"]
    stages = (
        ("returned", paid > 0 and back >= paid),
        ("paid", paid > 0),
        ("appropriated", bool(row["appropriations"])),
        ("rejected", slot.get("rejected_at") is not None),
        ("approved", slot.get("approved_at") is not None),
        ("not_passed", slot.get("examined_passed") is False),
        ("examined", slot.get("examined_at") is not None),
    )
    return next((name for name, reached in stages if reached), "applied")


def _paid_times(payments: list[Slot]) -> list[Any]:
    return [slot["paid_at"] for slot in payments if slot.get("paid_at") is not None]


def rows(subject: str, document: Document) -> list[Row]:
    """The grant's one row; amounts are sums in fen of the entries shown beside them."""
    slot = document.get("grant")
    if not slot:
        return []
    payments = list(document.get("payments", {}).values())
    appropriations = document.get("appropriations", [])
    recoveries = document.get("recoveries", [])
    returned = [entry for payment in payments for entry in payment.get("returns", [])]
    meeting = slot.get("meeting")
    held: Row = meeting if isinstance(meeting, dict) else {}
    times = _paid_times(payments)
    (row,) = named(_NAMES, [cells_of(_NAMES, slot)])
    row.update(
        grant=subject,
        meeting_held_on=held.get("held_on"),
        meeting_attendees=held.get("attendees"),
        meeting_dissent=held.get("dissent"),
        appropriations=[_shown(entry) for entry in appropriations],
        appropriated_fen=_fen(appropriations),
        appropriated_at=appropriations[0].get("at") if appropriations else None,
        appropriated_by=appropriations[0].get("by") if appropriations else None,
        payments=[_shown(payment) for payment in payments],
        paid_fen=_fen(payments),
        first_paid_at=times[0] if times else None,
        last_paid_at=times[-1] if times else None,
        receipted_fen=_fen(payments, "receipted_fen"),
        excused=sum(1 for payment in payments if payment.get("excused_at") is not None),
        booked=sum(1 for payment in payments if payment.get("booked_at") is not None),
        bank_fen=_fen(payments, "bank_fen"),
        returned_fen=_fen(returned),
        recovery_ordered_fen=_fen(document.get("orders", [])),
        recovered_fen=_fen(recoveries),
        recoveries=[
            {"kind": kind, **_shown(entry)}
            for kind, family in (("ordered", document.get("orders", [])), ("received", recoveries))
            for entry in family
        ],
        corrections=corrections_of(document),
    )
    row["net_fen"] = row["paid_fen"] - row["returned_fen"] - row["recovered_fen"]
    row["state"] = _state(slot, row)
    return [row]


HANDLERS = {
    _GRANT + f"{name}.v1": handler
    for name, handler in {
        "applied": _take,
        "examined": _take,
        "approved": _take,
        "rejected": _take,
        "notice_published": _take,
        "appropriated": _appropriate,
        "paid": _take_payment,
        "receipt_confirmed": _take_payment,
        "receipt_excused": _take_payment,
        "booked": _take_payment,
        "bank_reconciled": _take_payment,
        "payment_returned": _return_payment,
        "recovery_ordered": _order_recovery,
        "recovery_received": _recover,
        "record_corrected": _correct,
        "approval_confirmed": _count,
    }.items()
}

GRANT_LOG = Projection(
    name="grant_log",
    version=1,
    columns=COLUMNS,
    handlers=HANDLERS,
    rows=rows,
    subject_column="grant",
    refolds=True,
)
