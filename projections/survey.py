"""The first pass of a run: who is in the ledger, which subjects belong together, and the events of the context."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.asof import AsOf
from domain.checks.base import group_of
from domain.checks.context import CONTEXT_TYPES
from domain.checks.record import RecordReader, recorded_time
from domain.event import decode
from projections.ledger_source import LedgerSource, StoredEvent, known_by, stored_types

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
    context_events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    matters: Matters = field(default_factory=Matters)


def survey(source: LedgerSource, as_of: AsOf, size: int, reader: RecordReader | None) -> Survey:
    """Read the ledger once in ledger order, decoding only what the context and the matters need."""
    found = Survey()
    subjects = found.subjects
    hidden = as_of.clock == "known" and as_of.instant is not None
    for event in source.read(until=size):
        kind = event.type
        if event.sequence == 1 or event.subject not in subjects:
            subjects.add(event.subject)
        if kind in LINKING:
            take_link(found.matters, event, as_of)
        elif kind in CONTEXT:
            found.context_events.append((event.position, decode(event.raw)))
        if reader is not None and not (hidden and is_hidden(event, as_of)):
            reader.take(event)
    found.subjects = {subject for subject in subjects if group_of(subject) is not None}
    return found


def take_link(matters: Matters, event: StoredEvent, as_of: AsOf) -> None:
    """Join what this event joins, if the question admits it."""
    if LINK_MARK.get(event.type, b"") in event.raw:
        decoded = decode(event.raw)
        if as_of.admits(decoded, event.position):
            matters.take(decoded)


def is_hidden(event: StoredEvent, as_of: AsOf) -> bool:
    """Whether the *known* clock does not show the event yet."""
    return not known_by(as_of, recorded_time(event.raw))
