"""Everything that is no claim of route 6: suggestions, accusations, consultations, other procedures, refusals."""

from __future__ import annotations

from datetime import timedelta

from infra.reference_year import handling, intake, oversight, passing
from infra.reference_year.claims import finish
from infra.reference_year.offices import DISCIPLINE, OFFICE, ORGANISATION, POLICE, POLITICS_LAW, TOWNSHIPS
from infra.reference_year.story import Case

PROCEDURES = {1: "民事诉讼", 2: "劳动人事争议仲裁", 3: "党员申诉", 4: "行政复议"}
ROUTE_WEIGHTS = {1: 40, 2: 18, 3: 4, 4: 26}
PROCEDURE_BODIES = {1: POLITICS_LAW, 2: "RSJ", 3: ORGANISATION}
PASSED_ON_SHARE = 0.5
QUIET_DAYS = 35  # a matter closed less than thirty days ago is not called closed again


def _told(case: Case, unit: str, notice: str) -> None:
    """The unit's notice within its fifteen days, or the reason why none can be given."""
    at = case.time.workdays_later(case.now, 0, 3, passing.latest_notice(case))
    if case.anonymous or case.has("address_unclear"):
        ground = "name_unclear" if case.anonymous else "address_unclear"
        case.act("exempt_notice", at, unit, "handler", notice=notice, ground=ground)
    else:
        intake.notify(case, unit, notice, at)


def suggestion(case: Case) -> None:
    """Studied by the competent unit or the office, and answered (art.29)."""
    intake.opened(case, "suggestion")
    if case.rng.random() < PASSED_ON_SHARE or case.slot.traits:
        unit = case.responsible_unit()
        passing.to_unit(case, unit, mode="transfer")
        _told(case, unit, "receipt")
    else:
        intake.office_notice(case, "receipt", latest_days=3)
    latest = None if case.handoffs else case.time.back_to_workday(case.limit(case.received_on, 15))
    at = case.time.days_later(case.now, 4, 28, latest)
    intake.dispose(case, case.unit, "direct_answer", at)
    finish(case, "suggestion_answered", unit_rated=False)


def _accuse(case: Case, accusation_of: str, to: str) -> None:
    """A restricted receipt, handed to the body that may have it and to nobody else (art.30)."""
    intake.receive(case, accusation_of=accusation_of)
    intake.register(case)
    intake.route(case, "accusation")
    passing.to_unit(case, to, mode="transfer")
    if not case.anonymous:
        intake.office_notice(case, "transferred_to", latest_days=8)


def accusation_discipline(case: Case) -> None:
    """An accusation of a supervised official or a party organisation goes to discipline inspection."""
    case.about_units = [case.rng.choice(sorted(TOWNSHIPS))]
    _accuse(case, case.rng.choice(("supervised_official", "supervised_official", "party_organisation")), DISCIPLINE)
    finish(case, "accusation_transferred", unit_rated=False)


def accusation_organisation(case: Case) -> None:
    """One about the use of cadres goes to the organisation department, which tells of the receipt."""
    case.about_units = [case.rng.choice(sorted(TOWNSHIPS))]
    _accuse(case, "supervised_official", ORGANISATION)
    _told(case, ORGANISATION, "receipt")
    finish(case, "accusation_transferred", unit_rated=False)


def accusation_illegality(case: Case) -> None:
    """One of an enterprise's unlawful acts goes to the bureau that may sanction them."""
    unit = case.responsible_unit()
    _accuse(case, "other_illegality", unit)
    _told(case, unit, "receipt")
    handling.investigate(case, "illegality")
    intake.dispose(case, unit, "direct_answer", case.time.days_later(case.now, 5, 20))
    finish(case, "accusation_transferred", unit_rated=False)


def illegality(case: Case) -> None:
    """Route 5: a bureau is asked to act against an unlawful state, acts, and answers within two months."""
    unit = case.responsible_unit()
    intake.opened(case, "claim", 5, procedure="履行法定职责")
    passing.to_unit(case, unit)
    _told(case, unit, "receipt")
    handling.investigate(case, "illegality")
    intake.dispose(case, unit, "direct_answer", case.time.days_later(case.now, 4, 18))
    passing.feed_back(case)
    finish(case, "answered_directly", unit_rated=False)


def consultation(case: Case) -> None:
    """Answered by the office at once or after asking around."""
    intake.opened(case, "consultation")
    if case.rng.random() < PASSED_ON_SHARE:
        intake.office_notice(case, "receipt", latest_days=6)
    intake.dispose(case, OFFICE, "direct_answer", case.time.workdays_later(case.now, 0, 2))
    finish(case, "answered_directly", unit_rated=False)


def other(case: Case) -> None:
    """What belongs to nobody's petition work here is pointed to the right door."""
    intake.opened(case, "other")
    intake.office_notice(case, "refer_elsewhere", latest_days=6)
    intake.dispose(case, OFFICE, "guided", case.time.soon(case.now))
    finish(case, "transferred_out", unit_rated=False)


def statutory(case: Case) -> None:
    """Routes 1–4: the procedure is named, the petitioner is told in writing, some matters are passed on."""
    number = case.rng.choices(list(ROUTE_WEIGHTS), list(ROUTE_WEIGHTS.values()))[0]
    reference = f"PROC-{case.slot.index:04d}" if case.rng.random() < 0.4 else None
    intake.opened(case, "claim", number, procedure=PROCEDURES[number], procedure_ref=reference)
    intake.office_notice(case, "procedure", latest_days=6)
    if case.rng.random() < PASSED_ON_SHARE:
        unit = PROCEDURE_BODIES.get(number, case.responsible_unit())
        passing.to_unit(case, unit, mode="transfer")
        _told(case, unit, "receipt")
    else:
        intake.dispose(case, OFFICE, "guided", case.time.soon(case.now))
    finish(case, "handed_to_procedure", unit_rated=False)


def tri_party(case: Case) -> None:
    """A matter that also breaks the peace: politics and law, police and petition office together, a closed loop."""
    intake.opened(case, "claim", 1, procedure="治安管理处罚和诉讼程序", procedure_ref=f"SX-{case.slot.index:04d}")
    intake.office_notice(case, "procedure", latest_days=4)
    passing.three_ways(case, [POLITICS_LAW, POLICE, OFFICE])
    _told(case, POLICE, "receipt")
    oversight.measure(case, "admonition", POLICE)
    oversight.release(case)
    passing.feed_back(case)
    finish(case, "handed_to_procedure", unit_rated=False)


def _refuse(case: Case, ground: str, notice: str, *, procedure: str | None = None) -> None:
    latest = case.limit(case.received_on, 13)
    at = case.time.workdays_later(case.now, 0, 2, latest)
    paper = case.document("refusal")
    case.act("refuse_acceptance", at, OFFICE, "clerk", ground=ground, procedure=procedure, document=paper)
    intake.office_notice(case, notice, latest_days=10)


def refused_procedure(case: Case) -> None:
    """Another statutory procedure is open: refused with its name, and the petitioner is told where to go."""
    intake.opened(case, "claim", 4, procedure=PROCEDURES[4])
    _refuse(case, "other_procedure", "refer_elsewhere", procedure=PROCEDURES[4])
    finish(case, "not_accepted", unit_rated=False)


def refused_competence(case: Case) -> None:
    """The matter lies in another county."""
    intake.opened(case, "claim", 6)
    _refuse(case, "not_competent", "refer_elsewhere")
    finish(case, "not_accepted", unit_rated=False)


def _same_matter_opened(case: Case, base: Case) -> None:
    case.content_class, case.region, case.about_units = base.content_class, base.region, list(base.about_units)
    base.repeated = True
    intake.receive(case)
    intake.register(case, repeat_of=base.ref)


def _open_base(case: Case) -> Case:
    """An earlier claim in process now and for three weeks more, not named by any other repeat."""
    until = case.slot.received_at + timedelta(days=QUIET_DAYS)
    bases = [
        base
        for base in case.world.told
        if base.slot.scenario == "claim"
        and not base.has("grant")
        and not base.repeated
        and base.accepted_on is not None
        and base.accepted_on < case.received_on
        and base.closed_at is not None
        and base.closed_at > until
    ]
    return case.rng.choice(bases)


def refused_same_matter(case: Case) -> None:
    """The same matter is being handled within its time (art.19): refused, with notice."""
    base = _open_base(case)
    _same_matter_opened(case, base)
    intake.route(case, "claim", 6)
    _refuse(case, "same_matter_in_process", "non_acceptance")
    finish(case, "not_accepted", unit_rated=False)


def merged(case: Case) -> None:
    """Another petitioner's petition in the same matter joins the open case, attested."""
    base = _open_base(case)
    case.content_class, case.region, case.about_units = base.content_class, base.region, list(base.about_units)
    base.repeated = True
    intake.opened(case, "claim", 6)
    intake.office_notice(case, "receipt", latest_days=4)
    paper = case.document("merge")
    case.act("merge_case", case.time.soon(case.now), OFFICE, "clerk", into=base.ref, attestation=paper)
    finish(case, "merged", unit_rated=False)


def refused_re_reviewed(case: Case) -> None:
    """The matter went through its re-review: no longer accepted (art.36)."""
    before = case.slot.received_at - timedelta(days=QUIET_DAYS)
    bases = [
        base
        for base in case.world.told
        if base.review_ended_at is not None and base.closed_at is not None and base.closed_at < before
    ]
    base = case.rng.choice([base for base in bases if not base.repeated])
    _same_matter_opened(case, base)
    intake.route(case, "claim", 6)
    _refuse(case, "re_reviewed", "no_longer_accepted")
    intake.dispose(case, OFFICE, "no_longer_accepted", case.time.soon(case.now))
    finish(case, "no_longer_accepted", unit_rated=False)


def linked(case: Case) -> None:
    """The same question again, months later: linked to the earlier answer."""
    before = case.slot.received_at - timedelta(days=QUIET_DAYS)
    bases = [
        base
        for base in case.world.told
        if base.slot.scenario == "consultation"
        and not base.repeated
        and base.closed_at is not None
        and base.closed_at < before
    ]
    base = case.rng.choice(bases)
    _same_matter_opened(case, base)
    intake.route(case, "consultation")
    at = case.time.workdays_later(case.now, 0, 2)
    intake.dispose(case, OFFICE, "linked", at, linked_to=base.ref)
    finish(case, "answered_directly", unit_rated=False)
