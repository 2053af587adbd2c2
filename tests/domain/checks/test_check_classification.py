"""XF-CLS-006: purpose and route are recorded soon after registration."""

from __future__ import annotations

from tests.support.history import DOCUMENT, History

CHECK = "XF-CLS-006"
END = "2025-12-31"


def registered(day: str = "2025-03-03") -> History:
    """Registered on March 3: fifteen days end on March 18."""
    history = History()
    history.received("2025-03-03")
    history.add("case.registered", day, content_class="land")
    return history


def test_no_purpose_is_found_the_day_after_the_fifteenth() -> None:
    assert registered().findings(CHECK, "2025-03-18") == []
    (finding,) = registered().findings(CHECK, "2025-03-19")
    assert (finding.severity, finding.certainty, finding.open) == ("medium", "certain", True)
    assert finding.facts["not_recorded"] == "purpose"


def test_a_class_on_the_due_day_is_in_time_and_one_day_later_is_late() -> None:
    for day, hits in (("2025-03-18", 0), ("2025-03-19", 1)):
        history = registered()
        history.claim(day)
        assert len(history.findings(CHECK, END)) == hits


def test_a_claim_without_a_route_is_unclassified_and_a_suggestion_needs_none() -> None:
    claim = registered()
    claim.claim("2025-03-04", None)
    (finding,) = claim.findings(CHECK, END)
    assert finding.facts["not_recorded"] == "route"
    suggestion = registered()
    suggestion.add("case.routed", "2025-03-04", purpose="suggestion")
    assert suggestion.findings(CHECK, END) == []


def test_the_fifteenth_day_rolls_and_the_number_is_a_parameter() -> None:
    history = registered("2025-03-07")
    history.claim("2025-03-24")
    assert history.findings(CHECK, END) == []
    (finding,) = history.findings(CHECK, END, parameters={CHECK: {"days": 10}})
    assert str(finding.facts["due_on"]) == "2025-03-17"


def test_a_case_that_stopped_in_time_or_was_never_registered_needs_no_class() -> None:
    stopped = registered()
    stopped.add("case.withdrawn", "2025-03-10", document=DOCUMENT, via="letter")
    assert stopped.findings(CHECK, END) == []
    unregistered = History()
    unregistered.received("2025-03-03")
    assert unregistered.findings(CHECK, END) == []


def test_before_the_regulation_nobody_can_tell() -> None:
    history = History()
    history.received("2022-03-03")
    history.add("case.registered", "2022-03-03", content_class="land")
    assert [one.result for one in history.findings(CHECK, END)] == ["cannot_tell"]
