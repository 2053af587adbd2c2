"""Every fen of a grant: who applied, approved, paid, and what came back."""

from __future__ import annotations

from tests.support.memory_ledger import CASE, FUND, GRANT, MemoryLedger


def paid_grant() -> MemoryLedger:
    ledger = MemoryLedger()

    def tell(short: str, day: str, by: str, **data: object) -> str:
        return ledger.tell(f"grant.{short}", day, subject=GRANT, by=by, data=data, correlationid=CASE)

    tell("applied", "2025-03-01", "S-1/MZJ/handler", ref="ref:G1", fund=FUND, case=CASE, amount_fen=500_000)
    tell("examined", "2025-03-02", "S-2/XF/examiner", passed=True)
    meeting = {"held_on": "2025-03-03", "attendees": ["S-3", "S-4"], "dissent": ["S-4"]}
    tell("approved", "2025-03-03", "S-3/XF/approver", amount_fen=400_000, meeting=meeting)
    tell("appropriated", "2025-03-04", "S-5/CZJ/treasurer", amount_fen=400_000)
    tell("paid", "2025-03-05", "S-6/XF/cashier", payment="ref:p1", amount_fen=250_000, method="bank_transfer")
    tell("paid", "2025-03-06", "S-6/XF/cashier", payment="ref:p2", amount_fen=150_000, method="cash")
    tell("receipt_confirmed", "2025-03-07", "S-6/XF/cashier", payment="ref:p1", amount_fen=250_000)
    tell("receipt_excused", "2025-03-08", "S-6/XF/cashier", payment="ref:p2", ground="age", approved_by="S-9")
    tell("booked", "2025-03-08", "S-7/XF/bookkeeper", payment="ref:p1", voucher="V-1")
    tell("bank_reconciled", "2025-03-09", "S-7/XF/bookkeeper", payment="ref:p1", amount_fen=250_000, bank_ref="B-1")
    return ledger


def test_a_row_names_who_applied_examined_approved_and_paid() -> None:
    row = paid_grant().rows("grant_log", GRANT)[0]
    assert (row["grant"], row["ref"], row["fund"], row["case"]) == (GRANT, "ref:G1", FUND, CASE)
    assert [row[f"{act}_by"] for act in ("applied", "examined", "approved", "appropriated")] == [
        "S-1",
        "S-2",
        "S-3",
        "S-5",
    ]
    assert (row["approver_role"], row["meeting_attendees"], row["meeting_dissent"]) == (
        "approver",
        ["S-3", "S-4"],
        ["S-4"],
    )


def test_amounts_are_the_sums_of_the_payments_shown_beside_them() -> None:
    row = paid_grant().rows("grant_log", GRANT)[0]
    assert row["paid_fen"] == sum(payment["amount_fen"] for payment in row["payments"]) == 400_000
    assert (row["receipted_fen"], row["excused"], row["booked"], row["bank_fen"]) == (250_000, 1, 1, 250_000)
    assert (row["state"], row["net_fen"]) == ("paid", 400_000)
    first, second = row["payments"]
    assert (first["voucher"], first["reconciled_bank_ref"], first["paid_by"]) == ("V-1", "B-1", "S-6")
    assert second["excuse_approved_by"] == "S-9"


def test_what_comes_back_is_taken_off_and_a_grant_wholly_back_is_returned() -> None:
    ledger = paid_grant()
    returned = {"payment": "ref:p1", "amount_fen": 250_000, "bank_ref": "B-2"}
    ledger.tell("grant.payment_returned", "2025-03-10", subject=GRANT, data=returned)
    row = ledger.rows("grant_log", GRANT)[0]
    assert (row["returned_fen"], row["net_fen"], row["state"]) == (250_000, 150_000, "paid")
    ledger.tell("grant.recovery_ordered", "2025-03-11", subject=GRANT, data={"amount_fen": 150_000, "reason": "重复"})
    ledger.tell("grant.recovery_received", "2025-03-12", subject=GRANT, data={"amount_fen": 150_000, "bank_ref": "B-3"})
    row = ledger.rows("grant_log", GRANT)[0]
    assert (row["recovery_ordered_fen"], row["recovered_fen"], row["net_fen"]) == (150_000, 150_000, 0)
    assert row["state"] == "returned"
    assert [entry["kind"] for entry in row["recoveries"]] == ["ordered", "received"]


def test_a_booking_read_before_its_payment_is_joined_to_it() -> None:
    ledger = MemoryLedger()
    ledger.tell("grant.booked", "2025-03-08", subject=GRANT, data={"payment": "ref:p1", "voucher": "V-1"})
    ledger.tell("grant.paid", "2025-03-09", subject=GRANT, data={"payment": "ref:p1", "amount_fen": 100})
    row = ledger.rows("grant_log", GRANT)[0]
    assert len(row["payments"]) == 1
    assert (row["payments"][0]["voucher"], row["paid_fen"]) == ("V-1", 100)


def test_a_corrected_meeting_day_keeps_the_first_meeting() -> None:
    ledger = paid_grant()
    change = {"event_id": "e-3", "field": "/meeting/held_on", "was": "2025-03-03", "now": "2025-03-02"}
    ledger.tell("grant.record_corrected", "2025-04-01", subject=GRANT, data=change)
    row = ledger.rows("grant_log", GRANT)[0]
    assert (row["meeting_held_on"], row["meeting_attendees"]) == ("2025-03-02", ["S-3", "S-4"])
    assert row["corrected"]["meeting"]["first"]["held_on"] == "2025-03-03"


def test_no_account_tag_is_shown() -> None:
    ledger = MemoryLedger()
    ledger.tell("grant.paid", "2025-03-09", subject=GRANT, data={"payment": "ref:p1", "account": "hmac:" + "0" * 64})
    assert "account" not in ledger.rows("grant_log", GRANT)[0]["payments"][0]
