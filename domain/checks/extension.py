"""Checks on extensions of the handling period: how long, by whom, when, and was the petitioner told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from domain.checks.base import (
    REGULATION_FROM,
    Basis,
    Certainty,
    Check,
    Clause,
    Text,
    Verdict,
    cannot_tell,
)
from domain.checks.clock import Limit, in_days, lateness
from domain.checks.context import Context
from domain.checks.course import WHETHER_ANONYMOUS, stops
from domain.checks.facts import Act, Facts
from domain.checks.handling_clock import EXTENSION_DAYS_MAX, HANDLING_DAYS, competent_acceptance

DAYS_BEFORE = Text("此前延长的天数", "the days of an earlier extension")


@dataclass(frozen=True, slots=True)
class Extension:
    """One approved extension: its place in the run, the limit before it, the days in all.

    `days` is None where the record does not say; `told_by` then lies as late as the law allows, and
    `days_in_all`, of this extension and every later one, is None too. `told_by` is the day until which the
    petitioner can be told of it at all: the due day as it was extended, even by an approval that came too late
    to extend anything, and never before the approval. `before_at_most` is where the limit before it may have ended,
    had an earlier extension of unknown days been as long as the law allows.
    """

    act: Act
    start: Act
    number: int
    before: Limit
    told_by: Limit
    days: int | None
    days_in_all: int | None
    before_at_most: date

    @property
    def item(self) -> str:
        """The name of the extension in a fingerprint: its number, and the run where a review began a new one."""
        return str(self.number) if self.start.name == "case.accepted" else f"redo/{self.start.day}/{self.number}"

    @property
    def evidence(self) -> tuple[str, str]:
        """The act that began the clock, and the approval."""
        return self.start.id, self.act.id


def extensions(facts: Facts, context: Context) -> list[Extension]:
    """All approved extensions, in the order of the clock; a review's `redo` begins anew."""
    start = competent_acceptance(facts, context)
    found: list[Extension] = []
    if start is None:
        return found
    counted = number = 0
    in_all: int | None = 0
    unsure = False
    for act in facts.acts:
        if act.name == "case.review_issued" and act.get("outcome") == "redo":
            start, counted, number, in_all, unsure = act, 0, 0, 0, False
        if act.name != "case.extension_approved":
            continue
        days = act.get("days") if type(act.get("days")) is int else None
        before = in_days(context, start.day, HANDLING_DAYS + counted)
        number, in_all = number + 1, None if days is None or in_all is None else in_all + days
        extended = EXTENSION_DAYS_MAX if days is None else min(EXTENSION_DAYS_MAX, counted + days)
        told_by = _not_before(in_days(context, start.day, HANDLING_DAYS + extended), act.day)
        longest = in_days(context, start.day, HANDLING_DAYS + EXTENSION_DAYS_MAX).due if unsure else before.due
        found.append(Extension(act, start, number, before, told_by, days, in_all, longest))
        if act.day <= before.due:
            counted, unsure = (extended, unsure) if days is not None else (counted, True)
    return found


def _not_before(limit: Limit, day: date) -> Limit:
    return limit if day <= limit.due else replace(limit, due_before_rolling=day, due=day)


class ExtendedByTheBook(Check):
    """XF-DDL-002: extensions stay within 30 days, are approved by the unit's head and before the due day."""

    id = "XF-DDL-002"
    title = Text("延长办理期限不合规定", "An extension was too long, too late, or approved by the wrong person")
    basis = (Basis(Text("《信访工作条例》第三十四条", "Regulation art.34 (DL-07)"), REGULATION_FROM),)
    clauses = (
        Clause("a_too_long", "high", "certain", Text("延长合计超过30日", "extensions together over 30 days")),
        Clause(
            "b_approver",
            "high",
            "certain",
            Text(
                "批准人当日不是承办单位负责人（未登记的按批准人身份，较可能）",
                "by the register of that day approved_by is not head in the competent unit (not in the register: by "
                "approver_role, probable)",
            ),
        ),
        Clause("c_too_late", "medium", "probable", Text("到期后才批准", "approved after the due day"), clock=True),
        Clause(
            "d_second", "low", "suspect", Text("合计30日以内的第二次延长", "a second extension within 30 days in all")
        ),
    )
    risk = Text("以延期拖延，越权批准", "extensions used to delay, or given by somebody who may not give them")
    verify = Text("核对延期审批表、批准人职务和批准日期", "the approval form, the office of the approver, the date")
    remedy = Text("按原期限计算逾期并补办手续", "count lateness by the earlier due day and repair the approval")
    false_positives = Text(
        "负责人变动未及时登记；授权副职批准未登记",
        "a change of head that the register learnt late; a deputy with a delegation that nobody recorded",
    )
    blind_spots = Text("倒签的批准日期", "an approval with an earlier date than it had")
    kinds = ("case",)
    triggers = frozenset({"case.extension_approved"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        accepted = competent_acceptance(facts, context)
        for extension in extensions(facts, context):
            yield from self._length(extension)
            yield from self._approver(extension, accepted.unit if accepted is not None else None, context)
            if extension.act.day > extension.before.due:
                if extension.act.day <= extension.before_at_most:
                    yield cannot_tell("c_too_late", DAYS_BEFORE, extension.evidence, item=extension.item)
                    continue
                tail = lateness(extension.before, extension.act.day, context)
                yield Verdict(
                    reason="c_too_late",
                    item=extension.item,
                    certainty=context.certainty("probable", *extension.before.leans_on),
                    event_ids=extension.evidence,
                    facts=extension.before.facts(extension.act.day, context),
                    sentence=Text(
                        f"记录显示：到期后才批准延期；{tail.zh}。", f"The record shows: extended too late; {tail.en}."
                    ),
                )

    def _length(self, extension: Extension) -> Iterator[Verdict]:
        stated = {"days": extension.days, "days_in_all": extension.days_in_all, "limit": EXTENSION_DAYS_MAX}
        if extension.days_in_all is None:
            if extension.days is None:
                missing = Text("延长的天数", "the days of the extension")
                yield cannot_tell("a_too_long", missing, extension.evidence, item=extension.item)
            return
        if extension.days_in_all > EXTENSION_DAYS_MAX:
            zh, en = (
                f"延长合计{extension.days_in_all}日，超过30日",
                f"extended by {extension.days_in_all} days in all, over 30",
            )
            reason = "a_too_long"
        elif extension.number > 1:
            zh, en = (
                f"第{extension.number}次延长，合计{extension.days_in_all}日",
                (f"extension number {extension.number}, {extension.days_in_all} days in all"),
            )
            reason = "d_second"
        else:
            return
        yield Verdict(
            reason=reason,
            item=extension.item,
            event_ids=extension.evidence,
            facts=stated,
            sentence=Text(f"记录显示：{zh}。", f"The record shows: {en}."),
        )

    def _approver(self, extension: Extension, competent: str | None, context: Context) -> Iterator[Verdict]:
        act = extension.act
        member = context.register.member(act.get("approved_by"), act.day)
        if member is not None and (member.unit is None or not member.roles):
            member = None
        certainty: Certainty = "certain"
        role = act.get("approver_role")
        if member is None:
            certainty = "probable"
            if role is None:
                missing = Text("批准人的登记和身份", "the approver's entry in the register, and the role")
                yield cannot_tell("b_approver", missing, extension.evidence, item=extension.item)
            if role in (None, "head"):
                return
        elif competent is None:
            yield cannot_tell(
                "b_approver", Text("受理单位", "the unit that accepted"), extension.evidence, item=extension.item
            )
            return
        elif "head" in member.roles and member.unit == competent:
            return
        stated = {"approved_by": act.get("approved_by"), "approver_role": role, "competent_unit": competent}
        if member is not None:
            stated |= {"registered_unit": member.unit, "registered_roles": sorted(member.roles)}
        yield Verdict(
            reason="b_approver",
            item=extension.item,
            certainty=certainty,
            event_ids=extension.evidence,
            facts={name: value for name, value in stated.items() if value is not None},
            sentence=Text(
                f"记录显示：{act.day}的延期由 {act.get('approved_by')} 批准，其当日不是承办单位 {competent} 的负责人。",
                f"The record shows: the extension of {act.day} was approved by {act.get('approved_by')}, who was not head of "
                f"the competent unit {competent} that day.",
            ),
        )


class ExtensionIsNotified(Check):
    """XF-DDL-004: the petitioner is told of an extension and its reasons."""

    id = "XF-DDL-004"
    title = Text("延期未告知信访人", "The petitioner was not told of an extension")
    basis = (Basis(Text("《信访工作条例》第三十四条", "Regulation art.34 (DL-07)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "a_late",
            "low",
            "probable",
            Text("到原期限日未告知（其后才告知）", "not notified by the original due day"),
            clock=True,
        ),
        Clause(
            "b_never",
            "medium",
            "certain",
            Text("到延长后的期限日或出具意见时仍未告知", "never notified by the extended due day or the opinion"),
            clock=True,
        ),
    )
    risk = Text("信访人不知期限变化", "the petitioner does not know when to expect an answer")
    verify = Text("查阅延期告知书及其寄送记录", "the notice of extension and its proof of sending")
    remedy = Text("补发延期告知并说明理由", "send the notice with the reasons")
    false_positives = Text("已电话告知而未记录", "told by telephone and not recorded")
    blind_spots = Text("告知书未载明理由", "a notice that gives no reasons")
    kinds = ("case",)
    triggers = frozenset({"case.extension_approved"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received = facts.one("case.received")
        if facts.all("case.notice_exempted") or (received is not None and received.get("anonymous") is True):
            return
        notices = [act for act in facts.all("case.petitioner_notified") if act.get("notice") == "extension"]
        ends = [stop.act for stop in stops(facts, context)] + facts.all("case.mediation_agreed")
        for extension in extensions(facts, context):
            later = [act for act in notices if act.day >= extension.act.day]
            notice = min(later, key=lambda act: (act.day, act.position), default=None)
            if notice is None and any(act.day <= extension.told_by.due for act in ends):
                continue
            for verdict in self._judge(facts, extension, notice, context):
                missing = self._untold(facts, extension, verdict.reason, context)
                evidence = verdict.event_ids
                yield verdict if missing is None else cannot_tell(verdict.reason, missing, evidence, item=verdict.item)

    def _untold(self, facts: Facts, extension: Extension, reason: str, context: Context) -> Text | None:
        """The fact that may excuse, and that imported history does not hold."""
        received = facts.one("case.received")
        if received is not None and "anonymous" not in received.data and context.may_be_unknown(received.event):
            return WHETHER_ANONYMOUS
        return DAYS_BEFORE if reason == "a_late" and extension.before_at_most > extension.before.due else None

    def _judge(self, facts: Facts, extension: Extension, notice: Act | None, context: Context) -> Iterator[Verdict]:
        opinions = [act for act in facts.all("case.opinion_issued") if act.day >= extension.act.day]
        opinion = min(opinions, key=lambda act: (act.day, act.position), default=None)
        last = min(extension.told_by.due, opinion.day) if opinion is not None else extension.told_by.due
        acted = notice.day if notice is not None else None
        in_time = extension.before.state(acted, context.today) == "timely"
        if acted is not None and acted <= last:
            reason, limit = "a_late", extension.before
            if in_time:
                return
        elif acted is not None or context.today > last or (opinion is not None and opinion.day <= context.today):
            reason, limit = "b_never", Limit(extension.told_by.start, extension.told_by.count, "days", last, last)
        elif context.today > extension.before.due:
            reason, limit = "a_late", extension.before
        else:
            return
        tail = lateness(limit, acted, context)
        evidence = (*extension.evidence, *((notice.id,) if notice else ()), *((opinion.id,) if opinion else ()))
        yield Verdict(
            reason=reason,
            item=extension.item,
            open=notice is None,
            certainty=context.certainty(self.clause(reason).certainty, limit.start, limit.due),
            event_ids=evidence,
            facts=limit.facts(acted, context),
            sentence=Text(
                f"记录显示：{extension.act.day}批准延期，未按期告知信访人；{tail.zh}。",
                f"The record shows: extended on {extension.act.day}, the petitioner was not told in time; {tail.en}.",
            ),
        )
