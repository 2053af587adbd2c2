"""Every fen of the year's fund, judged from the file alone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from domain.calendar import day_of

DECIDING = {"apply_for_grant", "examine_grant", "approve_grant", "reject_grant", "pay_grant"}


def rules(year: Any) -> dict[str, Any]:
    (opened,) = year.named("open_fund")
    stated: dict[str, Any] = opened["rules"]
    return stated


def one(actions: list[dict[str, Any]], name: str) -> dict[str, Any]:
    (found,) = [entry for entry in actions if entry["action"] == name]
    return found


def paid(year: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = year.named("pay_grant")
    return found


def test_the_account_never_falls_below_zero_at_any_moment(year: Any) -> None:
    balance = 0
    signs = {"open_fund": 1, "budget_fund": 1, "pay_grant": -1, "return_payment": 1, "receive_recovery": 1}
    for action in year.named(*signs):
        key = "opening_balance_fen" if action["action"] == "open_fund" else "amount_fen"
        balance += signs[action["action"]] * action[key]
        assert balance >= 0, action
    assert balance > 0


def test_commitments_never_exceed_what_is_available(year: Any) -> None:
    available = 0
    signs = {"open_fund": 1, "budget_fund": 1, "approve_grant": -1, "release_commitment": 1, "receive_recovery": 1}
    for action in year.named(*signs):
        key = "opening_balance_fen" if action["action"] == "open_fund" else "amount_fen"
        available += signs[action["action"]] * action[key]
        assert available >= 0, action


def test_the_steps_of_a_grant_follow_each_other(year: Any) -> None:
    order = (
        "apply_for_grant",
        "examine_grant",
        "approve_grant",
        "publish_grant_notice",
        "appropriate_grant",
        "pay_grant",
    )
    for actions in year.grants.values():
        steps = [entry["action"] for entry in actions if entry["action"] in order]
        firsts = list(dict.fromkeys(steps))
        assert firsts == list(order[: len(firsts)])
        if "approve_grant" in steps:
            assert one(actions, "examine_grant")["passed"] is True


def test_nobody_holds_two_of_the_duties_of_one_grant(year: Any) -> None:
    for actions in year.grants.values():
        holders = [(entry["by"]["staff"], entry["action"]) for entry in actions if entry["action"] in DECIDING]
        bookers = {entry["by"]["staff"] for entry in actions if entry["action"] == "book_payment"}
        duties = dict(holders)
        assert all(duties[staff] == name for staff, name in holders)
        assert not bookers & set(duties)
        for entry in actions:
            if entry["action"] == "appropriate_grant":
                assert entry["by"]["unit"] != actions[0]["applicant_unit"]


def test_every_approval_has_the_role_the_meeting_and_the_quorum_of_its_tier(year: Any) -> None:
    collective = 0
    for approval in year.named("approve_grant"):
        tier = next(tier for tier in rules(year)["tiers"] if approval["amount_fen"] <= tier["up_to_fen"])
        assert approval["by"]["role"] == tier["approver_role"]
        assert ("meeting" in approval) == tier["collective"]
        if tier["collective"]:
            collective += 1
            assert len(set(approval["meeting"]["attendees"])) >= rules(year)["quorum"]
    assert collective >= 1


def test_nothing_is_paid_beyond_the_approval_or_the_cap(year: Any) -> None:
    for ref, actions in year.grants.items():
        approved = sum(entry["amount_fen"] for entry in actions if entry["action"] == "approve_grant")
        out = 0
        for entry in actions:
            if entry["action"] == "pay_grant":
                out += entry["amount_fen"]
            elif entry["action"] == "return_payment":
                out -= entry["amount_fen"]
            assert out <= approved, ref
    by_case: Counter[str] = Counter()
    for entry in year.named("pay_grant", "return_payment"):
        sign = 1 if entry["action"] == "pay_grant" else -1
        by_case[year.grants[entry["grant"]][0]["case"]] += sign * entry["amount_fen"]
    assert max(by_case.values()) <= rules(year)["cap_fen"]


def test_every_payment_waits_for_the_public_notice(year: Any) -> None:
    for payment in paid(year):
        notice = one(year.grants[payment["grant"]], "publish_grant_notice")
        first = day_of(f"{notice['from_on']}T00:00:00+08:00")
        end = max(notice["until_on"], (first + timedelta(days=rules(year)["notice_days"] - 1)).isoformat())
        assert day_of(payment["at"]).isoformat() > end


def test_every_payment_has_its_receipt_in_time_or_a_written_excuse(year: Any) -> None:
    excused = {entry["payment"] for entry in year.named("excuse_receipt")}
    returned = {entry["payment"] for entry in year.named("return_payment")}
    assert excused == returned
    assert len(excused) == 1
    receipts = {entry["payment"]: entry for entry in year.named("confirm_receipt")}
    for payment in paid(year):
        if payment["payment"] in excused:
            continue
        receipt = receipts[payment["payment"]]
        limit = day_of(payment["at"]) + timedelta(days=rules(year)["receipt_within_days"])
        assert day_of(receipt["at"]) <= limit
        assert receipt["amount_fen"] == payment["amount_fen"]


def test_bank_and_books_agree_with_every_payment(year: Any) -> None:
    amounts = {entry["payment"]: entry["amount_fen"] for entry in paid(year)}
    statements = year.named("reconcile_bank")
    assert all(entry["amount_fen"] == amounts[entry["payment"]] for entry in statements)
    transferred = {entry["payment"] for entry in paid(year) if entry["method"] != "cash"}
    returned = {entry["payment"] for entry in year.named("return_payment")}
    assert {entry["payment"] for entry in statements} == transferred - returned
    assert {entry["payment"] for entry in year.named("book_payment")} == set(amounts)


def test_the_payee_is_the_beneficiary_or_somebody_with_authority_and_cash_has_its_exception(year: Any) -> None:
    foreign = 0
    for payment in paid(year):
        beneficiary = year.grants[payment["grant"]][0]["beneficiary_ref"]
        if payment["payee_ref"] != beneficiary:
            foreign += 1
            assert payment["payee_authority"].startswith("hmac:")
        if payment["method"] == "cash":
            assert payment["cash_exception"]["approved_by"] != payment["by"]["staff"]
        else:
            assert payment["account"].startswith("hmac:")
    assert foreign == 1
    assert sum(payment["method"] == "cash" for payment in paid(year)) == 1


def test_one_account_belongs_to_one_beneficiary(year: Any) -> None:
    owners: dict[str, str] = {}
    for payment in paid(year):
        if "account" in payment:
            tag = year.grants[payment["grant"]][0]["beneficiary_tag"]
            assert owners.setdefault(payment["account"], tag) == tag


def test_a_second_grant_for_one_matter_is_an_instalment_and_stays_below_the_first_tier(year: Any) -> None:
    by_case: dict[str, list[dict[str, Any]]] = {}
    for application in year.named("apply_for_grant"):
        by_case.setdefault(application["case"], []).append(application)
    pairs = [entries for entries in by_case.values() if len(entries) > 1]
    assert len(pairs) == 1
    first, second = pairs[0]
    assert second["instalment_of"] == first["grant"]
    assert first["beneficiary_ref"] == second["beneficiary_ref"]
    assert first["amount_fen"] + second["amount_fen"] <= rules(year)["tiers"][0]["up_to_fen"]


def test_applications_carry_every_attachment_and_stand_on_registered_claims_of_route_six(year: Any) -> None:
    for application in year.named("apply_for_grant"):
        assert set(application["attachments"]) == set(rules(year)["attachments"])
        assert year.route(application["case"]) == ("claim", 6)
        assert application["applicant_unit"] == year.competent(application["case"])


def test_what_was_ordered_back_came_back_in_full_before_its_day(year: Any) -> None:
    (ordered,) = year.named("order_recovery")
    received = year.named("receive_recovery")
    assert sum(entry["amount_fen"] for entry in received) == ordered["amount_fen"]
    assert max(day_of(entry["at"]) for entry in received).isoformat() < ordered["due_on"]


def test_amounts_do_not_crowd_under_the_tiers_nor_in_december(year: Any) -> None:
    limits = [tier["up_to_fen"] for tier in rules(year)["tiers"]]
    near = [entry for entry in paid(year) if any(95 * up <= 100 * entry["amount_fen"] <= 100 * up for up in limits)]
    december = sum(entry["amount_fen"] for entry in paid(year) if entry["at"][:7] == "2025-12")
    assert 100 * len(near) < 30 * len(paid(year))
    assert 100 * december < 40 * sum(entry["amount_fen"] for entry in paid(year))
