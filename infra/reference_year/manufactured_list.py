"""The list of plants, for machines and for readers: what was planted, by which way, and which finding shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby

from domain.checks.base import Text
from infra.reference_year.manufactured_draft import Plant
from projections.doubt import WAYS

TITLES: dict[int, Text] = {way.number: way.title for way in WAYS}

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
    way = f"{first.way} {TITLES[first.way].zh} {TITLES[first.way].en}"
    subjects = ", ".join(sorted({_subject(one) for one in alike}))
    changed = f"{first.changed.zh} {first.changed.en}"
    return f"| {way} | {first.check}{note} | `{first.reason}` | {len(alike)} | {changed} | {subjects} |\n"


def _subject(one: Plant) -> str:
    return f"{one.subject} {one.item}" if one.item else one.subject
