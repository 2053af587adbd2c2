"""The relief fund of the year and its grants, from application to voucher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from infra.reference_year.offices import FINANCE, JOINT_CONFERENCE, OFFICE
from infra.reference_year.story import Case, Story, World, digest

FUND = "ref:F2025"
YUAN = 100  # fen
ATTACHMENTS = ("approval_form", "unit_report", "application", "identity_proof", "family_situation")
RECEIPT_DAYS = 15
NOTICE_DAYS = 5
QUORUM = 5
INSTALMENT_AFTER_DAYS = 100
RULES: dict[str, Any] = {
    "cap_fen": 50_000 * YUAN,
    "cap_basis": "case",
    "cap_hard": True,
    "tiers": [
        {"up_to_fen": 5_000 * YUAN, "approver_role": "approver", "collective": False},
        {"up_to_fen": 20_000 * YUAN, "approver_role": "head", "collective": False},
        {"up_to_fen": 50_000 * YUAN, "approver_role": "head", "collective": True},
    ],
    "quorum": QUORUM,
    "receipt_within_days": RECEIPT_DAYS,
    "notice_days": NOTICE_DAYS,
    "attachments": list(ATTACHMENTS),
    "cash_allowed": False,
    "rule_source": "县信访救助资金管理办法（虚构，2024年修订）",
}
BUDGETS = (("2025-01-15", 500_000), ("2025-07-08", 100_000), ("2025-11-12", -20_000))
OPENING_YUAN = 86_500
AMOUNTS_YUAN = ((6, 1_500, 4_600), (3, 6_000, 18_500), (1, 22_000, 46_000))  # weight, from, to
SMALL_YUAN = {"instalment": 2_000, "returned": 3_200}
COUNCIL = ((JOINT_CONFERENCE, "head"), (OFFICE, "head"), (FINANCE, "head"), ("MZJ", "head"), ("ZFW", "head"))

FATES = {
    4: "returned",
    7: "instalment",
    11: "recovered",
    14: "released",
    18: "cash",
    22: "guardian",
    27: "failed",
    31: "rejected",
}
"""What becomes of the n-th grant, counted from 1 in order of application; all others are simply paid."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What a grant is for, and how it ends."""

    case: Case
    amount_fen: int
    fate: str
    starts: datetime
    instalment_of: str | None = None


def fund_story(world: World) -> Story:
    """The fund's own actions: opening with its rules, budget, supplement and cut."""
    story = Story(world, FUND, "fund")
    story.act(
        "open_fund",
        datetime.fromisoformat("2025-01-02T09:30:00+08:00"),
        FINANCE,
        "treasurer",
        year=2025,
        kind="petition_relief",
        opening_balance_fen=OPENING_YUAN * YUAN,
        rules=RULES,
    )
    for day, yuan in BUDGETS:
        at = story.time.on_day(date.fromisoformat(day))
        paper = story.document(f"budget/{day}")
        story.act("budget_fund", at, FINANCE, "treasurer", amount_fen=yuan * YUAN, document=paper)
    return story


def _amount(story: Story) -> int:
    weights = [weight for weight, _low, _high in AMOUNTS_YUAN]
    _weight, low, high = story.rng.choices(AMOUNTS_YUAN, weights)[0]
    return story.rng.randrange(low, high, 100) * YUAN


def grant_stories(world: World) -> list[Story]:
    """All grants in order of application; the instalment of one follows a hundred days later."""
    cases = [case for case in world.told if case.has("grant") and case.closed_at is not None]
    cases.sort(key=lambda case: (case.closed_at, case.ref))
    stories: list[Story] = []
    for number, case in enumerate(cases, start=1):
        fate = FATES.get(number, "paid")
        story = Grant(world, f"ref:G{number:03d}", case)
        starts = story.time.workdays_later(case.now, 1, 3)
        amount = SMALL_YUAN[fate] * YUAN if fate in SMALL_YUAN else _amount(story)
        story.tell(Purse(case, amount, fate, starts))
        stories.append(story)
        if fate == "instalment":
            second = Grant(world, f"ref:G{number:03d}-2", case)
            later = second.time.days_later(story.now, INSTALMENT_AFTER_DAYS, INSTALMENT_AFTER_DAYS)
            second.tell(Purse(case, 1_500 * YUAN, "paid", later, story.ref))
            stories.append(second)
    return stories


class Grant(Story):
    """The story of one grant."""

    def __init__(self, world: World, ref: str, case: Case) -> None:
        super().__init__(world, ref, "grant")
        self.recused = set(case.recused)
        self.case = case
        self.beneficiary = f"b{digest('beneficiary', world.seed, case.ref)[:20]}"
        self.approved_until = date.min

    def tell(self, purse: Purse) -> None:
        """The whole course of the grant."""
        self._apply(purse)
        passed = purse.fate != "failed"
        opinion = self.document("examination")
        at = self.time.workdays_later(self.now, 1, 4)
        self.act("examine_grant", at, OFFICE, "examiner", passed=passed, opinion=opinion)
        if purse.fate in ("failed", "rejected"):
            at = self.time.workdays_later(self.now, 1, 4)
            self.act("reject_grant", at, JOINT_CONFERENCE, "approver", reason="不符合救助范围，转民政部门临时救助")
            return
        self._approve(purse)
        self._notice()
        if purse.fate == "released":
            at = self.time.workdays_later(self.now, 2, 4)
            fields: dict[str, Any] = {
                "fund": FUND,
                "amount_fen": purse.amount_fen,
                "reason": "申请人已由临时救助覆盖，自愿放弃",
            }
            self.act("release_commitment", at, JOINT_CONFERENCE, "approver", **fields)
            return
        self._appropriate(purse)
        self._pay(purse, 1)
        if purse.fate == "returned":
            self._come_back(purse)
            self._pay(purse, 2)
        self._prove(purse, 2 if purse.fate == "returned" else 1)
        if purse.fate == "recovered":
            self._recover(purse)

    def _apply(self, purse: Purse) -> None:
        self.act(
            "apply_for_grant",
            purse.starts,
            purse.case.unit,
            "handler",
            fund=FUND,
            case=purse.case.ref,
            applicant_unit=purse.case.unit,
            beneficiary_ref=self.beneficiary,
            beneficiary_tag=f"hmac:{digest('beneficiary-tag', self.world.seed, purse.case.ref)}",
            amount_fen=purse.amount_fen,
            scope=self.rng.choice(("hardship", "hardship", "no_responsible_body", "historic")),
            attachments={kind: self.personal_document(kind) for kind in ATTACHMENTS},
            instalment_of=purse.instalment_of,
        )

    def _approve(self, purse: Purse) -> None:
        """By the role of the amount's tier; the highest in a meeting of the quorum, with one dissent."""
        tier = next(tier for tier in RULES["tiers"] if purse.amount_fen <= tier["up_to_fen"])
        at = self.time.workdays_later(self.now, 2, 5)
        meeting = None
        if tier["collective"]:
            attendees = [self.world.offices.head(unit, at.date()) for unit, _role in COUNCIL]
            meeting = {"held_on": at.date().isoformat(), "attendees": attendees, "dissent": attendees[-1:]}
        role = tier["approver_role"]
        self.act("approve_grant", at, JOINT_CONFERENCE, role, amount_fen=purse.amount_fen, meeting=meeting)

    def _notice(self) -> None:
        at = self.time.workdays_later(self.now, 0, 1)
        self.approved_until = at.date() + timedelta(days=NOTICE_DAYS + 1)
        days: dict[str, Any] = {"from_on": at.date().isoformat(), "until_on": self.approved_until.isoformat()}
        self.act("publish_grant_notice", at, OFFICE, "clerk", **days, place="村（社区）公示栏")

    def _appropriate(self, purse: Purse) -> None:
        over = self.now.replace(hour=16) + (self.approved_until - self.now.date())
        at = self.time.workdays_later(over, 1, 3)
        paper = self.document("appropriation")
        self.act("appropriate_grant", at, FINANCE, "treasurer", amount_fen=purse.amount_fen, document=paper)

    def _pay(self, purse: Purse, number: int) -> None:
        """To the beneficiary's own account; the exceptions carry their papers."""
        cash = purse.fate == "cash"
        guardian = purse.fate == "guardian"
        at = self.time.workdays_later(self.now, 1, 2)
        exception = {"reason": "受助人住院且无银行账户", "approved_by": self.head(JOINT_CONFERENCE)}
        self.act(
            "pay_grant",
            at,
            OFFICE,
            "cashier",
            payment=f"{self.ref}-p{number}",
            amount_fen=purse.amount_fen,
            method="cash" if cash else self.rng.choice(("bank_transfer", "subsidy_card")),
            payee_ref=f"y{digest('guardian', self.world.seed, self.ref)[:20]}" if guardian else self.beneficiary,
            payee_authority=self.personal_document("authority") if guardian else None,
            account=None if cash else f"hmac:{digest('account', self.world.seed, purse.case.ref, number)}",
            cash_exception=exception if cash else None,
            bank_ref=None if cash else f"{self.ref.removeprefix('ref:')}/OUT/{number}",
        )

    def _come_back(self, purse: Purse) -> None:
        """The bank sends the money back: the account was closed; its receipt is excused."""
        payment = f"{self.ref}-p1"
        at = self.time.workdays_later(self.now, 2, 3)
        bank_ref = f"{self.ref.removeprefix('ref:')}/IN/1"
        fields: dict[str, Any] = {"payment": payment, "amount_fen": purse.amount_fen, "bank_ref": bank_ref}
        self.act("return_payment", at, OFFICE, "treasurer", **fields)
        at = self.time.workdays_later(self.now, 0, 1)
        head = self.world.offices.head(JOINT_CONFERENCE, at.date())
        ground = "账户已注销，款项由银行全额退回"
        self.act("excuse_receipt", at, JOINT_CONFERENCE, "head", payment=payment, ground=ground, approved_by=head)
        self._booked(payment, 1)

    def _booked(self, payment: str, number: int) -> None:
        at = self.time.workdays_later(self.now, 0, 2)
        voucher = f"JZ-{at:%Y%m}-{self.ref.removeprefix('ref:')}-{number}"
        self.act("book_payment", at, OFFICE, "bookkeeper", payment=payment, voucher=voucher)

    def _prove(self, purse: Purse, number: int) -> None:
        """Receipt inside its days, bank statement, voucher by another person."""
        payment = f"{self.ref}-p{number}"
        at = self.time.workdays_later(self.now, 1, 4, self.now.date() + timedelta(days=RECEIPT_DAYS - 1))
        receipt = self.personal_document(f"receipt/{number}")
        self.act(
            "confirm_receipt",
            at,
            OFFICE,
            "clerk",
            payment=payment,
            amount_fen=purse.amount_fen,
            receipt=receipt,
            signed_by_payee=True,
        )
        if purse.fate != "cash":
            at = self.time.workdays_later(self.now, 1, 4)
            bank_ref = f"{self.ref.removeprefix('ref:')}/OUT/{number}"
            fields: dict[str, Any] = {"payment": payment, "amount_fen": purse.amount_fen, "bank_ref": bank_ref}
            self.act("reconcile_bank", at, OFFICE, "treasurer", **fields)
        self._booked(payment, number)

    def _recover(self, purse: Purse) -> None:
        """The beneficiary turned out to have other relief: ordered back, and back in full before its day."""
        at = self.time.workdays_later(self.now, 10, 15)
        due = (at.date() + timedelta(days=60)).isoformat()
        fields: dict[str, Any] = {"amount_fen": purse.amount_fen, "due_on": due}
        self.act("order_recovery", at, JOINT_CONFERENCE, "head", reason="事后查明已由其他渠道救助，追回", **fields)
        half = purse.amount_fen // 2
        for number, part in enumerate((half, purse.amount_fen - half), start=2):
            at = self.time.days_later(self.now, 5, 15)
            bank_ref = f"{self.ref.removeprefix('ref:')}/IN/{number}"
            self.act("receive_recovery", at, OFFICE, "treasurer", amount_fen=part, bank_ref=bank_ref)
