"""Claims of route 6 from receipt to file, with everything that may honestly happen on the way (art.31(6)–36)."""

from __future__ import annotations

from datetime import datetime

from infra.reference_year import handling, intake, oversight, passing, reviews
from infra.reference_year.offices import OFFICE, TOWNSHIPS, township_office
from infra.reference_year.story import Case

OFFICE_NOTICE_SHARE = 0.7
RE_REVIEW_OUTCOMES = ("upheld", "changed")


def hand(case: Case) -> None:
    """Bring the matter to its competent unit the way that the plan says; the office tells the petitioner."""
    right = case.responsible_unit()
    if case.has("joint"):
        other = passing.wrong_unit(case)
        passing.to_joint(case, right, other)
        at = case.time.workdays_later(case.now, 0, 1)
        intake.notify(case, other, "receipt", at)
    elif case.has("line"):
        township = case.rng.choice(sorted(TOWNSHIPS))
        passing.down_the_line(case, township, township_office(township))
    elif case.has("objection_upheld") or case.has("competence_decided"):
        passing.through_objection(case, passing.wrong_unit(case), right, competence=case.has("competence_decided"))
    elif case.has("objection_rejected"):
        passing.despite_objection(case, right)
    else:
        passing.to_unit(case, right, mode="transfer" if case.has("transfer") else "assign")
    unhurried = case.world.calendar.add_workdays(case.now.date(), 4) <= passing.latest_notice(case)
    if unhurried and case.rng.random() < OFFICE_NOTICE_SHARE:
        intake.office_notice(case, "transferred_to", latest_days=5)


def taken_up(case: Case) -> None:
    """Receipt to acceptance, with the measures that order needed at the desk."""
    intake.opened(case, "claim", 6)
    if case.has("education") or case.has("admonition"):
        oversight.measure(case, "education" if case.has("education") else "admonition", OFFICE)
    hand(case)
    handling.accept(case)
    handling.assign(case)
    if case.actions_named("take_measure"):
        oversight.release(case)


def finish(case: Case, ground: str, *, unit_rated: bool) -> None:
    """Feedback, closing, ratings, file, and advice where the matter showed a fault of the rules."""
    handling.close(case, ground)
    handling.rate_and_archive(case, office=office_notified(case), unit=unit_rated)
    if case.has("advised"):
        oversight.advise(case)


def office_notified(case: Case) -> bool:
    """Whether a notice of the office itself has arrived, so that there is something to rate."""
    return any(
        entry["by"]["unit"] == OFFICE and datetime.fromisoformat(entry["delivered_at"]) <= case.now
        for entry in case.actions_named("notify_petitioner")
    )


def _establish(case: Case) -> None:
    if case.has("recusal"):
        oversight.recuse(case, granted=True)
    if case.has("recusal_refused"):
        oversight.recuse(case, granted=False)
    handling.establish_facts(case)
    if case.has("supervised"):
        oversight.supervise(case)
    if case.has("hearing"):
        handling.hold_hearing(case)


def _result(case: Case) -> str:
    if any(case.has(trait) for trait in ("review", "re_review", "redo")):
        return case.rng.choice(("explained", "not_supported"))
    return case.rng.choice(handling.RESULTS)


def _decided(case: Case) -> None:
    days = handling.extend(case) if case.has("extension") else 0
    handling.issue_opinion(case, result=_result(case), extension_days=days)
    handling.deliver_opinion(case)
    passing.feed_back(case, rework=case.has("rework"))
    handling.execute(case)


def _reviewed(case: Case) -> str:
    """The stages after the opinion; answers the ground of closing."""
    if case.has("redo"):
        reviews.review(case, "review", "redo")
        reviews.handle_again(case)
        return "opinion_delivered"
    if case.has("review"):
        reviews.review(case, "review", "changed" if case.slot.index % 6 == 0 else "upheld")
        return "opinion_delivered"
    reviews.review(case, "review", "upheld")
    hearing = case.slot.index % 2 == 0
    reviews.review(case, "re_review", case.rng.choice(RE_REVIEW_OUTCOMES), hearing=hearing)
    case.review_ended_at = case.now
    return "review_final"


def claim(case: Case) -> None:
    """A claim that ends with a delivered opinion, and where asked for with its review."""
    taken_up(case)
    _establish(case)
    _decided(case)
    ground = "opinion_delivered"
    if any(case.has(trait) for trait in ("review", "re_review", "redo")):
        ground = _reviewed(case)
    finish(case, ground, unit_rated=True)


def direct_unit(case: Case) -> None:
    """A visit at the unit's own desk: its own receipt, its own fifteen days (art.23 para 2)."""
    case.receiver = case.rng.choice([*sorted(TOWNSHIPS), case.responsible_unit()])
    case.unit = case.receiver
    intake.opened(case, "claim", 6)
    case.unit_received_on = case.received_on
    handling.accept(case)
    handling.assign(case)
    _establish(case)
    _decided(case)
    finish(case, "opinion_delivered", unit_rated=True)


def mediated(case: Case) -> None:
    """A claim that ends by consent of both sides."""
    taken_up(case)
    handling.establish_facts(case)
    handling.mediate(case)
    passing.feed_back(case)
    finish(case, "mediated", unit_rated=True)


def withdrawn(case: Case) -> None:
    """The petitioner withdraws in writing, long before the period ends."""
    taken_up(case)
    at = case.time.workdays_later(case.now, 1, 12)
    via = "petitioner_online" if case.slot.channel == "online" else "letter"
    paper = case.personal_document("withdrawal")
    case.act("withdraw_petition", at, OFFICE, "registrar", document=paper, via=via)
    passing.feed_back(case, result="partly")
    finish(case, "withdrawn", unit_rated=False)


def died(case: Case) -> None:
    """The petitioner dies and nobody carries the matter on."""
    taken_up(case)
    handling.establish_facts(case)
    passing.feed_back(case, result="not_done")
    handling.close(case, "petitioner_died")


def to_procedure(case: Case) -> None:
    """A court takes the matter: it leaves the sixty days early, with the procedure's own number."""
    taken_up(case)
    at = case.time.workdays_later(case.now, 3, 9)
    case.act(
        "route",
        at,
        OFFICE,
        "clerk",
        purpose="claim",
        route=1,
        procedure="民事诉讼",
        procedure_ref=f"CASE-{case.slot.index:04d}",
        reason="信访人就同一事项提起诉讼，人民法院已立案",
    )
    intake.office_notice(case, "procedure", latest_days=8)
    passing.feed_back(case, result="partly")
    finish(case, "handed_to_procedure", unit_rated=False)
