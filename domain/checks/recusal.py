"""Checks on conflicts of interest: who was recused stays away, and who decided does not review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import in_workdays
from domain.checks.context import Context, Register
from domain.checks.facts import Act, Facts
from domain.checks.groups import Joined

ABOUT_RECUSAL = ("case.interest_declared", "case.recusal_requested", "case.recusal_decided")
NO_ACT = frozenset({*ABOUT_RECUSAL, "case.approval_confirmed", "grant.approval_confirmed"})
WHO_ACTED = Text("经办人", "who acted")
WHETHER_RECUSED = Text("是否决定回避", "whether the recusal was granted")
NAMED_IN = ("signed_by", "approved_by", "handler", "attendees", "members")


def acting(act: Act) -> set[str]:
    """Who acts in an act: `by.staff`, and staff named as signer, approver, handler, attendee or member."""
    found = set(_named(act.data))
    if act.staff is not None:
        found.add(act.staff)
    return found - {"system"}


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in NAMED_IN:
                yield from (inner,) if isinstance(inner, str) else (one for one in inner if isinstance(one, str))
            else:
                yield from _named(inner)


class RecusedStaysAway(Check):
    """XF-COI-001: a recused official no longer acts on the case or its grants; an undecided one waits.

    Acts at the instant of the decision, or on its day where an hour is unknown, came before it. Confirming
    an own earlier approval is no act on the case. A later decision that rejects the recusal ends it.
    """

    id = "XF-COI-001"
    title = Text("应回避而继续办理", "An official who was recused, or whose recusal was undecided, went on acting")
    basis = (Basis(Text("《信访工作条例》第二十八条", "Regulation art.28 (C-29)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_recused",
            "high",
            "certain",
            Text("决定回避后仍办理本案或其救助资金", "recused, then acting on the case or its grants"),
        ),
        Clause(
            "b_undecided",
            "medium",
            "probable",
            Text(
                "申报或申请回避后5个工作日（参数）内未决定，其后仍办理",
                "declared or requested, undecided by wdue(declaration,5*), and acting after that day",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter(
            "b_workdays", 5, Text("管理口径，条例未定期限", "a management default; the Regulation sets no number")
        ),
    )
    risk = Text("利害关系人办案，处理不公", "a matter decided by somebody with a stake in it")
    verify = Text("核对回避决定的时间和其后的经办签字", "when the recusal was decided, and who signed after it")
    remedy = Text("由他人接办并复核其经办事项", "hand over to another and examine again what was done")
    false_positives = Text(
        "仅移交材料；系统默认经办人未更换", "handing over the file only; a default name that nobody changed"
    )
    blind_spots = Text("未申报的利害关系；幕后参与", "an interest nobody declared; taking part unseen")
    kinds = ("file",)
    triggers = frozenset(ABOUT_RECUSAL)

    def verdicts(self, facts: Joined, context: Context) -> Iterator[Verdict]:
        case = facts.case
        if case is None:
            return
        acts = [act for part in facts.parts if part is case or part.subject in facts.grants for act in part.acts]
        acts = [act for act in acts if act.name not in NO_ACT]
        asked: dict[str, list[Act]] = {}
        for act in case.all(*ABOUT_RECUSAL):
            if isinstance(act.get("staff"), str):
                asked.setdefault(act.data["staff"], []).append(act)
        nameless = [act for act in acts if act.staff is None]
        for staff in sorted(asked):
            theirs = [act for act in acts if staff in acting(act)]
            sure = [*self._after_recusal(staff, asked[staff], theirs)]
            sure += self._while_undecided(staff, asked[staff], theirs, context)
            yield from sure
            told = {(one.reason, one.item) for one in sure}
            perhaps = [*self._after_recusal(staff, asked[staff], nameless)]
            perhaps += self._while_undecided(staff, asked[staff], nameless, context)
            for one in perhaps:
                if (one.reason, one.item) not in told:
                    yield cannot_tell(one.reason, WHO_ACTED, one.event_ids, item=one.item)

    def _after_recusal(self, staff: str, asked: list[Act], theirs: list[Act]) -> Iterator[Verdict]:
        decisions = [act for act in asked if act.name == "case.recusal_decided"]
        for number, decision in enumerate(decisions):
            if decision.get("recused") is False:
                continue
            following = decisions[number + 1] if number + 1 < len(decisions) else None
            after = [act for act in theirs if decision.is_before(act)]
            after = [act for act in after if following is None or act.is_before(following)]
            if after:
                hit = self._hit("a_recused", staff, number + 1, decision, after)
                untold = "recused" not in decision.data
                yield cannot_tell(hit.reason, WHETHER_RECUSED, hit.event_ids, item=hit.item) if untold else hit

    def _while_undecided(self, staff: str, asked: list[Act], theirs: list[Act], context: Context) -> Iterator[Verdict]:
        waiting: Act | None = None
        spans: list[tuple[Act, Act | None]] = []
        for act in asked:
            if act.name == "case.recusal_decided":
                if waiting is not None:
                    spans.append((waiting, act))
                waiting = None
            elif waiting is None:
                waiting = act
        if waiting is not None:
            spans.append((waiting, None))
        for number, (begun, ended) in enumerate(spans, start=1):
            limit = in_workdays(context, begun.day, context.parameters.get(self, "b_workdays"))
            after = [act for act in theirs if act.day > limit.due and (ended is None or act.is_before(ended))]
            if after:
                verdict = self._hit("b_undecided", staff, number, begun, after)
                certainty = context.certainty("probable", limit.start, limit.due)
                stated = {**verdict.facts, **limit.facts(ended.day if ended is not None else None, context)}
                evidence = (*verdict.event_ids, *((ended.id,) if ended is not None else ()))
                yield Verdict(
                    verdict.reason,
                    verdict.sentence,
                    evidence,
                    verdict.item,
                    certainty=certainty,
                    open=ended is None,
                    facts=stated,
                    related=verdict.related,
                )

    def _hit(self, reason: str, staff: str, number: int, begun: Act, after: list[Act]) -> Verdict:
        first = min(act.day for act in after)
        what = (
            Text("已决定回避", "was recused")
            if reason == "a_recused"
            else Text("回避未决", "awaited a decision on recusal")
        )
        return Verdict(
            reason=reason,
            item=staff if number == 1 else f"{staff}#{number}",
            event_ids=(begun.id, *(act.id for act in after)),
            related=tuple(str(act.event["subject"]) for act in after),
            facts={
                "staff": staff,
                "since_on": begun.day,
                "first_act_on": first,
                "acts": len(after),
                "kinds_of_act": sorted({act.name for act in after}),
            },
            sentence=Text(
                f"记录显示：工作人员 {staff} 自{begun.day}起{what.zh}，其后仍办理{len(after)}次，最早为{first}。",
                f"The record shows: {staff} {what.en} since {begun.day} and acted {len(after)} time(s) after it, first on {first}.",
            ),
        )


class ReviewedByOthers(Check):
    """XF-COI-002: a review is done by other people, in a unit above the one that decided.

    The opinion under review is the last one before the review was asked for; a re-review looks at the
    review before it. An undeclared or external body, and a line of superiors with a unit that is undeclared
    or does not say whether it has superiors, give `cannot_tell`; a body that decided itself needs no register.
    """

    id = "XF-COI-002"
    title = Text("复查复核人员或机关不中立", "A review by those who decided, or by a unit that is not above")
    basis = (
        Basis(
            Text("《信访工作条例》第二十八条、第三十五条、第三十六条", "Regulation art.28, 35, 36 (C-29)"),
            REGULATION_FROM,
        ),
    )
    clauses = (
        Clause(
            "a_members",
            "high",
            "certain",
            Text(
                "复查复核人员曾参与被审查意见（承办、签发、听取、先前复查）",
                "a reviewer took part in the opinion under review (handler, signer, hearer, earlier reviewer)",
            ),
        ),
        Clause(
            "b_body",
            "high",
            "probable",
            Text(
                "复查复核机关即原决定单位，或不是其上级",
                "the review body is the unit that decided, or not above it",
            ),
        ),
    )
    risk = Text("自己审查自己", "people review their own decision")
    verify = Text("核对复查复核人员名单与原案经办、签发人员", "the reviewers against those who handled and signed")
    remedy = Text("更换人员或由上级机关重新审查", "have others, or the superior body, review again")
    false_positives = Text(
        "垂直管理单位的复查机关为其上级主管部门而未登记", "a superior of a vertically managed unit that nobody declared"
    )
    blind_spots = Text("未记名的参与；以机关名义的幕后意见", "taking part without being named")
    kinds = ("case",)
    triggers = frozenset({"case.review_issued"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for number, issued in enumerate(facts.all("case.review_issued"), start=1):
            asked = self._request(facts, issued)
            moment = asked or issued
            opinions = [act for act in facts.all("case.opinion_issued") if not moment.is_before(act)]
            opinion = opinions[-1] if opinions else None
            item = f"{issued.get('stage', 'review')}/{number}"
            yield from self._members(facts, issued, opinion, item)
            yield from self._body(facts, issued, asked, opinion, item, context)

    def _request(self, facts: Facts, issued: Act) -> Act | None:
        """The request that the review answers: the last at its stage before it."""
        asked = [
            act
            for act in facts.all("case.review_requested")
            if act.get("stage") == issued.get("stage") and not issued.is_before(act)
        ]
        return asked[-1] if asked else None

    def _members(self, facts: Facts, issued: Act, opinion: Act | None, item: str) -> Iterator[Verdict]:
        evidence = tuple(act.id for act in (opinion, issued) if act is not None)
        if opinion is None:
            return
        if "members" not in issued.data:
            missing = Text("复查复核人员名单", "the members of the review")
            yield cannot_tell("a_members", missing, evidence, item=item)
            return
        reviewers = {str(name) for name in issued.data["members"]}
        if issued.staff is not None and issued.role == "reviewer":
            reviewers.add(issued.staff)
        took_part = self._took_part(facts, issued, opinion)
        both = {name: acts for name, acts in took_part.items() if name in reviewers}
        if not both:
            return
        names = sorted(both)
        yield Verdict(
            reason="a_members",
            item=item,
            event_ids=(*evidence, *(act.id for name in names for act in both[name])),
            facts={
                "staff": names,
                "reviewed_on": issued.day,
                "took_part_in": sorted({one.name for name in names for one in both[name]}),
            },
            sentence=Text(
                f"记录显示：{issued.day}的复查复核人员 {'、'.join(names)} 曾参与被审查的处理。",
                f"The record shows: {', '.join(names)} took part in what was under review and in the review of {issued.day}.",
            ),
        )

    def _took_part(self, facts: Facts, issued: Act, opinion: Act) -> dict[str, list[Act]]:
        handling = (
            "case.accepted",
            "case.handler_assigned",
            "case.facts_heard",
            "case.investigated",
            "case.hearing_closed",
        )
        acts = [act for act in facts.all(*handling) if not opinion.is_before(act)]
        acts += [opinion]
        earlier = facts.all("case.review_issued")
        acts += [act for act in earlier if act is not issued and act.is_before(issued) and not act.is_before(opinion)]
        found: dict[str, list[Act]] = {}
        for act in acts:
            names = acting(act)
            if act.name in ("case.handler_assigned", "case.accepted"):
                names = {str(act.data["handler"])} if "handler" in act.data else set()
            for name in names:
                found.setdefault(name, []).append(act)
        return found

    def _body(
        self, facts: Facts, issued: Act, asked: Act | None, opinion: Act | None, item: str, context: Context
    ) -> Iterator[Verdict]:
        body = issued.get("body") or (asked.get("body") if asked is not None else None)
        decided = opinion
        decider = opinion.unit if opinion is not None else None
        if issued.get("stage") == "re_review":
            reviews = [
                act
                for act in facts.all("case.review_issued")
                if act.get("stage") == "review" and not issued.is_before(act)
            ]
            decided = reviews[-1] if reviews else None
            decider = decided.get("body") if decided is not None else None
        evidence = tuple(act.id for act in (decided, issued) if act is not None)
        if body is None or decider is None:
            missing = Text("复查复核机关或原决定单位", "the body of the review, or the unit that decided")
            yield cannot_tell("b_body", missing, evidence, item=item)
            return
        register, day = context.register, issued.day
        if body != decider and body in register.above(decider, day):
            return
        missing_unit = None if body == decider else _undeclared(register, (body, decider), decider, day)
        if missing_unit is not None:
            missing = Text(f"单位 {missing_unit} 的上下级登记", f"the declared superiors of unit {missing_unit}")
            yield cannot_tell("b_body", missing, evidence, item=item)
            return
        what = Text("即原决定单位", "decided it itself") if body == decider else Text("不是其上级", "is not above it")
        yield Verdict(
            reason="b_body",
            item=item,
            event_ids=evidence,
            facts={"body": body, "decided_by": decider, "stage": issued.get("stage", "review"), "reviewed_on": day},
            sentence=Text(
                f"记录显示：{day}由 {body} 复查复核，原决定单位为 {decider}，{body} {what.zh}。",
                f"The record shows: {body} reviewed on {day} what {decider} had decided, and {body} {what.en}.",
            ),
        )


def _undeclared(register: Register, named: Iterable[str], decider: str, day: date) -> str | None:
    """The first unit whose place in the lines nobody declared; None where all are known.

    Whether a unit has superiors must be declared for the decider and every unit above it.
    """
    line = (decider, *sorted(register.above(decider, day)))
    for code in (*named, *line):
        unit = register.unit(code, day)
        if unit is None or unit.kind is None or unit.kind == "external":
            return code
        if code in line and not unit.superiors_known:
            return code
    return None
