"""The check on how a written opinion comes about: with a legal basis, on facts, and delivered before the case is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.calendar import day_of
from domain.checks.base import REGULATION_FROM, Basis, Certainty, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import routings
from domain.checks.facts import Act, Facts

ROUTE_6 = 6
FACT_FINDING = ("case.facts_heard", "case.investigated")
HEARING = ("case.hearing_opened", "case.hearing_closed")


def arrived_on(delivery: Act) -> date | None:
    """The day on which an opinion arrived; None where only the sending is recorded."""
    return day_of(str(delivery.data["delivered_at"])) if "delivered_at" in delivery.data else None


def under_route_6(facts: Facts, act: Act) -> bool | None:
    """Whether a claim of route 6 stood when the act happened; None where purpose or route is not recorded."""
    known = routings(facts)
    in_force = [one for one in known if not act.is_before(one.act)] or known[:1]
    if not in_force or in_force[-1].purpose is None:
        return None
    last = in_force[-1]
    if last.purpose != "claim":
        return False
    return None if last.route is None else last.route == ROUTE_6


class OpinionIsFounded(Check):
    """XF-OPN-001: an opinion on a claim of route 6 names its law, rests on facts, and arrives before the closing.

    A fact heard at the same instant, or on the same day without an hour, counts as heard before. A claim
    whose route nobody recorded gives `cannot_tell`. Delivery counts by the day it arrived; a delivery on
    the day of the closing is in time.
    """

    id = "XF-OPN-001"
    title = Text(
        "处理意见无依据、未查事实或未送达即结案", "An opinion without law, without facts, or closed before it arrived"
    )
    basis = (
        Basis(Text("《信访工作条例》第三十一条第六项、第三十二条", "Regulation art.31(6), 32 (C-11)"), REGULATION_FROM),
    )
    clauses = (
        Clause(
            "a_no_basis",
            "medium",
            "certain",
            Text(
                "第六项途径的处理意见未列任何依据（解释疏导类为可疑）",
                "route 6: an opinion without any legal basis (result explained: suspect)",
            ),
        ),
        Clause(
            "b_no_facts",
            "medium",
            "probable",
            Text(
                "出具意见前既未听取陈述也未调查（匿名件不判；已举行听证的为可疑）",
                "neither facts heard nor investigated before the opinion (anonymous: silent; a hearing was held: suspect)",
            ),
        ),
        Clause(
            "c_not_delivered",
            "high",
            "certain",
            Text(
                "以出具意见并送达为由办结，而结案当日尚无送达",
                "closed as opinion_delivered and no delivery dated by the closing",
            ),
            clock=True,
        ),
    )
    risk = Text("空洞答复、纸面办结", "empty answers, and cases that are closed on paper only")
    verify = Text(
        "查阅意见书所列依据、听取陈述和调查笔录、送达回证",
        "the law named in the opinion, the records of hearing and investigation, the proof of delivery",
    )
    remedy = Text("补充依据和事实，重新出具并送达", "complete law and facts, issue again and deliver")
    false_positives = Text(
        "依据写在附件而未录入；以听证代替听取陈述；送达回证晚录且送达日录错",
        "a basis that stands in an annex only; a hearing instead of hearing the facts; a delivery entered with a wrong day",
    )
    blind_spots = Text(
        "引用无关条文；走过场的调查；代签的回证",
        "unrelated articles; an investigation in form only; a proof signed by others",
    )
    kinds = ("case",)
    triggers = frozenset({"case.opinion_issued", "case.closed"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for number, opinion in enumerate(facts.all("case.opinion_issued"), start=1):
            for verdict in (
                self._law(opinion, str(number), context),
                self._facts(facts, opinion, str(number), context),
            ):
                if verdict is not None:
                    yield from self._on_route_6(facts, opinion, verdict)
        closings = [act for act in facts.all("case.closed") if act.get("ground") == "opinion_delivered"]
        for number, closing in enumerate(closings, start=1):
            closed = self._delivery(facts, closing, str(number), context)
            if closed is not None:
                yield from self._on_route_6(facts, closing, closed)

    def _on_route_6(self, facts: Facts, act: Act, verdict: Verdict) -> Iterator[Verdict]:
        inside = under_route_6(facts, act)
        if inside is None:
            missing = Text("信访目的和第三十一条途径", "the purpose and the route of art.31")
            yield cannot_tell(verdict.reason, missing, verdict.event_ids, item=verdict.item)
        elif inside:
            yield verdict

    def _law(self, opinion: Act, item: str, context: Context) -> Verdict | None:
        if "legal_basis" not in opinion.data and context.may_be_unknown(opinion.event):
            return cannot_tell(
                "a_no_basis", Text("意见的依据", "the legal basis of the opinion"), [opinion.id], item=item
            )
        if opinion.get("legal_basis"):
            return None
        certainty: Certainty = "certain" if opinion.get("result") in ("supported", "not_supported") else "suspect"
        return Verdict(
            reason="a_no_basis",
            item=item,
            certainty=certainty,
            event_ids=(opinion.id,),
            facts={"issued_on": opinion.day, "result": opinion.get("result", "unknown")},
            sentence=Text(
                f"记录显示：{opinion.day}出具的处理意见未列任何法律、政策依据。",
                f"The record shows: the opinion of {opinion.day} names no legal basis.",
            ),
        )

    def _facts(self, facts: Facts, opinion: Act, item: str, context: Context) -> Verdict | None:
        if any(not opinion.is_before(act) for act in facts.all(*FACT_FINDING)):
            return None
        received = facts.one("case.received")
        evidence = tuple(act.id for act in (received, opinion) if act is not None)
        anonymous = received.get("anonymous") if received is not None else None
        if anonymous is True:
            return None
        if anonymous is None and (received is None or context.may_be_unknown(received.event)):
            missing = Text("是否匿名", "whether the petition was anonymous")
            return cannot_tell("b_no_facts", missing, evidence, item=item)
        heard = any(not opinion.is_before(act) for act in facts.all(*HEARING))
        return Verdict(
            reason="b_no_facts",
            item=item,
            certainty="suspect" if heard else "probable",
            event_ids=evidence,
            facts={"issued_on": opinion.day, "hearing_held": heard},
            sentence=Text(
                f"记录显示：{opinion.day}出具处理意见前，没有听取陈述，也没有调查。",
                f"The record shows: before the opinion of {opinion.day} nobody was heard and nothing was investigated.",
            ),
        )

    def _delivery(self, facts: Facts, closing: Act, item: str, context: Context) -> Verdict | None:
        deliveries = facts.all("case.opinion_delivered")
        days = [day for day in map(arrived_on, deliveries) if day is not None]
        if any(day <= closing.day for day in days):
            return None
        evidence = (closing.id, *(act.id for act in deliveries))
        undated = [act for act in deliveries if arrived_on(act) is None]
        if any(context.may_be_unknown(act.event) for act in undated):
            missing = Text("意见的送达日期", "the day on which the opinion was delivered")
            return cannot_tell("c_not_delivered", missing, evidence, item=item)
        first = min(days, default=None)
        stated = {"closed_on": closing.day, "delivered_on": first}
        later = Text("至今没有送达记录", "no delivery is recorded") if first is None else None
        later = later or Text(f"送达日为{first}", f"it was delivered on {first}")
        return Verdict(
            reason="c_not_delivered",
            item=item,
            open=first is None,
            event_ids=evidence,
            facts={name: value for name, value in stated.items() if value is not None},
            sentence=Text(
                f"记录显示：{closing.day}以意见已送达办结，{later.zh}。",
                f"The record shows: closed on {closing.day} as opinion delivered, but {later.en}.",
            ),
        )
