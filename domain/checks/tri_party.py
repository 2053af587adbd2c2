"""The check on three-way assignments: a day, three receipts and reports, and the three kinds of units."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.clock import lateness, on_day
from domain.checks.context import Context
from domain.checks.course import Handoff, handoffs
from domain.checks.facts import Act, Facts
from domain.checks.feedback_clock import set_day

THREE_KINDS = ("petition_office", "police", "politics_law")


class ThreeWaysByTheBook(Check):
    """XF-HND-005: a three-way assignment names a day, and each of the three receives it and reports by then.

    The day is the one last set by the sender before it passed. A unit whose offer was withdrawn, or whose
    objection was upheld, by that day owes nothing.
    """

    id = "XF-HND-005"
    title = Text(
        "三向交办缺少期限、签收、反馈或对象不符",
        "A three-way assignment without a day, receipt, report or the right three",
    )
    basis = (
        Basis(
            Text("《信访工作条例》第二十二条第三项；三向交办办法", "Regulation art.22(3); three-way assignment"),
            REGULATION_FROM,
        ),
    )
    clauses = (
        Clause("a_no_day", "medium", "probable", Text("没有反馈期限", "no due_on")),
        Clause(
            "b_silent_unit",
            "medium",
            "probable",
            Text("有单位到期未签收或未反馈", "an addressee without receipt or feedback by due_on"),
            clock=True,
        ),
        Clause(
            "c_kinds",
            "medium",
            "suspect",
            Text(
                "三个单位不是政法委、公安、信访部门各一",
                "the three not of the kinds politics_law, police, petition_office",
            ),
        ),
    )
    risk = Text("三方都管、三方都不管", "three are responsible and nobody is")
    verify = Text("核对三向交办函、三方签收和反馈", "the letter of assignment, the three receipts and reports")
    remedy = Text("补定期限，催促未反馈的单位", "set a day, and press the unit that is silent")
    false_positives = Text(
        "纸质签收、反馈未录入；地方另定的三方", "received or reported on paper; three parties set by local rule"
    )
    blind_spots = Text("内容空洞的反馈", "a report without substance")
    kinds = ("case",)
    triggers = frozenset({"case.handoff_offered"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        by_ref: dict[str, list[tuple[Handoff, Act]]] = {}
        for handoff in handoffs(facts):
            if handoff.offered is not None and handoff.offered.get("mode") == "tri_party":
                by_ref.setdefault(handoff.ref, []).append((handoff, handoff.offered))
        for ref, offers in by_ref.items():
            yield from self._kinds(ref, offers, context)
            undated = []
            for handoff, offer in offers:
                if set_day(handoff, offer)[0] is None:
                    undated.append(offer)
                else:
                    yield from self._silent(handoff, offer, context)
            if undated:
                yield self._no_day(ref, undated, context)

    def _no_day(self, ref: str, undated: list[Act], context: Context) -> Verdict:
        evidence = tuple(act.id for act in undated)
        first = undated[0]
        if context.may_be_unknown(first.event):
            return cannot_tell("a_no_day", Text("反馈期限", "the day set for feedback (due_on)"), evidence, item=ref)
        return Verdict(
            reason="a_no_day",
            item=ref,
            open=True,
            event_ids=evidence,
            facts={"handoff": ref, "offered_on": first.day, "unit": first.unit},
            sentence=Text(
                f"记录显示：{first.day}的三向交办 {ref} 没有反馈期限。",
                f"The record shows: the three-way assignment {ref} of {first.day} sets no day for feedback.",
            ),
        )

    def _silent(self, handoff: Handoff, offer: Act, context: Context) -> Iterator[Verdict]:
        last, changes = set_day(handoff, offer)
        if last is None or _let_off(handoff, last):
            return
        limit = on_day(offer.day, last)
        fed_back = min(handoff.fed_back, key=lambda act: (act.day, act.position), default=None)
        for what, act in ((Text("签收", "receipt"), handoff.received), (Text("反馈", "feedback"), fed_back)):
            acted = act.day if act is not None else None
            if limit.state(acted, context.today) not in ("late", "missing"):
                continue
            tail = lateness(limit, acted, context)
            yield Verdict(
                reason="b_silent_unit",
                item=handoff.item,
                open=act is None,
                event_ids=(offer.id, *(change.id for change in changes), *((act.id,) if act is not None else ())),
                facts={
                    **limit.facts(acted, context), "unit": handoff.unit, "handoff": handoff.ref, "missing_act": what.en,
                },
                sentence=Text(
                    f"记录显示：三向交办 {handoff.ref} 中 {handoff.unit} 未按期{what.zh}；{tail.zh}。",
                    f"The record shows: in the three-way assignment {handoff.ref} no {what.en} of {handoff.unit} came in "
                    f"time; {tail.en}.",
                ),
            )  # fmt: skip
            return

    def _kinds(self, ref: str, offers: list[tuple[Handoff, Act]], context: Context) -> Iterator[Verdict]:
        offer = offers[0][1]
        named = offer.get("to") or [handoff.unit for handoff, _ in offers]
        kinds = {str(unit): context.register.kind(str(unit), offer.day) for unit in named}
        evidence = tuple(act.id for _, act in offers)
        unknown = sorted(unit for unit, kind in kinds.items() if kind is None)
        if unknown:
            missing = Text(
                f"单位 {'、'.join(unknown)} 的类别登记", f"the declared kind of unit(s) {', '.join(unknown)}"
            )
            yield cannot_tell("c_kinds", missing, evidence, item=ref)
        elif sorted(str(kind) for kind in kinds.values()) != list(THREE_KINDS):
            told = "、".join(f"{unit}（{kind}）" for unit, kind in sorted(kinds.items()))
            yield Verdict(
                reason="c_kinds",
                item=ref,
                event_ids=evidence,
                facts={"handoff": ref, "kinds": kinds, "unit": offer.unit},
                sentence=Text(
                    f"记录显示：三向交办 {ref} 的对象为 {told}，不是政法委、公安、信访部门各一。",
                    f"The record shows: the three-way assignment {ref} went to "
                    f"{', '.join(f'{unit} ({kind})' for unit, kind in sorted(kinds.items()))}, not to one politics_law, "
                    "one police and one petition_office unit.",
                ),
            )


def _let_off(handoff: Handoff, last: date) -> bool:
    ends = [handoff.withdrawn] if handoff.withdrawn is not None else []
    ends += [one.decided for one in handoff.objections if one.upheld and one.decided is not None]
    return any(act.day <= last for act in ends)
