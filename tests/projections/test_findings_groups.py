"""Groups over several subjects: matters, files, and what many subjects give to one month, unit or document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Finding, GroupKind, Text, Verdict
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.groups import (
    Contribution,
    Gathered,
    GatheringCheck,
    Joined,
    gathering,
    staff_month,
    unit_month,
    unit_quarter,
    unit_year,
)
from tests.support.history import CASE, GRANT, History

SECOND = "XF500229-2025-000002"
THIRD = "XF500229-2025-000003"
SAYS = Text("记录显示：测试。", "The record shows: a test.")


class Together(Check):
    """Tells which subjects it was given."""

    id = "XF-TST-002"
    title = ALL_CHECKS[0].title
    basis = ALL_CHECKS[0].basis
    clauses = ALL_CHECKS[0].clauses[:1]

    def __init__(self, kind: GroupKind) -> None:
        self.kinds = (kind,)  # type: ignore[misc]

    def verdicts(self, facts: Joined, context: Context) -> Iterator[Verdict]:
        acts = facts.all("case.received", "grant.applied")
        yield Verdict(
            reason=self.clauses[0].reason,
            sentence=SAYS,
            event_ids=tuple(act.id for _, act in acts),
            facts={"cases": list(facts.cases), "grants": list(facts.grants)},
        )


class ReceiptsOfTheMonth(GatheringCheck):
    """Counts the receipts of each unit and month."""

    id = "XF-TST-003"
    title = ALL_CHECKS[0].title
    basis = ALL_CHECKS[0].basis
    clauses = ALL_CHECKS[0].clauses[:1]
    kinds = ("unit-month",)
    reads = ("case",)
    triggers = frozenset({"case.received"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        for act in facts.all("case.received"):
            yield Contribution(unit_month(str(act.unit), act.day), facts.subject, (act.id,), act.day)

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        yield Verdict(
            reason=self.clauses[0].reason,
            sentence=SAYS,
            item=facts.parts[1],
            event_ids=tuple(one for member in facts.members for one in member.event_ids),
            facts={"count": len(facts.members)},
        )


def matter_of_three() -> History:
    """Three cases of one matter (a repeat, a merge), a grant on one of them, and a case of its own."""
    history = History()
    for subject in (CASE, SECOND, THIRD, "XF500229-2025-000009"):
        history.received("2025-03-03", subject=subject)
    history.add("case.registered", "2025-03-04", subject=THIRD, channel="letter", repeat_of=SECOND)
    history.add("case.merged", "2025-03-05", subject=CASE, into=THIRD)
    history.add("grant.applied", "2025-03-06", subject=GRANT, case=THIRD, fund="fund:ref:F", amount_fen=1)
    return history


def test_a_matter_is_all_cases_joined_in_any_direction_with_their_grants() -> None:
    run = matter_of_three().run("2025-06-30", checks=(Together("matter"),))
    assert [(one.subject, one.facts["cases"], one.facts["grants"]) for one in run] == [
        (CASE, [CASE, SECOND, THIRD], [GRANT]),
        ("XF500229-2025-000009", ["XF500229-2025-000009"], []),
    ]


def test_a_file_is_one_case_with_its_grants() -> None:
    run = matter_of_three().run("2025-06-30", checks=(Together("file"),))
    assert [(one.subject, one.facts["grants"]) for one in run] == [
        (CASE, []), (SECOND, []), (THIRD, [GRANT]), ("XF500229-2025-000009", []),
    ]  # fmt: skip


def test_cases_are_not_yet_joined_before_the_day_that_joined_them() -> None:
    run = matter_of_three().run("2025-03-04", checks=(Together("matter"),))
    assert [one.facts["cases"] for one in run] == [[CASE], [SECOND, THIRD], ["XF500229-2025-000009"]]


def test_what_subjects_give_to_a_group_is_judged_once_over_all_of_them() -> None:
    history = matter_of_three()
    history.received("2025-04-01", subject="XF500229-2025-000010", unit="MZJ")
    run = history.run("2025-06-30", checks=(ReceiptsOfTheMonth(),))
    assert [(one.subject, one.item, one.facts["count"]) for one in run] == [
        ("unit:MZJ", "2025-04", 1), ("unit:XF", "2025-03", 4),
    ]  # fmt: skip


def test_a_gathering_reads_corrected_facts_and_tells_the_first_reading_apart() -> None:
    history = History()
    event_id = history.received("2025-03-03")
    first, now = "2025-03-03T10:00:00+08:00", "2025-04-03T10:00:00+08:00"
    history.corrected(event_id, "/received_at", first, now, "2025-04-04")
    run = history.run("2025-06-30", checks=(ReceiptsOfTheMonth(),))
    assert [(one.item, one.certainty, one.facts["late_only_by"]) for one in run] == [
        ("2025-03", "suspect", "first value"), ("2025-04", "suspect", "corrected value"),
    ]  # fmt: skip


def test_a_group_that_holds_an_event_nobody_knows_cannot_be_told() -> None:
    history = matter_of_three()
    strange = history.add("case.teleported", "2025-03-07", subject=SECOND)
    for check in (Together("matter"), ReceiptsOfTheMonth()):
        run = history.run("2025-06-30", checks=(check,))
        unsure = [one for one in run if one.result == "cannot_tell"]
        assert [one.event_ids for one in unsure] == [(strange,)]


def test_asking_for_one_subject_still_sees_what_it_is_joined_with() -> None:
    history = matter_of_three()
    run = history.run("2025-06-30", checks=(Together("matter"),), subjects=[CASE])
    assert [one.facts["cases"] for one in run] == [[CASE, SECOND, THIRD]]


def test_groups_are_named_by_their_parts() -> None:
    day = date(2025, 3, 31)
    assert staff_month("S-1", day).id == "S-1|2025-03"
    assert unit_quarter("MZJ", day).id == "MZJ|2025-Q1"
    assert unit_quarter("MZJ", date(2025, 4, 1)).id == "MZJ|2025-Q2"
    assert unit_year("MZJ", day).id == "MZJ|2025"
    assert gathering("document", "sha256:ab", 2025) == ("document", "sha256:ab|2025")
