"""Corrections: the value that counts now, and the value that stood first."""

from __future__ import annotations

import copy
from typing import Any

from domain.corrections import as_first_recorded, corrected, was_corrected


def event(number: int, kind: str = "received", **data: Any) -> dict[str, Any]:
    return {
        "type": f"petition.case.{kind}.v1",
        "id": f"e{number}",
        "sequence": str(number),
        "time": "2025-03-03T10:00:00+08:00",
        "data": data,
    }


def correction(number: int, target: int, field: str, now: Any) -> dict[str, Any]:
    return event(number, "record_corrected", event_id=f"e{target}", field=field, was="?", now=now)


def test_the_corrected_value_counts_and_the_first_is_kept() -> None:
    given = [event(1, received_at="A"), correction(2, 1, "/received_at", "B")]
    untouched = copy.deepcopy(given)
    now = corrected(given)
    assert now[0]["data"] == {"received_at": "B"}
    assert now[0]["corrections"] == {"/received_at": {"first": "A", "event_ids": ("e2",)}}
    assert was_corrected(now[0], "/received_at")
    assert not was_corrected(now[0], "/time")
    assert as_first_recorded(now) == untouched == given


def test_the_time_can_be_corrected_and_two_corrections_keep_the_very_first_value() -> None:
    given = [
        event(1),
        correction(2, 1, "/time", "2025-03-04T10:00:00+08:00"),
        correction(3, 1, "/time", "2025-03-05T10:00:00+08:00"),
    ]
    now = corrected(given)
    assert now[0]["time"] == "2025-03-05T10:00:00+08:00"
    assert now[0]["corrections"]["/time"] == {"first": "2025-03-03T10:00:00+08:00", "event_ids": ("e2", "e3")}
    assert as_first_recorded(now)[0]["time"] == "2025-03-03T10:00:00+08:00"


def test_a_value_can_be_added_and_taken_away() -> None:
    given = [event(1, a="A"), correction(2, 1, "/b", "B"), correction(3, 1, "/a", None)]
    now = corrected(given)
    assert now[0]["data"] == {"b": "B"}
    assert as_first_recorded(now)[0]["data"] == {"a": "A"}


def test_pointers_reach_into_objects_and_lists_and_escapes_are_read() -> None:
    given = [
        event(1, receipt_evidence={"kind": "postmark", "at": "A"}, materials=["x", "y"], **{"a/b": {"~": 1}}),
        correction(2, 1, "/receipt_evidence/kind", "arrival_stamp"),
        correction(3, 1, "/materials/1", "z"),
        correction(4, 1, "/a~1b/~0", 2),
    ]
    data = corrected(given)[0]["data"]
    assert data == {"receipt_evidence": {"kind": "arrival_stamp", "at": "A"}, "materials": ["x", "z"], "a/b": {"~": 2}}


def test_a_pointer_that_leads_nowhere_changes_nothing() -> None:
    for pointer in ("", "/", "/materials/2", "/materials/-1", "/a/b/c", "/missing/at", "no-slash"):
        given = [event(1, materials=["x"], a="A"), correction(2, 1, pointer, "B")]
        now = corrected(given)
        kept = {"materials": ["x"], "a": "A"}
        assert {name: value for name, value in now[0]["data"].items() if name in kept} == kept
        assert as_first_recorded(now) == given


def test_a_correction_of_a_correction_is_applied_first() -> None:
    given = [event(1, a="A"), correction(2, 1, "/a", "B"), correction(3, 2, "/now", "C")]
    assert corrected(given)[0]["data"] == {"a": "C"}


def test_corrections_apply_in_the_subjects_own_order_however_they_are_given() -> None:
    given = [correction(3, 1, "/a", "C"), correction(2, 1, "/a", "B"), event(1, a="A")]
    assert corrected(given)[2]["data"] == {"a": "C"}


def test_correcting_twice_changes_nothing_more() -> None:
    given = [event(1, a="A"), correction(2, 1, "/a", "B"), correction(3, 2, "/now", "C")]
    assert corrected(corrected(given)) == corrected(given)
