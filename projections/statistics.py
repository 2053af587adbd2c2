"""Answers questions for figures: reads only the needed types, case by case, and gives every figure with its members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from domain.asof import AsOf
from domain.checks.base import Group, group_of
from domain.checks.context import CONTEXT_TYPES, Context, context_of
from domain.checks.facts import Facts, facts_from
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


def figures(source: LedgerSource, question: Question, rules: Sequence[FigureRule] | None = None) -> Iterator[Figure]:
    """The figures asked for, in the order of the catalogue, each dimension in turn; or those of `rules`.

    A figure without dimensions is always given, even when it counts nothing. Memory grows with the
    members, not with the ledger. ValueError for an unknown figure name.
    """
    yield from _figures(source, question, rules, lambda _, __, ___: (question,))


def figures_by_month(
    source: LedgerSource, question: Question, rules: Sequence[FigureRule] | None = None
) -> Iterator[Figure]:
    """The same figures for every calendar month of the question's period, from one pass over the events.

    A month's members equal those that a question about that month alone gives; what lies outside a month is not
    listed under it, and a month in which a figure counts nothing and leaves nothing out is passed over. Months at
    the ends are cut to the period.
    """

    def months(rule: FigureRule, facts: Facts, context: Context) -> list[Question]:
        asked = [_Spy(question.from_on, question.until_on, question.as_of, answer=answer) for answer in (True, False)]
        for spy in asked:
            for _ in rule.contributions(facts, context, spy):
                continue
        days = {day for spy in asked for day in spy.days if question.covers(day)}
        return [_month(question, year, month) for year, month in sorted({(day.year, day.month) for day in days})]

    yield from _figures(source, question, rules, months)


class _Spy(Question):
    """A question that notes which days a rule asks for, and gives the same answer to all of them."""

    def __init__(self, from_on: date, until_on: date, as_of: AsOf, *, answer: bool) -> None:
        super().__init__(from_on, until_on, as_of)
        object.__setattr__(self, "days", [])
        object.__setattr__(self, "answer", answer)

    days: list[date]
    answer: bool

    def covers(self, day: date) -> bool:
        """Notes the day."""
        self.days.append(day)
        return self.answer


def _month(question: Question, year: int, month: int) -> Question:
    first = date(year, month, 1)
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return replace(question, from_on=max(first, question.from_on), until_on=min(last, question.until_on))


_Periods = Callable[[FigureRule, Facts, Context], Iterable[Question]]


def _figures(
    source: LedgerSource, question: Question, given: Sequence[FigureRule] | None, periods: _Periods
) -> Iterator[Figure]:
    """One pass for all figures; `periods` says for which periods a group is counted."""
    rules = rules_asked(question) if given is None else tuple(given)
    size = size_of(source, question.as_of)
    as_of = AsOf(question.as_of.clock, question.as_of.instant, size)
    types = stored_types(frozenset[str]().union(*(rule.definition.types for rule in rules)))
    context, groups = (_streamed if len(types) <= STREAMED_TYPES_MAX else _surveyed)(source, as_of, size, rules, types)
    tally = Tally(question, rules, periods)
    for group, rows in groups:
        facts = facts_from(group, rows, as_of)
        if facts is not None:
            tally.take(facts, context)
    yield from tally.figures(as_of, context)


class Tally:
    """The figures of a question while groups are counted, whoever reads them."""

    def __init__(
        self, question: Question, rules: Sequence[FigureRule] | None = None, periods: _Periods | None = None
    ) -> None:
        self._rules = rules_asked(question) if rules is None else tuple(rules)
        self._periods = periods or (lambda _, __, ___: (question,))
        self._buckets: list[dict[Question, dict[tuple[str, ...], _Bucket]]] = [{question: {}} for _ in self._rules]

    def take(self, facts: Facts, context: Context) -> None:
        """Count one group."""
        for rule, bucket in zip(self._rules, self._buckets, strict=True):
            if rule.definition.group == facts.group.kind:
                for period in self._periods(rule, facts, context):
                    for one in contributions_of(rule, facts, context, period):
                        _put(bucket.setdefault(period, {}), one)

    def figures(self, as_of: AsOf, context: Context) -> Iterator[Figure]:
        """What was counted, figure by figure."""
        for rule, bucket in zip(self._rules, self._buckets, strict=True):
            for period in sorted(bucket, key=lambda one: (one.from_on, one.until_on)):
                if bucket[period] or len(bucket) == 1:
                    yield from _written(rule, bucket[period], replace(period, as_of=as_of), context)


def point_of_view(source: LedgerSource, question: Question) -> tuple[Question, Context]:
    """The question with the ledger size that it looks at, and what every group is judged against."""
    size = size_of(source, question.as_of)
    as_of = AsOf(question.as_of.clock, question.as_of.instant, size)
    needed = stored_types(CONTEXT_TYPES)
    events = [(event.position, decode(event.raw)) for event in source.read(until=size, types=needed)]
    context = context_of(events, as_of, today_of(source, as_of, size) or date.min)
    return replace(question, as_of=as_of), context


def contributions_of(rule: FigureRule, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
    """What one group gives to a figure, as the figure counts it."""
    for one in rule.contributions(facts, context, question):
        yield _unsure(one) if facts.unknown and rule.definition.kind == "rate" else one


def rules_asked(question: Question) -> tuple[FigureRule, ...]:
    """The rules of the figures that a question names, or all; ValueError for an unknown name."""
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
            context.today if context.today > date.min else None,
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
        "Without `--as-of` open clocks are judged by the day of the ledger's last recording, whose end `as_of` then names.",
        "`members_digest` is the SHA-256 of the RFC 8785 form of `members`, without the `case`, `fund` and `ref` beside them.",
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
