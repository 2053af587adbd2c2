"""The check on rework: a report is sent back once, and no clock starts again by sending it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.clock import lateness, on_day
from domain.checks.context import Context
from domain.checks.course import Handoff, handoffs
from domain.checks.facts import Act, Facts


class ReworkResetsNothing(Check):
    """XF-HND-008: second return, a clock started again after one, or rework past the first due day.

    The first due day is `due_on` of the offer; without one clause (c) has nothing to compare, and cannot tell where
    the offer comes from imported history.
    """

    id = "XF-HND-008"
    title = Text("以退回重办重置期限", "Returned for rework to reset the clock")
    basis = (Basis(Text("《信访工作条例》第四十五条第一项", "Regulation art.45(1) (C-06)"), REGULATION_FROM),)
    clauses = (
        Clause("a_second", "high", "suspect", Text("第二次退回重办", "second return for rework")),
        Clause(
            "b_reset",
            "high",
            "suspect",
            Text("退回后重新受理或重设期限", "acceptance or due_on reset after a return"),
        ),
        Clause(
            "c_past_due",
            "high",
            "suspect",
            Text("重办超过最初期限", "rework running past the first due_on"),
            clock=True,
        ),
    )
    risk = Text("以退回掩盖逾期", "lateness is hidden by sending the report back and starting anew")
    verify = Text("核对退回理由、前后报告的差别", "the reason for the return, and what the second report changed")
    remedy = Text("按最初期限计算", "count by the first due day")
    false_positives = Text(
        "确因质量问题退回；收件人补充了新事实", "sent back for its quality; new facts from the petitioner"
    )
    blind_spots = Text("口头退回；撤回后另行交办", "sent back by word; withdrawn and handed over anew")
    kinds = ("case",)
    triggers = frozenset({"case.returned_for_rework"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        returns: dict[tuple[str, str], list[Act]] = {}
        for act in facts.all("case.returned_for_rework"):
            returns.setdefault((str(act.get("handoff")), str(act.get("unit"))), []).append(act)
        if not returns:
            return
        for handoff in handoffs(facts):
            theirs = returns.get((handoff.ref, handoff.unit), [])
            if theirs:
                yield from self._second(handoff, theirs)
                yield from self._reset(handoff, theirs[0], facts)
                yield from self._past_due(handoff, theirs, context)

    def _second(self, handoff: Handoff, returns: list[Act]) -> Iterator[Verdict]:
        if len(returns) < 2:
            return
        yield Verdict(
            reason="a_second",
            item=handoff.item,
            event_ids=tuple(act.id for act in returns),
            facts={"unit": handoff.unit, "handoff": handoff.ref, "returns": len(returns), "second_on": returns[1].day},
            sentence=Text(
                f"记录显示：{handoff.unit} 的报告（{handoff.ref}）被退回重办{len(returns)}次。",
                f"The record shows: the report of {handoff.unit} ({handoff.ref}) was sent back {len(returns)} times.",
            ),
        )

    def _reset(self, handoff: Handoff, first: Act, facts: Facts) -> Iterator[Verdict]:
        accepted = [act for act in facts.all("case.accepted") if act.unit == handoff.unit]
        anew = [act for act in accepted[1:] if first.is_before(act)]
        perhaps = [act for act in facts.all("case.accepted") if act.unit in (None, handoff.unit)]
        again = [act for act in perhaps[1:] if first.is_before(act)]
        if again and not anew:
            missing = Text("受理的单位", "the unit that accepted")
            evidence = (first.id, *(act.id for act in perhaps))
            yield cannot_tell("b_reset", missing, evidence, item=f"{handoff.item}/acceptance")
        moved = [act for act in handoff.due_changes if first.is_before(act)]
        for what, acts in (
            (Text("重新受理", "accepted again"), anew),
            (Text("重设期限", "given another due day"), moved),
        ):
            if not acts:
                continue
            yield Verdict(
                reason="b_reset",
                item=f"{handoff.item}/{'acceptance' if acts is anew else 'due_on'}",
                event_ids=(first.id, *(act.id for act in acts)),
                facts={"unit": handoff.unit, "handoff": handoff.ref, "returned_on": first.day, "reset_on": acts[0].day},
                sentence=Text(
                    f"记录显示：{handoff.ref} 于{first.day}退回 {handoff.unit} 重办，{acts[0].day}{what.zh}。",
                    f"The record shows: {handoff.ref} was sent back to {handoff.unit} on {first.day} and {what.en} on "
                    f"{acts[0].day}.",
                ),
            )

    def _past_due(self, handoff: Handoff, returns: list[Act], context: Context) -> Iterator[Verdict]:
        offer = handoff.offered
        if offer is None:
            return
        if "due_on" not in offer.data:
            if context.may_be_unknown(offer.event):
                missing = Text("最初的反馈期限", "the first due day (due_on)")
                yield cannot_tell("c_past_due", missing, (offer.id, returns[-1].id), item=handoff.item)
            return
        limit = on_day(offer.day, date.fromisoformat(str(offer.data["due_on"])))
        last = returns[-1]
        later = [act for act in handoff.fed_back if (act.day, act.position) > (last.day, last.position)]
        again = later[0] if later else None
        acted = again.day if again is not None else None
        if limit.state(acted, context.today) not in ("late", "missing") or _let_go(handoff, limit.due):
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="c_past_due",
            item=handoff.item,
            open=again is None,
            event_ids=(offer.id, last.id, *((again.id,) if again is not None else ())),
            facts={
                **limit.facts(acted, context),
                "unit": handoff.unit,
                "handoff": handoff.ref,
                "returned_on": last.day,
            },
            sentence=Text(
                f"记录显示：{handoff.ref} 于{last.day}退回 {handoff.unit} 重办，超过最初期限；{tail.zh}。",
                f"The record shows: {handoff.ref} was sent back to {handoff.unit} on {last.day} and the rework ran past the "
                f"first due day; {tail.en}.",
            ),
        )


def _let_go(handoff: Handoff, due: date) -> bool:
    return handoff.withdrawn is not None and handoff.withdrawn.day <= due
