"""Supervision, advice, measures and recusal: what officials do to keep each other and order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from infra.reference_year.handling import investigate
from infra.reference_year.offices import COUNTY, OFFICE
from infra.reference_year.story import Case

ADVICE_ANSWER_DAYS = (15, 45)
ADVICE_KINDS = ("improve_work", "improve_work", "improve_policy", "accountability")
MEASURE_DAYS = 45
MEASURE_BASIS = "《信访工作条例》第四十七条"


def supervise(case: Case) -> None:
    """A reminder in writing, answered by an act of the unit and a report, then closed."""
    ref = f"{case.ref}-s1"
    opened = case.time.workdays_later(case.now, 1, 2)
    due = case.limit(opened.date(), 30).isoformat()
    case.act(
        "supervise",
        opened,
        OFFICE,
        "clerk",
        supervision=ref,
        ground="OTHER",
        method="书面督办",
        to=case.unit,
        due_on=due,
    )
    investigate(case, "supervised")
    report = case.document("supervision/answer")
    at = case.time.workdays_later(case.now, 1, 2)
    case.act("answer_supervision", at, case.unit, "handler", supervision=ref, report=report)
    at = case.time.workdays_later(case.now, 1, 2)
    case.act("close_supervision", at, OFFICE, "clerk", supervision=ref, outcome="done")


def advise(case: Case) -> None:
    """One of the three kinds of advice, answered in writing; now and then not adopted, with a reason."""
    ref = f"{case.ref}-p1"
    kind = ADVICE_KINDS[case.world.advised % len(ADVICE_KINDS)]
    case.world.advised += 1
    to = COUNTY if kind == "improve_policy" else case.unit
    at = case.time.workdays_later(case.now, 1, 5)
    case.act("advise", at, OFFICE, "head", advice=ref, kind=kind, to=to, document=case.document("advice"))
    adopted = case.rng.random() < 0.8
    case.act(
        "answer_advice",
        case.time.days_later(case.now, *ADVICE_ANSWER_DAYS),
        to,
        "head",
        advice=ref,
        adopted=adopted,
        reason=None if adopted else "已有同类规定，拟在下次修订时统一研究",
        document=case.document("advice/answer"),
    )


def measure(case: Case, kind: str, unit: str) -> None:
    """A measure with legal basis, conduct and approval by the head; the petitioner's own words beside it."""
    ref = f"{case.ref}-m1"
    at = case.time.workdays_later(case.now, 0, 1)
    until = at.date() + timedelta(days=MEASURE_DAYS)
    refused = case.rng.random() < 0.2
    case.act(
        "take_measure",
        at,
        unit,
        "handler",
        measure=ref,
        kind=kind,
        unit=unit,
        legal_basis=MEASURE_BASIS,
        conduct=case.personal_document("measure/conduct"),
        approved_by=case.world.offices.head(unit, at.date()),
        until_on=until.isoformat(),
        statement=None if refused else case.personal_document("measure/statement"),
        statement_refused=refused,
    )


def release(case: Case) -> None:
    """The measure ends before its last day."""
    ref = f"{case.ref}-m1"
    taken = case.actions_named("take_measure")[-1]
    at = case.time.workdays_later(case.now, 1, 3)
    case.act("release_measure", at, taken["unit"], "handler", measure=ref, reason="教育目的已达到，提前解除")


def recuse(case: Case, *, granted: bool) -> None:
    """An interest is declared, or a recusal asked for, and decided by the head before work goes on."""
    at = case.time.soon(case.now)
    staff = case.staff(case.unit, "handler", at.date())
    if granted:
        case.act("declare_interest", at, case.unit, "handler", staff=staff, relation="与信访人有亲属关系")
    else:
        reason = "信访人认为承办人与被反映单位有往来"
        case.act("request_recusal", at, case.unit, "registrar", staff=staff, requested_by="petitioner", reason=reason)
    decided = case.time.workdays_later(case.now, 0, 1)
    replacement = None
    if granted:
        case.recused.add(staff)
        replacement = case.staff(case.unit, "handler", decided.date())
    entry: dict[str, Any] = {"staff": staff, "recused": granted, "replacement": replacement}
    case.act("decide_recusal", decided, case.unit, "head", **entry)
