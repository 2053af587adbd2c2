"""What a check names as its triggers is honest: asked about everything, it finds nothing more."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from domain.checks import ALL_CHECKS
from domain.checks.base import Check
from tests.support.history import History


def random_histories() -> ModuleType:
    """The writer of random histories that the runner is tested with."""
    place = Path(__file__).with_name("test_findings_random_histories.py")
    spec = importlib.util.spec_from_file_location("histories_for_triggers", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def always_asked() -> tuple[Check, ...]:
    """All checks as if none named a trigger."""
    checks = []
    for check in ALL_CHECKS:
        untriggered = copy.copy(check)
        untriggered.triggers = untriggered.triggers_alone = frozenset()  # type: ignore[misc]
        checks.append(untriggered)
    return tuple(checks)


@pytest.mark.parametrize("seed", range(20))
def test_a_check_that_is_not_asked_had_nothing_to_say(seed: int) -> None:
    history: History = random_histories().told(seed)
    asked = history.run("2025-12-31", checks=always_asked())
    assert asked.failures == []
    assert [one.to_json() for one in asked] == [one.to_json() for one in history.run("2025-12-31")]


def test_every_trigger_is_the_name_of_an_act_that_checks_know() -> None:
    from domain.checks.known import KNOWN_TYPES

    names = {name.removeprefix("petition.").rpartition(".v")[0] for name in KNOWN_TYPES}
    assert {name for check in ALL_CHECKS for name in check.triggers | check.triggers_alone} <= names


ANY_ACT = frozenset({"XF-ACC-004", "XF-INT-001", "XF-INT-002", "XF-INT-003", "XF-INT-004", "XF-INT-005", "XF-INT-006"})
"""Checks that look at whoever did anything, when it was entered, and what any act may carry: an override, an approval."""


def test_every_check_names_its_triggers_unless_any_act_concerns_it() -> None:
    assert {check.id for check in ALL_CHECKS if not check.triggers} == ANY_ACT
