"""The check on exemptions from notice: was the petitioner really out of reach."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict
from domain.checks.context import Context
from domain.checks.facts import Act, Facts

DELIVERIES = ("case.petitioner_notified", "case.opinion_delivered", "case.review_delivered")
REACHED = frozenset({"signed", "refused_left"})


def reached(act: Act) -> bool:
    """Whether a notice or delivery shows that it reached the petitioner; a public notice never does."""
    if act.get("delivery") == "public_notice" or act.get("result") == "returned":
        return False
    return act.get("result") in REACHED or act.get("signed") is True or "delivered_at" in act.data


class ExemptionHolds(Check):
    """XF-ACC-011: exempted as name or address unclear, though a later delivery succeeded.

    The clause about a contact in the identity vault is silent where the ledger has no vault.
    """

    id = "XF-ACC-011"
    title = Text("以姓名、住址不清为由免予告知，其后却能送达", "Exempted from notice as unreachable, and reached later")
    basis = (Basis(Text("《信访工作条例》第二十三条", "Regulation art.23 (DL-02)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "b_delivered",
            "medium",
            "probable",
            Text(
                "以姓名或住址不清免予告知，其后又送达成功（公告送达不算）",
                "exempted as address or name unclear, though a later delivery succeeded (a public notice is none)",
            ),
        ),
    )
    risk = Text("以地址不清规避书面告知", "the duty of written notice is dodged by calling the address unclear")
    verify = Text(
        "核对来信、来访登记中的联系方式与送达回证", "the contact in the letter or visit log, the proof of delivery"
    )
    remedy = Text("补作书面告知", "send the notice now")
    false_positives = Text("信访人其后自行补充了姓名、住址", "the petitioner gave name or address only later")
    blind_spots = Text(
        "有联系方式而始终未送达；身份库中的联系方式", "a contact never used; contacts held in the identity vault"
    )
    kinds = ("case",)
    triggers = frozenset({"case.notice_exempted"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        told: set[str] = set()
        for exempted in facts.all("case.notice_exempted"):
            notice = str(exempted.get("notice", ""))
            later = [act for act in facts.all(*DELIVERIES) if exempted.is_before(act) and reached(act)]
            if not later or notice in told:
                continue
            told.add(notice)
            first = later[0]
            yield Verdict(
                reason="b_delivered",
                item=notice,
                event_ids=(exempted.id, first.id),
                facts={
                    "ground": exempted.get("ground"), "exempted_on": exempted.day, "delivered_on": first.day,
                    "unit": exempted.unit, "delivered_by": first.name,
                },
                sentence=Text(
                    f"记录显示：{exempted.day}以姓名或住址不清免予告知，{first.day}却送达成功。",
                    f"The record shows: exempted from notice on {exempted.day} as name or address unclear, yet a delivery "
                    f"succeeded on {first.day}.",
                ),
            )  # fmt: skip
