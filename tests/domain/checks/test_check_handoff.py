"""XF-HND-002 and XF-HND-006: objections by the book and feedback by the set day."""

from __future__ import annotations

import pytest

from domain.checks.base import Finding
from tests.support.history import DOCUMENT, History, at

OBJECTIONS = "XF-HND-002"
FEEDBACK = "XF-HND-006"
END = "2025-12-31"


def received(day: str = "2025-03-06", **offer: object) -> History:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05", **offer)  # type: ignore[arg-type]
    history.took(day)
    return history


def objected(history: History, day: str, **data: object) -> str:
    data.setdefault("reasons", DOCUMENT)
    return history.add("case.handoff_objected", day, by=("S-100", "MZJ", "clerk"), handoff="ref:h1", unit="MZJ", **data)  # type: ignore[arg-type]


def decided(history: History, day: str, *, upheld: bool = True, **data: object) -> str:
    return history.add("case.objection_decided", day, handoff="ref:h1", unit="MZJ", upheld=upheld, **data)  # type: ignore[arg-type]


def reasons(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.reason, one.result) for one in findings]


def test_an_objection_on_the_fifth_working_day_is_in_time_and_on_the_sixth_is_late() -> None:
    in_time = received()
    objected(in_time, "2025-03-13")
    assert in_time.findings(OBJECTIONS, END) == []
    late = received()
    objected(late, "2025-03-14")
    (finding,) = late.findings(OBJECTIONS, END)
    assert (finding.reason, finding.certainty, finding.severity) == ("a_late", "certain", "medium")
    assert (str(finding.facts["due_on"]), finding.facts["days_late"]) == ("2025-03-13", 1)


def test_five_working_days_leave_out_the_spring_festival_and_count_the_make_up_day() -> None:
    for day, hits in (("2025-02-07", 0), ("2025-02-08", 1)):
        history = received("2025-01-24")
        objected(history, day)
        assert len(history.findings(OBJECTIONS, END)) == hits


def test_a_year_end_without_a_calendar_makes_it_probable() -> None:
    history = received("2026-12-28")
    objected(history, "2027-01-05")
    (finding,) = history.findings(OBJECTIONS, "2027-02-01")
    assert finding.certainty == "probable"


def test_materials_go_back_within_ten_working_days_of_an_upheld_objection() -> None:
    for day, hits in (("2025-03-31", 0), ("2025-04-01", 1)):
        history = received()
        objected(history, "2025-03-10")
        decided(history, "2025-03-17", materials_returned=False)
        history.add("case.materials_returned", day, handoff="ref:h1", unit="MZJ")
        assert len(history.findings(OBJECTIONS, END)) == hits


def test_missing_materials_are_open_suspect_and_rest_on_a_parameter() -> None:
    history = received()
    objected(history, "2025-03-10")
    decided(history, "2025-03-17", materials_returned=False)
    assert history.findings(OBJECTIONS, "2025-03-31") == []
    (finding,) = history.findings(OBJECTIONS, "2025-04-01")
    assert (finding.reason, finding.severity, finding.certainty, finding.open) == (
        "b_materials",
        "low",
        "suspect",
        True,
    )
    assert history.findings(OBJECTIONS, "2025-04-01", parameters={OBJECTIONS: {"b_workdays": 11}}) == []


def test_materials_returned_with_the_decision_or_a_rejected_objection_owe_nothing() -> None:
    for upheld, returned in ((True, True), (False, False)):
        history = received()
        objected(history, "2025-03-10")
        decided(history, "2025-03-17", upheld=upheld, materials_returned=returned)
        assert history.findings(OBJECTIONS, END) == []


def test_an_objection_without_reasons_is_found_live_and_cannot_be_told_in_imported_history() -> None:
    live = received()
    objected(live, "2025-03-10", reasons=None)
    assert reasons(live.findings(OBJECTIONS, END)) == [("c_no_reasons", "hit")]
    imported = received()
    objected(imported, "2025-03-10", reasons=None, imported="sha256:old")
    assert reasons(imported.findings(OBJECTIONS, END)) == [("c_no_reasons", "cannot_tell")]
    guarded = received()
    objected(guarded, "2025-03-10", reasons=None, imported="sha256:new")
    guarded.add(
        "register.import_opened", "2025-03-10", subject="ledger", by=("system", None, None), file="sha256:new",
        kind="live", bytes=1, operator="u",
    )  # fmt: skip
    assert reasons(guarded.findings(OBJECTIONS, END)) == [("c_no_reasons", "hit")]


def test_unknown_receipt_or_unknown_return_of_materials_cannot_be_told() -> None:
    unreceived = History()
    unreceived.received("2025-03-03")
    unreceived.handed("2025-03-05")
    objected(unreceived, "2025-03-20")
    assert reasons(unreceived.findings(OBJECTIONS, END)) == [("a_late", "cannot_tell")]
    unsaid = received()
    objected(unsaid, "2025-03-10")
    decided(unsaid, "2025-03-17")
    assert reasons(unsaid.findings(OBJECTIONS, END)) == [("b_materials", "cannot_tell")]


def assigned(due_on: str | None = "2025-04-18", *, required: bool | None = True) -> History:
    return received(mode="assign", due_on=due_on, feedback_required=required)


def fed_back(history: History, moment: str) -> str:
    return history.add(
        "case.handoff_fed_back", moment, by=("S-100", "MZJ", "clerk"), handoff="ref:h1", unit="MZJ", report=DOCUMENT,
        result="done",
    )  # fmt: skip


def test_feedback_counts_until_twenty_four_hours_of_the_set_day() -> None:
    for moment, hits in (("2025-04-18T23:59:59+08:00", 0), ("2025-04-19T00:00:00+08:00", 1)):
        history = assigned()
        fed_back(history, moment)
        assert len(history.findings(FEEDBACK, END)) == hits


def test_missing_feedback_is_open_from_the_day_after() -> None:
    history = assigned()
    assert history.findings(FEEDBACK, "2025-04-18") == []
    (finding,) = history.findings(FEEDBACK, "2025-04-19")
    assert (finding.open, finding.severity, finding.certainty, finding.item) == (True, "high", "certain", "ref:h1/MZJ")


def test_a_set_day_on_a_holiday_is_not_rolled() -> None:
    history = assigned("2025-10-01")
    fed_back(history, "2025-10-09")
    (finding,) = history.findings(FEEDBACK, END)
    assert str(finding.facts["due_on"]) == "2025-10-01"


def test_the_sender_may_move_the_day_before_it_passed_and_nobody_may_afterwards() -> None:
    for changed, by, hits in (
        ("2025-04-18", "XF", 0), ("2025-04-19", "XF", 1), ("2025-04-10", "MZJ", 1),
    ):  # fmt: skip
        history = assigned()
        history.add(
            "case.handoff_due_changed", changed, by=("S-001", by, "clerk"), handoff="ref:h1", unit="MZJ",
            due_on="2025-05-16", reason="x",
        )  # fmt: skip
        fed_back(history, "2025-05-16")
        assert len(history.findings(FEEDBACK, END)) == hits


def test_closing_the_case_does_not_discharge_the_addressee() -> None:
    history = assigned()
    history.add("case.closed", "2025-04-01", ground="opinion_delivered")
    assert [one.result for one in history.findings(FEEDBACK, END)] == ["hit"]


def test_withdrawal_or_an_upheld_objection_discharge_by_the_set_day_only() -> None:
    for day, hits in (("2025-04-18", 0), ("2025-04-19", 1)):
        history = assigned()
        history.add("case.handoff_withdrawn", day, handoff="ref:h1", unit="MZJ", reason="x")
        assert len(history.findings(FEEDBACK, END)) == hits
        history = assigned()
        objected(history, "2025-03-10")
        decided(history, day, materials_returned=True)
        assert len(history.findings(FEEDBACK, END)) == hits


def test_a_transfer_without_feedback_is_silent_and_unknown_facts_cannot_be_told() -> None:
    assert assigned(required=False).findings(FEEDBACK, END) == []
    for history in (assigned(None), assigned(required=None)):
        (finding,) = history.findings(FEEDBACK, END)
        assert finding.result == "cannot_tell"


def test_each_addressee_of_a_three_way_assignment_answers_for_itself() -> None:
    history = History()
    history.received("2025-03-03")
    for unit in ("MZJ", "JSW", "RSJ"):
        history.handed("2025-03-05", unit, "ref:t", mode="tri_party", due_on="2025-04-18", feedback_required=True)
        history.took("2025-03-06", unit, "ref:t")
    for unit in ("MZJ", "RSJ"):
        history.add("case.handoff_fed_back", "2025-04-01", handoff="ref:t", unit=unit, report=DOCUMENT, result="done")
    assert [one.item for one in history.findings(FEEDBACK, END)] == ["ref:t/JSW"]


def test_a_receipt_before_the_regulation_cannot_be_told_late() -> None:
    history = History()
    history.received("2022-04-01")
    history.handed("2022-04-02")
    history.took("2022-04-03")
    objected(history, "2022-05-20")
    assert reasons(history.findings(OBJECTIONS, END)) == [("a_late", "cannot_tell")]


@pytest.mark.parametrize("moment", ["2025-03-13T15:30:00+00:00", "2025-03-13T16:30:00+00:00"])
def test_the_offset_of_the_sender_decides_nothing_but_the_instant_does(moment: str) -> None:
    history = received()
    objected(history, moment)
    late = moment.startswith("2025-03-13T16:30")
    assert len(history.findings(OBJECTIONS, END)) == int(late)


def test_arrival_counts_before_the_moment_of_recording_the_receipt() -> None:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05")
    history.took("2025-03-10", arrived_at=at("2025-03-06"))
    objected(history, "2025-03-14")
    (finding,) = history.findings(OBJECTIONS, END)
    assert str(finding.facts["start_on"]) == "2025-03-06"
