"""XLSX: dates, serial numbers, merged headers and damaged workbooks."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from infra.importing.mapping import Mapping
from infra.importing.problems import ImportFault, RowProblem
from infra.importing.sources import ImportSource
from tests.support.import_files import actions_of, rows_mapping


def workbook(path: Path, rows: list[list[Any]], **formats: str) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell, number_format in formats.items():
        sheet[cell].number_format = number_format
    book.save(path)
    return path


def as_sheet(mapping: Mapping, **source: Any) -> Mapping:
    return mapping.model_copy(update={"source": mapping.source.model_copy(update={"format": "xlsx", **source})})


def test_date_cells_with_and_without_an_hour_are_told_apart_by_their_number_format(tmp_path: Path) -> None:
    rows = [["编号", "登记时间"], ["A1", datetime(2025, 3, 4, 10, 20)], ["A2", date(2025, 3, 5)]]
    path = workbook(tmp_path / "a.xlsx", rows, B2="yyyy/mm/dd hh:mm", B3="yyyy年m月d日")
    one, two = actions_of(list(ImportSource(path, as_sheet(rows_mapping())).outcomes()))
    assert one["at"] == "2025-03-04T10:20:00+08:00"
    assert "at_precision" not in one
    assert two["at"] == "2025-03-05T00:00:00+08:00"
    assert two["at_precision"] == "day"


def test_serial_numbers_are_read_where_the_mapping_declares_them(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["编号", "登记时间"], ["A1", 45720], ["A2", 45720.430555555555]])
    mapping = as_sheet(rows_mapping())
    rule = mapping.action[0]
    at = rule.fields["at"].model_copy(update={"formats": ["excel_serial"]})
    mapping = mapping.model_copy(update={"action": [rule.model_copy(update={"fields": {**rule.fields, "at": at}})]})
    one, two = actions_of(list(ImportSource(path, mapping).outcomes()))
    assert (one["at"], one["at_precision"]) == ("2025-03-04T00:00:00+08:00", "day")
    assert two["at"] == "2025-03-04T10:20:00+08:00"


def test_a_serial_number_is_no_date_where_the_mapping_does_not_declare_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["编号", "登记时间"], ["A1", 45720]])
    (problem,) = ImportSource(path, as_sheet(rows_mapping())).outcomes()
    assert isinstance(problem, RowProblem)
    assert (problem.line, problem.code, problem.field) == (2, "bad_date", "receive_petition.at")


def test_a_merged_header_over_two_rows_gives_joined_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "登记", None])
    sheet.append([None, "时间", "单位"])
    sheet.append(["A1", "2025/3/4", "XF"])
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    book.save(tmp_path / "a.xlsx")
    mapping = as_sheet(rows_mapping(fields='by.unit = "{登记 / 单位}"'), header_rows=2)
    rule = mapping.action[0]
    at = rule.fields["at"].model_copy(update={"column": "登记 / 时间"})
    mapping = mapping.model_copy(update={"action": [rule.model_copy(update={"fields": {**rule.fields, "at": at}})]})
    (action,) = actions_of(list(ImportSource(tmp_path / "a.xlsx", mapping).outcomes()))
    assert action["by"] == {"unit": "XF"}


def test_numbers_come_through_as_exact_decimals_and_empty_rows_carry_nothing(tmp_path: Path) -> None:
    rows = [["编号", "登记时间", "金额"], ["A1", "2025/3/4", 12.34], [None, None, None], [7, "2025/3/4", 1e15]]
    path = workbook(tmp_path / "a.xlsx", rows)
    mapping = as_sheet(
        rows_mapping(fields='amount_fen = { column = "金额", as = "fen", unit = "fen", round = "down" }')
    )
    one, two = ImportSource(path, mapping).outcomes()
    assert one.line == 2
    assert not isinstance(one, RowProblem)
    assert one.actions[0]["amount_fen"] == 12  # type: ignore[index]
    assert two.line == 4


def test_the_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["编号", "登记时间"], ["A1", "2025/3/4"]])
    with pytest.raises(ImportFault) as fault:
        ImportSource(path, as_sheet(rows_mapping(), sheet="二月"))
    assert fault.value.code == "sheet_missing"
    assert "Sheet" in fault.value.message


@pytest.mark.parametrize("keep", [0, 100, 2_000])
def test_a_workbook_that_is_no_workbook_or_cut_is_a_fault(tmp_path: Path, keep: int) -> None:
    path = workbook(tmp_path / "a.xlsx", [["编号", "登记时间"], ["A1", "2025/3/4"]])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ImportFault) as fault:
        ImportSource(path, as_sheet(rows_mapping()))
    assert fault.value.code == "unreadable_file"
