"""What is planted in the manufactured year: on purpose, over all sixteen ways, and nowhere else."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain.checks import ALL_CHECKS
from infra.reference_year.generator import SEED, generate
from infra.reference_year.manufactured import (
    corrected_actions,
    corrections,
    generate_manufactured,
    manufacture,
    plants,
    waiting_plants,
    write,
    write_corrections,
)
from infra.reference_year.manufactured_draft import Plant
from infra.reference_year.manufactured_list import lines, table
from projections.doubt import WAYS

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "manufactured_year"
Action = dict[str, Any]


@pytest.fixture(scope="module")
def planted() -> list[Plant]:
    return plants()


@pytest.fixture(scope="module")
def clean() -> list[Action]:
    return list(generate())


@pytest.fixture(scope="module")
def manufactured() -> list[Action]:
    return list(generate_manufactured())


def _by_case(actions: list[Action]) -> dict[str, dict[str, Action]]:
    cases: dict[str, dict[str, Action]] = {}
    for action in actions:
        if "case" in action and "grant" not in action:
            cases.setdefault(action["case"], {})[action["action_id"]] = action
    return cases


def test_at_least_eighty_violations_are_planted_over_all_sixteen_ways(planted: list[Plant]) -> None:
    assert len(planted) >= 80
    ways = Counter(one.way for one in [*planted, *waiting_plants()])
    assert set(ways) == {way.number for way in WAYS} == set(range(1, 17))
    assert all(count >= 4 for way, count in ways.items() if way != 8)


def test_only_the_check_on_published_figures_is_still_waited_for(planted: list[Plant]) -> None:
    assert {(one.way, one.check) for one in waiting_plants()} == {(8, "XF-STA-002")}
    assert 8 not in {one.way for one in planted}


def test_every_plant_says_in_two_languages_what_was_changed(planted: list[Plant]) -> None:
    for one in [*planted, *waiting_plants()]:
        texts = [one.changed, *(product.why for product in one.also)]
        assert all(text.zh and text.en for text in texts)


def test_a_plant_of_a_way_is_found_by_a_check_that_stands_for_the_way(planted: list[Plant]) -> None:
    checks = {way.number: {check for check, _ in way.shown_by} for way in WAYS}
    assert [one for one in [*planted, *waiting_plants()] if one.check not in checks[one.way]] == []


def test_no_violation_is_planted_twice(planted: list[Plant]) -> None:
    keys = Counter((one.check, one.reason, one.subject, one.item) for one in planted)
    assert [key for key, count in keys.items() if count > 1] == []


def test_a_case_carries_the_plants_of_one_way_only(planted: list[Plant]) -> None:
    named = {(one.subject, one.way) for one in planted if one.subject.startswith("ref:")}
    assert len({subject for subject, _ in named}) == len(named)


def test_every_case_that_was_changed_is_named_by_a_plant_and_every_other_is_the_clean_one(
    planted: list[Plant], clean: list[Action], manufactured: list[Action]
) -> None:
    before, after = _by_case(clean), _by_case(manufactured)
    assert set(before) == set(after)
    changed = {ref for ref in before if before[ref] != after[ref]}
    corrected = {action_id.split("/")[1] for action_id in corrected_actions()}
    named = {ref for one in planted for ref in one.cases if ref.startswith("ref:A")}
    assert changed <= named
    assert {ref for ref in named - changed if ref.removeprefix("ref:") not in corrected} <= _listed_elsewhere(planted)


def _listed_elsewhere(planted: list[Plant]) -> set[str]:
    """Cases whose violation lies beside them: in a list, in a document that others copied, in a later case."""
    beside = {"XF-REC-001", "XF-OPN-003", "XF-DDL-008"}
    return {ref for one in planted if one.check in beside for ref in one.cases}


def test_a_plant_changes_few_acts_and_invents_hardly_any(clean: list[Action], manufactured: list[Action]) -> None:
    before, after = _by_case(clean), _by_case(manufactured)
    for ref, acts in after.items():
        assert len(acts) <= len(before[ref]) + 5, ref
    invented = [action for action in manufactured if action["action_id"].startswith("MY/")]
    assert 0 < len(invented) < 150
    assert {action["action_id"] for action in manufactured if action not in invented} <= {
        action["action_id"] for action in clean
    }


def test_registers_fund_and_calendar_of_calls_are_the_clean_ones_but_for_what_way_fifteen_adds(
    clean: list[Action], manufactured: list[Action]
) -> None:
    def others(actions: list[Action]) -> dict[str, Action]:
        return {one["action_id"]: one for one in actions if "case" not in one and "grant" not in one}

    before, after = others(clean), others(manufactured)
    assert set(before) == set(after)
    different = Counter(after[key]["action"] for key in before if before[key] != after[key])
    assert different == {"declare_external_list": 1, "declare_channel_log": 3}


def test_the_stream_is_sorted_and_every_action_says_when_it_was_entered(manufactured: list[Action]) -> None:
    instants = [datetime.fromisoformat(action["at"]) for action in manufactured]
    assert instants == sorted(instants)
    assert all(
        datetime.fromisoformat(action["entered_at"]) >= datetime.fromisoformat(action["at"]) for action in manufactured
    )
    assert len({action["action_id"] for action in manufactured}) == len(manufactured)
    assert manufactured[-1]["action"] == "declare_cutover"


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_year(tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    count = write(first)
    assert write(again) == count == len(first.read_text(encoding="utf-8").splitlines())
    write(other, seed=SEED + 1)
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("seed", [1, 7, 12, 2024])
def test_the_same_violations_can_be_planted_in_any_year(seed: int, planted: list[Plant]) -> None:
    def kinds(these: list[Plant]) -> Counter[tuple[int, str, str]]:
        return Counter((one.way, one.check, one.reason) for one in these)

    assert kinds(plants(seed)) == kinds(planted)


def test_corrections_are_written_once_the_events_have_their_ids(tmp_path: Path) -> None:
    wanted = corrected_actions()
    event_ids = {action_id: f"0190-{number}" for number, action_id in enumerate(wanted)}
    second = list(corrections(event_ids))
    assert [one["event_id"] for one in second] == [event_ids[action_id] for action_id in wanted]
    assert {one["action"] for one in second} == {"correct_record"}
    assert all(one["was"] != one["now"] for one in second)
    assert any(one["by"]["staff"] == one["approved_by"] for one in second)
    assert write_corrections(tmp_path / "second.jsonl", event_ids) == len(second)
    with pytest.raises(KeyError):
        list(corrections({}))


def test_corrections_come_before_the_cutover_and_after_what_they_correct(manufactured: list[Action]) -> None:
    cutover = datetime.fromisoformat(manufactured[-1]["at"])
    recorded = {action["action_id"]: datetime.fromisoformat(action["at"]) for action in manufactured}
    for planned in manufacture().corrections:
        assert recorded[planned.action_id] < planned.at < cutover


def test_the_samples_list_the_plants_of_the_published_seed(planted: list[Plant]) -> None:
    listed = (SAMPLES / "plants.jsonl").read_text(encoding="utf-8")
    assert listed == lines(planted, waiting_plants())
    assert table(planted, waiting_plants()) in (SAMPLES / "README.md").read_text(encoding="utf-8")


def test_the_reasons_of_the_plants_are_clauses_of_their_checks(planted: list[Plant]) -> None:
    clauses = {check.id: {clause.reason for clause in check.clauses} for check in ALL_CHECKS}
    judged = [one for one in planted if one.check in clauses]
    assert [one for one in judged if one.reason not in clauses[one.check]] == []
    assert len(judged) > 60
