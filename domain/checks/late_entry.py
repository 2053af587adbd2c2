"""The check on late entry: who enters acts days after they happened, month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from domain.calendar import wdue
from domain.checks.base import (
    REGULATION_FROM,
    Basis,
    Clause,
    Finding,
    Group,
    Parameter,
    Text,
    Verdict,
    cannot_tell,
)
from domain.checks.context import Context
from domain.checks.entry import ENTRY_MISSING, OUTSIDE_FACTS, OUTSIDE_WORKDAYS_SOURCE, own_acts
from domain.checks.facts import Act, Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, staff_month, unit_month

STAFF_MISSING = Text("经办人（by.staff）", "the staff member who acted (by.staff)")
NOBODY = "?"


class EnteredSoon(GatheringCheck):
    """XF-ACC-004: at least three acts of one staff member and month were entered late.

    One action counts once, on the subject that it is about: the fund's side of a grant's event is left out. What
    cannot be told of acts without `by.staff` is told of their unit.
    """

    id = "XF-ACC-004"
    title = Text("多次迟延录入", "Acts were entered late again and again")
    basis = (Basis(Text("《信访工作条例》第四十条（弄虚作假）", "Regulation art.40 (C-15)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "entered_late",
            "medium",
            "certain",
            Text(
                "同一人员当月至少3项（参数）事项在发生后2个工作日（参数；告知送达、收款、对账为10个）之后才录入",
                "recorded (entered) after 24:00 of wdue(time,2*), 10* working days for outside facts; at least 3 a staff "
                "member and month",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter("workdays", 2, Text("管理口径", "a management default")),
        Parameter("outside_workdays", 10, OUTSIDE_WORKDAYS_SOURCE),
        Parameter("min_n", 3, Text("管理口径：偶发不计", "a management default: once or twice is nothing")),
    )
    risk = Text("事后补录，日期可随意选择", "what is entered later can be dated at will")
    verify = Text("核对文书原件日期与系统录入日志", "the dates of the papers and the system's log of entries")
    remedy = Text("当日录入；说明迟延原因", "enter on the day, and state why it was late")
    false_positives = Text("系统故障、休假代录", "a system that was down; entered for a colleague on leave")
    blind_spots = Text("日期与录入一并推后", "a date that was moved together with the entry")
    kinds = ("staff-month", "unit-month")
    reads = ("case", "grant", "fund")

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        late: dict[tuple[Group, date], dict[str, str]] = {}
        untold: dict[tuple[Group, str], list[Act]] = {}
        for act in own_acts(facts):
            entered = act.entered_day
            if entered is not None and act.staff is not None and entered <= act.recorded_day:
                continue
            if act.staff == "system":
                continue
            if act.staff is None or entered is None:
                missing = "staff" if act.staff is None else "entry"
                untold.setdefault((_group(act), missing), []).append(act)
            elif self._is_late(act, entered, context):
                actions = late.setdefault((_group(act), act.recorded_day), {})
                actions.setdefault(act.actionid or act.id, act.id)
        for (group, day), actions in late.items():
            yield Contribution(group, facts.subject, tuple(actions.values()), day, {"late": len(actions)})
        for (group, missing), acts in untold.items():
            first = acts[0]
            yield Contribution(
                group, facts.subject, (first.id,), first.recorded_day, {"untold": len(acts), "missing": missing}
            )

    def _is_late(self, act: Act, entered: date, context: Context) -> bool:
        happened = act.recorded_day
        name = "outside_workdays" if act.name in OUTSIDE_FACTS else "workdays"
        days = context.parameters.get(self, name)
        return entered > happened + timedelta(days=days) and entered > wdue(context.calendar, happened, days)

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        least = context.parameters.get(self, "min_n")
        who, month = facts.parts
        late = [one for one in facts.members if one.get("late")]
        untold = [one for one in facts.members if one.get("untold")]
        count = sum(int(one.get("late")) for one in late)
        if count >= least:
            yield self._late(who, month, late, count, context)
        elif count + sum(int(one.get("untold")) for one in untold) >= least:
            missing = STAFF_MISSING if untold[0].get("missing") == "staff" else ENTRY_MISSING
            evidence = [event_id for one in untold for event_id in one.event_ids]
            yield cannot_tell("entered_late", missing, evidence, item=month)

    def _late(self, who: str, month: str, late: list[Contribution], count: int, context: Context) -> Verdict:
        evidence = tuple(event_id for one in late for event_id in one.event_ids)
        return Verdict(
            reason="entered_late",
            item=month,
            certainty=context.certainty("certain", late[0].day, late[-1].day),
            event_ids=evidence,
            related=tuple(one.subject for one in late),
            facts={"staff": who, "month": month, "late_entries": count, "subjects": len({one.subject for one in late})},
            sentence=Text(
                f"记录显示：{who} 在{month}办理的事项中有{count}项迟延录入。",
                f"The record shows: {count} acts of {who} in {month} were entered late.",
            ),
        )


def _group(act: Act) -> Group:
    """The staff member's month; the unit's where nobody is named."""
    if act.staff is None:
        return unit_month(act.unit or NOBODY, act.recorded_day)
    return staff_month(act.staff, act.recorded_day)
