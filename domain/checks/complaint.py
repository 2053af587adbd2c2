"""The check on complaints: not handed to the unit complained of, and not filed away as suggestions and consultations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from domain.checks.accusation import purpose_of
from domain.checks.base import REGULATION_FROM, Basis, Clause, Finding, Group, Parameter, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import handoffs, routings
from domain.checks.facts import Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck
from domain.checks.restricted import KEY_MISSING, holds

LIGHT = frozenset({"suggestion", "consultation"})
PURPOSE_MISSING = Text("信访目的（是否检举控告）", "the purpose of the petition (whether it is an accusation)")
TOO_EARLY = Text("施行日（2022-05-01）之后的收件", "a receipt on or after 2022-05-01, when the article came into force")


class ComplaintsGoElsewhere(GatheringCheck):
    """XF-CLS-005: a complaint about a unit does not go to that unit, and a unit's classes do not shift at once.

    (b) counts cases by the unit that last stated a purpose and by the year of receipt; a share of nothing in the
    year before is read as one case, so that a first suggestion is not a doubling.
    """

    id = "XF-CLS-005"
    title = Text(
        "信访件转给被反映的单位，或以建议、咨询分流", "A complaint went to the unit complained of, or classes shifted"
    )
    basis = (Basis(Text("《信访工作条例》第三十条", "Regulation art.30"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_complained",
            "high",
            "suspect",
            Text(
                "不属检举控告、但有被反映单位的信访件转给了该单位",
                "not an accusation, somebody is complained of, and it was handed to the unit complained of",
            ),
        ),
        Clause(
            "b_share",
            "low",
            "suspect",
            Text(
                "某单位建议、咨询类占比较上年翻倍（两年各不少于30件，参数）",
                "a unit's share of suggestion and consultation doubles against the year before (n ≥ 30*)",
            ),
        ),
    )
    parameters = (
        Parameter("b_min_n", 30, Text("管理口径：样本下限", "a management default: the least number of cases")),
    )
    audience = "discipline"
    risk = Text(
        "自己处理对自己的反映；以轻类分流规避期限",
        "a unit handles the complaint about itself; light classes escape the clocks",
    )
    verify = Text(
        "核对反映内容与承办单位的关系；抽查建议、咨询类原件",
        "what was complained of and who handled it; a sample of light cases",
    )
    remedy = Text(
        "改由上级或者其他有权单位办理；重新分类", "give it to the superior or another competent unit; classify again"
    )
    false_positives = Text(
        "被反映单位即唯一有权处理的单位；当年确有集中征求意见",
        "the unit is the only competent one and must answer first; a year in which the public was asked for its views",
    )
    blind_spots = Text(
        "转给被反映单位的下属单位；被反映单位未记录", "units below the one complained of; complaints without a unit"
    )
    kinds = ("case", "unit-year")
    reads = ("case",)
    triggers = frozenset({"case.handoff_offered", "case.routed"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        alone = Group("case", facts.subject)
        if facts.unknown:
            strange = facts.unknown[0]
            yield Contribution(alone, facts.subject, (strange.id,), strange.day)
        yield from self._complained(facts, alone, context)
        received = facts.one("case.received")
        stated = [one.act for one in routings(facts) if one.purpose is not None]
        if received is None or not stated or stated[-1].unit is None:
            return
        light = purpose_of(facts) in LIGHT
        year = received.day.year
        for judged in (year, year + 1):
            group = Group("unit-year", f"{stated[-1].unit}|{judged}")
            told = {"year": year, "light": light}
            yield Contribution(group, facts.subject, (stated[-1].id,), received.day, told)

    def _complained(self, facts: Facts, alone: Group, context: Context) -> Iterator[Contribution]:
        received = facts.one("case.received")
        if received is None or "accusation_of" in received.data or not received.get("about_units"):
            return
        purpose = purpose_of(facts)
        if purpose == "accusation":
            return
        for handoff in handoffs(facts):
            offer = handoff.offered
            if offer is None:
                continue
            same = holds(received, "about_units", (handoff.unit,), context)
            if same is False:
                continue
            missing = "key" if same is None else "purpose" if purpose is None else "nothing"
            if received.day < REGULATION_FROM:
                missing = "law"
            given = {"unit": handoff.unit, "handoff": handoff.ref, "purpose": purpose, "missing": missing}
            yield Contribution(alone, facts.subject, (received.id, offer.id), offer.day, given)

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        if facts.group.kind == "unit-year":
            yield from self._shares(facts, context)
            return
        for one in facts.members:
            yield self._handed(one)

    def _handed(self, one: Contribution) -> Verdict:
        unit, item = one.get("unit"), f"{one.get('handoff')}/{one.get('unit')}"
        known = {"key": KEY_MISSING, "purpose": PURPOSE_MISSING, "law": TOO_EARLY}
        missing = known.get(str(one.get("missing")))
        if missing is not None:
            return cannot_tell("a_complained", missing, one.event_ids, item=item)
        return Verdict(
            reason="a_complained",
            item=item,
            event_ids=one.event_ids,
            facts={"unit": unit, "handoff": one.get("handoff"), "offered_on": one.day, "purpose": one.get("purpose")},
            sentence=Text(
                f"记录显示：反映 {unit} 的信访件于{one.day}转给了 {unit} 自己。",
                f"The record shows: a petition that complains of {unit} was handed to {unit} itself on {one.day}.",
            ),
        )

    def _shares(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        least = context.parameters.get(self, "b_min_n")
        all_of = Counter(int(one.get("year")) for one in facts.members)
        light_of = Counter(int(one.get("year")) for one in facts.members if one.get("light"))
        unit, year = facts.parts[0], int(facts.parts[1])
        now, before = all_of[year], all_of[year - 1]
        if now < least or before < least or light_of[year] * before < 2 * max(light_of[year - 1], 1) * now:
            return
        light = [one for one in facts.members if one.get("year") == year and one.get("light")]
        yield Verdict(
            reason="b_share",
            item=str(year),
            event_ids=tuple(event_id for one in light for event_id in one.event_ids),
            related=tuple(one.subject for one in light),
            facts={
                "unit": unit,
                "year": year,
                "light": light_of[year],
                "cases": now,
                "light_before": light_of[year - 1],
                "cases_before": before,
            },
            sentence=Text(
                f"记录显示：{unit} {year}年建议、咨询类为{light_of[year]}/{now}件，上年为"
                f"{light_of[year - 1]}/{before}件，占比翻倍。",
                f"The record shows: {unit} classed {light_of[year]} of {now} cases of {year} as suggestion or "
                f"consultation, and {light_of[year - 1]} of {before} the year before; the share doubled.",
            ),
        )
