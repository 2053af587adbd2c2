"""The facts of one group, folded once and shared by all checks: acts in the order of the asked clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from domain.asof import AsOf, parse_instant
from domain.calendar import day_of
from domain.checks.base import Group
from domain.checks.known import KNOWN_TYPES
from domain.corrections import corrected, is_correction

OWN_INSTANT: Mapping[str, tuple[str, ...]] = {
    "case.received": ("received_at",),
    "case.petitioner_notified": ("sent_at", "delivered_at"),
    "case.opinion_delivered": ("sent_at", "delivered_at"),
    "case.review_delivered": ("sent_at", "delivered_at"),
    "case.review_requested": ("received_at", "requested_at"),
    "case.handoff_received": ("arrived_at",),
}


class Act:
    """One recorded act: who did what when, with its payload and the bytes' own id as evidence."""

    __slots__ = ("_day", "_instant", "data", "event", "name", "position")

    def __init__(self, position: int, event: Mapping[str, Any]) -> None:
        self.position = position
        self.event = event
        self.data: Mapping[str, Any] = event["data"]
        self.name = short_name(event["type"])
        self._day: date | None = None
        self._instant: datetime | None = None

    @property
    def id(self) -> str:
        """The event id, the evidence of a finding."""
        return str(self.event["id"])

    @property
    def type(self) -> str:
        """The stored type name with its version."""
        return str(self.event["type"])

    @property
    def instant_text(self) -> str:
        """The act's instant as it was sent: the payload's own where it has one, else `time`."""
        for name in OWN_INSTANT.get(self.name, ()):
            if name in self.data:
                return str(self.data[name])
        return str(self.event["time"])

    @property
    def instant(self) -> datetime:
        """The act's instant."""
        if self._instant is None:
            self._instant = parse_instant(self.instant_text)
        return self._instant

    @property
    def day(self) -> date:
        """The act's day in Asia/Shanghai."""
        if self._day is None:
            self._day = day_of(self.instant_text)
        return self._day

    @property
    def recorded_day(self) -> date:
        """The day of `time` in Asia/Shanghai, whatever the payload says of its own instant."""
        return day_of(str(self.event["time"]))

    @property
    def has_hour(self) -> bool:
        """Whether the hour of `time` is known and may decide."""
        return self.event.get("timeprecision") != "day"

    @property
    def unit(self) -> str | None:
        """The unit that acted, if recorded."""
        return self.event.get("actorunit")

    @property
    def staff(self) -> str | None:
        """The staff member who acted, if recorded."""
        return self.event.get("actorid")

    @property
    def role(self) -> str | None:
        """The role in which the staff member acted, if recorded."""
        return self.event.get("actorrole")

    def get(self, field: str, default: Any = None) -> Any:
        """A field of the payload."""
        return self.data.get(field, default)

    def is_before(self, other: Act) -> bool:
        """Whether this act came first: hours decide only where both are known, equal instants never."""
        if not (self.has_hour and other.has_hour):
            return self.day < other.day
        return self.instant < other.instant


class Facts:
    """All acts on one subject that the question may take, in the order of its clock."""

    __slots__ = ("_by_name", "acts", "first", "group", "notes", "unknown")

    def __init__(self, group: Group, acts: Iterable[Act], first: Facts | None = None) -> None:
        self.group = group
        self.acts = tuple(acts)
        self.first = first
        self.unknown = tuple(act for act in self.acts if act.type not in KNOWN_TYPES)
        self.notes: dict[str, Any] = {}
        self._by_name: dict[str, list[Act]] = {}
        for act in self.acts:
            self._by_name.setdefault(act.name, []).append(act)

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
        wanted = frozenset(names)
        return [act for act in self.acts if act.name in wanted]

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


def short_name(event_type: str) -> str:
    """`petition.case.received.v1` → `case.received`."""
    return event_type.removeprefix("petition.").rpartition(".v")[0]


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
    return Facts(group, (Act(position, event) for position, event in as_of.ordered(admitted)), first)
