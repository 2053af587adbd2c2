"""XF-CLS-005: a complaint does not go to the unit complained of, and classes do not shift at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, History

CHECK = "XF-CLS-005"
END = "2025-12-31"


def tag(field: str, value: str) -> str:
    return f"hmac:{field}/{value}"


def complaint(about: str = "MZJ", purpose: str | None = "claim", **data: Any) -> History:
    history = History()
    history.received("2025-03-03", about_units=[about], **data)
    if purpose is not None:
        history.add("case.routed", "2025-03-04", purpose=purpose)
    history.handed("2025-03-05", "MZJ")
    return history


def said(history: History, **changes: Any) -> list[tuple[str, str, str]]:
    return [(one.reason, one.result, one.subject) for one in history.findings(CHECK, END, **changes)]


def test_a_complaint_about_a_unit_that_went_to_it_is_suspect() -> None:
    (finding,) = complaint().findings(CHECK, END)
    assert (finding.reason, finding.subject, finding.severity, finding.certainty, finding.audience) == (
        "a_complained", CASE, "high", "suspect", "discipline",
    )  # fmt: skip
    assert finding.item == "ref:h1/MZJ"


def test_a_complaint_about_another_unit_one_about_nobody_and_an_accusation_are_not_this_finding() -> None:
    assert said(complaint("JSW")) == []
    nobody = History()
    nobody.received("2025-03-03")
    nobody.claim("2025-03-04")
    nobody.handed("2025-03-05")
    assert said(nobody) == []
    assert said(complaint(purpose="accusation")) == []
    assert said(complaint(accusation_of="other_illegality")) == []


def test_without_a_purpose_nobody_can_tell_a_complaint_from_an_accusation() -> None:
    assert said(complaint(purpose=None)) == [("a_complained", "cannot_tell", CASE)]


def test_tagged_units_need_the_key() -> None:
    history = complaint(tag("about_units", "MZJ"), restricted=True)
    assert said(history) == [("a_complained", "cannot_tell", CASE)]
    assert said(history, tagger=tag) == [("a_complained", "hit", CASE)]
    assert said(complaint(tag("about_units", "JSW"), restricted=True), tagger=tag) == []


def test_a_receipt_before_the_regulation_cannot_be_told() -> None:
    history = History()
    history.received("2022-04-01", about_units=["MZJ"])
    history.claim("2022-04-02")
    history.handed("2022-04-03")
    assert said(history) == [("a_complained", "cannot_tell", CASE)]


def years(before: tuple[int, int], now: tuple[int, int]) -> History:
    """(light, all) cases of 2024 and of 2025, classified by the office."""
    history = History()
    for year, (light, count) in ((2024, before), (2025, now)):
        for number in range(count):
            subject = f"XF500229-{year}-{number + 1:06d}"
            history.received(f"{year}-03-04", subject=subject)
            purpose = "consultation" if number < light else "claim"
            history.add("case.routed", f"{year}-03-05", subject=subject, purpose=purpose)
    return history


@pytest.mark.parametrize(
    ("before", "now", "hits"),
    [
        ((6, 30), (12, 30), 1),
        ((6, 30), (11, 30), 0),
        ((6, 29), (12, 30), 0),
        ((6, 30), (12, 29), 0),
        ((0, 30), (1, 30), 0),
        ((0, 30), (2, 30), 1),
        ((10, 40), (15, 30), 1),
    ],
)
def test_a_share_of_light_classes_that_doubles_is_told_of_the_unit(
    before: tuple[int, int], now: tuple[int, int], hits: int
) -> None:
    found = years(before, now).findings(CHECK, END)
    assert [(one.reason, one.subject, one.item, one.certainty) for one in found] == [
        ("b_share", "unit:XF", "2025", "suspect")
    ] * hits


def test_the_least_number_of_cases_is_a_parameter() -> None:
    assert said(years((1, 5), (4, 5)), parameters={CHECK: {"b_min_n": 5}}) == [("b_share", "hit", "unit:XF")]
