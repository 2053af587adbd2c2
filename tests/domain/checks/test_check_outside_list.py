"""XF-REC-001: what other systems list, and what the door, the telephone and the web counted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, History

CHECK = "XF-REC-001"
END = "2025-12-31"
OTHER = "XF500229-2025-000002"


def listed(numbers: Any, *, history: History | None = None, until_on: str = "2025-06-30", **data: Any) -> History:
    """The national system's list of the first half year."""
    history = history or History()
    history.add(
        "register.external_list_declared", "2025-07-02", subject="ledger", by=("S-1", "XF", "clerk"), system="national",
        from_on="2025-01-01", until_on=until_on, count=1, numbers=numbers, **data,
    )  # fmt: skip
    return history


def holding(
    number: str | None, day: str = "2025-03-03", subject: str = CASE, history: History | None = None
) -> History:
    history = history or History()
    history.received(day, subject=subject, external_numbers=None if number is None else {"national": number})
    return history


def said(history: History, day: str = END) -> list[tuple[str, str, str, str]]:
    return [(one.subject, one.reason, one.item, one.result) for one in history.findings(CHECK, day)]


def test_numbers_that_agree_are_silent() -> None:
    assert said(listed(["N1"], history=holding("N1"))) == []


def test_a_listed_number_without_a_case_is_probable_even_where_the_ledger_is_empty() -> None:
    history = listed(["N1", "N2"], history=holding("N1"))
    assert said(history) == [("ledger", "absent_here", "N2", "hit")]
    (finding,) = history.findings(CHECK, END)
    assert (finding.severity, finding.certainty) == ("high", "probable")
    assert said(listed(["N1"])) == [("ledger", "absent_here", "N1", "hit")]


@pytest.mark.parametrize(("day", "hits"), [("2024-12-31", 0), ("2025-01-01", 1), ("2025-06-30", 1), ("2025-07-01", 0)])
def test_a_case_is_expected_on_the_list_that_covers_its_receipt(day: str, hits: int) -> None:
    history = listed([], history=holding("N1", day))
    assert said(history) == [(CASE, "absent_there", "national", "hit")] * hits


def test_a_case_with_another_systems_number_or_none_is_not_expected() -> None:
    none = listed([], history=holding(None))
    other = History()
    other.received("2025-03-03", external_numbers={"hotline": "N1"})
    for history in (none, listed([], history=other)):
        assert said(history) == []


def test_a_number_here_of_a_case_outside_the_period_is_here_all_the_same() -> None:
    assert said(listed(["N1"], history=holding("N1", "2024-12-31"))) == []


def test_a_list_given_as_a_document_cannot_be_told() -> None:
    assert said(listed(DOCUMENT)) == [("ledger", "absent_here", "national/2025-01-01/2025-06-30", "cannot_tell")]


def test_a_list_in_parts_is_one_list_and_a_missing_part_leaves_the_reverse_unknown() -> None:
    history = listed(["N1"], history=holding("N2"), part=1, parts=2)
    assert said(history) == [
        (CASE, "absent_there", "national", "cannot_tell"), ("ledger", "absent_here", "N1", "hit"),
    ]  # fmt: skip
    listed(["N2"], history=history, part=2, parts=2)
    assert said(history) == [("ledger", "absent_here", "N1", "hit")]


def test_a_list_counts_once_its_last_day_has_come() -> None:
    history = listed(["N1"])
    assert said(history, "2025-06-29") == []
    assert len(said(history, "2025-06-30")) == 1


def logged(count: int, receipts: int, other: int | None = 1, unit: str = "XF") -> History:
    """The call desk's log of March 3."""
    history = History()
    for index in range(receipts):
        history.received("2025-03-03", subject=f"XF500229-2025-{index + 1:06d}", channel="call")
    history.add(
        "register.channel_log_declared", "2025-03-04", subject="ledger", by=("S-1", unit, "clerk"), channel="call",
        unit=unit, on="2025-03-03", count=count, not_petitions=other,
    )  # fmt: skip
    return history


@pytest.mark.parametrize(("count", "hits"), [(3, 0), (4, 1)])
def test_a_log_may_count_receipts_and_declared_non_petitions_and_no_more(count: int, hits: int) -> None:
    assert said(logged(count, 2)) == [("ledger", "channel_log", "call/2025-03-03", "hit")] * hits


def test_a_log_of_a_day_without_any_receipt_is_compared_too() -> None:
    assert said(logged(2, 0)) == [("ledger", "channel_log", "call/2025-03-03", "hit")]
    assert said(logged(1, 0)) == []


def test_receipts_of_another_day_channel_or_unit_do_not_fill_a_log() -> None:
    history = logged(2, 0)
    history.received("2025-03-04", channel="call")
    history.received("2025-03-03", channel="visit", subject=OTHER)
    history.received("2025-03-03", channel="call", unit="MZJ", subject="XF500229-2025-000003")
    assert len(said(history)) == 1


def test_an_unknown_count_of_non_petitions_cannot_be_told_only_where_it_matters() -> None:
    assert said(logged(3, 2, None)) == [("ledger", "channel_log", "call/2025-03-03", "cannot_tell")]
    assert said(logged(2, 2, None)) == []


def test_logs_of_two_units_are_told_apart_and_a_corrected_log_declared_again_replaces_itself() -> None:
    history = logged(2, 0)
    more = {
        "subject": "ledger",
        "by": ("S-1", "MZJ", "clerk"),
        "channel": "call",
        "on": "2025-03-03",
        "not_petitions": 0,
    }
    history.add("register.channel_log_declared", "2025-03-04", unit="MZJ", count=1, **more)  # type: ignore[arg-type]
    assert [item for _, _, item, _ in said(history)] == ["call/2025-03-03/MZJ", "call/2025-03-03/XF"]
    history.add("register.channel_log_declared", "2025-03-05", unit="MZJ", count=0, **more)  # type: ignore[arg-type]
    assert [item for _, _, item, _ in said(history)] == ["call/2025-03-03/XF"]


def test_without_lists_and_logs_there_is_nothing_to_compare() -> None:
    assert said(holding("N1")) == []
