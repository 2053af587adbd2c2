"""One row per case: state, holders, decisions."""

from __future__ import annotations

from tests.support.memory_ledger import CASE, MemoryLedger


def handled_case() -> MemoryLedger:
    ledger = MemoryLedger()
    evidence = {"kind": "arrival_stamp", "at": "2025-03-01T09:00:00+08:00"}
    ledger.tell(
        "case.received", "2025-03-01", by="S-001/XF/registrar",
        data={"ref": "ref:A17", "channel": "letter", "received_at": "2025-03-01T09:00:00+08:00",
              "receipt_evidence": evidence, "people_count": 2, "urgent": False},
    )  # fmt: skip
    ledger.tell("case.registered", "2025-03-02", by="S-001/XF/registrar", data={"content_class": "land"})
    ledger.tell("case.routed", "2025-03-02", data={"purpose": "claim", "route": 6})
    ledger.tell("case.handoff_offered", "2025-03-03", data={"handoff": "ref:h1", "unit": "MZJ", "to": ["MZJ"]})
    ledger.tell("case.handoff_received", "2025-03-04", by="S-100/MZJ/clerk", data={"handoff": "ref:h1", "unit": "MZJ"})
    return ledger


def test_a_row_says_who_received_the_case_and_on_what_evidence() -> None:
    row = handled_case().rows("case_view")[0]
    assert (row["case"], row["ref"], row["received_by_unit"]) == (CASE, "ref:A17", "XF")
    assert (row["receipt_kind"], row["receipt_at"]) == ("arrival_stamp", "2025-03-01T09:00:00+08:00")
    assert (row["registered_at"], row["content_class"]) == ("2025-03-02T10:00:00+08:00", "land")
    assert (row["events"], row["handoffs"], row["state"]) == (5, 1, "handed_over")


def test_the_holder_is_the_receiving_unit_until_another_unit_takes_the_case() -> None:
    ledger = MemoryLedger()
    ledger.tell("case.received", "2025-03-01", by="S-001/XF/registrar")
    assert ledger.rows("case_view")[0]["holders"] == ["XF"]
    assert handled_case().rows("case_view")[0]["holders"] == ["MZJ"]


def test_handing_on_feeding_back_and_closing_end_a_holding() -> None:
    ledger = handled_case()
    ledger.tell("case.handoff_offered", "2025-03-05", by="S-100/MZJ/clerk", data={"handoff": "ref:h2", "unit": "JSW"})
    assert ledger.rows("case_view")[0]["holders"] == ["XF"]
    ledger.tell("case.handoff_received", "2025-03-06", by="S-200/JSW/clerk", data={"handoff": "ref:h2", "unit": "JSW"})
    assert ledger.rows("case_view")[0]["holders"] == ["JSW"]
    ledger.tell("case.handoff_fed_back", "2025-03-07", by="S-200/JSW/clerk", data={"handoff": "ref:h2", "unit": "JSW"})
    assert ledger.rows("case_view")[0]["holders"] == ["XF"]
    ledger.tell("case.closed", "2025-03-08", data={"ground": "opinion_delivered"})
    assert ledger.rows("case_view")[0]["holders"] == []


def test_an_upheld_objection_ends_a_holding_and_a_rejected_one_does_not() -> None:
    for upheld, holders in ((True, ["XF"]), (False, ["MZJ"])):
        ledger = handled_case()
        ledger.tell("case.handoff_objected", "2025-03-05", data={"handoff": "ref:h1", "unit": "MZJ"})
        ledger.tell("case.objection_decided", "2025-03-06", data={"handoff": "ref:h1", "unit": "MZJ", "upheld": upheld})
        assert ledger.rows("case_view")[0]["holders"] == holders


def test_the_first_acceptance_counts_and_all_are_kept() -> None:
    ledger = handled_case()
    ledger.tell("case.accepted", "2025-03-05", by="S-100/MZJ/handler", data={"handler": "S-101"})
    ledger.tell("case.accepted", "2025-04-05", by="S-200/JSW/handler")
    row = ledger.rows("case_view")[0]
    assert (row["accepted_by"], row["accepted_at"], row["handler"]) == ("MZJ", "2025-03-05T10:00:00+08:00", "S-101")
    assert [entry["unit"] for entry in row["acceptances"]] == ["MZJ", "JSW"]


def test_extension_days_add_up() -> None:
    ledger = handled_case()
    ledger.tell("case.extension_approved", "2025-04-01", data={"days": 10, "approved_by": "S-109"})
    ledger.tell("case.extension_approved", "2025-04-02", data={"days": 20, "approved_by": "S-109"})
    row = ledger.rows("case_view")[0]
    assert row["extension_days"] == 30
    assert [entry["days"] for entry in row["extensions"]] == [10, 20]


def test_a_reopened_case_is_no_longer_closed() -> None:
    ledger = handled_case()
    ledger.tell("case.closed", "2025-04-01", data={"ground": "opinion_delivered"})
    assert ledger.rows("case_view")[0]["state"] == "closed"
    ledger.tell("case.reopened", "2025-04-02", data={"reason": "新证据", "approved_by": "S-009"})
    row = ledger.rows("case_view")[0]
    assert (row["state"], row["closed_ground"]) == ("handed_over", "opinion_delivered")
    assert row["reopened_at"] == "2025-04-02T10:00:00+08:00"


def test_a_restricted_case_shows_tags_only_and_no_pseudonym_of_the_petitioner() -> None:
    ledger = MemoryLedger()
    tag = "hmac:" + "0" * 64
    ledger.tell("case.received", "2025-03-01", data={"restricted": True, "about_units": [tag], "petitioner_ref": tag})
    row = ledger.rows("case_view")[0]
    assert row["restricted"] is True
    assert row["about_units"] == [tag]
    assert "petitioner_ref" not in row


def test_a_case_that_closes_before_it_opens_is_shown_as_recorded() -> None:
    ledger = MemoryLedger()
    ledger.tell("case.closed", "1900-01-01", data={"ground": "opinion_delivered"})
    ledger.tell("case.received", "2025-03-01", data={"channel": "call"})
    row = ledger.rows("case_view")[0]
    assert (row["state"], row["closed_at"], row["channel"]) == ("closed", "1900-01-01T10:00:00+08:00", "call")
