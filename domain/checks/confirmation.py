"""The check on approvals and signatures that somebody else entered: did their owner ever confirm them."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import Basis, Check, Clause, Parameter, Text, Verdict
from domain.checks.clock import in_days, lateness
from domain.checks.context import Context
from domain.checks.entry import own_acts
from domain.checks.facts import Act, Facts

NAMING = frozenset({"approved_by", "signed_by", "override", "cash_exception"})
FIELDS = (("approved_by",), ("signed_by",), ("override", "approved_by"), ("cash_exception", "approved_by"))


class ApprovalsAreConfirmed(Check):
    """XF-INT-006: an approval or signature entered by somebody else and not confirmed by its owner in time.

    Live records only. The fund's side of a grant's event is left out; the same name twice in one event is one
    finding. Register entries are outside: they belong to no case, grant or fund.
    """

    id = "XF-INT-006"
    title = Text(
        "代录的批准、签署未经本人确认", "An approval entered by somebody else was never confirmed by its owner"
    )
    basis = (Basis(Text("《信访工作条例》第四十条（弄虚作假）", "Regulation art.40 (C-15)"), None),)
    clauses = (
        Clause(
            "unconfirmed",
            "medium",
            "suspect",
            Text(
                "批准人、签署人由他人录入，30日（参数）内本人未确认（仅实时记录）",
                "an approval or signature named by somebody else and never confirmed by its owner within 30* days (live)",
            ),
            clock=True,
        ),
    )
    parameters = (Parameter("days", 30, Text("管理口径", "a management default")),)
    risk = Text("冒名批准、冒名签署", "approvals and signatures in the name of people who never gave them")
    verify = Text("向本人核实，核对纸质签字", "ask the person named, and look at the signed paper")
    remedy = Text("由本人确认，或更正记录", "let the owner confirm it, or correct the record")
    false_positives = Text("纸质签字齐全而未在系统确认", "signed on paper and not confirmed in the system")
    blind_spots = Text("以本人账号代为确认", "a confirmation given from the owner's account by somebody else")
    kinds = ("case", "grant", "fund")

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        if facts.fields.isdisjoint(NAMING):
            return
        for act in own_acts(facts):
            if act.data.keys().isdisjoint(NAMING) or context.may_be_unknown(act.event):
                continue
            for owner, field in _named(act).items():
                yield from self._unconfirmed(act, owner, field, facts, context)

    def _unconfirmed(self, act: Act, owner: str, field: str, facts: Facts, context: Context) -> Iterator[Verdict]:
        limit = in_days(context, act.day, context.parameters.get(self, "days"))
        confirmed = [
            one for one in facts.all(f"{facts.group.kind}.approval_confirmed")
            if one.get("event_id") == act.id and one.staff == owner
        ]  # fmt: skip
        first = min(confirmed, key=lambda one: (one.day, one.position), default=None)
        acted = first.day if first is not None else None
        if limit.state(acted, context.today) not in ("late", "missing"):
            return
        tail = lateness(limit, acted, context)
        yield Verdict(
            reason="unconfirmed",
            item=f"{act.event['sequence']}/{field}",
            open=first is None,
            certainty=context.certainty("suspect", limit.start, limit.due),
            event_ids=(act.id, *((first.id,) if first is not None else ())),
            facts={
                **limit.facts(acted, context), "act": act.name, "field": field, "owner": owner,
                "entered_by": act.staff, "unit": act.unit,
            },
            sentence=Text(
                f"记录显示：{act.day}由 {act.staff} 录入 {owner} 的批准或签署，本人未按期确认；{tail.zh}。",
                f"The record shows: on {act.day} {act.staff} entered an approval or signature of {owner}, who did not "
                f"confirm it in time; {tail.en}.",
            ),
        )  # fmt: skip


def _named(act: Act) -> dict[str, str]:
    """Who is named as approving or signing by somebody else, and in which field first."""
    found: dict[str, str] = {}
    for path in FIELDS:
        value = act.data
        for step in path:
            value = value.get(step) if hasattr(value, "get") else None  # type: ignore[assignment]
        if isinstance(value, str) and value != act.staff:
            found.setdefault(value, ".".join(path))
    return found
