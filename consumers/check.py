"""Keeps the findings beside the views: after every catch-up only what changed or whose day has come is judged again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from consumers.follow import Source, SourceEvent
from domain.asof import AsOf, end_of_day
from domain.checks.base import Check, Group, group_of
from domain.checks.context import IMPORT_OPENED, Context, Tagger, context_of
from domain.checks.record import RecordIsWhole
from domain.checks.record_reader import LeafSource, RecordReader
from domain.event import decode, importid_of
from projections.findings import head_of, judge_matter
from projections.gatherings import Address, judge_group, packed
from projections.ledger_source import in_batches, row_of, size_of, stored_types, today_of
from projections.panel import Judgement, Panel
from projections.survey import CONTEXT, LINKING, Matters, Survey, first_admission, survey, take_link
from projections.watched_day import WatchedDay

MATTERS_PER_WRITE = 2_000
RECORD = "record"
RECORD_GAPS = "record gaps"

Register = list[tuple[int, bytes]]


class Judged(NamedTuple):
    """What the checks say about one owner (a matter, or a group of a gathering check), to replace what they said."""

    owner: str
    findings: list[dict[str, Any]]
    failures: list[dict[str, Any]]
    wake: date | None
    given: list[tuple[str, Group, bytes]] | None = None
    """What a matter gave to gatherings; None of a gathering itself."""


class FindingStore(Protocol):
    """Where findings are kept; everything inside `writing` is one transaction."""

    def writing(self) -> AbstractContextManager[None]:
        """One transaction."""

    def state(self) -> dict[str, Any] | None:
        """What the last pass left; None of an empty store."""

    def set_state(self, state: Mapping[str, Any]) -> None:
        """What the next pass must know."""

    def clear(self) -> None:
        """Forget what was judged and gathered; what was ever found stays known to the history."""

    def register(self) -> Register:
        """The events of the context, in ledger order."""

    def register_mark(self) -> tuple[int, int]:
        """How many events of the context are kept, and the last one's position; another mark, another context."""

    def add_register(self, events: Iterable[tuple[int, bytes]]) -> None:
        """Keep events of the context."""

    def sequences(self, subjects: Collection[str]) -> dict[str, int]:
        """The last sequence of those subjects that have one."""

    def set_sequences(self, sequences: Mapping[str, int]) -> None:
        """Keep last sequences."""

    def roots(self, subjects: Collection[str]) -> dict[str, str]:
        """The first number of the matter, of those subjects that are joined to another."""

    def members(self, root: str) -> list[str]:
        """The subjects joined to this number, without itself."""

    def set_roots(self, roots: Mapping[str, str]) -> None:
        """Keep to which matter subjects belong."""

    def woken(self, day: date) -> list[str]:
        """The owners whose answers may change by this day."""

    def judged(self, results: Iterable[Judged]) -> set[Address]:
        """Replace what is kept of these owners; gives the groups to which something else is given now."""

    def forget(self, owners: Collection[str]) -> set[Address]:
        """Drop these owners; gives the groups to which they gave."""

    def given_to(self, address: Address) -> list[bytes]:
        """What subjects gave to one group."""

    def addresses_of(self, owners: Collection[str]) -> set[Address]:
        """The groups to which these owners gave."""

    def gathered(self) -> set[Address]:
        """All groups to which something was given."""

    def note_changes(self, position: int, day: date) -> None:
        """Write what is new, gone or returned since the last call into the history."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one pass did."""

    head: dict[str, Any]
    whole: bool
    matters: int
    groups: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the standing findings: the day, the checks, and whose code and key answered before."""

    today: date | None = None
    checks: Sequence[Check] = ()
    tagger: Tagger | None = None
    digest: str = ""
    leaves: LeafSource | None = None
    """The sealed log; every event is held against its leaf once, when both are there."""

    @property
    def key(self) -> list[Any]:
        """What must be the same for a kept answer to count."""
        return [self.digest, [check.id for check in self.checks], self.tagger is not None, self.today is not None]


def refresh(source: Source, store: FindingStore, question: Question) -> Refreshed:
    """Bring the kept findings to the ledger's head and the question's day; they equal those of a full run.

    Without a day the question is asked on the day of the last recording, as in a full run. Everything is judged
    again where the checks, the key, the registers, a calendar or a parameter changed, or the day went back.
    """
    as_of = AsOf("happened", end_of_day(question.today) if question.today else None)
    with store.writing():
        size = size_of(source, as_of)
        as_of = replace(as_of, size=size)
        today = today_of(source, as_of, size) or date.min
        state = store.state()
        batch: list[SourceEvent] | None = None
        if state is not None and _goes_on(state, question, size, today):
            batch = _new_events(source, store, state["position"], size)
        if batch is None or state is None:
            return _Whole(source, store, question, as_of, today).run()
        return _Part(source, store, question, as_of, today).run(state, batch)


OPENINGS = stored_types({IMPORT_OPENED})
BATCH_MAX = 20_000
"""More new events than this are judged in a pass over everything."""


def _goes_on(state: Mapping[str, Any], question: Question, size: int, today: date) -> bool:
    """Whether the kept answers are those of the same question at an earlier day and size."""
    waits = not state["pending"] or date.fromisoformat(state["pending"]) > today
    earlier = state["position"] <= size and date.fromisoformat(state["today"]) <= today
    return state["key"] == question.key and earlier and waits


def _new_events(source: Source, store: FindingStore, after: int, size: int) -> list[SourceEvent] | None:
    """The events since a position; None where they are too many, or change what everything is judged by."""
    if size - after > BATCH_MAX:
        return None
    batch = list(source.read(after=after, until=size))
    context = [event for event in batch if event.type in CONTEXT]
    if any(event.type not in OPENINGS for event in context):
        return None
    return batch if not context or _are_new(context, store) else None


def _are_new(openings: Sequence[SourceEvent], store: FindingStore) -> bool:
    """Whether nothing was imported under these openings before: then they change only what comes after them."""
    files = [_file_of(event.raw) for event in openings]
    before = {_file_of(raw) for _, raw in store.register() if b".import_opened." in raw}
    return len(set(files)) == len(files) and before.isdisjoint(files)


def _file_of(opening: bytes) -> str:
    return importid_of(str(decode(opening)["data"].get("file")))


class _Pass:
    """What both ways share."""

    def __init__(self, source: Source, store: FindingStore, question: Question, as_of: AsOf, today: date) -> None:
        self._source = source
        self._store = store
        self._question = question
        self._as_of = as_of
        self._today = WatchedDay(today)
        self._size = as_of.size or 0
        found = [check for check in question.checks if isinstance(check, RecordIsWhole)]
        self._reader: RecordReader | None = found[0].reader(question.leaves) if found else None

    def _context(self, register: Iterable[tuple[int, dict[str, Any]]], matters: Mapping[str, str]) -> Context:
        return context_of(
            register, self._as_of, self._today, tag=self._question.tagger, checks=self._question.checks, matters=matters
        )

    def _judge(self, panel: Panel, together: Iterable[Sequence[str]]) -> tuple[set[Address], int]:
        """Judge matters; gives the groups to which something else is given now, and how many matters there were."""
        touched: set[Address] = set()
        waiting: list[Judged] = []
        count = 0
        for rows in in_batches(self._source, together, self._size):
            self._today.forget()
            out = Judgement()
            for stored in rows.values():
                day = first_admission(stored, self._as_of)
                if day is not None:
                    self._today.note(max(day, self._today.plain))
            judge_matter(rows, panel, out)
            root = panel.context.matter(next(iter(rows)))
            given = [(one.check, one.contribution.group, packed(one)) for one in out.given]
            waiting.append(_judged(root, out, self._today.forget(), given))
            count += 1
            if len(waiting) >= MATTERS_PER_WRITE:
                touched |= self._store.judged(waiting)
                waiting.clear()
        touched |= self._store.judged(waiting)
        return touched, count

    def _judge_groups(self, panel: Panel, addresses: Collection[Address]) -> int:
        """Judge groups of gathering checks over everything that is given to them now."""
        waiting = []
        standing = panel.standing()
        for address in sorted(addresses):
            self._today.forget()
            out = Judgement()
            given = self._store.given_to(address)
            if given or address in standing:
                judge_group(panel, address, given, out)
            waiting.append(_judged(owner_of(address), out, self._today.forget(), None))
        self._store.judged(waiting)
        return len(waiting)

    def _end(self, context: Context, pending: date | None) -> dict[str, Any]:
        """Write the state, the record's findings and the history; gives the head."""
        record = self._reader
        if record is not None:
            gaps = [one.to_json() for one in record.left(context)]
            self._store.judged([Judged(RECORD_GAPS, gaps, [], None)])
        self._store.set_state(
            {
                "key": self._question.key,
                "position": self._size,
                "today": str(self._today.plain),
                "pending": str(pending) if pending is not None else "",
                "record": record.state() if record is not None else None,
            }
        )
        self._store.note_changes(self._size, self._today.plain)
        return head_of(self._as_of, self._today.plain, context, self._question.checks)


class _Whole(_Pass):
    """Everything judged anew."""

    def run(self) -> Refreshed:
        self._store.clear()
        _CONTEXTS.pop(self._store, None)
        found = survey(self._source, self._as_of, self._size, self._reader)
        self._keep(found)
        context = self._context(found.context_events, found.matters.all_roots())
        panel = Panel(self._question.checks, context)
        if self._reader is not None:
            told = [one.to_json() for one in self._reader.found(context)]
            self._store.judged([Judged(RECORD, told, [], None)])
        _, matters = self._judge(panel, found.matters.grouped(found.subjects))
        groups = self._judge_groups(panel, self._store.gathered() | panel.standing())
        head = self._end(context, found.pending)
        return Refreshed(head, True, matters, groups)

    def _keep(self, found: Survey) -> None:
        self._store.add_register(found.register)
        self._store.set_roots(found.matters.all_roots())
        if self._reader is not None:
            self._store.set_sequences(self._reader.sequences)


_CONTEXTS: WeakKeyDictionary[FindingStore, tuple[tuple[Any, ...], Context]] = WeakKeyDictionary()
"""The last context of each open store, with what it was made of: between two acts the registers seldom change."""


class _Part(_Pass):
    """Only what changed, or whose day has come."""

    def run(self, state: Mapping[str, Any], batch: Sequence[SourceEvent]) -> Refreshed:
        stored = self._store
        subjects = {event.subject for event in batch}
        found: list[dict[str, Any]] = []
        held = 0
        if self._reader is not None and state["record"] is not None:
            held = state["record"]["held"]
            self._reader.resume(state["record"], stored.sequences(subjects))
            if self._question.leaves is not None:
                for event in self._source.read(after=self._reader.held, until=state["position"]):
                    self._reader.take_late_leaf(row_of(event))
            for event in batch:
                self._reader.take(row_of(event))
            stored.set_sequences({subject: self._reader.sequences[subject] for subject in subjects})
        roots, moved, pending = self._join(batch)
        stored.add_register((event.position, event.raw) for event in batch if event.type in CONTEXT)
        context = self._context_again(_StoredMatters(stored))
        panel = Panel(self._question.checks, context)
        if self._reader is not None:
            found = [one.to_json() for one in self._reader.found(context)]
            if found:
                stored.judged([Judged(f"{RECORD} {self._size} {held}", found, [], None)])
        changed = {one for one in subjects if group_of(one) is not None}
        roots |= set(_roots_of(stored, changed).values())
        woken = set(stored.woken(self._today.plain)) if str(self._today.plain) != state["today"] else set()
        roots |= set(_roots_of(stored, {owner for owner in woken if ADDRESS_MARK not in owner}).values())
        touched = stored.addresses_of(roots) if moved else set()
        touched |= stored.forget(moved - roots)
        given, matters = self._judge(panel, ([root, *stored.members(root)] for root in sorted(roots)))
        touched |= given | {address_from(owner) for owner in woken if ADDRESS_MARK in owner}
        if any(event.type in CONTEXT for event in batch):
            touched |= panel.standing()
        groups = self._judge_groups(panel, touched)
        before = date.fromisoformat(state["pending"]) if state["pending"] else None
        head = self._end(context, min((day for day in (pending, before) if day), default=None))
        return Refreshed(head, False, matters, groups)

    def _context_again(self, matters: Mapping[str, str]) -> Context:
        """The context of the registers as they stand; the one of the pass before, where nothing of it changed."""
        question, as_of = self._question, self._as_of
        mark = (self._store.register_mark(), as_of.instant, self._today.plain, question.tagger, question.digest)
        known = _CONTEXTS.get(self._store)
        if known is not None and known[0] == mark:
            return replace(known[1], as_of=as_of, today=self._today, matters=matters, limits={}, notes={})
        register = ((position, decode(raw)) for position, raw in self._store.register())
        context = self._context(register, matters)
        _CONTEXTS[self._store] = mark, context
        return context

    def _join(self, batch: Sequence[SourceEvent]) -> tuple[set[str], set[str], date | None]:
        """Join what the batch joins: the new roots, the roots that were before, and a day that will join more."""
        matters = Matters()
        for event in batch:
            if event.type in LINKING:
                take_link(matters, row_of(event), self._as_of)
        named = matters.named()
        if not named:
            return set(), set(), matters.pending
        before = _roots_of(self._store, named)
        for root in set(before.values()):
            for member in self._store.members(root):
                matters.put(member, root)
        for one, root in before.items():
            matters.put(one, root)
        roots = matters.all_roots()
        self._store.set_roots(roots)
        return set(_roots_of(self._store, named).values()), set(before.values()), matters.pending


class _StoredMatters(Mapping[str, str]):
    """The matter of each case, asked for one by one."""

    def __init__(self, store: FindingStore) -> None:
        self._store = store
        self._known: dict[str, str] = {}

    def __getitem__(self, case: str) -> str:
        if case not in self._known:
            self._known[case] = self._store.roots([case]).get(case, case)
        return self._known[case]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


ADDRESS_MARK = "\x1f"


def owner_of(address: Address) -> str:
    """The name under which a gathering's findings are kept."""
    check, group = address
    return ADDRESS_MARK.join((check, group.kind, group.id))


def address_from(owner: str) -> Address:
    """The gathering whose findings are kept under a name."""
    check, kind, name = owner.split(ADDRESS_MARK, 2)
    return check, Group(kind, name)  # type: ignore[arg-type]


def _judged(owner: str, out: Judgement, wake: date | None, given: list[tuple[str, Group, bytes]] | None) -> Judged:
    findings = [one.to_json() for one in out.findings]
    return Judged(owner, findings, [one.to_json() for one in out.failures], wake, given)


def _roots_of(store: FindingStore, subjects: Collection[str]) -> dict[str, str]:
    known = store.roots(subjects)
    return {subject: known.get(subject, subject) for subject in subjects}
