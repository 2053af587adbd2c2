"""XF-FND-001, 004 and 006: separate hands, approval by the rules, money that adds up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, FUND, GRANT, History, at
from tests.support.money import Money

HANDS = "XF-FND-001"
APPROVAL = "XF-FND-004"
MONEY = "XF-FND-006"
END = "2025-12-31"


def clean() -> Money:
    money = Money()
    money.applied()
    money.examined()
    money.approved()
    money.paid()
    money.receipt()
    money.step("booked", "2025-03-13", "S-6", "bookkeeper", payment="ref:p1", voucher="V1")
    money.step("bank_reconciled", "2025-03-14", "S-5", payment="ref:p1", amount_fen=300_000, bank_ref="B1")
    return money


def test_a_grant_by_the_book_is_silent_in_all_three_checks() -> None:
    for check in (HANDS, APPROVAL, MONEY):
        assert clean().said(check) == []


@pytest.mark.parametrize("pair", [("S-1", "S-1"), ("S-9", "S-9")])
def test_one_person_in_two_duties_is_found(pair: tuple[str, str]) -> None:
    money = Money()
    money.applied(pair[0])
    money.examined(staff="S-2")
    money.approved(staff=pair[1])
    (finding,) = money.findings(HANDS, END)
    assert (finding.reason, finding.item, finding.certainty) == ("duties", pair[0], "certain")
    assert finding.facts["duties"] == ["application", "approval"]
    assert finding.related == (CASE, FUND)


def test_a_bookkeeper_who_also_paid_is_found_and_one_who_only_booked_is_not() -> None:
    for bookkeeper, expected in (("S-4", [("bookkeeper", "S-4", "hit")]), ("S-6", [])):
        money = Money()
        money.applied()
        money.paid()
        money.step("booked", "2025-03-13", bookkeeper, payment="ref:p1", voucher="V1")
        assert money.said(HANDS) == expected


def test_attending_the_meeting_is_no_duty() -> None:
    money = Money()
    money.applied("S-1")
    money.approved(staff="S-3", meeting={"held_on": "2025-03-06", "attendees": ["S-1", "S-2", "S-3"], "dissent": []})
    assert money.said(HANDS) == []


def test_the_applicant_unit_that_appropriates_is_found_as_probable() -> None:
    money = Money()
    money.applied()
    money.step("appropriated", "2025-03-08", "S-7", unit="MZJ", amount_fen=300_000, document=DOCUMENT)
    (finding,) = money.findings(HANDS, END)
    assert (finding.reason, finding.certainty) == ("units", "probable")
    other = Money()
    other.applied()
    other.step("appropriated", "2025-03-08", "S-7", unit="CZJ", amount_fen=300_000, document=DOCUMENT)
    assert other.said(HANDS) == []


def test_a_duty_done_by_nobody_known_cannot_be_told() -> None:
    money = Money()
    money.applied(None)
    money.examined()
    assert money.said(HANDS) == [("duties", "", "cannot_tell")]


def test_payment_before_approval_or_without_it_is_found() -> None:
    early = Money()
    early.applied()
    early.examined()
    early.paid("2025-03-06")
    early.approved("2025-03-07")
    assert early.said(APPROVAL) == [("a_unapproved", "ref:p1", "hit")]
    never = Money()
    never.applied()
    never.paid()
    (finding,) = never.findings(APPROVAL, END)
    assert (finding.reason, finding.open) == ("a_unapproved", True)


def test_on_one_day_the_hour_decides_only_where_it_is_known() -> None:
    for precision, expected in ((None, [("a_unapproved", "ref:p1", "hit")]), ("day", [])):
        money = Money()
        money.applied()
        money.examined()
        money.approved("2025-03-07T15:00")
        money.paid("2025-03-07T09:00", precision=precision)
        assert money.said(APPROVAL) == expected


def test_one_fen_more_than_approved_is_found_and_what_came_back_may_be_paid_again() -> None:
    for amount, expected in ((300_000, []), (300_001, [("b_more", "", "hit")])):
        money = Money()
        money.applied()
        money.examined()
        money.approved()
        money.paid(amount_fen=amount)
        assert money.said(APPROVAL) == expected
    again = clean()
    again.step("payment_returned", "2025-03-15", "S-5", payment="ref:p1", amount_fen=300_000, bank_ref="B2")
    again.paid("2025-03-20", payment="ref:p2")
    assert again.said(APPROVAL) == []


def test_an_approval_needs_a_passed_examination_before_it() -> None:
    failed = Money()
    failed.applied()
    failed.examined(passed=False)
    failed.approved()
    afterwards = Money()
    afterwards.applied()
    afterwards.approved("2025-03-07")
    afterwards.examined("2025-03-08")
    for money in (failed, afterwards):
        assert money.said(APPROVAL) == [("c_unexamined", "", "hit")]
    unknown = Money()
    unknown.applied()
    unknown.examined(passed=None)
    unknown.approved()
    assert unknown.said(APPROVAL) == [("c_unexamined", "", "cannot_tell")]


@pytest.mark.parametrize(
    ("amount", "role", "expected"),
    [
        (500_000, "head", []),
        (500_001, "head", [("d_role", "role", "hit")]),
        (500_001, "approver", []),
        (2_000_000, "approver", []),
        (2_000_001, "approver", [("d_role", "no_tier", "hit")]),
        (500_000, None, [("d_role", "", "cannot_tell")]),
    ],
)
def test_the_role_must_be_that_of_the_tier_of_the_amount(amount: int, role: str | None, expected: list[Any]) -> None:
    money = Money()
    money.applied()
    money.examined()
    money.approved(
        role=role,
        amount_fen=amount,
        meeting={"held_on": "2025-03-06", "attendees": ["S-1", "S-2", "S-3"], "dissent": []},
    )
    assert money.said(APPROVAL) == expected


def test_a_collective_tier_needs_a_meeting_and_every_meeting_its_quorum() -> None:
    without = Money()
    without.applied()
    without.examined()
    without.approved(role="approver", amount_fen=600_000)
    assert without.said(APPROVAL) == [("e_no_meeting", "", "hit")]
    for attendees, expected in ((["A", "B", "C"], []), (["A", "B", "B"], [("f_quorum", "", "hit")])):
        money = Money()
        money.applied()
        money.examined()
        money.approved(meeting={"held_on": "2025-03-06", "attendees": attendees, "dissent": []})
        assert money.said(APPROVAL) == expected


def test_imported_history_without_a_meeting_and_funds_without_rules_cannot_be_told() -> None:
    imported = Money()
    imported.applied()
    imported.examined()
    imported.approved(role="approver", amount_fen=600_000, imported="sha256:old")
    assert imported.said(APPROVAL) == [("e_no_meeting", "", "cannot_tell")]
    ruleless = Money()
    ruleless.applied(fund="fund:ref:other")
    ruleless.examined()
    ruleless.approved()
    assert ruleless.said(APPROVAL) == [("d_role", "", "cannot_tell")]


def test_the_fund_may_reach_zero_and_not_one_fen_less() -> None:
    for opening, hits in ((300_000, 0), (299_999, 1)):
        money = Money(opening)
        money.applied()
        money.paid()
        found = [one for one in money.findings(MONEY, "2025-03-20") if one.reason == "a_overspent"]
        assert len(found) == hits
        for finding in found:
            assert (finding.subject, finding.related, finding.facts["lowest_fen"]) == (FUND, (GRANT,), -1)
            assert finding.open is True


def test_the_moment_counts_by_time_even_when_money_came_later() -> None:
    money = Money(0)
    money.applied()
    money.paid("2025-03-10")
    money.add("fund.budgeted", "2025-03-11", subject=FUND, amount_fen=900_000, document=DOCUMENT)
    (finding,) = (one for one in money.findings(MONEY, "2025-03-20"))
    assert (finding.reason, finding.open, finding.facts["balance_fen"]) == ("a_overspent", False, 600_000)
    backdated = Money(0)
    backdated.applied()
    backdated.paid("2025-03-10")
    backdated.add("fund.budgeted", "2025-03-09", subject=FUND, amount_fen=900_000, document=DOCUMENT)
    assert backdated.said(MONEY, "2025-03-20") == []


def test_within_a_day_without_hours_credits_stand_before_debits() -> None:
    money = Money(0)
    money.applied()
    money.paid("2025-03-10T08:00")
    money.add("fund.budgeted", "2025-03-10T00:00", subject=FUND, precision="day", amount_fen=300_000, document=DOCUMENT)
    assert money.said(MONEY, "2025-03-20") == []


def test_returned_and_recovered_money_counts_again_and_a_cut_counts_against() -> None:
    money = Money(300_000)
    money.applied()
    money.paid("2025-03-10")
    money.add("fund.returned", "2025-03-12", subject=FUND, grant=GRANT, amount_fen=100_000)
    money.add("fund.recovered", "2025-03-13", subject=FUND, grant=GRANT, amount_fen=100_000)
    money.add("fund.budgeted", "2025-03-14", subject=FUND, amount_fen=-200_000, document=DOCUMENT)
    assert money.said(MONEY, "2025-03-20") == []
    money.add("fund.budgeted", "2025-03-15", subject=FUND, amount_fen=-1, document=DOCUMENT)
    assert money.said(MONEY, "2025-03-20") == [("a_overspent", "", "hit")]


def test_a_receipt_is_due_in_calendar_days_that_are_not_rolled() -> None:
    for day, expected in (("2025-01-30", []), ("2025-01-31", [("b_no_receipt", "ref:p1", "hit")])):
        money = Money()
        money.applied()
        money.paid("2025-01-15")
        money.receipt(day)
        assert money.said(MONEY) == expected


def test_a_missing_receipt_is_open_the_day_after_unless_excused_returned_or_without_a_rule() -> None:
    money = Money()
    money.applied()
    money.paid("2025-03-10")
    assert money.said(MONEY, "2025-03-25") == []
    (finding,) = money.findings(MONEY, "2025-03-26")
    assert (finding.reason, finding.open, finding.severity) == ("b_no_receipt", True, "medium")
    excused = Money()
    excused.applied()
    excused.paid("2025-03-10")
    excused.step("receipt_excused", "2025-03-20", "S-5", payment="ref:p1", ground="blind", approved_by="S-9")
    returned = Money()
    returned.applied()
    returned.paid("2025-03-10")
    returned.step("payment_returned", "2025-03-20", "S-5", payment="ref:p1", amount_fen=300_000, bank_ref="B")
    no_rule = Money(rules={"tiers": [], "rule_source": "test"})
    no_rule.applied()
    no_rule.paid("2025-03-10")
    for silent in (excused, returned, no_rule):
        assert silent.said(MONEY) == []


def test_receipt_and_bank_must_say_the_very_amount_that_was_paid() -> None:
    money = Money()
    money.applied()
    money.paid()
    money.receipt(amount_fen=299_999)
    money.step("bank_reconciled", "2025-03-14", "S-5", payment="ref:p1", amount_fen=300_001, bank_ref="B1")
    assert money.said(MONEY) == [("c_amount", "ref:p1/bank", "hit"), ("c_amount", "ref:p1/receipt", "hit")]


def test_unknown_rules_or_an_unknown_opening_balance_cannot_be_told() -> None:
    money = History()
    money.add("fund.paid", "2025-03-10", subject=FUND, grant=GRANT, payment="ref:p1", amount_fen=1)
    money.add("grant.paid", "2025-03-10", subject=GRANT, payment="ref:p1", amount_fen=1)
    found = money.findings(MONEY, END)
    assert [(one.reason, one.result) for one in found] == [
        ("b_no_receipt", "cannot_tell"),
        ("a_overspent", "cannot_tell"),
    ]


def test_a_corrected_payment_day_is_computed_both_ways() -> None:
    money = Money()
    money.applied()
    money.examined()
    money.approved("2025-03-07")
    paid = money.paid("2025-03-06")
    money.corrected(paid, "/time", at("2025-03-06"), at("2025-03-08"), "2025-03-20", GRANT)
    money.receipt("2025-03-12")
    (finding,) = money.findings(APPROVAL, END)
    assert (finding.reason, finding.certainty) == ("a_unapproved", "suspect")
