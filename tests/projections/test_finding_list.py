"""Findings as lists: who may see them, whom they concern, since when, and as flat rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from projections.finding_list import (
    COLUMNS,
    by_unit_and_severity,
    concerns,
    flat,
    is_for,
    is_since,
    is_within,
    units_of,
)
from tests.support.history import History


def finding(**changes: Any) -> dict[str, Any]:
    history = History()
    history.received("2025-03-03")
    (found,) = history.findings("XF-ACC-001", "2025-03-30")
    return {**found.to_json(), **changes}


def test_an_office_sees_its_own_and_the_discipline_office_sees_all() -> None:
    seen = {
        audience: [is_for(finding(audience=one), audience) for one in ("office", "superior", "discipline")]
        for audience in ("office", "superior", "discipline")
    }  # fmt: skip
    assert seen == {
        "office": [True, False, False], "superior": [True, True, False], "discipline": [True, True, True],
    }  # fmt: skip


def test_a_finding_concerns_the_units_that_its_facts_name() -> None:
    assert units_of(finding()) == ["XF"]
    assert units_of(finding(subject="unit:MZJ")) == ["MZJ"]
    assert units_of(finding(facts={"units": ["MZJ", "JSW"], "unit": "MZJ"})) == ["MZJ", "JSW"]
    assert concerns(finding(), "XF")
    assert not concerns(finding(), "MZJ")


def test_since_looks_at_the_last_day_named_and_keeps_what_is_open_or_undated() -> None:
    closed = {"open": False, "facts": {"due_on": "2025-03-18", "acted_on": "2025-03-25"}}
    assert is_since(finding(**closed), date(2025, 3, 25))
    assert not is_since(finding(**closed), date(2025, 3, 26))
    assert is_since(finding(open=True), date(2030, 1, 1))
    assert is_since(finding(open=False, facts={}), date(2030, 1, 1))
    assert is_within(finding(**closed), date(2025, 3, 20), date(2025, 3, 31))
    assert not is_within(finding(**closed), date(2025, 4, 1), date(2025, 4, 30))


def test_units_are_counted_by_severity_the_gravest_first() -> None:
    lines = [finding(), finding(facts={"unit": "MZJ"}, severity="critical"), finding(facts={}, severity="low")]
    assert by_unit_and_severity(lines) == [
        {"unit": "MZJ", "critical": 1, "high": 0, "medium": 0, "low": 0},
        {"unit": "XF", "critical": 0, "high": 1, "medium": 0, "low": 0},
        {"unit": "", "critical": 0, "high": 0, "medium": 0, "low": 1},
    ]


def test_a_flat_row_has_every_column_as_text_or_number() -> None:
    row = flat(finding())
    assert tuple(row) == COLUMNS
    assert all(value is None or isinstance(value, (str, int)) for value in row.values())
    assert row["due_on"] == "2025-03-18"
