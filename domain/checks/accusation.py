"""The check on accusations: who may have them, and who may not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from domain.checks.base import (
    REGULATION_FROM,
    Basis,
    Certainty,
    Check,
    Clause,
    Parameter,
    Text,
    Verdict,
    cannot_tell,
)
from domain.checks.clock import in_workdays
from domain.checks.context import Context
from domain.checks.course import handoffs, routings
from domain.checks.facts import Facts
from domain.checks.restricted import KEY_MISSING, holds

SUPERVISED = ("supervised_official", "party_organisation")
MAY_HAVE_IT = frozenset({"discipline", "organisation_dept", "party_committee", "superior_petition_office"})


def purpose_of(facts: Facts) -> str | None:
    """The purpose in force; None where nobody stated one."""
    stated = [one.purpose for one in routings(facts) if one.purpose is not None]
    return stated[-1] if stated else None


def supervised_accusation(facts: Facts, context: Context) -> Certainty | Text | None:
    """How sure it is that the case accuses a supervised official or a party organisation; None = it does not.

    Certain where the receipt says so and no other purpose is in force; suspect where another purpose is, or where
    an accusation does not say whom it accuses. A text names the fact without which nobody can tell.
    """
    received = facts.one("case.received")
    purpose = purpose_of(facts)
    if received is None or "accusation_of" not in received.data:
        return "suspect" if purpose == "accusation" else None
    named = holds(received, "accusation_of", SUPERVISED, context)
    if named is None:
        return KEY_MISSING
    if not named:
        return None
    return "certain" if purpose in (None, "accusation") else "suspect"


class AccusationsGoToTheirBodies(Check):
    """XF-CLS-001: an accusation of a supervised official or party organisation leaves by the right door only."""

    id = "XF-CLS-001"
    title = Text(
        "检举控告件未按规定移送或作一般处理", "An accusation was handed to the wrong body or answered as a claim"
    )
    basis = (Basis(Text("《信访工作条例》第二十二条、第三十条", "Regulation art.22 and 30 (C-34)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_handed",
            "high",
            "certain",
            Text(
                "转给纪检监察、组织部门、党委、上级信访部门以外的单位，2个工作日（参数）内未撤回；被控告对象未记录的为疑似",
                "handed to a kind other than discipline, organisation_dept, party_committee, superior_petition_office and "
                "not withdrawn by wdue(offer,2*); accusation_of unknown: suspect",
            ),
        ),
        Clause("b_opinion", "high", "certain", Text("出具了信访处理意见", "an opinion was issued")),
    )
    parameters = (
        Parameter("a_workdays", 2, Text("纠错时间，管理口径", "time to correct a mistake; a management default")),
    )
    audience = "discipline"
    risk = Text(
        "检举控告件流入无权单位，被压下或泄露",
        "accusations end with those who may not have them, and are buried or leaked",
    )
    verify = Text("核对转送函的主送单位与信访件性质", "the addressee of the letter and what the petition accuses")
    remedy = Text("立即收回材料，移送有权机关", "take the material back and pass it to the competent body")
    false_positives = Text(
        "一件多事，其中诉求部分依法转办；被控告对象录入有误",
        "a petition with several matters whose claim was rightly passed on; the accused entered wrongly",
    )
    blind_spots = Text("未标明为检举控告的信访件", "accusations that nobody marked as such")
    kinds = ("case",)
    triggers = frozenset({"case.handoff_offered", "case.opinion_issued"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        sure = supervised_accusation(facts, context)
        if sure is None:
            return
        for one in [*self._handed(facts, context), *self._opinions(facts)]:
            if isinstance(sure, Text):
                yield cannot_tell(one.reason, sure, one.event_ids, item=one.item)
            else:
                certainty = one.certainty if sure == "certain" else sure
                yield one if one.result != "hit" else replace(one, certainty=certainty)

    def _handed(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for handoff in handoffs(facts):
            offer = handoff.offered
            if offer is None:
                continue
            kind = context.register.kind(handoff.unit, offer.day)
            limit = in_workdays(context, offer.day, context.parameters.get(self, "a_workdays"))
            withdrawn = handoff.withdrawn.day if handoff.withdrawn is not None else None
            if kind in MAY_HAVE_IT or limit.state(withdrawn, context.today) not in ("late", "missing"):
                continue
            evidence = (offer.id, *((handoff.withdrawn.id,) if handoff.withdrawn is not None else ()))
            if kind is None:
                missing = Text(f"单位 {handoff.unit} 的类别登记", f"the declared kind of unit {handoff.unit}")
                yield cannot_tell("a_handed", missing, evidence, item=handoff.item)
                continue
            yield Verdict(
                reason="a_handed",
                item=handoff.item,
                open=withdrawn is None,
                certainty=context.certainty("certain", limit.start, limit.due),
                event_ids=evidence,
                facts={**limit.facts(withdrawn, context), "unit": handoff.unit, "kind": kind, "handoff": handoff.ref},
                sentence=Text(
                    f"记录显示：检举控告件于{offer.day}转给 {handoff.unit}（{kind}），至{limit.due}未撤回。",
                    f"The record shows: an accusation was handed to {handoff.unit} ({kind}) on {offer.day} and not "
                    f"withdrawn by {limit.due}.",
                ),
            )

    def _opinions(self, facts: Facts) -> Iterator[Verdict]:
        for act in facts.all("case.opinion_issued")[:1]:
            yield Verdict(
                reason="b_opinion",
                event_ids=(act.id,),
                facts={"issued_on": act.day, "unit": act.unit},
                sentence=Text(
                    f"记录显示：对检举控告件于{act.day}出具了信访处理意见。",
                    f"The record shows: an opinion was issued on {act.day} in the matter of an accusation.",
                ),
            )
