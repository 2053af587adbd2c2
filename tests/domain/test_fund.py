"""The relief fund: what is available and what is in the account, after every movement."""

from __future__ import annotations

from typing import Any

import pytest

from domain.fund import Fund
from tests.support.examples import FUND, RULES
from tests.support.given import World, given, ready_for, step


def fund_of(world: World) -> Fund:
    """The fund's state, replayed from the bytes."""
    from domain.desk import load

    state = load(world.memory, "fund:ref:F2025")
    assert isinstance(state, Fund)
    return state


def test_a_fund_is_opened_once_under_the_subject_fund_and_its_ref() -> None:
    outcome = World().when("open_fund")
    outcome.then_recorded("fund.opened", ref=FUND, opening_balance_fen=100_000_00, year=2025)
    assert outcome.answer.subject == "fund:ref:F2025"
    assert outcome.answer.ref == FUND
    assert "fund" not in outcome.events[0]["data"]
    outcome.world.when("open_fund").then_refused("ref_in_use", "fund")


def tiers(*limits: int) -> dict[str, Any]:
    return RULES | {"tiers": [{"up_to_fen": fen, "approver_role": "head", "collective": True} for fen in limits]}


@pytest.mark.parametrize(("limits", "accepted"), [((1, 2, 3), True), ((2, 1), False), ((1, 1), False), ((), True)])
def test_tiers_ascend(limits: tuple[int, ...], accepted: bool) -> None:
    outcome = World().when("open_fund", rules=tiers(*limits))
    if accepted:
        outcome.then_recorded("fund.opened")
    else:
        outcome.then_refused("bad_value", "rules.tiers", FUND)


def test_every_rule_but_tiers_and_source_may_be_absent() -> None:
    least = {"tiers": [], "rule_source": "x"}
    World().when("open_fund", rules=least).then_recorded("fund.opened", rules=least)
    World().when("open_fund", rules={"tiers": []}).then_refused("missing_field", "rules.rule_source")
    World().when("open_fund", rules={"rule_source": "x"}).then_refused("missing_field", "rules.tiers")
    World().when("open_fund", rules={**least, "limit": 1}).then_refused("unknown_field", "rules.limit")
    World().when("open_fund", rules=tiers(1) | {"tiers": [{"up_to_fen": "1"}]}).then_refused(
        "wrong_type", "rules.tiers.0.up_to_fen"
    )


def test_a_budget_may_be_cut() -> None:
    world = given(step("open_fund"))
    world.when("budget_fund", fund="ref:none").then_refused("unknown_subject", "fund")
    world.when("budget_fund").then_recorded("fund.budgeted", amount_fen=-5_000_00)
    assert fund_of(world).available_fen == 95_000_00
    assert "correlationid" not in world.events[-1]


def test_available_follows_the_formula_of_the_contract() -> None:
    """Opening + budgeted − committed + released − paid outside a commitment + returned + recovered."""
    world = ready_for("approve_grant").given(step("budget_fund", amount_fen=1_000_00))
    moves: list[tuple[tuple[str, dict[str, Any]], int, int]] = [
        (step("approve_grant", amount_fen=2_000_00), 99_000_00, 101_000_00),
        (step("pay_grant", amount_fen=1_500_00), 99_000_00, 99_500_00),
        (step("release_commitment", amount_fen=100_00), 99_100_00, 99_500_00),
        (step("pay_grant", amount_fen=500_00, payment="ref:G1-p2"), 99_000_00, 99_000_00),
        (step("return_payment", amount_fen=500_00), 99_500_00, 99_500_00),
        (step("order_recovery", amount_fen=700_00), 99_500_00, 99_500_00),
        (step("receive_recovery", amount_fen=700_00), 100_200_00, 100_200_00),
    ]
    for move, available_fen, balance_fen in moves:
        world.given(move)
        fund = fund_of(world)
        assert (fund.available_fen, fund.balance_fen) == (available_fen, balance_fen), move
    assert fund_of(world).committed_unpaid_fen("JZ500229-2025-0001") == 0


def test_no_more_is_released_than_is_committed_and_unpaid() -> None:
    world = ready_for("pay_grant")
    world.when("release_commitment", amount_fen=2_500_01).then_refused(
        "exceeds_known", "amount_fen", "JZ500229-2025-0001"
    )
    world.given(step("pay_grant", amount_fen=1_000_00))
    world.when("release_commitment", amount_fen=1_500_01).then_refused("exceeds_known", "amount_fen")
    world.when("release_commitment", amount_fen=1_500_00).then_recorded("fund.released")
    world.when("release_commitment", amount_fen=1).then_refused("exceeds_known", "amount_fen")


def test_a_release_names_its_grant_and_belongs_to_the_grants_case() -> None:
    outcome = ready_for("release_commitment").when("release_commitment", fund=...)
    outcome.then_payloads({"grant": "JZ500229-2025-0001", "amount_fen": 1_000_00, "reason": "not needed"})
    assert outcome.events[0]["subject"] == "fund:ref:F2025"
    assert outcome.events[0]["correlationid"] == "XF500229-2025-000001"


def test_a_release_from_another_fund_is_refused() -> None:
    world = ready_for("release_commitment").given(step("open_fund", fund="ref:F2026"))
    world.when("release_commitment", fund="ref:F2026").then_refused("refused_by_state", "fund")
    world.when("release_commitment", fund="ref:none").then_refused("unknown_subject", "fund")


def test_every_movement_of_a_grant_on_its_fund_names_grant_amount_and_payment() -> None:
    world = ready_for("receive_recovery").given(
        step("return_payment"), step("receive_recovery"), step("apply_for_grant", grant="ref:G2", instalment_of=GRANT1),
        step("approve_grant", grant="ref:G2"), step("release_commitment", grant="ref:G2"),
    )  # fmt: skip
    movements = [
        event for event in world.events if event["type"].startswith("petition.fund.") and "grant" in event["data"]
    ]
    names = [event["type"].split(".")[2] for event in movements]
    assert names == ["committed", "paid", "returned", "recovered", "committed", "released"]
    for event, name in zip(movements, names, strict=True):
        assert set(event["data"]) - {"reason"} == {"grant", "amount_fen"} | (
            {"payment"} if name in ("paid", "returned") else set()
        ) | ({"outside_commitment_fen"} if name == "paid" else set())
        assert event["correlationid"] == "XF500229-2025-000001"


GRANT1 = "ref:G1"


def test_a_budget_changes_by_an_amount() -> None:
    ready_for("budget_fund").when("budget_fund", amount_fen=0).then_refused("bad_value", "amount_fen")
