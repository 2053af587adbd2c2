"""What subjects give to groups counts the same however it is held, and few facts say nothing where a check says so."""

from __future__ import annotations

import copy
import importlib.util
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from domain.checks import ALL_CHECKS
from domain.checks.groups import GatheringCheck
from projections import findings
from projections.gatherings import Gatherings


def random_histories() -> ModuleType:
    """The writer of random histories that the runner is tested with."""
    place = Path(__file__).with_name("test_findings_random_histories.py")
    spec = importlib.util.spec_from_file_location("histories_for_gatherings", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("room", [0, 7])
@pytest.mark.parametrize("seed", range(12))
def test_what_is_packed_is_judged_like_what_is_held_as_it_is(
    seed: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = random_histories().told(seed)
    held = history.run("2025-12-31").to_bytes()
    monkeypatch.setattr(findings, "Gatherings", partial(Gatherings, room))
    assert history.run("2025-12-31").to_bytes() == held


@pytest.mark.parametrize("seed", range(12))
def test_a_group_of_fewer_members_than_a_check_names_had_nothing_to_say(seed: int) -> None:
    history = random_histories().told(seed)
    asked = []
    for check in ALL_CHECKS:
        always = copy.copy(check)
        if isinstance(always, GatheringCheck):
            always.members_min = 0  # type: ignore[misc]
        asked.append(always)
    assert history.run("2025-12-31", checks=tuple(asked)).to_bytes() == history.run("2025-12-31").to_bytes()
    assert any(isinstance(check, GatheringCheck) and check.members_min for check in ALL_CHECKS)
