"""Acceptance, facts, extension, opinion, delivery, execution and closing by the book."""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.reference_year.intake import notify
from infra.reference_year.offices import OFFICE
from infra.reference_year.passing import latest_notice, prolong
from infra.reference_year.story import Case
from infra.reference_year.working_time import instant

HANDLING_DAYS = 60
PROMISE_DAYS = 30
RESULTS = ("supported", "supported", "supported", "explained", "explained", "not_supported")
LEGAL_BASES = ("《信访工作条例》第三十一条", "《中华人民共和国民法典》第一百七十六条", "《社会救助暂行办法》第九条")
GRADES = ("satisfied", "satisfied", "satisfied", "satisfied", "basically", "basically", "dissatisfied")
RATED_SHARE = 0.6
METHODS = ("现场核查", "走访询问", "查阅资料", "函询")


def accept(case: Case) -> None:
    """Acceptance by the competent unit and its written notice, both inside the fifteen days of art.23."""
    latest = latest_notice(case)
    at = case.time.workdays_later(case.now, 0, 4, case.time.back_to_workday(latest - timedelta(days=1)))
    handler = case.staff(case.unit, "handler", at.date())
    case.act("accept_case", at, case.unit, "handler", handler=handler)
    case.accepted_on = at.date()
    notify(case, case.unit, "acceptance", case.time.workdays_later(case.now, 0, 2, latest))


def assign(case: Case) -> None:
    """The head names the handler."""
    at = case.time.soon(case.now)
    handler = case.staff(case.unit, "handler", at.date())
    head = case.world.offices.head(case.unit, at.date())
    case.act("assign_handler", at, case.unit, "head", handler=handler, supervisor=head)


def establish_facts(case: Case) -> None:
    """The petitioner is heard and the facts are verified (art.31(6))."""
    at = case.time.workdays_later(case.now, 1, 4)
    handler = case.staff(case.unit, "handler", at.date())
    record = case.personal_document("facts")
    case.act("hear_facts", at, case.unit, "handler", attendees=[handler], record=record)
    investigate(case, "first")


def investigate(case: Case, name: str) -> None:
    """One verification by the handler."""
    at = case.time.workdays_later(case.now, 1, 4)
    handler = case.staff(case.unit, "handler", at.date())
    method = case.rng.choice(METHODS)
    record = case.personal_document(f"investigation/{name}")
    case.act("investigate", at, case.unit, "handler", method=method, attendees=[handler], record=record)


def hold_hearing(case: Case) -> None:
    """A hearing of one or two days; nothing is counted out of the sixty days for it."""
    hearing = f"{case.ref}-t1"
    case.act("open_hearing", case.time.workdays_later(case.now, 1, 3), case.unit, "handler", hearing=hearing)
    closed = case.time.workdays_later(case.now, 0, 1)
    record = case.personal_document("hearing")
    case.act("close_hearing", closed, case.unit, "handler", hearing=hearing, record=record)


def due_on(case: Case, n: int = HANDLING_DAYS) -> datetime:
    """Noon of the last day of the handling period."""
    if case.accepted_on is None:
        raise ValueError(f"{case.ref} is not accepted")
    return instant(case.limit(case.accepted_on, n), 12)


def extend(case: Case) -> int:
    """One extension by the unit's own head before the due day, notified before it. Answers its days."""
    if case.accepted_on is None:
        raise ValueError(f"{case.ref} is not accepted")
    days = case.rng.choice((15, 20, 30))
    around = instant(case.accepted_on + timedelta(days=case.rng.randint(42, 50)), 9)
    at = case.time.on_day(case.time.back_to_workday(max(around, case.now).date()), case.now)
    head = case.world.offices.head(case.unit, at.date())
    reason = "事实复杂，需委托专业机构鉴定"
    case.act("extend", at, case.unit, "head", days=days, approved_by=head, approver_role="head", reason=reason)
    notify(case, case.unit, "extension", case.time.workdays_later(case.now, 0, 1, due_on(case).date()))
    prolong(case, days)
    return days


def issue_opinion(case: Case, *, result: str, extension_days: int = 0, name: str = "opinion") -> None:
    """The written opinion, five days and more before the period ends, signed by the unit's head."""
    if case.accepted_on is None:
        raise ValueError(f"{case.ref} is not accepted")
    low = HANDLING_DAYS + 2 if extension_days else 14
    high = HANDLING_DAYS + extension_days - 3 if extension_days else 52
    wanted = case.accepted_on + timedelta(days=case.rng.randint(low, high))
    day = case.time.back_to_workday(wanted)
    at = case.time.on_day(day, case.now) if day > case.now.date() else case.time.workdays_later(case.now, 0, 1)
    promised = case.limit(at.date(), PROMISE_DAYS) if result == "supported" else None
    case.act(
        "issue_opinion",
        at,
        case.unit,
        "handler",
        document=case.personal_document(name),
        result=result,
        legal_basis=[case.rng.choice(LEGAL_BASES)],
        signed_by=case.world.offices.head(case.unit, at.date()),
        promise_due_on=promised.isoformat() if promised else None,
        executing_unit=case.unit if promised else None,
    )
    case.opinion_issued_at = at


def _delivery_mode(case: Case) -> tuple[str, int]:
    """Mode and failed attempts before; a public notice only after two of them."""
    if case.has("public_notice"):
        return "public_notice", 2
    if case.has("refused_delivery"):
        return "hand", 0
    return case.rng.choice(("hand", "hand", "post", "entrusted")), 0


def deliver_opinion(case: Case, name: str = "opinion") -> None:
    """Delivery within fifteen days with its proof; a refusal is witnessed and stands as delivery."""
    mode, attempts = _delivery_mode(case)
    sent = case.time.workdays_later(case.now, 0, 3)
    at, precision = sent + timedelta(minutes=case.rng.randint(1, 5)), None
    if mode in ("post", "public_notice"):
        arrived = case.time.workdays_later(sent, 2, 4).date()
        at, precision = instant(arrived, 12), "day"
    case.act(
        "deliver_opinion",
        at,
        case.unit,
        "handler",
        entered=case.proof_entry(at, at) if precision else None,
        at_precision=precision,
        sent_at=sent.isoformat(),
        delivered_at=at.isoformat(),
        delivery=mode,
        signed=not (case.has("refused_delivery") or case.has("public_notice")),
        attempts=attempts,
        proof=case.personal_document(f"{name}/delivery"),
    )


def execute(case: Case) -> None:
    """What was promised is done before the promised day, with proof."""
    promised = case.actions_named("issue_opinion")[-1].get("promise_due_on")
    if promised is None:
        return
    latest = datetime.fromisoformat(promised).date() - timedelta(days=1)
    at = case.time.days_later(case.now, 3, 16, case.time.back_to_workday(latest))
    case.act("execute_opinion", at, case.unit, "handler", done=True, proof=case.document("execution"))


def mediate(case: Case) -> None:
    """A mediation by consent of both (art.33)."""
    at = case.time.days_later(case.now, 5, 25)
    agreement = case.personal_document("agreement")
    case.act("mediate", at, case.unit, "handler", agreement=agreement, both_consent=True)


def close(case: Case, ground: str, *, after_days: tuple[int, int] = (0, 3)) -> None:
    """Closing by the office, or by the unit that received the petition itself."""
    unit = case.receiver
    at = case.time.workdays_later(case.now, *after_days)
    case.act("close_case", at, unit, "clerk", ground=ground)
    case.closed_at = at


def rate_and_archive(case: Case, *, office: bool, unit: bool) -> None:
    """The petitioner rates what there was to rate, seldom at a kiosk, never by an official's hand; then the file."""
    for side, wanted in (("office", office), ("unit", unit)):
        if wanted and not case.anonymous and case.rng.random() < RATED_SHARE:
            at = case.time.workdays_later(case.now, 1, 3)
            rated = case.unit if side == "unit" else OFFICE
            role = "registrar"
            via = case.rng.choice(("petitioner_online", "sms", "sms", "phone", "hall_kiosk"))
            case.act("rate", at, rated, role, side=side, grade=case.rng.choice(GRADES), entered_via=via)
    at = case.time.workdays_later(case.now, 2, 8)
    archive_no = f"XFDA-{case.slot.received_at.year}-{case.slot.index:04d}"
    case.act("archive_case", at, case.receiver, "registrar", archive_no=archive_no)
