"""Facts that bear on integrity and discipline, one readable line each."""

from __future__ import annotations

from projections.integrity_log import fact_names
from tests.support.memory_ledger import GRANT, MemoryLedger, random_ledger


def test_an_interest_and_a_recusal_read_as_lines_in_both_languages() -> None:
    ledger = MemoryLedger()
    ledger.tell("case.interest_declared", "2025-03-01", data={"staff": "S-7", "relation": "亲属"})
    ledger.tell("case.recusal_decided", "2025-03-01", data={"staff": "S-7", "recused": True})
    lines = ledger.rows("integrity_log")
    assert [line["zh"] for line in lines] == ["S-7 申报利害关系：亲属", "对 S-7 的回避作出决定：应当回避"]
    assert [line["en"] for line in lines] == ["S-7 declared an interest: 亲属", "recusal of S-7 decided: recused"]
    assert [line["staff"] for line in lines] == ["S-7", "S-7"]


def test_an_override_is_one_line_however_many_events_its_action_recorded() -> None:
    ledger = MemoryLedger()
    override = {"guards": ["leak"], "reason": "急", "approved_by": "S-9"}
    for unit in ("MZJ", "JSW"):
        data = {"handoff": "ref:h1", "unit": unit, "override": override}
        ledger.tell("case.handoff_offered", "2025-03-01", data=data, actionid="a-1")
    ledger.tell("case.closed", "2025-03-02", data={"override": override}, actionid="a-2")
    lines = [line for line in ledger.rows("integrity_log") if line["fact"] == "override"]
    assert [line["approved_by"] for line in lines] == ["S-9", "S-9"]
    assert "leak" in lines[0]["en"]
    assert "越过控制 leak，批准 S-9：急" in lines[0]["zh"]


def lag_lines(time: str, **attributes: str) -> list[object]:
    ledger = MemoryLedger()
    ledger.tell("case.accepted", time, **attributes)
    return [line["entry_lag_days"] for line in ledger.rows("integrity_log") if line["fact"] == "late_entry"]


def test_an_act_entered_three_calendar_days_later_is_a_late_entry() -> None:
    assert lag_lines("2025-03-01T23:00:00+08:00", recordedtime="2025-03-03T15:59:59.000000Z") == []
    assert lag_lines("2025-03-01T23:00:00+08:00", recordedtime="2025-03-03T16:00:00.000000Z") == [3]


def test_an_import_is_late_by_its_own_time_of_entry_and_silent_without_one() -> None:
    imported = {"importid": "f" * 64, "recordedtime": "2026-01-01T00:00:00.000000Z"}
    assert lag_lines("2025-03-01", **imported) == []
    assert lag_lines("2025-03-01", enteredtime="2025-03-02T10:00:00+08:00", **imported) == []
    assert lag_lines("2025-03-01", enteredtime="2025-03-11T10:00:00+08:00", **imported) == [10]


def test_cash_exceptional_grants_measures_and_imports_are_lines() -> None:
    ledger = MemoryLedger()
    cash = {"payment": "ref:p1", "amount_fen": 100, "cash_exception": {"reason": "偏远", "approved_by": "S-9"}}
    ledger.tell("grant.paid", "2025-03-01", subject=GRANT, data=cash)
    ledger.tell("grant.approved", "2025-03-01", subject=GRANT, data={"amount_fen": 1, "exceptional": True})
    ledger.tell("case.measure_taken", "2025-03-01", data={"measure": "ref:m1", "kind": "education", "unit": "GA"})
    opening = {"file": "f" * 64, "kind": "history", "operator": "li", "approved_by": "S-9"}
    ledger.tell("register.import_opened", "2025-03-01", subject="ledger", data=opening)
    facts = [line["fact"] for subject in (GRANT, "XF500229-2025-000001", "ledger")
             for line in ledger.rows("integrity_log", subject) if line["fact"] != "late_entry"]  # fmt: skip
    assert facts == ["cash_exception", "exceptional_grant", "measure_taken", "import_opened"]


def test_every_line_has_words_in_both_languages_on_a_single_line() -> None:
    seen = set()
    for seed in range(12):
        ledger = random_ledger(seed, 300, strangeness=0.3)
        for subject in {event["subject"] for event in ledger.events}:
            for line in ledger.rows("integrity_log", subject):
                seen.add(line["fact"])
                for lang in ("zh", "en"):
                    assert line[lang].strip()
                    assert "\n" not in line[lang]
    assert seen == fact_names()
