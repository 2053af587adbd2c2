"""Receipt, registration, route and the office's own answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from infra.reference_year.offices import COUNTY, OFFICE, SUPERIOR_OFFICE
from infra.reference_year.story import Case
from infra.reference_year.working_time import instant

EVIDENCE = {"letter": "arrival_stamp", "visit": "visit_log", "online": "web_log", "call": "call_log"}
POSTMARK_SHARE = 0.3
FESTIVAL_POST_UNTIL = "2025-02-12"  # letters of these days were posted before the Spring Festival
FESTIVAL_POSTED_ON = datetime.fromisoformat("2025-01-24T16:00:00+08:00")
GROUP_SHARE = 0.07
URGENT_REPORT_TO = ["XW", COUNTY, SUPERIOR_OFFICE]
PURPOSES = {"accusation", "suggestion", "consultation", "other"}


def _evidence(case: Case) -> dict[str, str]:
    """How the receipt is proved; a postmark is the day of sending, not of receipt."""
    at = case.slot.received_at
    if case.slot.channel == "letter":
        if at.strftime("%Y-%m") == "2025-02" and at.date().isoformat() <= FESTIVAL_POST_UNTIL:
            return {"kind": "postmark", "at": FESTIVAL_POSTED_ON.isoformat()}
        if case.rng.random() < POSTMARK_SHARE:
            sent = instant(at.date() - timedelta(days=case.rng.randint(2, 6)), 16, case.rng.randint(0, 59))
            return {"kind": "postmark", "at": sent.isoformat()}
    return {"kind": EVIDENCE[case.slot.channel], "at": at.isoformat()}


def _origin(case: Case) -> dict[str, Any]:
    """Where the petition came from; what the superior office passed on carries its number."""
    chance = case.rng.random()
    if case.receiver != OFFICE or case.slot.channel == "visit":
        return {"source": "direct"}
    if case.slot.channel == "call":
        return {"source": "hotline"}
    if chance < 0.25:
        number = f"GX2025-{case.slot.index:05d}"
        return {"source": "superior_transfer", "external_numbers": {"national": number}}
    return {"source": "leader" if case.slot.channel == "letter" and chance > 0.9 else "direct"}


def _people(case: Case) -> dict[str, Any]:
    """Joint petitions come with at most five representatives (art.20)."""
    if case.slot.channel != "visit" or (case.rng.random() > GROUP_SHARE and not case.has("urgent")):
        return {"people_count": 1}
    people = case.rng.randint(5, 24)
    return {"people_count": people, "representatives_count": min(5, people)}


def receive(case: Case, *, accusation_of: str | None = None) -> None:
    """The receipt itself; every accusation is restricted."""
    at = case.slot.received_at
    dated = at.date() - timedelta(days=case.rng.randint(6, 9)) if case.slot.channel == "letter" else None
    evidence = _evidence(case)
    if dated is not None:
        dated = min(dated, datetime.fromisoformat(evidence["at"]).date())
    case.act(
        "receive_petition",
        at,
        case.receiver,
        "registrar",
        channel=case.slot.channel,
        received_at=at.isoformat(),
        receipt_evidence=evidence,
        petition_dated_on=dated.isoformat() if dated else None,
        petitioner_ref=None if case.anonymous else case.petitioner,
        **_people(case),
        anonymous=case.anonymous,
        content=case.personal_document("petition"),
        region=case.region,
        about_units=case.about_units,
        accusation_of=accusation_of,
        urgent=case.has("urgent"),
        restricted=accusation_of is not None,
        **_origin(case),
    )


def register(case: Case, *, repeat_of: str | None = None) -> None:
    """Registration within three working days of the receipt; an urgent matter is reported before it."""
    if case.has("urgent"):
        report = case.now + timedelta(minutes=case.rng.randint(5, 40))
        learnt = case.slot.received_at.isoformat()
        case.act("report_urgent", report, OFFICE, "clerk", learnt_at=learnt, to=URGENT_REPORT_TO)
    at = case.time.workdays_later(case.now, 0, 2)
    fields: dict[str, Any] = {"content_class": case.content_class, "repeat_of": repeat_of}
    case.act("register_petition", at, case.receiver, "registrar", urgent=case.has("urgent") or None, **fields)


def route(case: Case, purpose: str, number: int | None = None, **fields: Any) -> None:
    """The class of art.29–31, on the day of registration or the next."""
    at = case.time.workdays_later(case.now, 0, 1)
    role = "clerk" if case.receiver == OFFICE else "handler"
    case.act("route", at, case.receiver, role, purpose=purpose, route=number, **fields)


def opened(case: Case, purpose: str, number: int | None = None, **fields: Any) -> None:
    """Receipt, registration and route of an ordinary petition."""
    receive(case)
    register(case)
    route(case, purpose, number, **fields)


def notify(case: Case, unit: str, notice: str, at: datetime, *, role: str = "handler") -> None:
    """A written notice with its proof; by post it arrives some days later and is entered when the slip is back."""
    delivery = case.rng.choice(["hand", "post", "sms"] if case.slot.channel != "online" else ["online", "sms"])
    arrived = at + timedelta(minutes=case.rng.randint(1, 9))
    entered = arrived + timedelta(minutes=case.rng.randint(1, 9))
    if delivery == "post":
        arrived = case.time.workdays_later(at, 2, 4)
        entered = case.proof_entry(at, arrived)
    case.act(
        "notify_petitioner",
        at,
        unit,
        role,
        entered=entered,
        notice=notice,
        document=case.personal_document(f"notice/{unit}/{notice}/{len(case.actions)}"),
        sent_at=at.isoformat(),
        delivered_at=arrived.isoformat(),
        delivery=delivery,
        result="signed",
        proof=case.personal_document(f"proof/{unit}/{notice}/{len(case.actions)}"),
    )


def office_notice(case: Case, notice: str, latest_days: int = 14) -> None:
    """A notice of the petition office itself, within fifteen days of the receipt or the act before it."""
    latest = case.limit(case.now.date(), latest_days)
    notify(case, OFFICE, notice, case.time.workdays_later(case.now, 0, 2, latest), role="clerk")


def dispose(case: Case, unit: str, kind: str, at: datetime, *, linked_to: str | None = None) -> None:
    """A disposal with its document."""
    role = "clerk" if unit == OFFICE else "handler"
    case.act("dispose", at, unit, role, kind=kind, linked_to=linked_to, document=case.document(f"disposal/{kind}"))
