"""The entries inside one row of a view – payments, appropriations, acceptances – as tables of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.cli.invocation import Invocation
from infra.cli.tables import Shown, heading, print_table

ORDER: dict[str, tuple[str, ...]] = {
    "payments": (
        "payment", "paid_at", "amount_fen", "method", "paid_by", "receipted_at", "receipted_fen", "excused_at",
        "booked_at", "reconciled_at", "returned_fen",
    ),
}  # fmt: skip
"""The columns of these entries, the more telling ones first; of others the keys as they come."""
KEPT = 4
NAMED_AS = {"days": "extension_days"}
"""Keys whose plain heading means something else in a list."""


def is_entries(value: Any) -> bool:
    """Whether a value of a row is a list of entries."""
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def print_entries(run: Invocation, row: Mapping[str, Any]) -> None:
    """Print every list of entries of a row as a table; columns without any value are left out."""
    for name, value in row.items():
        if is_entries(value):
            entries = [_flat(entry) for entry in value]
            print_table(run, list(_columns(name, entries)), entries, heading(run, name))


def _flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with the sum of what came back of it; further nesting is for `--json`."""
    flat = {NAMED_AS.get(name, name): value for name, value in entry.items() if not isinstance(value, dict | list)}
    returns = entry.get("returns")
    if is_entries(returns):
        flat["returned_fen"] = sum(one["amount_fen"] for one in returns or [] if isinstance(one.get("amount_fen"), int))
    return flat


def _columns(name: str, entries: list[dict[str, Any]]) -> Iterator[Shown]:
    stated = dict.fromkeys(key for entry in entries for key, value in entry.items() if value is not None)
    for place, key in enumerate(key for key in ORDER.get(name, tuple(stated)) if key in stated):
        reads = "yuan" if key.endswith("_fen") else "minute" if key == "at" or key.endswith("_at") else "text"
        yield Shown(key, reads, key.endswith("_fen"), spare=place >= KEPT)
