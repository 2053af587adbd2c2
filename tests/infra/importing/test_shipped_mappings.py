"""The two shipped mappings over the real files: counts, odd cases, and actions that the contract takes."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from domain.reading import prepare
from infra.importing.driver import ImportOptions, run_import
from infra.importing.mapping import load_mapping
from infra.importing.problems import RowProblem
from infra.importing.sources import ImportSource
from tests.support.import_port import MemoryLedger

SAMPLES = Path(__file__).parents[3] / "samples"
FILES = {"nyc311": "nyc311_2000.csv", "receipt_permits": "receipt.xes.gz"}
RECORDS = {"nyc311": (2000, 2), "receipt_permits": (1434, 0)}


def opened(name: str) -> ImportSource:
    return ImportSource(SAMPLES / "data" / FILES[name], load_mapping(SAMPLES / "mappings" / f"{name}.toml"))


@cache
def taken(name: str) -> dict[int, list[dict[str, Any]]]:
    """The proposed actions by record."""
    outcomes = opened(name).outcomes()
    return {one.line: list(one.actions) for one in outcomes if not isinstance(one, RowProblem)}  # type: ignore[misc]


def of_case(name: str, case: str) -> list[dict[str, Any]]:
    return next(actions for actions in taken(name).values() if actions[0]["case"] == case)


@pytest.mark.parametrize("name", FILES)
def test_every_action_of_a_shipped_mapping_is_one_of_the_contract(name: str) -> None:
    for actions in taken(name).values():
        for action in actions:
            prepare(action, history=True)


def test_the_new_york_requests_give_what_the_file_proves() -> None:
    verbs = Counter(action["action"] for actions in taken("nyc311").values() for action in actions)
    assert verbs == {
        "receive_petition": 1998,
        "register_petition": 1998,
        "hand_over": 1998,
        "receive_handoff": 1998,
        "feed_back": 1956,
        "close_case": 1956,
    }


def test_contradicting_new_york_requests_are_rejected_with_their_lines() -> None:
    problems = [one for one in opened("nyc311").outcomes() if isinstance(one, RowProblem)]
    assert [(one.line, one.code, one.field) for one in problems] == [
        (1074, "declared_reject", "Closed Date"),
        (1604, "declared_reject", "Closed Date"),
    ]
    assert "01/01/1900" in str(problems[1].raw)


def test_an_unknown_channel_stays_unknown() -> None:
    channels = Counter(actions[0].get("channel") for actions in taken("nyc311").values())
    assert channels == {"call": 1732, "other": 165, "online": 60, None: 41}


def test_new_york_times_carry_the_offset_of_their_season() -> None:
    offsets = {action["at"][-6:] for actions in taken("nyc311").values() for action in actions}
    assert offsets == {"-05:00", "-04:00"}


def test_the_permit_log_gives_what_the_log_proves() -> None:
    verbs = Counter(action["action"] for actions in taken("receipt_permits").values() for action in actions)
    assert verbs == {
        "receive_petition": 1434,
        "register_petition": 1434,
        "hand_over": 3853,
        "receive_handoff": 3853,
        "notify_petitioner": 1300,
        "investigate": 157,
        "close_case": 1329,
    }


def test_permits_that_end_before_they_begin_come_through_as_facts() -> None:
    early = [
        actions
        for actions in taken("receipt_permits").values()
        if actions[-1]["action"] == "close_case" and actions[-1]["at"] < actions[0]["received_at"]
    ]
    assert len(early) == 2


def test_a_permit_follows_its_holders_and_says_nothing_of_unknown_ones() -> None:
    actions = of_case("receipt_permits", "ref:wabo/case-10011")
    assert [(one["action"], one.get("by")) for one in actions] == [
        ("receive_petition", {"unit": "Group-1", "staff": "Resource21"}),
        ("register_petition", {"unit": "Group-1", "staff": "Resource21"}),
        ("hand_over", {"unit": "Group-1"}),
        ("receive_handoff", {"unit": "Group-4", "staff": "Resource10"}),
        ("hand_over", {"unit": "Group-4"}),
        ("receive_handoff", {"unit": "Group-1", "staff": "Resource21"}),
        ("hand_over", {"unit": "Group-1"}),
        ("receive_handoff", {"unit": "Group-4", "staff": "Resource21"}),
    ]
    assert actions[2]["due_on"] == "2011-12-06"


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_files_are_imported_whole_and_again_without_change(name: str, tmp_path: Path) -> None:
    ledger = MemoryLedger()
    options = ImportOptions(kind="history", operator="tester", rejects=tmp_path / "rejects.jsonl")
    read, rejected = RECORDS[name]
    first = run_import(opened(name), ledger, options)
    assert (first.read, first.accepted_new, first.already_there, first.rejected) == (read, read - rejected, 0, rejected)
    again = run_import(opened(name), ledger, options)
    assert (again.read, again.accepted_new, again.already_there, again.rejected) == (read, 0, read - rejected, rejected)


def test_the_sample_data_holds_no_addresses() -> None:
    header = (SAMPLES / "data" / FILES["nyc311"]).read_text(encoding="utf-8").partition("\n")[0]
    assert not any(word in header for word in ("Address", "Street", "Zip", "Latitude", "BBL", "Coordinate"))
