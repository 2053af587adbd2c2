"""The check on acts that stopped a clock in time on paper and were entered only after it had run out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from domain.calendar import wdue
from domain.checks.acceptance import office_clock
from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import Limit, in_days, in_workdays
from domain.checks.context import Context
from domain.checks.course import is_office, office_receipt, receipts
from domain.checks.entry import ENTRY_MISSING, OUTSIDE_FACTS, OUTSIDE_WORKDAYS_SOURCE
from domain.checks.facts import Act, Facts
from domain.checks.feedback_clock import feedback_clocks
from domain.checks.handling_clock import OBJECTION_WORKDAYS, handling_clocks
from domain.checks.notices import notice_clocks
from domain.checks.review_days import review_limit

OFFICE_DAYS = 15
NEVER_ACCEPTED_DAYS = 75


@dataclass(frozen=True, slots=True)
class Stopped:
    """An act that stopped a clock, and the limit that it kept."""

    what: Text
    act: Act
    limit: Limit
    item: str


def clock_stops(facts: Facts, context: Context, names: Collection[str]) -> Iterator[Stopped]:
    """The acts of these names of one case that stopped a clock in time."""
    for stopping, stops in STOPS:
        if not stopping.isdisjoint(names):
            yield from (one for one in stops(facts, context) if one.act.day <= one.limit.due)


def _intake(facts: Facts, context: Context) -> Iterator[Stopped]:
    """Registration within the office's fifteen days, and the first handoff or the office's own acceptance."""
    received, registered = facts.one("case.received"), facts.one("case.registered")
    if received is not None and registered is not None:
        start, _ = office_receipt(received)
        if context.register.kind(received.unit, start) == "petition_office":
            limit = in_days(context, start, OFFICE_DAYS)
            yield Stopped(Text("登记", "registration"), registered, limit, "registration")
    clock = office_clock(facts, context)
    if clock is not None and clock.act is not None and clock.limit is not None and clock.status == "timely":
        if clock.act.name == "case.handoff_offered":
            yield Stopped(Text("首次转送交办", "first handoff"), clock.act, clock.limit, "handoff")
        elif clock.act.name == "case.accepted":
            yield Stopped(Text("受理", "acceptance"), clock.act, clock.limit, "acceptance")


def _notices(facts: Facts, context: Context) -> Iterator[Stopped]:
    for clock in notice_clocks(facts, context):
        if clock.status == "timely" and clock.act is not None and clock.limit is not None:
            yield Stopped(Text("首次告知", "first notice"), clock.act, clock.limit, f"notice/{clock.receipt.item}")


def _acceptances(facts: Facts, context: Context) -> Iterator[Stopped]:
    """The first acceptance by a unit that received it, within the days after which nobody counts as accepting."""
    told: set[str] = set()
    for receipt in receipts(facts):
        if receipt.unit in told or is_office(context.register.kind(receipt.unit, receipt.day)):
            continue
        accepted = next((act for act in facts.all("case.accepted") if act.unit == receipt.unit), None)
        if accepted is not None:
            told.add(receipt.unit)
            limit = in_days(context, receipt.day, NEVER_ACCEPTED_DAYS)
            yield Stopped(Text("受理", "acceptance"), accepted, limit, f"acceptance/{receipt.unit}")


def _opinions(facts: Facts, context: Context) -> Iterator[Stopped]:
    for clock in handling_clocks(facts, context, NEVER_ACCEPTED_DAYS):
        if clock.ended_by == "opinion" and clock.end is not None and clock.limit and clock.status == "timely":
            item = f"opinion/{clock.item}" if clock.item else "opinion"
            yield Stopped(Text("出具意见", "opinion"), clock.end, clock.limit, item)


def _handoffs(facts: Facts, context: Context) -> Iterator[Stopped]:
    for handoff, clock in feedback_clocks(facts, context):
        if clock.act is not None and clock.limit is not None and clock.status == "timely":
            yield Stopped(Text("反馈", "feedback"), clock.act, clock.limit, f"feedback/{handoff.item}")
        if handoff.received is not None and handoff.objections:
            limit = in_workdays(context, handoff.received.day, OBJECTION_WORKDAYS)
            act = handoff.objections[0].act
            yield Stopped(Text("异议", "objection"), act, limit, f"objection/{handoff.item}")


def _reviews(facts: Facts, context: Context) -> Iterator[Stopped]:
    for act in facts.all("case.review_issued"):
        limit = review_limit(act, facts, context)
        if limit is not None:
            yield Stopped(Text("复查复核意见", "review"), act, limit, f"review/{act.get('stage')}")


STOPS: tuple[tuple[frozenset[str], Callable[[Facts, Context], Iterable[Stopped]]], ...] = (
    (frozenset({"case.registered", "case.handoff_offered", "case.accepted"}), _intake),
    (frozenset({"case.petitioner_notified"}), _notices),
    (frozenset({"case.accepted"}), _acceptances),
    (frozenset({"case.opinion_issued"}), _opinions),
    (frozenset({"case.handoff_fed_back", "case.handoff_objected"}), _handoffs),
    (frozenset({"case.review_issued"}), _reviews),
)
"""What stops a clock, and by acts of which names."""
STOPPING_ACTS = tuple(sorted({name for names, _ in STOPS for name in names}))


def _is_prompt(act: Act) -> bool:
    """Whether it was entered by its own day: then no clock that it kept can have run out before its entry."""
    entered = act.entered_day
    return entered is not None and entered <= act.day


class EnteredWhileTheClockRan(Check):
    """XF-ACC-009: dated in time, entered after the due day.

    Limits: registration and the office's handoff or acceptance 15 days from receipt; notice 15 days; a unit's
    acceptance the 75 days of XF-DDL-001; opinion, feedback, objection and review their own clocks.
    """

    id = "XF-ACC-009"
    title = Text("期满后补录期内办理事项", "An act dated in time was entered after its clock had run out")
    basis = (Basis(Text("《信访工作条例》第四十条（弄虚作假）", "Regulation art.40 (C-15)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "entered_late",
            "high",
            "probable",
            Text(
                "登记、首次转送、首次告知、受理、意见、反馈、异议、复查复核等事项日期在期限内，录入在期满之后"
                "（告知送达等外部事实再宽10个工作日，参数）",
                "an act that stops a clock (registration, first handoff, first notice, acceptance, opinion, feedback, "
                "objection, review), dated in time, recorded (entered) after rdue (10* working days later for outside facts)",
            ),
            clock=True,
        ),
    )
    parameters = (Parameter("outside_workdays", 10, OUTSIDE_WORKDAYS_SOURCE),)
    risk = Text("倒签日期，事后补成按期", "acts are dated back so that lateness disappears")
    verify = Text("核对文书原件、用印登记和系统日志", "the original paper, the seal register and the system's log")
    remedy = Text("以有证据的日期为准重新计算", "count again by the date that has evidence")
    false_positives = Text(
        "系统故障期间纸质办理、事后集中录入", "worked on paper while the system was down, and entered together later"
    )
    blind_spots = Text("与日期同时录入的虚假办理", "an act that was entered in time and never happened")
    kinds = ("case",)
    triggers = frozenset(STOPPING_ACTS)

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        names = {act.name for act in facts.all(*STOPPING_ACTS) if not _is_prompt(act)}
        unknown: list[str] = []
        for one in clock_stops(facts, context, names):
            entered = one.act.entered_day
            last = one.limit.due
            if one.act.name in OUTSIDE_FACTS:
                last = wdue(context.calendar, last, context.parameters.get(self, "outside_workdays"))
            if entered is None:
                if context.today > last:
                    unknown.append(one.act.id)
                continue
            if entered <= last:
                continue
            yield Verdict(
                reason="entered_late",
                item=one.item,
                certainty=context.certainty("probable", one.limit.start, last),
                event_ids=(one.act.id,),
                facts={
                    **one.limit.facts(one.act.day, context), "act": one.act.name, "entered_on": entered,
                    "last_entry_on": last, "entered_days_late": (entered - last).days, "unit": one.act.unit,
                },
                sentence=Text(
                    f"记录显示：{one.what.zh}记为{one.act.day}（期限至{one.limit.due}），{entered}才录入。",
                    f"The record shows: {one.what.en} is dated {one.act.day} (due {one.limit.due}) and was entered only on "
                    f"{entered}.",
                ),
            )  # fmt: skip
        if unknown:
            yield cannot_tell("entered_late", ENTRY_MISSING, unknown, item="entry")
