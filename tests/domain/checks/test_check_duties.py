"""XF-SUG-001 and XF-URG-001: suggestions are answered, urgent matters reported at once and to everybody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT, History, at

SUGGESTION, URGENT = "XF-SUG-001", "XF-URG-001"
END = "2025-12-31"
Said = list[tuple[str, str, str]]


def said(history: History, check: str, day: str = END) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day)]


def suggested(**received: Any) -> History:
    """A suggestion received on March 3: the sixtieth day is May 2, a holiday, so May 6 is the last."""
    history = History()
    history.received("2025-03-03", **received)
    history.add("case.routed", "2025-03-04", purpose="suggestion")
    return history


def test_a_suggestion_is_answered_by_the_rolled_sixtieth_day() -> None:
    assert said(suggested(), SUGGESTION, "2025-05-06") == []
    (finding,) = suggested().findings(SUGGESTION, "2025-05-07")
    assert (finding.reason, finding.certainty, finding.open) == ("no_answer", "suspect", True)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.disposed", {"kind": "filed"}),
        ("case.closed", {"ground": "suggestion_answered"}),
        ("case.closed", {"ground": "answered_directly"}),
    ],
)
def test_a_disposal_or_an_answered_closing_on_the_last_day_suffices(name: str, data: dict[str, Any]) -> None:
    for day, hits in (("2025-05-06", 0), ("2025-05-07", 1)):
        history = suggested()
        history.add(name, day, **data)
        assert len(said(history, SUGGESTION)) == hits


def test_another_closing_is_no_answer_and_a_stopped_suggestion_owes_none() -> None:
    history = suggested()
    history.add("case.closed", "2025-04-01", ground="transferred_out")
    assert said(history, SUGGESTION) == [("no_answer", "hit", "suspect")]
    stopped = suggested()
    stopped.add("case.withdrawn", "2025-04-01", document=DOCUMENT, via="letter")
    assert said(stopped, SUGGESTION) == []


def test_the_purpose_in_force_decides_and_the_stamp_is_the_receipt() -> None:
    history = suggested()
    history.claim("2025-03-20")
    assert said(history, SUGGESTION) == []
    stamped = suggested(receipt_evidence={"kind": "arrival_stamp", "at": at("2025-03-10")})
    assert said(stamped, SUGGESTION, "2025-05-09") == []
    assert said(stamped, SUGGESTION, "2025-05-10") == [("no_answer", "hit", "suspect")]


def urgent(moment: str = "2025-03-03T10:00", **changes: Any) -> History:
    """An urgent petition at a petition office, with a party committee in the register."""
    history = History()
    history.unit("XW", "party_committee")
    history.received(moment, **{"urgent": True, **changes})
    return history


def reported(
    history: History,
    moment: str,
    to: tuple[str, ...] = ("XW", "SJ"),
    learnt: str | None = "2025-03-03T10:00",
    by: str | None = "XF",
    precision: str | None = None,
) -> History:
    data = {"to": list(to), "learnt_at": at(learnt) if learnt is not None else None}
    history.add("case.reported_urgent", moment, by=("S-1", by, "clerk"), precision=precision, **data)
    return history


def test_twenty_four_hours_are_in_time_and_one_minute_more_is_not() -> None:
    assert said(reported(urgent(), "2025-03-04T10:00"), URGENT) == []
    (finding,) = reported(urgent(), "2025-03-04T10:01").findings(URGENT, END)
    assert (finding.reason, finding.certainty, finding.open) == ("a_late", "probable", False)


def test_hours_run_from_what_was_learnt_and_else_from_the_receipt() -> None:
    assert said(reported(urgent(), "2025-03-05T09:00", learnt="2025-03-04T09:30"), URGENT) == []
    assert said(reported(urgent(), "2025-03-05T09:00", learnt=None), URGENT) == [("a_late", "hit", "probable")]


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    assert said(reported(urgent(), "2025-03-04T02:00:00+00:00"), URGENT) == []
    assert said(reported(urgent(), "2025-03-04T02:01:00+00:00"), URGENT) == [("a_late", "hit", "probable")]


def test_where_the_hour_is_not_known_the_day_after_is_in_time() -> None:
    assert said(reported(urgent(), "2025-03-04T23:00", precision="day"), URGENT) == []
    assert said(reported(urgent(), "2025-03-05T08:00", precision="day"), URGENT) == [("a_late", "hit", "probable")]


def test_nothing_reported_is_open_once_the_hours_have_passed() -> None:
    assert said(urgent(), URGENT, "2025-03-03") == []
    (finding,) = urgent().findings(URGENT, "2025-03-04")
    assert (finding.reason, finding.open) == ("a_late", True)


def test_a_petition_that_only_its_registration_calls_urgent_counts_from_there() -> None:
    history = urgent(urgent=False)
    history.add("case.registered", "2025-03-05T10:00", content_class="housing", urgent=True)
    assert said(reported(history, "2025-03-06T10:00", learnt=None), URGENT) == []


def test_what_is_not_urgent_needs_no_report_and_an_unknown_urgency_cannot_be_told() -> None:
    assert said(urgent(urgent=False), URGENT) == []
    assert said(urgent(urgent=None, imported="f"), URGENT) == [("a_late", "cannot_tell", "suspect")]
    assert said(urgent(urgent=None), URGENT) == []


@pytest.mark.parametrize(
    ("to", "by", "missing"),
    [
        (("XW", "SJ"), "XF", None),
        (("GOV", "SJ"), "XF", None),
        (("XW",), "MZJ", None),
        (("SJ",), "XF", ["party_committee|government"]),
        (("XW",), "XF", ["superior_petition_office"]),
        (("MZJ",), "XF", ["party_committee|government", "superior_petition_office"]),
        (("MZJ",), "MZJ", ["party_committee|government"]),
    ],
)
def test_party_or_government_must_know_and_from_a_petition_office_its_superior(
    to: tuple[str, ...], by: str, missing: list[str] | None
) -> None:
    found = reported(urgent(), "2025-03-03T12:00", to, by=by).findings(URGENT, END)
    assert [one.facts["missing_kinds"] for one in found] == ([missing] if missing is not None else [])
    assert all((one.reason, one.certainty) == ("b_addressees", "probable") for one in found)


def test_several_reports_are_read_together() -> None:
    history = reported(reported(urgent(), "2025-03-03T12:00", ("XW",)), "2025-03-06T12:00", ("SJ",))
    assert said(history, URGENT) == []


def test_an_addressee_or_reporter_whose_kind_nobody_declared_cannot_be_told() -> None:
    untold = [("b_addressees", "cannot_tell", "suspect")]
    assert said(reported(urgent(), "2025-03-03T12:00", ("WHO", "SJ")), URGENT) == untold
    assert said(reported(urgent(), "2025-03-03T12:00", ("XW",), by=None), URGENT) == untold
