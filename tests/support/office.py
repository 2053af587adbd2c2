"""Actions of a small office, as a clerk's system would send them."""

from __future__ import annotations

import json
from typing import Any

DOCUMENT = "sha256:" + "a" * 64
AT = "2025-03-04T10:20:00+08:00"


def by(staff: str = "S-001", unit: str = "XF", role: str = "registrar") -> dict[str, str]:
    """Who acted."""
    return {"staff": staff, "unit": unit, "role": role}


def receive(case: str, action_id: str | None = None, **more: Any) -> dict[str, Any]:
    """`receive_petition` with everything live work must state."""
    return {
        "action": "receive_petition",
        "action_id": action_id or f"receive/{case}",
        "at": AT,
        "by": by(),
        "case": case,
        "channel": "letter",
        "received_at": AT,
        "people_count": 1,
        "anonymous": False,
        "content": DOCUMENT,
        "region": "500229",
        "urgent": False,
        **more,
    }


def act(verb: str, action_id: str, **fields: Any) -> dict[str, Any]:
    """Any action, by the registrar, on the default instant."""
    return {"action": verb, "action_id": action_id, "at": AT, "by": by(), **fields}


def rules(**more: Any) -> dict[str, Any]:
    """A fund's rules with one tier of 50,000 yuan."""
    tiers = [{"up_to_fen": 5_000_000, "approver_role": "approver", "collective": False}]
    return {"tiers": tiers, "rule_source": "local rule", **more}


def open_fund(fund: str, opening_fen: int, **more: Any) -> dict[str, Any]:
    """`open_fund` for 2025."""
    return act(
        "open_fund",
        f"open/{fund}",
        fund=fund,
        year=2025,
        kind="petition_relief",
        opening_balance_fen=opening_fen,
        rules=rules(**more),
    )


def granted(grant: str, case: str, fund: str, amount_fen: int, person: str) -> list[dict[str, Any]]:
    """A grant from application to approval, each step by another person."""
    common = {"grant": grant}
    return [
        act(
            "apply_for_grant",
            f"{grant}/1",
            **common,
            fund=fund,
            case=case,
            applicant_unit="XF",
            beneficiary_ref=person,
            amount_fen=amount_fen,
            scope="hardship",
            attachments={},
        ),
        {
            **act("examine_grant", f"{grant}/2", **common, passed=True, opinion=DOCUMENT),
            "by": by("S-EX", role="examiner"),
        },
        {**act("approve_grant", f"{grant}/3", **common, amount_fen=amount_fen), "by": by("S-AP", role="approver")},
    ]


def pay(grant: str, payment: str, amount_fen: int, **more: Any) -> dict[str, Any]:
    """`pay_grant` by the cashier."""
    fields = {
        "grant": grant,
        "payment": payment,
        "amount_fen": amount_fen,
        "method": "bank_transfer",
        "payee_ref": "P-1",
        "account": "hmac:" + "b" * 64,
        **more,
    }
    return {**act("pay_grant", f"pay/{payment}", **fields), "by": by("S-CA", role="cashier")}


def line(action: dict[str, Any]) -> bytes:
    """One line of an action file."""
    return json.dumps(action, ensure_ascii=False).encode()
