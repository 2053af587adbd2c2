"""From an action to the payload of its event; what the action's model has checked is not checked a second time.

A fact takes its fields from the action, most of them under the very same rules, and adds what the ledger fills in.
A fact that evolves no state, and whose every field has passed the same rule in the action, is proven and not built.
Any other is validated by its model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from domain.base import Action, Draft, Fact
from domain.fields import LiveField
from domain.reading import Prepared, first_problem

NOT_PAYLOAD = frozenset({"action", "action_id", "at", "at_precision", "entered_at", "by"})
SUBJECT_KEYS = {"case": "case", "grant": "grant", "fund": "fund"}
RECIPES_MAX = 5_000

Form = tuple[type[Action], type[Fact], tuple[str, ...], frozenset[str] | None]


class Recipe(NamedTuple):
    """How an action sent in one form (with these keys) becomes a fact."""

    copied: tuple[str, ...]
    """The action's keys that the payload takes over."""
    is_proven: bool
    """Whether the action's own rules prove these fields, and they are all that the fact needs."""


_recipes: dict[Form, Recipe] = {}


def payload_of(one: Prepared, sealed: dict[str, Any], draft: Draft) -> tuple[dict[str, Any], Fact | None]:
    """The action's fields without the envelope's keys and the subject, with what the ledger fills in; and the
    fact that they make, or None where it evolves nothing.

    `sealed` is the action as it is stored. Raises `InvalidAction` where the payload breaks the fact's rules.
    """
    extra = draft.extra
    form = (type(one.action), draft.fact, tuple(sealed), draft.only)
    recipe = _recipes.get(form)
    if recipe is None:
        recipe = _kept(form)
    data = {key: sealed[key] for key in recipe.copied}
    if extra:
        data.update(extra)
    elif recipe.is_proven and sealed is one.raw:
        return data, None
    try:
        return data, draft.fact.__pydantic_validator__.validate_python(data)
    except ValidationError as error:
        raise first_problem(error, data) from None


def _kept(form: Form) -> Recipe:
    if len(_recipes) >= RECIPES_MAX:
        _recipes.clear()
    recipe = _recipes[form] = recipe_of(*form)
    return recipe


def recipe_of(action: type[Action], fact: type[Fact], keys: Sequence[str], only: frozenset[str] | None) -> Recipe:
    """How an action sent with these keys becomes this fact."""
    if only is not None:
        copied = tuple(key for key in keys if key in only or key == "override")
    else:
        subject_key = SUBJECT_KEYS.get(fact.type_name.split(".", 2)[1])
        copied = tuple(key for key in keys if key not in NOT_PAYLOAD and key != subject_key)
    fields = fact.model_fields
    is_whole = set(copied) <= set(fields) and all(
        name in copied for name, field in fields.items() if field.is_required()
    )
    is_proven = fact.apply is Fact.apply and is_whole and all(_same_rule(action, fact, key) for key in copied)
    return Recipe(copied, is_proven)


def _same_rule(action: type[Action], fact: type[Fact], key: str) -> bool:
    """Whether a field obeys the same rule in both models: its type and its constraints."""
    ours, theirs = action.model_fields.get(key), fact.model_fields[key]
    return ours is not None and _rule(ours) == _rule(theirs)


def _rule(field: Any) -> tuple[Any, list[Any]]:
    return field.annotation, [mark for mark in field.metadata if not isinstance(mark, LiveField)]
