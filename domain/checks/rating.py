"""Checks on ratings: who entered them, and was there anything to rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.asof import parse_instant
from domain.calendar import day_of
from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Finding, Parameter, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import LATER_RECEIPT, handoffs, is_early
from domain.checks.facts import Act, Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, unit_quarter
from domain.checks.handling_clock import competent_acceptance

BASIS = (Basis(Text("《信访工作条例》第四十条（弄虚作假）", "Regulation art.40 (C-15)"), REGULATION_FROM),)


def rated_unit(facts: Facts, rated: Act, context: Context) -> str | None:
    """Whom a rating is about: of side office the receiving unit, else who accepted, else the last that received it."""
    received = facts.one("case.received")
    if rated.get("side") == "office":
        return received.unit if received is not None else rated.unit
    accepted = competent_acceptance(facts, context)
    if accepted is not None:
        return accepted.unit
    held = [handoff.unit for handoff in handoffs(facts) if handoff.received is not None]
    return held[-1] if held else rated.unit


class RatedByThePetitioner(GatheringCheck):
    """XF-EVL-001: ratings come from petitioners, not mostly from a terminal in the office.

    The unit of a quarter is the one that was rated. A rating whose way of entry nobody recorded counts
    towards the number of ratings and never towards those by terminal; where such ratings could tip the
    share, the answer is `cannot_tell`.
    """

    id = "XF-EVL-001"
    title = Text("满意度评价多由办公终端录入", "Most ratings of a unit were entered at an office terminal")
    basis = BASIS
    clauses = (
        Clause(
            "terminal",
            "medium",
            "suspect",
            Text(
                "单位季度评价不少于10件（参数），过半数（50%，参数）由办公终端录入",
                "unit-quarter with at least 10* ratings, over 50 %* by office_terminal",
            ),
        ),
    )
    parameters = (
        Parameter("min_n", 10, Text("管理口径，避免小样本", "a management default against small numbers")),
        Parameter("percent", 50, Text("管理口径，过半数", "a management default, over half")),
    )
    audience = "discipline"
    risk = Text("替信访人评价，虚报满意度", "ratings entered on behalf of petitioners")
    verify = Text("抽查回访，核对评价录入账号", "call a sample of petitioners; see which accounts entered the ratings")
    remedy = Text("作废代评，改由信访人自评", "void what others entered and let petitioners rate")
    false_positives = Text("帮助不会上网的信访人当场录入", "help at the counter for people without internet")
    blind_spots = Text("用信访人手机代评", "ratings entered on the petitioner's own telephone by others")
    kinds = ("unit-quarter",)
    reads = ("case",)
    triggers = frozenset({"case.rated"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        for rated in facts.all("case.rated"):
            unit = rated_unit(facts, rated, context)
            if unit is not None:
                via = {"via": rated.get("entered_via"), "early": is_early(facts)}
                yield Contribution(unit_quarter(unit, rated.day), facts.subject, (rated.id,), rated.day, via)

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        percent = context.parameters.get(self, "percent")
        later = [one for one in facts.members if not one.get("early")]
        members = later if self._is_enough(later, context) else facts.members
        if not self._is_enough(members, context):
            return
        count, quarter = len(members), facts.parts[1]
        terminal = [one for one in members if one.get("via") == "office_terminal"]
        untold = [one for one in members if one.get("via") is None]
        evidence = tuple(event_id for one in (*terminal, *untold) for event_id in one.event_ids)
        if 100 * len(terminal) <= percent * count:
            if 100 * (len(terminal) + len(untold)) > percent * count:
                missing = Text("评价的录入方式", "how the ratings were entered")
                yield cannot_tell("terminal", missing, evidence, item=quarter)
            return
        if members is not later:
            yield cannot_tell("terminal", LATER_RECEIPT, evidence, item=quarter)
            return
        yield Verdict(
            reason="terminal",
            item=quarter,
            event_ids=evidence,
            related=tuple(one.subject for one in terminal),
            facts={"ratings": count, "by_office_terminal": len(terminal), "percent": percent, "period": quarter},
            sentence=Text(
                f"记录显示：{quarter}对单位 {facts.parts[0]} 的评价共{count}件，其中{len(terminal)}件由办公终端录入。",
                f"The record shows: of {count} ratings of unit {facts.parts[0]} in {quarter}, {len(terminal)} were entered at "
                "an office terminal.",
            ),
        )

    def _is_enough(self, ratings: Sequence[Contribution], context: Context) -> bool:
        return len(ratings) >= context.parameters.get(self, "min_n")


class RatedAfterTheAct(Check):
    """XF-EVL-002: a rating follows what it rates; the finding is about the unit that was rated.

    Side unit: an opinion that has arrived (or been sent, where no arrival is recorded) or a mediation; side
    office: any written notice, once sent. What came at the same instant, or on the same day where an hour is
    not known, came before.
    """

    id = "XF-EVL-002"
    title = Text("尚无可评内容即有评价", "Rated before there was anything to rate")
    basis = BASIS
    clauses = (
        Clause(
            "unit",
            "high",
            "probable",
            Text("评价责任单位前没有送达意见或调解", "side unit: no opinion delivered or mediation before"),
            clock=True,
        ),
        Clause(
            "office",
            "high",
            "probable",
            Text("评价信访部门前没有任何书面告知", "side office: no notice before"),
            clock=True,
        ),
    )
    audience = "discipline"
    risk = Text("虚构评价，虚报满意率", "invented ratings that raise a rate")
    verify = Text("回访信访人，核对评价时间与送达时间", "call the petitioner; compare the days of rating and delivery")
    remedy = Text("作废评价，送达后重新邀请评价", "void the rating and ask again after the delivery")
    false_positives = Text("口头答复后即评价；送达未录入", "rated after an answer by word; a delivery not entered")
    blind_spots = Text("送达后代评", "a rating entered by others after the delivery")
    kinds = ("case",)
    triggers = frozenset({"case.rated"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for number, rated in enumerate(facts.all("case.rated"), start=1):
            side = rated.get("side")
            names: tuple[str, ...] = ("case.opinion_delivered", "case.mediation_agreed")
            if side == "office":
                names = ("case.petitioner_notified",)
            if any(_came_before(act, rated) for act in facts.all(*names)):
                continue
            yield from self._nothing(facts, rated, side, str(number), context)

    def _nothing(self, facts: Facts, rated: Act, side: str | None, number: str, context: Context) -> Iterator[Verdict]:
        item = f"{facts.subject}/{number}"
        unit = rated_unit(facts, rated, context)
        if side not in ("unit", "office"):
            missing = Text("评价对象", "which side was rated")
            yield cannot_tell("unit", missing, [rated.id], item=item)
            return
        if unit is None:
            missing = Text("被评价单位", "the unit that was rated")
            yield cannot_tell(side, missing, [rated.id], item=item)
            return
        what = Text("送达意见或调解", "delivered opinion or mediation")
        if side == "office":
            what = Text("书面告知", "written notice")
        yield Verdict(
            reason=side,
            item=item,
            subject=f"unit:{unit}",
            related=(facts.subject,),
            event_ids=(rated.id,),
            facts={"rated_on": rated.day, "side": side, "case": facts.subject},
            sentence=Text(
                f"记录显示：{facts.subject}于{rated.day}有对单位 {unit} 的评价，此前没有{what.zh}。",
                f"The record shows: unit {unit} was rated in {facts.subject} on {rated.day}, with no {what.en} before.",
            ),
        )


def _came_before(act: Act, rated: Act) -> bool:
    """Whether there was something to rate: an opinion once it has arrived, anything else once it was done."""
    if act.name != "case.opinion_delivered" or "delivered_at" not in act.data:
        return not rated.is_before(act)
    arrived = str(act.data["delivered_at"])
    if act.has_hour and rated.has_hour:
        return parse_instant(arrived) <= rated.instant
    return day_of(arrived) <= rated.day
