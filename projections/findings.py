"""Runs the checks over a source: group by group in bounded memory, in a stable order, failures told and not hidden."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.asof import AsOf, instant_asked
from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Finding, Group, group_of
from domain.checks.context import Context, Tagger, context_of
from domain.checks.facts import Facts, facts_from
from domain.checks.record import RecordIsWhole
from domain.checks.record_reader import LeafSource, RecordReader
from domain.event import canonical
from projections.gatherings import Gatherings
from projections.ledger_source import LedgerSource, Row, row_of, size_of, today_of
from projections.panel import Failure, Judgement, Panel
from projections.survey import Survey, is_hidden, survey

Overrides = Mapping[str, Mapping[str, int]]
ReadFacts = Callable[[Group, Sequence[Row], Context], Facts | None]
"""Makes the facts of one group; one that serves others beside the checks hands on what it decoded."""


def facts_of_rows(group: Group, stored: Sequence[Row], context: Context) -> Facts | None:
    """A group's facts, in one step from the bytes."""
    return facts_from(group, stored, context.as_of)


@dataclass(slots=True)
class CheckRun:
    """One run: its head, its findings ordered by check, subject, reason and item, and what failed."""

    head: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def hits(self) -> list[Finding]:
        """The findings that say something is there, without those that cannot tell."""
        return [one for one in self.findings if one.result == "hit"]

    def lines(self) -> Iterator[dict[str, Any]]:
        """The output as JSON objects: head, findings, failures."""
        yield {"head": self.head}
        for finding in self.findings:
            yield finding.to_json()
        for failure in self.failures:
            yield failure.to_json()

    def to_bytes(self) -> bytes:
        """The output as JSON Lines; equal events and question give equal bytes."""
        return b"".join(canonical(line) + b"\n" for line in self.lines())


def run_checks(
    source: LedgerSource,
    as_of: AsOf | None = None,
    checks: Sequence[Check] = ALL_CHECKS,
    subjects: Collection[str] | None = None,
    tagger: Tagger | None = None,
    parameters: Overrides | None = None,
    leaves: LeafSource | None = None,
    read: ReadFacts = facts_of_rows,
) -> CheckRun:
    """Judge every group, or only what is about some subjects or names them, as the question sees the ledger.

    Without an instant the question is asked on the day of the last recording. ValueError where
    `parameters` names a number that no check has. `read` makes a group's facts out of its stored events.
    """
    as_of = as_of or AsOf()
    size = size_of(source, as_of)
    as_of = AsOf(as_of.clock, as_of.instant, size)
    today = today_of(source, as_of, size) or date.min
    reader = next((check.reader(leaves, source.head()) for check in checks if isinstance(check, RecordIsWhole)), None)
    whole = subjects is None or "ledger" in subjects
    found = survey(source, as_of, size, reader if whole else None, keeps=subjects is None)
    context = context_of(
        found.context_events, as_of, today,
        tag=tagger, overrides=parameters, checks=checks, matters=found.matters.roots(),
    )  # fmt: skip
    run = CheckRun(head_of(as_of, today, context, checks))
    if reader is not None:
        run.findings += _of_the_record(source, reader, as_of, size, context, subjects)
    panel = Panel(checks, context)
    wanted = found.subjects
    if subjects is not None and not panel.gathering_by_id:
        wanted = _needed(found, subjects)
    judgement, gatherings = Judgement(), Gatherings()
    for together in found.read(source, wanted, size):
        judge_matter(together, panel, judgement, read)
        gatherings.take(judgement.given)
        judgement.given.clear()
    gatherings.judge(panel, judgement)
    run.findings += judgement.findings if subjects is None else _about(judgement.findings, subjects)
    run.failures += judgement.failures
    run.findings.sort(key=lambda one: one.order)
    return run


def _about(findings: list[Finding], subjects: Collection[str]) -> list[Finding]:
    wanted = frozenset(subjects)
    return [one for one in findings if one.is_about(wanted)]


def _needed(found: Survey, subjects: Collection[str]) -> set[str]:
    """What must be read to judge some subjects by themselves: their matters, and the funds that may name a grant."""
    if any(one.startswith("fund:") for one in subjects):
        return found.subjects
    matters = found.matters
    asked = {matters.root(matters.case_of.get(one, one)) for one in subjects}
    return {
        one for one in found.subjects if matters.root(matters.case_of.get(one, one)) in asked or one.startswith("fund:")
    }


def _of_the_record(
    source: LedgerSource,
    reader: RecordReader,
    as_of: AsOf,
    size: int,
    context: Context,
    subjects: Collection[str] | None,
) -> list[Finding]:
    """The findings about the record itself; of some subjects alone, only their own sequences are looked at."""
    if subjects is None:
        return reader.findings(context)
    if "ledger" not in subjects:
        for subject in sorted(set(subjects)):
            for event in source.read_subject(subject, size):
                if not is_hidden(event.raw, as_of):
                    reader.take_of_subject(row_of(event))
    return reader.findings(context, frozenset(subjects))


def judge_matter(
    subjects: Mapping[str, list[Row]], panel: Panel, out: Judgement, read: ReadFacts = facts_of_rows
) -> None:
    """Judge each of these subjects by itself, each case with its grants, and all of them as one matter."""
    facts_by_subject: dict[str, Facts] = {}
    for subject, stored in subjects.items():
        group = group_of(subject)
        if group is None:
            continue
        try:
            facts = read(group, stored, panel.context)
        except Exception as error:  # noqa: BLE001 - told as a failure of every check of the group, the run goes on
            out.failures += panel.failed(group, error)
            continue
        if facts is not None:
            panel.judge_subject(facts, out)
            facts_by_subject[subject] = facts
    if panel.joins and facts_by_subject:
        _judge_together(facts_by_subject, panel, out)


def _judge_together(facts_by_subject: Mapping[str, Facts], panel: Panel, out: Judgement) -> None:
    files: dict[str, list[Facts]] = {}
    for facts in facts_by_subject.values():
        case = case_of(facts)
        if case is not None:
            files.setdefault(case, []).append(facts)
    for case, parts in files.items():
        panel.judge_joined(Group("file", case), parts, out)
    if files:
        root = panel.context.matter(next(iter(files)))
        panel.judge_joined(Group("matter", root), [facts for parts in files.values() for facts in parts], out)


def case_of(facts: Facts) -> str | None:
    """The case that a subject belongs to: itself, or the case of a grant; None of a fund."""
    if facts.group.kind == "case":
        return facts.subject
    applied = facts.one("grant.applied")
    return None if applied is None else applied.get("case")


def head_of(as_of: AsOf, today: date, context: Context, checks: Sequence[Check]) -> dict[str, Any]:
    numbers = {
        check.id: {
            **{parameter.name: context.parameters.get(check, parameter.name) for parameter in check.parameters},
            "version": context.parameters.version(check.id),
        }
        for check in checks
        if check.parameters
    }
    return {
        "size": as_of.size,
        "as_of": instant_asked(as_of.instant, today) if as_of.instant or today > date.min else None,
        "clock": as_of.clock,
        "parameters": numbers,
    }
