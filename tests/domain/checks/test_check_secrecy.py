"""XF-CNF-001 and XF-CNF-003: accusations never reach the accused, and are restricted from the start."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from domain.checks.base import Finding
from tests.support.history import History

LEAK, RESTRICTED = "XF-CNF-001", "XF-CNF-003"
END = "2025-12-31"
Said = list[tuple[str, str, str]]


def tag(field: str, value: str) -> str:
    """The ledger's own tag under a key of a test."""
    return "hmac:" + hmac.new(b"k" * 32, field.encode() + b"\0" + value.encode(), hashlib.sha256).hexdigest()


def accusation(about: list[str] | None, **changes: Any) -> History:
    """A restricted accusation; what it complains of is tagged, as the ledger does."""
    history = History()
    tagged = [tag("about_units", unit) for unit in about] if about is not None else None
    accused = tag("accusation_of", "supervised_official")
    history.received("2025-03-03", **{"restricted": True, "about_units": tagged, "accusation_of": accused, **changes})
    return history


def found(history: History, key: bool = True, check: str = LEAK) -> list[Finding]:
    return history.findings(check, END, tagger=tag if key else lambda field, value: None)


def said(history: History, key: bool = True) -> Said:
    return [(one.item, one.result, one.certainty) for one in found(history, key)]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("XZ", [("ref:h1/XZ", "hit", "certain")]),
        ("XZ1", [("ref:h1/XZ1", "hit", "certain")]),
        ("GOV", [("ref:h1/GOV", "hit", "suspect")]),
        ("MZJ", []),
        ("JW", []),
        ("NEW", [("ref:h1/NEW", "cannot_tell", "suspect")]),
    ],
)
def test_the_accused_unit_and_those_below_it_are_certain_and_one_above_is_a_suspicion(
    unit: str, expected: Said
) -> None:
    history = accusation(["XZ"])
    history.handed("2025-03-05", unit)
    assert said(history) == expected
    assert all(one.severity == "critical" and one.audience == "discipline" for one in found(history))


@pytest.mark.parametrize("kind", ["discipline", "organisation_dept", "party_committee"])
def test_bodies_above_the_accused_that_may_have_it_are_silent(kind: str) -> None:
    history = accusation(["XZ"])
    history.unit("UP", kind)
    history.unit("XZ", "township", ["UP"])
    history.handed("2025-03-05", "UP")
    assert said(history) == []


def test_a_copy_to_the_accused_is_a_leak_and_is_told_once() -> None:
    history = accusation(["XZ"])
    for unit in ("JW", "MZJ"):
        history.handed("2025-03-05", unit, to=["JW", "MZJ"], cc=["XZ"])
    (finding,) = found(history)
    assert (finding.item, finding.facts["place"]) == ("ref:h1/XZ", "cc")


def test_taking_it_back_does_not_undo_the_leak() -> None:
    history = accusation(["XZ"])
    history.handed("2025-03-05", "XZ")
    history.add("case.handoff_withdrawn", "2025-03-05", handoff="ref:h1", unit="XZ", reason="error")
    assert said(history) == [("ref:h1/XZ", "hit", "certain")]


def test_without_the_key_nobody_can_tell() -> None:
    history = accusation(["XZ"])
    history.handed("2025-03-05", "XZ")
    assert said(history, key=False) == [("", "cannot_tell", "suspect")]
    assert [one.result for one in history.findings(LEAK, END)] == ["cannot_tell"]


def test_one_that_was_only_routed_as_an_accusation_is_judged_by_its_plain_values() -> None:
    history = History()
    history.received("2025-03-03", about_units=["XZ"])
    history.handed("2025-03-05", "XZ")
    assert said(history, key=False) == []
    history.add("case.routed", "2025-03-06", purpose="accusation")
    assert said(history, key=False) == [("ref:h1/XZ", "hit", "certain")]


def test_an_accusation_of_nobody_named_leaks_to_nobody_unless_the_old_system_never_held_it() -> None:
    for changes, expected in (
        ({}, []),
        ({"imported": "f"}, [("", "cannot_tell", "suspect")]),
        ({"imported": "f", "about_units": []}, []),
    ):
        history = accusation(None, **changes)
        history.handed("2025-03-05", "XZ")
        assert said(history) == expected


def test_what_is_routed_as_an_accusation_was_received_as_restricted() -> None:
    for restricted, hits in ((True, 0), (False, 1), (None, 1)):
        history = History()
        history.received("2025-03-03", restricted=restricted)
        history.add("case.routed", "2025-03-04", purpose="accusation")
        one = [(f.reason, f.certainty, f.audience) for f in found(history, check=RESTRICTED)]
        assert one == [("not_restricted", "certain", "discipline")] * hits


def test_another_purpose_needs_no_restriction_and_a_lost_receipt_cannot_be_told() -> None:
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04")
    assert found(history, check=RESTRICTED) == []
    lost = History()
    lost.add("case.routed", "2025-03-04", purpose="accusation")
    assert [one.result for one in found(lost, check=RESTRICTED)] == ["cannot_tell"]
