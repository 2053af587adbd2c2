"""Handoffs: transfer, assignment, joint and township lines, objections and their decisions."""

from __future__ import annotations

from datetime import date, datetime

from infra.reference_year.offices import COUNTY, JOINT_CONFERENCE, OFFICE, RESPONSIBLE
from infra.reference_year.story import Case

OFFICE_LIMIT_DAYS = 15  # art.22
ASSIGNMENT_DAYS = 90
FEEDBACK_GROUND = "《信访工作条例》第二十二条第（三）项"
TRANSFER_GROUND = "《信访工作条例》第二十二条第（二）项"
PROLONGED_REASON = "情况复杂，经批准延长办理期限"


def _latest_offer(case: Case) -> date:
    """The office's last day of choice; after an objection, five working days of its decision."""
    own = case.limit(case.received_on, OFFICE_LIMIT_DAYS)
    again = case.world.calendar.add_workdays(case.now.date(), 4)
    return own if case.handoffs == 0 else again


def offer(
    case: Case,
    to: list[str],
    *,
    mode: str = "assign",
    sender: str = OFFICE,
    due_days: int = ASSIGNMENT_DAYS,
    joint: bool | None = None,
) -> str:
    """Hand the matter to units; an assignment always states its due day. Answers the handoff's name."""
    latest = _latest_offer(case)
    high = 4 if case.handoffs == 0 else 2
    at = case.time.workdays_later(case.now, 0 if case.handoffs else 1, high, latest)
    case.handoffs += 1
    handoff = f"{case.ref}-h{case.handoffs}"
    feedback = mode != "transfer"
    due = case.limit(at.date(), due_days) if feedback else None
    case.act(
        "hand_over",
        at,
        sender,
        "clerk",
        handoff=handoff,
        mode=mode,
        to=to,
        joint=joint,
        due_on=due.isoformat() if due else None,
        feedback_required=feedback,
        materials=[case.personal_document("petition"), case.document(f"cover/{case.handoffs}")],
        legal_ground=FEEDBACK_GROUND if feedback else TRANSFER_GROUND,
    )
    return handoff


def take(case: Case, handoff: str, unit: str) -> None:
    """The addressed unit signs for the materials within four working days of the offer."""
    offered = datetime.fromisoformat(case.actions_named("hand_over")[-1]["at"])
    latest = case.world.calendar.add_workdays(offered.date(), 4)
    at = case.time.workdays_later(case.now, 0, 1 if case.now > offered else 2, latest)
    arrived = at.isoformat()
    case.act("receive_handoff", at, unit, "registrar", handoff=handoff, arrived_at=arrived, materials_complete=True)
    case.unit_received_on = at.date()


def _owe(case: Case, handoff: str, unit: str) -> None:
    case.feedback_owed.append((handoff, unit))


def to_unit(case: Case, unit: str, *, mode: str = "assign") -> None:
    """One offer to one unit, received."""
    handoff = offer(case, [unit], mode=mode)
    take(case, handoff, unit)
    case.unit = unit
    if mode != "transfer":
        _owe(case, handoff, unit)


def to_joint(case: Case, lead: str, other: str) -> None:
    """Several competent units (art.24): each receives, each owes its own notice and feedback."""
    handoff = offer(case, [lead, other], joint=True)
    take(case, handoff, other)
    take(case, handoff, lead)
    case.unit = lead
    _owe(case, handoff, other)
    _owe(case, handoff, lead)


def down_the_line(case: Case, township: str, below: str) -> None:
    """A township receives and passes on to its own office, which handles; the line answers upwards."""
    first = offer(case, [township])
    take(case, first, township)
    received_on = case.unit_received_on
    second = offer(case, [below], sender=township, due_days=ASSIGNMENT_DAYS - 10)
    take(case, second, below)
    case.unit, case.unit_received_on = below, received_on
    _owe(case, second, below)
    _owe(case, first, township)


def _object(case: Case, handoff: str, unit: str, *, upheld: bool, reason: str) -> None:
    """An objection with reasons inside five working days, decided inside three."""
    at = case.time.workdays_later(case.now, 1, 3 if upheld else 1)
    case.act("object_to_handoff", at, unit, "handler", handoff=handoff, reasons=case.document("objection"))
    decided = case.time.workdays_later(case.now, 0, 2 if upheld else 1)
    case.act(
        "decide_objection",
        decided,
        OFFICE,
        "clerk",
        handoff=handoff,
        upheld=upheld,
        reason=reason,
        materials_returned=False,
    )


def wrong_unit(case: Case) -> str:
    """A bureau that does not handle the matter's field."""
    right = case.responsible_unit()
    return case.rng.choice([code for code in sorted(RESPONSIBLE) if code != right])


def through_objection(case: Case, first: str, second: str, *, competence: bool = False) -> None:
    """An upheld objection: materials back, the matter to the competent unit within five working days."""
    handoff = offer(case, [first])
    take(case, handoff, first)
    _object(case, handoff, first, upheld=True, reason="经核实，事项不属于该单位职权范围")
    returned = case.time.workdays_later(case.now, 0, 1)
    case.act("return_materials", returned, first, "registrar", handoff=handoff)
    if competence:
        at = case.time.soon(case.now)
        paper = case.document("competence")
        case.act("decide_competence", at, COUNTY, "head", unit=second, decided_by=COUNTY, document=paper)
    to_unit(case, second)


def despite_objection(case: Case, unit: str) -> None:
    """A rejected objection: the unit stays responsible."""
    to_unit(case, unit)
    handoff = case.feedback_owed[0][0]
    _object(case, handoff, unit, upheld=False, reason="经核实，事项属于该单位法定职责")


def feed_back(case: Case, *, result: str = "done", rework: bool = False) -> None:
    """Every unit that owes feedback reports; the lower unit of a line before the upper one."""
    for handoff, unit in case.feedback_owed:
        at = case.time.workdays_later(case.now, 0, 1)
        report = case.document(f"report/{handoff}/{unit}")
        case.act("feed_back", at, unit, "handler", handoff=handoff, report=report, result=result)
        if rework:
            _reworked(case, handoff, unit)
    case.feedback_owed.clear()


def _reworked(case: Case, handoff: str, unit: str) -> None:
    """One return for rework, answered well before the due day."""
    at = case.time.workdays_later(case.now, 1, 2)
    case.act("return_for_rework", at, OFFICE, "clerk", handoff=handoff, reason="报告未附送达凭证，请补正")
    at = case.time.workdays_later(case.now, 1, 3)
    report = case.document(f"report/{handoff}/{unit}/again")
    case.act("feed_back", at, unit, "handler", handoff=handoff, report=report, result="done")


def prolong(case: Case, days: int) -> None:
    """The office moves the due days of its assignments when an extension was approved."""
    for handoff, _unit in case.feedback_owed:
        at = case.time.soon(case.now)
        offered = next(entry for entry in case.actions if entry.get("handoff") == handoff)
        due = case.limit(date.fromisoformat(offered["due_on"]), days)
        case.act(
            "change_handoff_due",
            at,
            OFFICE,
            "clerk",
            handoff=handoff,
            due_on=due.isoformat(),
            reason=PROLONGED_REASON,
        )


def three_ways(case: Case, to: list[str]) -> None:
    """The three-way assignment of the joint conference: three receipts; feedback follows (art.22(3))."""
    handoff = offer(case, to, mode="tri_party", sender=JOINT_CONFERENCE, due_days=60)
    for unit in to:
        take(case, handoff, unit)
        _owe(case, handoff, unit)


def latest_notice(case: Case) -> date:
    """The last day of the fifteen that art.23 gives the unit."""
    return case.limit(case.unit_received_on, 15)
