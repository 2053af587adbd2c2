"""The manufactured 100 %: the clean year with planted violations that leave every published rate at a hundred percent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.reference_year import manufactured_entry as entry
from infra.reference_year import manufactured_leaving as leaving
from infra.reference_year import manufactured_outside as outside
from infra.reference_year import manufactured_paper as paper
from infra.reference_year import manufactured_start as start
from infra.reference_year.generator import SEED
from infra.reference_year.manufactured_draft import Correction, Plant, YearDraft
from projections.ledger_source import LedgerSource

WAYS: tuple[Callable[[YearDraft], None], ...] = (
    leaving.split_visits,
    leaving.withdrawn,
    paper.returned_to_reset,
    start.refused_to_escape,
    leaving.folded,
    paper.closed_on_paper,
    entry.entered_late,
    start.worked_first,
    start.late_registration,
    entry.corrected_clocks,
    leaving.route_changed,
    start.clock_never_started,
    paper.empty_answers,
    outside.handled_outside,
    outside.rated_on_behalf,
    leaving.left_the_denominator,
)
"""All sixteen ways; those with few cases to choose among come first."""


def manufacture(seed: int = SEED) -> YearDraft:
    """The clean year of a seed with everything planted in it."""
    year = YearDraft(seed)
    for way in WAYS:
        way(year)
    return year


def plants(seed: int = SEED) -> list[Plant]:
    """What was planted, by way and subject; the same for the same seed."""
    return sorted(manufacture(seed).plants, key=lambda one: one.order)


def waiting_plants(seed: int = SEED) -> list[Plant]:
    """What was planted for a check that the catalogue does not hold yet."""
    return manufacture(seed).waiting


def generate_manufactured(seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Every action of the year but its corrections, sorted by `at`; the same for the same seed."""
    yield from manufacture(seed).actions()


def corrected_actions(seed: int = SEED) -> list[str]:
    """The ids of the actions whose events will be corrected: their event ids must be known first."""
    return [one.action_id for one in manufacture(seed).corrections]


def corrections(event_ids: Mapping[str, str], seed: int = SEED) -> Iterator[dict[str, Any]]:
    """The second file: the office's corrections, once the ledger has given the events their ids."""
    for number, planned in enumerate(manufacture(seed).corrections, start=1):
        yield _correction(number, planned, event_ids[planned.action_id])


def _correction(number: int, planned: Correction, event_id: str) -> dict[str, Any]:
    at = planned.at.isoformat()
    return {
        "action": "correct_record",
        "action_id": f"MY/CORRECTION/{number:02d}",
        "at": at,
        "entered_at": at,
        "by": {"staff": planned.staff, "unit": planned.unit, "role": "clerk"},
        "case": planned.case,
        "event_id": event_id,
        "field": planned.field,
        "was": planned.was,
        "now": planned.now,
        "reason": "录入笔误，予以更正",
        "approved_by": planned.approved_by,
    }


def recorded_events(source: LedgerSource, seed: int = SEED) -> dict[str, str]:
    """The event id behind each action that is to be corrected, looked up in a ledger that holds the first file."""
    wanted = set(corrected_actions(seed))
    found: dict[str, str] = {}
    for stored in source.read():
        event = json.loads(stored.raw)
        if event.get("actionid") in wanted:
            found.setdefault(event["actionid"], event["id"])
    return found


def write(path: Path, seed: int = SEED) -> int:
    """Write the action file (UTF-8 JSON Lines); answers the number of lines."""
    return _lines(path, generate_manufactured(seed))


def write_corrections(path: Path, event_ids: Mapping[str, str], seed: int = SEED) -> int:
    """Write the second action file; answers the number of lines. KeyError for an event that was not recorded."""
    return _lines(path, corrections(event_ids, seed))


def _lines(path: Path, objects: Iterator[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for one in objects:
            file.write(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count
