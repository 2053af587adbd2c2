"""The checks of one run, sorted by what they judge; every failure is told with its group and the others go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from domain.checks.base import Check, Finding, Group, GroupKind
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, Joined, joined

KINDS: tuple[GroupKind, ...] = ("case", "grant", "fund", "file", "matter")
CONCERNED_MAX = 20_000
"""Different sets of acts for which the concerned checks are remembered."""
BOTH, NOW, FIRST = 0, 1, 2
Concerned = tuple[list[Check], list[GatheringCheck]]
"""The checks that judge a group by itself, and those to which it gives something."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that raised: which one, about which group, and what it said."""

    check: str
    group: Group
    error: str

    def to_json(self) -> dict[str, Any]:
        """One line of the output, told apart by its only key."""
        return {"failed": {"check": self.check, "kind": self.group.kind, "subject": self.group.id, "error": self.error}}


class Given(msgspec.Struct, frozen=True):
    """What one subject gave to one group of one check; `reading` is `BOTH`, `NOW` (corrected) or `FIRST`."""

    check: str
    contribution: Contribution
    reading: int = BOTH
    unknown: tuple[str, ...] = ()


@dataclass(slots=True)
class Judgement:
    """What the checks say about one group, and what its facts give to gatherings."""

    findings: list[Finding] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)


class Panel:
    """The checks of one run with their context; which of them a subject concerns follows from the acts on it."""

    def __init__(self, checks: Sequence[Check], context: Context) -> None:
        self.context = context
        gathering = [check for check in checks if isinstance(check, GatheringCheck)]
        direct = [check for check in checks if not isinstance(check, GatheringCheck)]
        self._direct = {kind: [check for check in direct if kind in check.kinds] for kind in KINDS}
        self._gathering = {kind: [check for check in gathering if kind in check.reads] for kind in KINDS}
        self._concerned: dict[frozenset[str], dict[tuple[GroupKind, bool], Concerned]] = {}
        self.gathering_by_id = {check.id: check for check in gathering}

    @property
    def joins(self) -> bool:
        """Whether some check judges subjects together."""
        return bool(self._direct["file"] or self._direct["matter"])

    def failed(self, group: Group, error: Exception) -> list[Failure]:
        """The failure of every check of a subject whose facts could not be read."""
        checks = [*self._direct.get(group.kind, ()), *self._gathering.get(group.kind, ())]
        return [Failure(check.id, group, told(error)) for check in checks]

    def judge_subject(self, facts: Facts, out: Judgement) -> None:
        """Judge a case, grant or fund by itself, and take what it gives to gatherings."""
        direct, gathering = self._of(facts.group.kind, facts.names, bool(facts.unknown))
        if not direct and not gathering:
            return
        found: list[Finding] = []
        is_plain, context = facts.first is None and not facts.unknown, self.context
        for check in direct:
            try:
                if not is_plain:
                    found += check.judge(facts, context)
                elif verdicts := [*check.verdicts(facts, context)]:
                    found += check.written(verdicts, facts, context)
            except Exception as error:  # noqa: BLE001 - told as a failure with its group, the run goes on
                out.failures.append(Failure(check.id, facts.group, told(error)))
        out.findings += found
        for giving in gathering:
            theirs = found if giving.reads_findings else ()
            try:
                if is_plain:
                    out.given += [Given(giving.id, one) for one in giving.contributions(facts, context, theirs)]
                else:
                    out.given += _given(giving, facts, context, theirs)
            except Exception as error:  # noqa: BLE001 - told as a failure with its group, the run goes on
                out.failures.append(Failure(giving.id, facts.group, told(error)))

    def judge_joined(self, group: Group, parts: Sequence[Facts], out: Judgement) -> None:
        """Judge a case with its grants, or a matter."""
        if len(parts) == 1:
            checks, _ = self._of(group.kind, parts[0].names, bool(parts[0].unknown), alone=True)
        else:
            names = frozenset[str]().union(*(one.names for one in parts))
            checks, _ = self._of(group.kind, names, any(one.unknown for one in parts))
        if checks:
            facts = joined(group, parts)
            for check in checks:
                out.findings += self._judge(check, facts, out)

    def _of(self, kind: GroupKind, names: frozenset[str], unsure: bool, *, alone: bool = False) -> Concerned:
        """The checks that have something to say about a group with acts of these names; all where some are unknown."""
        if unsure:
            return self._direct[kind], self._gathering[kind]
        known = self._concerned.get(names)
        if known is None:
            if len(self._concerned) >= CONCERNED_MAX:
                self._concerned.clear()
            known = self._concerned[names] = {}
        concerned = known.get((kind, alone))
        if concerned is None:
            concerned = known[kind, alone] = (
                [one for one in self._direct[kind] if _is_concerned(one, names, alone)],
                [one for one in self._gathering[kind] if _is_concerned(one, names, alone)],
            )
        return concerned

    def standing(self) -> set[tuple[str, Group]]:
        """The groups of gathering checks that are judged whatever was given to them."""
        return {(check.id, group) for check in self.gathering_by_id.values() for group in check.standing(self.context)}

    def judge_gathered(self, check: GatheringCheck, group: Group, given: Sequence[Given], out: Judgement) -> None:
        """Judge what subjects gave to one group."""
        if len(given) >= check.members_min or any(one.unknown for one in given):
            out.findings += self._judge(check, gathered(group, given), out)

    def _judge(self, check: Check, facts: Facts | Joined | Gathered, out: Judgement) -> list[Finding]:
        try:
            return check.judge(facts, self.context)
        except Exception as error:  # noqa: BLE001 - told as a failure with its group, the run goes on
            out.failures.append(Failure(check.id, facts.group, told(error)))
            return []


def _is_concerned(check: Check, names: frozenset[str], alone: bool) -> bool:
    triggers = check.triggers_alone if alone and check.triggers_alone else check.triggers
    return not triggers or not triggers.isdisjoint(names)


def gathered(group: Group, given: Sequence[Given]) -> Gathered:
    """One group's contributions, with the reading before corrections where it differs."""
    unknown = [_Unknown(event_id) for one in given for event_id in one.unknown]
    now = [one.contribution for one in given if one.reading != FIRST]
    first = None
    if any(one.reading != BOTH for one in given):
        first = Gathered(group, (one.contribution for one in given if one.reading != NOW))
    return Gathered(group, now, first, unknown)


@dataclass(frozen=True, slots=True)
class _Unknown:
    """An event of a contributing subject whose type nobody knows."""

    id: str
    type: str = "unknown"


def _given(check: GatheringCheck, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Given]:
    unknown = tuple(act.id for act in facts.unknown)
    now = list(check.contributions(facts, context, found))
    first = now if facts.first is None else list(check.contributions(facts.first, context, found))
    for one in now:
        yield Given(check.id, one, BOTH if one in first else NOW, unknown)
    for one in first:
        if one not in now:
            yield Given(check.id, one, FIRST, unknown)


def told(error: Exception) -> str:
    """An exception as one line."""
    return f"{type(error).__name__}: {error}"
