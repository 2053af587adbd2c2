"""XF-EVL-001 and XF-EVL-002: ratings come from petitioners, and after there is something to rate."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History, at

TERMINAL, EARLY = "XF-EVL-001", "XF-EVL-002"
END = "2025-12-31"
Said = list[tuple[str, str, str]]


def case(number: int) -> str:
    return f"XF500229-2025-{number:06d}"


def rated(history: History, number: int, via: str | None, day: str = "2025-05-10", unit: str = "MZJ") -> None:
    """One case, accepted by a unit and rated on its side."""
    subject = case(number)
    history.received("2025-03-03", subject=subject)
    history.add("case.accepted", "2025-03-10", subject=subject, by=("S-100", unit, "handler"))
    history.add("case.rated", day, subject=subject, side="unit", grade="satisfied", entered_via=via)


def quarter(terminal: int, others: int, untold: int = 0) -> History:
    history = History()
    vias = ["office_terminal"] * terminal + ["sms"] * others + [None] * untold
    for number, via in enumerate(vias, start=1):
        rated(history, number, via)
    return history


@pytest.mark.parametrize(("terminal", "others", "hits"), [(5, 5, 0), (6, 5, 1), (9, 0, 0), (10, 0, 1), (0, 20, 0)])
def test_over_half_of_at_least_ten_ratings_by_terminal_is_a_suspicion(terminal: int, others: int, hits: int) -> None:
    found = quarter(terminal, others).findings(TERMINAL, END)
    assert [(one.subject, one.reason, one.item, one.certainty) for one in found] == [
        ("unit:MZJ", "terminal", "2025-Q2", "suspect")
    ] * hits
    assert all(one.facts["by_office_terminal"] == terminal and len(one.event_ids) == terminal for one in found)


def test_ratings_of_another_unit_or_quarter_are_counted_apart() -> None:
    history = quarter(5, 0)
    for number, day in enumerate(("2025-03-31", "2025-07-01", "2025-07-02", "2025-07-03", "2025-07-04"), start=20):
        rated(history, number, "office_terminal", day)
    for number in range(30, 35):
        rated(history, number, "office_terminal", unit="JSW")
    assert history.findings(TERMINAL, END) == []


def test_where_unknown_entries_could_tip_the_share_nobody_can_tell() -> None:
    assert [one.result for one in quarter(5, 4, 1).findings(TERMINAL, END)] == ["cannot_tell"]
    assert quarter(4, 5, 1).findings(TERMINAL, END) == []
    assert [one.result for one in quarter(6, 4, 1).findings(TERMINAL, END)] == ["hit"]


def test_ratings_of_cases_from_before_the_regulation_cannot_be_judged_by_it() -> None:
    history = quarter(9, 0)
    subject = case(20)
    history.received("2022-04-30", subject=subject)
    history.add("case.accepted", "2022-05-10", subject=subject, by=("S-100", "MZJ", "handler"))
    history.add("case.rated", "2025-05-10", subject=subject, side="unit", entered_via="office_terminal")
    assert [one.result for one in history.findings(TERMINAL, END)] == ["cannot_tell"]


def test_the_office_side_is_counted_for_the_unit_that_received() -> None:
    history = History()
    for number in range(1, 11):
        history.received("2025-03-03", subject=case(number))
        history.add("case.rated", "2025-05-10", subject=case(number), side="office", entered_via="office_terminal")
    assert [one.subject for one in history.findings(TERMINAL, END)] == ["unit:XF"]


def handled() -> History:
    history = History()
    history.received("2025-03-03")
    history.accepted("2025-03-10")
    return history


def rate(history: History, moment: str, side: str | None, precision: str | None = None) -> History:
    history.add("case.rated", moment, precision=precision, side=side, grade="satisfied", entered_via="sms")
    return history


def said(history: History) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(EARLY, END)]


@pytest.mark.parametrize("name", ["case.opinion_delivered", "case.mediation_agreed"])
def test_a_unit_is_rated_after_its_delivered_opinion_or_mediation(name: str) -> None:
    for moment, expected in (
        ("2025-04-10T10:00", []),
        ("2025-04-10T09:59", [("unit", "hit", "probable")]),
        ("2025-04-11", []),
    ):
        history = handled()
        history.add(name, "2025-04-10", delivered_at=at("2025-04-10"), signed=True)
        assert said(rate(history, moment, "unit")) == expected


def test_an_opinion_on_its_way_is_not_yet_there_to_be_rated() -> None:
    history = handled()
    history.add("case.opinion_delivered", "2025-04-10", sent_at=at("2025-04-07"), delivered_at=at("2025-04-10"))
    assert said(rate(history, "2025-04-09", "unit")) == [("unit", "hit", "probable")]
    sent = handled()
    sent.add("case.opinion_delivered", "2025-04-07", sent_at=at("2025-04-07"), signed=False)
    assert said(rate(sent, "2025-04-09", "unit")) == []


def test_an_unknown_hour_of_the_same_day_is_no_accusation() -> None:
    history = handled()
    history.add("case.opinion_delivered", "2025-04-10", delivered_at=at("2025-04-10"), signed=True)
    assert said(rate(history, "2025-04-10T08:00", "unit", "day")) == []
    assert said(rate(history, "2025-04-09T08:00", "unit", "day")) == [("unit", "hit", "probable")]


def test_an_opinion_that_was_only_issued_is_nothing_to_rate() -> None:
    history = handled()
    history.opinion("2025-04-01")
    (finding,) = rate(history, "2025-04-10", "unit").findings(EARLY, END)
    assert (finding.subject, finding.item) == ("unit:MZJ", f"{case(1)}/1")
    assert finding.related == (case(1),)


def test_the_office_is_rated_after_any_notice() -> None:
    history = handled()
    history.notified("2025-04-10", "XF", "receipt")
    assert said(rate(history, "2025-04-10", "office")) == []
    (finding,) = rate(handled(), "2025-04-10", "office").findings(EARLY, END)
    assert (finding.reason, finding.subject, finding.audience) == ("office", "unit:XF", "discipline")


def test_a_side_or_a_unit_that_nobody_recorded_cannot_be_told() -> None:
    assert said(rate(handled(), "2025-04-10", None)) == [("unit", "cannot_tell", "suspect")]
    nameless = History()
    nameless.add("case.received", "2025-03-03", by=("S-1", None, None), received_at=at("2025-03-03"))
    nameless.add("case.rated", "2025-04-10", by=("S-1", None, None), side="office")
    assert said(nameless) == [("office", "cannot_tell", "suspect")]


def test_a_unit_that_never_accepted_is_known_by_its_receipt() -> None:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-04", "JSW", materials=[DOCUMENT])
    history.took("2025-03-05", "JSW")
    assert [one.subject for one in rate(history, "2025-04-10", "unit").findings(EARLY, END)] == ["unit:JSW"]
