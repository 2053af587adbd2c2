"""Checks on what follows an opinion: it is sent out, and what it supports is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from domain.checks.base import REGULATION_FROM, Basis, Certainty, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import Limit, in_days, lateness, on_day
from domain.checks.context import Context
from domain.checks.course import stops
from domain.checks.facts import Act, Facts, judged_once
from domain.checks.notices import SENT_ON, sent_on_an_unknown_day
from domain.checks.opinion import arrived_on

FAILED_ATTEMPTS_MIN = 2
REPLACED = ("changed", "redo")


def reviews_of(facts: Facts, opinion: Act) -> list[tuple[Act, Act | None]]:
    """Each review asked for after an opinion, with the act that ended it or None while it runs."""
    found = []
    for asked in facts.all("case.review_requested"):
        if asked.is_before(opinion):
            continue
        ends = [
            act
            for act in facts.all("case.review_issued", "case.review_refused")
            if act.get("stage") == asked.get("stage") and not act.is_before(asked)
        ]
        found.append((asked, min(ends, key=lambda act: (act.day, act.position), default=None)))
    return found


class SupportIsExecuted(Check):
    """XF-OPN-002: what an opinion supports is done by the promised day, else within a time, and proved.

    Execution later than its day stays a finding that is no longer open. An opinion that a review changed
    or sent back, or that a later one of the same unit
    replaced, owes nothing. Where a review ran over the due day, or
    the case was withdrawn or merged by then, the finding is `suspect`.
    """

    id = "XF-OPN-002"
    title = Text("支持诉求的意见未按期执行", "An opinion that supports the petitioner was not carried out")
    basis = (
        Basis(Text("《信访工作条例》第三十二条、第四十二条第四项", "Regulation art.32, 42(4) (C-08)"), REGULATION_FROM),
    )
    clauses = (
        Clause(
            "a_promise",
            "high",
            "certain",
            Text("支持类意见承诺日已过仍未执行", "supported, and the promised day passed, nothing done"),
            clock=True,
        ),
        Clause(
            "b_no_promise",
            "medium",
            "suspect",
            Text(
                "未定承诺日，送达后60日（参数）内未执行",
                "supported, no promised day and nothing by rdue(delivery,60*)",
            ),
            clock=True,
        ),
        Clause("c_no_proof", "medium", "suspect", Text("记为已执行而无证明材料", "done without proof")),
    )
    parameters = (
        Parameter(
            "b_days", 60, Text("管理口径，参照办理期限", "a management default, after the handling period of art.34")
        ),
    )
    risk = Text("支持意见空转，群众得不到兑现", "support on paper that nobody carries out")
    verify = Text(
        "核对承诺期限、执行凭证，回访信访人", "the promised day, the proof of execution, a call to the petitioner"
    )
    remedy = Text("督促执行单位限期兑现（第四十条）", "press the executing unit to carry it out (art.40)")
    false_positives = Text(
        "已执行而未记录；分期执行；承诺期限经协商变更",
        "carried out and not recorded; execution by stages; a promised day changed by agreement",
    )
    blind_spots = Text("虚假的执行证明；从不承诺期限", "a false proof; opinions that never promise a day")
    kinds = ("case",)
    triggers = frozenset({"case.opinion_issued"})

    @judged_once
    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        opinions = facts.all("case.opinion_issued")
        for number, opinion in enumerate(opinions, start=1):
            reviews = reviews_of(facts, opinion)
            replaced = any(end is not None and end.get("outcome") in REPLACED for _, end in reviews)
            replaced = replaced or any(later.unit == opinion.unit for later in opinions[number:])
            if replaced or opinion.get("result", "supported") != "supported":
                continue
            done = [act for act in facts.all("case.opinion_executed") if not act.is_before(opinion)]
            verdict = self._clock(facts, opinion, str(number), done, context)
            if verdict is not None:
                yield verdict
            yield from self._proof(done, context)

    def _clock(self, facts: Facts, opinion: Act, item: str, done: list[Act], context: Context) -> Verdict | None:
        found = self._limit(facts, opinion, context)
        if found is None:
            return None
        reason, limit, evidence = found
        executed = min(
            (act for act in done if act.get("done") is True), key=lambda act: (act.day, act.position), default=None
        )
        acted = executed.day if executed is not None else None
        if limit is not None and limit.state(acted, context.today) not in ("late", "missing"):
            return None
        evidence = (opinion.id, *evidence, *(act.id for act in done))
        told = self._untold(opinion, limit, done, context)
        if told is not None:
            return cannot_tell(reason, told, evidence, item=item)
        if limit is None:
            return None
        until = acted or context.today
        certainty: Certainty = self.clause(reason).certainty
        for asked, end in reviews_of(facts, opinion):
            if end is None and acted is None:
                return None
            if asked.day <= until and (end is None or end.day >= limit.due):
                certainty = "suspect"
        if any(stop.act.day <= limit.due for stop in stops(facts, context)):
            certainty = "suspect"
        return self._late(opinion, reason, item, limit, acted, certainty, evidence, context)

    def _limit(self, facts: Facts, opinion: Act, context: Context) -> tuple[str, Limit | None, tuple[str, ...]] | None:
        """The clause and its limit; a limit of None where its beginning is unknown; None where nothing is owed yet."""
        if "promise_due_on" in opinion.data:
            last = date.fromisoformat(opinion.data["promise_due_on"])
            return "a_promise", on_day(opinion.day, last), ()
        delivered = [act for act in facts.all("case.opinion_delivered") if act.day >= opinion.day]
        days = [(day, act) for act in delivered if (day := arrived_on(act)) is not None]
        if days:
            day, act = min(days, key=lambda pair: (pair[0], pair[1].position))
            return "b_no_promise", in_days(context, day, context.parameters.get(self, "b_days")), (act.id,)
        if any(context.may_be_unknown(act.event) for act in delivered):
            return "b_no_promise", None, tuple(act.id for act in delivered)
        return None

    def _untold(self, opinion: Act, limit: Limit | None, done: list[Act], context: Context) -> Text | None:
        if "result" not in opinion.data:
            return Text("意见的结论", "the result of the opinion")
        if any("done" not in act.data for act in done):
            return Text("是否已执行", "whether it was carried out")
        if limit is None:
            return None if any(act.get("done") for act in done) else Text("意见的送达日期", "the day of delivery")
        if "promise_due_on" not in opinion.data and context.may_be_unknown(opinion.event):
            return Text("承诺的执行期限", "the promised day")
        return None

    def _late(
        self,
        opinion: Act,
        reason: str,
        item: str,
        limit: Limit,
        acted: date | None,
        certainty: Certainty,
        evidence: tuple[str, ...],
        context: Context,
    ) -> Verdict:
        tail = lateness(limit, acted, context)
        stated: dict[str, Any] = limit.facts(acted, context)
        unit = opinion.get("executing_unit") or opinion.unit
        if unit is not None:
            stated["unit"] = unit
        if limit.counts != "fixed_day":
            certainty = context.certainty(certainty, limit.start, limit.due)
        return Verdict(
            reason=reason,
            item=item,
            open=acted is None,
            certainty=certainty,
            event_ids=evidence,
            facts=stated,
            sentence=Text(
                f"记录显示：{opinion.day}的处理意见支持诉求，未按期执行；{tail.zh}。",
                f"The record shows: the opinion of {opinion.day} supports the claim and was not carried out in time; {tail.en}.",
            ),
        )

    def _proof(self, done: list[Act], context: Context) -> Iterator[Verdict]:
        for number, act in enumerate((act for act in done if act.get("done") is True), start=1):
            if "proof" in act.data:
                continue
            if context.may_be_unknown(act.event):
                missing = Text("执行证明材料", "the proof of execution")
                yield cannot_tell("c_no_proof", missing, [act.id], item=str(number))
                continue
            yield Verdict(
                reason="c_no_proof",
                item=str(number),
                event_ids=(act.id,),
                facts={"executed_on": act.day},
                sentence=Text(
                    f"记录显示：{act.day}记为已执行，没有证明材料。",
                    f"The record shows: recorded as carried out on {act.day}, without proof.",
                ),
            )


class OpinionIsSent(Check):
    """XF-OPN-004: an opinion is sent or delivered soon, and put on public notice only after two failed attempts.

    Anonymous petitions, those exempted from notices, and cases stopped by then are silent, as is an opinion
    that a later one replaced within the limit.
    """

    id = "XF-OPN-004"
    title = Text(
        "处理意见未及时送达或违规公告送达", "An opinion was not sent in time, or put on public notice too soon"
    )
    basis = (Basis(Text("《信访工作条例》第三十五条", "Regulation art.35"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_not_sent",
            "medium",
            "probable",
            Text("出具后15日（参数）内未寄送或送达", "opinion not sent or delivered by rdue(issued,15*)"),
            clock=True,
        ),
        Clause(
            "b_public_notice",
            "medium",
            "suspect",
            Text("公告送达前失败的送达不足两次", "public notice without 2 failed attempts before it"),
        ),
    )
    parameters = (
        Parameter(
            "a_days", 15, Text("管理口径，参照告知期限", "a management default, after the period for notices of art.23")
        ),
    )
    risk = Text("信访人无从申请复查", "the petitioner cannot ask for a review of what never came")
    verify = Text("核对送达回证、邮寄单和公告记录", "the proof of delivery, the postal slip, the public notice")
    remedy = Text("立即送达，复查期限自送达之日起算", "deliver at once; the period for a review runs from delivery")
    false_positives = Text(
        "已当面送达而未录入；地址失效的两次投递由邮政记录",
        "handed over and not entered; two attempts that only the post recorded",
    )
    blind_spots = Text("代签收；寄往错误地址", "signed for by others; sent to a wrong address")
    kinds = ("case",)
    triggers = frozenset({"case.opinion_issued", "case.opinion_delivered"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received = facts.one("case.received")
        anonymous = received is not None and received.get("anonymous") is True
        opinions = facts.all("case.opinion_issued")
        for number, opinion in enumerate(opinions, start=1):
            following = next((later for later in opinions[number:] if later.unit == opinion.unit), None)
            if not anonymous and not facts.all("case.notice_exempted"):
                yield from self._sent(facts, opinion, following, str(number), context)
        for number, delivery in enumerate(facts.all("case.opinion_delivered"), start=1):
            yield from self._notice(delivery, str(number), context)

    def _sent(
        self, facts: Facts, opinion: Act, following: Act | None, item: str, context: Context
    ) -> Iterator[Verdict]:
        limit = in_days(context, opinion.day, context.parameters.get(self, "a_days"))
        sent = min(
            (act for act in facts.all("case.opinion_delivered") if act.day >= opinion.day),
            key=lambda act: (act.day, act.position),
            default=None,
        )
        acted = sent.day if sent is not None else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        if following is not None and following.day <= limit.due:
            return
        if any(stop.act.day <= limit.due for stop in stops(facts, context)):
            return
        if sent is not None and sent_on_an_unknown_day(sent, limit.due, context):
            yield cannot_tell("a_not_sent", SENT_ON, [opinion.id, sent.id], item=item)
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="a_not_sent",
            item=item,
            open=sent is None,
            certainty=context.certainty("probable", limit.start, limit.due),
            event_ids=(opinion.id, *((sent.id,) if sent is not None else ())),
            facts=limit.facts(acted, context),
            sentence=Text(
                f"记录显示：{opinion.day}出具的处理意见未按期送达；{tail.zh}。",
                f"The record shows: the opinion of {opinion.day} was not sent or delivered in time; {tail.en}.",
            ),
        )

    def _notice(self, delivery: Act, item: str, context: Context) -> Iterator[Verdict]:
        if delivery.get("delivery") != "public_notice":
            return
        if "attempts" not in delivery.data and context.may_be_unknown(delivery.event):
            missing = Text("此前失败的送达次数", "the number of failed attempts before it")
            yield cannot_tell("b_public_notice", missing, [delivery.id], item=item)
            return
        attempts = int(delivery.get("attempts", 0))
        if attempts >= FAILED_ATTEMPTS_MIN:
            return
        yield Verdict(
            reason="b_public_notice",
            item=item,
            event_ids=(delivery.id,),
            facts={"delivered_on": delivery.day, "attempts": attempts, "limit": FAILED_ATTEMPTS_MIN},
            sentence=Text(
                f"记录显示：{delivery.day}公告送达，此前失败的送达{attempts}次，不足两次。",
                f"The record shows: put on public notice on {delivery.day} after {attempts} failed attempt(s), fewer than 2.",
            ),
        )
