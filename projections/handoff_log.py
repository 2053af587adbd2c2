"""One row per offer – a handoff and one addressed unit: who held the case, for how long, and how late."""

from __future__ import annotations

from typing import Any

from projections.fold import (
    Cells,
    Document,
    Event,
    Projection,
    Row,
    Slot,
    blank,
    cells_in,
    columns,
    correct,
    day,
    days_between,
    entry_in,
    facts,
    fill,
    listed,
    name_of,
    named,
    payload,
    slot_in,
    walk,
)

COLUMNS = columns(
    "case handoff unit state mode to joint from_unit from_staff offered_at first_due_on due_on due_changes "
    "feedback_required materials legal_ground reason received_at received_by arrived_at materials_complete "
    "objections objected_at objected_by objection_upheld objection_decided_at objection_decided_by "
    "materials_returned_at fed_back_at fed_back_by feedback_result feedbacks feedback_days_late "
    "reworks rework_at withdrawn_at withdrawn_by held_from held_until held_days ended_by corrected",
    key="case handoff unit",
    index="unit due_on state",
    integer="materials objections feedbacks feedback_days_late reworks held_days",
    boolean="joint feedback_required materials_complete objection_upheld",
    json="to due_changes corrected",
)
_NAMES = tuple(column.name for column in COLUMNS)
_BLANK = blank(COLUMNS)
_ENTRIES = ("due_changed", "objections", "decisions", "feedbacks", "reworks")

_CASE = "petition.case."
FACTS = {
    _CASE + "handoff_offered.v1": facts(
        "mode to joint feedback_required materials legal_ground reason",
        at="offered_at",
        by="from_staff",
        unit="from_unit",
        first_due_on="due_on",
    ),
    _CASE + "handoff_received.v1": facts("arrived_at materials_complete", at="received_at", by="received_by"),
    _CASE + "handoff_withdrawn.v1": facts(at="withdrawn_at", by="withdrawn_by"),
    _CASE + "materials_returned.v1": facts(at="materials_returned_at"),
    _CASE + "handoff_due_changed.v1": facts("due_on reason", at="at", by="by", unit="by_unit"),
    _CASE + "handoff_objected.v1": facts(at="at", by="by"),
    _CASE + "objection_decided.v1": facts("upheld", at="at", by="by"),
    _CASE + "handoff_fed_back.v1": facts("result", at="at", by="by"),
    _CASE + "returned_for_rework.v1": facts("reason", at="at", by="by"),
}


def _offer_of(document: Document, event: Event) -> Slot:
    """The slot of the offer that an event speaks of; made when the offer itself is not known."""
    data = payload(event)
    handoff, unit = name_of(data.get("handoff")), name_of(data.get("unit"))
    slot = slot_in(document, "offers", f"{handoff}|{unit}")
    slot.setdefault("handoff", handoff)
    slot.setdefault("unit", unit)
    return slot


def _offer(document: Document, event: Event) -> None:
    """A new offer; the sender's own holding of the case ends with it, once per handoff."""
    slot = _offer_of(document, event)
    fill(document, slot, event, FACTS[event["type"]])
    sender = event.get("actorunit")
    if sender is not None:
        for other in document["offers"].values():
            if other["unit"] == sender and other["handoff"] != slot["handoff"]:
                _end(other, event, "handed_on")


def _take(document: Document, event: Event) -> None:
    fill(document, _offer_of(document, event), event, FACTS[event["type"]])


def _withdraw(document: Document, event: Event) -> None:
    _take(document, event)
    _end(_offer_of(document, event), event, "withdrawn")


def _change_due(document: Document, event: Event) -> None:
    fill(document, entry_in(_offer_of(document, event), "due_changed"), event, FACTS[event["type"]])


def _object(document: Document, event: Event) -> None:
    fill(document, entry_in(_offer_of(document, event), "objections"), event, FACTS[event["type"]])


def _decide(document: Document, event: Event) -> None:
    slot = _offer_of(document, event)
    fill(document, entry_in(slot, "decisions"), event, FACTS[event["type"]])
    if payload(event).get("upheld") is True:
        _end(slot, event, "objection_upheld")


def _feed_back(document: Document, event: Event) -> None:
    slot = _offer_of(document, event)
    fill(document, entry_in(slot, "feedbacks"), event, FACTS[event["type"]])
    _end(slot, event, "fed_back")


def _rework(document: Document, event: Event) -> None:
    """Returned for rework: the unit holds the case again until the next feedback."""
    slot = _offer_of(document, event)
    fill(document, entry_in(slot, "reworks"), event, FACTS[event["type"]])
    slot.pop("ended_by", None)
    slot.pop("ended", None)


def _close(document: Document, event: Event) -> None:
    for slot in document.get("offers", {}).values():
        _end(slot, event, "closed")


def _end(slot: Slot, event: Event, how: str) -> None:
    """The first thing that ends a holding is what ended it; its event is kept so that it can be corrected."""
    if "ended_by" not in slot:
        slot["ended_by"] = how
        slot["ended"] = {"from": {"ending": name_of(event.get("id"))}, "at": event.get("time")}


_ENDING = {"ending": facts(at="at")}


def _correct(document: Document, event: Event) -> None:
    offers = document.get("offers", {}).values()
    entries = [entry for slot in offers for family in _ENTRIES for entry in slot.get(family, [])]
    endings = [slot["ended"] for slot in offers if "ended" in slot]
    correct(document, event, walk(offers, entries, endings), FACTS | _ENDING)


def _due(slot: Slot) -> tuple[Any, list[Row]]:
    """The due day as the sender last changed it before it had passed, and every change with its effect.

    A change by another unit than the sender, or one made after the due day, is shown and moves nothing.
    """
    due = slot.get("first_due_on")
    changes: list[Row] = []
    for entry in slot.get("due_changed", []):
        made_on, limit = day(entry.get("at")), day(due)
        by_sender = entry.get("by_unit") in (None, slot.get("from_unit")) or slot.get("from_unit") is None
        counts = by_sender and not (made_on is not None and limit is not None and made_on > limit)
        changes.append({**{name: entry.get(name) for name in ("at", "by", "due_on", "reason")}, "counts": counts})
        if counts:
            due = entry.get("due_on")
    return due, changes


def _last(slot: Slot, family: str) -> Slot:
    entries = slot.get(family)
    return entries[-1] if entries else {}


def _state(slot: Slot) -> str:
    ended = slot.get("ended_by")
    if ended is not None:
        return str(ended)
    if len(slot.get("objections", [])) > len(slot.get("decisions", [])):
        return "objected"
    if slot.get("reworks"):
        return "rework"
    return "received" if slot.get("received_at") else "offered"


def _corrected(slot: Slot) -> Row | None:
    """First and corrected values of the offer and of its entries, by column."""
    notes: Row = dict(slot["corrected"]) if "corrected" in slot else {}
    for family in _ENTRIES:
        if family not in slot:
            continue
        for number, entry in enumerate(slot[family], start=1):
            if "corrected" in entry:
                notes.update({f"{family}.{number}.{column}": note for column, note in entry["corrected"].items()})
    return notes or None


def _cells(subject: str, slot: Slot) -> Cells:
    due, changes = _due(slot)
    feedbacks, reworks = slot.get("feedbacks", ()), slot.get("reworks", ())
    objection, decision = _last(slot, "objections"), _last(slot, "decisions")
    first_feedback, last_feedback = (feedbacks[0], feedbacks[-1]) if feedbacks else ({}, {})
    held_until = slot.get("ended", {}).get("at") if slot.get("received_at") else None
    late = days_between(due, first_feedback.get("at"))
    shown: Row = {
        **_BLANK,
        **slot,
        "case": subject,
        "state": _state(slot),
        "due_on": due,
        "due_changes": changes,
        "materials": len(listed(slot.get("materials"))),
        "objections": len(slot.get("objections", ())),
        "objected_at": objection.get("at"),
        "objected_by": objection.get("by"),
        "objection_upheld": decision.get("upheld"),
        "objection_decided_at": decision.get("at"),
        "objection_decided_by": decision.get("by"),
        "feedbacks": len(feedbacks),
        "fed_back_at": first_feedback.get("at"),
        "fed_back_by": first_feedback.get("by"),
        "feedback_result": last_feedback.get("result"),
        "feedback_days_late": None if late is None else max(late, 0),
        "reworks": len(reworks),
        "rework_at": reworks[-1].get("at") if reworks else None,
        "held_from": slot.get("received_at"),
        "held_until": held_until,
        "held_days": days_between(slot.get("received_at"), held_until),
        "corrected": _corrected(slot),
    }
    return cells_in(_BLANK, shown)


def cells(subject: str, document: Document) -> list[Cells]:
    """One row per offer, in the order in which the offers were first spoken of."""
    return [_cells(subject, slot) for slot in document.get("offers", {}).values()]


def rows(subject: str, document: Document) -> list[Row]:
    """The same with the names of the columns."""
    return named(_NAMES, cells(subject, document))


HANDLERS = {
    _CASE + f"{name}.v1": handler
    for name, handler in {
        "handoff_offered": _offer,
        "handoff_received": _take,
        "handoff_withdrawn": _withdraw,
        "materials_returned": _take,
        "handoff_due_changed": _change_due,
        "handoff_objected": _object,
        "objection_decided": _decide,
        "handoff_fed_back": _feed_back,
        "returned_for_rework": _rework,
        "closed": _close,
        "record_corrected": _correct,
    }.items()
}

HANDOFF_LOG = Projection(
    name="handoff_log",
    version=1,
    columns=COLUMNS,
    handlers=HANDLERS,
    rows=rows,
    cells=cells,
    subject_column="case",
    refolds=True,
    ends_with=frozenset({"petition.case.archived.v1"}),
)
