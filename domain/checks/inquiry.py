"""The check on inquiry: an extension is given to find out more, so somebody finds out more before it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.checks.base import REGULATION_FROM, Basis, Check, Clause, Text, Verdict
from domain.checks.context import Context
from domain.checks.extension import extensions
from domain.checks.facts import Facts

INQUIRY = ("case.facts_heard", "case.investigated", "case.hearing_opened", "case.hearing_closed")


class InquiredBeforeExtension(Check):
    """XF-DDL-003: an extension although nothing was heard or investigated since acceptance."""

    id = "XF-DDL-003"
    title = Text("未作调查核实即批准延期", "Extended although nobody had inquired into anything")
    basis = (
        Basis(Text("《信访工作条例》第三十四条、第二十八条", "Regulation art.34 and 28 (DL-07)"), REGULATION_FROM),
    )
    clauses = (
        Clause(
            "not_inquired",
            "medium",
            "suspect",
            Text(
                "受理至批准延期之间没有听取陈述、调查或听证",
                "extension, and no facts heard, investigation or hearing between acceptance and approval",
            ),
        ),
    )
    risk = Text("以情况复杂为名拖延办理", "a matter called complicated that nobody has looked into")
    verify = Text("核对延期理由与调查笔录", "the reason for the extension and the records of inquiry")
    remedy = Text("立即开展调查核实，说明延期理由", "inquire now, and state why the extension was needed")
    false_positives = Text(
        "已调查而未录入；等待鉴定、审计等外部结果", "inquired on paper only; waiting for an expert or audit"
    )
    blind_spots = Text("走过场的调查", "an inquiry in form only")
    kinds = ("case",)
    triggers = frozenset({"case.extension_approved"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        for extension in extensions(facts, context):
            start, approved = extension.start, extension.act
            if any(start.day <= act.day <= approved.day for act in facts.all(*INQUIRY)):
                continue
            yield Verdict(
                reason="not_inquired",
                item=extension.item,
                event_ids=extension.evidence,
                facts={
                    "start_on": start.day,
                    "approved_on": approved.day,
                    "days": approved.get("days"),
                    "unit": start.unit,
                },
                sentence=Text(
                    f"记录显示：{start.day}起算，{approved.day}批准延期，其间没有听取陈述、调查或听证。",
                    f"The record shows: the clock began on {start.day}, the extension was approved on {approved.day}, and "
                    "between them nobody was heard, nothing investigated and no hearing held.",
                ),
            )
