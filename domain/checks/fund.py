"""The check on relief money that asks for separate hands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from domain.checks.base import Basis, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.facts import Act, Facts

ACCOUNTING_LAW_FROM = date(2024, 7, 1)

DUTIES: tuple[tuple[str, Text], ...] = (
    ("grant.applied", Text("申请", "application")),
    ("grant.examined", Text("审核", "examination")),
    ("grant.approved", Text("批准", "approval")),
    ("grant.paid", Text("发放", "payment")),
)
BOOKING = Text("记账", "bookkeeping")


def related_of(facts: Facts) -> tuple[str, ...]:
    """The fund and the case of a grant, as its application names them."""
    applied = facts.one("grant.applied")
    if applied is None:
        return ()
    return tuple(str(applied.data[name]) for name in ("fund", "case") if name in applied.data)


class SeparateHands(Check):
    """XF-FND-001: nobody does two of the incompatible duties on one grant."""

    id = "XF-FND-001"
    title = Text("救助资金不相容岗位未分离", "One person held two incompatible duties on one grant")
    basis = (
        Basis(Text("管用分离（F-02，地方资金办法）", "separation of use and control (F-02, fund rules)"), None),
        Basis(
            Text(
                "《会计法》第二十五条（F-03；修正前为第二十七条）",
                "Accounting Law art.25 (F-03; art.27 before 2024)",
            ),
            ACCOUNTING_LAW_FROM,
        ),
    )
    clauses = (
        Clause(
            "duties",
            "high",
            "certain",
            Text(
                "同一人在同一笔救助中承担申请、审核、批准、发放中的两项以上",
                "one staff member in two of application, examination, approval, payment of one grant",
            ),
        ),
        Clause(
            "bookkeeper",
            "high",
            "certain",
            Text("记账人员同时承担上述任何一项", "the bookkeeper also did any of these"),
        ),
        Clause(
            "units",
            "high",
            "probable",
            Text("拨付单位即申请单位", "the appropriating unit is the applicant unit"),
        ),
    )
    risk = Text("一人经手，套取、侵占救助资金", "one pair of hands can divert relief money")
    verify = Text("核对审批表签字、付款凭证经办人和记账人", "the signatures on the form, who paid, who booked")
    remedy = Text("调整岗位，由他人复核已办事项", "separate the duties and have others re-examine what was done")
    false_positives = Text(
        "代为录入时误用本人编号；会议列席不计入",
        "a clerk entered acts of others under the own id; meeting attendance never counts",
    )
    blind_spots = Text("借用他人名义办理；串通", "acting under another's name; collusion")
    kinds = ("grant",)
    triggers = frozenset({name for name, _ in DUTIES} | {"grant.booked", "grant.appropriated"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        done: dict[str, dict[str, list[Act]]] = {}
        nameless: dict[str, list[Act]] = {"duties": [], "bookkeeper": []}
        for name, _ in (*DUTIES, ("grant.booked", BOOKING)):
            for act in facts.all(name):
                if act.staff is None:
                    nameless["bookkeeper" if name == "grant.booked" else "duties"].append(act)
                elif act.staff != "system":
                    done.setdefault(act.staff, {}).setdefault(name, []).append(act)
        for staff in sorted(done):
            yield from self._one_person(staff, done[staff], facts)
        names = dict((*DUTIES, ("grant.booked", BOOKING)))
        for reason, acts in nameless.items():
            missing = sorted({names[act.name] for act in acts})
            text = Text(
                "、".join(one.zh for one in missing) + "的经办人",
                "who did: " + ", ".join(one.en for one in missing),
            )
            if acts:
                yield cannot_tell(reason, text, [act.id for act in acts])
        yield from self._units(facts)

    def _one_person(self, staff: str, acts: dict[str, list[Act]], facts: Facts) -> Iterator[Verdict]:
        held = [(name, title) for name, title in DUTIES if name in acts]
        evidence = [act.id for name, _ in held for act in acts[name]]
        if len(held) > 1:
            yield self._verdict("duties", staff, [title for _, title in held], evidence, facts)
        if "grant.booked" in acts and held:
            booked = [act.id for act in acts["grant.booked"]]
            yield self._verdict("bookkeeper", staff, [BOOKING, *(title for _, title in held)], evidence + booked, facts)

    def _verdict(self, reason: str, staff: str, duties: list[Text], evidence: Iterable[str], facts: Facts) -> Verdict:
        return Verdict(
            reason=reason,
            item=staff,
            event_ids=tuple(evidence),
            related=related_of(facts),
            facts={"staff": staff, "duties": [one.en for one in duties]},
            sentence=Text(
                f"记录显示：{staff} 在同一笔救助中承担了{'、'.join(one.zh for one in duties)}。",
                f"The record shows: {staff} did {', '.join(one.en for one in duties)} of the same grant.",
            ),
        )

    def _units(self, facts: Facts) -> Iterator[Verdict]:
        applied = facts.one("grant.applied")
        for act in facts.all("grant.appropriated"):
            applicant = applied.get("applicant_unit") if applied is not None else None
            if act.unit is None or applicant is None or applied is None:
                yield cannot_tell(
                    "units", Text("申请单位或拨付单位", "the applicant or the appropriating unit"), [act.id]
                )
                return
            if act.unit == applicant:
                yield Verdict(
                    reason="units",
                    item=act.unit,
                    event_ids=(applied.id, act.id),
                    related=related_of(facts),
                    facts={"unit": act.unit},
                    sentence=Text(
                        f"记录显示：申请单位 {act.unit} 同时是拨付单位。",
                        f"The record shows: unit {act.unit} applied for the grant and appropriated it.",
                    ),
                )
                return
