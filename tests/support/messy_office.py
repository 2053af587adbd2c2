"""The disorderly office: its units, its people by their place, and the rules of its funds."""

from __future__ import annotations

from typing import Any

UNITS: dict[str, tuple[str, list[str]]] = {
    "CSZF": ("government", []),
    "SXF": ("superior_petition_office", ["CSZF"]),
    "XW": ("party_committee", []),
    "ZF": ("government", ["CSZF"]),
    "XF": ("petition_office", ["ZF", "SXF"]),
    "ZFW": ("politics_law", ["XW"]),
    "GA": ("police", ["ZF"]),
    "MZJ": ("responsible", ["ZF"]),
    "RSJ": ("responsible", ["ZF"]),
    "JYJ": ("responsible", ["ZF"]),
    "ZJ": ("township", ["ZF"]),
}
ROLES = (["head", "approver", "reviewer"], ["registrar", "clerk"], ["handler", "examiner"], ["cashier"], ["bookkeeper"])
HEAD, CLERK, HANDLER, CASHIER, BOOKKEEPER = range(1, 6)
HOLDERS = ("MZJ", "RSJ", "JYJ", "ZJ", "GA")
RULES: dict[str, dict[str, Any]] = {
    "ref:F1": {
        "cap_fen": 500_000,
        "cap_basis": "case",
        "cap_hard": True,
        "tiers": [
            {"up_to_fen": 100_000, "approver_role": "head", "collective": False},
            {"up_to_fen": 600_000, "approver_role": "approver", "collective": True},
        ],
        "quorum": 3,
        "receipt_within_days": 30,
        "notice_days": 5,
        "attachments": ["id", "proof"],
        "cash_allowed": False,
        "rule_source": "county rules",
    },
    "ref:F2": {
        "tiers": [{"up_to_fen": 300_000, "approver_role": "head", "collective": False}],
        "rule_source": "two lines",
    },
}
