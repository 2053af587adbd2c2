"""What a replay reads, as the questions of this floor need it: a stream in ledger order, and one subject's events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Protocol

import msgspec

from domain.asof import AsOf, parse_instant
from domain.calendar import day_of
from domain.checks.known import KNOWN_TYPES
from domain.event import decode
from domain.upcasts import UPCASTS


class StoredEvent(Protocol):
    """One event as the source delivers it."""

    @property
    def position(self) -> int: ...
    @property
    def subject(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def raw(self) -> bytes: ...


class LedgerSource(Protocol):
    """Store, topic or sealed log: the same bytes in the same order."""

    def head(self) -> int: ...
    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterable[StoredEvent]: ...
    def read_subject(self, subject: str, until: int | None = None) -> Iterable[StoredEvent]: ...


Row = tuple[int, str, int, str, bytes]
"""A stored event as a plain row: position, subject, sequence, type, bytes."""

SUBJECTS_PER_READ = 200


def row_of(event: StoredEvent) -> Row:
    """The event as a plain row."""
    return event.position, event.subject, event.sequence, event.type, event.raw


class Stamp(msgspec.Struct):
    """The two attributes that a pass over the whole ledger needs of every event."""

    id: str
    recordedtime: str


read_stamp = msgspec.json.Decoder(Stamp).decode


def stored_types(names: Collection[str]) -> frozenset[str]:
    """The stored names of some types: their present version and every older one that is read as it."""
    stems = tuple(name.rpartition(".v")[0] + ".v" for name in names)
    older = (name for name in UPCASTS if name.startswith(stems))
    return frozenset(names) | frozenset(older)


READABLE = stored_types(KNOWN_TYPES)


def read_group(
    source: LedgerSource, subject: str, until: int, types: frozenset[str] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """One subject's events, decoded; other known types than `types` are skipped before decoding.

    Types that nobody knows are always delivered, so that they are noticed.
    """
    for event in source.read_subject(subject, until):
        if types is None or event.type in types or event.type not in READABLE:
            yield event.position, decode(event.raw)


def read_subjects(source: LedgerSource, subjects: Sequence[str], until: int) -> dict[str, list[Row]]:
    """The stored events of some subjects, each in its own order; in one step where the source can."""
    found: dict[str, list[Row]] = {subject: [] for subject in subjects}
    at_once = getattr(source, "read_subjects", None)
    if at_once is not None:
        for row in at_once(subjects, until):
            found[row[1]].append(row)
        return found
    for subject in subjects:
        found[subject] += map(row_of, source.read_subject(subject, until))
    return found


def in_batches(source: LedgerSource, together: Iterable[Sequence[str]], until: int) -> Iterator[dict[str, list[Row]]]:
    """The stored events of subjects that belong together, read for many at a time."""
    waiting: list[Sequence[str]] = []
    count = 0
    for subjects in together:
        waiting.append(subjects)
        count += len(subjects)
        if count >= SUBJECTS_PER_READ:
            yield from _read_batch(source, waiting, until)
            waiting, count = [], 0
    yield from _read_batch(source, waiting, until)


def _read_batch(source: LedgerSource, waiting: list[Sequence[str]], until: int) -> Iterator[dict[str, list[Row]]]:
    found = read_subjects(source, [subject for subjects in waiting for subject in subjects], until)
    for subjects in waiting:
        yield {subject: found.pop(subject) for subject in subjects}


def read_with_unknown(source: LedgerSource, types: Collection[str], until: int) -> Iterator[Row]:
    """One stream of the events of some types, and of those that nobody knows; the others are not read."""
    return _read_except(source, READABLE - frozenset(types), until)


def read_all(source: LedgerSource, until: int) -> Iterator[Row]:
    """Every event in ledger order, as plain rows."""
    return _read_except(source, frozenset(), until)


def _read_except(source: LedgerSource, skipped: frozenset[str], until: int) -> Iterator[Row]:
    read_except = getattr(source, "read_except", None)
    if read_except is not None:
        found: Iterator[Row] = read_except(skipped, until)
        return found
    return (row_of(one) for one in source.read(until=until) if one.type not in skipped)


def size_of(source: LedgerSource, as_of: AsOf) -> int:
    """The ledger size that the question looks at.

    `recordedtime` never runs back in ledger order, so what was known at an instant is found by halving, and
    nothing recorded later is read.
    """
    size = source.head() if as_of.size is None else min(source.head(), as_of.size)
    if as_of.clock != "known" or as_of.instant is None:
        return size
    known, unknown = 0, size + 1
    while unknown - known > 1:
        middle = (known + unknown) // 2
        first = next(iter(source.read(after=middle - 1, until=unknown - 1)), None)
        if first is not None and parse_instant(read_stamp(first.raw).recordedtime) <= as_of.instant:
            known = first.position
        else:
            unknown = middle
    return known


def today_of(source: LedgerSource, as_of: AsOf, size: int) -> date | None:
    """The day of the question: of its instant, else of the last recording; None for an empty ledger."""
    if as_of.instant is not None:
        return day_of(as_of.instant)
    for event in source.read(after=size - 1, until=size):
        return day_of(read_stamp(event.raw).recordedtime)
    return None


def known_by(as_of: AsOf, recordedtime: str) -> bool:
    """Whether the *known* clock already shows an event; the other clock shows all of them."""
    return as_of.clock != "known" or as_of.instant is None or parse_instant(recordedtime) <= as_of.instant
