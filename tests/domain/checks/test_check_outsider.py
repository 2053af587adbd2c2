"""XF-HND-007: only units to which the case came work on it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT, History

CHECK = "XF-HND-007"
END = "2025-12-31"

WORK: list[tuple[str, dict[str, Any]]] = [
    ("case.accepted", {}),
    ("case.facts_heard", {"attendees": ["S-1"], "record": DOCUMENT}),
    ("case.investigated", {"method": "visit", "attendees": ["S-1"], "record": DOCUMENT}),
    ("case.hearing_opened", {"hearing": "ref:t"}),
    ("case.extension_approved", {"days": 5, "approved_by": "S-9", "approver_role": "head", "reason": "x"}),
    ("case.mediation_agreed", {"agreement": DOCUMENT, "both_consent": True}),
    ("case.opinion_issued", {"document": DOCUMENT, "result": "supported", "legal_basis": ["x"], "signed_by": "S-9"}),
    ("case.opinion_delivered", {"delivery": "hand", "signed": True}),
    ("case.opinion_executed", {"done": True}),
]


def handed() -> History:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-05")
    history.took("2025-03-06")
    return history


def said(history: History, day: str = END) -> list[tuple[str, str, str]]:
    return [(one.item, one.result, one.certainty) for one in history.findings(CHECK, day)]


@pytest.mark.parametrize(("name", "data"), WORK)
def test_each_kind_of_work_by_a_unit_that_never_received_the_case_is_found(name: str, data: dict[str, Any]) -> None:
    for unit, hits in (("JSW", 1), ("MZJ", 0), ("XF", 0)):
        history = handed()
        history.add(name, "2025-03-10", by=("S-1", unit, "handler"), **data)
        assert said(history) == [("JSW", "hit", "probable")] * hits


def test_one_hop_short_an_offer_that_was_not_received_is_no_receipt() -> None:
    history = handed()
    history.handed("2025-03-07", "JSW", "ref:h2")
    history.accepted("2025-03-10", "JSW")
    assert said(history) == [("JSW", "hit", "probable")]
    history.took("2025-03-11", "JSW", "ref:h2")
    assert said(history) == []


def test_notices_reports_and_ratings_of_other_units_are_no_handling() -> None:
    history = handed()
    history.notified("2025-03-10", "JSW")
    history.add(
        "case.measure_taken", "2025-03-10", by=("S-1", "JSW", "clerk"), measure="ref:m", kind="care_plan", unit="JSW"
    )
    assert said(history) == []


def test_a_unit_decided_competent_an_executing_unit_a_review_body_and_an_entrusted_deliverer_are_there_rightly() -> (
    None
):
    competent = handed()
    competent.add("case.competence_decided", "2025-03-07", unit="JSW", decided_by="GOV")
    competent.accepted("2025-03-10", "JSW")
    executing = handed()
    executing.opinion("2025-04-01", executing_unit="JSW")
    executing.add("case.opinion_executed", "2025-05-01", by=("S-1", "JSW", "handler"), done=True)
    reviewing = handed()
    reviewing.add("case.review_requested", "2025-05-01", stage="re_review", body="GOV")
    reviewing.add("case.hearing_opened", "2025-05-10", by=("S-1", "GOV", "reviewer"), hearing="ref:t")
    entrusted = handed()
    entrusted.add("case.opinion_delivered", "2025-05-01", by=("S-1", "XZ", "clerk"), delivery="entrusted", signed=True)
    for history in (competent, executing, reviewing, entrusted):
        assert said(history) == []


def test_a_unit_that_is_not_known_cannot_be_told() -> None:
    nameless = handed()
    nameless.add("case.accepted", "2025-03-10", by=(None, None, None), imported="sha256:old")
    assert said(nameless) == [("unit", "cannot_tell", "suspect")]
    nobody = History()
    nobody.received("2025-03-03", unit=None)
    nobody.accepted("2025-03-10", "XF")
    assert said(nobody) == [("receiver", "cannot_tell", "suspect")]


def test_one_unit_is_one_finding_with_all_its_acts_as_evidence_and_early_receipts_cannot_be_told() -> None:
    history = handed()
    history.accepted("2025-03-10", "JSW")
    history.opinion("2025-04-01", "JSW")
    (finding,) = history.findings(CHECK, END)
    assert (finding.facts["acts"], len(finding.event_ids)) == (2, 2)
    early = History()
    early.received("2022-04-01")
    early.accepted("2022-04-02", "JSW")
    assert said(early) == [("JSW", "cannot_tell", "suspect")]
