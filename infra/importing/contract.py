"""What a mapping may say of the ledger's verbs: a misspelt verb or field is a mistake of the mapping, not of a record."""

from __future__ import annotations

from collections.abc import Collection

from domain.language import ACTIONS

MADE_BY_ITSELF = frozenset({"action", "action_id", "at_precision"})


def problem_of_rule(verb: str, fields: Collection[str]) -> str | None:
    """What is wrong with a rule for this verb and these dotted field paths, or None.

    Only what holds for every record is judged here; what a record lacks is found when it is proposed.
    """
    model = ACTIONS.get(verb)
    if model is None:
        return f"unknown action {verb!r}; the verbs are listed in docs/events.md"
    stated = {path.partition(".")[0] for path in fields}
    unknown = sorted(stated - set(model.model_fields))
    if unknown:
        return f"{verb} has no field {', '.join(unknown)}"
    required = {name for name, info in model.model_fields.items() if info.is_required()}
    missing = sorted(required - stated - MADE_BY_ITSELF)
    return f"{verb} always needs {', '.join(missing)}" if missing else None
