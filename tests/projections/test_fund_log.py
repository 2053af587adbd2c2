"""Budget, commitments and balance of a fund over time."""

from __future__ import annotations

import random

from tests.support.memory_ledger import FUND, MemoryLedger


def used_fund() -> MemoryLedger:
    ledger = MemoryLedger()
    opening = {"ref": "ref:F2025", "year": 2025, "kind": "petition_relief", "opening_balance_fen": 1_000}
    for short, data in (
        ("opened", {**opening, "rules": {"quorum": 3}}),
        ("budgeted", {"amount_fen": 5_000}),
        ("committed", {"amount_fen": 3_000, "grant": "G1"}),
        ("paid", {"amount_fen": 2_000, "grant": "G1", "payment": "ref:p1", "outside_commitment_fen": 0}),
        ("paid", {"amount_fen": 400, "grant": "G2", "payment": "ref:p2", "outside_commitment_fen": 400}),
        ("released", {"amount_fen": 1_000, "grant": "G1", "reason": "少付"}),
        ("returned", {"amount_fen": 500, "grant": "G1", "payment": "ref:p1"}),
        ("recovered", {"amount_fen": 100, "grant": "G2"}),
        ("budgeted", {"amount_fen": -200}),
    ):
        ledger.tell(f"fund.{short}", "2025-03-01", subject=FUND, data=data)
    return ledger


def test_each_line_shows_what_is_available_and_the_balance_after_it() -> None:
    rows = used_fund().rows("fund_log", FUND)
    assert [(row["entry"], row["available_fen"], row["balance_fen"]) for row in rows] == [
        ("opened", 1_000, 1_000),
        ("budgeted", 6_000, 6_000),
        ("committed", 3_000, 6_000),
        ("paid", 3_000, 4_000),
        ("paid", 2_600, 3_600),
        ("released", 3_600, 3_600),
        ("returned", 4_100, 4_100),
        ("recovered", 4_200, 4_200),
        ("budgeted", 4_000, 4_000),
    ]
    assert [row["sequence"] for row in rows] == list(range(1, 10))


def test_the_fund_has_one_row_with_its_rules_and_the_sums_of_its_log() -> None:
    ledger = used_fund()
    (fund,) = ledger.rows("fund_view", FUND)
    last = ledger.rows("fund_log", FUND)[-1]
    assert (fund["fund"], fund["ref"], fund["year"], fund["rules"]) == (FUND, "ref:F2025", 2025, {"quorum": 3})
    for column in ("available_fen", "balance_fen", "paid_fen", "committed_fen"):
        assert fund[column] == last[column]
    assert fund["entries"] == 9


def test_random_movements_add_up_like_the_written_formula() -> None:
    chance = random.Random(20250301)
    ledger = MemoryLedger()
    sums = dict.fromkeys(("budgeted", "committed", "released", "paid", "returned", "recovered", "outside"), 0)
    for _ in range(500):
        entry = chance.choice(("budgeted", "committed", "released", "paid", "returned", "recovered"))
        amount = chance.randint(1, 10**9)
        data = {"amount_fen": amount}
        if entry == "paid":
            data["outside_commitment_fen"] = outside = chance.choice((0, amount))
            sums["outside"] += outside
        sums[entry] += amount
        ledger.tell(f"fund.{entry}", "2025-03-01", subject=FUND, data=data)
    last = ledger.rows("fund_log", FUND)[-1]
    back = sums["returned"] + sums["recovered"]
    available = sums["budgeted"] - sums["committed"] + sums["released"] - sums["outside"] + back
    assert last["available_fen"] == available
    assert last["balance_fen"] == sums["budgeted"] - sums["paid"] + back
