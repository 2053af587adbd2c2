"""The list of plants, for machines and for readers: what was planted, by which way, and which finding shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby

from domain.checks.base import Text
from infra.reference_year.manufactured_draft import Plant

WAYS: dict[int, Text] = {
    1: Text("迟登、不登记", "late registration"),
    2: Text("先办后登", "worked first, registered later"),
    3: Text("事后补录", "acts recorded after the fact"),
    4: Text("更正期限事实", "clock facts corrected"),
    5: Text("改途径、改目的", "route or purpose changed out of the clock"),
    6: Text("期限从未起算", "clock never started"),
    7: Text("以不予受理规避", "refused to escape"),
    8: Text("移出分母", "left the denominator"),
    9: Text("并入旧案", "folded into an old case"),
    10: Text("拆分、合并批次", "split or lumped"),
    11: Text("纸面办结", "closed on paper"),
    12: Text("空洞答复", "empty answers"),
    13: Text("压力或花钱撤回", "withdrawn under pressure or for money"),
    14: Text("退回重置期限", "returned to reset the clock"),
    15: Text("体外循环", "handled outside the system"),
    16: Text("代为评价", "rated on behalf"),
}
"""The sixteen ways to manufacture a 100 %, by number."""

HEAD = "| 方式 way | 检查 check | 原因 reason | 处 n | 改动 what was changed | 对象 subjects |\n|---|---|---|---|---|---|\n"


def lines(planted: Iterable[Plant], waiting: Iterable[Plant]) -> str:
    """The machine-readable list, one JSON object a line; what waits for its check comes last and says so."""
    objects = [*(one.to_json() for one in planted), *(one.to_json() | {"waiting": True} for one in waiting)]
    return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in objects)


def table(planted: Iterable[Plant], waiting: Iterable[Plant]) -> str:
    """The list as a table in Markdown, one row for every kind of change."""
    rows = [_row(list(alike), "") for _, alike in groupby(sorted(planted, key=_kind), key=_kind)]
    rows += [_row([one], "（待检查上线 waiting）") for one in waiting]
    return HEAD + "".join(rows)


def _kind(one: Plant) -> tuple[int, str, str, str]:
    return (one.way, one.check, one.reason, one.changed.en)


def _row(alike: list[Plant], note: str) -> str:
    first = alike[0]
    way = f"{first.way} {WAYS[first.way].zh} {WAYS[first.way].en}"
    subjects = ", ".join(sorted({_subject(one) for one in alike}))
    changed = f"{first.changed.zh} {first.changed.en}"
    return f"| {way} | {first.check}{note} | `{first.reason}` | {len(alike)} | {changed} | {subjects} |\n"


def _subject(one: Plant) -> str:
    return f"{one.subject} {one.item}" if one.item else one.subject
