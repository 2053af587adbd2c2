"""What an action's model has checked is not checked again: for every verb both ways give the same answer."""

from __future__ import annotations

from typing import Any

import pytest

from domain import payload, writing
from domain.base import Draft, Fact
from domain.fields import Closed
from domain.language import ACTIONS
from domain.payload import payload_of, recipe_of
from domain.reading import Prepared
from tests.support.examples import EXAMPLES
from tests.support.given import ready_for, step

Seen = list[tuple[Prepared, dict[str, Any], Draft, dict[str, Any], Fact | None]]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    found: Seen = []

    def noted(one: Prepared, sealed: dict[str, Any], draft: Draft) -> tuple[dict[str, Any], Fact | None]:
        data, fact = payload_of(one, sealed, draft)
        found.append((one, sealed, draft, data, fact))
        return data, fact

    monkeypatch.setattr(writing, "payload_of", noted)
    return found


@pytest.mark.parametrize("verb", sorted(EXAMPLES))
def test_the_payload_of_every_action_is_what_its_fact_would_take(verb: str, seen: Seen) -> None:
    world = ready_for(verb)
    assert world.given(step(verb))
    one, _, draft, _, _ = seen[-1]
    assert isinstance(one.action, ACTIONS[verb])
    for _, _, draft, data, fact in seen:
        whole = draft.fact.model_validate(data)
        assert fact == whole or (fact is None and draft.fact.apply is Fact.apply)


def test_most_facts_that_evolve_nothing_are_proven_by_their_action(seen: Seen) -> None:
    for verb in sorted(EXAMPLES):
        assert ready_for(verb).given(step(verb))
    silent = {draft.fact for _, _, draft, _, _ in seen if draft.fact.apply is Fact.apply and not draft.extra}
    proven = {draft.fact for _, _, draft, _, fact in seen if fact is None}
    assert proven <= silent
    assert len(proven) > len(silent) / 2


def test_a_form_whose_keys_the_fact_does_not_know_is_never_proven() -> None:
    action = ACTIONS["notify_petitioner"]
    fact = action.facts[0]
    keys = ["action", "action_id", "at", "by", "case", "notice", "document"]
    assert recipe_of(action, fact, keys, None).is_proven
    assert not recipe_of(action, fact, [*keys, "surprise"], None).is_proven
    assert not recipe_of(action, fact, [key for key in keys if key != "notice"], None).is_proven
    assert recipe_of(action, fact, keys, frozenset({"notice"})).copied == ("notice",)


def test_a_field_under_another_rule_is_not_proven() -> None:
    action = ACTIONS["notify_petitioner"]

    class Stricter(action.facts[0]):  # type: ignore[misc,name-defined]
        notice: int

    assert not recipe_of(action, Stricter, ["case", "notice"], None).is_proven
    assert issubclass(Stricter, Closed)


def test_the_recipes_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "RECIPES_MAX", 3)
    payload._recipes.clear()
    for verb in sorted(EXAMPLES)[:8]:
        assert ready_for(verb).given(step(verb))
        assert len(payload._recipes) <= 3
