"""Checks on the office's own duties: suggestions are answered, urgent matters are reported upwards at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.asof import SHANGHAI, end_of_day, parse_instant
from domain.calendar import day_of
from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import in_days, lateness
from domain.checks.context import Context
from domain.checks.course import is_office, office_receipt, routings, stops
from domain.checks.facts import Act, Facts

ANSWERED = frozenset({"suggestion_answered", "answered_directly"})
LEADING_KINDS = frozenset({"party_committee", "government"})
SUPERIOR_KINDS = frozenset({"superior_petition_office", "national_bureau"})


class SuggestionIsAnswered(Check):
    """XF-SUG-001: a suggestion is studied and answered; counted from the receipt, the number is a default.

    The purpose in force decides. Withdrawn, merged, ended by death or no longer accepted by then: silent.
    """

    id = "XF-SUG-001"
    title = Text("意见建议长期无答复", "A suggestion was left without an answer")
    basis = (Basis(Text("《信访工作条例》第二十九条", "Regulation art.29"), REGULATION_FROM),)
    clauses = (
        Clause(
            "no_answer",
            "low",
            "suspect",
            Text(
                "收件后60日（参数）内既未处理，也未以已答复或直接答复办结",
                "suggestion, by rdue(R,60*) neither disposed nor closed suggestion_answered or answered_directly",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter("days", 60, Text("管理口径，条例未定期限", "a management default; the Regulation sets no number")),
    )
    risk = Text("人民建议石沉大海", "suggestions vanish")
    verify = Text("核对建议的研究、采纳和反馈材料", "who studied it, what was adopted, what was answered")
    remedy = Text("研究答复，有价值的报送采纳", "study and answer it; pass on what is of value")
    false_positives = Text("已当面或公开答复而未录入", "answered in person or in public, and not entered")
    blind_spots = Text("套话式答复", "an answer that says nothing")
    kinds = ("case",)
    triggers = frozenset({"case.routed"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received = facts.one("case.received")
        known = routings(facts)
        if received is None or not known or known[-1].purpose != "suggestion":
            return
        day, source = office_receipt(received)
        limit = in_days(context, day, context.parameters.get(self, "days"))
        answers = facts.all("case.disposed")
        answers += [act for act in facts.all("case.closed") if act.get("ground") in ANSWERED]
        answer = min(answers, key=lambda act: (act.day, act.position), default=None)
        acted = answer.day if answer is not None else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        if any(stop.act.day <= limit.due for stop in stops(facts, context)):
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="no_answer",
            open=answer is None,
            certainty=context.certainty("suspect", limit.start, limit.due),
            event_ids=(received.id, known[-1].act.id, *((answer.id,) if answer is not None else ())),
            facts={**limit.facts(acted, context), "receipt_from": source},
            sentence=Text(
                f"记录显示：{day}收到的意见建议未按期答复；{tail.zh}。",
                f"The record shows: the suggestion received on {day} was not answered in time; {tail.en}.",
            ),
        )


class UrgentIsReported(Check):
    """XF-URG-001: an urgent matter is reported at once, and to everybody who must know.

    Hours run from `learnt_at` of the first report, else from the receipt, or from the registration where
    only that calls it urgent. Where the hour of an act is not known, the day after `learnt_at` plus the
    hours must have passed. (b) looks at all reports together; a national bureau counts as superior office.
    """

    id = "XF-URG-001"
    title = Text("重大紧急信访事项未及时、完整报告", "An urgent matter was reported late, or not to all who must know")
    basis = (
        Basis(
            Text("《信访工作条例》第二十五条、第四十六条第四项", "Regulation art.25, 46(4) (DL-12)"), REGULATION_FROM
        ),
    )
    clauses = (
        Clause(
            "a_late",
            "high",
            "probable",
            Text("知悉后24小时（参数）内未报告", "no report within 24* h of learnt_at (else received)"),
            clock=True,
        ),
        Clause(
            "b_addressees",
            "high",
            "probable",
            Text(
                "已报告，但未报党委或政府，或信访部门未报上一级信访部门",
                "reported, but not to party_committee or government and, from a petition office, superior_petition_office",
            ),
        ),
    )
    parameters = (
        Parameter(
            "a_hours",
            24,
            Text("条例要求“及时”，小时数由地方规定", "the Regulation says at once; the hours are a local setting"),
        ),
    )
    risk = Text("迟报、漏报、瞒报", "danger that those who could avert it learn of too late")
    verify = Text("核对紧急信访信息报送记录和接收回执", "what was reported, when, and who confirmed it")
    remedy = Text("立即补报并采取措施", "report at once and act")
    false_positives = Text("已电话报告而未录入；事后才认定紧急", "reported by telephone; called urgent only later")
    blind_spots = Text("应标紧急而未标；知悉时间填得过晚", "urgent and not called so; a learnt_at later than the truth")
    kinds = ("case",)
    triggers = frozenset({"case.received", "case.registered", "case.reported_urgent"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        reports = facts.all("case.reported_urgent")
        base = next((act for act in facts.all("case.received", "case.registered") if act.get("urgent") is True), None)
        if base is None and not reports:
            received = facts.one("case.received")
            if received is not None and "urgent" not in received.data and context.may_be_unknown(received.event):
                yield cannot_tell("a_late", Text("是否紧急", "whether it was urgent"), [received.id])
            return
        if base is not None:
            yield from self._in_time(base, reports, context)
        if reports:
            yield from self._addressees(reports, context)

    def _in_time(self, base: Act, reports: list[Act], context: Context) -> Iterator[Verdict]:
        first = min(reports, key=lambda act: (act.instant, act.position), default=None)
        hours = context.parameters.get(self, "a_hours")
        told = first is not None and "learnt_at" in first.data
        learnt = parse_instant(str(first.data["learnt_at"])) if first is not None and told else base.instant
        last = learnt + timedelta(hours=hours)
        exact = (told or base.has_hour) and (first is None or first.has_hour)
        when = first.instant if first is not None else self._asked(context)
        late = when > last if exact else day_of(when) > day_of(last)
        if not late:
            return
        evidence = (base.id, *((first.id,) if first is not None else ()))
        stated = {"learnt_at": _shown(learnt), "due_at": _shown(last), "limit_hours": hours}
        if first is not None:
            stated["reported_at"] = _shown(first.instant)
        how = Text("尚未报告", "it has not been reported")
        if first is not None:
            how = Text(f"{_shown(first.instant)}才报告", f"it was reported at {_shown(first.instant)}")
        yield Verdict(
            reason="a_late",
            open=first is None,
            event_ids=evidence,
            facts=stated,
            sentence=Text(
                f"记录显示：紧急事项于{_shown(learnt)}知悉，{hours}小时内未报告，{how.zh}。",
                f"The record shows: an urgent matter known at {_shown(learnt)} was not reported within {hours} hours; {how.en}.",
            ),
        )

    def _asked(self, context: Context) -> datetime:
        """The moment of the question: its instant, else 24:00 of its day."""
        return context.as_of.instant or end_of_day(context.today)

    def _addressees(self, reports: list[Act], context: Context) -> Iterator[Verdict]:
        kinds = {context.register.kind(str(unit), act.day) for act in reports for unit in act.get("to", ())}
        evidence = tuple(act.id for act in reports)
        missing = [] if kinds & LEADING_KINDS else ["party_committee|government"]
        reporters = {context.register.kind(act.unit, act.day) for act in reports}
        if not kinds & SUPERIOR_KINDS:
            if any(is_office(kind) for kind in reporters):
                missing.append("superior_petition_office")
            elif None in reporters:
                what = Text("报告单位的类别登记", "the declared kind of the unit that reported")
                yield cannot_tell("b_addressees", what, evidence)
                return
        if not missing:
            return
        if None in kinds or not kinds:
            what = Text("受报单位的类别登记", "the declared kinds of the units it was reported to")
            yield cannot_tell("b_addressees", what, evidence)
            return
        yield Verdict(
            reason="b_addressees",
            event_ids=evidence,
            facts={"reported_to_kinds": sorted(str(kind) for kind in kinds), "missing_kinds": missing},
            sentence=Text(
                f"记录显示：紧急事项已报告，但未报：{'、'.join(missing)}。",
                f"The record shows: an urgent matter was reported, but not to: {', '.join(missing)}.",
            ),
        )


def _shown(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
