"""The relief grant: application to recovery, each step refused where the record would contradict itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.examples import CASE, DOC, FUND, GRANT
from tests.support.given import World, given, ready_for, step

NUMBER = "JZ500229-2025-0001"
PAYMENT_VERBS = ["confirm_receipt", "excuse_receipt", "book_payment", "reconcile_bank", "return_payment"]


def test_an_application_gives_a_number_and_stores_numbers() -> None:
    outcome = ready_for("apply_for_grant").when("apply_for_grant")
    outcome.then_recorded(
        "grant.applied",
        ref=GRANT,
        fund="fund:ref:F2025",
        case="XF500229-2025-000001",
        instalment_of="JZ500229-2025-0001",
        amount_fen=2_500_00,
    )
    assert "grant" not in outcome.events[0]["data"]
    assert outcome.answer.subject == "JZ500229-2025-0002"
    assert outcome.events[0]["correlationid"] == "XF500229-2025-000001"


def test_a_fund_is_named_by_ref_or_subject() -> None:
    ready_for("apply_for_grant").when("apply_for_grant", fund="fund:ref:F2025").then_recorded(
        "grant.applied", fund="fund:ref:F2025"
    )


def test_a_grant_ref_is_used_once() -> None:
    ready_for("examine_grant").when("apply_for_grant", instalment_of=...).then_refused("ref_in_use", "grant")


@pytest.mark.parametrize(
    ("field", "value"), [("fund", "ref:none"), ("case", "ref:none"), ("instalment_of", "ref:none")]
)
def test_an_application_names_what_the_ledger_knows(field: str, value: str) -> None:
    ready_for("apply_for_grant").when("apply_for_grant", **{field: value}).then_refused("unknown_subject", field)


AMOUNT_VERBS = [
    "apply_for_grant", "approve_grant", "appropriate_grant", "pay_grant", "return_payment", "order_recovery",
    "receive_recovery", "release_commitment",
]  # fmt: skip


@pytest.mark.parametrize("verb", AMOUNT_VERBS)
@pytest.mark.parametrize("amount_fen", [0, -1])
def test_no_amount_is_zero_or_less(verb: str, amount_fen: int) -> None:
    ready_for(verb).when(verb, amount_fen=amount_fen).then_refused("bad_value", "amount_fen")


@pytest.mark.parametrize("verb", AMOUNT_VERBS)
def test_one_fen_is_an_amount(verb: str) -> None:
    assert ready_for(verb).when(verb, amount_fen=1).answer.accepted


@pytest.mark.parametrize("amount_fen", [2.5, "250000", True, 2**53])
def test_money_is_an_integer_of_fen(amount_fen: Any) -> None:
    code = {float: "float_not_allowed", str: "wrong_type", bool: "wrong_type", int: "number_range"}[type(amount_fen)]
    ready_for("apply_for_grant").when("apply_for_grant", amount_fen=amount_fen).then_refused(code, "amount_fen")


@pytest.mark.parametrize(
    ("at", "number"),
    [
        ("2024-12-31T23:59:59+08:00", "JZ500229-2024-0001"),
        ("2024-12-31T16:00:00Z", "JZ500229-2025-0001"),
        ("2025-12-31T15:59:59Z", "JZ500229-2025-0001"),
        ("2026-01-01T00:00:00+08:00", "JZ500229-2026-0001"),
    ],
)
def test_the_series_is_the_shanghai_year_of_the_act(at: str, number: str) -> None:
    world = ready_for("open_fund").given(step("receive_petition"), step("open_fund"))
    assert world.when("apply_for_grant", at=at, instalment_of=...).answer.subject == number


def test_a_grant_is_examined_once() -> None:
    world = ready_for("examine_grant")
    world.when("examine_grant").then_recorded("grant.examined", passed=True, opinion=DOC)
    world.when("examine_grant", by={"staff": "S-299", "unit": "XF", "role": "examiner"}).then_refused(
        "refused_by_state", subject=NUMBER
    )


def test_approval_commits_the_money_in_the_same_breath() -> None:
    outcome = ready_for("approve_grant").when("approve_grant")
    outcome.then_recorded("grant.approved", "fund.committed", amount_fen=2_500_00, exceptional=False)
    grant, fund = outcome.events
    assert fund["data"] == {"grant": NUMBER, "amount_fen": 2_500_00}
    assert (grant["subject"], fund["subject"]) == (NUMBER, "fund:ref:F2025")
    assert grant["correlationid"] == fund["correlationid"] == "XF500229-2025-000001"


@pytest.mark.parametrize("first", ["approve_grant", "reject_grant"])
@pytest.mark.parametrize("second", ["approve_grant", "reject_grant"])
def test_a_grant_is_decided_once(first: str, second: str) -> None:
    ready_for("approve_grant").given(step(first)).when(second).then_refused("refused_by_state", subject=NUMBER)


def test_a_payment_says_what_no_commitment_covers() -> None:
    outcome = ready_for("pay_grant").when("pay_grant", amount_fen=1_000_00)
    outcome.then_recorded("grant.paid", "fund.paid", payment="ref:G1-p1", amount_fen=1_000_00)
    assert outcome.events[1]["data"] == {
        "grant": NUMBER,
        "payment": "ref:G1-p1",
        "amount_fen": 1_000_00,
        "outside_commitment_fen": 0,
    }
    second = outcome.world.when("pay_grant", payment="ref:G1-p2", amount_fen=2_000_00, history=True)
    assert second.events[1]["data"]["outside_commitment_fen"] == 500_00


def test_a_payment_ref_is_used_once_in_the_ledger() -> None:
    world = ready_for("confirm_receipt")
    world.when("pay_grant", amount_fen=1).then_refused("ref_in_use", "payment")


def test_an_account_is_required_unless_cash() -> None:
    ready_for("pay_grant").when("pay_grant", account=...).then_refused("missing_field", "account")
    ready_for("pay_grant").when("pay_grant", account=..., method="subsidy_card").then_refused(
        "missing_field", "account"
    )
    ready_for("pay_grant").when("pay_grant", account=..., method="cash").then_recorded("grant.paid", "fund.paid")
    ready_for("pay_grant").when("pay_grant", account=..., history=True).then_recorded("grant.paid", "fund.paid")


def test_an_account_is_a_tag_and_never_a_number() -> None:
    ready_for("pay_grant").when("pay_grant", account="6222020200012345678").then_refused("bad_value", "account")
    ready_for("pay_grant").when("pay_grant", account=DOC).then_refused("bad_value", "account")


@pytest.mark.parametrize("verb", PAYMENT_VERBS)
def test_what_follows_a_payment_needs_one_of_this_grant(verb: str) -> None:
    ready_for("pay_grant").when(verb).then_refused("unknown_subject", "payment", NUMBER)
    assert ready_for(verb).when(verb).answer.accepted


def test_a_receipt_is_confirmed_once_per_payment() -> None:
    world = ready_for("pay_grant").given(
        step("pay_grant", amount_fen=1_000_00), step("pay_grant", amount_fen=1_000_00, payment="ref:G1-p2")
    )
    world.when("confirm_receipt").then_recorded("grant.receipt_confirmed", payment="ref:G1-p1")
    world.when("confirm_receipt").then_refused("refused_by_state", "payment")
    world.when("confirm_receipt", payment="ref:G1-p2").then_recorded("grant.receipt_confirmed")


def test_no_more_comes_back_than_was_paid() -> None:
    world = ready_for("return_payment")
    world.when("return_payment", amount_fen=2_500_01).then_refused("exceeds_known", "amount_fen", NUMBER)
    outcome = world.when("return_payment", amount_fen=2_499_99)
    outcome.then_recorded("grant.payment_returned", "fund.returned")
    assert outcome.events[1]["data"] == {"grant": NUMBER, "payment": "ref:G1-p1", "amount_fen": 2_499_99}
    world.when("return_payment", amount_fen=2).then_refused("exceeds_known", "amount_fen")
    world.when("return_payment", amount_fen=1).then_recorded("grant.payment_returned", "fund.returned")


def test_no_more_is_recovered_than_was_ordered() -> None:
    ready_for("order_recovery").when("receive_recovery").then_refused("exceeds_known", "amount_fen")
    world = ready_for("receive_recovery")
    world.when("receive_recovery", amount_fen=1_000_01).then_refused("exceeds_known", "amount_fen")
    outcome = world.when("receive_recovery")
    outcome.then_recorded("grant.recovery_received", "fund.recovered", bank_ref="B-3")
    assert outcome.events[1]["data"] == {"grant": NUMBER, "amount_fen": 1_000_00}
    world.when("receive_recovery", amount_fen=1).then_refused("exceeds_known")
    world.given(step("order_recovery", amount_fen=1)).when("receive_recovery", amount_fen=1).then_recorded(
        "grant.recovery_received", "fund.recovered"
    )


@pytest.mark.parametrize(
    "verb",
    [
        "examine_grant", "approve_grant", "reject_grant", "publish_grant_notice", "appropriate_grant", "pay_grant",
        "confirm_receipt", "excuse_receipt", "book_payment", "reconcile_bank", "return_payment", "order_recovery",
        "receive_recovery", "release_commitment",
    ],
)  # fmt: skip
def test_no_act_on_a_grant_comes_before_its_application(verb: str) -> None:
    world = given(step("receive_petition"), step("open_fund"))
    world.when(verb).then_refused("unknown_subject", "grant", FUND if verb == "release_commitment" else GRANT)


def test_the_events_of_a_refused_payment_leave_no_trace_on_the_fund() -> None:
    world = ready_for("pay_grant")
    size = world.memory.head()
    world.when("pay_grant", amount_fen=2_500_01).then_refused("guard_approval")
    assert world.memory.head() == size
    world.when("pay_grant").then_recorded("grant.paid", "fund.paid")


def test_an_application_on_an_unregistered_case_is_a_fact_for_the_checks() -> None:
    world = World().given(step("receive_petition"), step("open_fund"))
    world.when("apply_for_grant", instalment_of=..., case=CASE).then_recorded("grant.applied")
