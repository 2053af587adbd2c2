"""The check on classification: does the record say what kind of petition this is, in time to start its clock."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict
from domain.checks.clock import in_days, lateness
from domain.checks.context import Context
from domain.checks.course import routings, stops
from domain.checks.facts import Facts


class ClassifiedInTime(Check):
    """XF-CLS-006: purpose and, for a claim, the route of art.31 are recorded soon after registration."""

    id = "XF-CLS-006"
    title = Text("登记后未依法分类", "A petition was not classified after registration")
    basis = (Basis(Text("《信访工作条例》第三十一条", "Regulation art.31"), REGULATION_FROM),)
    clauses = (
        Clause(
            "unclassified",
            "medium",
            "certain",
            Text(
                "登记后15日（参数）时没有信访目的，或申诉求决没有办理途径",
                "no purpose, or a claim without route, at rdue(registered,15*)",
            ),
            clock=True,
        ),
    )
    parameters = (Parameter("days", 15, Text("比照第二十二条的15日", "by analogy with the 15 days of art.22")),)
    risk = Text("不分类则期限无从起算", "without a class no clock of handling can be held against anybody")
    verify = Text("核对信访内容与分类意见", "the content of the petition and the opinion on its class")
    remedy = Text("补作分类；统计时按第六项途径计", "classify now; rates count the case as route 6")
    false_positives = Text("分类已定而未录入", "classified on paper and not entered")
    blind_spots = Text("分类错误", "a wrong class")
    kinds = ("case",)
    triggers = frozenset({"case.registered"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        registered = facts.one("case.registered")
        if registered is None:
            return
        limit = in_days(context, registered.day, context.parameters.get(self, "days"))
        known = routings(facts)
        complete = [one.act for one in known if one.purpose is not None and (one.purpose != "claim" or one.route)]
        done = min(complete, key=lambda act: (act.day, act.position), default=None)
        acted = done.day if done is not None else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        if any(stop.act.day <= limit.due for stop in stops(facts, context)):
            return
        tail = lateness(limit, acted, context)
        missing = Text("途径", "route") if known else Text("信访目的", "purpose")
        yield Verdict(
            reason="unclassified",
            open=done is None,
            certainty=context.certainty("certain", limit.start, limit.due),
            event_ids=(registered.id, *(one.act.id for one in known)),
            facts={**limit.facts(acted, context), "not_recorded": missing.en},
            sentence=Text(
                f"记录显示：{limit.start}登记，期限内没有记录{missing.zh}；{tail.zh}。",
                f"The record shows: registered on {limit.start} and no {missing.en} was recorded in time; {tail.en}.",
            ),
        )
