"""The sixteen ways to manufacture a 100 %, each with the findings of a period that show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.checks.base import Text
from projections.finding_list import Line, is_within


@dataclass(frozen=True, slots=True)
class Way:
    """One way, and what shows it: checks with the clauses that count, all of them where none is named."""

    number: int
    title: Text
    shown_by: tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """One way in one period: its members, and the checks that this ledger does not have yet."""

    way: Way
    members: tuple[Line, ...]
    missing: tuple[str, ...]

    @property
    def count(self) -> int | None:
        """How many subjects show it; None where no check of it is available."""
        if len(self.missing) == len(self.way.shown_by):
            return None
        return len({line["subject"] for line in self.members})

    def to_json(self) -> dict[str, Any]:
        """The way with its members."""
        members = [
            {name: line[name] for name in ("check", "subject", "reason", "certainty", "fingerprint")}
            for line in self.members
        ]
        count = self.count if self.count is not None else "not available"
        return {
            "way": self.way.number,
            "title": {"zh": self.way.title.zh, "en": self.way.title.en},
            "count": count,
            "checks": [check for check, _ in self.way.shown_by],
            "not_available": list(self.missing),
            "members": members,
        }


def _way(number: int, zh: str, en: str, *shown_by: str) -> Way:
    """A way; `XF-OPN-001.c` counts only the clauses whose reason begins with the letter or is the word."""
    parsed: dict[str, set[str]] = {}
    for one in shown_by:
        check, _, clause = one.partition(".")
        parsed.setdefault(check, set()).update({clause} if clause else set())
    return Way(number, Text(zh, en), tuple((check, frozenset(clauses)) for check, clauses in parsed.items()))


WAYS: tuple[Way, ...] = (
    _way(1, "迟延登记", "late registration", "XF-ACC-003", "XF-ACC-006"),
    _way(2, "先办后登", "worked first, registered later", "XF-ACC-007"),
    _way(3, "事后补录", "acts recorded after the fact", "XF-ACC-004", "XF-ACC-009"),
    _way(4, "更正期限事实", "clock facts corrected", "XF-DDL-005"),
    _way(5, "改变途径或目的以脱离期限", "route or purpose changed out of the clock", "XF-CLS-002", "XF-CLS-005"),
    _way(6, "期限未起算", "clock never started, late or no acceptance",
         "XF-CLS-006", "XF-ACC-002", "XF-DDL-001.never_accepted"),
    _way(7, "以不予受理规避", "refused to escape", "XF-ACC-010", "XF-ACC-005"),
    _way(8, "退出分母", "left the denominator", "XF-STA-002"),
    _way(9, "并入旧案", "folded into an old case", "XF-FLD-001"),
    _way(10, "拆分或合并来访", "split or lumped", "XF-FLD-002"),
    _way(11, "纸面办结", "closed on paper, or reopened soon", "XF-OPN-001.c", "XF-CLO-001", "XF-DDL-008"),
    _way(12, "空转答复", "empty answers, support without execution", "XF-OPN-003", "XF-OPN-002"),
    _way(13, "施压或花钱撤回", "withdrawn under pressure or for money", "XF-CLO-002"),
    _way(14, "退回重置期限", "returned to reset the clock", "XF-HND-008"),
    _way(15, "系统外办理", "handled outside the system", "XF-HND-007", "XF-REC-001"),
    _way(16, "代为评价", "rated on behalf", "XF-EVL-001", "XF-EVL-002"),
)  # fmt: skip


def doubts(lines: Iterable[Line], available: Collection[str], first: date, last: date) -> list[Doubt]:
    """All sixteen ways with the hits of the period; a check that is not `available` is named as missing."""
    hits = [line for line in lines if line["result"] == "hit" and is_within(line, first, last)]
    return [
        Doubt(
            way,
            tuple(line for line in hits if _shows(way, line)),
            tuple(check for check, _ in way.shown_by if check not in available),
        )
        for way in WAYS
    ]


def _shows(way: Way, line: Line) -> bool:
    for check, clauses in way.shown_by:
        if line["check"] == check:
            reason = line["reason"]
            return not clauses or any(reason == one or reason.startswith(f"{one}_") for one in clauses)
    return False
