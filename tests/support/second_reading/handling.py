"""Second reading of extensions, opinions, closing, review, recusal, measures, supervision and advice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tests.support.second_reading.intake import Read
from tests.support.second_reading.record import Record, Story, Told, instant


def read_handling(case: Story, record: Record) -> Iterator[Read]:
    for check, reason in (
        *_extended(case, record),
        *_answered(case, record),
        *_closed(case),
        *_reviewed(case, record),
        *_recused(case, record),
        *_measured(case, record),
        *_supervised(case, record),
    ):
        yield check, reason, case.subject


def _extended(case: Story, record: Record) -> Iterator[tuple[str, str]]:
    extensions = case.all("case.extension_approved")
    if not extensions:
        return
    accepted = case.all("case.accepted")[0]
    if sum(one.data["days"] for one in extensions) > 30:
        yield "XF-DDL-002", "a_too_long"
    elif len(extensions) > 1:
        yield "XF-DDL-002", "d_second"
    inquiries = case.all("case.facts_heard", "case.investigated", "case.hearing_opened")
    for extension in extensions:
        unit, roles = record.staff[extension.data["approved_by"]]
        if unit != accepted.unit or "head" not in roles:
            yield "XF-DDL-002", "b_approver"
        if not any(accepted.day <= one.day <= extension.day for one in inquiries):
            yield "XF-DDL-003", "not_inquired"


def _route(case: Story, before: Told) -> object:
    routed = [one for one in case.all("case.routed") if one.order < before.order]
    return routed[-1].get("route") if routed else None


def _answered(case: Story, record: Record) -> Iterator[tuple[str, str]]:
    anonymous = case.all("case.received")[0].get("anonymous")
    delivered = case.all("case.opinion_delivered")
    for opinion in case.all("case.opinion_issued"):
        heard = case.all("case.facts_heard", "case.investigated")
        if _route(case, opinion) == 6:
            if not opinion.get("legal_basis"):
                yield "XF-OPN-001", "a_no_basis"
            if not anonymous and not any(one.order < opinion.order for one in heard):
                yield "XF-OPN-001", "b_no_facts"
        due = record.in_days(opinion.day, 15)
        sent = any(one.own_day("sent_at", "delivered_at") <= due for one in delivered)
        if not anonymous and record.passed(due) and not sent:
            yield "XF-OPN-004", "a_not_sent"
    for delivery in delivered:
        if delivery.get("delivery") == "public_notice" and (delivery.get("attempts") or 0) < 2:
            yield "XF-OPN-004", "b_public_notice"


def _closed(case: Story) -> Iterator[tuple[str, str]]:
    for closed in case.all("case.closed"):
        had = {
            "withdrawn": any(one.get("document") for one in case.all("case.withdrawn")),
            "mediated": bool(case.of("case.mediation_agreed", both_consent=True)),
            "not_accepted": bool(case.all("case.acceptance_refused")),
            "review_final": bool(case.of("case.review_issued", stage="re_review")),
        }
        if not had.get(closed.data["ground"], True):
            yield "XF-CLO-001", closed.data["ground"]


def _reviewed(case: Story, record: Record) -> Iterator[tuple[str, str]]:
    for request in case.of("case.review_requested", stage="review"):
        due = record.in_days(request.own_day("received_at", "requested_at"), 30)
        issued = case.of("case.review_issued", stage="review")
        if record.passed(due) and not any(one.day <= due for one in issued):
            yield "XF-DDL-009", "review"


def _recused(case: Story, record: Record) -> Iterator[tuple[str, str]]:
    acts = [*case.told, *(one for grant in record.grants_of[case.subject] for one in record.stories[grant].told)]
    for decision in case.of("case.recusal_decided", recused=True):
        for act in acts:
            named = {act.staff, act.get("signed_by"), act.get("handler"), act.get("approved_by")}
            named |= {*(act.get("attendees") or ()), *(act.get("members") or ())}
            outside = act.name in ("case.interest_declared", "case.recusal_decided")
            sent = instant(act.data["sent_at"]) if act.get("sent_at") else act.at
            if not outside and decision.data["staff"] in named and sent > decision.at:
                yield "XF-COI-001", "a_recused"


def _measured(case: Story, record: Record) -> Iterator[tuple[str, str]]:
    for measure in case.all("case.measure_taken"):
        if measure.get("kind") == "care_plan":
            continue
        if not measure.get("legal_basis") or not measure.get("conduct"):
            yield "XF-MSR-001", "a_ground"
        if measure.get("kind") == "admonition" and not measure.get("approved_by"):
            yield "XF-MSR-001", "b_approval"
        if not measure.get("statement") and not measure.get("statement_refused"):
            yield "XF-MSR-001", "d_statement"
        if measure.get("until_on"):
            until = date.fromisoformat(measure.data["until_on"])
            released = case.of("case.measure_released", measure=measure.data["measure"])
            if record.passed(until) and not any(one.day <= until for one in released):
                yield "XF-MSR-001", "c_until"


def _supervised(case: Story, record: Record) -> Iterator[tuple[str, str]]:
    for opened in case.all("case.supervision_opened"):
        name = opened.data["supervision"]
        answers = case.of("case.supervision_answered", supervision=name)
        for closed in case.of("case.supervision_closed", supervision=name):
            if not any(one.order < closed.order for one in answers):
                yield "XF-SUP-002", "a_no_answer"
    for advice in case.all("case.advice_issued"):
        due = record.in_days(advice.day, 60)
        answers = case.of("case.advice_answered", advice=advice.data["advice"])
        if record.passed(due) and not any(one.day <= due for one in answers):
            yield "XF-ADV-001", "no_answer"
