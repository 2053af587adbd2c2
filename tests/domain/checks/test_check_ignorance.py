"""XF-INT-004: a fact that is missing again and again."""

from __future__ import annotations

from domain.checks import ALL_CHECKS
from domain.checks.base import Finding
from tests.support.history import History

CHECK = "XF-INT-004"
END = "2025-12-31"
MISSING = "XF-HND-006/whether feedback was required"


def cases(count: int, unsaid: int, unit: str = "MZJ") -> History:
    """Cases accepted by a unit; of some nobody said whether feedback was required."""
    history = History()
    for index in range(count):
        subject = f"XF500229-2025-{index + 1:06d}"
        history.received("2025-03-03", subject=subject)
        history.add("case.registered", "2025-03-03T11:00", subject=subject, content_class="land")
        required = None if index < unsaid else False
        history.handed("2025-03-04", unit, subject=subject, feedback_required=required)
        history.accepted("2025-03-06", unit, subject=subject)
    return history


def found(history: History, day: str = END, **parameters: int) -> list[Finding]:
    run = history.run(day, checks=ALL_CHECKS, parameters={CHECK: parameters} if parameters else None)
    assert run.failures == []
    return [one for one in run if one.check == CHECK and one.item.startswith("XF-HND-006")]


def test_over_a_fifth_of_ten_subjects_for_the_same_missing_fact_is_suspect_of_the_unit() -> None:
    (finding,) = found(cases(10, 3))
    assert (finding.subject, finding.item, finding.severity, finding.certainty) == (
        "unit:MZJ", MISSING, "medium", "suspect",
    )  # fmt: skip
    assert (finding.facts["subjects"], finding.facts["cannot_tell"], len(finding.related)) == (10, 3, 3)


def test_exactly_a_fifth_or_fewer_than_ten_subjects_say_nothing() -> None:
    assert found(cases(10, 2)) == []
    assert found(cases(9, 9)) == []


def test_another_unit_and_another_fact_are_not_added_up() -> None:
    history = cases(10, 2)
    for index in range(10):
        subject = f"XF500229-2025-{index + 101:06d}"
        history.received("2025-03-03", subject=subject)
        history.handed("2025-03-04", "JSW", subject=subject, feedback_required=None if index < 2 else False)
        history.accepted("2025-03-06", "JSW", subject=subject)
    assert found(history) == []
    undated = cases(10, 2)
    subject = "XF500229-2025-000010"
    undated.handed("2025-03-05", "JSW", "ref:h2", subject=subject, feedback_required=True)
    assert found(undated) == []


def test_a_case_nobody_accepted_counts_for_the_unit_that_received_it() -> None:
    history = History()
    for index in range(10):
        subject = f"XF500229-2025-{index + 1:06d}"
        history.received("2025-03-03", subject=subject)
        history.handed("2025-03-04", subject=subject, feedback_required=None)
    assert [one.subject for one in found(history)] == ["unit:XF"]


def test_what_only_the_discipline_may_see_is_not_counted() -> None:
    history = History()
    for index in range(10):
        subject = f"XF500229-2025-{index + 1:06d}"
        history.received("2025-03-03", subject=subject, restricted=True, accusation_of="hmac:x")
        history.handed("2025-03-04", subject=subject)
    run = history.run(END)
    assert len([one for one in run if one.check == "XF-CLS-001" and one.result == "cannot_tell"]) == 10
    assert [one for one in run if one.check == CHECK and one.item.startswith("XF-CLS-001")] == []


def test_share_and_number_are_parameters() -> None:
    assert found(cases(10, 3), percent=30) == []
    assert len(found(cases(5, 2), min_n=5)) == 1
