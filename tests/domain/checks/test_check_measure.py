"""XF-MSR-001 and XF-RTL-001: measures have law, conduct, approval and an end, and are no reprisal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.checks.test_check_secrecy import tag
from tests.support.history import DOCUMENT, History

FOUNDED, REPRISAL = "XF-MSR-001", "XF-RTL-001"
END = "2026-12-31"
Said = list[tuple[str, str, str]]


def measured(
    day: str = "2025-03-20", unit: str | None = "MZJ", history: History | None = None, **changes: Any
) -> History:
    """An education by the book, released before its last day, unless a test says otherwise."""
    if history is None:
        history = History()
        history.received("2025-03-03", about_units=["XZ"])
    data = {
        "measure": "ref:m1", "kind": "education", "unit": unit, "legal_basis": "art.47", "conduct": DOCUMENT,
        "approved_by": "S-9", "statement": DOCUMENT, **changes,
    }  # fmt: skip
    envelope = {key: data.pop(key) for key in ("imported", "precision") if key in data}
    history.add("case.measure_taken", day, by=("S-1", unit, "handler"), **envelope, **data)
    return history


def said(history: History, check: str, day: str = END, **changes: Any) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day, **changes)]


def test_a_measure_by_the_book_is_silent() -> None:
    assert said(measured(), FOUNDED) == []
    assert said(measured(), REPRISAL) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"legal_basis": None, "conduct": None}, [("a_ground", "hit", "probable")]),
        ({"legal_basis": None}, [("a_ground", "hit", "suspect")]),
        ({"conduct": None}, [("a_ground", "hit", "suspect")]),
        ({"conduct": None, "imported": "f"}, [("a_ground", "cannot_tell", "suspect")]),
        ({"legal_basis": "", "imported": "f"}, [("a_ground", "hit", "suspect")]),
        ({"kind": "admonition", "approved_by": None}, [("b_approval", "hit", "probable")]),
        ({"kind": "police_penalty", "approved_by": None}, [("b_approval", "hit", "probable")]),
        ({"kind": "admonition", "approved_by": None, "imported": "f"}, [("b_approval", "cannot_tell", "suspect")]),
        ({"kind": "criticism", "approved_by": None}, []),
        ({"statement": None}, [("d_statement", "hit", "suspect")]),
        ({"statement": None, "statement_refused": False}, [("d_statement", "hit", "suspect")]),
        ({"statement": None, "statement_refused": True}, []),
        ({"statement": None, "imported": "f"}, [("d_statement", "cannot_tell", "suspect")]),
        ({"kind": "care_plan", "legal_basis": None, "conduct": None, "approved_by": None, "statement": None}, []),
    ],
)
def test_a_measure_names_its_ground_its_approval_and_the_statement(changes: dict[str, Any], expected: Said) -> None:
    assert said(measured(**changes), FOUNDED) == expected


def test_a_measure_ends_by_its_last_day() -> None:
    history = measured(until_on="2025-04-30")
    assert said(history, FOUNDED, "2025-04-30") == []
    (finding,) = history.findings(FOUNDED, "2025-05-01")
    assert (finding.reason, finding.certainty, finding.open) == ("c_until", "probable", True)
    for day, hits in (("2025-04-30", 0), ("2025-05-01", 1)):
        released = measured(until_on="2025-04-30")
        released.add("case.measure_released", day, measure="ref:m1", reason="over")
        late = released.findings(FOUNDED, END)
        assert [(one.reason, one.open) for one in late] == [("c_until", False)] * hits


def test_another_measures_release_does_not_end_this_one_and_a_care_plan_need_not_end() -> None:
    history = measured(until_on="2025-04-30")
    history.add("case.measure_released", "2025-04-20", measure="ref:m2", reason="over")
    assert said(history, FOUNDED) == [("c_until", "hit", "probable")]
    assert said(measured(kind="care_plan", until_on="2025-04-30"), FOUNDED) == []


def closed(day: str) -> History:
    history = History()
    history.received("2025-03-03", about_units=["XZ"])
    history.add("case.closed", day, ground="mediated")
    return history


def test_the_unit_complained_of_takes_no_measure_within_a_year_or_while_the_case_is_open() -> None:
    """Received on March 3, 2025: day 365 is March 3, 2026."""
    hit = [("a_by_accused", "hit", "suspect")]
    assert said(measured(unit="XZ"), REPRISAL) == hit
    assert said(measured("2026-03-03", "XZ", closed("2025-06-01")), REPRISAL) == hit
    assert said(measured("2026-03-04", "XZ", closed("2025-06-01")), REPRISAL) == []
    assert said(measured("2026-03-04", "XZ", closed("2026-06-01")), REPRISAL) == hit
    reopened = closed("2025-06-01")
    reopened.add("case.reopened", "2025-07-01", reason="new facts")
    assert said(measured("2026-03-04", "XZ", reopened), REPRISAL) == hit


def test_a_care_plan_by_the_unit_complained_of_and_measures_of_others_are_no_reprisal() -> None:
    assert said(measured(unit="XZ", kind="care_plan", legal_basis=None), REPRISAL) == []
    assert said(measured(unit="XZ1"), REPRISAL) == []


@pytest.mark.parametrize("missing", ["legal_basis", "conduct"])
def test_a_groundless_measure_in_a_case_that_complains_of_a_unit_is_a_suspicion(missing: str) -> None:
    assert said(measured(**{missing: None}), REPRISAL) == [("b_groundless", "hit", "suspect")]
    assert said(measured(**{missing: None, "imported": "f"}), REPRISAL) == [("b_groundless", "cannot_tell", "suspect")]
    nobody = History()
    nobody.received("2025-03-03")
    assert said(measured(history=nobody, **{missing: None}), REPRISAL) == []


def test_on_a_restricted_case_the_key_decides_who_is_complained_of() -> None:
    history = History()
    history.received("2025-03-03", restricted=True, about_units=[tag("about_units", "XZ")])
    measured(unit="XZ", history=history)
    assert said(history, REPRISAL) == [("a_by_accused", "cannot_tell", "suspect")]
    assert said(history, REPRISAL, tagger=tag) == [("a_by_accused", "hit", "suspect")]


def test_whom_an_imported_case_complains_of_cannot_be_told_where_it_was_left_out() -> None:
    history = History()
    history.received("2025-03-03", imported="f")
    assert said(measured(history=history), REPRISAL) == [("a_by_accused", "cannot_tell", "suspect")]
    stated = History()
    stated.received("2025-03-03", imported="f", about_units=[])
    assert said(measured(history=stated), REPRISAL) == []
