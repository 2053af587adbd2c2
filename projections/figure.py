"""What a figure is: a definition, the members that can be opened, and who was left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Literal

from domain.asof import AsOf, instant_asked
from domain.checks.base import Text
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.event import canonical

Kind = Literal["exact", "sum", "rate"]
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Question:
    """A period of days in Asia/Shanghai, both ends included, and the point of view; names = only these figures."""

    from_on: date
    until_on: date
    as_of: AsOf = field(default_factory=AsOf)
    names: tuple[str, ...] | None = None

    def covers(self, day: date) -> bool:
        """Whether a day lies in the period."""
        return self.from_on <= day <= self.until_on

    @classmethod
    def year(cls, year: int, as_of: AsOf | None = None) -> Question:
        """A calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31), as_of or AsOf())


@dataclass(frozen=True, slots=True)
class Definition:
    """What is counted and how; a change of meaning is a new version."""

    id: str
    version: int
    title: Text
    unit: str
    kind: Kind
    says: Text
    types: frozenset[str]
    group: Literal["case", "fund"]
    dimensions: tuple[str, ...] = ()
    better: Better | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One thing counted, with its evidence; of a rate also how it stands, of a sum its amount in fen."""

    subject: str
    event_ids: tuple[str, ...]
    item: str = ""
    status: str = ""
    amount_fen: int | None = None

    @property
    def order(self) -> tuple[str, str, str]:
        """The stable order of a list of members."""
        return (self.subject, self.item, self.event_ids[0] if self.event_ids else "")

    def to_json(self) -> dict[str, Any]:
        """The member as JSON; what does not apply is left out."""
        out: dict[str, Any] = {"subject": self.subject, "event_ids": list(self.event_ids)}
        if self.item:
            out["item"] = self.item
        if self.status:
            out["status"] = self.status
        if self.amount_fen is not None:
            out["amount_fen"] = self.amount_fen
        return out


@dataclass(frozen=True, slots=True)
class Excluded:
    """One thing not counted, and why."""

    subject: str
    event_ids: tuple[str, ...]
    reason: Text
    item: str = ""

    def to_json(self) -> dict[str, Any]:
        """The excluded thing with its reason in both languages."""
        out: dict[str, Any] = {
            "subject": self.subject,
            "event_ids": list(self.event_ids),
            "reason": {"zh": self.reason.zh, "en": self.reason.en},
        }
        if self.item:
            out["item"] = self.item
        return out


@dataclass(frozen=True, slots=True)
class Figure:
    """One value that is the length (or sum) of its own members."""

    definition: Definition
    question: Question
    dimensions: Mapping[str, str]
    members: tuple[Member, ...]
    excluded: tuple[Excluded, ...] = ()
    calendar: str = ""
    judged_on: date | None = None
    """Where the question names no instant: the day of the last recording, by which open clocks are judged."""

    @property
    def as_of(self) -> str | None:
        """The instant of the question, else the end of the day by which its clocks were judged, as in the head of a check."""
        instant = self.question.as_of.instant
        if instant is None and self.judged_on is None:
            return None
        return instant_asked(instant, self.judged_on or date.min)

    @property
    def numerator(self) -> tuple[Member, ...]:
        """Of a rate: the members in time."""
        return tuple(one for one in self.members if one.status == "timely")

    @property
    def value(self) -> int | dict[str, int]:
        """A count, a sum in fen, or numerator and denominator."""
        if self.definition.kind == "rate":
            return {"numerator": len(self.numerator), "denominator": len(self.members)}
        if self.definition.kind == "sum":
            return sum(one.amount_fen or 0 for one in self.members)
        return len(self.members)

    @property
    def by_status(self) -> dict[str, int]:
        """How many members stand how."""
        counts: dict[str, int] = {}
        for one in self.members:
            if one.status:
                counts[one.status] = counts.get(one.status, 0) + 1
        return dict(sorted(counts.items()))

    @property
    def members_digest(self) -> str:
        """`sha256:` of the members' canonical list."""
        return "sha256:" + sha256(canonical([one.to_json() for one in self.members])).hexdigest()

    def to_json(self, members: bool = False) -> dict[str, Any]:
        """The figure as JSON; with `members` the lists behind it."""
        asked = self.question
        out: dict[str, Any] = {
            "figure": self.definition.id,
            "version": self.definition.version,
            "title": {"zh": self.definition.title.zh, "en": self.definition.title.en},
            "unit": self.definition.unit,
            "kind": self.definition.kind,
            "dimensions": dict(self.dimensions),
            "period": {"from_on": asked.from_on.isoformat(), "until_on": asked.until_on.isoformat()},
            "clock": asked.as_of.clock,
            "as_of": self.as_of,
            "as_of_size": asked.as_of.size,
            "value": self.value,
            "members_digest": self.members_digest,
            "members_count": len(self.members),
            "excluded_count": len(self.excluded),
        }
        if self.definition.better is not None:
            out["better"] = self.definition.better
        if self.by_status:
            out["by_status"] = self.by_status
        if self.calendar:
            out["calendar"] = self.calendar
        if members:
            out["members"] = [one.to_json() for one in self.members]
            out["excluded"] = [one.to_json() for one in self.excluded]
        return out


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one group gives to a figure: the dimensions it falls under, and the member or the exclusion."""

    dimensions: tuple[str, ...]
    entry: Member | Excluded


class FigureRule:
    """One definition with the rule that finds its members in the facts of one group."""

    definition: Definition

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        """The members and exclusions of one group."""
        raise NotImplementedError(type(self).__name__)
