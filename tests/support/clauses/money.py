"""Clauses on relief money (XF-FND)."""

from __future__ import annotations

from typing import Any

from tests.support.clauses.acts import (
    SECOND,
    SECOND_GRANT,
    act,
    applied,
    approved,
    examined,
    from_fund,
    fund,
    paid,
    receipt,
    received,
    registered,
    routed,
)
from tests.support.clauses.story import Act, Fixture, asked_on, both, but, plus, told, untold
from tests.support.history import DOCUMENT, FUND, GRANT
from tests.support.money import RULES

STRICT = {**RULES, "cash_allowed": False, "notice_days": 5, "attachments": ["application", "identity"]}
CAPPED = {**RULES, "tiers": [], "cap_fen": 500_000, "cap_hard": True, "cap_basis": "case"}
ACCOUNT = "hmac:" + "a0" * 32
PAPERS = {"application": DOCUMENT, "identity": DOCUMENT}
STEPS = (fund(), applied(), examined(), approved())


def _meeting(*attendees: str) -> dict[str, Any]:
    return {"held_on": "2025-03-06", "attendees": list(attendees), "dissent": []}


def _second(amount_fen: int = 300_000, day: str = "2025-03-07", **data: Any) -> tuple[Act, Act]:
    there = applied(grant=SECOND_GRANT, amount_fen=amount_fen, **data)
    return there, approved(day, SECOND_GRANT, amount_fen=amount_fen)


def _booked(who: str) -> Act:
    return act("grant.booked", "2025-03-13", who, "XF", subject=GRANT, payment="ref:p1", voucher="V1")


def _noticed(until_on: str) -> Act:
    return act(
        "grant.notice_published", "2025-03-10", "S-7", "XF", subject=GRANT, from_on="2025-03-10", until_on=until_on
    )


NEAR_A_TIER = (*(from_fund("2025-03-10", number, 475_000) for number in (1, 2, 3)),)
OTHERS = (*(from_fund("2025-03-10", number) for number in range(4, 11)),)
THROUGH_THE_YEAR = (*(from_fund("2025-03-10", number) for number in range(1, 7)),)
IN_DECEMBER = (*(from_fund("2025-12-01", number) for number in range(7, 11)),)
RELIEF = (fund(), received("2025-02-20"), applied(), approved(), paid())

opened_after_the_question = both(but("fund.opened", day="2025-06-01"), asked_on("2025-03-31"))
"""The fund's opening is dated after the day of the question: its kind, balance and rules are not known by then."""

FIXTURES = (
    Fixture(
        "XF-FND-001",
        "duties",
        told(fund(), applied(), examined(), approved(who="S-1")),
        but("grant.approved", by_staff="S-3"),
        but("grant.approved", by_staff="S-3", meeting=_meeting("S-1", "S-3", "S-4")),
        untold("grant.approved", "by_staff"),
    ),
    Fixture(
        "XF-FND-001",
        "bookkeeper",
        told(fund(), applied(), paid(), _booked("S-4")),
        but("grant.booked", by_staff="S-5"),
        but("grant.paid", by_staff="S-6"),
        untold("grant.booked", "by_staff"),
    ),
    Fixture(
        "XF-FND-001",
        "units",
        told(
            fund(), applied(), act("grant.appropriated", "2025-03-08", "S-7", "MZJ", subject=GRANT, amount_fen=300_000)
        ),
        but("grant.appropriated", by_unit="CZJ"),
        but("grant.applied", applicant_unit="XZ"),
        untold("grant.applied", "applicant_unit"),
    ),
    Fixture(
        "XF-FND-002",
        "a_twice",
        told(fund(), applied(), approved(), *_second()),
        but("grant.applied", 2, beneficiary_ref="P-2"),
        but("grant.applied", 2, instalment_of=GRANT),
        untold("grant.applied", "beneficiary_ref", nth=2),
    ),
    Fixture(
        "XF-FND-002",
        "b_account",
        told(
            fund(),
            applied(),
            approved(),
            paid(account=ACCOUNT),
            *_second(beneficiary_ref="P-2"),
            paid("2025-03-11", SECOND_GRANT, payment="ref:p2", payee_ref="P-2", account=ACCOUNT),
        ),
        but("grant.paid", 2, account="hmac:" + "b0" * 32),
        both(*(but("grant.paid", nth, payee_authority=DOCUMENT) for nth in (1, 2))),
        untold("grant.paid"),
    ),
    Fixture(
        "XF-FND-003",
        "a_above_cap",
        told(fund(rules=CAPPED), applied(), approved(amount_fen=500_001), paid(amount_fen=500_001)),
        but("grant.paid", amount_fen=500_000),
        but("grant.approved", exceptional=True),
        untold("grant.approved"),
    ),
    Fixture(
        "XF-FND-003",
        "b_sliced",
        told(fund(), applied(), approved(), *_second(200_001, "2025-06-05")),
        but("grant.approved", 2, day="2025-06-06"),
        but("grant.applied", 2, case=SECOND),
        untold("grant.applied", "beneficiary_ref", nth=2),
    ),
    Fixture(
        "XF-FND-004",
        "a_unapproved",
        told(fund(), applied(), examined(), approved("2025-03-10T10:01"), paid()),
        but("grant.approved", day="2025-03-10T10:00"),
        but("grant.approved", day="2025-03-09"),
    ),
    Fixture(
        "XF-FND-004",
        "b_more",
        told(*STEPS, paid(amount_fen=300_001)),
        but("grant.paid", amount_fen=300_000),
        but("grant.approved", amount_fen=300_001),
    ),
    Fixture(
        "XF-FND-004",
        "c_unexamined",
        told(fund(), applied(), examined("2025-03-06", passed=False), approved(), examined("2025-03-08")),
        but("grant.examined", 2, day="2025-03-07"),
        but("grant.examined", passed=True),
        untold("grant.examined", "passed"),
    ),
    Fixture(
        "XF-FND-004",
        "d_role",
        told(fund(), applied(), examined(), approved(amount_fen=500_001, meeting=_meeting("A", "B", "C"))),
        but("grant.approved", amount_fen=500_000),
        but("grant.approved", by_role="approver"),
        untold("grant.approved", "by_role"),
    ),
    Fixture(
        "XF-FND-004",
        "e_no_meeting",
        told(fund(), applied(), examined(), approved(amount_fen=500_001, role="approver")),
        but("grant.approved", meeting=_meeting("A", "B", "C")),
        but("grant.approved", amount_fen=500_000, by_role="head"),
        untold("grant.approved"),
    ),
    Fixture(
        "XF-FND-004",
        "f_quorum",
        told(fund(), applied(), examined(), approved(meeting=_meeting("A", "B"))),
        but("grant.approved", meeting__attendees=["A", "B", "C"]),
        but("fund.opened", rules__quorum=None),
    ),
    Fixture(
        "XF-FND-005",
        "a_payee",
        told(*STEPS, paid(payee_ref="P-2")),
        but("grant.paid", payee_ref="P-1"),
        but("grant.paid", payee_authority=DOCUMENT),
        untold("grant.paid", "payee_ref"),
    ),
    Fixture(
        "XF-FND-005",
        "b_cash",
        told(fund(rules=STRICT), applied(), paid(method="cash")),
        but("grant.paid", method="bank_transfer"),
        but("grant.paid", cash_exception={"reason": "no bank", "approved_by": "S-9"}),
        untold("grant.paid", "method"),
    ),
    Fixture(
        "XF-FND-006",
        "a_overspent",
        told(
            fund(299_999), act("fund.budgeted", "2025-03-11", subject=FUND, amount_fen=1), applied(), paid(), receipt()
        ),
        but("fund.budgeted", day="2025-03-10"),
        but("fund.opened", opening_balance_fen=300_000),
        opened_after_the_question,
    ),
    Fixture(
        "XF-FND-006",
        "b_no_receipt",
        told(*STEPS, paid(), on="2025-03-26"),
        asked_on("2025-03-25"),
        plus(receipt("2025-03-25")),
        untold("fund.opened", "rules"),
    ),
    Fixture(
        "XF-FND-006",
        "c_amount",
        told(*STEPS, paid(), receipt(amount_fen=299_999)),
        but("grant.receipt_confirmed", amount_fen=300_000),
        but("grant.paid", amount_fen=299_999),
    ),
    Fixture(
        "XF-FND-007",
        "a_near_limit",
        told(fund(), *NEAR_A_TIER, *OTHERS),
        but("fund.paid", 3, amount_fen=474_999),
        but("fund.opened", rules__fixed_amount=True),
        untold("fund.opened", "rules"),
    ),
    Fixture(
        "XF-FND-007",
        "b_december",
        told(fund(), *THROUGH_THE_YEAR, *IN_DECEMBER),
        but("fund.paid", 10, day="2025-11-30"),
        but("fund.opened", rules__fixed_amount=True),
    ),
    Fixture(
        "XF-FND-008",
        "a_unregistered",
        told(*RELIEF),
        plus(registered("2025-02-21")),
        plus(registered("2025-02-21"), routed("2025-02-22", 1)),
        opened_after_the_question,
    ),
    Fixture(
        "XF-FND-008",
        "b_open_route",
        told(
            fund(),
            received("2025-02-20"),
            registered("2025-02-21"),
            routed("2025-02-22", 1),
            applied(scope="historic"),
            approved(),
            paid(),
        ),
        but("grant.applied", scope="hardship"),
        but("case.routed", route=6),
        untold("grant.applied", "scope"),
    ),
    Fixture(
        "XF-FND-009",
        "not_recovered",
        told(
            *STEPS,
            act(
                "grant.recovery_ordered",
                "2025-04-01",
                "S-9",
                "XF",
                subject=GRANT,
                amount_fen=300_000,
                reason="paid twice",
            ),
            on="2025-07-01",
        ),
        asked_on("2025-06-30"),
        plus(act("grant.recovery_received", "2025-06-30", "S-5", "XF", subject=GRANT, amount_fen=300_000)),
    ),
    Fixture(
        "XF-FND-010",
        "not_noticed",
        told(fund(rules=STRICT), applied(attachments=PAPERS), _noticed("2025-03-14"), paid("2025-03-14")),
        but("grant.paid", day="2025-03-15"),
        but("grant.paid", day="2025-03-18"),
        untold("grant.notice_published", "until_on"),
    ),
    Fixture(
        "XF-FND-011",
        "missing_paper",
        told(fund(rules=STRICT), applied(attachments={"application": DOCUMENT}), examined()),
        but("grant.applied", attachments__identity=DOCUMENT),
        but("fund.opened", rules__attachments=["application"]),
        untold("grant.applied", "attachments"),
    ),
)
