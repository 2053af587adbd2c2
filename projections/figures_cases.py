"""Figures on receipt, acceptance and handling in time; the rates use the very clocks of the checks."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.acceptance import office_clock
from domain.checks.base import Text
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.handling_clock import HandlingClock, handling_clocks
from domain.checks.known import CASE_TYPES
from domain.checks.notices import NoticeClock, notice_clocks
from projections.figure import Contribution, Definition, Excluded, FigureRule, Member, Question

NOT_YET_DUE = Text("尚未到期", "not yet due")
REFUSED = Text("不予受理，另列", "refused, shown apart")
STOPPED = Text("期限内终止", "stopped within the period")
OUTSIDE = Text("到期日不在统计期内", "the due day lies outside the period")
TO_PROCEDURE = Text("期限内导入法定程序", "left for a named statutory procedure in time")
NEVER_ACCEPTED = Text("未受理", "never accepted")

RECEIVED_ONLY = frozenset({"petition.case.received.v1", "petition.case.record_corrected.v1"})
OPINION_CLOCK = frozenset(
    name
    for name in CASE_TYPES
    if not name.endswith(
        (".registered.v1", ".investigated.v1", ".facts_heard.v1", ".opinion_delivered.v1", ".opinion_executed.v1",
         ".rated.v1", ".archived.v1", ".handler_assigned.v1", ".handoff_fed_back.v1", ".review_requested.v1",
         ".review_delivered.v1", ".reopened.v1", ".notice_exempted.v1", ".materials_returned.v1")
    )
)  # fmt: skip
STOPPING = frozenset({"case.withdrawn", "case.merged", "case.closed"})


class CasesReceivedByChannel(FigureRule):
    """Petition matters received, by channel (claim 10)."""

    definition = Definition(
        id="cases_received_by_channel",
        version=1,
        title=Text("各渠道收到信访事项", "Petition matters received, by channel"),
        unit="件",
        kind="exact",
        says=Text(
            "收到日（received_at）在统计期内的案件，按渠道；渠道未记录的列为 unknown",
            "cases whose received_at lies in the period, by channel; `unknown` where no channel was recorded",
        ),
        types=RECEIVED_ONLY,
        group="case",
        dimensions=("channel",),
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        received = facts.one("case.received")
        if received is not None and question.covers(received.day):
            channel = str(received.get("channel", "unknown"))
            yield Contribution((channel,), Member(facts.subject, (received.id,)))


class TimelyAcceptanceOffice(FigureRule):
    """The office's own rate (claim 11, the clock of XF-ACC-001)."""

    definition = Definition(
        id="timely_acceptance_rate_office",
        version=1,
        title=Text("及时受理率（信访部门）", "Timely acceptance rate of the office"),
        unit="件",
        kind="rate",
        says=Text(
            "收件日在统计期内、由信访部门收到的案件，按XF-ACC-001的时钟：及时 ÷（及时+超期+超期未受理），无法判断的留在分母；"
            "期限内不予受理、终止及未到期的另列",
            "cases that a petition office received in the period, by the clock of XF-ACC-001: in time ÷ (in time + late + "
            "late and still open), cannot_tell stays in the denominator; refused or stopped in time and not yet due apart",
        ),
        types=CASE_TYPES,
        group="case",
        better="higher",
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        clock = office_clock(facts, context)
        if clock is None or clock.status == "not_office":
            return
        received_on = clock.limit.start if clock.limit is not None else clock.received.day
        if not question.covers(received_on):
            return
        evidence = (clock.received.id, *((clock.act.id,) if clock.act else ()))
        reason = None
        if clock.status == "running":
            reason = NOT_YET_DUE
        elif clock.status == "timely" and clock.refused:
            reason = REFUSED
        elif clock.status == "timely" and clock.act is not None and clock.act.name in STOPPING:
            reason = STOPPED
        yield Contribution((), _entry(facts.subject, evidence, "", clock.status, reason))


class TimelyAcceptanceUnits(FigureRule):
    """The units' rate, one figure a receiving unit (claim 11, the clock of XF-ACC-002)."""

    definition = Definition(
        id="timely_acceptance_rate_units",
        version=1,
        title=Text("及时受理率（责任单位）", "Timely acceptance rate of each receiving unit"),
        unit="件次",
        kind="rate",
        says=Text(
            "收件日在统计期内的每次收件，按XF-ACC-002的时钟：及时 ÷（及时+超期+超期未告知），无法判断的留在分母；不予受理另列",
            "every receipt by a unit in the period, by the clock of XF-ACC-002: in time ÷ (in time + late + late and still "
            "open), cannot_tell stays in the denominator; notices of non-acceptance apart",
        ),
        types=CASE_TYPES,
        group="case",
        dimensions=("unit",),
        better="higher",
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        for clock in notice_clocks(facts, context):
            if question.covers(clock.receipt.day):
                evidence = (*clock.evidence, *((clock.act.id,) if clock.act else ()))
                entry = _entry(facts.subject, evidence, clock.receipt.item, clock.status, _why_not_counted(clock))
                yield Contribution((clock.receipt.unit,), entry)


def _why_not_counted(clock: NoticeClock) -> Text | None:
    if clock.status == "running":
        return NOT_YET_DUE
    if clock.status == "excluded":
        return clock.why or OUTSIDE
    refused = clock.act is not None and clock.act.get("notice") == "non_acceptance"
    return REFUSED if clock.status == "timely" and refused else None


class OnTimeClosure(FigureRule):
    """The closure rate (claim 12, the clock of XF-DDL-001)."""

    definition = Definition(
        id="on_time_closure_rate",
        version=1,
        title=Text("按期办结率", "On-time closure rate"),
        unit="件",
        kind="rate",
        says=Text(
            "已受理的第31条第6项申诉求决及未定途径的申诉求决，到期日在统计期内：按期 ÷（按期+超期+超期未办结），"
            "以处理意见或调解结束时钟；无法判断的留在分母，其余逐件列明排除理由",
            "accepted claims of route 6 and claims never routed whose due day lies in the period: in time ÷ (in time + late + "
            "late and still open); the opinion or a mediation ends the clock; cannot_tell stays in the denominator, all "
            "others are listed as excluded with reasons",
        ),
        types=OPINION_CLOCK,
        group="case",
        better="higher",
    )

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        for clock in handling_clocks(facts, context, never_accepted_days=75):
            evidence = tuple(dict.fromkeys((*clock.evidence, *((clock.end.id,) if clock.end else ()))))
            if clock.reason == "never_accepted":
                if self._received_in(facts, question):
                    reason = clock.why if clock.status == "excluded" and clock.why is not None else NEVER_ACCEPTED
                    yield Contribution((), Excluded(facts.subject, evidence, reason))
                continue
            due = clock.limit.due if clock.limit is not None else None
            why = _not_in_the_rate(clock)
            if due is not None and not question.covers(due):
                why = OUTSIDE
            if due is None and not self._received_in(facts, question):
                why = OUTSIDE
            yield Contribution((), _entry(facts.subject, evidence, clock.item, clock.status, why))

    def _received_in(self, facts: Facts, question: Question) -> bool:
        received = facts.one("case.received")
        return received is not None and question.covers(received.day)


def _not_in_the_rate(clock: HandlingClock) -> Text | None:
    if clock.status == "running":
        return NOT_YET_DUE
    if clock.status == "excluded":
        return clock.why or OUTSIDE
    if clock.status == "timely" and clock.ended_by == "stopped":
        return STOPPED
    if clock.status == "timely" and clock.ended_by == "procedure":
        return TO_PROCEDURE
    return None


def _entry(subject: str, evidence: tuple[str, ...], item: str, status: str, reason: Text | None) -> Member | Excluded:
    if reason is not None:
        return Excluded(subject, evidence, reason, item)
    return Member(subject, evidence, item, "late_open" if status == "missing" else status)
