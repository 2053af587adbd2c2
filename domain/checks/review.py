"""The check on reviews and re-reviews: was the opinion issued within the 30 days of art.35 and 36."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict, cannot_tell, weaker
from domain.checks.clock import Limit, lateness
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.review_days import limit_of, review_clocks
from domain.deadlines.explanation import Explanation

STAGES = {"DL-09": Text("复查", "review"), "DL-11": Text("复核", "re-review")}


class ReviewedWithin30Days(Check):
    """XF-DDL-009: a review is issued within 30 days of the request's receipt by the body, a re-review likewise.

    The days of a re-review's hearing, from opening to closing, do not count. Counted by `domain.deadlines`.
    """

    id = "XF-DDL-009"
    title = Text("复查、复核意见未在30日内作出", "A review or re-review was not issued within 30 days")
    basis = (
        Basis(Text("《信访工作条例》第三十五条", "Regulation art.35 (DL-09)"), REGULATION_FROM),
        Basis(Text("《信访工作条例》第三十六条", "Regulation art.36 (DL-11)"), REGULATION_FROM),
    )
    clauses = (
        Clause(
            "review",
            "high",
            "certain",
            Text(
                "收到复查请求之日起30日内未作出复查意见（未记录收到时间的自提出之日计，为较可能）",
                "a review not issued by rdue(receipt by the body, 30); no `received_at`: from `requested_at`, probable",
            ),
            clock=True,
        ),
        Clause(
            "re_review",
            "high",
            "certain",
            Text(
                "收到复核请求之日起30日（听证所需时间不计）内未作出复核意见（未记录收到时间的自提出之日计，为较可能）",
                "a re-review not issued by rdue(receipt, 30 + days from hearing opened to closed, inclusive); no "
                "`received_at`: from `requested_at`, probable",
            ),
            clock=True,
        ),
    )
    risk = Text("复查复核久拖不决", "the petitioner's review drags on without an answer")
    verify = Text(
        "核对收到复查、复核请求的登记与意见书落款日期", "the register of requests and the date of the opinion"
    )
    remedy = Text("限期作出意见并督办", "issue the opinion and supervise the body (art.40)")
    false_positives = Text(
        "意见已作出而未录入；听证已开未记录结束；请求补正期间",
        "an opinion issued and never recorded; a hearing whose end nobody recorded; a request that had to be completed",
    )
    blind_spots = Text(
        "账外机关的复查复核无从得知；以不予受理拖过期限",
        "bodies outside this ledger; a refusal that comes instead of an answer",
    )
    kinds = ("case",)
    triggers = frozenset({"case.review_requested"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for clock in review_clocks(facts, context):
            reason = "re_review" if clock.rule == "DL-11" else "review"
            item = (clock.item or "").removeprefix(f"{reason} ")
            if clock.status == "cannot_tell":
                yield cannot_tell(reason, _missing(clock), _evidence(clock), item=item, facts={"unit": clock.who or ""})
                continue
            limit = limit_of(clock, context)
            acted = clock.act.day if clock.act is not None else None
            if (
                limit is not None
                and clock.status != "stopped"
                and limit.state(acted, context.today) in ("late", "missing")
            ):
                yield self._late(clock, reason, item, limit, context)

    def _late(self, clock: Explanation, reason: str, item: str, limit: Limit, context: Context) -> Verdict:
        acted = clock.act.day if clock.act is not None else None
        tail = lateness(limit, acted, context)
        stage, body = STAGES[clock.rule], _body(clock)
        stated: dict[str, Any] = {
            **limit.facts(acted, context),
            "unit": clock.who or "",
            "hearing_days": clock.hearing_days,
        }
        if clock.reason is not None:
            stated["ended_by"] = clock.reason
        return Verdict(
            reason=reason,
            item=item,
            open=acted is None,
            certainty=weaker(clock.certainty, context.certainty("certain", *limit.leans_on)),
            event_ids=_evidence(clock),
            facts=stated,
            sentence=Text(
                f"记录显示：{body.zh} 于{limit.start}收到{stage.zh}请求，30日加听证{clock.hearing_days}日；{tail.zh}。",
                f"The record shows: {body.en} received the request for a {stage.en} on {limit.start}, 30 days plus "
                f"{clock.hearing_days} of hearing; {tail.en}.",
            ),
        )


def _body(clock: Explanation) -> Text:
    """The body that was asked, for people."""
    return Text(clock.who, clock.who) if clock.who else Text("未记录的机关", "a body that was not recorded")


def _missing(clock: Explanation) -> Text:
    """The fact that is missing, for people."""
    body = _body(clock)
    if clock.reason == "before_regulation":
        return Text(
            f"施行日（{REGULATION_FROM}）之后的收件",
            f"a receipt on or after {REGULATION_FROM}, when the article came into force",
        )
    if any(what.startswith("kind:") for what in clock.missing):
        return Text(f"{body.zh} 的类别登记", f"the declared kind of {body.en}")
    return Text(f"账外机关 {body.zh} 作出的意见", f"the opinion of {body.en}, which is outside this ledger")


def _evidence(clock: Explanation) -> tuple[str, ...]:
    """The request, the hearings that were left out, and what ended the clock."""
    start = (clock.start.event_id,) if clock.start is not None else ()
    return (*start, *clock.hearing_ids, *((clock.act.event_id,) if clock.act is not None else ()))
