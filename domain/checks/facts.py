"""The facts of one group, folded once and shared by all checks: acts in the order of the asked clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import msgspec

from domain.asof import AsOf, is_register_fact, parse_instant
from domain.calendar import day_of
from domain.checks.base import Group
from domain.checks.known import KNOWN_TYPES
from domain.corrections import SUFFIX, corrected, is_correction
from domain.event import decode
from domain.upcasts import UPCASTS

if TYPE_CHECKING:
    from domain.checks.context import Context

P = ParamSpec("P")
R = TypeVar("R")
EAST_8 = timezone(timedelta(hours=8))
OWN_INSTANT: Mapping[str, tuple[str, ...]] = {
    "case.received": ("received_at",),
    "case.petitioner_notified": ("sent_at", "delivered_at"),
    "case.opinion_delivered": ("sent_at", "delivered_at"),
    "case.review_delivered": ("sent_at", "delivered_at"),
    "case.review_requested": ("received_at", "requested_at"),
    "case.handoff_received": ("arrived_at",),
}


class Act(msgspec.Struct, gc=False, eq=False):
    """One recorded act: who did what when, with its payload and the bytes' own id as evidence.

    Read from the event's bytes in one step; `unit`, `staff` and `role` are those who acted, if recorded.
    """

    id: str
    type: str
    time: str
    data: dict[str, Any]
    subject: str = ""
    sequence: str = ""
    recordedtime: str = ""
    unit: str | None = msgspec.field(default=None, name="actorunit")
    staff: str | None = msgspec.field(default=None, name="actorid")
    role: str | None = msgspec.field(default=None, name="actorrole")
    timeprecision: str | None = None
    importid: str | None = None
    enteredtime: str | None = None
    recorderid: str | None = None
    actionid: str | None = None
    position: int = msgspec.field(default=0, name=" position")
    name: str = msgspec.field(default="", name=" name")
    recorded_day: Any = msgspec.field(default=None, name=" recorded day")
    """The day of `time` in Asia/Shanghai, whatever the payload says of its own instant; set with the facts."""
    _event: dict[str, Any] | None = msgspec.field(default=None, name=" event")
    _raw: bytes = msgspec.field(default=b"", name=" raw")
    _day: Any = msgspec.field(default=None, name=" day")
    _instant: Any = msgspec.field(default=None, name=" instant")

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
    def day(self) -> date:
        """The act's day in Asia/Shanghai."""
        if self._day is None:
            self._day = day_of(self.instant_text) if self.name in OWN_INSTANT else self.recorded_day
        found: date = self._day
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
        if not (self.has_hour and other.has_hour):
            return self.day < other.day
        return self.instant < other.instant


AT_HAND = {
    "id": "id", "type": "type", "time": "time", "subject": "subject", "sequence": "sequence", "data": "data",
    "recordedtime": "recordedtime", "actorunit": "unit", "actorid": "staff", "actorrole": "role",
    "timeprecision": "timeprecision", "importid": "importid", "enteredtime": "enteredtime",
    "recorderid": "recorderid", "actionid": "actionid",
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

    __slots__ = ("_by_name", "acts", "first", "group", "notes", "unknown")

    def __init__(self, group: Group, acts: Iterable[Act], first: Facts | None = None) -> None:
        self.group = group
        self.acts = tuple(acts)
        self.first = first
        self.notes: dict[Any, Any] = {}
        self._by_name: dict[str, list[Act]] = {}
        self.unknown: tuple[Act, ...] = ()
        for act in self.acts:
            name = act.name = short_name(act.type)
            act.recorded_day = day_of(act.time)
            if name in self._by_name:
                self._by_name[name].append(act)
            else:
                self._by_name[name] = [act]
            if act.type not in KNOWN_TYPES:
                self.unknown = (*self.unknown, act)

    @property
    def subject(self) -> str:
        """The subject's number."""
        return self.group.id

    @property
    def names(self) -> Collection[str]:
        """The names of its acts."""
        return self._by_name.keys()

    def all(self, *names: str) -> list[Act]:
        """The acts with these names, in the order of the clock."""
        if len(names) == 1:
            return self._by_name.get(names[0], [])
        there = [name for name in names if name in self._by_name]
        if len(there) < 2:
            return self._by_name[there[0]] if there else []
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


def remembered(
    count: Callable[Concatenate[Facts, Context, P], R],
) -> Callable[Concatenate[Facts, Context, P], R]:
    """What several checks count of the same facts is counted once; `facts.notes` keeps it."""
    name = count.__qualname__

    def asked(facts: Facts, context: Context, /, *more: P.args, **named: P.kwargs) -> R:
        key = (name, *more)
        if key not in facts.notes:
            facts.notes[key] = count(facts, context, *more, **named)
        found: R = facts.notes[key]
        return found

    return asked


@lru_cache(maxsize=4_096)
def short_name(event_type: str) -> str:
    """`petition.case.received.v1` → `case.received`."""
    return event_type.removeprefix("petition.").rpartition(".v")[0]


def act_of(position: int, event: dict[str, Any]) -> Act:
    """The act of a decoded event."""
    act = msgspec.convert(event, Act)
    act.position = position
    act.name = short_name(act.type)
    act.recorded_day = day_of(act.time)
    act._event = event
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
    acts: list[Act] = []
    try:
        for position, _, _, kind, raw in stored:
            if kind in UPCASTS or kind.endswith(SUFFIX):
                return _slowly(group, stored, as_of)
            act = _read_act(raw)
            act.position = position
            act._raw = raw
            acts.append(act)
    except msgspec.ValidationError:
        return _slowly(group, stored, as_of)
    ordered = _in_order(acts, as_of)
    if ordered is None:
        return _slowly(group, stored, as_of)
    return Facts(group, ordered) if ordered else None


def _slowly(group: Group, stored: Sequence[tuple[int, str, int, str, bytes]], as_of: AsOf) -> Facts | None:
    return facts_of(group, ((one[0], decode(one[4])) for one in stored), as_of)


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
    if as_of.instant is not None:
        until = _shanghai_text(as_of.instant)
        if any(act.time > until for act in acts):
            acts = [act for act in acts if act.time <= until or is_register_fact(act.type)]
    acts.sort(key=_time)
    return acts


@lru_cache(maxsize=64)
def _shanghai_text(instant: datetime) -> str:
    """The last whole second that an instant admits, as the ledger writes it."""
    return instant.astimezone(EAST_8).isoformat(timespec="seconds")
