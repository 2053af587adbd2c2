"""The facts of one group, folded once and shared by all checks: acts in the order of the asked clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import msgspec

from domain.asof import AsOf, is_register_fact, parse_instant
from domain.calendar import day_of_text
from domain.checks.base import Group
from domain.checks.known import KNOWN_TYPES
from domain.corrections import SUFFIX, corrected, is_correction
from domain.event import decode
from domain.upcasts import UPCASTS

if TYPE_CHECKING:
    from domain.checks.base import Verdict
    from domain.checks.context import Context

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")
EAST_8 = timezone(timedelta(hours=8))
OWN_INSTANT: Mapping[str, tuple[str, ...]] = {
    "case.received": ("received_at",),
    "case.petitioner_notified": ("sent_at", "delivered_at"),
    "case.opinion_delivered": ("sent_at", "delivered_at"),
    "case.review_delivered": ("sent_at", "delivered_at"),
    "case.review_requested": ("received_at", "requested_at"),
    "case.handoff_received": ("arrived_at",),
}


class Act(msgspec.Struct, gc=False, eq=False, kw_only=True):
    """One recorded act: who did what when, with its payload and the bytes' own id as evidence.

    Read from the event's bytes in one step; `unit`, `staff` and `role` are those who acted, if recorded. Its
    attributes stand in the order in which the bytes hold them, for so they are found soonest.
    """

    actionid: str | None = None
    staff: str | None = msgspec.field(default=None, name="actorid")
    role: str | None = msgspec.field(default=None, name="actorrole")
    unit: str | None = msgspec.field(default=None, name="actorunit")
    data: dict[str, Any]
    enteredtime: str | None = None
    id: str
    importid: str | None = None
    recordedtime: str = ""
    time: str
    timeprecision: str | None = None
    type: str
    position: int = msgspec.field(default=0, name=" position")
    name: str = msgspec.field(default="", name=" name")
    day: date = msgspec.field(default=date.min, name=" day")
    """The act's day in Asia/Shanghai."""
    recorded_day: date = msgspec.field(default=date.min, name=" recorded day")
    """The day of `time` in Asia/Shanghai, whatever the payload says of its own instant."""
    entered_day: date | None = msgspec.field(default=None, name=" entered day")
    """The day of its entry: live as the ledger recorded it, imported as the sender says; None where nobody says."""
    _event: dict[str, Any] | None = msgspec.field(default=None, name=" event")
    _raw: bytes = msgspec.field(default=b"", name=" raw")
    _instant: Any = msgspec.field(default=None, name=" instant")

    def settle(self) -> None:
        """Set what follows from the bytes: name and days. ValueError where an instant is none."""
        name = self.name = NAMES.get(self.type) or short_name(self.type)
        self.day = self.recorded_day = day_of_text(self.time)
        if name in OWN_INSTANT:
            self.day = day_of_text(self.instant_text)
        if self.enteredtime is not None:
            self.entered_day = day_of_text(self.enteredtime)
        elif self.importid is None and self.recordedtime:
            self.entered_day = day_of_text(self.recordedtime)

    @property
    def event(self) -> Mapping[str, Any]:
        """The whole event, corrected values in place; what is not at hand is decoded when it is first asked for."""
        return Envelope(self) if self._event is None else self._event

    @property
    def instant_text(self) -> str:
        """The act's instant as it was sent: the payload's own where it has one, else `time`."""
        for name in OWN_INSTANT.get(self.name, ()):
            if name in self.data:
                return str(self.data[name])
        return self.time

    @property
    def instant(self) -> datetime:
        """The act's instant."""
        if self._instant is None:
            self._instant = parse_instant(self.instant_text)
        found: datetime = self._instant
        return found

    @property
    def has_hour(self) -> bool:
        """Whether the hour of `time` is known and may decide."""
        return self.timeprecision != "day"

    def get(self, field: str, default: Any = None) -> Any:
        """A field of the payload."""
        return self.data.get(field, default)

    def is_before(self, other: Act) -> bool:
        """Whether this act came first: hours decide only where both are known, equal instants never."""
        if self.day != other.day:
            return self.day < other.day
        return self.has_hour and other.has_hour and self.instant < other.instant


AT_HAND = {
    "id": "id", "type": "type", "time": "time", "data": "data", "recordedtime": "recordedtime", "actorunit": "unit",
    "actorid": "staff", "actorrole": "role", "timeprecision": "timeprecision", "importid": "importid",
    "enteredtime": "enteredtime", "actionid": "actionid",
}  # fmt: skip


class Envelope(Mapping[str, Any]):
    """An act's event: most attributes are at hand, the others are decoded when they are asked for."""

    __slots__ = ("_act",)

    def __init__(self, act: Act) -> None:
        self._act = act

    def _whole(self) -> dict[str, Any]:
        if self._act._event is None:
            self._act._event = decode(self._act._raw)
        return self._act._event

    def __getitem__(self, name: str) -> Any:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return self.get(str(name)) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """An attribute; absent ones are never null."""
        at_hand = AT_HAND.get(name)
        found = self._whole().get(name) if at_hand is None else getattr(self._act, at_hand)
        return default if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())


class Facts:
    """All acts on one subject that the question may take, in the order of its clock."""

    __slots__ = ("_by_name", "acts", "fields", "first", "first_day", "group", "last_day", "names", "notes", "unknown")

    def __init__(self, group: Group, acts: Iterable[Act], first: Facts | None = None) -> None:
        self.group = group
        self.acts = tuple(acts)
        self.first = first
        self.notes: dict[Any, Any] = {}
        by_name = self._by_name = dict[str, list[Act]]()
        unknown = []
        for act in self.acts:
            name = act.name
            if name in by_name:
                by_name[name].append(act)
            else:
                by_name[name] = [act]
            if act.type not in KNOWN_TYPES:
                unknown.append(act)
        self.unknown = tuple(unknown)
        self.names = frozenset(by_name)
        """The names of its acts."""
        self.fields = frozenset[str]().union(*[act.data for act in self.acts])
        """The names of the fields of their payloads."""
        days = [act.recorded_day for act in self.acts] or [date.min]
        self.first_day, self.last_day = min(days), max(days)
        """The days of its first and last act."""

    @property
    def subject(self) -> str:
        """The subject's number."""
        return self.group.id

    def all(self, *names: str) -> list[Act]:
        """The acts with these names, in the order of the clock."""
        if len(names) == 1:
            return self._by_name.get(names[0], [])
        there = self.names.intersection(names)
        if len(there) < 2:
            return self._by_name[next(iter(there))] if there else []
        return [act for act in self.acts if act.name in there]

    def one(self, name: str) -> Act | None:
        """The first act with this name."""
        found = self._by_name.get(name)
        return found[0] if found else None

    def last(self, name: str) -> Act | None:
        """The last act with this name."""
        found = self._by_name.get(name)
        return found[-1] if found else None

    def received(self, subject: str) -> Act | None:
        """The receipt that decides whether the articles apply to a finding about the subject."""
        return self.one("case.received")

    def after(self, act: Act) -> Iterator[Act]:
        """The acts that follow one act in the order of the clock."""
        seen = False
        for one in self.acts:
            if seen:
                yield one
            seen = seen or one is act


_day_and_place = attrgetter("day", "position")


def earliest(acts: Sequence[Act]) -> Act | None:
    """The act of the first day, of one day the one that was recorded first."""
    if len(acts) < 2:
        return acts[0] if acts else None
    return min(acts, key=_day_and_place)


def remembered(
    count: Callable[Concatenate[Facts, Context, P], R],
) -> Callable[Concatenate[Facts, Context, P], R]:
    """What several checks count of the same facts is counted once; `facts.notes` keeps it."""
    name = count.__qualname__

    def asked(facts: Facts, context: Context, /, *more: P.args, **named: P.kwargs) -> R:
        key = (name, *more) if more else name
        notes = facts.notes
        if key not in notes:
            notes[key] = count(facts, context, *more, **named)
        found: R = notes[key]
        return found

    return asked


Judging = Callable[[C, Facts, "Context"], "Iterator[Verdict]"]


def judged_once(verdicts: Judging[C]) -> Judging[C]:
    """Verdicts of a check that another one reads as well: both see the same, and the facts are judged once."""
    name = verdicts.__qualname__

    def asked(check: C, facts: Facts, context: Context) -> Iterator[Verdict]:
        if name not in facts.notes:
            facts.notes[name] = list(verdicts(check, facts, context))
        found: list[Verdict] = facts.notes[name]
        return iter(found)

    return asked


@lru_cache(maxsize=4_096)
def short_name(event_type: str) -> str:
    """`petition.case.received.v1` → `case.received`."""
    return event_type.removeprefix("petition.").rpartition(".v")[0]


def act_of(position: int, event: dict[str, Any]) -> Act:
    """The act of a decoded event."""
    act = msgspec.convert(event, Act)
    act.position = position
    act._event = event
    act.settle()
    return act


def facts_of(group: Group, events: Iterable[tuple[int, dict[str, Any]]], as_of: AsOf) -> Facts | None:
    """Fold the events of one group; None where the question admits none of them.

    Corrections are applied first, so that a corrected `time` decides place and admission; where there
    are any, `first` holds the reading before all corrections.
    """
    within = [pair for pair in events if as_of.size is None or pair[0] <= as_of.size]
    first = None
    if any(is_correction(event) for _, event in within):
        plain_reading = [pair for pair in within if not is_correction(pair[1])]
        first = _fold(group, plain_reading, as_of, None)
        known = [pair for pair in within if not is_correction(pair[1]) or as_of.admits(pair[1], pair[0])]
        positions = [position for position, _ in known]
        within = list(zip(positions, corrected(event for _, event in known), strict=True))
    facts = _fold(group, within, as_of, first)
    return facts if facts.acts else None


def _fold(group: Group, events: list[tuple[int, dict[str, Any]]], as_of: AsOf, first: Facts | None) -> Facts:
    admitted = [pair for pair in events if as_of.admits(pair[1], pair[0])]
    return Facts(group, (act_of(position, event) for position, event in as_of.ordered(admitted)), first)


def facts_from(group: Group, stored: Sequence[tuple[int, str, int, str, bytes]], as_of: AsOf) -> Facts | None:
    """`facts_of` for one subject's stored events in ledger order (position, subject, sequence, type, bytes).

    What every subject but a few needs is read in one step from the bytes; corrections, older shapes of an
    event and instants that are not written alike take the other way.
    """
    for row in stored:
        if row[3] not in READ_AT_ONCE and (row[3] in UPCASTS or row[3].endswith(SUFFIX)):
            return _slowly(group, stored, as_of)
    try:
        acts = [_read_act(row[4]) for row in stored]
    except msgspec.ValidationError:
        return _slowly(group, stored, as_of)
    for act, (position, _, _, _, raw) in zip(acts, stored, strict=True):
        act.position, act._raw = position, raw
    ordered = _in_order(acts, as_of)
    if ordered is None:
        return _slowly(group, stored, as_of)
    for act in ordered:
        act.settle()
    return Facts(group, ordered) if ordered else None


def _slowly(group: Group, stored: Sequence[tuple[int, str, int, str, bytes]], as_of: AsOf) -> Facts | None:
    return facts_of(group, ((one[0], decode(one[4])) for one in stored), as_of)


NAMES = {name: short_name(name) for name in KNOWN_TYPES}
READ_AT_ONCE = frozenset(name for name in KNOWN_TYPES if name not in UPCASTS and not name.endswith(SUFFIX))
_read_act = msgspec.json.Decoder(Act).decode
_time = attrgetter("time")


def _in_order(acts: list[Act], as_of: AsOf) -> list[Act] | None:
    """The admitted acts in the order of the clock, by comparing texts; None where texts do not tell."""
    if as_of.size is not None and acts and acts[-1].position > as_of.size:
        acts = [act for act in acts if act.position <= as_of.size]
    if as_of.clock == "known":
        return acts if as_of.instant is None else None
    for act in acts:
        text = act.time
        if len(text) != 25 or text[19:] != "+08:00" or text[11:13] == "24":
            return None
    acts.sort(key=_time)
    if as_of.instant is not None and acts and acts[-1].time > (until := _shanghai_text(as_of.instant)):
        acts = [act for act in acts if act.time <= until or is_register_fact(act.type)]
    return acts


@lru_cache(maxsize=64)
def _shanghai_text(instant: datetime) -> str:
    """The last whole second that an instant admits, as the ledger writes it."""
    return instant.astimezone(EAST_8).isoformat(timespec="seconds")
