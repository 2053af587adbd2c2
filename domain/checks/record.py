"""The check on the record itself: no gap, no repeat, no time running backwards, no byte that differs from its leaf."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import Basis, Check, Clause, Text, Verdict
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.checks.record_reader import LeafSource, RecordReader


class RecordIsWhole(Check):
    """XF-INT-001: sequences and numbers have no gap and no repeat, `recordedtime` never decreases.

    Reads the whole ledger once in ledger order; keeps one number per subject.
    """

    id = "XF-INT-001"
    title = Text("账本记录有缺号、重号或被改动", "The record has a gap, a repeat, or was altered")
    basis = (
        Basis(
            Text(
                "数据不得丢失、篡改（C-27；《审计法》第三十八条）",
                "records may not be lost or altered (C-27; Audit Law art.38)",
            ),
            None,
        ),
    )
    clauses = (
        Clause(
            "sequence",
            "critical",
            "certain",
            Text("同一对象的事件序号有缺或重复", "gap or repeat in `sequence` of a subject"),
        ),
        Clause(
            "numbers",
            "critical",
            "certain",
            Text("案件号或救助号有缺或重复", "gap or repeat in the numbers of a series"),
        ),
        Clause(
            "recordedtime",
            "critical",
            "certain",
            Text("记录时间倒退", "`recordedtime` decreasing in ledger order"),
        ),
        Clause(
            "leaf",
            "critical",
            "certain",
            Text("事件字节与封存的叶不符", "event bytes that do not hash to their leaf"),
        ),
        Clause(
            "short",
            "critical",
            "certain",
            Text("账本短于已公布的检查点", "ledger shorter than a published checkpoint"),
        ),
    )
    risk = Text("删改记录，掩盖违规", "records removed or rewritten to hide a breach")
    verify = Text(
        "与备份、封存日志和第三方副本逐条比对",
        "compare with backups, the sealed log and copies held by others",
    )
    remedy = Text(
        "停止使用该副本，从封存日志恢复并查明原因",
        "stop using this copy, restore from the sealed log, find the cause",
    )
    false_positives = Text("用截断或拼接的副本运行检查", "the check ran on a truncated or joined copy")
    blind_spots = Text(
        "没有封存日志时，整体一致的重写无法发现；末尾被截去的事件在没有检查点时无法发现",
        "without the sealed log a consistent rewriting of everything is not seen, nor a cut tail without a checkpoint",
    )
    kinds = ("ledger",)

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        """The ledger is read as a stream, not as the facts of one group: see `reader`."""
        yield from ()

    def reader(self, leaves: LeafSource | None = None, head: int | None = None) -> RecordReader:
        """One pass over the ledger; `head` is its last position where the pass may end before it."""
        return RecordReader(self, leaves, head)
