"""The whole public language: every action by its verb, every event by its type name."""

from __future__ import annotations

from domain import fund, granting, paying, record, register
from domain.base import Action, Fact
from domain.case import acceptance, closing, handling, handoff, intake, review, staffing, supervision

ALL_ACTIONS: tuple[type[Action], ...] = (
    *intake.ACTIONS,
    *acceptance.ACTIONS,
    *staffing.ACTIONS,
    *handoff.ACTIONS,
    *handling.ACTIONS,
    *review.ACTIONS,
    *closing.ACTIONS,
    *record.ACTIONS,
    *supervision.ACTIONS,
    *fund.ACTIONS,
    *granting.ACTIONS,
    *paying.ACTIONS,
    *register.ACTIONS,
)
SYSTEM_ACTIONS: tuple[type[Action], ...] = (*register.SYSTEM_ACTIONS,)


def verb(action: type[Action]) -> str:
    """The action's verb, as a line's `action` spells it."""
    name: str = action.model_fields["action"].annotation.__args__[0]  # type: ignore[union-attr]
    return name


def _by_verb(actions: tuple[type[Action], ...]) -> dict[str, type[Action]]:
    found: dict[str, type[Action]] = {}
    for action in actions:
        assert verb(action) not in found, f"two actions are called {verb(action)}"
        assert action.facts, f"{verb(action)} records nothing"
        found[verb(action)] = action
    return found


def _by_type(actions: tuple[type[Action], ...]) -> dict[str, type[Fact]]:
    found: dict[str, type[Fact]] = {}
    for action in actions:
        for fact in action.facts:
            assert fact.type_name, f"{fact.__name__} has no type name"
            assert found.setdefault(fact.type_name, fact) is fact, f"two facts are called {fact.type_name}"
    return found


ACTIONS: dict[str, type[Action]] = _by_verb(ALL_ACTIONS)
SYSTEM: dict[str, type[Action]] = _by_verb(SYSTEM_ACTIONS)
FACTS: dict[str, type[Fact]] = _by_type((*ALL_ACTIONS, *SYSTEM_ACTIONS))
