"""Two answers to one figure side by side, and the cause of every member that came, went or now stands otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from domain.asof import AsOf, parse_instant
from domain.checks.base import Group, Text, group_of
from domain.checks.context import Context
from domain.checks.facts import facts_of
from domain.corrections import corrected_times, is_correction, taken
from domain.event import decode
from projections.figure import Definition, Figure, FigureRule, Member, Question
from projections.ledger_source import LedgerSource
from projections.statistics import contributions_of, figures, point_of_view, rules_asked

Cause = Literal["late_entry", "correction", "new_act", "calendar", "register", "time_passed", "clock", "definition"]
Key = tuple[tuple[str, ...], str, str, int]
"""Dimensions, subject, item, and the how-manieth member of these."""

CAUSES: dict[Cause, Text] = {
    "late_entry": Text("补录：发生在前，入账在后", "late entry: it happened before, the ledger learnt it after"),
    "correction": Text("更正记录", "a correction of the record"),
    "new_act": Text("其间新发生的行为", "an act that happened in between"),
    "calendar": Text("日历公布或更改", "a calendar declared or changed"),
    "register": Text("单位、人员、参数或资金规则的登记", "a register entry: unit, staff, parameters or fund rules"),
    "time_passed": Text("时间推移（期限届满等）", "time passed, as when a period ended"),
    "clock": Text("两种时间口径的次序不同", "the two clocks read the acts in another order"),
    "definition": Text("指标定义改变", "the figure's definition changed"),
}


@dataclass(frozen=True, slots=True)
class MemberChange:
    """One member that came (`was` is None), went (`now` is None) or stands otherwise, and why."""

    dimensions: Mapping[str, str]
    was: Member | None
    now: Member | None
    cause: Cause
    event_ids: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The change as JSON, the cause in words of both languages."""
        said = CAUSES[self.cause]
        out: dict[str, Any] = {
            "change": "came" if self.was is None else "went" if self.now is None else "changed",
            "dimensions": dict(self.dimensions),
            "cause": self.cause,
            "says": {"zh": said.zh, "en": said.en},
            "event_ids": list(self.event_ids),
        }
        for name, member in (("was", self.was), ("now", self.now)):
            if member is not None:
                out[name] = member.to_json()
        return out


@dataclass(frozen=True, slots=True)
class FigureDifference:
    """One figure in two answers, all its dimensions together."""

    old: Definition
    new: Definition
    was: tuple[Figure, ...]
    now: tuple[Figure, ...]
    changes: tuple[MemberChange, ...]

    def counts(self) -> dict[Cause, int]:
        """By cause, how many more members there are now; the sum is the difference."""
        found: dict[Cause, int] = {}
        for one in self.changes:
            found[one.cause] = found.get(one.cause, 0) + (one.now is not None) - (one.was is not None)
        return found

    def sums_fen(self) -> dict[Cause, int]:
        """By cause, how much more the members' amounts are now, in fen; the sum is the difference."""
        found: dict[Cause, int] = {}
        for one in self.changes:
            now, was = (member.amount_fen or 0 if member else 0 for member in (one.now, one.was))
            found[one.cause] = found.get(one.cause, 0) + now - was
        return found

    def to_json(self) -> dict[str, Any]:
        """The figure's two values and every change."""
        return {
            "figure": self.new.id,
            "versions": [self.old.version, self.new.version],
            "title": {"zh": self.new.title.zh, "en": self.new.title.en},
            "unit": self.new.unit,
            "was": _total(self.old, self.was),
            "now": _total(self.new, self.now),
            "by_cause": self.counts() if self.new.kind != "sum" else self.sums_fen(),
            "changes": [one.to_json() for one in self.changes],
        }


def _total(definition: Definition, found: Sequence[Figure]) -> int | dict[str, int]:
    """The value of all dimensions together, in the shape of its kind even where nothing is counted."""
    members = [member for one in found for member in one.members]
    if definition.kind == "rate":
        return {"numerator": sum(one.status == "timely" for one in members), "denominator": len(members)}
    return sum(one.amount_fen or 0 for one in members) if definition.kind == "sum" else len(members)


def differences(
    source: LedgerSource,
    old: Question,
    new: Question,
    old_rules: Sequence[FigureRule] | None = None,
    new_rules: Sequence[FigureRule] | None = None,
) -> Iterator[FigureDifference]:
    """Two questions about the same figures, figure by figure, with the cause of every changed member.

    The old answer is led over to the new one in steps – late entries, corrections, new acts, calendar, other
    registers, the day of the question, the order of the clock, the definition –, and the last step at which a
    member changes is its cause; so every change has one cause, and the causes add up to the difference. Only
    subjects with a changed member are folded again. `old_rules` and `new_rules` pair definitions by place.
    """
    before = tuple(old_rules) if old_rules is not None else rules_asked(old)
    after = tuple(new_rules) if new_rules is not None else rules_asked(new)
    was, now = list(figures(source, old, before)), list(figures(source, new, after))
    sides = _Sides(source, old, new)
    for first, second in zip(before, after, strict=True):
        then = tuple(one for one in was if one.definition is first.definition)
        later = tuple(one for one in now if one.definition is second.definition)
        changes = tuple(_changes(sides, first, second, then, later))
        yield FigureDifference(first.definition, second.definition, then, later, changes)


def _changes(
    sides: _Sides, first: FigureRule, second: FigureRule, was: Sequence[Figure], now: Sequence[Figure]
) -> Iterator[MemberChange]:
    then, later = _keyed(was), _keyed(now)
    changed = {key for key in then.keys() | later.keys() if then.get(key) != later.get(key)}
    names = second.definition.dimensions
    for subject in sorted({key[1] for key in changed}):
        steps = sides.steps(subject, first, second)
        for key in sorted(key for key in changed if key[1] == subject):
            cause, event_ids = _cause(steps, key, later.get(key))
            dimensions = dict(zip(names, key[0], strict=False))
            yield MemberChange(dimensions, then.get(key), later.get(key), cause, event_ids)


_Step = tuple[Cause, dict[Key, Member], tuple[str, ...]]


def _cause(steps: Sequence[_Step], key: Key, now: Member | None) -> tuple[Cause, tuple[str, ...]]:
    """The last step at which the member came to stand as it does now."""
    for place in range(len(steps) - 1, 0, -1):
        cause, members, event_ids = steps[place]
        if members.get(key) != steps[place - 1][1].get(key):
            return cause, event_ids
    return steps[-1][0], ()


def _keyed(found: Sequence[Figure]) -> dict[Key, Member]:
    keyed: dict[Key, Member] = {}
    for figure in found:
        _add(keyed, tuple(figure.dimensions.values()), figure.members)
    return keyed


def _add(keyed: dict[Key, Member], dimensions: tuple[str, ...], members: Sequence[Member]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for member in sorted(members, key=lambda one: one.order):
        number = seen[member.subject, member.item] = seen.get((member.subject, member.item), -1) + 1
        keyed[dimensions, member.subject, member.item, number] = member


def _between(old: Context, new: Context) -> Sequence[tuple[Cause, Context]]:
    """The old context led over to the new one; each step counts anew, for what a context remembers holds of it alone."""
    calendar = replace(old, calendar=new.calendar, limits={}, notes={})
    register = replace(new, today=old.today, as_of=old.as_of, limits={}, notes={})
    return (("calendar", calendar), ("register", register), ("time_passed", new))


class _Sides:
    """The two points of view, and the way from one to the other for one subject."""

    def __init__(self, source: LedgerSource, old: Question, new: Question) -> None:
        self._source = source
        self._old, self._old_context = point_of_view(source, old)
        self._new, self._new_context = point_of_view(source, new)
        self._contexts = _between(self._old_context, self._new_context)

    def steps(self, subject: str, first: FigureRule, second: FigureRule) -> list[_Step]:
        """The subject's members after each step from the old answer to the new one."""
        group = group_of(subject)
        assert group is not None, "a member's subject has a group"
        events = [(one.position, decode(one.raw)) for one in self._source.read_subject(subject)]
        steps: list[_Step] = [("clock", self._exact(first, group, events, self._old, self._old_context), ())]
        held, wanted = ({position for position, _ in taken(events, side.as_of)} for side in (self._old, self._new))
        for cause, holds in self._kinds(corrected_times(event for _, event in events)):
            moved = {
                position for position, event in events if (position in held) != (position in wanted) and holds(event)
            }
            held ^= moved
            shown = [pair for pair in events if pair[0] in held]
            everything = replace(self._old, as_of=AsOf(self._old.as_of.clock))
            ids = tuple(str(event["id"]) for position, event in events if position in moved)
            steps.append((cause, self._exact(first, group, shown, everything, self._old_context), ids))
        for cause, context in self._contexts:
            steps.append((cause, self._exact(first, group, shown, everything, context), ()))
        steps.append(("clock", self._exact(first, group, events, self._new, self._new_context), ()))
        steps.append(("definition", self._exact(second, group, events, self._new, self._new_context), ()))
        return steps

    def _kinds(self, times: Mapping[Any, str]) -> Sequence[tuple[Cause, Callable[[dict[str, Any]], bool]]]:
        """The kinds of acts that one side has and the other has not; `times` are the corrected ones, by event."""

        def was_before(event: dict[str, Any]) -> bool:
            return self._was_before(times.get(event["id"], event["time"]))

        return (
            ("late_entry", lambda event: not is_correction(event) and was_before(event)),
            ("correction", is_correction),
            ("new_act", lambda event: not is_correction(event) and not was_before(event)),
        )

    def _was_before(self, time: str) -> bool:
        """Whether an act that only one side knows had happened by the earlier of the two days, and was known later."""
        bounds = [as_of.instant for as_of in (self._old.as_of, self._new.as_of) if as_of.instant is not None]
        if not bounds:
            return True
        return parse_instant(time) <= min(bounds)

    def _exact(
        self,
        rule: FigureRule,
        group: Group,
        events: Sequence[tuple[int, dict[str, Any]]],
        question: Question,
        context: Context,
    ) -> dict[Key, Member]:
        facts = facts_of(group, events, question.as_of)
        found: dict[tuple[str, ...], list[Member]] = {}
        if facts is not None:
            for one in contributions_of(rule, facts, context, question):
                if isinstance(one.entry, Member):
                    found.setdefault(one.dimensions, []).append(one.entry)
        keyed: dict[Key, Member] = {}
        for dimensions, members in found.items():
            _add(keyed, dimensions, members)
        return keyed
