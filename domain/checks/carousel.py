"""The check on carousels: a case does not travel from unit to unit without anybody deciding who is competent."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import WHETHER_UPHELD, Handoff, handoffs
from domain.checks.facts import Act, Facts
from domain.checks.steps import HOLDERS_MIN, Step, holder_steps, on_one_line, returning_steps


class NoCarouselOfUnits(Check):
    """XF-HND-003: a case does not travel from unit to unit without anybody deciding who is competent."""

    id = "XF-HND-003"
    title = Text("信访事项在单位之间反复流转", "A case travels back and forth between units")
    basis = (Basis(Text("《信访工作条例》第二十四条、第二十八条", "Regulation art.24 and 28 (C-06)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_returning",
            "medium",
            "suspect",
            Text(
                "同一（组）单位隔了另一单位后再次成为承接方",
                "a step equals an earlier one with another between",
            ),
        ),
        Clause(
            "b_many_holders",
            "medium",
            "suspect",
            Text(
                "先后三个以上不同承接方，且不在同一隶属线上",
                "3 or more distinct steps whose units are not all on one line of superiors",
            ),
        ),
        Clause(
            "c_undecided",
            "medium",
            "probable",
            Text(
                "两次以上异议被采纳，或再次交给异议已被采纳的单位，其间无受理机关决定",
                "two or more objections upheld, or offered again to a unit whose objection was upheld, without a competence "
                "decision",
            ),
        ),
    )
    risk = Text("推诿扯皮，无人负责", "everybody passes the matter on and nobody answers for it")
    verify = Text("核对每次转送的理由和职责依据", "the reason and ground of competence of every handoff")
    remedy = Text(
        "由共同的上一级机关或联席会议决定受理机关",
        "the common superior or the joint conference decides (art.24)",
    )
    false_positives = Text(
        "逐级转送（隶属关系未登记）；职能依法调整；多个事项合在一件中",
        "handing down a line that the register does not hold; competences moved by law; several matters in one case",
    )
    blind_spots = Text("未签收的转送；系统外的推诿", "offers that nobody received; passing on outside the system")
    kinds = ("case",)
    triggers = frozenset({"case.handoff_received", "case.objection_decided"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        if sum(handoff.received is not None for handoff in handoffs(facts)) >= HOLDERS_MIN:
            steps = holder_steps(facts)
            yield from self._returning(steps)
            yield from self._many(steps, context)
        yield from self._undecided(facts)

    def _returning(self, steps: list[Step]) -> Iterator[Verdict]:
        seen: set[frozenset[str]] = set()
        for step, earlier in returning_steps(steps):
            if step.units in seen:
                continue
            seen.add(step.units)
            names = "、".join(sorted(step.units))
            yield Verdict(
                reason="a_returning",
                item="+".join(sorted(step.units)),
                event_ids=(*earlier.evidence, *step.evidence),
                facts={"units": step.units, "first_received_on": earlier.day, "again_received_on": step.day},
                sentence=Text(
                    f"记录显示：{names} 于{earlier.day}承接后，事项转经其他单位，又于{step.day}回到该方。",
                    f"The record shows: {names} held the case from {earlier.day}; it went elsewhere and came back on "
                    f"{step.day}.",
                ),
            )

    def _many(self, steps: list[Step], context: Context) -> Iterator[Verdict]:
        distinct = list(dict.fromkeys(step.units for step in steps))
        if len(distinct) < HOLDERS_MIN:
            return
        units = sorted(frozenset[str]().union(*distinct))
        day = steps[-1].day
        undeclared = [unit for unit in units if context.register.unit(unit, day) is None]
        evidence = [event_id for step in steps for event_id in step.evidence]
        if undeclared:
            missing = Text(f"单位登记：{'、'.join(undeclared)}", f"the declaration of unit(s) {', '.join(undeclared)}")
            yield cannot_tell("b_many_holders", missing, evidence)
            return
        if on_one_line(units, day, context):
            return
        chain = [sorted(step.units) for step in steps]
        yield Verdict(
            reason="b_many_holders",
            event_ids=tuple(evidence),
            facts={"holders": len(distinct), "steps": chain},
            sentence=Text(
                f"记录显示：先后{len(distinct)}个不同承接方（{' → '.join('+'.join(one) for one in chain)}），不在同一隶属线上。",
                f"The record shows: {len(distinct)} distinct holders ({' → '.join('+'.join(one) for one in chain)}), not all "
                "on one line of superiors.",
            ),
        )

    def _undecided(self, facts: Facts) -> Iterator[Verdict]:
        """What the upheld objections show; what would follow only if others were upheld too cannot be told."""
        sure = list(self._by(facts, _upheld(facts)))
        yield from sure
        told = {one.item for one in sure}
        for one in self._by(facts, _upheld(facts, untold=True)):
            if one.item not in told:
                yield cannot_tell(one.reason, WHETHER_UPHELD, one.event_ids, item=one.item)

    def _by(self, facts: Facts, upheld: list[tuple[Handoff, Act]]) -> Iterator[Verdict]:
        if not upheld:
            return
        decisions = facts.all("case.competence_decided")
        first = upheld[0][1]
        if len(upheld) > 1 and not any(not act.is_before(first) for act in decisions):
            yield Verdict(
                reason="c_undecided",
                item="objections",
                event_ids=tuple(act.id for _, act in upheld),
                facts={"upheld": len(upheld), "units": sorted({handoff.unit for handoff, _ in upheld})},
                sentence=Text(
                    f"记录显示：{len(upheld)}次异议被采纳，始终没有受理机关的决定。",
                    f"The record shows: {len(upheld)} objections were upheld and nobody decided who is competent.",
                ),
            )
        yield from self._offered_again(facts, upheld, decisions)

    def _offered_again(
        self, facts: Facts, upheld: list[tuple[Handoff, Act]], decisions: list[Act]
    ) -> Iterator[Verdict]:
        told: set[str] = set()
        for objected, decided in upheld:
            for again in handoffs(facts):
                offer = again.offered
                if offer is None or again is objected or again.unit != objected.unit or again.item in told:
                    continue
                if not decided.is_before(offer):
                    continue
                if any(not act.is_before(decided) and not offer.is_before(act) for act in decisions):
                    continue
                told.add(again.item)
                yield Verdict(
                    reason="c_undecided",
                    item=again.item,
                    event_ids=(decided.id, offer.id),
                    facts={"unit": again.unit, "upheld_on": decided.day, "offered_again_on": offer.day},
                    sentence=Text(
                        f"记录显示：单位 {again.unit} 的异议于{decided.day}被采纳，{offer.day}又交给该单位，其间无受理机关决定。",
                        f"The record shows: the objection of unit {again.unit} was upheld on {decided.day}; on {offer.day} the "
                        "case was offered to it again, with no decision on competence between.",
                    ),
                )


def _upheld(facts: Facts, untold: bool = False) -> list[tuple[Handoff, Act]]:
    """The handoffs whose objection was upheld, with the decision; on request also those where nobody recorded how."""
    found = [
        (handoff, objection.decided)
        for handoff in handoffs(facts)
        for objection in handoff.objections
        if objection.decided is not None and (objection.upheld or (untold and objection.untold))
    ]
    return sorted(found, key=lambda pair: (pair[1].instant, pair[1].position))
