"""XF-DDL-003: an extension although nobody inquired into anything."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History

CHECK = "XF-DDL-003"


def extended(*inquiries: tuple[str, str], day: str = "2025-05-06") -> History:
    history = History()
    history.received("2025-03-03")
    history.claim("2025-03-04")
    history.accepted("2025-03-10")
    for name, moment in inquiries:
        history.add(name, moment, by=("S-1", "MZJ", "handler"), record=DOCUMENT, attendees=["S-1"], hearing="ref:t")
    history.add("case.extension_approved", day, days=20, approved_by="S-9", approver_role="head", reason="complex")
    return history


def test_an_extension_of_a_matter_nobody_looked_into_is_suspect() -> None:
    (finding,) = extended().findings(CHECK, "2025-12-31")
    assert (finding.reason, finding.severity, finding.certainty, finding.item) == (
        "not_inquired",
        "medium",
        "suspect",
        "1",
    )


@pytest.mark.parametrize("name", ["case.facts_heard", "case.investigated", "case.hearing_opened"])
def test_any_inquiry_from_acceptance_to_approval_is_enough_and_one_a_day_outside_is_not(name: str) -> None:
    for day, hits in (("2025-03-09", 1), ("2025-03-10", 0), ("2025-05-06", 0), ("2025-05-07", 1)):
        assert len(extended((name, day)).findings(CHECK, "2025-12-31")) == hits


def test_a_second_extension_rests_on_the_inquiry_of_the_first() -> None:
    history = extended(("case.facts_heard", "2025-04-01"))
    history.add("case.extension_approved", "2025-05-07", days=5, approved_by="S-9", approver_role="head", reason="x")
    assert history.findings(CHECK, "2025-12-31") == []


def test_without_an_acceptance_there_is_no_extension_to_judge() -> None:
    history = History()
    history.received("2025-03-03")
    history.add("case.extension_approved", "2025-05-07", days=5, approved_by="S-9", approver_role="head", reason="x")
    assert history.findings(CHECK, "2025-12-31") == []
