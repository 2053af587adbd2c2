"""Second reading of receipt, registration, classification, urgency and rating."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from tests.support.second_reading.record import SHANGHAI, Record, Story, Told, instant

Read = tuple[str, str, str]
"""Check, reason, subject."""
ARRIVALS = ("arrival_stamp", "visit_log", "call_log", "web_log", "superior_system")


def receipt_day(case: Story) -> date:
    """R of §3: the office's own evidence of arrival, else `received_at`; a postmark is the day of sending."""
    received = case.all("case.received")[0]
    evidence = received.get("receipt_evidence")
    return instant(evidence["at"] if evidence and evidence["kind"] in ARRIVALS else received.data["received_at"]).date()


def stops(case: Story) -> list[Told]:
    """Withdrawn with a document, died, merged, no longer accepted."""
    return [
        *(one for one in case.all("case.withdrawn") if one.get("document")),
        *case.of("case.disposed", kind="no_longer_accepted"),
        *case.of("case.closed", ground="petitioner_died"),
        *case.of("case.closed", ground="no_longer_accepted"),
        *case.all("case.merged"),
    ]


def read_intake(case: Story, record: Record) -> Iterator[Read]:
    received = case.all("case.received")[0]
    at_office = record.kinds[received.unit] == "petition_office"
    for check, reason in (
        *_handled(case, record, received, at_office),
        *_registered(case, record, at_office),
        *_worked_first(case, record, received),
        *_classified(case, record, received),
        *_urgent(case, record, received),
    ):
        yield check, reason, case.subject
    for rated in case.all("case.rated"):
        had = {
            "unit": case.all("case.opinion_delivered", "case.mediation_agreed"),
            "office": case.all("case.petitioner_notified"),
        }[rated.data["side"]]
        sent = [
            one
            for one in had
            if instant(one.get("delivered_at") or one.get("sent_at") or one.at.isoformat()) < rated.at
        ]
        if rated.data["side"] == "unit" and not sent:
            yield "XF-EVL-002", "unit", f"unit:{rated.unit}"


def _handled(case: Story, record: Record, received: Told, at_office: bool) -> Iterator[tuple[str, str]]:
    due = record.in_days(receipt_day(case), 15)
    acts = case.all("case.handoff_offered", "case.reported_urgent", "case.disposed") + stops(case)
    acts += [one for one in case.all("case.accepted") if one.unit == received.unit]
    acts += [one for one in case.all("case.acceptance_refused") if one.get("ground") not in ("unclear", "other")]
    if at_office and record.passed(due) and not any(one.day <= due for one in acts):
        yield "XF-ACC-001", "not_handled"


def _registered(case: Story, record: Record, at_office: bool) -> Iterator[tuple[str, str]]:
    usual, office = record.in_workdays(receipt_day(case), 3), record.in_days(receipt_day(case), 15)
    registered = case.all("case.registered")
    if registered and at_office and registered[0].day > office:
        yield "XF-ACC-003", "b_office"
    elif registered and registered[0].day > usual:
        yield "XF-ACC-003", "a_usual"
    elif not registered and not case.all("case.withdrawn") and not stops(case):
        if at_office and record.passed(office):
            yield "XF-ACC-006", "b_office"
        elif record.passed(usual):
            yield "XF-ACC-006", "a_usual"


def _worked_first(case: Story, record: Record, received: Told) -> Iterator[tuple[str, str]]:
    if received.own_day("received_at") > record.in_workdays(receipt_day(case), 1):
        yield "XF-ACC-007", "a_receipt"
    work = case.all("case.opinion_issued", "case.mediation_agreed", "case.hearing_opened", "case.investigated")
    registered = case.all("case.registered")
    if registered and any(one.order < registered[0].order for one in work):
        yield "XF-ACC-007", "b_worked"


def _classified(case: Story, record: Record, received: Told) -> Iterator[tuple[str, str]]:
    registered, routed = case.all("case.registered"), case.all("case.routed")
    if registered:
        due = record.in_days(registered[0].day, 15)
        by_then = [one for one in routed if one.day <= due]
        unclear = not by_then or (by_then[-1].get("purpose") == "claim" and not by_then[-1].get("route"))
        ended = any(one.day <= due for one in [*stops(case), *case.all("case.withdrawn")])
        if record.passed(due) and unclear and not ended:
            yield "XF-CLS-006", "unclassified"
    if len(routed) != 1 or routed[0].get("route") not in (1, 2, 3, 4):
        return
    if not routed[0].get("procedure"):
        yield "XF-CLS-003", "a_unnamed"
    due = record.in_days(routed[0].day, 15)
    told = case.of("case.petitioner_notified", notice="procedure") + case.of("case.disposed", kind="guided")
    told += case.all("case.handoff_offered", "case.opinion_issued", "case.mediation_agreed", "case.withdrawn")
    told += stops(case)
    if record.passed(due) and not received.get("anonymous") and not any(one.own_day("sent_at") <= due for one in told):
        yield "XF-CLS-003", "b_untold"


def _urgent(case: Story, record: Record, received: Told) -> Iterator[tuple[str, str]]:
    if not received.get("urgent"):
        return
    reports = case.all("case.reported_urgent")
    learnt = instant(reports[0].data["learnt_at"] if reports else received.data["received_at"])
    limit = learnt + timedelta(hours=24)
    if datetime.combine(record.as_of, time.max, SHANGHAI) > limit and not any(one.at <= limit for one in reports):
        yield "XF-URG-001", "a_late"
    if reports:
        kinds = {record.kinds[unit] for one in reports for unit in one.data["to"]}
        must_tell_superior = record.kinds[reports[0].unit] == "petition_office"
        told_superior = "superior_petition_office" in kinds or not must_tell_superior
        if not kinds & {"party_committee", "government"} or not told_superior:
            yield "XF-URG-001", "b_addressees"
