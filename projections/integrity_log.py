"""Every fact that bears on integrity and discipline, one readable line each, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from projections.fold import (
    Cells,
    Document,
    Event,
    Projection,
    Row,
    columns,
    entry_lag_days,
    named,
    new_lines,
    payload,
)
from projections.timeline import TYPES as CASE_MONEY_TYPES
from projections.timeline import case_of, sequence_of
from projections.wording import said, sentence, short_type

LATE_ENTRY_DAYS_MIN = 3
"""Calendar days from which an entry may lie beyond two working days; which of them do, the reader judges."""

COLUMNS = columns(
    "subject sequence fact position case time recordedtime staff unit actorid actorunit recorderid "
    "approved_by reason entry_lag_days zh en",
    key="subject sequence fact",
    index="fact case staff",
    integer="sequence position entry_lag_days",
)
_NAMES = tuple(column.name for column in COLUMNS)

# Event type without `petition.` and `.v1` → the fact's name in this log.
_ALWAYS = {
    "case.interest_declared": "interest_declared",
    "case.recusal_requested": "recusal_requested",
    "case.recusal_decided": "recusal_decided",
    "case.record_corrected": "correction",
    "grant.record_corrected": "correction",
    "fund.record_corrected": "correction",
    "register.record_corrected": "correction",
    "case.approval_confirmed": "approval_confirmed",
    "grant.approval_confirmed": "approval_confirmed",
    "fund.approval_confirmed": "approval_confirmed",
    "register.approval_confirmed": "approval_confirmed",
    "case.measure_taken": "measure_taken",
    "case.measure_released": "measure_released",
    "case.supervision_opened": "supervision_opened",
    "case.supervision_answered": "supervision_answered",
    "case.supervision_closed": "supervision_closed",
    "case.advice_issued": "advice_issued",
    "case.advice_answered": "advice_answered",
    "grant.receipt_excused": "receipt_excused",
    "register.import_opened": "import_opened",
    "register.check_parameters_set": "check_parameters_set",
    "vault.opened": "vault_opened",
    "vault.erased": "vault_erased",
    "ledger.key_rotated": "key_rotated",
}
_FACT_OF = {f"petition.{short}.v1": fact for short, fact in _ALWAYS.items()}

_OVERRIDE = (
    "越过控制 {guards}，批准 {approved_by}：{reason}（{act}）",
    "guards {guards} passed over, approved by {approved_by}: {reason} ({act})",
)
_CASH = (
    "现金支付例外，批准 {approved_by}：{reason}（{act}）",
    "cash as an exception, approved by {approved_by}: {reason} ({act})",
)
_EXCEPTIONAL = ("特殊救助：{act}", "exceptional grant: {act}")
_LATE = ("补录：发生后 {days} 日录入（{act}）", "entered {days} days after it happened ({act})")


def _line(document: Document, event: Event, fact: str, zh: str, en: str, about: dict[str, Any]) -> None:
    """Add one line, its columns behind the subject; the same override on several events of one action is one fact."""
    told = event.get
    staff = next((about[name] for name in ("staff", "operator", "author") if about.get(name)), None)
    document.setdefault("lines", []).append(
        (
            sequence_of(event),
            fact,
            told("position"),
            case_of(event),
            told("time"),
            told("recordedtime"),
            staff if staff is not None else told("actorid"),
            about.get("unit") or about.get("to"),
            told("actorid"),
            told("actorunit"),
            told("recorderid"),
            about.get("approved_by"),
            about.get("reason"),
            entry_lag_days(event),
            zh,
            en,
        )
    )


def _worded(document: Document, event: Event, fact: str, words: tuple[str, str], about: dict[str, Any]) -> None:
    """Add a line whose words frame the event's own sentence as `{act}`."""
    zh = said(words[0], {"data": {**about, "act": sentence(event, "zh")}}, "zh")
    en = said(words[1], {"data": {**about, "act": sentence(event, "en")}}, "en")
    _line(document, event, fact, zh, en, about)


def _look(document: Document, event: Event) -> None:
    """Add the lines that an event of a type which is a fact in itself gives."""
    type_name = event["type"]
    _line(document, event, _FACT_OF[type_name], sentence(event, "zh"), sentence(event, "en"), payload(event))
    _look_into(document, event)
    lag = entry_lag_days(event)
    if lag and lag >= LATE_ENTRY_DAYS_MIN and type_name in CASE_MONEY_TYPES:
        _add_late_entry(document, event, lag)


def _look_at_any(document: Document, event: Event) -> None:
    _look_at_all(document, (event,))


def _look_at_all(document: Document, events: Sequence[Event]) -> None:
    """Add the lines that events of any type give; most give none."""
    for event in events:
        if event["type"] in _FACT_OF:
            _look(document, event)
            continue
        data = event.get("data")
        if isinstance(data, dict) and ("override" in data or "cash_exception" in data or "exceptional" in data):
            _look_into(document, event)
        lag = entry_lag_days(event)
        if lag and lag >= LATE_ENTRY_DAYS_MIN:
            _add_late_entry(document, event, lag)


def _add_late_entry(document: Document, event: Event, days: int) -> None:
    _worded(document, event, "late_entry", _LATE, {"days": days})


def _look_into(document: Document, event: Event) -> None:
    data = payload(event)
    override = data.get("override")
    if isinstance(override, dict):
        _look_at_override(document, event, override)
    cash = data.get("cash_exception")
    if isinstance(cash, dict):
        _worded(document, event, "cash_exception", _CASH, cash)
    if data.get("exceptional") is True:
        _worded(document, event, "exceptional_grant", _EXCEPTIONAL, {})


def _look_at_override(document: Document, event: Event, override: dict[str, Any]) -> None:
    action = event.get("actionid")
    if action is not None and action == document.get("override_action"):
        return
    document["override_action"] = action
    _worded(document, event, "override", _OVERRIDE, override)


def cells(subject: str, document: Document) -> list[Cells]:
    """The lines that are not stored yet, in the order taken."""
    return [(subject, *line) for line in new_lines(document)]


def rows(subject: str, document: Document) -> list[Row]:
    """The same with the names of the columns."""
    return named(_NAMES, cells(subject, document))


def fact_names() -> frozenset[str]:
    """Every name that `fact` can have."""
    return frozenset(_ALWAYS.values()) | {"override", "cash_exception", "exceptional_grant", "late_entry"}


def is_integrity_type(type_name: str) -> bool:
    """Whether every event of this type is a line of the log, whatever it holds."""
    return short_type(type_name) in _ALWAYS


INTEGRITY_LOG = Projection(
    name="integrity_log",
    version=1,
    columns=COLUMNS,
    handlers=dict.fromkeys(CASE_MONEY_TYPES, _look_at_any) | dict.fromkeys(_FACT_OF, _look),
    rows=rows,
    subject_column="subject",
    appends=True,
    cells=cells,
    takes_many=_look_at_all,
)
