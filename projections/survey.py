"""The first pass of a run: who is in the ledger, which subjects belong together, and the events of the context."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from domain.asof import AsOf, is_register_fact, parse_instant
from domain.calendar import ONE_DAY, day_of
from domain.checks.base import group_of
from domain.checks.context import CONTEXT_TYPES, FUND_OPENED
from domain.checks.record_reader import RecordReader, recorded_time
from domain.corrections import SUFFIX
from domain.event import decode
from projections.ledger_source import LedgerSource, Row, in_batches, known_by, read_all, stored_types

REGISTERED = "petition.case.registered.v1"
MERGED = "petition.case.merged.v1"
APPLIED = "petition.grant.applied.v1"
LINKING = stored_types({REGISTERED, MERGED, APPLIED})
LINK_MARK = {REGISTERED: b'"repeat_of"', MERGED: b'"into"', APPLIED: b'"case"'}
CONTEXT = stored_types(CONTEXT_TYPES)


class Matters:
    """Cases joined by `repeat_of` and `merged_into`, in any direction, and the grants on each case."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self.case_of: dict[str, str] = {}
        self.pending: date | None = None

    def take(self, event: Mapping[str, Any]) -> None:
        """Take one registered, merged or applied event."""
        data, subject = event["data"], event["subject"]
        match event["type"]:
            case "petition.case.registered.v1" if isinstance(data.get("repeat_of"), str):
                self._join(subject, data["repeat_of"])
            case "petition.case.merged.v1" if isinstance(data.get("into"), str):
                self._join(subject, data["into"])
            case "petition.grant.applied.v1" if isinstance(data.get("case"), str):
                self.case_of[subject] = data["case"]

    def root(self, case: str) -> str:
        """The first number of the case's matter."""
        path = []
        while (above := self._above.get(case)) is not None:
            path.append(case)
            case = above
        for passed in path:
            self._above[passed] = case
        return case

    def _join(self, one: str, other: str) -> None:
        one, other = sorted((self.root(one), self.root(other)))
        if one != other:
            self._above[other] = one

    def roots(self) -> dict[str, str]:
        """Every joined case that is not the first of its matter, with the first."""
        return {case: self.root(case) for case in self._above}

    def all_roots(self) -> dict[str, str]:
        """Every case that is not the first of its matter, and every grant, with the first."""
        return self.roots() | {grant: self.root(case) for grant, case in self.case_of.items()}

    def named(self) -> set[str]:
        """Every number that was joined to another, and the others."""
        cases = {*self._above, *self._above.values()}
        return cases | self.case_of.keys() | set(self.case_of.values())

    def put(self, subject: str, root: str) -> None:
        """Join what was found to belong together before."""
        if subject.startswith("JZ"):
            self.case_of.setdefault(subject, root)
        elif subject != root:
            self._join(subject, root)

    def wait_until(self, day: date) -> None:
        """Something will be joined on a later day."""
        self.pending = day if self.pending is None else min(day, self.pending)

    def grouped(self, subjects: Collection[str]) -> Iterator[list[str]]:
        """All these subjects, matter by matter in order of number; what belongs to no case stands alone."""
        by_root: dict[str, list[str]] = {}
        for subject in subjects:
            case = self.case_of.get(subject, subject)
            by_root.setdefault(self.root(case), []).append(subject)
        for root in sorted(by_root):
            yield sorted(by_root[root])


@dataclass(slots=True)
class Survey:
    """What the first pass brings."""

    subjects: set[str] = field(default_factory=set)
    register: list[tuple[int, bytes]] = field(default_factory=list)
    matters: Matters = field(default_factory=Matters)
    rows: dict[str, list[Row]] | None = None
    """Every subject's events, where the ledger is small enough to be read once instead of twice."""

    @property
    def context_events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The events of the context, decoded."""
        return ((position, decode(raw)) for position, raw in self.register)

    def read(self, source: LedgerSource, wanted: Collection[str], size: int) -> Iterator[dict[str, list[Row]]]:
        """The events of these subjects, matter by matter in order of number."""
        grouped = self.matters.grouped(wanted)
        if self.rows is None:
            yield from in_batches(source, grouped, size)
            return
        for together in grouped:
            yield {subject: sorted(self.rows.pop(subject, ()), key=_sequence) for subject in together}

    @property
    def pending(self) -> date | None:
        """The day on which an event recorded already will change the context or join subjects."""
        return self.matters.pending


ROWS_KEPT_MAX = 50_000
"""Events of a ledger that a survey may hold: a county's year is 15,000, about 20 MiB."""
_sequence = itemgetter(2)


def survey(source: LedgerSource, as_of: AsOf, size: int, reader: RecordReader | None, *, keeps: bool = False) -> Survey:
    """Read the ledger once in ledger order, decoding only what the context and the matters need.

    `keeps` holds the events of a small ledger, for a caller that reads every subject next.
    """
    found = Survey()
    subjects = found.subjects
    rows: dict[str, list[Row]] | None = {} if keeps and size <= ROWS_KEPT_MAX else None
    found.rows = rows
    hidden = as_of.clock == "known" and as_of.instant is not None
    take = None if reader is None else reader.take
    for row in read_all(source, size):
        position, subject, sequence, kind, raw = row
        if sequence == 1 or subject not in subjects:
            subjects.add(subject)
        if rows is not None:
            if subject in rows:
                rows[subject].append(row)
            else:
                rows[subject] = [row]
        if kind in LINKING:
            take_link(found.matters, row, as_of)
        elif kind in CONTEXT:
            found.register.append((position, raw))
            if kind == FUND_OPENED and (day := first_admission([row], as_of)) is not None:
                found.matters.wait_until(day)
        if take is not None and not (hidden and is_hidden(raw, as_of)):
            take(row)
    found.subjects = {subject for subject in subjects if group_of(subject) is not None}
    return found


def take_link(matters: Matters, row: Row, as_of: AsOf) -> None:
    """Join what this event joins, if the question admits it."""
    position, _, _, kind, raw = row
    if LINK_MARK.get(kind, b"") in raw:
        decoded = decode(raw)
        if as_of.admits(decoded, position):
            matters.take(decoded)
        elif (day := first_admission([row], as_of)) is not None:
            matters.wait_until(day)


def is_hidden(raw: bytes, as_of: AsOf) -> bool:
    """Whether the *known* clock does not show an event yet."""
    return not known_by(as_of, recorded_time(raw))


def first_admission(stored: Iterable[Row], as_of: AsOf) -> date | None:
    """The first later day on which the *happened* clock will take more of these events, None for never.

    Where the record was corrected it may be any day: the next one.
    """
    if as_of.instant is None:
        return None
    asked = day_of(as_of.instant)
    days = []
    for _, _, _, kind, raw in stored:
        if kind.endswith(SUFFIX):
            days.append(asked)
        elif not is_register_fact(kind):
            moment = parse_instant(str(decode(raw)["time"]))
            if moment > as_of.instant:
                days.append(day_of(moment))
    return max(min(days), asked + ONE_DAY) if days else None
