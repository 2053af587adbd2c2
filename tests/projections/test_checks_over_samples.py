"""All checks over each shipped sample: real foreign logs without registers, calendars, roles, routes or entry times."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.answers import ImportMark, Submission
from infra.importing.mapping import load_mapping
from infra.importing.problems import RowProblem
from infra.importing.sources import ImportSource
from infra.settings import Settings
from infra.wiring import create_ledger, open_ledger, open_source, tagger_of
from projections.findings import CheckRun, run_checks

SAMPLES = Path(__file__).parents[2] / "samples"
FILES = {"nyc311": "nyc311_2000.csv", "receipt_permits": "receipt.xes.gz"}
FILE = "5a3b" * 16
BATCH = 2_000
WEEKS_LATER = {"nyc311": 587, "receipt_permits": 605}
"""The samples are from 2010 to 2015; so many weeks later every receipt lies after 2022-05-01, weekdays as they were."""
MOMENT = re.compile(r'"(\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)"')
OF_THE_RECORD = frozenset({"XF-CLS-006", "XF-INT-005"})
"""Certain of the record itself: no purpose stands in it, and nobody approved its import."""


def proposed(name: str) -> Iterator[dict[str, Any]]:
    source = ImportSource(SAMPLES / "data" / FILES[name], load_mapping(SAMPLES / "mappings" / f"{name}.toml"))
    for outcome in source.outcomes():
        if not isinstance(outcome, RowProblem):
            yield from outcome.actions  # type: ignore[misc]


def moved(name: str) -> Iterator[dict[str, Any]]:
    """The same actions, with the Regulation in force from the first one on."""
    days = timedelta(weeks=WEEKS_LATER[name])

    def later(found: re.Match[str]) -> str:
        text = (datetime.fromisoformat(found[1]) + days).isoformat()
        return json.dumps(text if "T" in found[1] else text[:10])

    for action in proposed(name):
        yield json.loads(MOMENT.sub(later, json.dumps(action)))


def judged(folder: Path, actions: Iterator[dict[str, Any]]) -> CheckRun:
    """Imported as history into a ledger that holds nothing else, and judged by all checks."""
    settings = Settings(data=folder / "ledger", keys=folder / "keys")
    create_ledger(settings)
    lines = [json.dumps(action, ensure_ascii=False).encode() for action in actions]
    with open_ledger(settings) as ledger:
        ledger.open_import(FILE, f"sha256:{FILE}", sum(map(len, lines)), "history", "tester")
        for start in range(0, len(lines), BATCH):
            batch = enumerate(lines[start : start + BATCH], start=start + 1)
            answers = ledger.record([Submission(line, ImportMark(FILE, number, True)) for number, line in batch])
            assert [answer.error for answer in answers if not answer.accepted] == []
    with open_source(settings) as source:
        return run_checks(source, tagger=tagger_of(settings))


def certain(run: CheckRun) -> set[tuple[str, str, str]]:
    """What is accused with certainty, but for the record itself."""
    return {
        (one.check, one.reason, one.sentence.en)
        for one in run.hits
        if one.certainty == "certain" and one.check not in OF_THE_RECORD
    }


@pytest.mark.parametrize("name", FILES)
def test_a_foreign_log_crashes_no_check_and_is_accused_of_nothing_from_before_the_regulation(
    name: str, tmp_path: Path
) -> None:
    run = judged(tmp_path, proposed(name))
    assert run.failures == []
    assert {(one.check, one.certainty) for one in run.hits} <= {("XF-INT-005", "certain")}
    assert len(run.findings) > 1_000, "what cannot be told is said"


@pytest.mark.parametrize("name", FILES)
def test_without_registers_calendars_and_routes_nothing_of_a_foreign_log_is_certain(name: str, tmp_path: Path) -> None:
    run = judged(tmp_path, moved(name))
    assert run.failures == []
    assert certain(run) == set()
    assert {one.result for one in run} == {"hit", "cannot_tell"}
