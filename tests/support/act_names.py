"""The names of all acts that the checks know, by aggregate: what random histories draw from."""

from __future__ import annotations

from domain.checks.known import CASE_TYPES, FUND_TYPES, GRANT_TYPES


def _names(types: frozenset[str]) -> list[str]:
    """`petition.case.received.v1` → `received`; corrections are made from the acts, never drawn."""
    return sorted(name for name in (one.split(".")[2] for one in types) if name != "record_corrected")


ACT_NAMES = {"case": _names(CASE_TYPES), "grant": _names(GRANT_TYPES), "fund": _names(FUND_TYPES)}
