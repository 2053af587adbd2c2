"""The runner: order, bytes, clocks, failures, unknown events, and subjects asked for."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Verdict
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.groups import GatheringCheck
from projections.findings import run_checks
from tests.support.history import CASE, FUND, GRANT, History, MemorySource, asked

WITHOUT_THE_RECORD = tuple(check for check in ALL_CHECKS if check.id != "XF-INT-001")
OFFICE = tuple(check for check in ALL_CHECKS if check.id == "XF-ACC-001")


def messy() -> History:
    """Two cases with something to find and a fund that overspends."""
    history = History()
    for number in (1, 2):
        subject = f"XF500229-2025-{number:06d}"
        history.received("2025-03-03", subject=subject)
        history.handed("2025-03-25", "MZJ", f"ref:h{number}", subject=subject, mode="assign", feedback_required=True)
        history.took("2025-03-26", "MZJ", f"ref:h{number}", subject=subject)
    history.add("fund.opened", "2025-01-02", subject=FUND, year=2025, opening_balance_fen=0, rules={"tiers": []})
    history.add("grant.applied", "2025-03-03", subject=GRANT, fund=FUND, case=CASE, amount_fen=1, applicant_unit="MZJ")
    history.add("grant.paid", "2025-03-04", subject=GRANT, payment="ref:p", amount_fen=1)
    history.add("fund.paid", "2025-03-04", subject=FUND, grant=GRANT, payment="ref:p", amount_fen=1)
    return history


def test_the_head_says_size_day_clock_and_the_parameters_of_the_run() -> None:
    history = messy()
    run = history.run("2025-06-30")
    assert run.head["size"] == len(history.events)
    assert run.head["as_of"] == "2025-06-30T23:59:59.999999+08:00"
    assert run.head["clock"] == "happened"
    assert run.head["parameters"]["XF-HND-002"] == {"b_workdays": 10, "version": "default"}
    assert next(run.lines()) == {"head": run.head}


def test_findings_come_ordered_by_check_subject_reason_and_item() -> None:
    run = messy().run("2025-06-30")
    orders = [one.order for one in run]
    assert orders == sorted(orders)
    assert len({one.fingerprint for one in run}) == len(run.findings)
    assert {one.check for one in run} >= {
        "XF-ACC-001",
        "XF-ACC-002",
        "XF-HND-006",
        "XF-FND-001",
        "XF-FND-004",
        "XF-FND-006",
    }


def test_every_finding_has_evidence_that_lies_in_the_ledger_and_a_sentence_in_both_languages() -> None:
    history = messy()
    known = {event["id"] for event in history.events}
    for finding in history.run("2025-06-30"):
        told = finding.to_json()
        assert set(told["event_ids"]) <= known
        assert told["event_ids"]
        assert told["sentence"]["zh"].startswith(("记录显示", "无法判断"))
        assert told["sentence"]["en"].startswith(("The record shows", "Cannot tell"))
        assert set(told) >= {
            "check", "version", "subject", "related", "result", "severity", "certainty", "reason", "fingerprint", "facts",
            "open", "event_ids", "sentence",
        }  # fmt: skip


def test_the_same_events_and_question_give_the_same_bytes() -> None:
    one, other = messy().run("2025-06-30").to_bytes(), messy().run("2025-06-30").to_bytes()
    assert one == other
    assert all(json.loads(line) for line in one.splitlines())


def test_interleaving_the_subjects_differently_changes_no_finding_on_the_happened_clock() -> None:
    history = messy()
    stored = history.stored()
    expected = [one.to_json() for one in run_checks(MemorySource(stored), asked("2025-06-30"), WITHOUT_THE_RECORD)]
    shuffler = random.Random(20250303)
    for _ in range(5):
        queues: dict[str, list[Any]] = {}
        for event in stored:
            queues.setdefault(event.subject, []).append(event)
        mixed: list[Any] = []
        while queues:
            subject = shuffler.choice(sorted(queues))
            mixed.append(queues[subject].pop(0)._replace(position=len(mixed) + 1))
            if not queues[subject]:
                del queues[subject]
        found = run_checks(MemorySource(mixed), asked("2025-06-30"), WITHOUT_THE_RECORD)
        assert [one.to_json() for one in found] == expected


def test_asking_for_one_subject_gives_its_findings_of_the_full_run() -> None:
    history = messy()
    full = history.run("2025-06-30")
    for subject in (CASE, GRANT, FUND):
        part = history.run("2025-06-30", subjects=[subject])
        assert [one.to_json() for one in part] == [one.to_json() for one in full if one.is_about((subject,))]


class Raising(Check):
    """A check that cannot cope."""

    id = "XF-TST-001"
    title = ALL_CHECKS[0].title
    basis = ALL_CHECKS[0].basis
    clauses = ALL_CHECKS[0].clauses
    kinds = ("case",)

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        yield from self._broken(facts)

    def _broken(self, facts: Facts) -> Iterator[Verdict]:
        raise RuntimeError(f"nothing known of {facts.subject}")


def test_a_check_that_raises_is_told_with_its_group_and_the_others_go_on() -> None:
    history = messy()
    run = history.run("2025-06-30", checks=(Raising(), *ALL_CHECKS))
    assert [(one.check, one.group.id) for one in run.failures] == [
        ("XF-TST-001", CASE), ("XF-TST-001", "XF500229-2025-000002"),
    ]  # fmt: skip
    assert [one.to_json() for one in run] == [one.to_json() for one in history.run("2025-06-30")]
    assert list(run.lines())[-1]["failed"]["error"].startswith("RuntimeError: nothing known")


def test_bytes_that_no_check_can_read_fail_the_checks_of_that_group_only() -> None:
    history = messy()
    event = history.add("case.closed", "2025-04-01", ground="withdrawn")
    history.events[-1]["time"] = "yesterday"
    run = history.run("2025-06-30")
    assert event
    assert {one.group.id for one in run.failures} == {CASE}
    assert any(one.subject == "XF500229-2025-000002" for one in run)


def test_an_event_type_or_version_that_nobody_knows_makes_every_check_of_the_group_unsure() -> None:
    for name, version in (("case.teleported", 1), ("case.accepted", 2)):
        history = messy()
        strange = history.add(name, "2025-03-04", version=version)
        of_the_case = [one for one in history.run("2025-06-30") if one.subject == CASE]
        assert {one.result for one in of_the_case} == {"cannot_tell"}
        assert {one.check for one in of_the_case} == {
            check.id for check in ALL_CHECKS if {"case", "file", "matter"} & set(check.kinds)
        }
        assert all(one.event_ids == (strange,) for one in of_the_case)


def test_an_older_ledger_size_does_not_see_what_came_later() -> None:
    history = History()
    history.received("2025-03-03")
    size = len(history.events)
    history.handed("2025-03-10")
    question = asked("2025-03-31")
    at_size = type(question)(question.clock, question.instant, size)
    assert [one.check for one in run_checks(history.source(), at_size, OFFICE).hits] == ["XF-ACC-001"]
    assert run_checks(history.source(), question, OFFICE).hits == []


def test_without_a_day_the_question_is_asked_on_the_day_of_the_last_recording() -> None:
    history = History()
    history.received("2025-03-03", recorded="2025-03-18T15:59:59.000000Z")
    assert history.run(checks=OFFICE).hits == []
    history.add("ledger.key_rotated", "2025-03-19", subject="ledger", recorded="2025-03-18T16:00:00.000000Z")
    run = history.run(checks=OFFICE)
    assert run.head["as_of"] == "2025-03-19T23:59:59.999999+08:00"
    assert [one.check for one in run.hits] == ["XF-ACC-001"]


def test_an_empty_ledger_has_nothing_to_find() -> None:
    run = run_checks(MemorySource([]))
    assert (run.findings, run.failures, run.head["size"]) == ([], [], 0)


def test_foreign_history_without_registers_gives_no_certain_finding() -> None:
    history = History(units=False, calendars=False)
    history.received("2025-03-03", unit="NYPD", channel=None, anonymous=None, people_count=None)
    history.handed("2025-03-04", "DOT", "ref:1", feedback_required=None, mode=None)
    history.took("2025-03-05", "DOT", "ref:1")
    history.handed("2025-03-06", "HPD", "ref:2", feedback_required=None, mode=None)
    history.took("2025-03-07", "HPD", "ref:2")
    history.handed("2025-03-08", "DEP", "ref:3", feedback_required=None, mode=None)
    history.took("2025-03-09", "DEP", "ref:3")
    history.add("case.closed", "2025-09-09", ground="answered_directly")
    run = history.run("2026-06-30")
    assert {one.check for one in run if one.result == "cannot_tell"} >= {"XF-ACC-002", "XF-DDL-001", "XF-HND-006"}
    assert {one.certainty for one in run} <= {"suspect", "probable"}
    assert {(one.check, one.reason) for one in run.hits} == {("XF-ACC-006", "a_usual")}


def test_a_case_whose_dates_make_no_sense_breaks_nothing() -> None:
    history = History()
    history.received("2025-03-03", received_at="1948-01-01T00:00:00+08:00")
    history.add("case.closed", "1900-01-01T00:00:00+08:00", ground="opinion_delivered")
    history.opinion("9999-12-30T00:00:00+08:00")
    history.claim("1949-01-01")
    history.accepted("1950-01-01")
    run = history.run("2025-06-30")
    assert run.failures == []
    assert {one.result for one in run} == {"cannot_tell"}


def test_keys_name_the_groups_that_an_event_touches() -> None:
    history = messy()
    by_subject = {event["subject"]: event for event in history.events}
    for check in ALL_CHECKS:
        for subject, kind in ((CASE, "case"), (GRANT, "grant"), (FUND, "fund"), ("unit:MZJ", "none")):
            groups = check.keys(by_subject[subject])
            concerned = check.reads if isinstance(check, GatheringCheck) else check.kinds
            assert [group.kind for group in groups] == ([kind] if kind in concerned else [])
