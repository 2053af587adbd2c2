"""The clean year as a foreign log brings it: fields left out, registers missing; no check accuses for lack of a fact."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.answers import ImportMark, Submission
from domain.asof import AsOf, end_of_day
from infra.founding import found
from infra.reference_year.generator import generate
from infra.settings import Settings
from infra.wiring import open_ledger, open_source, tagger_of
from projections.findings import CheckRun, run_checks

FILE = "9a95" * 16
BATCH = 2_000
AFTER_THE_YEAR = AsOf("happened", end_of_day(date(2026, 3, 31)))
_KEPT = (
    "action action_id at by case fund grant handoff payment measure supervision advice hearing to unit staff amount_fen "
    "opening_balance_fen mode kind notice ground stage repeat_of into linked_to instalment_of restricted"
)
NEVER_LEFT_OUT = frozenset(_KEPT.split())
OF_THE_RECORD_OR_THE_IMPORT = frozenset({"XF-CLS-006", "XF-INT-005"})
"""What is certain of the record itself (no route stands in it), and of the import that nobody approved."""

Change = Callable[[dict[str, Any]], dict[str, Any] | None]


def half(seed: int) -> Change:
    """Leaves out four of ten fields that an import may leave out."""
    rng = Random(seed)
    return lambda action: {key: value for key, value in action.items() if key in NEVER_LEFT_OUT or rng.random() < 0.6}


def bare(action: dict[str, Any]) -> dict[str, Any] | None:
    """Only what an import may not leave out."""
    return {key: value for key, value in action.items() if key in NEVER_LEFT_OUT or key.endswith("_ref")}


def no_registers(action: dict[str, Any]) -> dict[str, Any] | None:
    """No units, staff or calendars."""
    return None if action["action"] in ("declare_unit", "declare_staff", "declare_calendar") else action


def only_units(action: dict[str, Any]) -> dict[str, Any] | None:
    """Nobody knows which official acted in which role."""
    return {**action, "by": {"unit": action["by"]["unit"]}}


def no_routes(action: dict[str, Any]) -> dict[str, Any] | None:
    """An old system without the classes of the Regulation."""
    return None if action["action"] == "route" else action


def judged(folder: Path, change: Change) -> CheckRun:
    settings = Settings(data=folder / "ledger")
    found(settings)
    actions = [changed for action in generate() if (changed := change(action)) is not None]
    lines = [json.dumps(action, ensure_ascii=False).encode() for action in actions]
    with open_ledger(settings) as ledger:
        ledger.open_import(FILE, f"sha256:{FILE}", sum(map(len, lines)), "history", "tester")
        for start in range(0, len(lines), BATCH):
            batch = [
                Submission(line, ImportMark(FILE, number, True))
                for number, line in enumerate(lines[start : start + BATCH], start=start + 1)
            ]
            ledger.record(batch)
    with open_source(settings) as source:
        return run_checks(source, AFTER_THE_YEAR, tagger=tagger_of(settings))


@pytest.mark.slow
@pytest.mark.parametrize("change", [half(1), half(2), bare, no_registers, only_units, no_routes])
def test_what_an_import_leaves_out_is_never_a_certain_accusation(tmp_path: Path, change: Change) -> None:
    run = judged(tmp_path, change)
    assert run.failures == []
    certain = [one for one in run.hits if one.certainty == "certain"]
    assert [one.to_json() for one in certain if one.check not in OF_THE_RECORD_OR_THE_IMPORT] == []
