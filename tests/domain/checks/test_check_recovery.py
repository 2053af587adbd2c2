"""XF-FND-009: money that was ordered back comes back in full and in time."""

from __future__ import annotations

import pytest

from tests.support.history import FUND
from tests.support.money import Money

CHECK = "XF-FND-009"


def ordered(due_on: str | None = "2025-06-01") -> Money:
    money = Money()
    money.applied()
    money.step("recovery_ordered", "2025-04-01", "S-9", amount_fen=300_000, reason="paid twice", due_on=due_on)
    return money


def back(money: Money, day: str, fen: int) -> Money:
    money.step("recovery_received", day, "S-5", amount_fen=fen, bank_ref="B")
    return money


@pytest.mark.parametrize(("day", "hits"), [("2025-06-01", 0), ("2025-06-02", 1)])
def test_the_set_day_counts_as_it_stands_even_on_a_holiday(day: str, hits: int) -> None:
    assert len(back(ordered(), day, 300_000).said(CHECK)) == hits


def test_one_fen_short_is_open_and_instalments_add_up() -> None:
    (finding,) = back(ordered(), "2025-05-01", 299_999).findings(CHECK, "2025-06-02")
    assert (finding.open, finding.certainty, finding.facts["received_by_then_fen"]) == (True, "probable", 299_999)
    assert FUND in finding.related
    assert back(back(ordered(), "2025-05-01", 299_999), "2025-05-02", 1).said(CHECK) == []


def test_without_a_set_day_ninety_days_count_and_they_are_a_parameter() -> None:
    assert ordered(None).said(CHECK, "2025-06-30") == []
    assert ordered(None).said(CHECK, "2025-07-01") == [("not_recovered", "1", "hit")]
    assert ordered(None).findings(CHECK, "2025-07-01", parameters={CHECK: {"days": 91}}) == []


def test_of_two_orders_the_first_money_serves_the_first() -> None:
    money = back(ordered(), "2025-05-01", 300_000)
    money.step("recovery_ordered", "2025-05-02", "S-9", amount_fen=100, reason="fee", due_on="2025-06-10")
    assert money.said(CHECK) == [("not_recovered", "2", "hit")]
    assert back(money, "2025-06-10", 100).said(CHECK) == []


def test_nothing_ordered_nothing_owed() -> None:
    money = Money()
    money.applied()
    assert money.said(CHECK) == []
