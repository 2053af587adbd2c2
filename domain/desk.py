"""The desk of the write section: look-ups for one batch of decisions, over what is stored and what is pending."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

from domain.base import Action, Aggregate, Fact
from domain.calendar import day_of
from domain.case.case import Case
from domain.errors import NotFound, Refused
from domain.event import Event
from domain.fund import Fund
from domain.grant import Grant
from domain.index import ActionRow, GrantRow, IndexRow, LinkRow, RefRow, SeriesRow
from domain.language import FACTS
from domain.register import Entry, state_class

AGGREGATES_CACHED_MAX = 20_000
REFS_CACHED_MAX = 200_000
MATTER_CASES_MAX = 10_000
LINE_OF_SUPERIORS_MAX = 64
PREFETCH_FROM = 16

Tagger = Callable[[str, str], str | None]
A = TypeVar("A", bound=Aggregate)


class IndexReader(Protocol):
    """What the store answers inside a write section."""

    def head(self) -> int: ...
    def changed_since(self, position: int, limit: int) -> list[str] | None: ...
    def last_recorded(self) -> str | None: ...
    def known_actions(self, action_ids: Collection[str]) -> dict[str, ActionRow]: ...
    def subject_of(self, kind: str, ref: str) -> str | None: ...
    def subjects_of(self, kind: str, refs: Collection[str]) -> dict[str, str]: ...
    def last_number(self, series: str) -> int: ...
    def grants_of_cases(self, cases: Collection[str]) -> list[str]: ...
    def grants_of_beneficiary(self, ref: str | None, tag: str | None) -> list[str]: ...
    def links_of(self, case: str) -> list[str]: ...
    def state_of(self, subject: str) -> tuple[bytes | None, Sequence[Event]]: ...
    def events_of(self, subject: str) -> list[Event]: ...


class Cache:
    """States and refs kept between write sections; emptied whenever it cannot be proved to be current."""

    def __init__(self) -> None:
        self.head = 0
        self.last_recorded: str | None = None
        self.states: OrderedDict[str, Aggregate] = OrderedDict()
        self.refs: OrderedDict[tuple[str, str], str] = OrderedDict()
        self.series: dict[str, int] = {}

    def clear(self) -> None:
        """Forget everything; the next section reads from the store."""
        self.head = 0
        self.last_recorded = None
        self.states.clear()
        self.refs.clear()
        self.series.clear()

    def synchronise(self, reader: IndexReader) -> None:
        """Drop what other writers changed since this cache was last current."""
        head = reader.head()
        if head == self.head:
            return
        changed = reader.changed_since(self.head, AGGREGATES_CACHED_MAX) if self.head else None
        if changed is None or head < self.head:
            self.clear()
        else:
            for subject in changed:
                self.states.pop(subject, None)
            self.series.clear()
            self.last_recorded = None
        self.head = head

    def trim(self) -> None:
        """Keep the caches bounded, oldest use first."""
        while len(self.states) > AGGREGATES_CACHED_MAX:
            self.states.popitem(last=False)
        while len(self.refs) > REFS_CACHED_MAX:
            self.refs.popitem(last=False)


def replay(state: Aggregate, event: Event) -> None:
    """Evolve a state by one stored event; types of other releases change nothing that a refusal needs."""
    fact = FACTS.get(event.type_name)
    if fact is not None and fact.apply is not Fact.apply:
        fact.model_validate(event.data).apply(state, event)
    state.version = event.originator_version


class SectionDesk:
    """`domain.base.Desk` over one write section. Pending rows are seen by the batch's later actions."""

    def __init__(self, reader: IndexReader, cache: Cache, region: str, tagger: Tagger) -> None:
        self.history = False
        self.pending_actions: dict[str, ActionRow] = {}
        """The batch's actions that were accepted before, in the store or in this batch."""
        self.rows: list[IndexRow] = []
        self._seen: set[IndexRow] = set()
        self._reader = reader
        self._cache = cache
        self._region = region
        self._tagger = tagger
        self._pending_events: list[Event] = []
        self._case_named: tuple[str, Case] | None = None
        self._links: dict[str, set[str]] = {}
        self._grants: list[GrantRow] = []
        self._absent: set[tuple[str, str]] = set()

    # what a decision asks

    def case(self, name: str, field: str = "case") -> Case:
        """A case by number or ref; raises `unknown_subject`."""
        last = self._case_named
        if last is not None and last[0] == name:
            return last[1]
        case = self._named("case", name, field, Case)
        self._case_named = name, case
        return case

    def grant(self, name: str, field: str = "grant") -> Grant:
        """A grant by number or ref; raises `unknown_subject`."""
        return self._named("grant", name, field, Grant)

    def fund(self, name: str, field: str = "fund") -> Fund:
        """A fund by ref or subject; raises `unknown_subject`."""
        return self._named("fund", name, field, Fund)

    def register(self, subject: str) -> Entry:
        """A register subject's state; one never declared is empty."""
        return self._state(subject, Entry)

    def new_case(self, year: int) -> Case:
        """An empty case under the next number of its series."""
        series = f"XF{self._region}-{year:04d}"
        return Case(f"{series}-{self._next(series):06d}")

    def new_grant(self, year: int) -> Grant:
        """An empty grant under the next number of its series."""
        series = f"JZ{self._region}-{year:04d}"
        return Grant(f"{series}-{self._next(series):04d}")

    def new_fund(self, ref: str) -> Fund:
        """An empty fund."""
        return Fund(f"fund:{ref}")

    def claim(self, kind: str, ref: str) -> None:
        """Raise `ref_in_use` where the ledger knows the name for this kind."""
        taken = self._subject_of(kind, ref)
        if taken is not None:
            raise Refused("ref_in_use", f"{ref} is a {kind} of {taken}", field=kind, subject=taken)

    def events_of(self, subject: str) -> list[Event]:
        """All events of a subject, the pending ones last."""
        pending = [event for event in self._pending_events if event.originator_id == subject]
        return [*self._reader.events_of(subject), *pending]

    def superiors_of(self, unit: str) -> set[str]:
        """Every unit above this one along `superiors`."""
        found: set[str] = set()
        level = {unit}
        for _ in range(LINE_OF_SUPERIORS_MAX):
            level = {above for below in level for above in self.register(f"unit:{below}").superiors} - found - {unit}
            if not level:
                break
            found |= level
        return found

    def is_head(self, staff: str, at: str) -> bool:
        """Whether a declared staff member is head and active on the day of an instant."""
        entry = self.register(f"staff:{staff}")
        if "head" not in entry.roles:
            return False
        day = day_of(at)
        begins = entry.active_from_on is None or date.fromisoformat(entry.active_from_on) <= day
        return begins and (entry.active_until_on is None or day <= date.fromisoformat(entry.active_until_on))

    def matter_of(self, case: str) -> set[str]:
        """The cases of one matter: joined by `repeat_of` and `merged_into`, in any direction."""
        found, level = {case}, {case}
        while level and len(found) < MATTER_CASES_MAX:
            linked = {other for one in level for other in self._reader.links_of(one)}
            linked |= {other for one in level for other in self._links.get(one, ())}
            level = linked - found
            found |= level
        return found

    def grants_of_cases(self, cases: Iterable[str]) -> list[Grant]:
        """All grants for any of the cases, in order of their numbers."""
        wanted = set(cases)
        numbers = set(self._reader.grants_of_cases(wanted))
        numbers |= {row.grant for row in self._grants if row.case in wanted}
        return [self._state(number, Grant) for number in sorted(numbers)]

    def grants_of_beneficiary(self, ref: str | None, tag: str | None) -> list[Grant]:
        """All grants of one beneficiary, known by pseudonym or by tag."""
        numbers = set(self._reader.grants_of_beneficiary(ref, tag))
        numbers |= {
            row.grant
            for row in self._grants
            if (ref is not None and row.beneficiary_ref == ref) or (tag is not None and row.beneficiary_tag == tag)
        }
        return [self._state(number, Grant) for number in sorted(numbers)]

    def tag(self, field: str, value: str) -> str | None:
        """The discipline tag of a value, or None where the key is not here."""
        return self._tagger(field, value)

    # what the ledger does with a decision

    def prefetch(self, actions: Sequence[Action]) -> None:
        """One look-up for a part of the batch: known action ids, and the names that it would claim."""
        self.pending_actions.update(self._reader.known_actions([action.action_id for action in actions]))
        if len(actions) < PREFETCH_FROM:
            return
        claimed: dict[str, set[str]] = {}
        for action in actions:
            if action.claims is not None:
                claimed.setdefault(action.claims, set()).add(getattr(action, action.claims))
        for kind, refs in claimed.items():
            found = self._reader.subjects_of(kind, refs)
            self._cache.refs.update(((kind, ref), subject) for ref, subject in found.items())
            self._absent.update((kind, ref) for ref in refs if ref not in found)

    def accept(self, state: Aggregate, event: Event, fact: Fact | None, rows: Iterable[IndexRow]) -> None:
        """Take an encoded event into the batch: evolve its state (a fact that evolves nothing is left out)."""
        if fact is not None:
            fact.apply(state, event)
        state.version = event.originator_version
        self._cache.states[state.id] = state
        self._pending_events.append(event)
        for row in rows:
            if row in self._seen:
                continue
            self._seen.add(row)
            self.rows.append(row)
            self._overlay(row)

    def stored(self) -> None:
        """What was decided so far now stands in the store, inside the same section."""
        self._pending_events.clear()
        self.rows = []

    def number_named(self, raw: dict[str, Any]) -> str | None:
        """The number of the known subject that an action names, or None."""
        for kind in ("case", "grant", "fund"):
            name = raw.get(kind)
            if isinstance(name, str):
                ref = name.removeprefix("fund:") if kind == "fund" else name
                return self._subject_of(kind, ref) if ref.startswith("ref:") else None
        return None

    def ref_of(self, subject: str) -> str | None:
        """The sender's name of a subject, where it has one."""
        state = self._cache.states.get(subject) or self._state(subject, state_class(subject))
        ref: str | None = getattr(state, "ref", None)
        return ref or None

    def _overlay(self, row: IndexRow) -> None:
        if isinstance(row, RefRow):
            self._cache.refs[(row.kind, row.ref)] = row.subject
        elif isinstance(row, SeriesRow):
            self._cache.series[row.series] = row.number
        elif isinstance(row, GrantRow):
            self._grants.append(row)
        elif isinstance(row, LinkRow):
            self._links.setdefault(row.case, set()).add(row.other)
            self._links.setdefault(row.other, set()).add(row.case)

    def _named(self, kind: str, name: str, field: str, wanted: type[A]) -> A:
        subject: str | None = name
        if kind == "fund":
            subject = self._subject_of(kind, name.removeprefix("fund:"))
        elif name.startswith("ref:"):
            subject = self._subject_of(kind, name)
        if subject is not None:
            state = self._state(subject, wanted)
            if state.version > 0:
                return state
        raise NotFound("unknown_subject", f"no {kind} {name}", field=field, subject=None)

    def _subject_of(self, kind: str, ref: str) -> str | None:
        found = self._cache.refs.get((kind, ref))
        if found is None and (kind, ref) not in self._absent:
            found = self._reader.subject_of(kind, ref)
            if found is not None:
                self._cache.refs[(kind, ref)] = found
        return found

    def _next(self, series: str) -> int:
        last = self._cache.series.get(series)
        if last is None:
            last = self._cache.series[series] = self._reader.last_number(series)
        return last + 1

    def _state(self, subject: str, wanted: type[A]) -> A:
        state = self._cache.states.get(subject)
        if state is None:
            state = load(self._reader, subject)
            if state.version > 0:
                self._cache.states[subject] = state
        else:
            self._cache.states.move_to_end(subject)
        return state if isinstance(state, wanted) else wanted(subject)


def load(reader: IndexReader, subject: str) -> Aggregate:
    """A subject's state: its newest snapshot, then the events after it."""
    from domain.snapshot import restore

    snapshot, events = reader.state_of(subject)
    wanted = state_class(subject)
    state = restore(wanted, snapshot) if snapshot is not None else wanted(subject)
    for event in events:
        replay(state, event)
    return state
