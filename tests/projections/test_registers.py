"""Units, staff, calendars, parameters and imports as rows."""

from __future__ import annotations

from tests.support.memory_ledger import MemoryLedger


def test_a_later_declaration_takes_the_place_of_the_earlier_one_and_both_are_shown() -> None:
    ledger = MemoryLedger()
    for kind in ("responsible", "external"):
        data = {"unit": "MZJ", "name": "民政局", "kind": kind, "superiors": ["GOV"]}
        ledger.tell("register.unit_declared", "2025-01-01", subject="unit:MZJ", data=data)
    rows = ledger.rows("registers", "unit:MZJ")
    assert [(row["register"], row["code"], row["kind"], row["current"]) for row in rows] == [
        ("unit", "MZJ", "responsible", False),
        ("unit", "MZJ", "external", True),
    ]
    assert rows[1]["superiors"] == ["GOV"]


def test_every_import_stays_current_and_shows_its_operator() -> None:
    ledger = MemoryLedger()
    for digest in ("a", "b"):
        data = {"file": digest * 64, "kind": "history", "operator": "li", "approved_by": "S-9"}
        ledger.tell("register.import_opened", "2025-01-01", subject="ledger", data=data)
    ledger.tell("register.cutover_declared", "2025-02-01", subject="ledger", data={"on": "2025-02-01"})
    rows = ledger.rows("registers", "ledger")
    assert [(row["register"], row["current"]) for row in rows] == [
        ("import", True),
        ("import", True),
        ("cutover", True),
    ]
    assert rows[0]["details"]["operator"] == "li"
    assert rows[2]["from_on"] == "2025-02-01"


def test_a_calendar_keeps_its_days_and_a_list_leaves_its_numbers_in_the_event() -> None:
    ledger = MemoryLedger()
    calendar = {"year": 2025, "holidays": ["2025-01-01"], "workdays": [], "notice": "国办发明电", "provisional": False}
    ledger.tell("register.calendar_declared", "2025-01-01", subject="calendar:2025", data=calendar)
    (row,) = ledger.rows("registers", "calendar:2025")
    assert (row["code"], row["year"], row["details"]["holidays"]) == ("2025", 2025, ["2025-01-01"])
    external = {"system": "national", "count": 2, "numbers": ["1", "2"]}
    ledger.tell("register.external_list_declared", "2025-01-01", subject="ledger", data=external)
    assert ledger.rows("registers", "ledger")[0]["details"] == {"count": 2}


def test_a_corrected_name_keeps_the_first_one() -> None:
    ledger = MemoryLedger()
    first = ledger.tell(
        "register.unit_declared", "2025-01-01", subject="unit:MZJ", data={"unit": "MZJ", "name": "民证局"}
    )
    change = {"event_id": first, "field": "/name", "was": "民证局", "now": "民政局"}
    ledger.tell("register.record_corrected", "2025-01-02", subject="unit:MZJ", data=change)
    (row,) = ledger.rows("registers", "unit:MZJ")
    assert (row["name"], row["corrected"]["name"]["first"]) == ("民政局", "民证局")
