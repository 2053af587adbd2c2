"""The check on actors: units and staff that the register knows, in their roles, and units that fall silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from domain.checks.base import Basis, Clause, Finding, Group, Parameter, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import stops
from domain.checks.entry import own_acts
from domain.checks.facts import Act, Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, Slim, gathering

NAMED_STAFF = ("approved_by", "signed_by", "handler")
OFFER = "case.handoff_offered"
PEERS = 3
MARK = " by "
NO_KIND = "?"
"""Stands for the kind of units that hold cases and whose kind nobody declared."""
PROBLEMS = {
    "unit_unknown": Text("单位未登记", "is a unit that nobody declared"),
    "unit_inactive": Text("单位当日尚未设立", "is a unit that did not exist yet on that day"),
    "staff_unknown": Text("人员未登记", "is a staff member whom nobody declared"),
    "staff_inactive": Text("人员当日不在岗", "was not active on that day"),
    "role": Text("当日没有该身份", "did not have that role on that day"),
}
UNTOLD = {
    "no_staff": Text("人员登记", "any declaration of staff"),
    "no_units": Text("单位登记", "any declaration of units"),
    "no_actor": Text("经办人或单位", "who acted, or for which unit"),
}


class ActorsAreDeclared(GatheringCheck):
    """XF-INT-002: who acted is in the register, active and in that role; no unit falls silent in one kind of act.

    (a) looks at the actor's unit, staff and role, the unit that a handoff is offered to, and staff named in
    `approved_by`, `signed_by` and `handler`, each on the act's day. (b) the unit that last accepted holds a case;
    at least 3 other units of its kind must have recorded the type within the same days, and so often, measured by
    the cases on which they recorded anything, that the silence is no accident: an act as rare as a hearing is
    missing from most units at most times.
    """

    id = "XF-INT-002"
    title = Text("经办单位、人员或身份不符，或单位不再录入", "Unknown actors, or units that fell silent")
    basis = (Basis(Text("越权办理（C-34）", "acts beyond authority (C-34)"), None),)
    clauses = (
        Clause(
            "a_actor",
            "medium",
            "certain",
            Text(
                "单位或人员（system 除外）办理当日未登记、不在岗或没有该身份",
                "unit or staff (other than `system`) unknown, inactive, or without the role at the time of the act",
            ),
        ),
        Clause(
            "b_silent",
            "low",
            "suspect",
            Text(
                "在办件不少于10件（参数）的单位90日（参数）内没有录入同类单位3个以上都在录入、且按其频度该单位应有3件（参数）"
                "以上的某类事项",
                "a unit with at least 10* open cases silent for 90* days in a type that 3 or more units of its kind record, "
                "so often that at least 3* would be expected of it",
            ),
        ),
    )
    parameters = (
        Parameter("b_min_n", 10, Text("管理口径：在办件下限", "a management default: the least number of open cases")),
        Parameter("b_days", 90, Text("管理口径", "a management default")),
        Parameter(
            "b_expected",
            3,
            Text(
                "应有3件而无一件，偶然出现的概率约二十分之一（泊松分布）",
                "none where 3 are expected happens by chance about once in twenty times (Poisson)",
            ),
        ),
    )
    risk = Text("无权人员办理；选择性录入", "acts by people without authority; selective recording")
    verify = Text(
        "核对人员任职与岗位登记；抽查该单位的纸质台账", "appointments and the register; the silent unit's paper books"
    )
    remedy = Text("补正登记或撤销越权行为；补录", "correct the register or undo the act; record what is missing")
    false_positives = Text(
        "登记滞后；该单位确无此类事项：每二十次比较约有一次出于偶然，在办件多为新收时更常见",
        "the register came late; the unit really had no such act: by chance about one comparison in twenty, more often "
        "where most of its cases have only just come",
    )
    blind_spots = Text("借用他人账号", "somebody using another's account")
    kinds = ("case", "grant", "fund", "unit")
    reads = ("case", "grant", "fund")

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        alone = Group(facts.group.kind, facts.subject)
        if facts.unknown:
            strange = facts.unknown[0]
            yield Contribution(alone, facts.subject, (strange.id,), strange.day)
        problems: dict[tuple[str, str], list[Act]] = {}
        acts = own_acts(facts)
        for act in acts if _doubtful(acts, facts, context) else ():
            if act.staff != "system":
                for one in _problems(act, context):
                    problems.setdefault(one, []).append(act)
        for (problem, who), acts in problems.items():
            told = {"problem": problem, "who": who, "unit": acts[0].unit}
            yield Contribution(alone, facts.subject, tuple(act.id for act in acts), acts[0].recorded_day, told)
        if facts.group.kind == "case" and not facts.unknown:
            yield from self._recorded(facts, context)

    def _recorded(self, facts: Facts, context: Context) -> Iterator[Contribution]:
        """To each kind of units: what its units recorded lately on the case, and which of them holds it."""
        days = timedelta(days=context.parameters.get(self, "b_days"))
        recorded: dict[str, dict[str, None]] = {}
        long_ago = date.fromordinal(max(1, date.toordinal(context.today) - days.days))
        for act in facts.acts if facts.last_day >= long_ago else ():
            if act.recorded_day < long_ago:
                continue
            if act.unit is not None and not context.today > act.recorded_day + days:
                kind = context.register.kind(act.unit, act.recorded_day)
                if kind is not None:
                    recorded.setdefault(kind, {})[f"{act.name}{MARK}{act.unit}"] = None
        held = _held(facts, context)
        holder = context.register.kind(held.unit, held.day) if held is not None else None
        for kind in sorted({*recorded, *((holder,) if holder is not None else ())}):
            told: dict[str, Slim] = {"recorded": sorted(recorded.get(kind, ()))}
            if held is not None and kind == holder:
                told["holds"] = held.unit
            day = held.day if held is not None else facts.acts[0].recorded_day
            evidence = (held.id,) if held is not None else ()
            yield Contribution(Group("unit", f"of|{kind}"), facts.subject, evidence, day, told)
        if held is not None and holder is None:
            told = {"recorded": [], "holds": held.unit}
            yield Contribution(gathering("unit", "of", NO_KIND), facts.subject, (held.id,), held.day, told)

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        if facts.group.kind == "unit":
            yield from self._silent(facts, context)
            return
        for one in facts.members:
            yield self._actor(one)

    def _actor(self, one: Contribution) -> Verdict:
        problem, who = str(one.get("problem")), str(one.get("who"))
        item = f"{problem}/{who}" if who else problem
        if problem in UNTOLD:
            return cannot_tell("a_actor", UNTOLD[problem], one.event_ids, item=item)
        says = PROBLEMS[problem]
        return Verdict(
            reason="a_actor",
            item=item,
            event_ids=one.event_ids,
            facts={
                "problem": problem,
                "who": who,
                "unit": one.get("unit"),
                "first_on": one.day,
                "acts": len(one.event_ids),
            },
            sentence=Text(
                f"记录显示：{who}（{one.day}起{len(one.event_ids)}项事项）{says.zh}。",
                f"The record shows: {who} ({len(one.event_ids)} act(s) from {one.day} on) {says.en}.",
            ),
        )

    def _silent(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        least = context.parameters.get(self, "b_min_n")
        wanted = context.parameters.get(self, "b_expected")
        holding: dict[str, list[Contribution]] = {}
        active: Counter[str] = Counter()
        recording: dict[str, Counter[str]] = {}
        for one in facts.members:
            marks = [mark.partition(MARK) for mark in one.get("recorded")]
            active.update({unit for _, _, unit in marks})
            for name, _, unit in marks:
                recording.setdefault(name, Counter())[unit] += 1
            if one.get("holds"):
                holding.setdefault(str(one.get("holds")), []).append(one)
        for unit, held in sorted(holding.items()):
            if len(held) < least:
                continue
            if facts.parts[1] == NO_KIND:
                missing = Text(f"单位 {unit} 的类别登记", f"the declared kind of unit {unit}")
                evidence = [event_id for one in held for event_id in one.event_ids]
                yield replace(cannot_tell("b_silent", missing, evidence), subject=f"unit:{unit}")
                continue
            theirs = active.total() - active[unit]
            for name, units in sorted(recording.items()):
                is_usual = len(held) * units.total() >= wanted * theirs
                if unit not in units and len(units) >= PEERS and is_usual:
                    yield self._fell_silent(unit, name, units, held, context)

    def _fell_silent(
        self, unit: str, name: str, units: Collection[str], held: list[Contribution], context: Context
    ) -> Verdict:
        days = context.parameters.get(self, "b_days")
        return Verdict(
            reason="b_silent",
            subject=f"unit:{unit}",
            item=name,
            open=True,
            event_ids=tuple(event_id for one in held for event_id in one.event_ids),
            related=tuple(one.subject for one in held),
            facts={"unit": unit, "act": name, "open_cases": len(held), "days": days, "units_recording": sorted(units)},
            sentence=Text(
                f"记录显示：{unit} 有{len(held)}件在办，{days}日内没有录入 {name}，而{len(units)}个同类单位都有录入。",
                f"The record shows: {unit} holds {len(held)} open cases and recorded no {name} within {days} days, while "
                f"{len(units)} units of its kind did.",
            ),
        )


def _held(facts: Facts, context: Context) -> Act | None:
    """The acceptance by which a unit holds an open case; None where nobody accepted it or it has ended."""
    accepted, closed = facts.last("case.accepted"), facts.last("case.closed")
    if accepted is None or accepted.unit is None or stops(facts, context):
        return None
    ended = closed is not None and not any(closed.is_before(act) for act in facts.all("case.reopened"))
    return None if ended else accepted


def _doubtful(acts: Sequence[Act], facts: Facts, context: Context) -> bool:
    """Whether the acts must be looked at one by one: somebody who acted or is named was not there on all their days."""
    actors: set[Actor] = {(act.unit, act.staff, act.role) for act in acts}
    actors |= {(str(act.data.get("unit", act.unit)), act.staff, act.role) for act in facts.all(OFFER)}
    for field in facts.fields.intersection(NAMED_STAFF):
        actors |= {(act.unit, act.data[field], None) for act in acts if isinstance(act.data.get(field), str)}
    spans = _spans(context)
    for actor in actors:
        since, until = spans.get(actor) or _span(*actor, context)
        if facts.first_day < since or facts.last_day > until:
            return True
    return False


def _problems(act: Act, context: Context) -> Sequence[tuple[str, str]]:
    """What is wrong with the units and staff of one act: problem and who."""
    day = act.recorded_day
    first, last = _span(act.unit, act.staff, act.role, context)
    is_right = first <= day <= last
    if is_right and act.name == OFFER:
        first, last = _span(str(act.data.get("unit", act.unit)), act.staff, act.role, context)
        is_right = first <= day <= last
    is_right = is_right and all(_is_active(act.data.get(field), act, day, context) for field in NAMED_STAFF)
    return () if is_right else list(_wrong(act, day, context))


def _is_active(staff: object, act: Act, day: date, context: Context) -> bool:
    if not isinstance(staff, str):
        return True
    first, last = _span(act.unit, staff, None, context)
    return first <= day <= last


NEVER = (date.max, date.min)


Actor = tuple[str | None, str | None, str | None]
"""Unit, staff and role of an act, each where it is recorded."""


def _spans(context: Context) -> dict[Actor, tuple[date, date]]:
    """The spans of the actors asked for so far."""
    found: dict[Actor, tuple[date, date]] = context.notes.setdefault("actors", {})
    return found


def _span(unit: str | None, staff: str | None, role: str | None, context: Context) -> tuple[date, date]:
    """The days on which nothing is wrong with both; none where one of them was declared anew and must be asked daily."""
    spans = _spans(context)
    known = spans.get((unit, staff, role))
    if known is None:
        known = spans[(unit, staff, role)] = _count_span(unit or "", staff or "", role, context)
    return known


def _count_span(unit: str, staff: str, role: str | None, context: Context) -> tuple[date, date]:
    units, members = context.register.units.get(unit, ()), context.register.staff.get(staff, ())
    if len(units) != 1 or len(members) != 1 or (role is not None and members[0].roles and role not in members[0].roles):
        return NEVER
    first = max(units[0].from_on or date.min, members[0].active_from_on or date.min)
    return first, members[0].active_until_on or date.max


def _wrong(act: Act, day: date, context: Context) -> Iterator[tuple[str, str]]:
    if act.unit is None or act.staff is None:
        yield "no_actor", ""
    units = {act.unit, act.get("unit") if act.name == OFFER else None} - {None}
    for unit in sorted(str(one) for one in units):
        if not context.register.units:
            yield "no_units", ""
        elif context.register.unit(unit, day) is None:
            yield ("unit_inactive" if unit in context.register.units else "unit_unknown"), unit
    named = {act.staff, *(act.get(field) for field in NAMED_STAFF)}
    for staff in sorted(one for one in named if isinstance(one, str) and one != "system"):
        yield from _of_staff(staff, act.role if staff == act.staff else None, day, context)


def _of_staff(staff: str, role: str | None, day: date, context: Context) -> Iterator[tuple[str, str]]:
    if not context.register.staff:
        yield "no_staff", ""
        return
    member = context.register.member(staff, day)
    if member is None:
        yield ("staff_inactive" if staff in context.register.staff else "staff_unknown"), staff
    elif role is not None and member.roles and role not in member.roles:
        yield "role", f"{staff}/{role}"
