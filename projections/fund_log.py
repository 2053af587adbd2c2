"""Every movement of a relief fund with the running budget, commitments and balance; and one row per fund."""

from __future__ import annotations

from typing import Any

from projections.fold import (
    Document,
    Event,
    Projection,
    Row,
    columns,
    new_lines,
    payload,
    whole,
)
from projections.timeline import sequence_of

SUMS = (
    "opening_fen",
    "budgeted_fen",
    "committed_fen",
    "released_fen",
    "paid_fen",
    "paid_outside_fen",
    "returned_fen",
    "recovered_fen",
)
_RUNNING = " ".join(SUMS) + " available_fen balance_fen"

LOG_COLUMNS = columns(
    "fund sequence position entry time recordedtime case grant payment amount_fen outside_commitment_fen "
    "actorid actorunit document reason field was now approved_by " + _RUNNING,
    key="fund sequence",
    index="grant",
    integer="sequence position amount_fen outside_commitment_fen " + _RUNNING,
    json="was now",
)
VIEW_COLUMNS = columns(
    "fund ref year kind rules opened_at opened_by entries last_time last_recordedtime " + _RUNNING,
    key="fund",
    integer="year entries " + _RUNNING,
    json="rules",
)

_FUND = "petition.fund."
# The sum that an entry's amount adds to.
_SUM_OF = {
    "opened": "opening_fen",
    "budgeted": "budgeted_fen",
    "committed": "committed_fen",
    "released": "released_fen",
    "paid": "paid_fen",
    "returned": "returned_fen",
    "recovered": "recovered_fen",
}


def available_fen(sums: Row) -> int:
    """Opening + budgeted − committed + released − paid outside a commitment + returned + recovered."""
    return int(
        sums["opening_fen"]
        + sums["budgeted_fen"]
        - sums["committed_fen"]
        + sums["released_fen"]
        - sums["paid_outside_fen"]
        + sums["returned_fen"]
        + sums["recovered_fen"]
    )


def balance_fen(sums: Row) -> int:
    """Cash balance = opening + budgeted − paid + returned + recovered."""
    return int(
        sums["opening_fen"] + sums["budgeted_fen"] - sums["paid_fen"] + sums["returned_fen"] + sums["recovered_fen"]
    )


def start() -> Document:
    """A fund of which nothing is known."""
    return {"sums": dict.fromkeys(SUMS, 0)}


def _entry_of(event: Event) -> str:
    return str(event["type"]).removeprefix(_FUND).partition(".")[0]


def _move(document: Document, event: Event) -> int | None:
    """Add an entry's amount to its sum; gives the amount in fen."""
    data, entry, sums = payload(event), _entry_of(event), document["sums"]
    amount: Any = data.get("opening_balance_fen" if entry == "opened" else "amount_fen")
    if entry in _SUM_OF:
        sums[_SUM_OF[entry]] += whole(amount)
    if entry == "paid":
        sums["paid_outside_fen"] += whole(data.get("outside_commitment_fen"))
    return amount if isinstance(amount, int) else None


def _running(document: Document) -> Row:
    sums = document["sums"]
    return {**sums, "available_fen": available_fen(sums), "balance_fen": balance_fen(sums)}


def _add_line(document: Document, event: Event) -> None:
    data = payload(event)
    amount = _move(document, event)
    document.setdefault("lines", []).append(
        {
            "sequence": sequence_of(event),
            "position": event.get("position"),
            "entry": _entry_of(event),
            "time": event.get("time"),
            "recordedtime": event.get("recordedtime"),
            "case": event.get("correlationid"),
            "amount_fen": amount,
            "actorid": event.get("actorid"),
            "actorunit": event.get("actorunit"),
            **{name: data.get(name) for name in _FROM_DATA},
            **_running(document),
        }
    )


_FROM_DATA = (
    "grant",
    "payment",
    "outside_commitment_fen",
    "document",
    "reason",
    "field",
    "was",
    "now",
    "approved_by",
)


def log_rows(subject: str, document: Document) -> list[Row]:
    """The entries that are not stored yet, each with the sums after it."""
    return [{"fund": subject, **line} for line in new_lines(document)]


def _summarise(document: Document, event: Event) -> None:
    data = payload(event)
    _move(document, event)
    document["entries"] = document.get("entries", 0) + 1
    document["last_time"], document["last_recordedtime"] = event.get("time"), event.get("recordedtime")
    if _entry_of(event) == "opened":
        document["opened"] = {name: data.get(name) for name in ("ref", "year", "kind", "rules")}
        document["opened"].update(opened_at=event.get("time"), opened_by=event.get("actorid"))


def view_rows(subject: str, document: Document) -> list[Row]:
    """The fund's one row."""
    if "entries" not in document:
        return []
    opened = document.get("opened", {})
    named = {name: opened.get(name) for name in ("ref", "year", "kind", "rules", "opened_at", "opened_by")}
    if named["ref"] is None:
        named["ref"] = subject.removeprefix("fund:")
    last = {name: document.get(name) for name in ("entries", "last_time", "last_recordedtime")}
    return [{"fund": subject, **named, **last, **_running(document)}]


TYPES = tuple(_FUND + f"{entry}.v1" for entry in (*_SUM_OF, "record_corrected", "approval_confirmed"))

FUND_LOG = Projection(
    name="fund_log",
    version=1,
    columns=LOG_COLUMNS,
    handlers=dict.fromkeys(TYPES, _add_line),
    rows=log_rows,
    subject_column="fund",
    appends=True,
    start=start,
)
FUND_VIEW = Projection(
    name="fund_view",
    version=1,
    columns=VIEW_COLUMNS,
    handlers=dict.fromkeys(TYPES, _summarise),
    rows=view_rows,
    subject_column="fund",
    start=start,
)
