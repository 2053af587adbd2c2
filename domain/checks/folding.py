"""Checks on cases that disappear in others or are split: merging of unlike cases, and visits taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Finding, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import LATER_RECEIPT, is_open_at
from domain.checks.facts import Act, Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, Joined, gathering
from domain.checks.secrecy import TAGGED

VISITS_MIN = 3
PEOPLE_OF_A_GROUP = 5
"""Art.20: a joint visit of five and more sends at most five representatives."""

KEY = Text("纪检密钥（限制件已加密标记）", "the discipline key (values of a restricted case are tagged)")
NAMES = {
    "content_class": Text("内容分类", "class"),
    "region": Text("问题属地", "region"),
    "about_units": Text("被反映单位", "unit complained of"),
}


def is_locked(received: Act, context: Context) -> bool:
    """Whether the case is restricted and the discipline key is not here."""
    return received.get("restricted") is True and (context.tag is None or context.tag("about_units", "") is None)


def comparable(field: str, value: Any, context: Context) -> str:
    """A value in the form in which plain and tagged ones can be compared: tagged wherever the key is here."""
    text = str(value)
    if text.startswith(TAGGED) or field == "region" or context.tag is None:
        return text
    return context.tag(field, text) or text


class LikeIsMergedWithLike(Check):
    """XF-FLD-001: a case is merged into an open one of the same class, region and unit complained of.

    Units differ where the merged case complains of one that the other does not name. A class or region
    that nobody recorded on one of the two is not compared; where nothing differs but something was left
    out of imported history, the answer is `cannot_tell`.
    """

    id = "XF-FLD-001"
    title = Text("并入不同类、不同属地或已办结的案件", "Merged into an unlike case, or into a closed one")
    basis = (Basis(Text("《信访工作条例》第二十二条", "Regulation art.22 (C-01)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_unlike",
            "high",
            "suspect",
            Text(
                "并入分类、属地或被反映单位不同的案件而无说明",
                "merged into a case of another class, region or unit complained of without attestation",
            ),
        ),
        Clause("b_closed", "high", "suspect", Text("并入已办结的案件", "merged into a closed case"), clock=True),
    )
    risk = Text("以并案消化来件，逃避办理", "petitions made to vanish in others")
    verify = Text("比对两案内容、并案说明和信访人意见", "the two petitions, the attestation, what the petitioners say")
    remedy = Text("分立办理，重新计算期限", "separate them again and handle the merged one")
    false_positives = Text(
        "同一事项前后分类不一致；属地录入有误", "one matter that two clerks classed differently; a wrong region"
    )
    blind_spots = Text("分类相同而事项不同", "different matters of one class")
    kinds = ("matter",)
    triggers = frozenset({"case.merged"})

    def verdicts(self, facts: Joined, context: Context) -> Iterator[Verdict]:
        for case in facts.cases.values():
            for merged in case.all("case.merged"):
                into = facts.cases.get(str(merged.get("into")))
                if into is None:
                    missing = Text("并入的案件", "the case that it was merged into")
                    yield replace(cannot_tell("a_unlike", missing, [merged.id]), subject=case.subject)
                    continue
                if not is_open_at(into, merged):
                    yield self._closed(case, into, merged)
                if "attestation" not in merged.data:
                    yield from self._unlike(case, into, merged, context)

    def _closed(self, case: Facts, into: Facts, merged: Act) -> Verdict:
        closing = [act for act in into.all("case.closed") if act.is_before(merged)][-1]
        return Verdict(
            reason="b_closed",
            subject=case.subject,
            related=(into.subject,),
            event_ids=(merged.id, closing.id),
            facts={"merged_on": merged.day, "into": into.subject},
            sentence=Text(
                f"记录显示：{merged.day}并入 {into.subject}，该案当时已办结。",
                f"The record shows: merged on {merged.day} into {into.subject}, which was closed by then.",
            ),
        )

    def _unlike(self, case: Facts, into: Facts, merged: Act, context: Context) -> Iterator[Verdict]:
        receipts = [act for act in (case.one("case.received"), into.one("case.received")) if act is not None]
        evidence = (merged.id, *(act.id for act in receipts))
        locked = any(is_locked(act, context) for act in receipts)
        differing, unknown = [], []
        for field in NAMES:
            if locked and field != "region":
                unknown.append(field)
                continue
            same = self._same(field, case, into, context)
            if same is None:
                unknown.append(field)
            elif not same:
                differing.append(field)
        if differing and not context.may_be_unknown(merged.event):
            yield self._found(case, into, merged, evidence, differing)
        elif differing:
            missing = Text("并案说明", "the attestation of the merging")
            yield replace(cannot_tell("a_unlike", missing, evidence), subject=case.subject)
        elif unknown:
            what = (
                KEY
                if locked
                else Text("、".join(NAMES[one].zh for one in unknown), ", ".join(NAMES[one].en for one in unknown))
            )
            yield replace(cannot_tell("a_unlike", what, evidence), subject=case.subject)

    def _same(self, field: str, case: Facts, into: Facts, context: Context) -> bool | None:
        """Whether the two agree in a field; None where one of them does not say."""
        values = []
        for facts in (case, into):
            holder = facts.one("case.registered" if field == "content_class" else "case.received")
            value = holder.get(field) if holder is not None else None
            if value is None and (field != "about_units" or holder is None or context.may_be_unknown(holder.event)):
                return None
            listed = value if isinstance(value, list) else [] if value is None else [value]
            values.append({comparable(field, one, context) for one in listed})
        return values[0] <= values[1]

    def _found(self, case: Facts, into: Facts, merged: Act, evidence: tuple[str, ...], differing: list[str]) -> Verdict:
        zh = "、".join(NAMES[one].zh for one in differing)
        en = ", ".join(NAMES[one].en for one in differing)
        return Verdict(
            reason="a_unlike",
            subject=case.subject,
            related=(into.subject,),
            event_ids=evidence,
            facts={"merged_on": merged.day, "into": into.subject, "differing": differing},
            sentence=Text(
                f"记录显示：{merged.day}并入 {into.subject}，两案{zh}不同，没有说明。",
                f"The record shows: merged on {merged.day} into {into.subject}, which differs in {en}, without attestation.",
            ),
        )


class VisitsAreNotSplit(GatheringCheck):
    """XF-FLD-002: one joint visit is not registered as several small ones.

    Together are visits of one day, class, set of units complained of and registrar; complaining of nobody
    is a set of its own. A visit counts once it is registered; the finding is about each of the visits. Where a class, a number of people, the
    units or the registrar is unknown, or a restricted visit lacks the key, the answer is `cannot_tell`.
    """

    id = "XF-FLD-002"
    title = Text("疑似拆分登记集体访", "A joint visit that may have been registered as several")
    basis = (Basis(Text("《信访工作条例》第二十二条", "Regulation art.22"), REGULATION_FROM),)
    clauses = (
        Clause(
            "split",
            "medium",
            "suspect",
            Text(
                "同日、同类、同一被反映单位、同一登记人的来访3批以上，每批不足5人，合计5人以上",
                "3 or more visits of one day, class, unit complained of and registrar, each under 5 people, together 5 or "
                "more",
            ),
        ),
    )
    risk = Text("化整为零，压低集体访数量", "joint visits made small on paper")
    verify = Text("核对来访登记时间、来访人关系和监控", "the times of registration, how the visitors belong together")
    remedy = Text("合并登记，按集体访报告和处置", "register as one and treat it as a joint visit")
    false_positives = Text("同日开庭、集中接访日的独立来访", "separate visitors on a day of reception")
    blind_spots = Text("换人登记或跨日登记的拆分", "a visit split over registrars or days")
    kinds = ("visits",)
    reads = ("case",)
    members_min = VISITS_MIN
    triggers = frozenset({"case.received"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        received = facts.one("case.received")
        if received is None or received.get("channel") != "visit":
            return
        people = received.get("people_count")
        if type(people) is int and people >= PEOPLE_OF_A_GROUP:
            return
        registered = facts.one("case.registered")
        if registered is None:
            return
        content_class = registered.get("content_class")
        about = received.get("about_units")
        if about is None and not context.may_be_unknown(received.event):
            about = []
        known = None not in (people, content_class, about, received.staff) and not is_locked(received, context)
        units = ",".join(sorted(comparable("about_units", one, context) for one in about or ()))
        named = comparable("content_class", content_class, context) if content_class is not None else ""
        group = gathering("visits", str(received.day), named, units, received.staff or "")
        yield Contribution(
            group, facts.subject, (received.id, registered.id), received.day, {"people": people if known else None}
        )

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        members = facts.members
        if len(members) < VISITS_MIN:
            return
        known = [one for one in members if one.get("people") is not None]
        people = sum(one.get("people") for one in known)
        evidence = tuple(event_id for one in members for event_id in one.event_ids)
        if len(known) < VISITS_MIN or people < PEOPLE_OF_A_GROUP:
            if len(known) < len(members):
                what = Text(
                    "来访的分类、人数、被反映单位或登记人", "class, people, units complained of or registrar of a visit"
                )
                for one in members:
                    yield replace(cannot_tell("split", what, evidence, item=str(one.day)), subject=one.subject)
            return
        for one in known:
            if one.day < REGULATION_FROM:
                told = cannot_tell("split", LATER_RECEIPT, evidence, item=str(one.day))
                yield replace(told, subject=one.subject)
                continue
            yield Verdict(
                reason="split",
                item=str(one.day),
                subject=one.subject,
                related=tuple(other.subject for other in members),
                event_ids=evidence,
                facts={"visits": len(known), "people_together": people, "visited_on": one.day},
                sentence=Text(
                    f"记录显示：{one.day}同类、同一登记人的来访{len(known)}批，每批不足5人，合计{people}人。",
                    f"The record shows: {len(known)} visits of one class and registrar on {one.day}, each under 5 people, "
                    f"{people} together.",
                ),
            )
