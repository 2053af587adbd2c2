"""Checks on registration: is a petition entered in the register soon after it was received, or at all."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import Limit, in_days, in_workdays, lateness
from domain.checks.context import Context
from domain.checks.course import office_receipt, stops
from domain.checks.facts import Act, Facts

OFFICE_DAYS = 15
BASIS = (
    Basis(Text("《信访工作条例》第二十二条、第四十四条第一项", "Regulation art.22 and 44(1) (C-01)"), REGULATION_FROM),
)
WORKDAYS = Parameter(
    "a_workdays",
    3,
    Text(
        "条例要求登记而未定日数，本参数为管理口径",
        "the Regulation asks for registration without a number; a management default",
    ),
)
KIND_UNKNOWN = Text("接收单位的类别登记", "the declared kind of the receiving unit")


def _limits(check: Check, received: Act, context: Context) -> tuple[Limit, Limit]:
    """The usual limit in working days, and the office's fifteen days."""
    start, _ = office_receipt(received)
    return in_workdays(context, start, context.parameters.get(check, "a_workdays")), in_days(
        context, start, OFFICE_DAYS
    )


def _late(check: Check, received: Act, registered: Act | None, context: Context, heading: Text) -> Iterator[Verdict]:
    """The stronger of the two clauses that are true; the office's clause needs the kind of the receiver."""
    acted = registered.day if registered is not None else None
    usual, office = _limits(check, received, context)
    reason, limit = "a_usual", usual
    evidence = (received.id, *((registered.id,) if registered is not None else ()))
    if office.state(acted, context.today) in ("late", "missing"):
        kind = context.register.kind(received.unit, office.start)
        if kind == "petition_office":
            reason, limit = "b_office", office
        elif kind is None:
            yield cannot_tell("b_office", KIND_UNKNOWN, evidence)
    if limit.state(acted, context.today) not in ("late", "missing"):
        return
    tail = lateness(limit, acted, context)
    yield Verdict(
        reason=reason,
        open=acted is None,
        certainty=context.certainty(check.clause(reason).certainty, limit.start, limit.due),
        event_ids=evidence,
        facts={**limit.facts(acted, context), "receiver": received.unit, "receipt_from": office_receipt(received)[1]},
        sentence=Text(
            f"记录显示：{limit.start}收到，{heading.zh}；{tail.zh}。",
            f"The record shows: received on {limit.start}, {heading.en}; {tail.en}.",
        ),
    )


def _clauses(what: Text) -> tuple[Clause, ...]:
    return (
        Clause(
            "a_usual",
            "medium",
            "probable",
            Text(f"收到后3个工作日（参数）内{what.zh}", f"{what.en} by wdue(receipt,3*)"),
            clock=True,
        ),
        Clause(
            "b_office",
            "high",
            "certain",
            Text(f"信访部门收到后15日内{what.zh}", f"{what.en} by rdue(receipt,15) at a petition office"),
            clock=True,
        ),
    )


class RegisteredSoon(Check):
    """XF-ACC-003: a petition is registered within days of its receipt."""

    id = "XF-ACC-003"
    title = Text("收到信访事项后迟延登记", "A petition was registered late")
    basis = BASIS
    clauses = _clauses(Text("没有登记（其后才登记）", "not registered (registered only later)"))
    parameters = (WORKDAYS,)
    risk = Text(
        "选择性、延迟登记以掩盖收件和期限", "late or selective registration hides receipts and starts clocks late"
    )
    verify = Text("核对收件凭证与登记时间", "compare the evidence of receipt with the time of registration")
    remedy = Text("收件当日登记，说明迟延原因", "register on the day of receipt, and record why it was late")
    false_positives = Text(
        "收件日期录入有误；系统停用期间纸质登记",
        "the day of receipt was entered wrongly; paper registration while the system was down",
    )
    blind_spots = Text("收件日期被一并推迟记录", "a day of receipt that was moved together with the registration")
    kinds = ("case",)
    triggers = frozenset({"case.registered"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received, registered = facts.one("case.received"), facts.one("case.registered")
        if received is not None and registered is not None:
            yield from _late(self, received, registered, context, Text("迟延登记", "registered late"))


class RegisteredAtAll(Check):
    """XF-ACC-006: no petition stays outside the register."""

    id = "XF-ACC-006"
    title = Text("收到信访事项后未登记", "A petition was not registered")
    basis = BASIS
    clauses = _clauses(Text("没有登记，也未终止", "neither registered nor stopped"))
    parameters = (WORKDAYS,)
    risk = Text("不登记以规避受理和统计", "petitions kept out of the register, and so out of every figure")
    verify = Text("核对收件凭证、来访登记和系统流转", "receipt evidence, the visitors' log and the system's traffic")
    remedy = Text("立即登记并转入办理", "register at once and handle")
    false_positives = Text(
        "重复收件已并入前案而未记录并案", "a repeat that was joined to an earlier case without recording it"
    )
    blind_spots = Text("完全没有进入账本的信访事项", "petitions that never entered the ledger at all")
    kinds = ("case",)
    triggers = frozenset({"case.received"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received = facts.one("case.received")
        if received is None or facts.one("case.registered") is not None:
            return
        stopped = stops(facts, context)
        if any(stop.sure for stop in stopped):
            return
        usual, _ = _limits(self, received, context)
        if stopped and context.today > usual.due:
            paper = Text("撤回时信访人的书面材料", "the petitioner's document of withdrawal")
            yield cannot_tell("a_usual", paper, (received.id, stopped[0].act.id))
            return
        yield from _late(self, received, None, context, Text("至今未登记", "still not registered"))
