"""The working paper: findings as an XLSX workbook, a sheet per check, with a column for the reviewer.

Text that a spreadsheet could take for a formula is neutralised, here and in CSV.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from domain.errors import Unavailable
from projections.finding_list import COLUMNS, Line, by_unit_and_severity, flat, of_checks

if TYPE_CHECKING:
    from domain.checks.base import Check

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
CELL_CHARACTERS_MAX = 32_000
"""Below what a spreadsheet takes in one cell (32,767)."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
REVIEW = ("复核人 reviewer", "复核结论 conclusion", "复核日期 reviewed on", "说明 remarks")
HEADINGS = {
    "check": "检查 check", "version": "版本 version", "subject": "对象 subject", "related": "相关对象 related",
    "result": "结果 result", "severity": "严重程度 severity", "certainty": "确定程度 certainty", "reason": "情形 reason",
    "item": "事项 item", "open": "仍未办 open", "audience": "可见范围 audience", "stage": "阶段 stage",
    "units": "单位 units", "due_on": "期限 due on", "acted_on": "实际 acted on", "days_late": "超期日 days late",
    "sentence_zh": "记录显示", "sentence_en": "The record shows", "facts": "事实 facts",
    "event_ids": "证据事件 evidence", "fingerprint": "指纹 fingerprint",
}  # fmt: skip
WIDE = {"sentence_zh": 60, "sentence_en": 60, "facts": 50, "event_ids": 40, "fingerprint": 40}


def safe(value: Any) -> Any:
    """A cell's value: a text that could be read as a formula gets an apostrophe in front, control characters go."""
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    text = _CONTROL.sub(" ", str(value)[:CELL_CHARACTERS_MAX])
    return f"'{text}" if str(value).startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text


def write_csv(stream: IO[str], lines: Iterable[Line]) -> None:
    """The findings as CSV with a heading, every text safe to open in a spreadsheet."""
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([_csv(value) for value in flat(line).values()])


def _csv(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe(value)


def write_workbook(path: Path, head: Mapping[str, Any], lines: Sequence[Line], checks: Sequence[Check]) -> None:
    """Write the working paper; LedgerError `read_only` where the file cannot be written."""
    known = {check.id: check for check in checks}
    try:
        with path.open("wb") as stream:
            book = Workbook(write_only=True)
            _front(book, head, lines, known)
            for check, theirs in of_checks(lines):
                _sheet(book, check, theirs, known.get(check))
            book.save(stream)
    except OSError as error:
        raise Unavailable("read_only", f"{path}: {error.strerror}") from error


def _front(book: Workbook, head: Mapping[str, Any], lines: Sequence[Line], known: Mapping[str, Check]) -> None:
    sheet = book.create_sheet("总览 overview")
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 60
    _row(sheet, ["监督检查工作底稿 · Working paper of the supervision checks"], bold=True)
    _row(sheet, ["线索供人复核，不是结论。 Indicators for a human reviewer, never a verdict."])
    for name in ("size", "as_of", "clock"):
        _row(sheet, [name, "–" if head.get(name) is None else str(head[name])])
    _row(sheet, [])
    _row(sheet, ["检查 check", "名称 title", "线索 hits", "无法判断 cannot tell"], bold=True)
    for check, theirs in of_checks(lines):
        title = f"{known[check].title.zh} · {known[check].title.en}" if check in known else ""
        hits = sum(1 for one in theirs if one["result"] == "hit")
        _row(sheet, [check, title, hits, len(theirs) - hits])
    _row(sheet, [])
    table = by_unit_and_severity(line for line in lines if line["result"] == "hit")
    _row(sheet, ["单位 unit", "极重 critical", "严重 high", "中 medium", "轻 low"], bold=True)
    for row in table:
        _row(
            sheet,
            [row["unit"] or "（未指明 none named）", *(row[one] for one in ("critical", "high", "medium", "low"))],
        )


def _sheet(book: Workbook, name: str, lines: Sequence[Line], check: Check | None) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A4"
    for place, column in enumerate((*COLUMNS, *REVIEW), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDE.get(column, 18)
    if check is not None:
        _row(sheet, [f"{check.id} {check.title.zh} · {check.title.en}"], bold=True)
        _row(sheet, [f"核查 verify: {check.verify.zh} · {check.verify.en}"])
    else:
        _row(sheet, [name], bold=True)
        _row(sheet, [])
    _row(sheet, [*(HEADINGS[column] for column in COLUMNS), *REVIEW], bold=True)
    for line in lines:
        _row(sheet, [*flat(line).values(), *("" for _ in REVIEW)])


def _row(sheet: Any, values: Sequence[Any], *, bold: bool = False) -> None:
    cells = []
    for value in values:
        cell = WriteOnlyCell(sheet, value=safe(value))
        if isinstance(cell.value, str):
            cell.data_type = "s"
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        if bold:
            cell.font = Font(bold=True)
        cells.append(cell)
    sheet.append(cells)
