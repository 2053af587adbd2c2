"""XF-HND-001 and XF-HND-009: offers that nobody receives, objections that nobody decides."""

from __future__ import annotations

from tests.support.history import DOCUMENT, History, at

OFFERS = "XF-HND-001"
OBJECTIONS = "XF-HND-009"
END = "2025-12-31"


def offered(day: str = "2025-03-05") -> History:
    history = History()
    history.received("2025-03-03")
    history.handed(day)
    return history


def test_an_offer_received_on_the_fifth_working_day_is_in_time_and_on_the_sixth_is_late() -> None:
    for day, hits in (("2025-03-12", 0), ("2025-03-13", 1)):
        history = offered()
        history.took(day)
        assert len(history.findings(OFFERS, END)) == hits


def test_an_offer_that_nobody_received_is_open_from_the_sixth_working_day() -> None:
    history = offered()
    assert history.findings(OFFERS, "2025-03-12") == []
    (finding,) = history.findings(OFFERS, "2025-03-13")
    assert (finding.item, finding.open, finding.severity, finding.certainty) == (
        "ref:h1/MZJ",
        True,
        "medium",
        "probable",
    )


def test_a_withdrawn_offer_needs_no_receipt_and_arrival_counts_before_recording() -> None:
    withdrawn = offered()
    withdrawn.add("case.handoff_withdrawn", "2025-03-12", handoff="ref:h1", unit="MZJ", reason="x")
    assert withdrawn.findings(OFFERS, END) == []
    arrived = offered()
    arrived.took("2025-04-01", arrived_at=at("2025-03-12"))
    assert arrived.findings(OFFERS, END) == []


def test_the_spring_festival_gives_the_addressee_its_working_days() -> None:
    for day, hits in (("2025-02-07", 0), ("2025-02-08", 1)):
        history = offered("2025-01-24")
        history.took(day)
        assert len(history.findings(OFFERS, END)) == hits


def test_each_addressee_of_one_handoff_answers_for_its_own_receipt() -> None:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05", "MZJ", "ref:j", joint=True)
    history.handed("2025-03-05", "JSW", "ref:j", joint=True)
    history.took("2025-03-06", "MZJ", "ref:j")
    assert [one.item for one in history.findings(OFFERS, END)] == ["ref:j/JSW"]


def objected(decided: str | None) -> History:
    """Objected on March 7; ten working days end on March 21."""
    history = offered()
    history.took("2025-03-06")
    history.add("case.handoff_objected", "2025-03-07", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
    if decided is not None:
        history.add("case.objection_decided", decided, handoff="ref:h1", unit="MZJ", upheld=False)
    return history


def test_an_objection_decided_on_the_tenth_working_day_is_in_time_and_on_the_eleventh_late() -> None:
    assert objected("2025-03-21").findings(OBJECTIONS, END) == []
    (finding,) = objected("2025-03-24").findings(OBJECTIONS, END)
    assert (finding.open, finding.certainty, finding.facts["days_late"]) == (False, "suspect", 3)


def test_an_undecided_objection_is_open_unless_the_handoff_was_withdrawn() -> None:
    assert objected(None).findings(OBJECTIONS, "2025-03-21") == []
    assert [one.open for one in objected(None).findings(OBJECTIONS, "2025-03-22")] == [True]
    withdrawn = objected(None)
    withdrawn.add("case.handoff_withdrawn", "2025-03-21", handoff="ref:h1", unit="MZJ", reason="x")
    assert withdrawn.findings(OBJECTIONS, END) == []


def test_both_limits_are_parameters_of_the_office() -> None:
    late = offered()
    late.took("2025-03-13")
    assert late.findings(OFFERS, END, parameters={OFFERS: {"workdays": 6}}) == []
    assert objected("2025-03-24").findings(OBJECTIONS, END, parameters={OBJECTIONS: {"workdays": 11}}) == []


def test_without_a_calendar_of_the_year_certainty_is_at_most_probable_and_stays_suspect() -> None:
    history = History(calendars=False)
    history.received("2025-03-03")
    history.handed("2025-03-05")
    history.took("2025-03-06")
    history.add("case.handoff_objected", "2025-03-07", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
    assert [one.certainty for one in history.findings(OBJECTIONS, END)] == ["suspect"]
