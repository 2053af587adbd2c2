"""The check on who handles: only units that received the case, by the petitioner or by a handoff, work on it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import handoffs
from domain.checks.facts import Act, Facts

HANDLING = (
    "case.accepted",
    "case.facts_heard",
    "case.investigated",
    "case.hearing_opened",
    "case.hearing_closed",
    "case.extension_approved",
    "case.mediation_agreed",
    "case.opinion_issued",
    "case.opinion_delivered",
    "case.opinion_executed",
)


class HandledByThoseWhoReceivedIt(Check):
    """XF-HND-007: a unit works on a case that never came to it.

    In a unit's favour: named competent by a decision (art.24), a review body holding a hearing, `executing_unit`
    executing, and a delivery recorded as entrusted count as being there rightly.
    """

    id = "XF-HND-007"
    title = Text("未经转送交办的单位办理信访事项", "A unit handled a case that it never received")
    basis = (Basis(Text("《信访工作条例》第二十一条、第二十二条", "Regulation art.21 and 22"), REGULATION_FROM),)
    clauses = (
        Clause(
            "never_received",
            "medium",
            "probable",
            Text(
                "未接收转送、也非收件单位，却受理、听取、调查、听证、延期、调解、出具、送达或执行意见",
                "a unit that never received a handoff and is not the receiving office accepts, hears, investigates, holds a "
                "hearing, extends, mediates, issues or delivers an opinion, or executes it without being `executing_unit`",
            ),
        ),
    )
    risk = Text("系统外流转，责任无从追究", "the case moved outside the record, and nobody answers for the handoff")
    verify = Text("核对该单位如何取得信访材料", "how the unit came by the papers")
    remedy = Text("补录转送交办和签收", "record the handoff and its receipt")
    false_positives = Text(
        "纸质签收未录入；机构改革后职能承继", "received on paper and not entered; a successor of the unit"
    )
    blind_spots = Text("以承办单位名义、实由他人办理", "somebody else working in the name of the unit that received it")
    kinds = ("case",)
    triggers = frozenset(HANDLING)

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received = facts.one("case.received")
        there = {handoff.unit for handoff in handoffs(facts) if handoff.received is not None}
        if received is not None and received.unit is not None:
            there.add(received.unit)
        working: dict[str, list[Act]] = {}
        nameless = []
        for act in facts.all(*HANDLING):
            if act.unit is None:
                nameless.append(act.id)
            elif act.unit not in there and not _by_right(act, facts):
                working.setdefault(act.unit, []).append(act)
        if nameless:
            yield cannot_tell("never_received", Text("办理单位", "the unit that acted"), nameless, item="unit")
        if received is None or received.unit is None:
            acts = [act.id for theirs in working.values() for act in theirs]
            if acts:
                yield cannot_tell("never_received", Text("收件单位", "the receiving unit"), acts, item="receiver")
            return
        for unit, acts_there in sorted(working.items()):
            yield self._outsider(unit, acts_there)

    def _outsider(self, unit: str, acts: list[Act]) -> Verdict:
        first = acts[0]
        return Verdict(
            reason="never_received",
            item=unit,
            event_ids=tuple(act.id for act in acts),
            facts={"unit": unit, "first_act": first.name, "first_act_on": first.day, "acts": len(acts)},
            sentence=Text(
                f"记录显示：单位 {unit} 没有接收过本件，却自{first.day}起办理（{len(acts)}次）。",
                f"The record shows: unit {unit} never received the case and worked on it from {first.day} on "
                f"({len(acts)} act(s)).",
            ),
        )


def _by_right(act: Act, facts: Facts) -> bool:
    """Whether a unit that received nothing may do this all the same."""
    if any(one.get("unit") == act.unit for one in facts.all("case.competence_decided")):
        return True
    match act.name:
        case "case.opinion_executed":
            return any(one.get("executing_unit") == act.unit for one in facts.all("case.opinion_issued"))
        case "case.hearing_opened" | "case.hearing_closed":
            return any(one.get("body") == act.unit for one in facts.all("case.review_requested"))
        case "case.opinion_delivered":
            return bool(act.get("delivery") == "entrusted")
    return False
