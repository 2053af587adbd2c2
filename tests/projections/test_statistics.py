"""Figures with members counted by hand, on both clocks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.asof import AsOf, Clock, end_of_day
from projections.figure import Figure, Question
from projections.statistics import ALL_FIGURES, figures, render_catalogue
from tests.support.history import DOCUMENT, FUND, History, at

ROOT = Path(__file__).resolve().parents[2]


def case(number: int) -> str:
    return f"XF500229-2025-{number:06d}"


def ask(
    history: History, name: str, day: str | None = "2026-03-31", clock: Clock = "happened", **period: str
) -> list[Figure]:
    first = date.fromisoformat(period.get("first", "2025-01-01"))
    last = date.fromisoformat(period.get("last", "2025-12-31"))
    as_of = AsOf(clock, end_of_day(date.fromisoformat(day)) if day else None)
    return list(figures(history.source(), Question(first, last, as_of, (name,))))


def only(history: History, name: str, *args: Any, **kwargs: Any) -> Figure:
    (figure,) = ask(history, name, *args, **kwargs)
    return figure


def members(figure: Figure) -> dict[str, str]:
    return {one.subject: one.status for one in figure.members}


def excluded(figure: Figure) -> dict[str, str]:
    return {one.subject: one.reason.en for one in figure.excluded}


def test_cases_are_counted_by_channel_on_the_days_of_shanghai() -> None:
    history = History()
    history.received("2024-12-31T23:59", subject=case(1), channel="visit")
    history.received(
        "2024-12-31T16:00:00+00:00", subject=case(2), channel="visit", received_at="2024-12-31T16:00:00+00:00"
    )
    history.received("2025-12-31T23:59", subject=case(3), channel="visit")
    history.received("2026-01-01T00:00", subject=case(4), channel="visit")
    history.received("2025-06-01", subject=case(5), channel="online")
    history.received("2025-06-01", subject=case(6), channel=None)
    found = {figure.dimensions["channel"]: figure for figure in ask(history, "cases_received_by_channel")}
    assert {channel: figure.value for channel, figure in found.items()} == {"visit": 2, "online": 1, "unknown": 1}
    assert [one.subject for one in found["visit"].members] == [case(2), case(3)]
    assert found["visit"].members[0].event_ids == (history.events[-5]["id"],)


def test_a_case_recorded_late_is_in_the_figure_that_happened_and_not_in_the_one_known_then() -> None:
    history = History()
    history.received("2025-12-30", subject=case(1), recorded="2025-12-30T02:00:00.000000Z")
    history.received("2025-12-30", subject=case(2), recorded="2026-01-05T02:00:00.000000Z")
    assert only(history, "cases_received_by_channel", "2025-12-31").value == 2
    assert only(history, "cases_received_by_channel", "2025-12-31", "known").value == 1
    assert only(history, "cases_received_by_channel", "2026-01-05", "known").value == 2


def test_a_corrected_channel_moves_the_case_to_the_other_figure() -> None:
    history = History()
    received = history.received("2025-06-01", channel="visit")
    history.corrected(received, "/channel", "visit", "online", "2025-06-02")
    assert [figure.dimensions for figure in ask(history, "cases_received_by_channel")] == [{"channel": "online"}]


def office_year() -> History:
    """Seven receipts: in time, late, open, refused, stopped, received by a unit, and too young to be due."""
    history = History()
    for number, day in enumerate(("2025-03-03",) * 6 + ("2025-06-25",), start=1):
        history.received(day, subject=case(number), unit="MZJ" if number == 6 else "XF")
    history.handed("2025-03-18", ref="ref:1", subject=case(1))
    history.handed("2025-03-19", ref="ref:2", subject=case(2))
    history.add("case.acceptance_refused", "2025-03-10", subject=case(4), ground="other_procedure")
    history.add("case.withdrawn", "2025-03-10", subject=case(5), document=DOCUMENT, via="letter")
    return history


def test_the_office_rate_counts_by_the_clock_of_its_check_and_lists_the_rest_with_reasons() -> None:
    figure = only(office_year(), "timely_acceptance_rate_office", "2025-06-30")
    assert figure.value == {"numerator": 1, "denominator": 3}
    assert members(figure) == {case(1): "timely", case(2): "late", case(3): "late_open"}
    assert excluded(figure) == {
        case(4): "refused, shown apart", case(5): "stopped within the period", case(7): "not yet due",
    }  # fmt: skip
    assert [one.subject for one in figure.numerator] == [case(1)]
    assert figure.calendar.startswith("2025=test")


def test_the_office_rate_on_the_known_clock_knows_only_what_was_recorded() -> None:
    history = History()
    history.received("2025-03-03", recorded="2025-03-03T02:00:00.000000Z")
    history.handed("2025-03-10", recorded="2025-05-01T02:00:00.000000Z")
    assert only(history, "timely_acceptance_rate_office", "2025-04-30").value == {"numerator": 1, "denominator": 1}
    known = only(history, "timely_acceptance_rate_office", "2025-04-30", "known")
    assert known.value == {"numerator": 0, "denominator": 1}
    assert known.by_status == {"late_open": 1}


def test_what_nobody_can_tell_stays_in_the_denominator() -> None:
    history = History()
    history.received("2025-03-03", unit="NOWHERE")
    assert only(history, "timely_acceptance_rate_office").by_status == {"cannot_tell": 1}
    strange = office_year()
    strange.add("case.handed_over_by_dream", "2025-03-20", subject=case(1))
    figure = only(strange, "timely_acceptance_rate_office", "2025-06-30")
    assert figure.value == {"numerator": 0, "denominator": 3}
    assert members(figure)[case(1)] == "cannot_tell"


def test_the_units_rate_has_one_figure_a_unit_and_counts_receipts() -> None:
    history = History()
    for number, (unit, notice, kind) in enumerate(
        (
            ("MZJ", "2025-03-25", "acceptance"),
            ("MZJ", "2025-03-26", "acceptance"),
            ("MZJ", None, ""),
            ("MZJ", "2025-03-20", "non_acceptance"),
            ("JSW", "2025-03-20", "receipt"),
            ("JW", None, ""),
        ),
        start=1,
    ):
        history.received("2025-03-03", subject=case(number))
        history.handed("2025-03-05", unit, f"ref:{number}", subject=case(number))
        history.took("2025-03-10", unit, f"ref:{number}", subject=case(number))
        if notice is not None:
            history.notified(notice, unit, kind, subject=case(number))
    found = {figure.dimensions["unit"]: figure for figure in ask(history, "timely_acceptance_rate_units")}
    assert found["MZJ"].value == {"numerator": 1, "denominator": 3}
    assert members(found["MZJ"]) == {case(1): "timely", case(2): "late", case(3): "late_open"}
    assert excluded(found["MZJ"]) == {case(4): "refused, shown apart"}
    assert found["JSW"].value == {"numerator": 1, "denominator": 1}
    assert found["JW"].value == {"numerator": 0, "denominator": 0}
    assert "rules of its own" in excluded(found["JW"])[case(6)]


def closures() -> History:
    """Accepted on 2025-03-10, due on 2025-05-09, each case ending in its own way."""
    history = History()
    for number in range(1, 13):
        history.received("2025-03-03", subject=case(number))
        if number == 6:
            history.claim("2025-03-04", 2, subject=case(number))
        elif number == 7:
            history.add("case.routed", "2025-03-04", subject=case(number), purpose="consultation")
        elif number == 11:
            history.claim("2025-03-04", None, subject=case(number))
        elif number != 8:
            history.claim("2025-03-04", subject=case(number))
        if number != 9:
            day = {10: "2025-11-20", 12: "2025-06-01"}.get(number, "2025-03-10")
            history.accepted(day, subject=case(number))
    history.opinion("2025-05-09", subject=case(1))
    history.opinion("2025-05-10", subject=case(2))
    history.add("case.mediation_agreed", "2025-05-09", subject=case(4), agreement=DOCUMENT, both_consent=True)
    history.add("case.withdrawn", "2025-04-01", subject=case(5), document=DOCUMENT, via="letter")
    history.opinion("2025-04-01", subject=case(11))
    return history


def test_the_closure_rate_is_claim_twelve_with_every_exclusion_named() -> None:
    figure = only(closures(), "on_time_closure_rate", "2025-06-30")
    assert members(figure) == {
        case(1): "timely", case(2): "late", case(3): "late_open", case(4): "timely", case(8): "cannot_tell",
        case(11): "timely",
    }  # fmt: skip
    assert figure.value == {"numerator": 3, "denominator": 6}
    assert excluded(figure) == {
        case(5): "stopped within the period",
        case(6): "route 2 of art.31",
        case(7): "purpose consultation",
        case(9): "no responsible unit received it",
        case(10): "no responsible unit received it",
        case(12): "not yet due",
    }
    assert figure.definition.better == "higher"


def test_a_due_day_outside_the_period_is_outside_the_rate() -> None:
    figure = only(closures(), "on_time_closure_rate", "2026-03-31")
    assert excluded(figure)[case(10)] == "the due day lies outside the period"
    assert members(figure)[case(12)] == "late_open"
    following = only(closures(), "on_time_closure_rate", "2026-03-31", first="2026-01-01", last="2026-12-31")
    assert members(following) == {case(10): "late_open"}


def test_an_opinion_recorded_late_is_in_time_as_it_happened_and_open_as_it_was_known() -> None:
    history = History()
    history.received("2025-03-03", recorded="2025-03-03T02:00:00.000000Z")
    history.claim("2025-03-04", recorded="2025-03-04T02:00:00.000000Z")
    history.add("case.accepted", "2025-03-10", by=("S-1", "MZJ", "handler"), recorded="2025-03-10T02:00:00.000000Z")
    history.add("case.opinion_issued", "2025-05-08", recorded="2025-06-20T02:00:00.000000Z", result="supported")
    assert only(history, "on_time_closure_rate", "2025-06-01").by_status == {"timely": 1}
    assert only(history, "on_time_closure_rate", "2025-06-01", "known").by_status == {"late_open": 1}
    assert only(history, "on_time_closure_rate", "2025-06-20", "known").by_status == {"timely": 1}


def handed_year() -> History:
    """Three assignments with feedback due on April 18: in time, late, missing; and one plain transfer."""
    history = History()
    history.received("2025-03-03")
    for number, (unit, fed_back) in enumerate((("MZJ", "2025-04-18"), ("MZJ", "2025-04-19"), ("JSW", None)), start=1):
        ref = f"ref:{number}"
        history.handed(f"2025-03-{10 + number}", unit, ref, mode="assign", feedback_required=True, due_on="2025-04-18")
        history.took(f"2025-03-{10 + number}T16:00", unit, ref)
        if fed_back:
            history.add("case.handoff_fed_back", fed_back, handoff=ref, unit=unit, report=DOCUMENT, result="done")
    history.handed("2025-03-20", "RSJ", "ref:4")
    history.took("2025-03-21", "RSJ", "ref:4")
    return history


def test_handoffs_are_counted_by_addressed_unit_with_how_their_feedback_stands() -> None:
    found = {figure.dimensions["unit"]: figure for figure in ask(handed_year(), "handoffs_by_unit")}
    assert {unit: figure.by_status for unit, figure in found.items()} == {
        "MZJ": {"late": 1, "timely": 1}, "JSW": {"late_open": 1}, "RSJ": {"not_required": 1},
    }  # fmt: skip
    late = {figure.dimensions["unit"]: figure for figure in ask(handed_year(), "handoffs_late_feedback_by_unit")}
    assert {unit: [one.item for one in figure.members] for unit, figure in late.items()} == {
        "MZJ": ["ref:2/MZJ"], "JSW": ["ref:3/JSW"],
    }  # fmt: skip


def test_three_holders_are_counted_when_the_third_receives_and_a_return_when_it_comes_back() -> None:
    history = handed_year()
    holders = only(history, "holders_at_least_3")
    assert (holders.value, len(holders.members[0].event_ids)) == (1, 8)
    assert only(history, "holders_at_least_3", first="2025-01-01", last="2025-03-20").value == 0
    assert only(history, "returning_chains").value == 0
    history.handed("2025-04-01", "MZJ", "ref:5")
    history.took("2025-04-02", "MZJ", "ref:5")
    assert only(history, "returning_chains").value == 1
    assert only(history, "returning_chains", "2025-04-01").value == 0


def test_two_holders_or_one_joint_handoff_are_fewer_than_three() -> None:
    history = History()
    history.received("2025-03-03")
    for unit in ("MZJ", "JSW", "RSJ"):
        history.handed("2025-03-05", unit, "ref:j", joint=True)
        history.took("2025-03-06", unit, "ref:j")
    history.handed("2025-03-10", "XZ", "ref:k")
    history.took("2025-03-11", "XZ", "ref:k")
    assert only(history, "holders_at_least_3").value == 0


def test_sums_are_in_fen_by_fund_and_month_and_end_with_the_month() -> None:
    history = History()
    history.add("fund.opened", "2025-01-02", subject=FUND, opening_balance_fen=1, rules={})
    for moment, fen in (
        ("2025-03-01T00:00", 1),
        ("2025-03-31T23:59", 20),
        ("2025-04-01T00:00", 300),
        ("2024-12-31", 4000),
    ):
        history.add("fund.paid", moment, subject=FUND, payment=f"ref:{fen}", amount_fen=fen)
    history.add("fund.returned", "2025-04-02", subject=FUND, payment="ref:1", amount_fen=1)
    found = ask(history, "sums_paid_by_fund_and_month")
    assert [(figure.dimensions["month"], figure.value, len(figure.members)) for figure in found] == [
        ("2025-03", 21, 2), ("2025-04", 300, 1),
    ]  # fmt: skip
    assert {figure.dimensions["fund"] for figure in found} == {FUND}
    assert ask(history, "sums_paid_by_fund_and_month", "2025-03-15")[0].value == 1


def test_every_value_is_the_length_of_its_members_and_its_json_says_what_was_asked() -> None:
    history = closures()
    question = Question.year(2025, AsOf("happened", end_of_day(date(2025, 6, 30))))
    found = list(figures(history.source(), question))
    assert {figure.definition.id for figure in found} >= {
        rule.definition.id for rule in ALL_FIGURES if not rule.definition.dimensions
    }
    for figure in found:
        told, opened = figure.to_json(False), figure.to_json(True)
        assert told["period"] == {"from_on": "2025-01-01", "until_on": "2025-12-31"}
        assert (told["clock"], told["as_of_size"]) == ("happened", len(history.events))
        assert "members" not in told
        assert told["members_count"] == len(opened["members"])
        if isinstance(told["value"], dict):
            timely = [one for one in opened["members"] if one["status"] == "timely"]
            assert told["value"] == {"numerator": len(timely), "denominator": len(opened["members"])}
        elif figure.definition.kind == "exact":
            assert told["value"] == len(opened["members"])
        ids = {event["id"] for event in history.events}
        assert all(one["event_ids"] and set(one["event_ids"]) <= ids for one in opened["members"] + opened["excluded"])


def test_equal_members_have_equal_digests_and_a_changed_one_another() -> None:
    history = closures()
    one, other = (
        only(history, "on_time_closure_rate", "2025-06-30"),
        only(history, "on_time_closure_rate", "2025-06-30"),
    )
    assert one.members_digest == other.members_digest
    assert only(history, "on_time_closure_rate", "2025-05-09").members_digest != one.members_digest


def test_an_unknown_figure_is_refused_and_an_empty_ledger_answers_with_zero() -> None:
    with pytest.raises(ValueError, match="no such figure"):
        ask(History(), "happiness")
    assert only(History(units=False, calendars=False), "on_time_closure_rate").value == {
        "numerator": 0,
        "denominator": 0,
    }


def test_the_document_equals_the_definitions() -> None:
    assert (ROOT / "docs" / "figures.md").read_text(encoding="utf-8") == render_catalogue()
    ids = [rule.definition.id for rule in ALL_FIGURES]
    assert len(set(ids)) == len(ids)


def test_a_corrected_receipt_day_moves_a_case_into_the_period() -> None:
    history = History()
    received = history.received("2026-01-02")
    assert ask(history, "cases_received_by_channel") == []
    history.corrected(received, "/received_at", at("2026-01-02"), at("2025-12-31"), "2026-01-05")
    assert only(history, "cases_received_by_channel").value == 1
