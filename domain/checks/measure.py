"""Checks on official measures: on what law, by whom, for how long, and never as a reprisal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.checks.base import REGULATION_FROM, Basis, Certainty, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import in_plain_days, lateness, on_day
from domain.checks.context import Context
from domain.checks.course import is_open_at
from domain.checks.facts import Act, Facts
from domain.checks.secrecy import ABOUT, KEY_MISSING, Complained, complained_of

NEED_APPROVAL = frozenset({"admonition", "police_penalty"})


def measures(facts: Facts) -> list[tuple[str, Act]]:
    """Every measure but care plans, which help, with the name of each in a fingerprint."""
    taken = [act for act in facts.all("case.measure_taken") if act.get("kind") != "care_plan"]
    return [(str(act.get("measure", number)), act) for number, act in enumerate(taken, start=1)]


def groundless(measure: Act) -> list[str]:
    """What a measure does not name: its legal basis, the conduct it answers, or both."""
    return [name for name in ("legal_basis", "conduct") if not measure.get(name)]


GROUND_NAMES = {
    "legal_basis": Text("法律依据", "legal basis"),
    "conduct": Text("行为事实", "conduct"),
}


def _grounds(names: list[str]) -> Text:
    return Text(
        "、".join(GROUND_NAMES[name].zh for name in names), " and no ".join(GROUND_NAMES[name].en for name in names)
    )


def _absent(measure: Act, names: list[str]) -> bool:
    return any(name not in measure.data for name in names)


class MeasureIsFounded(Check):
    """XF-MSR-001: a measure names its law and the conduct, was approved, ends in time, and has heard the person.

    (a) is `probable` where both are missing and `suspect` where one of them is. A release after the last
    day stays a finding that is no longer open. Care plans are help and not judged.
    """

    id = "XF-MSR-001"
    title = Text("对信访人的处置措施缺依据、审批或超期", "An official measure without ground, approval or end")
    basis = (Basis(Text("《信访工作条例》第四十七条", "Regulation art.47 (C-12)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_ground",
            "high",
            "probable",
            Text(
                "没有法律依据或行为事实（仅缺其一为可疑）",
                "without legal basis or conduct (only one of the two missing: suspect)",
            ),
        ),
        Clause(
            "b_approval",
            "medium",
            "probable",
            Text("训诫、治安处罚未经审批", "admonition or police_penalty without approval"),
        ),
        Clause("c_until", "medium", "probable", Text("期满未解除", "past until_on, not released"), clock=True),
        Clause(
            "d_statement",
            "low",
            "suspect",
            Text("没有陈述申辩，也未记明拒绝陈述", "no statement and not refused"),
        ),
    )
    audience = "discipline"
    risk = Text("超越、滥用职权侵害信访人权益", "powers overstepped or abused against petitioners")
    verify = Text("调阅措施决定、审批表、陈述笔录和解除记录", "the decision, its approval, the statement, the release")
    remedy = Text("立即解除或补正，依法赔礼、赔偿", "release or repair at once, with apology and compensation by law")
    false_positives = Text("文书在公安系统而未录入", "papers that lie in the police system and were not entered")
    blind_spots = Text("未记录的措施", "a measure that nobody recorded")
    kinds = ("case",)
    triggers = frozenset({"case.measure_taken"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for item, taken in measures(facts):
            unknowable = context.may_be_unknown(taken.event)
            missing = groundless(taken)
            if missing:
                sure: Certainty = "probable" if len(missing) == len(GROUND_NAMES) else "suspect"
                what = _grounds(missing)
                yield self._lacks("a_ground", item, taken, what, sure, unknowable and _absent(taken, missing))
            if taken.get("kind") in NEED_APPROVAL and "approved_by" not in taken.data:
                approval = Text("审批人", "approval")
                yield self._lacks("b_approval", item, taken, approval, "probable", unknowable)
            if "until_on" in taken.data:
                yield from self._ended(facts, taken, item, context)
            if "statement" not in taken.data and taken.get("statement_refused") is not True:
                statement = Text("陈述申辩或拒绝陈述的记录", "statement, nor a refusal to make one")
                yield self._lacks("d_statement", item, taken, statement, "suspect", unknowable)

    def _lacks(self, reason: str, item: str, taken: Act, what: Text, sure: Certainty, unknown: bool) -> Verdict:
        if unknown:
            return cannot_tell(reason, what, [taken.id], item=item)
        kind = taken.get("kind", "unknown")
        return Verdict(
            reason=reason,
            item=item,
            certainty=sure,
            event_ids=(taken.id,),
            facts={"taken_on": taken.day, "kind": kind, "unit": taken.get("unit", "unknown"), "lacks": what.en},
            sentence=Text(
                f"记录显示：{taken.day}的措施（{kind}）没有{what.zh}。",
                f"The record shows: the measure ({kind}) of {taken.day} has no {what.en}.",
            ),
        )

    def _ended(self, facts: Facts, taken: Act, item: str, context: Context) -> Iterator[Verdict]:
        limit = on_day(taken.day, date.fromisoformat(taken.data["until_on"]))
        released = next(
            (act for act in facts.all("case.measure_released") if act.get("measure") == taken.get("measure")), None
        )
        acted = released.day if released is not None else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="c_until",
            item=item,
            open=released is None,
            event_ids=(taken.id, *((released.id,) if released is not None else ())),
            facts={**limit.facts(acted, context), "unit": taken.get("unit", "unknown")},
            sentence=Text(
                f"记录显示：{taken.day}的措施期满未解除；{tail.zh}。",
                f"The record shows: the measure of {taken.day} was not released in time; {tail.en}.",
            ),
        )


class NoReprisal(Check):
    """XF-RTL-001: the unit complained of takes no measure against its petitioner, and no measure lacks its ground.

    (b) speaks where legal basis or conduct is missing. On restricted cases (a) needs the discipline key. A year
    is counted in calendar days from the receipt and is not rolled.
    """

    id = "XF-RTL-001"
    title = Text("疑似打击报复信访人", "A measure that may be a reprisal")
    basis = (
        Basis(Text("《信访工作条例》第十八条、第四十六条第六项", "Regulation art.18, 46(6) (C-22)"), REGULATION_FROM),
    )
    clauses = (
        Clause(
            "a_by_accused",
            "high",
            "suspect",
            Text(
                "被反映单位在办理期间或收件后365日（参数）内采取措施",
                "measure by the unit complained of in the same case, while it is open or within 365* days of receipt",
            ),
            clock=True,
        ),
        Clause(
            "b_groundless",
            "high",
            "suspect",
            Text(
                "反映单位的案件中采取措施而无法律依据或行为事实",
                "measure without legal basis or conduct in a case that complains of a unit",
            ),
        ),
    )
    parameters = (Parameter("a_days", 365, Text("管理口径，一年", "a management default, one year")),)
    audience = "discipline"
    risk = Text("打击报复信访人", "reprisals against petitioners")
    verify = Text("核查措施依据、审批独立性和时间先后", "the ground, who approved it, and what came first")
    remedy = Text("移送纪检监察机关，保护信访人", "refer to discipline inspection and protect the petitioner")
    false_positives = Text(
        "依法履职的公安机关同时是被反映单位", "a police body that does its duty and is also complained of"
    )
    blind_spots = Text("通过其他单位实施的报复；未记录的措施", "a reprisal through another unit, or one never recorded")
    kinds = ("case",)
    triggers = frozenset({"case.measure_taken"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received = facts.one("case.received")
        taken = measures(facts)
        if received is None or not taken:
            return
        about = complained_of(facts)
        if about is None:
            if ABOUT not in received.data and context.may_be_unknown(received.event):
                evidence = (received.id, *(act.id for _, act in taken))
                yield cannot_tell("a_by_accused", Text("被反映单位", "the units complained of"), evidence)
            return
        locked = about.needs_key(context)
        for item, act in taken:
            if locked:
                yield cannot_tell("a_by_accused", KEY_MISSING, [received.id, act.id], item=item)
            else:
                yield from self._by_the_accused(facts, about, act, item, context)
            yield from self._groundless(received, act, item, context)

    def _by_the_accused(
        self, facts: Facts, about: Complained, taken: Act, item: str, context: Context
    ) -> Iterator[Verdict]:
        unit = taken.get("unit") or taken.unit
        if unit is None:
            missing = Text("采取措施的单位", "the unit that took the measure")
            yield cannot_tell("a_by_accused", missing, [taken.id], item=item)
            return
        limit = in_plain_days(about.act.day, context.parameters.get(self, "a_days"))
        still_open = is_open_at(facts, taken)
        if not about.holds(str(unit), context) or taken.is_before(about.act):
            return
        if not still_open and taken.day > limit.due:
            return
        yield Verdict(
            reason="a_by_accused",
            item=item,
            event_ids=(about.act.id, taken.id),
            facts={
                "unit": unit,
                "kind": taken.get("kind", "unknown"),
                "taken_on": taken.day,
                "days_after_receipt": (taken.day - about.act.day).days,
                "case_open": still_open,
                "limit": limit.count,
            },
            sentence=Text(
                f"记录显示：被反映单位 {unit} 于{taken.day}对本案采取措施，距收件{(taken.day - about.act.day).days}日。",
                f"The record shows: {unit}, complained of in this case, took a measure in it on {taken.day}, "
                f"{(taken.day - about.act.day).days} day(s) after the receipt.",
            ),
        )

    def _groundless(self, received: Act, taken: Act, item: str, context: Context) -> Iterator[Verdict]:
        missing = groundless(taken)
        if not missing:
            return
        what = _grounds(missing)
        if context.may_be_unknown(taken.event) and _absent(taken, missing):
            yield cannot_tell("b_groundless", what, [received.id, taken.id], item=item)
            return
        yield Verdict(
            reason="b_groundless",
            item=item,
            event_ids=(received.id, taken.id),
            facts={"taken_on": taken.day, "kind": taken.get("kind", "unknown"), "lacks": what.en},
            sentence=Text(
                f"记录显示：本案反映单位，{taken.day}的措施没有{what.zh}。",
                f"The record shows: this case complains of a unit, and the measure of {taken.day} has no {what.en}.",
            ),
        )
