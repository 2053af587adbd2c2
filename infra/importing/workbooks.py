"""XLSX workbooks, row by row: dates as ISO texts, numbers as exact decimals, nothing else interpreted."""

from __future__ import annotations

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from infra.importing.mapping import Source
from infra.importing.problems import ImportFault
from infra.importing.tables import Row

UNPACKED_BYTES_MAX: Final = 1 << 30
CELLS_PER_ROW_MAX: Final = 4_096
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
# What the reader of workbooks raises on damaged parts; it has no error of its own for them.
_UNREADABLE = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    EOFError,
    OSError,
)


def read_sheet(file: IO[bytes], source: Source) -> Iterator[Row]:
    """The rows of one sheet with their row numbers; rows without any value carry nothing.

    Formulas give the value that the workbook last stored. A date cell whose number format shows no hour
    is a date without an hour.
    """
    _check_size(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except _UNREADABLE as error:
        raise ImportFault("unreadable_file", f"not a readable workbook: {error}") from None
    try:
        sheet = _sheet(book, source.sheet)
        for number, cells in enumerate(sheet.iter_rows(max_col=_width(sheet)), start=1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield Row(number, texts, json.dumps(texts, ensure_ascii=False))
    except _UNREADABLE as error:
        raise ImportFault("unreadable_file", f"the workbook breaks off: {error}") from None
    finally:
        book.close()


def _check_size(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except _UNREADABLE as error:
        raise ImportFault("unreadable_file", f"not a workbook (.xlsx): {error}") from None
    if unpacked > UNPACKED_BYTES_MAX:
        raise ImportFault("too_large", f"{unpacked:,} bytes unpacked, {UNPACKED_BYTES_MAX:,} allowed")


def _sheet(book: Any, name: str | None) -> Any:
    if name is None:
        return book.worksheets[0]
    if name not in book.sheetnames:
        raise ImportFault("sheet_missing", f"{name!r}; the workbook has {', '.join(book.sheetnames)}")
    return book[name]


def _width(sheet: Any) -> int | None:
    width: int | None = sheet.max_column
    if width is not None and width > CELLS_PER_ROW_MAX:
        raise ImportFault("too_large", f"{width:,} columns, {CELLS_PER_ROW_MAX:,} allowed")
    return width


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _moment(value, cell.number_format)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return str(value)


def _moment(value: datetime, number_format: str) -> str:
    shown = _LITERALS.sub("", number_format or "").lower()
    if "h" in shown or "s" in shown or value.time() != time():
        return value.isoformat(timespec="seconds" if not value.microsecond else "microseconds")
    return value.date().isoformat()
