"""Groups over several subjects: a case with its grants, a matter, and what many subjects give to one staff-month, unit or document."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from domain.checks.base import Check, Finding, Group, GroupKind, Judged, Text, Verdict, cannot_tell, group_of
from domain.checks.facts import Act, Facts

if TYPE_CHECKING:
    from domain.checks.context import Context

Slim = str | int | bool | None | list[str]
"""What a gathered fact may hold: plain JSON, so that it can be kept beside the views."""


def gathering(kind: GroupKind, *parts: str | int) -> Group:
    """The group of this kind with these parts, as `gathering("document", digest, 2025)`."""
    return Group(kind, "|".join(map(str, parts)))


def staff_month(staff: str, day: date) -> Group:
    """One staff member's calendar month: parts `S-012`, `2025-03`."""
    return Group("staff-month", f"{staff}|{day.isoformat()[:7]}")


def unit_month(unit: str, day: date) -> Group:
    """One unit's calendar month: parts `MZJ`, `2025-03`."""
    return Group("unit-month", f"{unit}|{day.isoformat()[:7]}")


def unit_quarter(unit: str, day: date) -> Group:
    """One unit's quarter: parts `MZJ`, `2025-Q1`."""
    return gathering("unit-quarter", unit, f"{day.year:04d}-Q{(day.month + 2) // 3}")


def unit_year(unit: str, day: date) -> Group:
    """One unit's calendar year: parts `MZJ`, `2025`."""
    return gathering("unit-year", unit, f"{day.year:04d}")


class Contribution(msgspec.Struct, frozen=True):
    """One slim fact that a subject gives to a group.

    `event_ids` is its evidence. `facts` holds plain JSON only, and as little as the check needs: a group
    keeps these, never the events.
    """

    group: Group
    subject: str
    event_ids: tuple[str, ...]
    day: date
    facts: Mapping[str, Slim] = msgspec.field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """A field of what was given."""
        return self.facts.get(name, default)


_place = attrgetter("day", "subject", "event_ids")


class Gathered:
    """Everything that subjects gave to one group for one check, ordered by day, subject and evidence."""

    __slots__ = ("first", "group", "members", "unknown")

    def __init__(
        self,
        group: Group,
        members: Iterable[Contribution],
        first: Gathered | None = None,
        unknown: Sequence[Any] = (),
    ) -> None:
        self.group = group
        self.members = sorted(members, key=_place)
        self.first = first
        self.unknown = unknown

    @property
    def parts(self) -> list[str]:
        """The parts of the group's id, as `["MZJ", "2025-03"]`."""
        return self.group.id.split("|")

    @property
    def subject(self) -> str:
        """Whom a finding is about unless its verdict says: the unit, the staff member or the fund; else the id."""
        if self.group.kind.startswith("staff"):
            return f"staff:{self.parts[0]}"
        if self.group.kind.startswith("unit"):
            return f"unit:{self.parts[0]}"
        return self.group.id

    def received(self, subject: str) -> Act | None:
        """Which receipt decides whether the articles apply: none, a gathering's own check looks at its days."""
        return None


class Joined:
    """The facts of cases that belong together and of the grants on them, each as its own checks see it.

    `file` = one case and its grants; `matter` = all cases joined by `repeat_of` and `merged_into`, and theirs.
    Its id is the case, or the first number of the matter.
    """

    __slots__ = ("cases", "first", "grants", "group", "unknown")

    def __init__(self, group: Group, parts: Iterable[Facts], first: Joined | None = None) -> None:
        self.group = group
        self.cases: dict[str, Facts] = {}
        self.grants: dict[str, Facts] = {}
        for facts in sorted(parts, key=lambda one: one.subject):
            (self.cases if facts.group.kind == "case" else self.grants)[facts.subject] = facts
        self.first = first
        self.unknown = tuple(act for facts in self.parts for act in facts.unknown)

    @property
    def parts(self) -> list[Facts]:
        """The facts of all its cases, then of all its grants, each in order of number."""
        return [*self.cases.values(), *self.grants.values()]

    @property
    def subject(self) -> str:
        """Whom a finding is about unless its verdict says: the case, or the first number of the matter."""
        return self.group.id

    @property
    def case(self) -> Facts | None:
        """The case of a `file`; None where the ledger holds nothing of it."""
        return self.cases.get(self.group.id)

    def all(self, *names: str) -> list[tuple[Facts, Act]]:
        """The acts with these names on any of its subjects, ordered by instant and ledger position."""
        found = [(facts, act) for facts in self.parts for act in facts.all(*names)]
        return sorted(found, key=lambda pair: (pair[1].instant, pair[1].position))

    def received(self, subject: str) -> Act | None:
        """The receipt that decides whether the articles apply to a finding about one of its subjects."""
        facts = self.cases.get(subject)
        if facts is None and subject in self.grants:
            applied = self.grants[subject].one("grant.applied")
            facts = self.cases.get(str(applied.get("case"))) if applied is not None else None
        return facts.one("case.received") if facts is not None else None


def joined(group: Group, parts: Sequence[Facts]) -> Joined:
    """The group, with its reading before all corrections where one of its subjects was corrected."""
    first = None
    if any(facts.first is not None for facts in parts):
        first = Joined(group, (facts.first or facts for facts in parts))
    return Joined(group, parts, first)


class GatheringCheck(Check):
    """A check whose groups lie across subjects: subjects contribute slim facts, then each group is judged over them.

    `kinds` are the groups that it judges, `reads` the subjects whose facts contribute. `triggers` are the acts
    without any of which a subject has nothing to contribute. `verdicts` gets a `Gathered`.
    """

    reads: ClassVar[tuple[GroupKind, ...]]
    reads_findings: ClassVar[bool] = False
    """Whether `contributions` looks at what the other checks found about the subject."""
    members_min: ClassVar[int] = 0
    """Of a group to which fewer facts were given it has nothing to say, whatever they are."""

    def keys(self, event: Mapping[str, Any]) -> tuple[Group, ...]:
        """The subject whose contributions this event may change; its groups, before and after, are judged again."""
        group = group_of(event["subject"])
        return (group,) if group is not None and group.kind in self.reads else ()

    @abstractmethod
    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        """What one subject gives to which groups.

        `found` are the findings about the subject where `reads_findings` asks for them, else empty. A subject
        whose facts were corrected is read twice; `Gathered.first` holds the reading before corrections.
        """

    def standing(self, context: Context) -> Iterable[Group]:
        """Groups that are judged even where no subject gave anything: those that a register names."""
        return ()

    def _if_applicable(self, verdict: Verdict, facts: Judged) -> Verdict:
        """A group whose every day lies before the articles came into force cannot be judged by them."""
        from_on = min((basis.from_on for basis in self.basis if basis.from_on), default=None)
        members = facts.members if isinstance(facts, Gathered) else []
        if verdict.result != "hit" or from_on is None or not members or members[-1].day >= from_on:
            return super()._if_applicable(verdict, facts)
        missing = Text(
            f"{from_on}（施行日）之后的事项", f"acts on or after {from_on}, when the article came into force"
        )
        told = cannot_tell(verdict.reason, missing, verdict.event_ids, item=verdict.item)
        return replace(told, subject=verdict.subject)

    def _read(self, facts: Judged, context: Context) -> list[Verdict]:
        """A group that one of the two readings leaves empty says nothing by it."""
        named = isinstance(facts, Gathered) and (facts.members or facts.group in self.standing(context))
        return super()._read(facts, context) if named else []
