"""The sixteen ways: each is shown by its own checks, in its own period, and what is missing is said."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.checks import ALL_CHECKS
from projections.doubt import WAYS, doubts

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
CATALOGUE = {check.id for check in ALL_CHECKS}


def line(check: str, reason: str = "any", subject: str = "XF1", result: str = "hit", **facts: Any) -> dict[str, Any]:
    told = {"check": check, "reason": reason, "subject": subject, "result": result, "facts": facts, "related": []}
    return {**told, "certainty": "certain", "fingerprint": f"{check}|{subject}"}


def counts(*lines: dict[str, Any]) -> dict[int, int | None]:
    return {one.way.number: one.count for one in doubts(lines, CATALOGUE, *YEAR) if one.members}


def test_there_are_sixteen_ways_told_in_both_languages() -> None:
    assert [way.number for way in WAYS] == list(range(1, 17))
    assert all(way.title.zh and way.title.en and way.shown_by for way in WAYS)


def test_a_finding_counts_for_its_way_once_a_subject() -> None:
    assert counts(line("XF-ACC-003"), line("XF-ACC-006"), line("XF-ACC-007", subject="XF2")) == {1: 1, 2: 1}


def test_only_the_clauses_that_show_a_way_count() -> None:
    assert counts(line("XF-OPN-001", "a_no_basis")) == {}
    assert counts(line("XF-OPN-001", "c_undelivered")) == {11: 1}
    assert counts(line("XF-DDL-001", "overdue")) == {}
    assert counts(line("XF-DDL-001", "never_accepted")) == {6: 1}


def test_what_cannot_be_told_and_what_lies_outside_the_period_does_not_count() -> None:
    assert counts(line("XF-ACC-003", result="cannot_tell")) == {}
    assert counts(line("XF-ACC-003", due_on="2024-05-01", acted_on="2024-06-01")) == {}
    assert counts(line("XF-ACC-003", due_on="2024-12-20", acted_on="2025-01-03")) == {1: 1}


def test_a_way_whose_checks_are_not_there_is_not_available() -> None:
    by_number = {one.way.number: one for one in doubts([], {"XF-ACC-003"}, *YEAR)}
    assert (by_number[1].count, by_number[1].missing) == (0, ("XF-ACC-006",))
    assert (by_number[8].count, by_number[8].to_json()["count"]) == (None, "not available")
