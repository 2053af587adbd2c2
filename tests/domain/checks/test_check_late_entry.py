"""XF-ACC-004 and XF-ACC-009: acts entered late, and acts dated back into their clock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, FUND, GRANT, History, at

HABIT = "XF-ACC-004"
BACK = "XF-ACC-009"
END = "2025-12-31"


def entered(moment: str) -> str:
    """A day's ten o'clock in Shanghai as the ledger stamps it."""
    return f"{moment}T02:00:00.000000Z"


def acts(*days: tuple[str, str], name: str = "case.facts_heard", staff: str | None = "S-7", **data: Any) -> History:
    """(happened, recorded) days of one staff member."""
    history = History()
    for happened, recorded in days:
        history.add(name, happened, by=(staff, "MZJ", "handler"), recorded=entered(recorded), **data)
    return history


def said(history: History, check: str = HABIT, day: str = END, **changes: Any) -> list[tuple[str, str, str]]:
    return [(one.subject, one.item, one.result) for one in history.findings(check, day, **changes)]


LATE = ("2025-03-03", "2025-03-06")
IN_TIME = ("2025-03-03", "2025-03-05")


def test_three_late_entries_of_one_month_are_a_habit_and_two_are_none() -> None:
    assert said(acts(LATE, LATE, LATE)) == [("staff:S-7", "2025-03", "hit")]
    assert said(acts(LATE, LATE, IN_TIME)) == []
    (finding,) = acts(LATE, LATE, LATE).findings(HABIT, END)
    assert (finding.severity, finding.certainty, finding.facts["late_entries"]) == ("medium", "certain", 3)


def test_another_month_or_another_staff_member_counts_by_itself() -> None:
    assert said(acts(LATE, LATE, ("2025-04-01", "2025-04-20"))) == []
    history = acts(LATE, LATE)
    history.add("case.facts_heard", "2025-03-03", by=("S-8", "MZJ", "handler"), recorded=entered("2025-03-06"))
    assert said(history) == []


@pytest.mark.parametrize(("recorded", "hits"), [("2025-02-06", 0), ("2025-02-07", 1)])
def test_two_working_days_leave_out_the_spring_festival(recorded: str, hits: int) -> None:
    assert len(said(acts(*[("2025-01-27", recorded)] * 3))) == hits


def test_midnight_belongs_to_the_day_that_ended_and_the_zone_is_the_ledgers() -> None:
    for stamp, hits in (("2025-03-05T15:59:59.999999Z", 0), ("2025-03-05T16:00:00.000000Z", 1)):
        history = History()
        for _ in range(3):
            history.add("case.facts_heard", "2025-03-03T23:30:00+08:00", by=("S-7", "MZJ", None), recorded=stamp)
        assert len(said(history)) == hits


@pytest.mark.parametrize("name", ["case.petitioner_notified", "case.opinion_delivered", "case.review_delivered"])
def test_facts_from_outside_have_ten_working_days(name: str) -> None:
    for recorded, hits in (("2025-03-17", 0), ("2025-03-18", 1)):
        assert len(said(acts(*[("2025-03-03", recorded)] * 3, name=name))) == hits


def test_grants_count_and_the_funds_echo_of_the_same_act_does_not() -> None:
    history = History()
    for payment in ("ref:p1", "ref:p2"):
        envelope: dict[str, Any] = {"by": ("S-7", "XF", "cashier"), "recorded": entered("2025-03-06")}
        history.add("fund.paid", "2025-03-03", subject=FUND, grant=GRANT, payment=payment, amount_fen=1, **envelope)
        history.add("grant.paid", "2025-03-03", subject=GRANT, payment=payment, amount_fen=1, **envelope)
    assert said(history) == []
    history.add("fund.budgeted", "2025-03-03", subject=FUND, by=("S-7", "XF", "head"), recorded=entered("2025-03-06"))
    assert said(history) == [("staff:S-7", "2025-03", "hit")]


def test_one_action_with_three_events_is_one_late_entry() -> None:
    history = acts(LATE, LATE, LATE)
    for event in history.events[-3:]:
        event["actionid"] = "one"
    assert said(history) == []


def imported(count: int, entered_at: str | None) -> History:
    history = History()
    for _ in range(count):
        history.add("case.facts_heard", "2025-03-03", by=("S-7", "MZJ", "handler"), imported="sha256:old")
        if entered_at is not None:
            history.events[-1]["enteredtime"] = at(entered_at)
    return history


def test_an_import_counts_from_its_own_time_of_entry_and_without_it_cannot_be_told() -> None:
    assert said(imported(3, "2025-03-05")) == []
    assert said(imported(3, "2025-03-06")) == [("staff:S-7", "2025-03", "hit")]
    assert said(imported(3, None)) == [("staff:S-7", "2025-03", "cannot_tell")]
    assert said(imported(2, None)) == []


def test_without_a_staff_member_it_cannot_be_told_of_the_unit_and_the_system_enters_for_itself() -> None:
    assert said(acts(LATE, LATE, LATE, staff=None)) == [("unit:MZJ", "2025-03", "cannot_tell")]
    assert said(acts(LATE, LATE, LATE, staff="system")) == []


def test_before_the_regulation_it_cannot_be_told_and_the_numbers_are_parameters() -> None:
    assert said(acts(*[("2022-03-01", "2025-03-06")] * 3)) == [("staff:S-7", "2022-03", "cannot_tell")]
    assert said(acts(LATE, LATE), parameters={HABIT: {"min_n": 2}}) == [("staff:S-7", "2025-03", "hit")]
    assert said(acts(LATE, LATE, LATE), parameters={HABIT: {"workdays": 3}}) == []


def test_a_corrected_day_is_read_both_ways() -> None:
    history = acts(LATE, LATE, LATE)
    history.corrected(str(history.events[-1]["id"]), "/time", at("2025-03-03"), at("2025-03-05"), "2025-03-10")
    (finding,) = [one for one in history.findings(HABIT, END) if one.subject == "staff:S-7"]
    assert (finding.certainty, finding.facts["late_only_by"]) == ("suspect", "first value")


def back(history: History, day: str = END, **changes: Any) -> list[tuple[str, str]]:
    return [(one.item, one.result) for one in history.findings(BACK, day, **changes)]


@pytest.mark.parametrize(("recorded", "hits"), [("2025-03-18", 0), ("2025-03-19", 1)])
def test_registration_and_the_first_handoff_are_entered_within_the_fifteen_days(recorded: str, hits: int) -> None:
    registered = History()
    registered.received("2025-03-03")
    registered.add("case.registered", "2025-03-04", content_class="land", recorded=entered(recorded))
    assert back(registered) == [("registration", "hit")] * hits
    handed = History()
    handed.received("2025-03-03")
    handed.handed("2025-03-04", recorded=entered(recorded))
    assert back(handed) == [("handoff", "hit")] * hits
    accepted = History()
    accepted.received("2025-03-03")
    accepted.accepted("2025-03-04", "XF", recorded=entered(recorded))
    assert back(accepted) == [("acceptance", "hit")] * hits


def test_a_registration_by_a_unit_that_is_no_office_stopped_no_clock_of_the_law() -> None:
    history = History()
    history.received("2025-03-03", unit="MZJ")
    history.add("case.registered", "2025-03-04", content_class="land", recorded=entered("2025-06-30"))
    assert back(history) == []


def handling() -> History:
    """Received by the unit on March 6 and accepted on March 10, assigned to April 18."""
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04")
    history.handed("2025-03-05", mode="assign", feedback_required=True, due_on="2025-04-18")
    history.took("2025-03-06")
    return history


@pytest.mark.parametrize(("recorded", "hits"), [("2025-04-07", 0), ("2025-04-08", 1)])
def test_a_notice_has_ten_working_days_more_to_be_entered(recorded: str, hits: int) -> None:
    history = handling()  # fifteen days end on March 21, ten working days after it on April 7
    history.notified("2025-03-10", recorded=entered(recorded))
    assert back(history) == [("notice/ref:h1/MZJ", "hit")] * hits


def test_a_units_acceptance_is_entered_before_it_counts_as_never_accepted() -> None:
    for recorded, hits in (("2025-05-20", 0), ("2025-05-21", 1)):
        history = handling()
        history.accepted("2025-03-10", recorded=entered(recorded))
        assert back(history) == [("acceptance/MZJ", "hit")] * hits


def test_an_opinion_is_entered_within_the_sixty_days() -> None:
    for recorded, hits in (("2025-05-09", 0), ("2025-05-10", 1)):
        history = handling()
        history.accepted("2025-03-10")
        history.opinion("2025-05-08")
        history.events[-1]["recordedtime"] = entered(recorded)
        assert back(history) == [("opinion", "hit")] * hits


def test_feedback_and_an_objection_are_entered_within_their_days() -> None:
    for recorded, hits in (("2025-04-18", 0), ("2025-04-19", 1)):
        history = handling()
        history.add(
            "case.handoff_fed_back", "2025-04-10", handoff="ref:h1", unit="MZJ", report=DOCUMENT, result="done",
            recorded=entered(recorded),
        )  # fmt: skip
        assert back(history) == [("feedback/ref:h1/MZJ", "hit")] * hits
    for recorded, hits in (("2025-03-13", 0), ("2025-03-14", 1)):
        history = handling()
        history.add(
            "case.handoff_objected", "2025-03-10", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT,
            recorded=entered(recorded),
        )  # fmt: skip
        assert back(history) == [("objection/ref:h1/MZJ", "hit")] * hits


def test_a_review_is_entered_within_its_thirty_days_and_a_re_review_within_its_hearing_too() -> None:
    for stage, recorded, hits in (
        ("review", "2025-07-02", 0), ("review", "2025-07-03", 1),
        ("re_review", "2025-07-04", 0), ("re_review", "2025-07-05", 1),
    ):  # fmt: skip
        history = History()
        history.received("2025-03-03")
        history.add("case.review_requested", "2025-06-01", stage=stage, body="GOV", received_at=at("2025-06-02"))
        history.add("case.hearing_opened", "2025-06-10", hearing="ref:t")
        history.add("case.hearing_closed", "2025-06-11", hearing="ref:t", record=DOCUMENT)
        history.add(
            "case.review_issued", "2025-06-30", stage=stage, body="GOV", outcome="upheld", recorded=entered(recorded)
        )
        assert back(history) == [(f"review/{stage}", "hit")] * hits


def test_a_late_act_entered_late_hides_nothing() -> None:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-20", recorded=entered("2025-03-30"))
    assert back(history) == []


def test_an_imported_act_without_its_time_of_entry_cannot_be_told_once_the_clock_has_run_out() -> None:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-04", imported="sha256:old")
    assert back(history, "2025-03-18") == []
    assert back(history, "2025-03-19") == [("entry", "cannot_tell")]
    history.events[-1]["enteredtime"] = at("2025-03-18")
    assert back(history) == []
    history.events[-1]["enteredtime"] = at("2025-03-19")
    assert back(history) == [("handoff", "hit")]


def test_dating_back_is_probable_and_its_days_for_outside_facts_are_a_parameter() -> None:
    history = handling()
    history.notified("2025-03-10", recorded=entered("2025-04-08"))
    (finding,) = history.findings(BACK, END)
    assert (finding.subject, finding.severity, finding.certainty) == (CASE, "high", "probable")
    assert back(history, parameters={BACK: {"outside_workdays": 11}}) == []


def test_a_day_corrected_into_the_clock_is_told_as_corrected() -> None:
    history = History()
    history.received("2025-03-03")
    event_id = history.handed("2025-03-20", recorded=entered("2025-03-20"))
    history.corrected(event_id, "/time", at("2025-03-20"), at("2025-03-17"), "2025-03-21")
    (finding,) = history.findings(BACK, END)
    assert (finding.certainty, finding.facts["late_only_by"]) == ("suspect", "corrected value")
