"""Two answers side by side: every changed member has one cause, and the causes add up to the difference."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from domain.asof import AsOf, end_of_day
from projections.differences import FigureDifference, differences
from projections.figure import Definition, Figure, FigureRule, Question
from projections.figures_cases import OUTSIDE, CasesReceivedByChannel
from projections.statistics import figures, figures_by_month
from tests.support.history import HOLIDAYS_2025, MAKE_UP_2025, History

YEAR = (date(2025, 1, 1), date(2025, 12, 31))


def by(day: str, clock: str = "known", names: tuple[str, ...] | None = None) -> Question:
    return Question(*YEAR, AsOf(clock, end_of_day(date.fromisoformat(day))), names)  # type: ignore[arg-type]


def only(found: list[FigureDifference], name: str) -> FigureDifference:
    (one,) = (one for one in found if one.new.id == name)
    return one


def test_a_case_entered_late_came_by_late_entry_and_a_later_one_by_a_new_act() -> None:
    history = History()
    late = history.received("2025-03-03", subject="XF500229-2025-000001", recorded="2025-05-10T01:00:00.000000Z")
    new = history.received("2025-05-09", subject="XF500229-2025-000002", recorded="2025-05-10T02:00:00.000000Z")
    found = list(differences(history.source(), by("2025-04-01"), by("2025-06-01")))
    one = only(found, "cases_received_by_channel")
    assert [(change.cause, change.event_ids) for change in one.changes] == [
        ("late_entry", (late,)),
        ("new_act", (new,)),
    ]
    assert one.counts() == {"late_entry": 1, "new_act": 1}
    assert (one.to_json()["was"], one.to_json()["now"]) == (0, 2)


def test_a_corrected_day_of_receipt_is_named_as_a_correction() -> None:
    history = History()
    received = history.received("2025-03-03", recorded="2025-03-03T04:00:00.000000Z")
    history.events[-1]["data"]["received_at"] = "2024-12-30T10:00:00+08:00"
    history.add(
        "case.record_corrected", "2025-05-05", event_id=received, field="/received_at", reason="typing error",
        was="2024-12-30T10:00:00+08:00", now="2025-03-03T10:00:00+08:00", approved_by="S-009",
        recorded="2025-05-05T02:00:00.000000Z",
    )  # fmt: skip
    one = only(list(differences(history.source(), by("2025-04-01"), by("2025-06-01"))), "cases_received_by_channel")
    assert [(change.cause, change.was is None) for change in one.changes] == [("correction", True)]


def test_the_two_clocks_differ_by_what_was_entered_late() -> None:
    history = History()
    late = history.received("2025-03-03", recorded="2025-05-10T01:00:00.000000Z")
    found = differences(history.source(), by("2025-04-01", "happened"), by("2025-04-01", "known"))
    one = only(list(found), "cases_received_by_channel")
    assert [(change.cause, change.now, change.event_ids) for change in one.changes] == [("late_entry", None, (late,))]


def test_a_period_that_ended_meanwhile_is_time_passed() -> None:
    history = History()
    history.received("2025-03-03", recorded="2025-03-03T04:00:00.000000Z")
    for number in range(2):
        history.handed("2025-03-04", ref=f"ref:h{number}", feedback_required=True, due_on="2025-04-30",
                       recorded=f"2025-03-04T0{number + 3}:00:00.000000Z")  # fmt: skip
    one = only(
        list(differences(history.source(), by("2025-04-01"), by("2025-06-01"))), "handoffs_late_feedback_by_unit"
    )
    assert {change.cause for change in one.changes} == {"time_passed"}
    assert one.counts() == {"time_passed": 2}


def test_a_calendar_that_was_declared_later_is_named() -> None:
    history = History(calendars=False)
    for event in history.events:
        event["recordedtime"] = "2025-01-01T00:00:00.000000Z"
    history.received("2025-01-24", recorded="2025-01-24T04:00:00.000000Z")
    history.claim("2025-01-24T11:00", recorded="2025-01-24T04:00:01.000000Z")
    history.calendar(2025, HOLIDAYS_2025, MAKE_UP_2025)
    history.events[-1]["recordedtime"] = "2025-06-01T00:00:00.000000Z"
    history.accepted("2025-02-18", unit="XF", recorded="2025-06-01T00:00:01.000000Z")
    found = list(differences(history.source(), by("2025-05-31", "happened"), by("2025-05-31", "happened")))
    assert all(one.changes == () for one in found)
    causes = {
        change.cause
        for one in differences(history.source(), by("2025-06-30", "known"), by("2025-03-01", "known"))
        for change in one.changes
    }
    assert causes <= {"calendar", "late_entry", "time_passed", "new_act"}
    assert causes


def test_a_calendar_alone_is_never_taken_for_a_register_and_leaves_the_other_members_as_they_were() -> None:
    history = History(calendars=False)
    for event in history.events:
        event["recordedtime"] = "2025-01-01T00:00:00.000000Z"
    for number in range(1, 4):
        case, stamp = f"XF500229-2025-{number:06}", f"2025-02-03T0{number}:00:0"
        history.received("2025-01-14", subject=case, recorded=f"{stamp}0.000000Z")
        history.claim("2025-01-14T11:00", subject=case, recorded=f"{stamp}1.000000Z")
        history.accepted("2025-02-03", unit="XF", subject=case, recorded=f"{stamp}2.000000Z")
    history.calendar(2025, HOLIDAYS_2025, MAKE_UP_2025)
    history.events[-1]["recordedtime"] = "2025-03-02T00:00:00.000000Z"
    found = list(differences(history.source(), by("2025-03-01", "known"), by("2025-03-03", "known")))
    rate = only(found, "timely_acceptance_rate_office")
    assert {(change.was.status, change.now.status) for change in rate.changes if change.was and change.now} == {
        ("late", "timely")
    }
    assert {change.cause for one in found for change in one.changes} == {"calendar"}


def test_an_act_that_a_correction_moved_before_the_day_is_late_entry_and_named() -> None:
    history = History()
    history.received("2025-03-03", recorded="2025-03-03T04:00:00.000000Z")
    offered = history.handed("2025-04-05", recorded="2025-04-05T04:00:00.000000Z")
    was, now = (f"2025-0{month}-05T10:00:00+08:00" for month in (4, 3))
    history.add(
        "case.record_corrected", "2025-05-05", event_id=offered, field="/time", reason="typing error",
        was=was, now=now, approved_by="S-009", recorded="2025-05-05T02:00:00.000000Z",
    )  # fmt: skip
    found = list(differences(history.source(), by("2025-04-01", "happened"), by("2025-04-01", "known")))
    one = only(found, "handoffs_by_unit")
    assert [(change.cause, change.now, change.event_ids) for change in one.changes] == [
        ("late_entry", None, (offered,))
    ]


def test_a_rate_keeps_its_shape_where_nothing_is_counted() -> None:
    history = History()
    history.received("2025-03-03", recorded="2025-03-03T04:00:00.000000Z")
    history.handed("2025-03-04", recorded="2025-03-04T03:00:00.000000Z")
    history.took("2025-03-05", recorded="2025-03-05T03:00:00.000000Z")
    told = only(
        list(differences(history.source(), by("2025-01-01"), by("2025-06-01"))), "timely_acceptance_rate_units"
    ).to_json()
    assert told["was"] == {"numerator": 0, "denominator": 0}
    assert told["now"]["denominator"] == 1


class ByRegion(FigureRule):
    """The cases received, by channel – but no longer those by letter."""

    definition: Definition = replace(CasesReceivedByChannel.definition, version=2)

    def contributions(self, facts, context, question):  # type: ignore[no-untyped-def]
        for one in CasesReceivedByChannel().contributions(facts, context, question):
            if one.dimensions != ("letter",):
                yield one


def test_an_old_and_a_new_definition_stand_side_by_side() -> None:
    history = History()
    history.received("2025-03-03", subject="XF500229-2025-000001")
    history.received("2025-03-04", subject="XF500229-2025-000002", channel="visit")
    question = Question(*YEAR)
    (one,) = differences(history.source(), question, question, [CasesReceivedByChannel()], [ByRegion()])
    assert [(change.cause, change.now) for change in one.changes] == [("definition", None)]
    assert (one.to_json()["versions"], one.to_json()["was"], one.to_json()["now"]) == ([1, 2], 2, 1)


def some_office(seed: int) -> History:
    """Cases with acts entered in time and late, corrections and a second calendar, in the order of entry."""
    chance = random.Random(seed)
    history = History()
    acts = []
    for number in range(1, 13):
        case = f"XF500229-2025-{number:06}"
        start = date(2025, chance.randint(1, 6), chance.randint(1, 28)).toordinal()
        for step in ("received", "handed", "took", "accepted", "opinion"):
            start += chance.randint(0, 25)
            lag = chance.choice((0, 0, 0, 40, 90))
            acts.append((start + lag, case, step, date.fromordinal(start).isoformat()))
        if chance.random() < 0.5:
            acts.append((start + 100, case, "corrected", "2025-09-01"))
    first: dict[str, str] = {}
    for place, (entered, case, step, day) in enumerate(sorted(acts)):
        stamp = f"{date.fromordinal(entered)}T{place // 60 % 24:02}:{place % 60:02}:00.000000Z"
        if step == "corrected":
            if case in first:
                history.corrected(first[case], "/received_at", "x", "2025-01-03T09:00:00+08:00", day, subject=case)
                history.events[-1]["recordedtime"] = stamp
            continue
        changes = {"feedback_required": True, "due_on": "2025-07-01"} if step == "handed" else {}
        told = getattr(history, step)(day, subject=case, recorded=stamp, **changes)
        if step == "received":
            first[case] = told
    return history


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("clocks", [("known", "known"), ("happened", "happened"), ("happened", "known")])
def test_causes_add_up_to_the_difference_of_every_figure(seed: int, clocks: tuple[str, str]) -> None:
    source = some_office(seed).source()
    days = ("2025-05-15", "2025-08-15") if clocks[0] == clocks[1] else ("2025-06-15", "2025-06-15")
    old, new = (by(day, clock) for day, clock in zip(days, clocks, strict=True))
    for one in differences(source, old, new):
        was, now = ({m for figure in side for m in figure.members} for side in (one.was, one.now))
        assert sum(one.counts().values()) == sum(len(f.members) for f in one.now) - sum(len(f.members) for f in one.was)
        amounts = [sum(m.amount_fen or 0 for f in side for m in f.members) for side in (one.was, one.now)]
        assert sum(one.sums_fen().values()) == amounts[1] - amounts[0]
        assert {change.now for change in one.changes if change.now} >= now - was
        assert {change.was for change in one.changes if change.was} >= was - now


@pytest.mark.parametrize("seed", range(4))
def test_a_series_of_months_from_one_pass_equals_every_month_asked_alone(seed: int) -> None:
    source = some_office(seed).source()
    asked = Question(date(2024, 12, 10), date(2025, 12, 31), AsOf("happened", end_of_day(date(2025, 9, 1))))
    series = list(figures_by_month(source, asked))
    for month in range(1, 13):
        last = date(2025, month, {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31))
        alone = figures(source, replace(asked, from_on=date(2025, month, 1), until_on=last))
        month_of = [one for one in series if one.question.from_on == date(2025, month, 1)]
        assert told(month_of) == told(alone)
    assert len({one.definition.id for one in series}) >= 7


def told(found: Iterable[Figure]) -> dict[object, object]:
    """What figures count and leave out, without those that count nothing and cases of other months."""
    shown = {
        (one.definition.id, *one.dimensions.values()): (
            one.value,
            one.members,
            [left for left in one.excluded if left.reason != OUTSIDE],
        )
        for one in found
    }
    return {name: answer for name, answer in shown.items() if answer[1] or answer[2]}
