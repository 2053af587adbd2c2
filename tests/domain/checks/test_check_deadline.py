"""XF-DDL-001: when the 60 days start, what lengthens and what ends them, and what nobody can tell."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History, at

CHECK = "XF-DDL-001"
END = "2025-12-31"


def accepted(day: str = "2025-03-10", route: int | None = 6) -> History:
    """A claim received on March 3, handed over, and accepted by the unit; 60 days from March 10 end on May 9."""
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04", route)
    history.handed("2025-03-05")
    history.took("2025-03-06")
    history.accepted(day)
    return history


def test_no_answer_is_no_hit_on_the_sixtieth_day_and_a_hit_the_day_after() -> None:
    history = accepted()
    assert history.findings(CHECK, "2025-05-09") == []
    (finding,) = history.findings(CHECK, "2025-05-10")
    assert (finding.reason, finding.open, finding.certainty) == ("overdue", True, "certain")
    assert str(finding.facts["due_on"]) == "2025-05-09"


@pytest.mark.parametrize("end", ["opinion", "mediation"])
def test_an_answer_on_the_due_day_is_in_time_and_one_day_later_is_not(end: str) -> None:
    for day, hits in (("2025-05-09", 0), ("2025-05-10", 1)):
        history = accepted()
        if end == "opinion":
            history.opinion(day)
        else:
            history.add("case.mediation_agreed", day, agreement=DOCUMENT, both_consent=True)
        assert len(history.findings(CHECK, END)) == hits


def test_the_sixtieth_day_in_a_holiday_rolls_to_the_next_working_day() -> None:
    history = accepted("2025-03-04")
    history.opinion("2025-05-06")
    assert history.findings(CHECK, END) == []
    late = accepted("2025-03-04")
    late.opinion("2025-05-07")
    (finding,) = late.findings(CHECK, END)
    assert (str(finding.facts["due_before_rolling_on"]), str(finding.facts["due_on"])) == ("2025-05-03", "2025-05-06")


def test_an_extension_approved_by_the_due_day_lengthens_the_clock_and_a_later_one_does_not() -> None:
    for approved, hits in (("2025-05-09", 0), ("2025-05-10", 1)):
        history = accepted()
        history.add("case.extension_approved", approved, days=30, approved_by="S-009", approver_role="head", reason="x")
        history.opinion("2025-06-09")
        assert len(history.findings(CHECK, END)) == hits


def test_extensions_together_count_for_at_most_thirty_days() -> None:
    history = accepted()
    for day, days in (("2025-05-01", 20), ("2025-05-20", 20)):
        history.add("case.extension_approved", day, days=days, approved_by="S-009", approver_role="head", reason="x")
    history.opinion("2025-06-10")
    (finding,) = history.findings(CHECK, END)
    assert (finding.facts["extended_days"], str(finding.facts["due_on"])) == (30, "2025-06-09")


@pytest.mark.parametrize("route", [1, 2, 3, 4, 5])
def test_other_routes_follow_their_own_statutes(route: int) -> None:
    assert accepted(route=route).findings(CHECK, END) == []


@pytest.mark.parametrize("purpose", ["suggestion", "accusation", "consultation", "other"])
def test_other_purposes_have_no_sixty_days(purpose: str) -> None:
    history = History()
    history.received("2025-03-03")
    history.add("case.routed", "2025-03-04", purpose=purpose)
    history.accepted("2025-03-10")
    assert history.findings(CHECK, END) == []


def test_a_claim_without_a_route_is_only_probable() -> None:
    (finding,) = accepted(route=None).findings(CHECK, END)
    assert finding.certainty == "probable"


def test_without_a_purpose_nobody_can_tell_unless_it_was_answered_in_time() -> None:
    history = History()
    history.received("2025-03-03")
    history.accepted("2025-03-10")
    assert history.findings(CHECK, "2025-05-09") == []
    (finding,) = history.findings(CHECK, END)
    assert finding.result == "cannot_tell"
    history.opinion("2025-05-01")
    assert history.findings(CHECK, END) == []


def test_leaving_for_a_named_procedure_with_its_number_ends_the_clock_and_without_it_does_not() -> None:
    named = accepted()
    named.claim("2025-04-01", 4, procedure="administrative_review", procedure_ref="FY-2025-7")
    assert named.findings(CHECK, END) == []
    unnamed = accepted()
    unnamed.claim("2025-04-01", 4, procedure="administrative_review")
    assert [one.result for one in unnamed.findings(CHECK, END)] == ["hit"]


def test_leaving_after_the_due_day_cures_nothing() -> None:
    history = accepted()
    history.claim("2025-05-12", 4, procedure="administrative_review", procedure_ref="FY-2025-7")
    (finding,) = history.findings(CHECK, END)
    assert (finding.open, finding.facts["ended_by"], finding.facts["days_late"]) == (False, "procedure", 3)


def test_reopening_rework_and_a_second_acceptance_do_not_restart_the_clock() -> None:
    history = accepted()
    history.add("case.returned_for_rework", "2025-04-10", handoff="ref:h1", unit="MZJ", reason="x")
    history.accepted("2025-04-12")
    history.opinion("2025-06-01")
    (finding,) = history.findings(CHECK, END)
    assert str(finding.facts["start_on"]) == "2025-03-10"


def test_a_review_that_orders_it_done_again_restarts_the_clock_from_its_issue() -> None:
    history = accepted()
    history.opinion("2025-05-09")
    history.add("case.review_issued", "2025-06-10", stage="review", body="GOV", outcome="redo", members=["S-300"])
    assert history.findings(CHECK, "2025-08-11") == []
    (finding,) = history.findings(CHECK, "2025-08-12")
    assert (finding.item, str(finding.facts["start_on"]), str(finding.facts["due_on"])) == (
        "redo 1", "2025-06-10", "2025-08-11",
    )  # fmt: skip
    history.opinion("2025-08-11")
    assert history.findings(CHECK, END) == []


def test_late_by_no_more_than_the_hearing_days_is_probable_and_one_day_more_is_certain() -> None:
    for day, certainty in (("2025-05-12", "probable"), ("2025-05-13", "certain")):
        history = accepted()
        history.add("case.hearing_opened", "2025-04-07", hearing="ref:t")
        history.add("case.hearing_closed", "2025-04-09", hearing="ref:t", record=DOCUMENT)
        history.opinion(day)
        (finding,) = history.findings(CHECK, END)
        assert (finding.facts["hearing_days"], finding.certainty) == (3, certainty)


def test_a_withdrawal_with_paper_ends_the_clock_and_one_without_does_not() -> None:
    paper = accepted()
    paper.add("case.withdrawn", "2025-04-01", document=DOCUMENT, via="letter")
    assert paper.findings(CHECK, END) == []
    word = accepted()
    word.add("case.withdrawn", "2025-04-01", via="phone")
    assert [one.result for one in word.findings(CHECK, END)] == ["hit"]
    imported = accepted()
    imported.add("case.withdrawn", "2025-04-01", via="phone", imported="sha256:old")
    assert [one.result for one in imported.findings(CHECK, END)] == ["cannot_tell"]


def never_accepted() -> History:
    """A claim that the unit received on March 6 and never accepted; 75 days end on May 20."""
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04")
    history.handed("2025-03-05")
    history.took("2025-03-06")
    return history


def test_a_claim_that_nobody_accepted_is_found_seventy_five_days_after_receipt() -> None:
    history = never_accepted()
    assert history.findings(CHECK, "2025-05-20") == []
    (finding,) = history.findings(CHECK, "2025-05-21")
    assert (finding.reason, finding.item, finding.certainty) == ("never_accepted", "ref:h1/MZJ", "probable")


def test_an_objection_in_time_a_refusal_or_a_withdrawn_handoff_explain_why_nobody_accepted() -> None:
    objected = never_accepted()
    objected.add("case.handoff_objected", "2025-03-13", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
    refused = never_accepted()
    refused.add("case.acceptance_refused", "2025-03-13", ground="other_procedure")
    withdrawn = never_accepted()
    withdrawn.add("case.handoff_withdrawn", "2025-03-13", handoff="ref:h1", unit="MZJ", reason="x")
    for history in (objected, refused, withdrawn):
        assert history.findings(CHECK, END) == []
    late = never_accepted()
    late.add("case.handoff_objected", "2025-03-14", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
    assert [one.reason for one in late.findings(CHECK, END)] == ["never_accepted"]


def test_the_seventy_five_days_are_a_parameter_of_the_ledger_or_of_the_caller() -> None:
    history = never_accepted()
    (by_caller,) = history.findings(CHECK, "2025-05-01", parameters={CHECK: {"never_accepted_days": 40}})
    assert by_caller.facts["parameters"] == "caller"
    history.add(
        "register.check_parameters_set", "2025-05-30", subject=f"check:{CHECK}", check=CHECK,
        parameters={"never_accepted_days": 40}, author="S-1", approved_by="S-2", reason="x",
    )  # fmt: skip
    (by_ledger,) = history.findings(CHECK, "2025-05-01")
    assert by_ledger.facts["parameters"] == "1"
    with pytest.raises(ValueError, match="no check has the parameter"):
        history.findings(CHECK, "2025-05-01", parameters={CHECK: {"days": 1}})


def test_acceptance_by_the_office_does_not_start_the_clock_where_a_unit_accepts_later() -> None:
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04")
    history.accepted("2025-03-04", unit="XF")
    history.handed("2025-03-05")
    history.took("2025-03-06")
    history.accepted("2025-03-10")
    history.opinion("2025-05-09")
    assert history.findings(CHECK, END) == []


def test_a_corrected_acceptance_day_is_computed_both_ways() -> None:
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04")
    taken = history.accepted("2025-03-10")
    history.opinion("2025-05-12")
    history.corrected(taken, "/time", at("2025-03-10"), at("2025-03-14"), "2025-05-13")
    (finding,) = history.findings(CHECK, END)
    assert (finding.certainty, finding.facts["late_only_by"]) == ("suspect", "first value")


def test_a_case_received_before_the_regulation_cannot_be_told() -> None:
    history = History()
    history.received("2022-04-20")
    history.claim("2022-04-21")
    history.accepted("2022-05-10")
    (finding,) = history.findings(CHECK, END)
    assert finding.result == "cannot_tell"
