"""Why a source, or one record of it, cannot be taken: codes, places and a Chinese and an English sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.errors import SENTENCES as LEDGER_SENTENCES
from domain.errors import BadMapping

RAW_CHARACTERS_MAX = 65_535
DECLARED = "declared_reject"
"""The code of a record that a mapping's own rule does not take; its detail are the words of the rule."""

SENTENCES: dict[str, tuple[str, str]] = {
    "ambiguous_time": ("该时刻因夏令时出现两次", "this hour happened twice when the clocks changed"),
    "bad_amount": ("不是金额", "not an amount of money"),
    "bad_boolean": ("不是 true 或 false", "neither true nor false"),
    "bad_code": ("不符合代码或引用名的写法", "not written as a code or ref must be"),
    "bad_date": (
        "日期不符合映射声明的任何格式",
        "the date fits none of the formats that the mapping declares",
    ),
    "bad_integer": ("不是整数", "not a whole number"),
    "bad_mapping": ("映射文件无法使用", "the mapping cannot be used"),
    "column_count": ("列数与表头不符", "the row does not have as many cells as the header"),
    "column_missing": ("表头缺少映射使用的列", "the header lacks a column that the mapping uses"),
    "column_repeated": (
        "映射使用的列在表头中重复",
        "a column that the mapping uses stands twice in the header",
    ),
    "cut_in_quoted_field": ("文件在引号字段内中断", "the file ends inside a quoted field"),
    DECLARED: ("映射声明不接受此类记录", "the mapping declares that such a record is not taken"),
    "duplicate_key": ("JSON 键重复", "a JSON key stands twice in one object"),
    "encoding_unknown": ("无法判断文件编码", "the encoding of the file cannot be told; declare it"),
    "file_cut": ("文件不完整", "the file is cut off"),
    "line_too_long": ("一行过长", "the line is too long"),
    "malformed_row": ("该行引号有误", "the quotes of this row do not fit together"),
    "missing_time": ("缺少发生时间", "the time of the act is missing"),
    "missing_value": ("缺少映射要求的值", "a value that the mapping requires is missing"),
    "no_action": ("映射未从此记录得出任何动作", "the mapping gives no action for this record"),
    "nonexistent_time": ("该时刻因夏令时不存在", "this hour was skipped when the clocks changed"),
    "not_a_json_object": ("不是 JSON 对象", "not one JSON object"),
    "refused_before": (
        "导入此文件时已被拒收，当时记明原因的拒收文件已不在；改正后作为另一文件导入",
        "refused when this file was imported; the rejects file that said why is gone, correct the record and import "
        "it as a file of its own",
    ),
    "sheet_missing": ("没有此工作表", "there is no such sheet"),
    "too_large": ("文件或记录超出限度", "the file or record is larger than the limit"),
    "too_many_decimals": ("金额小数位过多", "the amount has more decimals than the ledger's unit"),
    "trace_repeated": ("同一案件的事件分散在多处", "the events of one case do not stand together"),
    "unknown_value": ("值不在映射的对照表中", "the value is not in the mapping's value map"),
    "unreadable_file": ("文件无法读取", "the file cannot be read"),
    "wrong_encoding": ("字节不符合所用编码", "bytes that the encoding does not know"),
}


def sentence(code: str, lang: str) -> str:
    """The sentence of a code in `zh` or `en`, of an import problem or of a refusal by the ledger."""
    zh, en = SENTENCES.get(code) or LEDGER_SENTENCES.get(code) or (f"账本拒绝（{code}）", f"refused: {code}")
    return zh if lang == "zh" else en


class ImportFault(BadMapping):
    """The source, the mapping or an option cannot be used; raised before or while records are read.

    A fault that comes after records were read ends the reading: what stood before it is imported, and the
    fault itself is counted and written as one rejected record.
    """

    default_code: ClassVar[str] = "unreadable_file"

    def sentence(self, lang: str) -> str:
        """One line for a person, in `zh` or `en`."""
        headline = sentence(self.code, lang)
        if not self.detail:
            return headline
        return f"{headline}：{self.detail}" if lang == "zh" else f"{headline}: {self.detail}"


class Unmappable(Exception):
    """One value of a record cannot be mapped; becomes the `RowProblem` of its record."""

    def __init__(self, code: str, field: str | None, detail: str) -> None:
        super().__init__(code, field, detail)
        self.code = code
        self.field = field
        self.detail = detail


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one record was not proposed: its line, row or trace number, the field, code and message."""

    line: int
    field: str | None
    code: str
    detail: str
    raw: str | bytes

    @property
    def message(self) -> str:
        """The English sentence with the detail."""
        headline = sentence(self.code, "en")
        return f"{headline}: {self.detail}" if self.detail else headline
