"""Checks on receipt and acceptance: did the office pass the petition on, did each unit tell the petitioner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import msgspec

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.clock import Limit, in_days, lateness
from domain.checks.context import Context
from domain.checks.course import office_receipt, stops
from domain.checks.facts import Act, Facts, earliest, remembered

OFFICE_DAYS = 15
TOO_EARLY = Text("施行日（2022-05-01）之后的收件", "a receipt on or after 2022-05-01, when the article came into force")
DOCUMENT = Text("撤回时信访人的书面材料", "the petitioner's document of withdrawal")
ACCEPTED_BY = Text("受理的单位", "the unit that accepted")
ALWAYS_MOVING = ("case.handoff_offered", "case.reported_urgent", "case.disposed")
MOVING = (*ALWAYS_MOVING, "case.accepted", "case.acceptance_refused")
NOT_A_REFUSAL = frozenset({"unclear", "other"})


class OfficeClock(msgspec.Struct, frozen=True):
    """The office's 15 days on one case, and which act stopped them."""

    status: Literal["timely", "late", "missing", "running", "not_office", "cannot_tell"]
    received: Act
    limit: Limit | None = None
    act: Act | None = None
    receipt_from: str = ""
    missing: Text | None = None
    refused: bool = False

    @property
    def acted(self) -> date | None:
        """The day of the act that stopped the clock."""
        return self.act.day if self.act else None


@remembered
def office_clock(facts: Facts, context: Context) -> OfficeClock | None:
    """DL-01: handed over, accepted, reported, disposed of, refused or stopped within 15 days of receipt.

    None where the record holds no receipt.
    """
    received = facts.one("case.received")
    if received is None:
        return None
    start, receipt_from = office_receipt(received)
    unit = received.unit
    kind = context.register.kind(unit, start)
    if kind is not None and kind != "petition_office":
        return OfficeClock("not_office", received)
    limit = in_days(context, start, OFFICE_DAYS)
    if start < REGULATION_FROM:
        return OfficeClock("cannot_tell", received, receipt_from=receipt_from, missing=TOO_EARLY)
    act, unsure = _first_office_act(facts, context, unit, limit)
    if unit is None or kind is None:
        missing = Text("接收单位", "the receiving unit")
        if unit is not None:
            missing = Text(f"单位 {unit} 的类别登记", f"the declared kind of unit {unit}")
        return OfficeClock("cannot_tell", received, limit, act, receipt_from, missing)
    if unsure is not None:
        missing = DOCUMENT if unsure.name == "case.withdrawn" else ACCEPTED_BY
        return OfficeClock("cannot_tell", received, limit, unsure, receipt_from, missing)
    status = limit.state(act.day if act else None, context.today)
    refused = act is not None and act.name == "case.acceptance_refused"
    return OfficeClock(status, received, limit, act, receipt_from, refused=refused)


def _first_office_act(facts: Facts, context: Context, unit: str | None, limit: Limit) -> tuple[Act | None, Act | None]:
    """The earliest act that stops the office's clock, and a withdrawal that may have stopped it in time."""
    stopped = stops(facts, context)
    candidates = [act for act in facts.all(*MOVING) if act.name in ALWAYS_MOVING or _moves_the_case(act, unit)]
    if stopped:
        candidates += [stop.act for stop in stopped if stop.sure]
    act = earliest(candidates)
    if act is not None and act.day <= limit.due:
        return act, None
    unsure = [stop.act for stop in stopped if not stop.sure and stop.act.day <= limit.due]
    unsure += [one for one in facts.all("case.accepted") if one.unit is None and one.day <= limit.due]
    return act, unsure[0] if unsure and context.today > limit.due else None


def _moves_the_case(act: Act, unit: str | None) -> bool:
    """Whether an acceptance is the office's own, a refusal one on a ground that counts."""
    if act.name == "case.accepted":
        return act.unit is not None and act.unit == unit
    return act.get("ground") is not None and act.get("ground") not in NOT_A_REFUSAL


def _settles(clock: OfficeClock, limit: Limit) -> bool:
    """Whether the act in hand is in time whatever the missing fact would say."""
    act = clock.act
    if act is None or act.day > limit.due:
        return False
    without_paper = act.name == "case.withdrawn" and "document" not in act.data
    return not without_paper and not (act.name == "case.accepted" and act.unit is None)


class OfficeActsWithin15Days(Check):
    """XF-ACC-001: the office passes a petition on, accepts or answers it within 15 days of receipt."""

    id = "XF-ACC-001"
    title = Text(
        "信访部门15日内未转送、交办或作其他处理",
        "The petition office did nothing with a petition within 15 days",
    )
    basis = (Basis(Text("《信访工作条例》第二十二条", "Regulation art.22 (DL-01)"), REGULATION_FROM),)
    clauses = (
        Clause(
            "not_handled",
            "high",
            "certain",
            Text(
                "信访部门收到后15日内（末日遇休息日顺延）没有转送交办、受理、报告、处置、依法不予受理，也未终止",
                "within rdue(receipt,15) the office neither handed over, accepted, reported, disposed of nor refused "
                "the petition, and it was not stopped; routing alone does not count",
            ),
            clock=True,
        ),
    )
    risk = Text("积压信访事项，选择性办理", "petitions lie unattended, or are handled selectively")
    verify = Text(
        "核对收件凭证、转送交办文书及系统流转记录",
        "receipt evidence, the letter of transfer, and the office's outgoing mail",
    )
    remedy = Text("立即转送、交办或者受理，并说明超期原因", "hand over or accept at once, and record why it was late")
    false_positives = Text(
        "已在别处口头或纸质转送但未记录；收件日期录入有误",
        "the petition was passed on by paper and never recorded; the day of receipt was entered wrongly",
    )
    blind_spots = Text(
        "未登记进入账本的信访事项；形式上转送而收件单位错误",
        "petitions that never entered the ledger; a transfer in form to the wrong unit",
    )
    kinds = ("case",)
    triggers = frozenset({"case.received"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        clock = office_clock(facts, context)
        if clock is None or clock.status in ("timely", "running", "not_office"):
            return
        if clock.missing is not None:
            if clock.act is None and clock.limit is not None and context.today <= clock.limit.due:
                return
            if clock.limit is not None and clock.act is not None and _settles(clock, clock.limit):
                return
            evidence = [clock.received.id] + ([clock.act.id] if clock.act else [])
            yield cannot_tell("not_handled", clock.missing, evidence)
            return
        if clock.limit is None:
            return
        tail = lateness(clock.limit, clock.acted, context)
        stated: dict[str, Any] = clock.limit.facts(clock.acted, context)
        stated |= {"receiver": clock.received.unit, "receipt_from": clock.receipt_from}
        yield Verdict(
            reason="not_handled",
            open=clock.act is None,
            certainty=context.certainty("certain", *clock.limit.leans_on),
            event_ids=(clock.received.id, *((clock.act.id,) if clock.act else ())),
            facts=stated,
            sentence=Text(
                f"记录显示：信访部门 {clock.received.unit} 于{clock.limit.start}收到，15日内未转送、交办、受理或作其他处理；{tail.zh}。",
                f"The record shows: petition office {clock.received.unit} received the petition on {clock.limit.start} and "
                f"within 15 days neither passed it on, accepted nor otherwise disposed of it; {tail.en}.",
            ),
        )
