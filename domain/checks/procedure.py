"""Checks on the routes of art.31 beside the petition procedure: is the procedure named, is anybody told, is it done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import in_days, in_months, lateness
from domain.checks.context import Context
from domain.checks.course import WHETHER_ANONYMOUS, Routing, routings, stops
from domain.checks.facts import Act, Facts

STATUTORY = frozenset({1, 2, 3, 4})
TELLING_NOTICES = frozenset({"procedure", "refer_elsewhere"})


def _stretch(facts: Facts, routes: frozenset[int]) -> tuple[list[Routing], Act | None] | None:
    """The last unbroken run of classifications into some routes, and the act that ended it; None where there is none."""
    known = routings(facts)
    inside = [one.purpose == "claim" and one.route in routes for one in known]
    if True not in inside:
        return None
    last = len(inside) - 1 - inside[::-1].index(True)
    first = last
    while first > 0 and inside[first - 1]:
        first -= 1
    return known[first : last + 1], known[last + 1].act if last + 1 < len(known) else None


class ProcedureIsNamedAndTold(Check):
    """XF-CLS-003: a claim of routes 1–4 names its procedure, and the petitioner is told or the case passed on.

    (a) looks at the classification in force. (b) counts any handoff by the due day; it is silent where the petition
    is anonymous or exempted from that notice, and where the case was stopped, mediated or answered by then.
    """

    id = "XF-CLS-003"
    title = Text(
        "应导入法定程序而未明确程序或未告知", "A statutory route without its procedure, or without telling anybody"
    )
    basis = (Basis(Text("《信访工作条例》第三十一条", "Regulation art.31(1)–(4)"), REGULATION_FROM),)
    clauses = (
        Clause("a_unnamed", "high", "certain", Text("途径1至4未写明法定程序", "route 1–4 without a named procedure")),
        Clause(
            "b_untold",
            "medium",
            "probable",
            Text(
                "分类后15日（参数）内未告知程序或引导，也未转送",
                "no notice procedure or refer_elsewhere, disposal guided, or handoff by rdue(routed,15*)",
            ),
            clock=True,
        ),
    )
    parameters = (Parameter("b_days", 15, Text("比照第二十三条的15日", "by analogy with the 15 days of art.23")),)
    risk = Text("以导入程序为名推出门外", "petitioners are sent away in the name of a procedure that nobody names")
    verify = Text("核对分类意见、程序告知书和转送函", "the opinion on the class, the notice and the letter of transfer")
    remedy = Text("写明程序并书面告知信访人", "name the procedure and tell the petitioner in writing")
    false_positives = Text("已告知而未录入；当面引导未留记录", "told and not entered; guided by word of mouth")
    blind_spots = Text("程序写错；告知内容空洞", "a wrong procedure; a notice without substance")
    kinds = ("case",)
    triggers = frozenset({"case.routed"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        found = _stretch(facts, STATUTORY)
        if found is None:
            return
        stretch, left = found
        if left is None and all(one.procedure is None for one in stretch if one.route == stretch[-1].route):
            yield self._unnamed(stretch[-1], context)
        yield from self._untold(facts, stretch[0], left, context)

    def _unnamed(self, routing: Routing, context: Context) -> Verdict:
        act = routing.act
        if context.may_be_unknown(act.event):
            return cannot_tell("a_unnamed", Text("法定程序", "the named procedure"), (act.id,))
        return Verdict(
            reason="a_unnamed",
            open=True,
            event_ids=(act.id,),
            facts={"route": routing.route, "routed_on": act.day, "unit": act.unit},
            sentence=Text(
                f"记录显示：{act.day}分类为第三十一条第{routing.route}项途径，没有写明法定程序。",
                f"The record shows: classified on {act.day} into route {routing.route} of art.31 without naming a procedure.",
            ),
        )

    def _untold(self, facts: Facts, first: Routing, left: Act | None, context: Context) -> Iterator[Verdict]:
        limit = in_days(context, first.act.day, context.parameters.get(self, "b_days"))
        told = [act for act in facts.acts if _tells(act)]
        act = min(told, key=lambda one: (one.day, one.position), default=None)
        acted = act.day if act is not None else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        if (left is not None and left.day <= limit.due) or _nobody_to_tell(facts, context, limit.due):
            return
        received = facts.one("case.received")
        if received is not None and "anonymous" not in received.data and context.may_be_unknown(received.event):
            yield cannot_tell("b_untold", WHETHER_ANONYMOUS, (received.id, first.act.id))
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="b_untold",
            open=act is None,
            certainty=context.certainty("probable", limit.start, limit.due),
            event_ids=(first.act.id, *((act.id,) if act is not None else ())),
            facts={**limit.facts(acted, context), "route": first.route, "unit": first.act.unit},
            sentence=Text(
                f"记录显示：{limit.start}分类为第{first.route}项途径，未按期告知、引导或转送；{tail.zh}。",
                f"The record shows: classified into route {first.route} on {limit.start}; nobody was told, guided or passed "
                f"on in time; {tail.en}.",
            ),
        )


def _tells(act: Act) -> bool:
    match act.name:
        case "case.handoff_offered":
            return True
        case "case.petitioner_notified":
            return bool(act.get("notice") in TELLING_NOTICES)
        case "case.disposed":
            return bool(act.get("kind") == "guided")
    return False


def _nobody_to_tell(facts: Facts, context: Context, due: date) -> bool:
    received = facts.one("case.received")
    if received is not None and received.get("anonymous") is True:
        return True
    silent = [stop.act for stop in stops(facts, context)]
    silent += facts.all("case.mediation_agreed", "case.opinion_issued")
    silent += [act for act in facts.all("case.notice_exempted") if act.get("notice") in TELLING_NOTICES]
    return any(act.day <= due for act in silent)


class DutyIsDone(Check):
    """XF-CLS-004: a request for official action (route 5) is answered within two months.

    Two calendar months end on the same day of the month (or its last one), rolled to a working day in the
    office's favour. Silent where the case left route 5, was stopped or mediated by then.
    """

    id = "XF-CLS-004"
    title = Text("履行法定职责途径两个月内无结果", "Route 5 without any result after two months")
    basis = (
        Basis(
            Text("《信访工作条例》第三十一条第五项、第四十二条第二项", "Regulation art.31(5) and 42(2)"),
            REGULATION_FROM,
        ),
    )
    clauses = (
        Clause(
            "nothing_done",
            "medium",
            "suspect",
            Text(
                "途径5，分类后2个月（参数）没有意见、执行、直接答复或答复后办结",
                "route 5, 2* calendar months after routing neither opinion, execution, disposal direct_answer nor closed "
                "answered_directly",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter(
            "months",
            2,
            Text("比照行政机关履职的一般期限", "by analogy with the usual two months of administrative duty"),
        ),
    )
    risk = Text("应当作为而不作为", "a duty to act is answered with silence")
    verify = Text("核对履职程序自身的期限和进展", "the procedure's own limit and how far it has come")
    remedy = Text("督促履职并书面答复", "press for the act, and answer in writing")
    false_positives = Text(
        "专门法律规定了更长的期限；已答复而未录入", "a statute gives more time; answered and not entered"
    )
    blind_spots = Text("敷衍的答复", "an answer without substance")
    kinds = ("case",)
    triggers = frozenset({"case.routed"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        found = _stretch(facts, frozenset({5}))
        if found is None:
            return
        start, left = found[0][0].act, found[1]
        limit = in_months(context, start.day, context.parameters.get(self, "months"))
        ends = [act for act in facts.acts if act.day >= start.day and _answers(act)]
        end = min(ends, key=lambda act: (act.day, act.position), default=None)
        acted = end.day if end is not None else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        over = [stop.act for stop in stops(facts, context)] + facts.all("case.mediation_agreed")
        if (left is not None and left.day <= limit.due) or any(act.day <= limit.due for act in over):
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="nothing_done",
            open=end is None,
            certainty=context.certainty("suspect", limit.start, limit.due),
            event_ids=(start.id, *((end.id,) if end is not None else ())),
            facts={**limit.facts(acted, context), "unit": start.unit},
            sentence=Text(
                f"记录显示：{limit.start}分类为第五项途径（履行法定职责），两个月内无结果；{tail.zh}。",
                f"The record shows: classified into route 5 on {limit.start} with no result within two months; {tail.en}.",
            ),
        )


def _answers(act: Act) -> bool:
    if act.name in ("case.opinion_issued", "case.opinion_executed"):
        return True
    direct = act.name == "case.disposed" and act.get("kind") == "direct_answer"
    return bool(direct or (act.name == "case.closed" and act.get("ground") == "answered_directly"))
