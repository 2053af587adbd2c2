"""XF-FLD-001, XF-FLD-002 and XF-OPN-003: unlike cases merged, visits taken apart, opinions copied."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.checks.test_check_secrecy import tag
from tests.support.history import CASE, DOCUMENT, History

MERGED, SPLIT, COPIED = "XF-FLD-001", "XF-FLD-002", "XF-OPN-003"
END = "2025-12-31"
OTHER = "XF500229-2025-000002"
Said = list[tuple[str, str, str]]


def said(history: History, check: str, **changes: Any) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, END, **changes)]


def petition(history: History, subject: str, **changes: Any) -> History:
    """One registered petition of class housing in region 500229 about XZ."""
    content_class = changes.pop("content_class", "housing")
    data = {"region": "500229", "about_units": ["XZ"], **changes}
    history.received("2025-03-03", subject=subject, **data)
    history.add("case.registered", "2025-03-04", subject=subject, content_class=content_class)
    return history


def merged(
    attestation: str | None = None, imported: str | None = None, day: str = "2025-03-10", **changes: Any
) -> History:
    """A second petition, which differs in `changes`, merged into the first."""
    history = petition(petition(History(), CASE), OTHER, **changes)
    history.add("case.merged", day, subject=OTHER, into=CASE, attestation=attestation, imported=imported)
    return history


@pytest.mark.parametrize(
    ("changes", "differing"),
    [
        ({}, None),
        ({"content_class": "land"}, ["content_class"]),
        ({"region": "500230"}, ["region"]),
        ({"about_units": ["MZJ"]}, ["about_units"]),
        ({"about_units": ["XZ", "MZJ"]}, ["about_units"]),
        ({"about_units": []}, None),
        ({"content_class": "land", "region": "500230"}, ["content_class", "region"]),
    ],
)
def test_merging_into_an_unlike_case_needs_an_attestation(changes: dict[str, Any], differing: list[str] | None) -> None:
    found = merged(**changes).findings(MERGED, END)
    assert [(one.subject, one.related, one.facts["differing"]) for one in found] == (
        [(OTHER, (CASE,), differing)] if differing else []
    )
    assert all((one.reason, one.severity, one.certainty) == ("a_unlike", "high", "suspect") for one in found)
    assert merged(DOCUMENT, **changes).findings(MERGED, END) == []


def test_merging_into_a_closed_case_is_found_even_when_attested() -> None:
    for day, reopened, hits in (("2025-03-06", False, 1), ("2025-03-11", False, 0), ("2025-03-06", True, 0)):
        history = petition(petition(History(), CASE), OTHER)
        history.add("case.closed", day, subject=CASE, ground="mediated")
        if reopened:
            history.add("case.reopened", "2025-03-08", subject=CASE, reason="new facts")
        history.add("case.merged", "2025-03-10", subject=OTHER, into=CASE, attestation=DOCUMENT)
        assert said(history, MERGED) == [("b_closed", "hit", "suspect")] * hits


def test_what_was_left_out_of_imported_history_cannot_be_told() -> None:
    untold = [("a_unlike", "cannot_tell", "suspect")]
    assert said(merged(imported="f", content_class="land"), MERGED) == untold
    assert said(merged(region=None), MERGED) == untold
    assert said(merged(about_units=None, imported="f"), MERGED) == []
    lost = petition(History(), OTHER)
    lost.add("case.merged", "2025-03-10", subject=OTHER, into=CASE)
    assert said(lost, MERGED) == untold


def test_restricted_cases_are_compared_only_with_the_key() -> None:
    tagged = {"restricted": True, "about_units": [tag("about_units", "MZJ")]}
    for changes, with_key in (
        ({**tagged, "content_class": tag("content_class", "housing")}, ["about_units"]),
        ({**tagged, "about_units": [tag("about_units", "XZ")], "content_class": tag("content_class", "housing")}, None),
    ):
        assert said(merged(**changes), MERGED) == [("a_unlike", "cannot_tell", "suspect")]
        found = merged(**changes).findings(MERGED, END, tagger=tag)
        assert [one.facts["differing"] for one in found] == ([with_key] if with_key else [])


def test_a_region_needs_no_key() -> None:
    found = merged(restricted=True, region="500230").findings(MERGED, END)
    assert [(one.result, one.facts["differing"]) for one in found] == [("hit", ["region"])]


def visits(*people: int | None, registrar: str = "S-001", **changes: Any) -> History:
    return more_visits(History(), 1, *people, registrar=registrar, **changes)


def more_visits(
    history: History,
    first: int,
    *people: int | None,
    registrar: str | None = "S-001",
    day: str = "2025-03-03",
    **changes: Any,
) -> History:
    content_class = changes.pop("content_class", "housing")
    imported = changes.pop("imported", None)
    for number, count in enumerate(people, start=first):
        subject = f"XF500229-2025-{number:06d}"
        data = {"channel": "visit", "about_units": ["XZ"], "people_count": count, **changes}
        history.add("case.received", day, subject=subject, by=(registrar, "XF", "registrar"), imported=imported, **data)
        history.add("case.registered", day, subject=subject, content_class=content_class)
    return history


@pytest.mark.parametrize(
    ("people", "hits"), [((2, 2, 1), 3), ((2, 1, 1), 0), ((4, 4), 0), ((5, 2, 2), 0), ((4, 4, 4, 4), 4), ((1,) * 5, 5)]
)
def test_three_small_visits_with_five_people_together_are_a_suspicion(people: tuple[int, ...], hits: int) -> None:
    found = visits(*people).findings(SPLIT, END)
    assert len(found) == hits
    assert all((one.reason, one.certainty, len(one.related)) == ("split", "suspect", hits - 1) for one in found)


@pytest.mark.parametrize(
    "apart",
    [
        {"registrar": "S-002"},
        {"day": "2025-03-04"},
        {"content_class": "land"},
        {"about_units": ["MZJ"]},
        {"about_units": []},
        {"channel": "letter"},
    ],
)
def test_visits_that_differ_in_anything_are_not_one(apart: dict[str, Any]) -> None:
    assert more_visits(visits(2, 2), 3, 2, **apart).findings(SPLIT, END) == []
    assert len(more_visits(visits(2, 2), 3, 2).findings(SPLIT, END)) == 3


def test_visits_that_complain_of_nobody_are_alike() -> None:
    assert len(visits(2, 2, 1, about_units=None).findings(SPLIT, END)) == 3


@pytest.mark.parametrize(
    "lost", [{"people": None}, {"about_units": None}, {"registrar": None}, {"content_class": None}]
)
def test_three_visits_of_which_something_is_unknown_cannot_be_told(lost: dict[str, Any]) -> None:
    people = (None, None, None) if "people" in lost else (2, 2, 2)
    rest = {name: value for name, value in lost.items() if name != "people"}
    history = more_visits(History(), 1, *people, imported="f", **rest)
    assert {one.result for one in history.findings(SPLIT, END)} == {"cannot_tell"}


def test_a_visit_that_is_not_registered_yet_is_not_counted() -> None:
    history = visits(2, 2)
    history.received("2025-03-03", subject="XF500229-2025-000003", channel="visit", people_count=2, about_units=["XZ"])
    assert history.findings(SPLIT, END) == []


def test_restricted_visits_need_the_key() -> None:
    changes = {
        "restricted": True,
        "about_units": [tag("about_units", "XZ")],
        "content_class": tag("content_class", "c"),
    }
    assert {one.result for one in visits(2, 2, 2, **changes).findings(SPLIT, END)} == {"cannot_tell"}
    with_key = visits(2, 2, 2, **changes).findings(SPLIT, END, tagger=tag)
    assert [one.result for one in with_key] == ["hit"] * 3
    mixed = more_visits(visits(2, 2, **changes), 3, 2, content_class="c")
    assert [one.result for one in mixed.findings(SPLIT, END, tagger=tag)] == ["hit"] * 3


def opinions(*days: str, document: str = DOCUMENT) -> History:
    history = History()
    for number, day in enumerate(days, start=1):
        subject = f"XF500229-2025-{number:06d}"
        history.received("2025-03-03", subject=subject)
        history.add("case.opinion_issued", day, subject=subject, document=document, result="explained")
    return history


def test_one_document_in_three_unrelated_matters_of_a_year_is_a_suspicion() -> None:
    assert opinions("2025-04-01", "2025-04-02").findings(COPIED, END) == []
    found = opinions("2025-04-01", "2025-04-02", "2025-12-31").findings(COPIED, END)
    assert [(one.reason, one.certainty, one.facts["matters"]) for one in found] == [("same_document", "suspect", 3)] * 3
    assert [len(one.related) for one in found] == [2, 2, 2]


def test_the_same_matter_another_year_or_another_document_does_not_count() -> None:
    joined = opinions("2025-04-01", "2025-04-02", "2025-04-03")
    joined.add("case.merged", "2025-04-04", subject=OTHER, into=CASE)
    assert joined.findings(COPIED, END) == []
    assert opinions("2025-04-01", "2025-04-02", "2026-01-01").findings(COPIED, "2026-12-31") == []
    other = opinions("2025-04-01", "2025-04-02")
    other.received("2025-03-03", subject="XF500229-2025-000003")
    other.add("case.opinion_issued", "2025-04-03", subject="XF500229-2025-000003", document="sha256:" + "cd" * 32)
    assert other.findings(COPIED, END) == []


def test_one_case_that_gets_its_opinion_three_times_is_one_matter() -> None:
    history = History()
    history.received("2025-03-03")
    for day in ("2025-04-01", "2025-04-02", "2025-04-03"):
        history.opinion(day)
    assert history.findings(COPIED, END) == []


def test_what_was_received_before_the_regulation_cannot_be_judged_by_it() -> None:
    early = more_visits(History(), 1, 2, 2, 2, day="2022-04-30")
    assert [one.result for one in early.findings(SPLIT, END)] == ["cannot_tell"] * 3
    assert [one.result for one in more_visits(History(), 1, 2, 2, 2, day="2022-05-01").findings(SPLIT, END)] == [
        "hit"
    ] * 3
    copied = opinions("2025-04-01", "2025-04-02")
    copied.received("2022-04-30", subject="XF500229-2025-000003")
    copied.add("case.opinion_issued", "2025-04-03", subject="XF500229-2025-000003", document=DOCUMENT)
    assert [one.result for one in copied.findings(COPIED, END)] == ["cannot_tell"] * 3
