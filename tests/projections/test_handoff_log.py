"""Who held what, from when to when, and how late."""

from __future__ import annotations

import pytest

from tests.support.memory_ledger import MemoryLedger

OFFER = {"handoff": "ref:h1", "unit": "MZJ"}
MZJ = "S-100/MZJ/clerk"


def offered(due_on: str | None = "2025-04-18") -> MemoryLedger:
    ledger = MemoryLedger()
    data = {**OFFER, "mode": "assign", "to": ["MZJ"], "feedback_required": True, "materials": ["sha256:0", "sha256:1"]}
    if due_on is not None:
        data["due_on"] = due_on
    ledger.tell("case.handoff_offered", "2025-03-04", by="S-012/XF/registrar", data=data)
    ledger.tell("case.handoff_received", "2025-03-06", by=MZJ, data={**OFFER, "materials_complete": True})
    return ledger


def test_a_row_says_who_sent_who_received_and_when() -> None:
    row = offered().rows("handoff_log")[0]
    assert (row["handoff"], row["unit"], row["from_unit"], row["from_staff"]) == ("ref:h1", "MZJ", "XF", "S-012")
    assert (row["mode"], row["materials"], row["state"]) == ("assign", 2, "received")
    assert (row["held_from"], row["held_until"]) == ("2025-03-06T10:00:00+08:00", None)


@pytest.mark.parametrize(
    ("time", "late"),
    [
        ("2025-04-18T23:59:59+08:00", 0),
        ("2025-04-18T16:00:00+00:00", 1),
        ("2025-04-19T00:00:00+08:00", 1),
        ("2025-05-18T00:00:00+08:00", 30),
    ],
)
def test_feedback_is_late_from_midnight_in_shanghai_after_the_due_day(time: str, late: int) -> None:
    ledger = offered()
    ledger.tell("case.handoff_fed_back", time, by=MZJ, data={**OFFER, "result": "done"})
    row = ledger.rows("handoff_log")[0]
    assert row["feedback_days_late"] == late
    assert (row["state"], row["held_until"]) == ("fed_back", time)


def test_feedback_without_a_due_day_is_neither_late_nor_in_time() -> None:
    ledger = offered(due_on=None)
    ledger.tell("case.handoff_fed_back", "2025-05-01", by=MZJ, data={**OFFER, "result": "done"})
    assert ledger.rows("handoff_log")[0]["feedback_days_late"] is None


@pytest.mark.parametrize(
    ("changed", "by", "due"),
    [
        ("2025-04-18", "S-012/XF/registrar", "2025-05-01"),
        ("2025-04-19", "S-012/XF/registrar", "2025-04-18"),
        ("2025-04-10", MZJ, "2025-04-18"),
    ],
)
def test_the_due_day_moves_only_by_the_sender_and_before_it_passed(changed: str, by: str, due: str) -> None:
    ledger = offered()
    ledger.tell("case.handoff_due_changed", changed, by=by, data={**OFFER, "due_on": "2025-05-01", "reason": "雨"})
    row = ledger.rows("handoff_log")[0]
    assert (row["first_due_on"], row["due_on"]) == ("2025-04-18", due)
    assert row["due_changes"][0]["due_on"] == "2025-05-01"
    assert row["due_changes"][0]["counts"] is (due == "2025-05-01")


def test_an_upheld_objection_ends_the_holding_and_shows_the_materials_returned() -> None:
    ledger = offered()
    ledger.tell("case.handoff_objected", "2025-03-07", by=MZJ, data=OFFER)
    assert ledger.rows("handoff_log")[0]["state"] == "objected"
    ledger.tell("case.objection_decided", "2025-03-10", data={**OFFER, "upheld": True})
    ledger.tell("case.materials_returned", "2025-03-12", by=MZJ, data=OFFER)
    row = ledger.rows("handoff_log")[0]
    assert (row["objected_by"], row["objection_upheld"], row["objection_decided_by"]) == ("S-100", True, "S-001")
    assert row["materials_returned_at"] == "2025-03-12T10:00:00+08:00"
    assert (row["ended_by"], row["held_until"], row["held_days"]) == (
        "objection_upheld",
        "2025-03-10T10:00:00+08:00",
        4,
    )


def test_an_onward_handoff_and_a_closing_end_holdings() -> None:
    ledger = offered()
    ledger.tell("case.handoff_offered", "2025-03-09", by=MZJ, data={"handoff": "ref:h2", "unit": "JSW"})
    ledger.tell("case.handoff_received", "2025-03-10", by="S-200/JSW/clerk", data={"handoff": "ref:h2", "unit": "JSW"})
    ledger.tell("case.closed", "2025-03-20")
    assert [(row["unit"], row["ended_by"], row["held_days"]) for row in ledger.rows("handoff_log")] == [
        ("MZJ", "handed_on", 3),
        ("JSW", "closed", 10),
    ]


def test_rework_lets_the_unit_hold_again_and_the_first_feedback_counts() -> None:
    ledger = offered()
    ledger.tell("case.handoff_fed_back", "2025-04-01", by=MZJ, data={**OFFER, "result": "partly"})
    ledger.tell("case.returned_for_rework", "2025-04-02", data={**OFFER, "reason": "不实"})
    row = ledger.rows("handoff_log")[0]
    assert (row["state"], row["held_until"], row["reworks"]) == ("rework", None, 1)
    ledger.tell("case.handoff_fed_back", "2025-05-01", by=MZJ, data={**OFFER, "result": "done"})
    row = ledger.rows("handoff_log")[0]
    assert (row["feedbacks"], row["fed_back_at"], row["feedback_result"]) == (2, "2025-04-01T10:00:00+08:00", "done")
    assert row["feedback_days_late"] == 0


def test_each_addressee_of_one_handoff_has_a_row_of_its_own() -> None:
    ledger = MemoryLedger()
    for unit in ("ZFW", "GA", "XF"):
        data = {"handoff": "ref:t1", "unit": unit, "mode": "tri_party", "to": ["ZFW", "GA", "XF"]}
        ledger.tell("case.handoff_offered", "2025-03-04", data=data)
    ledger.tell("case.handoff_withdrawn", "2025-03-05", data={"handoff": "ref:t1", "unit": "GA", "reason": "误"})
    assert [(row["unit"], row["state"]) for row in ledger.rows("handoff_log")] == [
        ("ZFW", "offered"),
        ("GA", "withdrawn"),
        ("XF", "offered"),
    ]


def test_a_corrected_feedback_time_changes_the_lateness_and_keeps_the_first() -> None:
    ledger = offered()
    fed = ledger.tell("case.handoff_fed_back", "2025-04-20", by=MZJ, data={**OFFER, "result": "done"})
    change = {"event_id": fed, "field": "/time", "was": "2025-04-20T10:00:00+08:00", "now": "2025-04-17T10:00:00+08:00"}
    ledger.tell("case.record_corrected", "2025-04-25", data=change)
    row = ledger.rows("handoff_log")[0]
    assert row["feedback_days_late"] == 0
    assert row["held_until"] == "2025-04-17T10:00:00+08:00"
    assert row["corrected"]["feedbacks.1.at"]["first"] == "2025-04-20T10:00:00+08:00"
