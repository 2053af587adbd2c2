"""XF-ACC-008 and XF-DDL-007: patterns of a unit's months."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT, History, at

EVIDENCE = "XF-ACC-008"
BUNCHED = "XF-DDL-007"
END = "2025-12-31"


def number(index: int) -> str:
    return f"XF500229-2025-{index:06d}"


def receipts(count: int, without: int, imported: str | None = None, month: str = "2025-03") -> History:
    history = History()
    for index in range(count):
        proof = None if index < without else {"kind": "postmark", "at": at(f"{month}-03")}
        history.received(f"{month}-04", subject=number(index + 1), receipt_evidence=proof, imported=imported)
    return history


def said(history: History, check: str, **changes: Any) -> list[tuple[str, str, str]]:
    return [(one.subject, one.item, one.result) for one in history.findings(check, END, **changes)]


@pytest.mark.parametrize(("count", "without", "hits"), [(10, 3, 1), (10, 2, 0), (9, 9, 0), (15, 3, 0), (14, 3, 1)])
def test_over_a_fifth_of_ten_receipts_without_evidence_is_suspect(count: int, without: int, hits: int) -> None:
    history = receipts(count, without)
    assert said(history, EVIDENCE) == [("unit:XF", "2025-03", "hit")] * hits
    if hits:
        (finding,) = history.findings(EVIDENCE, END)
        assert (finding.certainty, finding.facts["without_evidence"]) == ("suspect", without)


def test_absent_evidence_in_imported_history_is_unknown_and_cannot_be_told() -> None:
    assert said(receipts(10, 3, "sha256:old"), EVIDENCE) == [("unit:XF", "2025-03", "cannot_tell")]
    assert said(receipts(10, 2, "sha256:old"), EVIDENCE) == []


def test_two_months_or_two_units_are_not_added_up() -> None:
    months = receipts(6, 6)
    for index in range(6):
        months.received("2025-04-04", subject=number(50 + index))
    assert said(months, EVIDENCE) == []
    units = receipts(6, 6)
    for index in range(6):
        units.received("2025-03-04", subject=number(50 + index), unit="MZJ")
    assert said(units, EVIDENCE) == []


def test_receipts_before_the_regulation_cannot_be_told_and_the_numbers_are_parameters() -> None:
    assert said(receipts(10, 3, month="2022-03"), EVIDENCE) == [("unit:XF", "2022-03", "cannot_tell")]
    assert said(receipts(5, 2), EVIDENCE, parameters={EVIDENCE: {"min_n": 5}}) == [("unit:XF", "2025-03", "hit")]
    assert said(receipts(10, 3), EVIDENCE, parameters={EVIDENCE: {"percent": 30}}) == []


class Months(History):
    """Opinions of one unit, month by month."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def answers(self, day: str, count: int, name: str = "case.opinion_issued") -> None:
        for _ in range(count):
            self.count += 1
            data = {"ground": "mediated"} if name == "case.closed" else {"document": DOCUMENT, "result": "explained"}
            self.add(name, day, subject=number(self.count), by=("S-1", "MZJ", "handler"), **data)  # type: ignore[arg-type]


def months(*last: tuple[str, int, int], name: str = "case.opinion_issued") -> Months:
    """(day in the last days of a month, opinions on it, opinions earlier in the month)."""
    history = Months()
    for day, bunched, earlier in last:
        history.answers(day, bunched, name)
        history.answers(f"{day[:7]}-10", earlier, name)
    return history


def test_two_of_three_successive_months_make_a_pattern() -> None:
    pattern = [("unit:MZJ", "2025-03", "hit")]
    assert said(months(("2025-03-31", 4, 6), ("2025-04-30", 4, 6)), BUNCHED) == pattern
    assert said(months(("2025-03-31", 4, 6), ("2025-05-30", 4, 6)), BUNCHED) == pattern
    assert said(months(("2025-03-31", 4, 6), ("2025-06-30", 4, 6)), BUNCHED) == []
    assert said(months(("2025-03-31", 4, 6)), BUNCHED) == []


@pytest.mark.parametrize(("bunched", "earlier", "hits"), [(4, 6, 1), (4, 7, 0), (4, 5, 0), (9, 0, 0), (10, 0, 1)])
def test_forty_percent_of_at_least_ten_count(bunched: int, earlier: int, hits: int) -> None:
    history = months(("2025-03-31", 4, 6), ("2025-04-30", bunched, earlier))
    assert len(said(history, BUNCHED)) == hits


@pytest.mark.parametrize(("day", "hits"), [("2025-09-29", 1), ("2025-09-28", 0)])
def test_the_last_two_working_days_follow_the_declared_calendar(day: str, hits: int) -> None:
    assert len(said(months(("2025-08-29", 4, 6), (day, 4, 6)), BUNCHED)) == hits


def test_a_make_up_sunday_is_one_of_the_last_two_working_days() -> None:
    assert len(said(months(("2025-03-31", 4, 6), ("2025-04-29", 4, 6)), BUNCHED)) == 1
    assert len(said(months(("2025-01-26", 4, 6), ("2025-02-28", 4, 6)), BUNCHED)) == 1  # New Year's Eve is January 28


def test_months_across_a_year_end_and_a_leap_day_are_successive() -> None:
    history = months(("2025-12-31", 4, 6), ("2026-01-30", 4, 6))
    assert [one.item for one in history.findings(BUNCHED, "2026-03-31")] == ["2025-12"]
    early = months(("2022-03-31", 4, 6), ("2022-04-29", 4, 6))
    assert said(early, BUNCHED) == [("unit:MZJ", "2022-03", "cannot_tell")]
    leap = months(("2024-01-31", 4, 6), ("2024-02-29", 4, 6))
    assert [one.item for one in leap.findings(BUNCHED, END)] == ["2024-01"]


def test_closings_stand_in_where_opinions_are_too_few_and_another_unit_counts_alone() -> None:
    assert len(said(months(("2025-03-31", 4, 6), ("2025-04-30", 4, 6), name="case.closed"), BUNCHED)) == 1
    mixed = months(("2025-03-31", 4, 6), ("2025-04-30", 4, 6), name="case.closed")
    mixed.answers("2025-04-10", 10)
    assert said(mixed, BUNCHED) == []


def test_a_longer_run_is_one_finding_of_low_severity_and_the_share_is_a_parameter() -> None:
    history = months(("2025-03-31", 4, 6), ("2025-04-30", 4, 6), ("2025-06-30", 5, 5))
    (finding,) = history.findings(BUNCHED, END)
    assert (finding.severity, finding.certainty) == ("low", "suspect")
    assert finding.facts["months"] == {"2025-03": "4/10", "2025-04": "4/10", "2025-06": "5/10"}
    assert said(history, BUNCHED, parameters={BUNCHED: {"percent": 51}}) == []
