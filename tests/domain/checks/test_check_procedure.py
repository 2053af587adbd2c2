"""XF-CLS-003 and XF-CLS-004: routes beside the petition procedure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT, History, at

NAMED = "XF-CLS-003"
DUTY = "XF-CLS-004"
END = "2025-12-31"


def routed(route: int = 1, day: str = "2025-03-04", **data: Any) -> History:
    history = History()
    history.received("2025-03-03")
    history.claim(day, route, **data)
    return history


def told(history: History, day: str = "2025-03-05", notice: str = "procedure") -> History:
    history.notified(day, "XF", notice)
    return history


def said(history: History, check: str, day: str = END) -> list[tuple[str, str, str]]:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day)]


@pytest.mark.parametrize("route", [1, 2, 3, 4])
def test_a_statutory_route_names_its_procedure(route: int) -> None:
    assert said(told(routed(route)), NAMED) == [("a_unnamed", "hit", "certain")]
    assert said(told(routed(route, procedure="civil suit")), NAMED) == []


def test_routes_five_and_six_and_a_route_left_since_need_no_name() -> None:
    for route in (5, 6):
        assert said(routed(route), NAMED) == []
    history = told(routed(1))
    history.claim("2025-03-06", 6)
    assert said(history, NAMED) == []


def test_a_name_given_later_is_a_name_and_in_imported_history_it_is_unknown() -> None:
    history = told(routed(1))
    history.claim("2025-03-06", 1, procedure="civil suit")
    assert said(history, NAMED) == []
    assert said(told(routed(1, imported="sha256:old")), NAMED) == [("a_unnamed", "cannot_tell", "suspect")]


def test_nobody_told_by_the_fifteenth_day_is_found_on_the_sixteenth() -> None:
    history = routed(procedure="civil suit")
    assert said(history, NAMED, "2025-03-19") == []
    assert said(history, NAMED, "2025-03-20") == [("b_untold", "hit", "probable")]
    for day, hits in (("2025-03-19", 0), ("2025-03-20", 1)):
        assert len(said(told(routed(procedure="civil suit"), day), NAMED)) == hits


def test_the_fifteenth_day_in_the_spring_festival_is_rolled() -> None:
    for day, hits in (("2025-02-05", 0), ("2025-02-06", 1)):
        history = History()
        history.received("2025-01-13")
        history.claim("2025-01-14", 1, procedure="civil suit")
        assert len(said(told(history, day), NAMED)) == hits


def test_a_referral_guidance_or_a_handoff_tell_as_well_and_a_receipt_notice_does_not() -> None:
    referred = told(routed(procedure="x"), notice="refer_elsewhere")
    guided = routed(procedure="x")
    guided.add("case.disposed", "2025-03-06", kind="guided")
    passed = routed(procedure="x")
    passed.handed("2025-03-06")
    for history in (referred, guided, passed):
        assert said(history, NAMED) == []
    filed = told(routed(procedure="x"), notice="receipt")
    filed.add("case.disposed", "2025-03-06", kind="filed")
    assert said(filed, NAMED) == [("b_untold", "hit", "probable")]


def test_nobody_is_owed_a_notice_where_nobody_can_be_told_or_the_matter_ended() -> None:
    anonymous = History()
    anonymous.received("2025-03-03", anonymous=True)
    anonymous.claim("2025-03-04", 1, procedure="x")
    exempted = routed(procedure="x")
    exempted.add("case.notice_exempted", "2025-03-05", notice="procedure", ground="name_unclear")
    withdrawn = routed(procedure="x")
    withdrawn.add("case.withdrawn", "2025-03-10", document=DOCUMENT, via="visit")
    left = routed(procedure="x")
    left.claim("2025-03-10", 6)
    for history in (anonymous, exempted, withdrawn, left):
        assert said(history, NAMED) == []


def test_route_five_is_answered_within_two_calendar_months() -> None:
    history = routed(5)
    assert said(history, DUTY, "2025-05-06") == []  # May 4 lies in the holidays, May 6 is the next working day
    assert said(history, DUTY, "2025-05-07") == [("nothing_done", "hit", "suspect")]
    (finding,) = history.findings(DUTY, END)
    assert (str(finding.facts["due_before_rolling_on"]), str(finding.facts["due_on"])) == ("2025-05-04", "2025-05-06")


def test_two_months_end_on_the_last_day_of_a_shorter_month_and_pass_the_year_end() -> None:
    for day, due in (("2025-07-31", "2025-09-30"), ("2025-12-31", "2026-02-28"), ("2023-12-31", "2024-02-29")):
        (finding,) = routed(5, day).findings(DUTY, "2026-12-31")
        assert str(finding.facts["due_before_rolling_on"]) == due


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.opinion_issued", {"document": DOCUMENT, "result": "explained", "legal_basis": [], "signed_by": "S-9"}),
        ("case.opinion_executed", {"done": True, "proof": DOCUMENT}),
        ("case.disposed", {"kind": "direct_answer"}),
        ("case.closed", {"ground": "answered_directly"}),
    ],
)
def test_each_way_to_answer_counts_until_the_due_day(name: str, data: dict[str, object]) -> None:
    for day, hits in (("2025-05-06", 0), ("2025-05-07", 1)):
        history = routed(5)
        history.add(name, day, **data)  # type: ignore[arg-type]
        assert len(said(history, DUTY)) == hits


def test_guidance_is_no_answer_and_leaving_route_five_mediating_or_withdrawing_ends_it() -> None:
    guided = routed(5)
    guided.add("case.disposed", "2025-04-01", kind="guided")
    assert said(guided, DUTY) == [("nothing_done", "hit", "suspect")]
    left = routed(5)
    left.claim("2025-05-06", 6)
    mediated = routed(5)
    mediated.add("case.mediation_agreed", "2025-05-06", agreement=DOCUMENT, both_consent=True)
    withdrawn = routed(5)
    withdrawn.add("case.withdrawn", "2025-05-06", document=DOCUMENT, via="visit")
    for history in (left, mediated, withdrawn):
        assert said(history, DUTY) == []


def test_days_and_months_are_parameters_and_a_corrected_routing_is_computed_both_ways() -> None:
    history = told(routed(procedure="x"), "2025-03-20")
    assert history.findings(NAMED, END, parameters={NAMED: {"b_days": 16}}) == []
    assert routed(5).findings(DUTY, "2025-06-30", parameters={DUTY: {"months": 4}}) == []
    history = History()
    history.received("2025-03-03")
    event_id = history.claim("2025-03-04", 5)
    history.add("case.disposed", "2025-05-07", kind="direct_answer")
    history.corrected(event_id, "/time", at("2025-03-04"), at("2025-03-10"), "2025-05-08")
    (finding,) = history.findings(DUTY, END)
    assert finding.facts["late_only_by"] == "first value"
