"""Runs the checks over a source: group by group in bounded memory, in a stable order, failures told and not hidden."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.asof import SHANGHAI, AsOf
from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Finding, Group, group_of
from domain.checks.context import CONTEXT_TYPES, Context, Tagger, context_of
from domain.checks.facts import facts_of
from domain.checks.record import LeafSource, Recorded, RecordIsWhole, RecordReader
from domain.event import canonical, decode
from projections.ledger_source import (
    LedgerSource,
    StoredEvent,
    known_by,
    read_group,
    read_stamp,
    size_of,
    stored_types,
    today_of,
)

Overrides = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that raised: which one, about which group, and what it said."""

    check: str
    group: Group
    error: str

    def to_json(self) -> dict[str, Any]:
        """One line of the output, told apart by its only key."""
        return {"failed": {"check": self.check, "kind": self.group.kind, "subject": self.group.id, "error": self.error}}


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
) -> CheckRun:
    """Judge every group, or those of some subjects, as the question sees the ledger.

    Without an instant the question is asked on the day of the last recording. ValueError where
    `parameters` names a number that no check has.
    """
    as_of = as_of or AsOf()
    size = size_of(source, as_of)
    as_of = AsOf(as_of.clock, as_of.instant, size)
    today = today_of(source, as_of, size) or date.min
    reader = next((check.reader(leaves) for check in checks if isinstance(check, RecordIsWhole)), None)
    survey = _survey(source, as_of, size, subjects, reader)
    context = context_of(survey.context_events, as_of, today, tag=tagger, overrides=parameters, checks=checks)
    run = CheckRun(_head(as_of, today, context, checks))
    run.failures += survey.failures
    if reader is not None:
        wanted = None if subjects is None else frozenset(subjects)
        run.findings += reader.findings(context, wanted)
    for subject in sorted(survey.subjects):
        _judge_subject(source, subject, checks, context, size, run)
    run.findings.sort(key=lambda one: one.order)
    return run


@dataclass(slots=True)
class _Survey:
    """What the first pass brings: who is there, and the events of the context."""

    subjects: set[str] = field(default_factory=set)
    context_events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def _survey(
    source: LedgerSource, as_of: AsOf, size: int, subjects: Collection[str] | None, reader: RecordReader | None
) -> _Survey:
    survey = _Survey()
    needed = stored_types(CONTEXT_TYPES)
    whole = subjects is None or "ledger" in subjects
    for event in source.read(until=size, types=None if whole else needed):
        if event.type in needed:
            survey.context_events.append((event.position, decode(event.raw)))
        if subjects is None and group_of(event.subject) is not None:
            survey.subjects.add(event.subject)
        if whole and reader is not None:
            _take(reader.take, event, as_of)
    if subjects is not None:
        survey.subjects = {subject for subject in subjects if group_of(subject) is not None}
        if reader is not None and not whole:
            for subject in sorted(set(subjects)):
                for event in source.read_subject(subject, size):
                    _take(reader.take_of_subject, event, as_of)
    return survey


def _take(take: Callable[[Recorded], None], event: StoredEvent, as_of: AsOf) -> None:
    stamp = read_stamp(event.raw)
    if known_by(as_of, stamp.recordedtime):
        take(
            Recorded(event.position, event.subject, event.sequence, event.type, stamp.id, stamp.recordedtime, event.raw)
        )


def _judge_subject(
    source: LedgerSource, subject: str, checks: Sequence[Check], context: Context, size: int, run: CheckRun
) -> None:
    group = group_of(subject)
    if group is None:
        return
    concerned = [check for check in checks if group.kind in check.kinds]
    try:
        facts = facts_of(group, read_group(source, subject, size), context.as_of)
    except Exception as error:  # noqa: BLE001 - told as a failure of every check of the group, the run goes on
        run.failures += [Failure(check.id, group, _told(error)) for check in concerned]
        return
    if facts is None:
        return
    for check in concerned:
        try:
            run.findings += check.judge(facts, context)
        except Exception as error:  # noqa: BLE001 - told as a failure with its group, the run goes on
            run.failures.append(Failure(check.id, group, _told(error)))


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _head(as_of: AsOf, today: date, context: Context, checks: Sequence[Check]) -> dict[str, Any]:
    instant = as_of.instant.astimezone(SHANGHAI).isoformat() if as_of.instant is not None else today.isoformat()
    numbers = {
        check.id: {
            **{parameter.name: context.parameters.get(check, parameter.name) for parameter in check.parameters},
            "version": context.parameters.version(check.id),
        }
        for check in checks
        if check.parameters
    }
    return {"size": as_of.size, "as_of": instant, "clock": as_of.clock, "parameters": numbers}
