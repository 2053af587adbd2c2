"""XF-ACC-007: received, registered, and only then worked on."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History, at

CHECK = "XF-ACC-007"
END = "2025-12-31"


def stamped(received: str, kind: str = "arrival_stamp", stamp: str = "2025-03-07") -> History:
    history = History()
    history.received(received, receipt_evidence={"kind": kind, "at": at(stamp)})
    return history


def said(history: History, day: str = END) -> list[tuple[str, str, str]]:
    return [(one.reason, one.result, one.certainty) for one in history.findings(CHECK, day)]


@pytest.mark.parametrize(("received", "hits"), [("2025-03-10", 0), ("2025-03-11", 1)])
def test_receipt_may_be_entered_on_the_working_day_after_the_arrival_stamp_and_not_later(
    received: str, hits: int
) -> None:
    assert said(stamped(received)) == [("a_receipt", "hit", "probable")] * hits


@pytest.mark.parametrize(("received", "hits"), [("2025-02-05", 0), ("2025-02-06", 1)])
def test_the_spring_festival_lies_between_stamp_and_entry_without_counting(received: str, hits: int) -> None:
    assert len(said(stamped(received, stamp="2025-01-27"))) == hits


def test_a_postmark_is_the_day_of_sending_and_no_evidence_is_no_lateness() -> None:
    assert said(stamped("2025-03-31", "postmark")) == []
    history = History()
    history.received("2025-03-31")
    assert said(history) == []


def test_a_stamp_without_a_recorded_day_of_receipt_cannot_be_told() -> None:
    history = History()
    evidence = {"kind": "visit_log", "at": at("2025-03-07")}
    history.received("2025-03-31", received_at=None, receipt_evidence=evidence, imported="sha256:old")
    assert said(history) == [("a_receipt", "cannot_tell", "suspect")]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.opinion_issued", {"document": DOCUMENT, "result": "explained", "legal_basis": [], "signed_by": "S-9"}),
        ("case.mediation_agreed", {"agreement": DOCUMENT, "both_consent": True}),
        ("case.hearing_opened", {"hearing": "ref:t"}),
        ("case.investigated", {"method": "visit", "attendees": ["S-9"], "record": DOCUMENT}),
    ],
)
def test_each_kind_of_work_before_registration_is_found(name: str, data: dict[str, object]) -> None:
    for worked, hits in (("2025-03-04", 1), ("2025-03-05T09:00", 1), ("2025-03-05T11:00", 0)):
        history = History()
        history.received("2025-03-03")
        history.add(name, worked, **data)  # type: ignore[arg-type]
        history.add("case.registered", "2025-03-05", content_class="land")
        assert said(history) == [("b_worked", "hit", "probable")] * hits


def test_the_hour_decides_nothing_where_only_the_day_is_known() -> None:
    history = History()
    history.received("2025-03-03")
    history.add("case.mediation_agreed", "2025-03-05T09:00", agreement=DOCUMENT, both_consent=True, precision="day")
    history.add("case.registered", "2025-03-05", content_class="land")
    assert said(history) == []


def test_hearing_the_petitioner_before_registration_and_work_on_an_unregistered_case_are_not_this_finding() -> None:
    heard = History()
    heard.received("2025-03-03")
    heard.add("case.facts_heard", "2025-03-03", attendees=["S-9"], record=DOCUMENT)
    heard.add("case.registered", "2025-03-05", content_class="land")
    assert said(heard) == []
    unregistered = History()
    unregistered.received("2025-03-03")
    unregistered.opinion("2025-03-04")
    assert said(unregistered) == []


def test_a_corrected_registration_is_computed_both_ways_and_an_early_receipt_cannot_be_told() -> None:
    history = History()
    history.received("2025-03-03")
    registered = history.add("case.registered", "2025-03-10", content_class="land")
    history.opinion("2025-03-05")
    history.corrected(registered, "/time", at("2025-03-10"), at("2025-03-04"), "2025-03-11")
    assert said(history) == [("b_worked", "hit", "suspect")]
    assert said(stamped("2022-03-31", stamp="2022-03-01")) == [("a_receipt", "cannot_tell", "suspect")]
