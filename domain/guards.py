"""Guards: money and secrecy that the ledger itself can still stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from domain.base import Action, Desk
from domain.case.case import Case, CaseAction
from domain.case.handoff import HandOver
from domain.case.staffing import DecideRecusal, DeclareInterest
from domain.errors import Guarded
from domain.fund import Fund, ReleaseCommitment
from domain.grant import Grant, GrantAction
from domain.granting import ApplyForGrant, AppropriateGrant, ApproveGrant, ExamineGrant
from domain.paying import PayGrant
from domain.record import RecordAction


class Alarm(NamedTuple):
    """A guard that fires: its name, the field it is about and what it saw."""

    guard: str
    field: str
    detail: str
    code: str | None = None


def keep(action: Action, desk: Desk) -> None:
    """Refuse a live action whose guards fire, unless its override names them and a head approved it.

    History imports are recorded as they were; the checks find them (XF-INT-003, FND, COI, CNF).
    """
    if desk.history:
        return
    if action.override is None and action.__class__ not in _GUARDS:
        alarm = _recused(action, desk)  # the only guard of most actions
        if alarm is None:
            return
    alarms = list(alarms_of(action, desk))
    override = action.override
    if override is None and not alarms:
        return
    if override is not None:
        if override.approved_by == action.actor or not desk.is_head(override.approved_by, action.at):
            raise Guarded("override_not_approved", override.approved_by, field="override.approved_by")
        alarms = [alarm for alarm in alarms if alarm.guard not in override.guards]
    if alarms:
        first = alarms[0]
        raise Guarded(first.code or f"guard_{first.guard}", first.detail, field=first.field)


def alarms_of(action: Action, desk: Desk) -> Iterator[Alarm]:
    """Every guard that fires on an action, in the order of the contract's table."""
    for guard in _GUARDS.get(type(action), _EVERYWHERE):
        alarm = guard(action, desk)
        if alarm is not None:
            yield alarm


def _duties(action: Action, desk: Desk) -> Alarm | None:
    if not isinstance(action, ExamineGrant | ApproveGrant | PayGrant) or action.actor is None:
        return None
    grant = desk.grant(action.grant)
    roles = {
        "examined": (grant.examined_by, ExamineGrant),
        "approved": (grant.approved_by, ApproveGrant),
        "paid": (grant.paid_by, PayGrant),
    }
    for role, (names, own) in roles.items():
        if action.actor in names and not isinstance(action, own):
            return Alarm("duties", "by.staff", f"{action.actor} {role} {grant.id}")
    if action.actor == grant.applied_by:
        return Alarm("duties", "by.staff", f"{action.actor} applied for {grant.id}")
    return None


def _approval(action: Action, desk: Desk) -> Alarm | None:
    if not isinstance(action, AppropriateGrant | PayGrant):
        return None
    grant = desk.grant(action.grant)
    if grant.decided != "approved":
        return Alarm("approval", "grant", f"{grant.id} is not approved")
    so_far = grant.appropriated_fen if isinstance(action, AppropriateGrant) else grant.paid_fen
    together = so_far + action.amount_fen - grant.came_back_fen
    if together > grant.approved_fen:
        return Alarm("approval", "amount_fen", f"{together} fen together, {grant.approved_fen} approved")
    return None


def _funds(action: Action, desk: Desk) -> Alarm | None:
    """At approval the amount, at payment what no commitment covers, against what is available; and cash."""
    if not isinstance(action, ApproveGrant | PayGrant):
        return None
    grant = desk.grant(action.grant)
    fund: Fund = desk.fund(grant.fund)
    if isinstance(action, ApproveGrant):
        if action.amount_fen > fund.available_fen:
            return Alarm("funds", "amount_fen", f"{fund.available_fen} fen are available in {fund.id}")
        return None
    outside = action.outside_fen(fund.committed_unpaid_fen(grant.id))
    if outside > 0 and outside > fund.available_fen:
        return Alarm("funds", "amount_fen", f"{fund.available_fen} fen are available in {fund.id}")
    if action.amount_fen > fund.balance_fen:
        return Alarm("funds", "amount_fen", f"{fund.balance_fen} fen are left in {fund.id}")
    return None


def _cap(action: Action, desk: Desk) -> Alarm | None:
    if not isinstance(action, ApproveGrant | PayGrant):
        return None
    grant = desk.grant(action.grant)
    fund = desk.fund(grant.fund)
    exceptional = action.exceptional if isinstance(action, ApproveGrant) else grant.exceptional
    if fund.cap_fen is None or not fund.cap_hard or exceptional:
        return None
    others = sum(other.exposure_fen for other in _same_basis(fund, grant, desk))
    if isinstance(action, ApproveGrant):
        own = max(action.amount_fen, grant.paid_fen) - grant.came_back_fen
    else:
        own = max(grant.exposure_fen, grant.paid_fen + action.amount_fen - grant.came_back_fen)
    if others + own > fund.cap_fen:
        return Alarm("cap", "amount_fen", f"{others + own} fen by {fund.cap_basis}, the cap is {fund.cap_fen}")
    return None


def _same_basis(fund: Fund, grant: Grant, desk: Desk) -> list[Grant]:
    """The other grants of the same fund that the cap's basis counts together with this one."""
    if fund.cap_basis == "beneficiary":
        found = desk.grants_of_beneficiary(grant.beneficiary_ref, grant.beneficiary_tag)
    elif fund.cap_basis == "matter":
        found = desk.grants_of_cases(desk.matter_of(grant.case))
    else:
        found = desk.grants_of_cases({grant.case})
    return [other for other in found if other.id != grant.id and other.fund == fund.id]


def _once(action: Action, desk: Desk) -> Alarm | None:
    if not isinstance(action, ApproveGrant | PayGrant):
        return None
    grant = desk.grant(action.grant)
    if grant.instalment_of is not None:
        return None
    for other in desk.grants_of_cases(desk.matter_of(grant.case)):
        if other.id == grant.id or not other.stands or other.instalment_of == grant.id:
            continue
        same_person = other.case == grant.case and _same(other.beneficiary_ref, grant.beneficiary_ref)
        if same_person or _same(other.beneficiary_tag, grant.beneficiary_tag):
            return Alarm("once", "grant", f"{other.id} stands for the same beneficiary")
    return None


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def _leak(action: Action, desk: Desk) -> Alarm | None:
    """An accusation goes to the unit complained of or to one below it."""
    if not isinstance(action, HandOver):
        return None
    case = desk.case(action.case)
    if not case.accusation or not case.about_units:
        return None
    about = set(case.about_units)
    places = [("to", unit) for unit in action.to] + [("cc", unit) for unit in action.cc or []]
    for field, unit in places:
        for member in (unit, *sorted(desk.superiors_of(unit))):
            name = desk.tag("about_units", member) if case.restricted else member
            if name is None:
                return Alarm("leak", field, "lay `discipline.key` into the key folder", "cannot_tell")
            if name in about:
                return Alarm("leak", field, f"{unit} is complained of, or stands below the unit that is")
    return None


def _recused(action: Action, desk: Desk) -> Alarm | None:
    staff = action.actor
    case = None if staff is None else _case_of(action, desk)
    if case is not None and staff in case.recused:
        return Alarm("recused", "by.staff", f"{staff} was recused in {case.id}")
    return None


def _case_of(action: Action, desk: Desk) -> Case | None:
    """The case an act is on, directly or through its grant; none for a case that the act opens."""
    if action.subject_key == "case":
        return None if action.claims == "case" else desk.case(cast(CaseAction, action).case)
    if isinstance(action, ApplyForGrant):
        return desk.case(action.case)
    if isinstance(action, GrantAction | ReleaseCommitment):
        return desk.case(desk.grant(action.grant).case)
    if isinstance(action, RecordAction):
        if action.grant is not None:
            return desk.case(desk.grant(action.grant).case)
        return desk.case(action.case) if action.case is not None else None
    return None


_EVERYWHERE = (_recused,)
_GUARDS = {
    ExamineGrant: (_duties, _recused),
    ApproveGrant: (_duties, _funds, _cap, _once, _recused),
    AppropriateGrant: (_approval, _recused),
    PayGrant: (_duties, _approval, _funds, _cap, _once, _recused),
    HandOver: (_leak, _recused),
    DeclareInterest: (),
    DecideRecusal: (),
}
"""Which guards an action can set off, in the order of the contract's table."""
