"""XF-ACC-001: what stops the office's 15 days, where they end, and when nobody can tell."""

from __future__ import annotations

import pytest

from tests.support.history import CASE, DOCUMENT, History, at

CHECK = "XF-ACC-001"


def received(day: str = "2025-03-03", **changes: object) -> History:
    history = History()
    history.received(day, **changes)  # type: ignore[arg-type]
    return history


def test_nothing_done_is_no_hit_on_the_due_day_and_a_hit_the_day_after() -> None:
    history = received()
    assert history.findings(CHECK, "2025-03-18") == []
    (finding,) = history.findings(CHECK, "2025-03-19")
    assert (finding.result, finding.reason, finding.open) == ("hit", "not_handled", True)
    assert (finding.severity, finding.certainty) == ("high", "certain")
    assert str(finding.facts["due_on"]) == "2025-03-18"
    assert finding.facts["days_late"] == 1
    assert finding.fingerprint == f"XF-ACC-001|{CASE}|not_handled|"


def test_a_handoff_on_the_due_day_is_in_time_and_one_day_later_is_not() -> None:
    in_time = received()
    in_time.handed("2025-03-18T23:59")
    assert in_time.findings(CHECK, "2025-06-30") == []
    late = received()
    handed = late.handed("2025-03-19T00:00")
    (finding,) = late.findings(CHECK, "2025-06-30")
    assert finding.open is False
    assert finding.facts["days_late"] == 1
    assert handed in finding.event_ids


def test_the_day_is_that_of_shanghai_whatever_the_offset_of_the_sender() -> None:
    history = received()
    history.handed("2025-03-18T16:30:00+00:00")
    (finding,) = history.findings(CHECK, "2025-06-30")
    assert str(finding.facts["acted_on"]) == "2025-03-19"


@pytest.mark.parametrize(
    ("receipt", "before", "due"),
    [
        ("2025-01-15", "2025-01-30", "2025-02-05"),
        ("2025-03-07", "2025-03-22", "2025-03-24"),
        ("2025-01-11", "2025-01-26", "2025-01-26"),
        ("2025-12-17", "2026-01-01", "2026-01-04"),
        ("2025-12-20", "2026-01-04", "2026-01-04"),
    ],
    ids=["spring festival", "saturday", "make-up sunday", "new year across the year end", "make-up sunday 2026"],
)
def test_a_last_day_that_is_none_rolls_to_the_next_working_day(receipt: str, before: str, due: str) -> None:
    history = received(receipt)
    assert history.findings(CHECK, due) == []
    (finding,) = history.findings(CHECK, "2026-03-31")
    assert (str(finding.facts["due_before_rolling_on"]), str(finding.facts["due_on"])) == (before, due)
    in_time = received(receipt)
    in_time.handed(due)
    assert in_time.findings(CHECK, "2026-03-31") == []


def test_without_a_declared_calendar_the_finding_is_only_probable() -> None:
    history = History(calendars=False)
    history.received("2025-03-03")
    (finding,) = history.findings(CHECK, "2025-03-31")
    assert finding.certainty == "probable"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.accepted", {}),
        ("case.reported_urgent", {"learnt_at": at("2025-03-10"), "to": ["GOV"]}),
        ("case.disposed", {"kind": "direct_answer"}),
        ("case.acceptance_refused", {"ground": "other_procedure"}),
        ("case.withdrawn", {"document": DOCUMENT, "via": "letter"}),
        ("case.merged", {"into": "XF500229-2025-000002"}),
        ("case.closed", {"ground": "petitioner_died"}),
        ("case.petitioner_notified", {"notice": "no_longer_accepted", "sent_at": at("2025-03-10")}),
    ],
)
def test_whatever_moves_or_stops_the_case_in_time_silences_the_check(name: str, data: dict[str, object]) -> None:
    history = received()
    history.add(name, "2025-03-10", **data)  # type: ignore[arg-type]
    assert history.findings(CHECK, "2025-06-30") == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.routed", {"purpose": "claim", "route": 6}),
        ("case.registered", {"content_class": "land"}),
        ("case.acceptance_refused", {"ground": "unclear"}),
        ("case.acceptance_refused", {"ground": "other"}),
        ("case.withdrawn", {"via": "phone"}),
        ("case.closed", {"ground": "answered_directly"}),
    ],
)
def test_what_moves_nothing_does_not_count(name: str, data: dict[str, object]) -> None:
    history = received()
    history.add(name, "2025-03-10", **data)  # type: ignore[arg-type]
    (finding,) = history.findings(CHECK, "2025-03-31")
    assert finding.result == "hit"


def test_acceptance_by_another_unit_is_not_acceptance_by_the_office() -> None:
    history = received()
    history.accepted("2025-03-10", unit="MZJ")
    assert [one.result for one in history.findings(CHECK, "2025-03-31")] == ["hit"]


def test_a_postmark_is_the_day_of_sending_and_an_arrival_stamp_the_day_of_receipt() -> None:
    post = received("2025-03-10", receipt_evidence={"kind": "postmark", "at": at("2025-03-01")})
    assert post.findings(CHECK, "2025-03-25") == []
    stamp = received("2025-03-10", receipt_evidence={"kind": "arrival_stamp", "at": at("2025-03-01")})
    (finding,) = stamp.findings(CHECK, "2025-03-25")
    assert (str(finding.facts["start_on"]), finding.facts["receipt_from"]) == ("2025-03-01", "arrival_stamp")


@pytest.mark.parametrize("unit", ["MZJ", "SJ"])
def test_units_that_are_no_petition_office_are_not_judged_here(unit: str) -> None:
    assert received(unit=unit).findings(CHECK, "2025-06-30") == []


def test_an_undeclared_or_unknown_receiver_cannot_be_told_once_the_period_has_passed() -> None:
    for unit in ("NOWHERE", None):
        history = received(unit=unit)
        assert history.findings(CHECK, "2025-03-18") == []
        (finding,) = history.findings(CHECK, "2025-03-31")
        assert (finding.result, finding.certainty) == ("cannot_tell", "suspect")
        assert "unit" in finding.facts["missing"]
        history.handed("2025-03-10")
        assert history.findings(CHECK, "2025-03-31") == []


def test_a_receipt_before_the_regulation_cannot_be_told() -> None:
    (finding,) = received("2022-04-30").findings(CHECK, "2022-12-31")
    assert finding.result == "cannot_tell"
    assert "2022-05-01" in finding.facts["missing"]


def test_a_withdrawal_without_paper_in_imported_history_cannot_be_told() -> None:
    history = received()
    history.add("case.withdrawn", "2025-03-10", via="letter", imported="sha256:old")
    (finding,) = history.findings(CHECK, "2025-03-31")
    assert finding.result == "cannot_tell"
    history.handed("2025-03-12")
    assert history.findings(CHECK, "2025-03-31") == []


def test_day_precision_is_a_day_like_any_other() -> None:
    history = received(precision="day")
    history.handed("2025-03-18T00:00", precision="day")
    assert history.findings(CHECK, "2025-06-30") == []


def test_a_correction_that_turns_late_into_timely_leaves_a_suspect_finding() -> None:
    history = received()
    handed = history.handed("2025-03-20")
    history.corrected(handed, "/time", at("2025-03-20"), at("2025-03-17"), "2025-04-01")
    (finding,) = history.findings(CHECK, "2025-06-30")
    assert (finding.result, finding.certainty) == ("hit", "suspect")
    assert finding.facts["late_only_by"] == "first value"


def test_a_correction_that_changes_nothing_about_lateness_leaves_certainty_alone() -> None:
    history = received()
    handed = history.handed("2025-03-25")
    history.corrected(handed, "/time", at("2025-03-25"), at("2025-03-24"), "2025-04-01")
    (finding,) = history.findings(CHECK, "2025-06-30")
    assert finding.certainty == "certain"
    assert str(finding.facts["acted_on"]) == "2025-03-24"


def test_on_the_known_clock_an_act_recorded_later_is_not_yet_there() -> None:
    history = History()
    history.received("2025-03-03", recorded="2025-03-03T02:00:00.000000Z")
    history.handed("2025-03-10", recorded="2025-04-20T02:00:00.000000Z")
    assert history.findings(CHECK, "2025-03-31") == []
    (finding,) = history.findings(CHECK, "2025-03-31", clock="known")
    assert finding.open is True
