"""One row per petition case: where it stands, who holds it, and what was decided when and by whom."""

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
    corrections_of,
    entry_in,
    facts,
    fill,
    listed,
    name_of,
    named,
    payload,
    walk,
    whole,
)

COLUMNS = columns(
    "case ref state channel source received_at received_by received_by_unit receipt_kind receipt_at "
    "petition_dated_on superior_due_on people_count anonymous urgent region restricted about_units "
    "accusation_of external_numbers registered_at registered_by content_class repeat_of purpose route "
    "procedure procedure_ref routed_at disposed disposed_at linked_to merged_into merged_at withdrawn_at "
    "withdrawn_via accepted_by accepted_at acceptances refusals handler holders handoffs notices "
    "extension_days extensions competent_unit opinion_result opinion_unit opinion_signed_by "
    "opinion_issued_at opinion_delivered_at promise_due_on mediated_at review_stage review_outcome "
    "review_issued_at executed executed_at closed_ground closed_at closed_by closed_by_unit reopened_at "
    "grade_office grade_unit archive_no archived_at events last_time last_recordedtime corrections corrected",
    key="case",
    index="state ref received_at",
    integer="people_count route handoffs notices extension_days events corrections",
    boolean="anonymous urgent restricted executed",
    json="about_units external_numbers acceptances refusals holders extensions corrected",
)
_NAMES = tuple(column.name for column in COLUMNS)
_BLANK = blank(COLUMNS)

FACTS = {
    "petition.case.received.v1": facts(
        "ref channel source received_at receipt_evidence petition_dated_on superior_due_on people_count "
        "anonymous region restricted about_units accusation_of external_numbers",
        by="received_by",
        unit="received_by_unit",
    ),
    "petition.case.registered.v1": facts("content_class repeat_of", at="registered_at", by="registered_by"),
    "petition.case.routed.v1": facts("purpose route procedure procedure_ref", at="routed_at"),
    "petition.case.disposed.v1": facts("linked_to", at="disposed_at", disposed="kind"),
    "petition.case.merged.v1": facts(at="merged_at", merged_into="into"),
    "petition.case.withdrawn.v1": facts(at="withdrawn_at", withdrawn_via="via"),
    "petition.case.accepted.v1": facts("handler", at="at", by="by", unit="unit"),
    "petition.case.acceptance_refused.v1": facts("ground", at="at", by="by", unit="unit"),
    "petition.case.competence_decided.v1": facts(competent_unit="unit"),
    "petition.case.handler_assigned.v1": facts("handler"),
    "petition.case.extension_approved.v1": facts("days approved_by approver_role reason", at="at", unit="unit"),
    "petition.case.mediation_agreed.v1": facts(at="mediated_at"),
    "petition.case.opinion_issued.v1": facts(
        "promise_due_on",
        at="opinion_issued_at",
        unit="opinion_unit",
        opinion_result="result",
        opinion_signed_by="signed_by",
    ),
    "petition.case.opinion_delivered.v1": facts(opinion_delivered_at="delivered_at"),
    "petition.case.review_requested.v1": facts(review_stage="stage"),
    "petition.case.review_issued.v1": facts(at="review_issued_at", review_stage="stage", review_outcome="outcome"),
    "petition.case.opinion_executed.v1": facts(at="executed_at", executed="done"),
    "petition.case.closed.v1": facts(at="closed_at", by="closed_by", unit="closed_by_unit", closed_ground="ground"),
    "petition.case.reopened.v1": facts(at="reopened_at"),
    "petition.case.archived.v1": facts("archive_no", at="archived_at"),
}


def _main(document: Document) -> Slot:
    """The case's own slot, which the first event touched."""
    slot: Slot = document["case"]
    return slot


def _touch(document: Document, event: Event) -> Slot:
    """The case's own slot, with the count and the last times of its events."""
    slot: Slot | None = document.get("case")
    if slot is None:
        slot = document["case"] = {"events": 0}
    slot["events"] += 1
    slot["last_time"] = event.get("time")
    slot["last_recordedtime"] = event.get("recordedtime")
    return slot


def _take(document: Document, event: Event) -> None:
    """An event that fills columns of the case itself; the newest of its type counts."""
    slot = _touch(document, event)
    fill(document, slot, event, FACTS[event["type"]])


def _receive(document: Document, event: Event) -> None:
    _take(document, event)
    _note_urgency(document, event)
    document["origin"] = event.get("actorunit")


def _note_urgency(document: Document, event: Event) -> None:
    """Urgency is said at receipt and may be said again at registration; the newer word counts."""
    urgent = payload(event).get("urgent")
    if urgent is not None:
        _main(document)["urgent"] = urgent


def _register(document: Document, event: Event) -> None:
    _take(document, event)
    _note_urgency(document, event)


def _dispose(document: Document, event: Event) -> None:
    _take(document, event)


def _accept(document: Document, event: Event) -> None:
    """Every acceptance is kept; the first one gives `accepted_by` and `accepted_at`."""
    slot = _touch(document, event)
    fill(document, entry_in(document, "acceptances"), event, FACTS[event["type"]])
    handler = payload(event).get("handler")
    if handler is not None:
        slot["handler"] = handler


def _refuse(document: Document, event: Event) -> None:
    _touch(document, event)
    fill(document, entry_in(document, "refusals"), event, FACTS[event["type"]])


def _extend(document: Document, event: Event) -> None:
    _touch(document, event)
    fill(document, entry_in(document, "extensions"), event, FACTS[event["type"]])


def _notify(document: Document, event: Event) -> None:
    slot = _touch(document, event)
    slot["notices"] = slot.get("notices", 0) + 1


def _close(document: Document, event: Event) -> None:
    _take(document, event)
    document["holding"] = {}
    _main(document)["closed"] = True


def _reopen(document: Document, event: Event) -> None:
    _take(document, event)
    _main(document)["closed"] = False


def _rate(document: Document, event: Event) -> None:
    slot = _touch(document, event)
    data = payload(event)
    side = data.get("side")
    if side == "office" or side == "unit":
        slot[f"grade_{side}"] = data.get("grade")


def _offer(document: Document, event: Event) -> None:
    """A unit that hands the case on holds it no longer."""
    _touch(document, event)
    data = payload(event)
    refs = document.setdefault("handoffs", [])
    ref = name_of(data.get("handoff"))
    if ref not in refs:
        refs.append(ref)
    _leave(document, unit=name_of(event.get("actorunit")))


def _arrive(document: Document, event: Event) -> None:
    _touch(document, event)
    document.setdefault("holding", {})[_offer_name(event)] = name_of(payload(event).get("unit"))


def _end_holding(document: Document, event: Event) -> None:
    _touch(document, event)
    document.get("holding", {}).pop(_offer_name(event), None)


def _decide_objection(document: Document, event: Event) -> None:
    _touch(document, event)
    if payload(event).get("upheld") is True:
        document.get("holding", {}).pop(_offer_name(event), None)


def _rework(document: Document, event: Event) -> None:
    """What goes back for rework is held again by the unit that had fed back."""
    _arrive(document, event)


def _leave(document: Document, unit: str) -> None:
    holding = document.get("holding", {})
    for offer in [offer for offer, holder in holding.items() if holder == unit]:
        del holding[offer]


def _offer_name(event: Event) -> str:
    data = payload(event)
    return f"{name_of(data.get('handoff'))}|{name_of(data.get('unit'))}"


def _count(document: Document, event: Event) -> None:
    """An event that changes no column of the case but its count and last times."""
    _touch(document, event)


def _correct(document: Document, event: Event) -> None:
    _touch(document, event)
    slots = walk(
        [_main(document)],
        *(document.get(family, []) for family in ("acceptances", "refusals", "extensions")),
    )
    correct(document, event, slots, FACTS)


_STAGES = (
    ("opinion_issued", None, "opinion_issued_at"),
    ("accepted", "document", "acceptances"),
    ("acceptance_refused", "document", "refusals"),
    ("handed_over", "document", "handoffs"),
    ("disposed", None, "disposed_at"),
    ("routed", None, "routed_at"),
    ("registered", None, "registered_at"),
    ("received", None, "events"),
)
"""The stages of an open case from the furthest on, and what in its slot or document shows that it was reached."""


def _state(document: Document, slot: Slot) -> str | None:
    """The furthest stage that the case has reached and not left again."""
    if slot.get("merged_at"):
        return "merged"
    if slot.get("closed"):
        return "archived" if slot.get("archived_at") else "closed"
    if slot.get("withdrawn_at"):
        return "withdrawn"
    for name, holder, key in _STAGES:
        if (slot if holder is None else document).get(key):
            return name
    return None


def _holders(document: Document, slot: Slot) -> list[str]:
    """The units that hold the case now: by handoff, else the unit that accepted or received it."""
    if slot.get("closed"):
        return []
    holding = document.get("holding", {})
    if holding:
        return list(dict.fromkeys(holding.values()))
    origin = document.get("origin")
    return [origin] if isinstance(origin, str) else []


def _shown(entries: list[Slot]) -> list[Row]:
    return [{name: value for name, value in entry.items() if name != "from"} for entry in entries]


def cells(subject: str, document: Document) -> list[Cells]:
    """The case's one row."""
    slot = document.get("case")
    if not slot:
        return []
    acceptances, extensions = document.get("acceptances", []), document.get("extensions", [])
    shown: Row = {
        **_BLANK,
        **slot,
        "case": subject,
        "state": _state(document, slot),
        "holders": _holders(document, slot),
        "handoffs": len(listed(document.get("handoffs"))),
        "acceptances": _shown(acceptances),
        "refusals": _shown(document.get("refusals", [])),
        "extensions": _shown(extensions),
        "extension_days": sum(whole(entry.get("days")) for entry in extensions) if extensions else 0,
        "notices": slot.get("notices", 0),
        "corrections": corrections_of(document),
    }
    evidence: Any = slot.get("receipt_evidence")
    if isinstance(evidence, dict):
        shown["receipt_kind"], shown["receipt_at"] = evidence.get("kind"), evidence.get("at")
    if acceptances:
        shown["accepted_by"], shown["accepted_at"] = acceptances[0].get("unit"), acceptances[0].get("at")
    return [cells_in(_BLANK, shown)]


def rows(subject: str, document: Document) -> list[Row]:
    """The same with the names of the columns."""
    return named(_NAMES, cells(subject, document))


_TAKEN = (
    "received registered routed disposed merged withdrawn competence_decided handler_assigned "
    "mediation_agreed opinion_issued opinion_delivered review_requested review_issued opinion_executed "
    "archived"
)
_COUNTED = (
    "notice_exempted reported_urgent interest_declared recusal_requested recusal_decided "
    "handoff_due_changed handoff_objected materials_returned facts_heard investigated hearing_opened "
    "hearing_closed review_refused review_delivered approval_confirmed supervision_opened "
    "supervision_answered supervision_closed "
    "advice_issued advice_answered measure_taken measure_released"
)
_SPECIAL = {
    "received": _receive,
    "registered": _register,
    "accepted": _accept,
    "acceptance_refused": _refuse,
    "extension_approved": _extend,
    "petitioner_notified": _notify,
    "closed": _close,
    "reopened": _reopen,
    "rated": _rate,
    "handoff_offered": _offer,
    "handoff_received": _arrive,
    "handoff_fed_back": _end_holding,
    "handoff_withdrawn": _end_holding,
    "objection_decided": _decide_objection,
    "returned_for_rework": _rework,
    "record_corrected": _correct,
}
HANDLERS = {
    f"petition.case.{name}.v1": handler
    for name, handler in (
        dict.fromkeys(_TAKEN.split(), _take) | dict.fromkeys(_COUNTED.split(), _count) | _SPECIAL
    ).items()
}

CASE_VIEW = Projection(
    name="case_view",
    version=1,
    columns=COLUMNS,
    handlers=HANDLERS,
    rows=rows,
    cells=cells,
    subject_column="case",
    refolds=True,
    ends_with=frozenset({"petition.case.archived.v1"}),
)
