"""The check on holding: after an objection was upheld somebody holds the case again, and never two at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import in_workdays, lateness
from domain.checks.context import Context
from domain.checks.course import WHETHER_UPHELD, Handoff, Objection, handoffs, stops
from domain.checks.facts import Act, Facts


@dataclass(frozen=True, slots=True)
class Holding:
    """One unit holds the case by one handoff, from its receipt to the day before it let go; None = still."""

    handoff: Handoff
    from_on: date
    until: Act | None

    def overlaps(self, other: Holding) -> bool:
        """Whether both held it on the same day; the day of letting go belongs to the next holder."""
        ours = self.until.day if self.until is not None else date.max
        theirs = other.until.day if other.until is not None else date.max
        return max(self.from_on, other.from_on) < min(ours, theirs)


def holdings(facts: Facts, context: Context) -> list[Holding]:
    """Who held the case by which handoff: from receipt to feedback, withdrawal, upheld objection, own onward
    handoff or closing, whichever came first."""
    found = []
    for handoff in handoffs(facts):
        received = handoff.received
        if received is None:
            continue
        ends = [act for act in _ends(handoff, facts, context) if act.day >= received.day]
        until = min(ends, key=lambda act: (act.day, act.position), default=None)
        found.append(Holding(handoff, received.day, until))
    return found


def _ends(handoff: Handoff, facts: Facts, context: Context) -> Iterator[Act]:
    yield from handoff.fed_back
    if handoff.withdrawn is not None:
        yield handoff.withdrawn
    for objection in handoff.objections:
        if objection.upheld and objection.decided is not None:
            yield objection.decided
    for other in handoffs(facts):
        if other.offered is not None and other.offered.unit == handoff.unit:
            yield other.offered
    yield from facts.all("case.closed")
    yield from (stop.act for stop in stops(facts, context))


class SomebodyHoldsIt(Check):
    """XF-HND-004: after an upheld objection the case goes on; two units do not hold it by different handoffs.

    (a) is silent where another unit received the same handoff and did not object, or accepted the case before.
    (b) counts whole days: the day of letting go belongs to the next holder.
    """

    id = "XF-HND-004"
    title = Text(
        "异议被采纳后无人接手，或两个单位同时承办",
        "After an objection nobody held the case, or two units held it at once",
    )
    basis = (Basis(Text("《信访工作条例》第二十二条、第二十四条", "Regulation art.22 and 24 (C-06)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_nobody",
            "medium",
            "probable",
            Text(
                "异议被采纳后5个工作日（参数）内没有新的转送交办、受理或处置",
                "after an upheld objection no new handoff, acceptance or disposal by wdue(decision,5*)",
            ),
            clock=True,
        ),
        Clause(
            "b_two_at_once",
            "low",
            "suspect",
            Text(
                "两个单位因不同转送同时承办，且不在同一隶属线上",
                "two units hold it at once by different handoffs, not within one line of superiors",
            ),
        ),
    )
    parameters = (
        Parameter("a_workdays", 5, Text("比照异议的5个工作日", "by analogy with the 5 working days of an objection")),
    )
    risk = Text("案件悬空或多头办理", "the case hangs in the air, or two units work against each other")
    verify = Text(
        "核对异议决定后的去向和各单位的签收", "where the case went after the decision, and who had received it"
    )
    remedy = Text("立即重新交办，或撤回多余的转送", "hand it over again at once, or withdraw the superfluous handoff")
    false_positives = Text(
        "分别转送同一信访件中的不同事项；隶属关系未登记",
        "two matters of one petition handed to two competent units; superiors that the register does not hold",
    )
    blind_spots = Text("签收后搁置；未签收的转送", "received and left lying; offers that nobody received")
    kinds = ("case",)
    triggers = frozenset({"case.handoff_received", "case.objection_decided"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for handoff in handoffs(facts):
            for number, objection in enumerate(handoff.objections, start=1):
                if objection.decided is not None and not objection.rejected:
                    item = handoff.item if number == 1 else f"{handoff.item}#{number}"
                    for found in self._nobody(handoff, objection, objection.decided, item, facts, context):
                        untold = cannot_tell(found.reason, WHETHER_UPHELD, found.event_ids, item=found.item)
                        yield untold if objection.untold else found
        told: set[str] = set()
        several = sum(one.received is not None for one in handoffs(facts)) > 1
        for one, other in combinations(holdings(facts, context) if several else (), 2):
            yield from self._two(one, other, told, context)

    def _nobody(
        self, handoff: Handoff, objection: Objection, decided: Act, item: str, facts: Facts, context: Context
    ) -> Iterator[Verdict]:
        limit = in_workdays(context, decided.day, context.parameters.get(self, "a_workdays"))
        taken = [act for act in facts.acts if _goes_on(act, handoff, objection)]
        act = min(taken, key=lambda one: (one.day, one.position), default=None)
        acted = act.day if act is not None else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        over = [stop.act for stop in stops(facts, context)] + facts.all("case.closed")
        if any(one.day <= limit.due for one in over) or _held_beside(handoff, facts):
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="a_nobody",
            item=item,
            open=act is None,
            certainty=context.certainty("probable", limit.start, limit.due),
            event_ids=(objection.act.id, decided.id, *((act.id,) if act is not None else ())),
            facts={
                **limit.facts(acted, context),
                "unit": decided.unit,
                "objector": handoff.unit,
                "handoff": handoff.ref,
            },
            sentence=Text(
                f"记录显示：{handoff.unit} 的异议于{decided.day}被采纳，其后未按期重新交办、受理或处置；{tail.zh}。",
                f"The record shows: the objection of {handoff.unit} was upheld on {decided.day} and the case was neither "
                f"handed over again, accepted nor disposed of in time; {tail.en}.",
            ),
        )

    def _two(self, one: Holding, other: Holding, told: set[str], context: Context) -> Iterator[Verdict]:
        ours, theirs = one.handoff, other.handoff
        if ours.ref == theirs.ref or ours.unit == theirs.unit or not one.overlaps(other):
            return
        item = "+".join(sorted((ours.unit, theirs.unit)))
        if item in told:
            return
        told.add(item)
        day = max(one.from_on, other.from_on)
        evidence = (*ours.evidence, *theirs.evidence)
        undeclared = [unit for unit in (ours.unit, theirs.unit) if context.register.unit(unit, day) is None]
        if undeclared:
            missing = Text(f"单位登记：{'、'.join(undeclared)}", f"the declaration of unit(s) {', '.join(undeclared)}")
            yield cannot_tell("b_two_at_once", missing, evidence, item=item)
            return
        if context.register.on_one_line(ours.unit, theirs.unit, day):
            return
        yield Verdict(
            reason="b_two_at_once",
            item=item,
            open=one.until is None and other.until is None,
            event_ids=evidence,
            facts={
                "units": sorted((ours.unit, theirs.unit)),
                "handoffs": sorted((ours.ref, theirs.ref)),
                "from_on": day,
            },
            sentence=Text(
                f"记录显示：自{day}起，{ours.unit} 与 {theirs.unit} 因不同转送同时承办。",
                f"The record shows: from {day} on {ours.unit} and {theirs.unit} held the case at once by different handoffs.",
            ),
        )


def _goes_on(act: Act, handoff: Handoff, objection: Objection) -> bool:
    match act.name:
        case "case.handoff_offered":
            return act.get("handoff") != handoff.ref and not act.is_before(objection.act)
        case "case.accepted":
            return act.unit != handoff.unit or not act.is_before(objection.act)
        case "case.disposed":
            return not act.is_before(objection.act)
    return False


def _held_beside(handoff: Handoff, facts: Facts) -> bool:
    """Whether another unit of the same handoff received it and did not get rid of it."""
    return any(
        other.ref == handoff.ref
        and other.unit != handoff.unit
        and other.received is not None
        and other.withdrawn is None
        and not any(objection.upheld for objection in other.objections)
        for other in handoffs(facts)
    )
