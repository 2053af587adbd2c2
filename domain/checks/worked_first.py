"""The check on order: a petition is received and registered before it is worked on, not afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Parameter, Text, Verdict, cannot_tell
from domain.checks.clock import in_workdays, lateness
from domain.checks.context import Context
from domain.checks.course import OFFICE_EVIDENCE, office_receipt
from domain.checks.facts import Facts

WORK = ("case.opinion_issued", "case.mediation_agreed", "case.hearing_opened", "case.investigated")
WORK_NAMES = {
    "case.opinion_issued": Text("出具意见", "opinion"),
    "case.mediation_agreed": Text("达成调解", "mediation"),
    "case.hearing_opened": Text("听证", "hearing"),
    "case.investigated": Text("调查", "investigation"),
}


class RegisteredBeforeWork(Check):
    """XF-ACC-007: worked first, registered later.

    Without a registration XF-ACC-006 speaks; of several acts before it the earliest is named.
    """

    id = "XF-ACC-007"
    title = Text("先办理后登记", "Worked on first, registered later")
    basis = (
        Basis(
            Text("《信访工作条例》第二十二条、第四十条（弄虚作假）", "Regulation art.22 and 40 (C-15)"), REGULATION_FROM
        ),
    )
    clauses = (
        Clause(
            "a_receipt",
            "high",
            "probable",
            Text(
                "记录的收件时间晚于收件凭证之日后1个工作日（参数）；邮戳不作收件凭证",
                "`received_at` later than wdue(R,1*); a postmark never counts",
            ),
            clock=True,
        ),
        Clause(
            "b_worked",
            "high",
            "probable",
            Text(
                "出具意见、调解、听证或调查先于登记",
                "opinion, mediation, hearing or investigation before registration",
            ),
            clock=True,
        ),
    )
    parameters = (
        Parameter("a_workdays", 1, Text("管理口径：次一工作日", "a management default: the next working day")),
    )
    risk = Text(
        "先办后登，期限从有利之日起算", "clocks start on a convenient day, and failures never enter the register"
    )
    verify = Text(
        "核对收件凭证、登记时间与办理文书的日期", "receipt evidence, registration and the dates of the papers"
    )
    remedy = Text("更正收件日期，按真实收件日重新计算期限", "correct the day of receipt and count the clocks from it")
    false_positives = Text(
        "当场调解后补办登记；收件凭证日期录入有误",
        "settled on the spot and registered afterwards; evidence entered wrongly",
    )
    blind_spots = Text(
        "没有收件凭证的信访事项；凭证与收件时间一并推后", "no evidence of receipt, or evidence moved as well"
    )
    kinds = ("case",)
    triggers = frozenset({"case.received", "case.registered"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        yield from self._receipt(facts, context)
        yield from self._worked(facts)

    def _receipt(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received = facts.one("case.received")
        if received is None or (received.get("receipt_evidence") or {}).get("kind") not in OFFICE_EVIDENCE:
            return
        start, proof = office_receipt(received)
        if "received_at" not in received.data:
            yield cannot_tell("a_receipt", Text("收件时间", "the time of receipt (received_at)"), (received.id,))
            return
        limit = in_workdays(context, start, context.parameters.get(self, "a_workdays"))
        if limit.state(received.day, context.today) != "late":
            return
        tail = lateness(limit, received.day, context)
        yield Verdict(
            reason="a_receipt",
            certainty=context.certainty("probable", limit.start, limit.due),
            event_ids=(received.id,),
            facts={**limit.facts(received.day, context), "receipt_from": proof, "unit": received.unit},
            sentence=Text(
                f"记录显示：收件凭证（{proof}）为{start}，收件时间却记为{received.day}；{tail.zh}。",
                f"The record shows: the evidence of receipt ({proof}) is of {start}, receipt was entered as of "
                f"{received.day}; {tail.en}.",
            ),
        )

    def _worked(self, facts: Facts) -> Iterator[Verdict]:
        registered = facts.one("case.registered")
        if registered is None:
            return
        earlier = [act for act in facts.all(*WORK) if act.is_before(registered)]
        if not earlier:
            return
        first = earlier[0]
        name = WORK_NAMES[first.name]
        yield Verdict(
            reason="b_worked",
            event_ids=(first.id, registered.id),
            facts={"act": first.name, "acted_on": first.day, "registered_on": registered.day, "unit": first.unit},
            sentence=Text(
                f"记录显示：{first.day}已{name.zh}，{registered.day}才登记。",
                f"The record shows: {name.en} on {first.day}, registered only on {registered.day}.",
            ),
        )
