"""XF-ACC-003 and XF-ACC-006: registered late, or not at all."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History, at

LATE = "XF-ACC-003"
NEVER = "XF-ACC-006"
END = "2025-12-31"


def received(day: str = "2025-03-03", registered: str | None = None, unit: str | None = "XF") -> History:
    history = History()
    history.received(day, unit=unit)
    if registered is not None:
        history.add("case.registered", registered, content_class="land")
    return history


def said(history: History, check: str, day: str = END) -> list[tuple[str, str, str]]:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day)]


def test_three_working_days_are_in_time_and_the_fourth_is_late() -> None:
    assert said(received(registered="2025-03-06"), LATE) == []
    assert said(received(registered="2025-03-07"), LATE) == [("a_usual", "hit", "probable")]


def test_after_fifteen_days_at_the_office_only_the_stronger_clause_speaks() -> None:
    assert said(received(registered="2025-03-18"), LATE) == [("a_usual", "hit", "probable")]
    (finding,) = received(registered="2025-03-19").findings(LATE, END)
    assert (finding.reason, finding.severity, finding.certainty) == ("b_office", "high", "certain")


def test_a_unit_that_is_no_office_is_measured_by_the_usual_days_only() -> None:
    assert said(received(registered="2025-04-30", unit="MZJ"), LATE) == [("a_usual", "hit", "probable")]


def test_an_undeclared_receiver_leaves_the_stronger_clause_unknown() -> None:
    assert said(received(registered="2025-04-30", unit="NOWHERE"), LATE) == [
        ("a_usual", "hit", "probable"), ("b_office", "cannot_tell", "suspect"),
    ]  # fmt: skip


@pytest.mark.parametrize(("registered", "hits"), [("2025-02-05", 0), ("2025-02-06", 1)])
def test_the_spring_festival_does_not_count_and_the_make_up_sunday_does(registered: str, hits: int) -> None:
    assert len(said(received("2025-01-25", registered), LATE)) == hits


def test_a_letter_counts_from_its_arrival_stamp_and_never_from_its_postmark() -> None:
    for kind, hits in (("arrival_stamp", 1), ("postmark", 0)):
        history = History()
        history.received("2025-03-10", receipt_evidence={"kind": kind, "at": at("2025-02-20")})
        history.add("case.registered", "2025-03-11", content_class="land")
        assert len(said(history, LATE)) == hits


def test_not_registered_is_found_after_three_working_days_and_certain_after_fifteen_days() -> None:
    history = received()
    assert said(history, NEVER, "2025-03-06") == []
    assert said(history, NEVER, "2025-03-07") == [("a_usual", "hit", "probable")]
    (finding,) = history.findings(NEVER, "2025-03-19")
    assert (finding.reason, finding.certainty, finding.open) == ("b_office", "certain", True)


def test_the_two_checks_never_speak_of_the_same_case() -> None:
    assert said(received(), LATE) == []
    assert said(received(registered="2025-06-01"), NEVER) == []


def test_a_stopped_petition_needs_no_registration_and_one_withdrawn_by_word_does() -> None:
    stopped = received()
    stopped.add("case.withdrawn", "2025-03-04", document=DOCUMENT, via="visit")
    assert said(stopped, NEVER) == []
    word = received()
    word.add("case.withdrawn", "2025-03-04", via="phone")
    assert said(word, NEVER) == [("b_office", "hit", "certain")]
    imported = received()
    imported.add("case.withdrawn", "2025-03-04", via="phone", imported="sha256:old")
    assert said(imported, NEVER) == [("a_usual", "cannot_tell", "suspect")]


def test_the_usual_days_are_a_parameter() -> None:
    history = received(registered="2025-03-07")
    assert history.findings(LATE, END, parameters={LATE: {"a_workdays": 4}}) == []


def test_a_receipt_before_the_regulation_cannot_be_told() -> None:
    assert said(received("2022-04-01", "2022-04-29"), LATE) == [("b_office", "cannot_tell", "suspect")]


def test_a_corrected_registration_day_is_computed_both_ways() -> None:
    history = History()
    history.received("2025-03-03")
    registered = history.add("case.registered", "2025-03-10", content_class="land")
    history.corrected(registered, "/time", at("2025-03-10"), at("2025-03-04"), "2025-03-11")
    assert said(history, LATE) == [("a_usual", "hit", "suspect")]
