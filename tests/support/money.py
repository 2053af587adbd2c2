"""A fund and one grant for tests: by the book unless a test says otherwise."""

from __future__ import annotations

from typing import Any

from tests.support.history import CASE, DOCUMENT, FUND, GRANT, History

RULES: dict[str, Any] = {
    "tiers": [
        {"up_to_fen": 500_000, "approver_role": "head", "collective": False},
        {"up_to_fen": 2_000_000, "approver_role": "approver", "collective": True},
    ],
    "quorum": 3,
    "receipt_within_days": 15,
    "rule_source": "test",
}


class Money(History):
    """A fund with its rules, and one grant that goes by the book unless a test says otherwise."""

    def __init__(self, opening_fen: int = 1_000_000, rules: dict[str, Any] | None = None, **units: bool) -> None:
        super().__init__(**units)
        self.add(
            "fund.opened", "2025-01-02", subject=FUND, ref="ref:F2025", year=2025, kind="petition_relief",
            opening_balance_fen=opening_fen, rules=RULES if rules is None else rules,
        )  # fmt: skip

    def step(
        self, name: str, day: str, staff: str | None, role: str | None = None, unit: str = "XF", **data: Any
    ) -> str:
        envelope = {key: data.pop(key) for key in ("precision", "imported") if key in data}
        return self.add(f"grant.{name}", day, subject=GRANT, by=(staff, unit, role), **envelope, **data)

    def applied(self, staff: str | None = "S-1", **data: Any) -> str:
        data = {"fund": FUND, "case": CASE, "applicant_unit": "MZJ", "amount_fen": 300_000, **data}
        return self.step("applied", "2025-03-03", staff, "handler", "MZJ", **data)

    def examined(self, day: str = "2025-03-05", staff: str | None = "S-2", **data: Any) -> str:
        return self.step("examined", day, staff, "examiner", **{"passed": True, "opinion": DOCUMENT, **data})

    def approved(
        self, day: str = "2025-03-07", staff: str | None = "S-3", role: str | None = "head", **data: Any
    ) -> str:
        return self.step("approved", day, staff, role, **{"amount_fen": 300_000, **data})

    def paid(self, day: str = "2025-03-10", staff: str | None = "S-4", payment: str = "ref:p1", **data: Any) -> str:
        data = {"amount_fen": 300_000, **data}
        precision = data.get("precision")
        self.add(
            "fund.paid",
            day,
            subject=FUND,
            precision=precision,
            grant=GRANT,
            payment=payment,
            amount_fen=data["amount_fen"],
        )
        return self.step("paid", day, staff, "cashier", payment=payment, **data)

    def receipt(self, day: str = "2025-03-12", amount_fen: int = 300_000, payment: str = "ref:p1") -> str:
        return self.step(
            "receipt_confirmed",
            day,
            "S-5",
            payment=payment,
            amount_fen=amount_fen,
            receipt=DOCUMENT,
            signed_by_payee=True,
        )

    def said(self, check: str, day: str = "2025-12-31") -> list[tuple[str, str, str]]:
        return [(one.reason, one.item, one.result) for one in self.findings(check, day)]
