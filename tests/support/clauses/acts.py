"""The acts of an office in few words, each by the book unless a story says otherwise."""

from __future__ import annotations

from typing import Any

from tests.support.clauses.story import WHEN, Act, act
from tests.support.history import CASE, DOCUMENT, FUND, GRANT
from tests.support.money import RULES

OFFICE, UNIT, HANDLER = ("S-001", "XF", "clerk"), ("S-100", "MZJ", "clerk"), ("S-100", "MZJ", "handler")
SECOND, THIRD = "XF500229-2025-000002", "XF500229-2025-000003"
SECOND_GRANT = "JZ500229-2025-0002"


def case(number: int, year: int = 2025) -> str:
    """A case's number."""
    return f"XF500229-{year}-{number:06d}"


def received(day: str = "2025-03-03", unit: str = "XF", subject: str = CASE, **data: Any) -> Act:
    """A letter arrives."""
    stated = {
        "ref": f"ref:{subject}", "channel": "letter", "received_at": WHEN, "people_count": 1, "anonymous": False, **data,
    }  # fmt: skip
    return act("case.received", day, "S-001", unit, "registrar", subject=subject, **stated)


def registered(day: str = "2025-03-04", subject: str = CASE, **data: Any) -> Act:
    """It is entered in the register."""
    return act("case.registered", day, *OFFICE, subject=subject, **{"content_class": "land", **data})


def routed(day: str = "2025-03-04", route: int | None = 6, purpose: str = "claim", **data: Any) -> Act:
    """It is classified."""
    return act("case.routed", day, *OFFICE, purpose=purpose, route=route, **data)


def handed(day: str = "2025-03-05", unit: str = "MZJ", ref: str = "ref:h1", **data: Any) -> Act:
    """It is offered to a unit."""
    stated = {"mode": "transfer", "feedback_required": False, "to": [unit], "materials": [], **data}
    return act("case.handoff_offered", day, *OFFICE, handoff=ref, unit=unit, **stated)


def took(day: str = "2025-03-06", unit: str = "MZJ", ref: str = "ref:h1", **data: Any) -> Act:
    """The unit receives it."""
    return act(
        "case.handoff_received", day, "S-100", unit, "clerk", handoff=ref, unit=unit, materials_complete=True, **data
    )


def objected(day: str, unit: str = "MZJ", ref: str = "ref:h1", **data: Any) -> Act:
    """The unit objects to a handoff."""
    stated = {"reasons": DOCUMENT, **data}
    return act("case.handoff_objected", day, "S-100", unit, "clerk", handoff=ref, unit=unit, **stated)


def decided(day: str, unit: str = "MZJ", ref: str = "ref:h1", **data: Any) -> Act:
    """The sender agrees with the objection."""
    stated = {"upheld": True, "materials_returned": True, **data}
    return act("case.objection_decided", day, *OFFICE, handoff=ref, unit=unit, **stated)


def fed_back(day: str, unit: str = "MZJ", ref: str = "ref:h1") -> Act:
    """The unit reports."""
    return act("case.handoff_fed_back", day, *UNIT, handoff=ref, unit=unit, report=DOCUMENT, result="done")


def returned(day: str, unit: str = "MZJ", ref: str = "ref:h1") -> Act:
    """The report is sent back."""
    return act("case.returned_for_rework", day, *OFFICE, handoff=ref, unit=unit, reason="incomplete")


def competence(day: str, unit: str = "MZJ") -> Act:
    """The superior decides who is competent."""
    return act("case.competence_decided", day, *OFFICE, unit=unit, decided_by="GOV")


def notified(day: str, notice: str = "acceptance", unit: str = "MZJ", **data: Any) -> Act:
    """A written notice to the petitioner."""
    stated = {"sent_at": WHEN, **data}
    return act("case.petitioner_notified", day, "S-100", unit, "handler", notice=notice, **stated)


def accepted(day: str = "2025-03-10", unit: str = "MZJ", subject: str = CASE, **data: Any) -> Act:
    """A unit accepts it."""
    return act("case.accepted", day, "S-100", unit, "handler", subject=subject, **data)


def refused(day: str, ground: str = "not_competent", unit: str = "MZJ", **data: Any) -> Act:
    """A unit does not accept it."""
    return act("case.acceptance_refused", day, "S-1", unit, "handler", ground=ground, **data)


def heard(day: str = "2025-03-20", staff: str = "S-100", **data: Any) -> Act:
    """The petitioner is heard."""
    return act("case.facts_heard", day, staff, "MZJ", "handler", **{"attendees": [staff], "record": DOCUMENT, **data})


def extended(day: str = "2025-05-06", days: int = 30, **data: Any) -> Act:
    """The handling period is extended."""
    stated = {"approved_by": "S-9", "approver_role": "head", "reason": "complex", **data}
    return act("case.extension_approved", day, *OFFICE, days=days, **stated)


def opinion(day: str = "2025-04-01", subject: str = CASE, unit: str = "MZJ", **data: Any) -> Act:
    """The written opinion."""
    stated = {"document": DOCUMENT, "result": "supported", "legal_basis": ["law"], "signed_by": "S-109", **data}
    return act("case.opinion_issued", day, "S-100", unit, "handler", subject=subject, **stated)


def delivered(day: str, **data: Any) -> Act:
    """The opinion reaches the petitioner."""
    return act(
        "case.opinion_delivered", day, *HANDLER, delivered_at=WHEN, **{"delivery": "post", "signed": True, **data}
    )


def review(day: str, stage: str = "review", body: str = "GOV", **data: Any) -> Act:
    """A review is asked for and received by its body."""
    return act("case.review_requested", day, *OFFICE, stage=stage, body=body, **{"received_at": WHEN, **data})


def reviewed(day: str, stage: str = "review", body: str = "GOV", **data: Any) -> Act:
    """A review is issued."""
    stated = {"outcome": "upheld", "members": ["S-61"], **data}
    return act("case.review_issued", day, "S-60", body, "registrar", stage=stage, body=body, **stated)


def closed(day: str, ground: str, **data: Any) -> Act:
    """The case is closed."""
    return act("case.closed", day, *OFFICE, ground=ground, **data)


def withdrawn(day: str, **data: Any) -> Act:
    """The petitioner withdraws in writing."""
    return act("case.withdrawn", day, *OFFICE, **{"document": DOCUMENT, "via": "letter", **data})


def measure(day: str = "2025-03-20", unit: str = "MZJ", kind: str = "education", **data: Any) -> Act:
    """A measure against somebody, with everything that it needs."""
    stated = {
        "measure": "ref:m1", "kind": kind, "unit": unit, "legal_basis": "art.47", "conduct": DOCUMENT,
        "approved_by": "S-9", "statement": DOCUMENT, **data,
    }  # fmt: skip
    return act("case.measure_taken", day, "S-1", unit, "handler", **stated)


def staff(name: str, unit: str = "MZJ", role: str = "head", **data: Any) -> Act:
    """A member of staff is declared."""
    stated = {"active_from_on": "2020-01-01", **data}
    return act(
        "register.staff_declared", "2025-01-01", "system", subject=f"staff:{name}", staff=name, unit=unit, roles=[role],
        **stated,
    )  # fmt: skip


def unit(code: str, kind: str, *superiors: str) -> Act:
    """A unit is declared."""
    return act(
        "register.unit_declared", "2025-01-01", "system", subject=f"unit:{code}", unit=code, name=code, kind=kind,
        superiors=list(superiors),
    )  # fmt: skip


def fund(opening_fen: int | None = 1_000_000, rules: dict[str, Any] | None = None, **data: Any) -> Act:
    """A fund with its rules is opened."""
    stated = {"kind": "petition_relief", "rules": RULES if rules is None else rules, **data}
    return act(
        "fund.opened", "2025-01-02", *OFFICE, subject=FUND, ref="ref:F2025", year=2025,
        opening_balance_fen=opening_fen, **stated,
    )  # fmt: skip


def applied(day: str = "2025-03-03", grant: str = GRANT, who: str = "S-1", **data: Any) -> Act:
    """Relief is applied for."""
    stated = {
        "fund": FUND, "case": CASE, "applicant_unit": "MZJ", "amount_fen": 300_000, "beneficiary_ref": "P-1", "ref": f"ref:{grant}",
        "scope": "hardship", **data,
    }  # fmt: skip
    return act("grant.applied", day, who, "MZJ", "handler", subject=grant, **stated)


def examined(day: str = "2025-03-05", who: str = "S-2", **data: Any) -> Act:
    """The application is examined."""
    return act(
        "grant.examined", day, who, "XF", "examiner", subject=GRANT, **{"passed": True, "opinion": DOCUMENT, **data}
    )


def approved(day: str = "2025-03-07", grant: str = GRANT, who: str = "S-3", role: str = "head", **data: Any) -> Act:
    """The grant is approved."""
    return act("grant.approved", day, who, "XF", role, subject=grant, **{"amount_fen": 300_000, **data})


def paid(day: str = "2025-03-10", grant: str = GRANT, who: str = "S-4", **data: Any) -> Act:
    """The grant is paid, out of the fund."""
    stated = {"payment": "ref:p1", "amount_fen": 300_000, "payee_ref": "P-1", "method": "bank_transfer", **data}
    return act("grant.paid", day, who, "XF", "cashier", subject=grant, twin=("fund.paid", FUND), **stated)


def from_fund(day: str, number: int, amount_fen: int = 100_000) -> Act:
    """A payment as the fund sees it."""
    grant = f"JZ500229-2025-{number:04d}"
    return act(
        "fund.paid",
        day,
        *OFFICE,
        subject=FUND,
        grant=grant,
        payment=f"ref:p{number}",
        amount_fen=amount_fen,
        outside_commitment_fen=0,
    )


def receipt(day: str = "2025-03-12", amount_fen: int = 300_000) -> Act:
    """The beneficiary signs for it."""
    return act(
        "grant.receipt_confirmed", day, "S-5", "XF", subject=GRANT, payment="ref:p1", amount_fen=amount_fen,
        receipt=DOCUMENT, signed_by_payee=True,
    )  # fmt: skip
