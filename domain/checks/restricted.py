"""Fields of restricted petitions: plain values, or tags that only the discipline key can compare."""

from __future__ import annotations

from collections.abc import Iterable

from domain.checks.base import Text
from domain.checks.context import Context
from domain.checks.facts import Act

KEY_MISSING = Text("纪检密钥（限制查阅的信访件）", "the discipline key, for a restricted petition")


def holds(received: Act, field: str, values: Iterable[str], context: Context) -> bool | None:
    """Whether a field of the receipt holds one of some plain values; None where its tags cannot be compared."""
    stored = received.get(field)
    if stored is None:
        return False
    held = set(stored) if isinstance(stored, list | tuple) else {stored}
    if received.get("restricted") is not True:
        return bool(held & set(values))
    if context.tag is None:
        return None
    tags = {context.tag(field, value) for value in values}
    return None if None in tags else bool(held & tags)
