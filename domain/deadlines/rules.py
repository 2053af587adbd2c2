"""The eleven day limits of 《信访工作条例》 that the ledger computes, DL-01 to DL-11, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Unit = Literal["calendar_days", "working_days", "set_day"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit of the Regulation. `informational`: a petitioner's right, never held against the petitioner."""

    id: str
    article: str
    limit: int | None
    unit: Unit
    duty_zh: str
    duty_en: str
    informational: bool = False


_ALL = (
    Rule(
        "DL-01", "22", 15, "calendar_days", "转送、交办、受理、报请或者作出其他处理",
        "transfer, assign, accept, report or dispose of the petition",
    ),
    Rule(
        "DL-02", "23(2)", 15, "calendar_days", "书面告知信访人（直接收到的信访事项）",
        "tell the petitioner in writing (petition received directly)",
    ),
    Rule(
        "DL-03", "23(3)", 15, "calendar_days", "书面告知信访人接收情况以及处理途径和程序",
        "tell the petitioner in writing that the matter arrived, and its route and procedure",
    ),
    Rule(
        "DL-04", "23(3)", 5, "working_days", "对不属于职权范围的事项（如有）提出异议",
        "object to the matter if it is outside its powers",
    ),
    Rule("DL-05", "22(1)(3)", None, "set_day", "反馈办理结果并提交办结报告", "feed back the result with a report"),
    Rule("DL-06", "34", 60, "calendar_days", "办结并出具处理意见", "finish the matter with an opinion"),
    Rule("DL-07", "34", 30, "calendar_days", "批准延期（需延期的）", "approve any extension"),
    Rule(
        "DL-08", "35", 30, "calendar_days", "请求复查",
        "ask for a review", informational=True,
    ),
    Rule("DL-09", "35", 30, "calendar_days", "提出复查意见", "issue the review opinion"),
    Rule(
        "DL-10", "36", 30, "calendar_days", "请求复核",
        "ask for a re-review", informational=True,
    ),
    Rule("DL-11", "36", 30, "calendar_days", "提出复核意见", "issue the re-review opinion"),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}

IN_FORCE_FROM = date(2022, 5, 1)
"""The Regulation's first day (art.50); of petitions received earlier nothing is told."""

EXTENSION_DAYS_MAX = 30
"""All extensions of one matter together, in days (art.34)."""

PRESUMED_DAYS = 75
"""Receipt to opinion when nobody ever accepted: 15 + 60 days; a parameter of supervision, not law."""

OFFICE_KIND = "petition_office"
PETITION_KINDS = frozenset({OFFICE_KIND, "superior_petition_office", "national_bureau"})
OTHER_RULE_KINDS = frozenset({"discipline", "politics_law"})
"""Kinds of units whose notices follow other rules (art.23, last paragraph)."""

NOTICES = frozenset(
    {"receipt", "acceptance", "non_acceptance", "transferred_to", "refer_elsewhere", "no_longer_accepted"}
)
"""Notices that meet the duty of art.23."""
