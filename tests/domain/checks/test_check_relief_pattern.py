"""XF-FND-002, 003, 007 and 008: relief twice, above the cap, in slices, in patterns, or without its case."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, FUND
from tests.support.money import RULES, Money

TWICE, CAP, PATTERN, SCOPE = "XF-FND-002", "XF-FND-003", "XF-FND-007", "XF-FND-008"
END = "2025-12-31"
SECOND_CASE = "XF500229-2025-000002"
Said = list[tuple[str, str, str]]


def number(grant: int) -> str:
    return f"JZ500229-2025-{grant:04d}"


def relief(
    money: Money,
    grant: int,
    fen: int = 300_000,
    approved: str | None = "2025-03-07",
    paid: str | None = "2025-03-10",
    *,
    approval: dict[str, Any] | None = None,
    payment: dict[str, Any] | None = None,
    imported: str | None = None,
    **applied: Any,
) -> Money:
    """One grant from application to payment; None leaves a step out."""
    subject = number(grant)
    told = {"fund": FUND, "case": CASE, "beneficiary_ref": "b1", "amount_fen": fen, "scope": "hardship", **applied}
    money.add("grant.applied", "2025-03-03", subject=subject, imported=imported, **told)
    if approved is not None:
        money.add("grant.approved", approved, subject=subject, imported=imported, amount_fen=fen, **(approval or {}))
    if paid is not None:
        account = {"account": f"hmac:{grant:064d}", **(payment or {})}
        money.add(
            "grant.paid", paid, subject=subject, imported=imported, payment=f"ref:p{grant}", amount_fen=fen, **account
        )
    return money


def said(money: Money, check: str) -> Said:
    return [(one.subject, one.reason, one.result) for one in money.findings(check, END)]


def both(reason: str, result: str = "hit") -> Said:
    return [(number(1), reason, result), (number(2), reason, result)]


def test_two_standing_grants_of_one_beneficiary_in_one_matter_are_certain_for_each() -> None:
    found = relief(relief(Money(), 1), 2, paid=None).findings(TWICE, END)
    assert [(one.subject, one.reason, one.certainty) for one in found] == [
        (number(1), "a_twice", "certain"), (number(2), "a_twice", "certain"),
    ]  # fmt: skip
    assert found[0].related == (number(2), CASE)


@pytest.mark.parametrize(
    "second",
    [
        {"beneficiary_ref": "b2"},
        {"instalment_of": number(1)},
        {"approved": None, "paid": None},
        {"case": SECOND_CASE, "beneficiary_ref": "b9"},
    ],
)
def test_another_person_an_instalment_an_undecided_grant_or_another_matter_is_no_second_relief(
    second: dict[str, Any],
) -> None:
    assert said(relief(relief(Money(), 1), 2, **second), TWICE) == []


def test_two_instalments_of_the_same_third_grant_are_one_relief() -> None:
    money = relief(relief(relief(Money(), 1), 2, instalment_of=number(1)), 3, instalment_of=number(1))
    assert said(money, TWICE) == []


@pytest.mark.parametrize(("back", "hits"), [(300_000, 0), (299_999, 2)])
def test_money_that_came_back_in_full_no_longer_stands_and_one_fen_short_it_does(back: int, hits: int) -> None:
    money = relief(relief(Money(), 1), 2)
    money.add("grant.payment_returned", "2025-03-20", subject=number(1), payment="ref:p1", amount_fen=back)
    assert len(said(money, TWICE)) == hits


def joined_cases() -> Money:
    money = Money()
    for subject in (CASE, SECOND_CASE):
        money.received("2025-03-01", subject=subject)
    money.add("case.registered", "2025-03-02", subject=SECOND_CASE, content_class="c", repeat_of=CASE)
    return money


def test_across_cases_of_a_matter_the_tag_tells_who_it_is_and_without_it_nobody_can() -> None:
    tags = {"beneficiary_tag": "hmac:" + "1" * 64}
    money = relief(relief(joined_cases(), 1, **tags), 2, case=SECOND_CASE, beneficiary_ref="b9", **tags)
    assert said(money, TWICE) == both("a_twice")
    other = {"beneficiary_tag": "hmac:" + "2" * 64}
    money = relief(relief(joined_cases(), 1, **tags), 2, case=SECOND_CASE, beneficiary_ref="b9", **other)
    assert said(money, TWICE) == []
    money = relief(relief(joined_cases(), 1), 2, case=SECOND_CASE, beneficiary_ref="b9")
    assert said(money, TWICE) == both("a_twice", "cannot_tell")
    money = relief(relief(Money(), 1, beneficiary_ref=None, imported="f"), 2)
    assert said(money, TWICE) == both("a_twice", "cannot_tell")


def test_one_account_for_two_beneficiaries_is_a_suspicion_unless_authorised() -> None:
    shared: dict[str, Any] = {"payment": {"account": "hmac:a"}}
    money = relief(relief(Money(), 1, **shared), 2, beneficiary_ref="b2", **shared)
    found = money.findings(TWICE, END)
    assert [(one.reason, one.certainty) for one in found] == [("b_account", "suspect")] * 2
    authorised: dict[str, Any] = {"payment": {"account": "hmac:a", "payee_authority": DOCUMENT}}
    assert said(relief(relief(Money(), 1, **shared), 2, beneficiary_ref="b2", **authorised), TWICE) == []
    own = relief(relief(Money(), 1, **shared), 2, instalment_of=number(1), **shared)
    assert said(own, TWICE) == []


def test_an_account_shared_by_pseudonyms_of_two_cases_or_in_imported_history_cannot_be_told() -> None:
    shared: dict[str, Any] = {"payment": {"account": "hmac:a"}}
    two = relief(relief(Money(), 1, **shared), 2, case=SECOND_CASE, beneficiary_ref="b9", **shared)
    assert said(two, TWICE) == both("b_account", "cannot_tell")
    old = relief(relief(Money(), 1, imported="f", **shared), 2, beneficiary_ref="b2", imported="f", **shared)
    assert said(old, TWICE) == both("b_account", "cannot_tell")


def capped(cap_fen: int = 500_000, basis: str | None = "case", hard: bool = True) -> Money:
    rules = {**RULES, "tiers": [], "cap_fen": cap_fen, "cap_hard": hard}
    if basis is not None:
        rules["cap_basis"] = basis
    return Money(rules=rules)


def test_payments_at_the_cap_are_within_and_one_fen_more_is_above() -> None:
    assert said(relief(capped(), 1, 500_000), CAP) == []
    (finding,) = relief(capped(), 1, 500_001).findings(CAP, END)
    assert (finding.reason, finding.certainty, finding.facts["paid_fen"]) == ("a_above_cap", "certain", 500_001)
    (soft,) = relief(capped(hard=False), 1, 500_001).findings(CAP, END)
    assert soft.certainty == "probable"


def test_an_exceptional_approval_may_go_above_and_what_the_old_system_never_held_cannot_be_told() -> None:
    assert said(relief(capped(), 1, 500_001, approval={"exceptional": True}), CAP) == []
    assert said(relief(capped(), 1, 500_001, imported="f"), CAP) == [(number(1), "a_above_cap", "cannot_tell")]


@pytest.mark.parametrize(
    ("basis", "second", "hits"),
    [
        ("case", {}, 2),
        ("case", {"case": SECOND_CASE}, 0),
        ("matter", {"case": SECOND_CASE}, 2),
        ("beneficiary", {"case": SECOND_CASE}, 2),
        ("beneficiary", {"beneficiary_ref": "b2"}, 0),
    ],
)
def test_the_sum_runs_by_the_basis_of_the_fund(basis: str, second: dict[str, Any], hits: int) -> None:
    money = capped(600_000, basis)
    for subject in (CASE, SECOND_CASE):
        money.received("2025-03-01", subject=subject)
    money.add("case.registered", "2025-03-02", subject=SECOND_CASE, content_class="c", repeat_of=CASE)
    money = relief(relief(money, 1, 300_001), 2, 300_000, "2025-09-05", "2025-09-08", **second)
    assert [one for one in said(money, CAP) if one[1] == "a_above_cap"] == both("a_above_cap")[:hits]


def test_money_that_came_back_first_makes_room() -> None:
    for day, hits in (("2025-03-20", 0), ("2025-09-09", 2)):
        money = relief(capped(), 1, 300_000)
        money.add("grant.payment_returned", day, subject=number(1), payment="ref:p1", amount_fen=300_000)
        money = relief(money, 2, 300_000, "2025-09-05", "2025-09-08")
        assert [one for one in said(money, CAP) if one[1] == "a_above_cap"] == both("a_above_cap")[:hits]


def test_a_fund_without_a_cap_has_none_and_one_without_rules_cannot_be_told() -> None:
    assert said(relief(Money(rules={"tiers": []}), 1, 90_000_000), CAP) == []
    assert said(relief(Money(), 1, fund="fund:ref:UNKNOWN"), CAP) == [(number(1), "a_above_cap", "cannot_tell")]


@pytest.mark.parametrize(
    ("first", "second", "day", "hits"),
    [
        (300_000, 200_001, "2025-06-05", 2),
        (300_000, 200_000, "2025-06-05", 0),
        (300_000, 200_001, "2025-06-06", 0),
        (500_001, 400_000, "2025-06-05", 0),
        (1_500_000, 600_000, "2025-06-05", 2),
        (500_000, 500_000, "2025-03-07", 2),
    ],
)
def test_two_grants_within_ninety_days_that_cross_a_tier_together_are_slices(
    first: int, second: int, day: str, hits: int
) -> None:
    """Tiers end at 5,000 and 20,000 yuan; March 7 plus 90 days is June 5."""
    money = relief(relief(Money(), 1, first, paid=None), 2, second, day, None)
    assert said(money, CAP) == both("b_sliced")[:hits]


def test_slices_of_two_people_are_none_and_of_an_unknown_one_cannot_be_told() -> None:
    assert said(relief(relief(Money(), 1), 2, beneficiary_ref="b2"), CAP) == []
    unknown = relief(relief(Money(), 1), 2, beneficiary_ref=None, imported="f")
    assert said(unknown, CAP) == both("b_sliced", "cannot_tell")


def test_three_slices_need_not_lie_within_ninety_days_of_the_first() -> None:
    money = relief(relief(Money(), 1, 300_000, "2025-01-07", None), 2, 300_000, "2025-05-07", None)
    assert said(relief(money, 3, 300_000, "2025-08-05", None), CAP) == [
        (number(2), "b_sliced", "hit"), (number(3), "b_sliced", "hit"),
    ]  # fmt: skip


def pattern(near: int, others: int, december: int = 0, rules: dict[str, Any] | None = None) -> Money:
    """Payments at 95 % of the first tier, of 1,000 yuan, and of 1,000 yuan in December."""
    money = Money(rules=rules or RULES)
    amounts = [475_000] * near + [100_000] * (others + december)
    for index, fen in enumerate(amounts):
        month = 12 if index >= near + others else 3
        money.add(
            "fund.paid",
            f"2025-{month:02d}-10",
            subject=FUND,
            grant=number(index + 1),
            payment=f"ref:p{index}",
            amount_fen=fen,
        )
    return money


@pytest.mark.parametrize(("near", "others", "hits"), [(3, 7, 1), (3, 8, 0), (9, 0, 0), (10, 0, 1)])
def test_thirty_percent_of_ten_payments_near_a_limit_is_a_pattern(near: int, others: int, hits: int) -> None:
    found = pattern(near, others).findings(PATTERN, END)
    assert [(one.subject, one.reason, one.certainty) for one in found] == [(FUND, "a_near_limit", "suspect")] * hits


@pytest.mark.parametrize(("fen", "hits"), [(474_999, 0), (475_000, 1), (500_000, 1), (500_001, 0)])
def test_near_means_from_ninety_five_percent_to_the_limit_itself(fen: int, hits: int) -> None:
    money = Money()
    for index in range(10):
        money.add("fund.paid", "2025-03-10", subject=FUND, grant=number(index), payment=f"ref:p{index}", amount_fen=fen)
    assert len(said(money, PATTERN)) == hits


@pytest.mark.parametrize(("others", "december", "hits"), [(6, 4, 1), (61, 39, 0), (5, 4, 0)])
def test_forty_percent_of_the_years_money_in_december_is_a_pattern(others: int, december: int, hits: int) -> None:
    assert said(pattern(0, others, december), PATTERN) == [(FUND, "b_december", "hit")] * hits


def test_fixed_amounts_are_no_pattern_and_unknown_rules_cannot_be_told() -> None:
    assert said(pattern(10, 0, rules={**RULES, "fixed_amount": True}), PATTERN) == []
    money = Money()
    for index in range(10):
        money.add("fund.paid", "2025-03-10", subject="fund:ref:X", grant=number(index), amount_fen=1)
    assert said(money, PATTERN) == [("fund:ref:X", "a_near_limit", "cannot_tell")]


def case(route: int | None = None, registered: bool = True) -> Money:
    money = Money()
    money.received("2025-02-20")
    if registered:
        money.add("case.registered", "2025-02-21", content_class="c")
    if route is not None:
        money.claim("2025-02-22", route)
    return money


def test_relief_for_a_case_that_was_never_registered_is_a_suspicion() -> None:
    found = relief(case(registered=False), 1).findings(SCOPE, END)
    assert [(one.subject, one.reason, one.certainty, one.related) for one in found] == [
        (number(1), "a_unregistered", "suspect", (CASE, FUND))
    ]
    assert said(relief(case(), 1), SCOPE) == []


@pytest.mark.parametrize(
    ("route", "scope", "expected"),
    [
        (1, "historic", "hit"),
        (5, "other", "hit"),
        (5, "hardship", None),
        (6, "historic", None),
        (None, "historic", None),
        (1, None, "cannot_tell"),
    ],
)
def test_an_open_statutory_route_leaves_only_hardship(
    route: int | None, scope: str | None, expected: str | None
) -> None:
    wanted = [(number(1), "b_open_route", expected)] if expected else []
    assert said(relief(case(route), 1, scope=scope), SCOPE) == wanted


def test_a_case_that_was_answered_before_is_no_open_route_and_one_handed_over_is() -> None:
    for ground, hits in (("answered_directly", 0), ("handed_to_procedure", 1)):
        money = case(5)
        money.add("case.closed", "2025-03-01", ground=ground)
        assert len(said(relief(money, 1, scope="historic"), SCOPE)) == hits


def test_rejected_failed_and_judicial_relief_is_not_judged_and_an_unknown_kind_cannot_be_told() -> None:
    rejected = relief(case(registered=False), 1, approved=None, paid=None)
    rejected.add("grant.rejected", "2025-03-07", subject=number(1), reason="outside the scope")
    failed = relief(case(registered=False), 1, approved=None, paid=None)
    failed.add("grant.examined", "2025-03-05", subject=number(1), passed=False)
    judicial = case(registered=False)
    judicial.add("fund.opened", "2025-01-02", subject="fund:ref:J", ref="ref:J", kind="judicial_relief", rules={})
    for money in (rejected, failed, relief(judicial, 1, fund="fund:ref:J")):
        assert said(money, SCOPE) == []
    unknown = relief(case(registered=False), 1, fund="fund:ref:X")
    assert said(unknown, SCOPE) == [(number(1), "a_unregistered", "cannot_tell")]
