"""One pass for many: rows of views, figures and the checks out of one reading, every event decoded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from consumers.follow import (
    UNREADABLE,
    UNTAKEABLE,
    Source,
    SourceEvent,
    StoppedAtEvent,
    decoded,
    field_of,
    stored_names,
)
from domain.asof import AsOf
from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Group, group_of
from domain.checks.context import Context, Tagger
from domain.checks.facts import Facts, facts_of
from domain.corrections import taken
from projections.figure import Figure, Question
from projections.findings import CheckRun, run_checks
from projections.fold import Event, Projection, Row, shaped
from projections.ledger_source import Row as StoredRow
from projections.ledger_source import size_of
from projections.statistics import FIRST_TYPES, Tally, point_of_view

GROUPED = ("petition.case.", "petition.grant.", "petition.fund.")
"""Types whose subjects are groups, and are read as such."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What one pass gave: the checks' run, the figures of each question, each view's rows, and how much was read."""

    checks: CheckRun
    figures: tuple[tuple[Figure, ...], ...]
    rows: dict[str, list[Row]]
    decoded: int


def answer_together(
    source: Source,
    as_of: AsOf,
    *,
    questions: Sequence[Question] = (),
    projections: Sequence[Projection] = (),
    checks: Sequence[Check] = ALL_CHECKS,
    tagger: Tagger | None = None,
) -> Answers:
    """The checks, figures and views as of one moment, equal to what each gives when it is asked alone.

    The questions' own points of view are not looked at: all are answered as of `as_of`. Subjects are read group by
    group, so that memory grows with the answers alone. Before the pass the checks survey the ledger (who belongs
    together, gaps in the record), for which they read two attributes of each event and the few events of the
    context. Raises `StoppedAtEvent` where a view cannot take an event.
    """
    pass_ = _Pass(AsOf(as_of.clock, as_of.instant, size_of(source, as_of)), questions, projections)
    run = run_checks(source, pass_.as_of, checks, tagger=tagger, read=pass_.take)
    pass_.take_others(source)
    return Answers(run, pass_.figures(source), pass_.rows(), pass_.decoded)


class _Pass:
    """What is folded and counted while the checks read."""

    def __init__(self, as_of: AsOf, questions: Sequence[Question], projections: Sequence[Projection]) -> None:
        self.as_of = as_of
        self.decoded = 0
        self._tallies = [Tally(question) for question in questions]
        self._first = stored_names(FIRST_TYPES.values())
        self._context: Context | None = None
        self._views = [(projection, stored_names(projection.types)) for projection in projections]
        self._rows: dict[str, dict[str, list[Row]]] = {projection.name: {} for projection in projections}
        self._failure: Exception | None = None

    def take(self, group: Group, stored: Sequence[StoredRow], context: Context) -> Facts | None:
        """One group's facts, after the views have had the events; what fails here fails after the checks' run."""
        self._context = context
        events = self._read(map(SourceEvent._make, stored))
        facts = facts_of(group, ((item.position, event) for item, event in events), context.as_of)
        try:
            self._fold(group.id, events)
            if facts is not None and not self._first.isdisjoint(row[3] for row in stored):
                for tally in self._tallies:
                    tally.take(facts, context)
        except Exception as error:  # noqa: BLE001 - the checks tell their own failures only; this one is raised below
            self._failure = self._failure or error
        return facts

    def take_others(self, source: Source) -> None:
        """The views' subjects that are no group: registers, vault, the ledger itself. Raises what failed before."""
        if self._failure is not None:
            raise self._failure
        types = frozenset[str]().union(*(names for _, names in self._views))
        others: dict[str, list[SourceEvent]] = {}
        for item in source.read(until=self.as_of.size, types=[name for name in types if not name.startswith(GROUPED)]):
            if group_of(item.subject) is None:
                others.setdefault(item.subject, []).append(item)
        for subject, items in others.items():
            self._fold(subject, self._read(items))

    def _read(self, items: Iterable[SourceEvent]) -> list[tuple[SourceEvent, Event]]:
        events = []
        for item in items:
            try:
                events.append((item, decoded(item)))
            except UNREADABLE as error:
                self._failure = self._failure or self._stop(item, error)
                raise
        self.decoded += len(events)
        return events

    def _stop(self, item: SourceEvent, error: Exception) -> StoppedAtEvent:
        names = (projection.name for projection, names in self._views if item.type in names)
        return StoppedAtEvent(next(names, "checks"), item, field_of(error), str(error))

    def _fold(self, subject: str, events: Sequence[tuple[SourceEvent, Event]]) -> None:
        """One subject's rows in every view that takes any of its events."""
        items = {item.position: item for item, _ in events}
        ordered = taken(((item.position, event) for item, event in events), self.as_of)
        for projection, names in self._views:
            document = None
            for position, event in ordered:
                if items[position].type in names:
                    document = projection.start() if document is None else document
                    try:
                        projection.evolve(document, event)
                    except UNTAKEABLE as error:
                        raise StoppedAtEvent(projection.name, items[position], field_of(error), str(error)) from error
            if document is not None:
                rows = projection.rows(subject, document)
                self._rows[projection.name][subject] = [shaped(projection.columns, row) for row in rows]

    def figures(self, source: Source) -> tuple[tuple[Figure, ...], ...]:
        """Every question's figures."""
        if self._context is None:  # a ledger without any group
            _, self._context = point_of_view(source, Question(date.min, date.max, self.as_of))
        context = self._context
        return tuple(tuple(tally.figures(self.as_of, context)) for tally in self._tallies)

    def rows(self) -> dict[str, list[Row]]:
        """Every view's rows, subject by subject."""
        return {
            name: [row for subject in sorted(found) for row in found[subject]] for name, found in self._rows.items()
        }
