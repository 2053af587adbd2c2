"""Answers questions for figures: reads only the needed types, case by case, and gives every figure with its members."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from domain.asof import AsOf
from domain.checks.base import Group, group_of
from domain.checks.context import CONTEXT_TYPES, Context, context_of
from domain.checks.facts import facts_of
from domain.event import decode
from projections.figure import Contribution, Excluded, Figure, FigureRule, Member, Question
from projections.figures_cases import (
    CasesReceivedByChannel,
    OnTimeClosure,
    TimelyAcceptanceOffice,
    TimelyAcceptanceUnits,
)
from projections.figures_handoffs import HandoffsByUnit, HoldersAtLeast3, LateFeedbackByUnit, ReturningChains
from projections.figures_money import SumsPaidByFundAndMonth
from projections.ledger_source import (
    READABLE,
    LedgerSource,
    Row,
    in_batches,
    read_with_unknown,
    size_of,
    stored_types,
    today_of,
)

ALL_FIGURES: tuple[FigureRule, ...] = (
    CasesReceivedByChannel(),
    TimelyAcceptanceOffice(),
    TimelyAcceptanceUnits(),
    OnTimeClosure(),
    HandoffsByUnit(),
    LateFeedbackByUnit(),
    HoldersAtLeast3(),
    ReturningChains(),
    SumsPaidByFundAndMonth(),
)

FIRST_TYPES = {"case": "petition.case.received.v1", "fund": "petition.fund.opened.v1"}

STREAMED_TYPES_MAX = 12
"""Up to so many event types a figure is counted from one stream, kept by subject; beyond, subjects are read apart."""

_Bucket = tuple[list[Member], list[Excluded]]


def figures(source: LedgerSource, question: Question) -> Iterator[Figure]:
    """The figures asked for, in the order of the catalogue, each dimension in turn.

    A figure without dimensions is always given, even when it counts nothing. Memory grows with the
    members, not with the ledger. ValueError for an unknown figure name.
    """
    rules = _asked_for(question)
    size = size_of(source, question.as_of)
    as_of = AsOf(question.as_of.clock, question.as_of.instant, size)
    question = Question(question.from_on, question.until_on, as_of, question.names)
    types = stored_types(frozenset[str]().union(*(rule.definition.types for rule in rules)))
    context, groups = (_streamed if len(types) <= STREAMED_TYPES_MAX else _surveyed)(source, as_of, size, rules, types)
    buckets: list[dict[tuple[str, ...], _Bucket]] = [{} for _ in rules]
    for group, rows in groups:
        facts = facts_of(group, ((row[0], decode(row[4])) for row in rows), as_of)
        if facts is None:
            continue
        for rule, bucket in zip(rules, buckets, strict=True):
            if rule.definition.group == group.kind:
                for one in rule.contributions(facts, context, question):
                    _put(bucket, _unsure(one) if facts.unknown and rule.definition.kind == "rate" else one)
    for rule, bucket in zip(rules, buckets, strict=True):
        yield from _written(rule, bucket, question, context)


def _asked_for(question: Question) -> tuple[FigureRule, ...]:
    if question.names is None:
        return ALL_FIGURES
    known = {rule.definition.id for rule in ALL_FIGURES}
    unknown = sorted(set(question.names) - known)
    if unknown:
        raise ValueError(f"no such figure: {', '.join(unknown)}")
    return tuple(rule for rule in ALL_FIGURES if rule.definition.id in question.names)


_Groups = Iterator[tuple[Group, Sequence[Row]]]


def _surveyed(
    source: LedgerSource, as_of: AsOf, size: int, rules: tuple[FigureRule, ...], types: frozenset[str]
) -> tuple[Context, _Groups]:
    """The context from one pass, then the groups that the figures need, read many at a time in their own order."""
    first, needed = _first_types(rules), stored_types(CONTEXT_TYPES)
    context_events = []
    subjects: set[str] = set()
    for event in source.read(until=size, types=first | needed):
        if event.type in needed:
            context_events.append((event.position, decode(event.raw)))
        if event.type in first:
            subjects.add(event.subject)

    def groups() -> _Groups:
        for batch in in_batches(source, ([subject] for subject in sorted(subjects)), size):
            for subject, rows in batch.items():
                group = group_of(subject)
                if group is not None:
                    yield group, [row for row in rows if row[3] in types or row[3] not in READABLE]

    return context_of(context_events, as_of, today_of(source, as_of, size) or date.min), groups()


def _streamed(
    source: LedgerSource, as_of: AsOf, size: int, rules: tuple[FigureRule, ...], types: frozenset[str]
) -> tuple[Context, _Groups]:
    """Context and groups from one pass, where the figures need so few types that their events can be kept."""
    first, needed = _first_types(rules), stored_types(CONTEXT_TYPES)
    context_events = []
    kept: dict[str, list[Row]] = {}
    begun: set[str] = set()
    for row in read_with_unknown(source, types | first | needed, size):
        if row[3] in needed:
            context_events.append((row[0], decode(row[4])))
        if row[3] in first:
            begun.add(row[1])
        if row[3] in types or row[3] not in READABLE:
            kept.setdefault(row[1], []).append(row)

    def groups() -> _Groups:
        for subject in sorted(begun):
            group = group_of(subject)
            if group is not None:
                yield group, kept.pop(subject, [])

    return context_of(context_events, as_of, today_of(source, as_of, size) or date.min), groups()


def _first_types(rules: tuple[FigureRule, ...]) -> frozenset[str]:
    return stored_types({FIRST_TYPES[rule.definition.group] for rule in rules})


def _unsure(one: Contribution) -> Contribution:
    """In a rate, a group with events of an unknown type cannot be told to be in time."""
    if isinstance(one.entry, Member):
        return replace(one, entry=replace(one.entry, status="cannot_tell"))
    return one


def _put(bucket: dict[tuple[str, ...], _Bucket], one: Contribution) -> None:
    members, excluded = bucket.setdefault(one.dimensions, ([], []))
    if isinstance(one.entry, Member):
        members.append(one.entry)
    else:
        excluded.append(one.entry)


def _written(
    rule: FigureRule, bucket: dict[tuple[str, ...], _Bucket], question: Question, context: Context
) -> Iterator[Figure]:
    definition = rule.definition
    if not definition.dimensions:
        bucket.setdefault((), ([], []))
    calendar = ""
    if definition.kind == "rate":
        calendar = context.calendar.version(question.from_on, question.until_on)
    for dimensions in sorted(bucket):
        members, excluded = bucket[dimensions]
        yield Figure(
            definition,
            question,
            dict(zip(definition.dimensions, dimensions, strict=True)),
            tuple(sorted(members, key=lambda one: one.order)),
            tuple(sorted(excluded, key=lambda one: (one.subject, one.item))),
            calendar,
        )


def render_catalogue() -> str:
    """The definitions of all figures as one document, ending with a newline."""
    lines = [
        "# 统计指标目录 · The figures",
        "",
        "Generated from `projections/statistics.py`; a test holds the two equal. 由代码生成，与代码保持一致。",
        "",
        "A figure is the length (or the sum) of a list that can be opened: every member names its subject and its events,",
        "and whatever was left out is listed with the reason. 每个数字都是一份可打开的名单。",
        "",
        "| figure | version | 名称 | title | unit | kind | by | better |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for rule in ALL_FIGURES:
        one = rule.definition
        cells = (
            f"`{one.id}`", str(one.version), one.title.zh, one.title.en, one.unit, one.kind,
            ", ".join(one.dimensions) or "–", one.better or "–",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    for rule in ALL_FIGURES:
        one = rule.definition
        lines += ["", f"## {one.id}", "", f"{one.says.zh}。", "", f"{one.says.en[0].upper()}{one.says.en[1:]}."]
    return "\n".join(lines) + "\n"
