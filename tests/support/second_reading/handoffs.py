"""Second reading of handoffs: receipt, objection, feedback, rework, three-way assignments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tests.support.second_reading.intake import Read
from tests.support.second_reading.record import Record, Story, Told

THREE = ["petition_office", "police", "politics_law"]


def read_handoffs(case: Story, record: Record) -> Iterator[Read]:
    for offer in case.all("case.handoff_offered"):
        for check, reason in (
            *_received(case, record, offer),
            *_objected(case, record, offer),
            *_fed_back(case, record, offer),
            *_three_way(record, offer),
        ):
            yield check, reason, case.subject


def _of(case: Story, name: str, offer: Told) -> list[Told]:
    return case.of(f"case.{name}", handoff=offer.data["handoff"], unit=offer.data["unit"])


def _received(case: Story, record: Record, offer: Told) -> Iterator[tuple[str, str]]:
    due = record.in_workdays(offer.day, 5)
    ended = _of(case, "handoff_received", offer) + _of(case, "handoff_withdrawn", offer)
    if record.passed(due) and not any(one.own_day("arrived_at") <= due for one in ended):
        yield "XF-HND-001", "not_received"


def _objected(case: Story, record: Record, offer: Told) -> Iterator[tuple[str, str]]:
    received, decided = _of(case, "handoff_received", offer), _of(case, "objection_decided", offer)
    for objection in _of(case, "handoff_objected", offer):
        if objection.day > record.in_workdays(received[0].own_day("arrived_at"), 5):
            yield "XF-HND-002", "a_late"
        if not objection.get("reasons"):
            yield "XF-HND-002", "c_no_reasons"
        due = record.in_workdays(objection.day, 10)
        if record.passed(due) and not any(one.order > objection.order and one.day <= due for one in decided):
            yield "XF-HND-009", "undecided"
    for decision in decided:
        if not decision.get("upheld"):
            continue
        due = record.in_workdays(decision.day, 10)
        back = decision.get("materials_returned") or any(
            one.day <= due for one in _of(case, "materials_returned", offer)
        )
        if record.passed(due) and not back:
            yield "XF-HND-002", "b_materials"
        if _nobody_holds(case, record, offer, decision):
            yield "XF-HND-004", "a_nobody"


def _nobody_holds(case: Story, record: Record, offer: Told, decision: Told) -> bool:
    """No other addressee holds it, and since the objection nobody was asked, took it on or ended it in time."""
    due = record.in_workdays(decision.day, 5)
    objection = _of(case, "handoff_objected", offer)[0]
    since = case.all("case.handoff_offered", "case.disposed", "case.withdrawn", "case.closed")
    taken = any(objection.order < one.order and one.day <= due for one in since)
    accepted = any(one.day <= due for one in case.all("case.accepted"))
    same = {"handoff": offer.data["handoff"]}
    others = [one for one in case.of("case.handoff_received", **same) if one.unit != decision.get("unit")]
    held = any(not case.of("case.handoff_objected", **same, unit=one.unit) for one in others)
    return record.passed(due) and not (taken or accepted or held)


def _fed_back(case: Story, record: Record, offer: Told) -> Iterator[tuple[str, str]]:
    if offer.get("feedback_required") and offer.get("due_on"):
        due = date.fromisoformat(offer.data["due_on"])
        for change in _of(case, "handoff_due_changed", offer):
            if change.day <= due:
                due = date.fromisoformat(change.data["due_on"])
        ended = _of(case, "handoff_fed_back", offer) + _of(case, "handoff_withdrawn", offer)
        ended += [one for one in _of(case, "objection_decided", offer) if one.get("upheld")]
        if record.passed(due) and not any(one.day <= due for one in ended):
            yield "XF-HND-006", "no_feedback"
    if len(_of(case, "returned_for_rework", offer)) > 1:
        yield "XF-HND-008", "a_second"


def _three_way(record: Record, offer: Told) -> Iterator[tuple[str, str]]:
    if offer.get("mode") == "tri_party":
        if not offer.get("due_on"):
            yield "XF-HND-005", "a_no_day"
        if sorted(record.kinds[unit] for unit in offer.data["to"]) != THREE:
            yield "XF-HND-005", "c_kinds"
