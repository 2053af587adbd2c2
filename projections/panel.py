"""The checks of one run, sorted by what they judge; every failure is told with its group and the others go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.checks.base import Check, Finding, Group, GroupKind
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, Joined, joined

SUBJECT_KINDS: tuple[GroupKind, ...] = ("case", "grant", "fund")
BOTH, NOW, FIRST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that raised: which one, about which group, and what it said."""

    check: str
    group: Group
    error: str

    def to_json(self) -> dict[str, Any]:
        """One line of the output, told apart by its only key."""
        return {"failed": {"check": self.check, "kind": self.group.kind, "subject": self.group.id, "error": self.error}}


@dataclass(frozen=True, slots=True)
class Given:
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
    """The checks of one run with their context."""

    def __init__(self, checks: Sequence[Check], context: Context) -> None:
        self.context = context
        gathering = [check for check in checks if isinstance(check, GatheringCheck)]
        direct = [check for check in checks if not isinstance(check, GatheringCheck)]
        self._direct = {kind: [check for check in direct if kind in check.kinds] for kind in SUBJECT_KINDS}
        self._joined = {kind: [check for check in direct if kind in check.kinds] for kind in ("file", "matter")}
        self._gathering = {kind: [check for check in gathering if kind in check.reads] for kind in SUBJECT_KINDS}
        self.gathering_by_id = {check.id: check for check in gathering}

    @property
    def joins(self) -> bool:
        """Whether some check judges subjects together."""
        return any(self._joined.values())

    def failed(self, group: Group, error: Exception) -> list[Failure]:
        """The failure of every check of a subject whose facts could not be read."""
        checks = [*self._direct.get(group.kind, ()), *self._gathering.get(group.kind, ())]
        return [Failure(check.id, group, told(error)) for check in checks]

    def judge_subject(self, facts: Facts, out: Judgement) -> None:
        """Judge a case, grant or fund by itself, and take what it gives to gatherings."""
        found: list[Finding] = []
        for check in self._direct.get(facts.group.kind, ()):
            if _is_triggered(check, facts):
                found += self._judge(check, facts, out)
        out.findings += found
        for gathering in self._gathering.get(facts.group.kind, ()):
            if _is_triggered(gathering, facts):
                try:
                    out.given += _given(gathering, facts, self.context, found)
                except Exception as error:  # noqa: BLE001 - told as a failure with its group, the run goes on
                    out.failures.append(Failure(gathering.id, facts.group, told(error)))

    def judge_joined(self, group: Group, parts: Sequence[Facts], out: Judgement) -> None:
        """Judge a case with its grants, or a matter."""
        checks = [check for check in self._joined[group.kind] if any(_is_triggered(check, one) for one in parts)]
        if checks:
            facts = joined(group, parts)
            for check in checks:
                out.findings += self._judge(check, facts, out)

    def judge_gathered(self, check: GatheringCheck, group: Group, given: Iterable[Given], out: Judgement) -> None:
        """Judge what subjects gave to one group."""
        out.findings += self._judge(check, gathered(group, list(given)), out)

    def _judge(self, check: Check, facts: Facts | Joined | Gathered, out: Judgement) -> list[Finding]:
        try:
            return check.judge(facts, self.context)
        except Exception as error:  # noqa: BLE001 - told as a failure with its group, the run goes on
            out.failures.append(Failure(check.id, facts.group, told(error)))
            return []


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


def _is_triggered(check: Check, facts: Facts) -> bool:
    return not check.triggers or bool(facts.unknown) or not check.triggers.isdisjoint(facts.names)


def told(error: Exception) -> str:
    """An exception as one line."""
    return f"{type(error).__name__}: {error}"
