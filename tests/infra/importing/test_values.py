"""Dates, hours, amounts, codes: as they stand in old books, read exactly or rejected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.importing.problems import RowProblem
from tests.support.import_files import actions_of, outcomes_of, problem_of, rows_mapping

AT = 'received_at = {{ column = "x", as = "instant", formats = [{formats}]{more} }}'


def read(tmp_path: Path, cell: str, field: str, source: str = "", at: str = "2025/3/4") -> dict[str, Any] | RowProblem:
    raw = f'编号,登记时间,x\nA1,{at},"{cell}"\n'.encode()
    outcomes = outcomes_of(tmp_path / "a.csv", raw, rows_mapping(fields=field, source=source))
    if isinstance(outcomes[0], RowProblem):
        return problem_of(outcomes)
    (action,) = actions_of(outcomes)
    return action


def instant(tmp_path: Path, cell: str, formats: str = '"iso"', more: str = "") -> dict[str, Any] | RowProblem:
    return read(tmp_path, cell, AT.format(formats=formats, more=more), at="2025/3/4 08:00:00")


@pytest.mark.parametrize(
    ("cell", "formats", "expected"),
    [
        ("2020/1/2", '"%Y/%m/%d"', "2020-01-02T00:00:00+08:00"),
        ("2025年3月4日", '"%Y/%m/%d", "%Y年%m月%d日"', "2025-03-04T00:00:00+08:00"),
        ("2025-03-04 10:20", '"iso"', "2025-03-04T10:20:00+08:00"),
        ("2025-03-04T10:20:30.123456789-03:30", '"iso"', "2025-03-04T10:20:30.123456-03:30"),
        ("1741054800", '"unix_seconds"', "2025-03-04T02:20:00+00:00"),
        ("1741054800123", '"unix_milliseconds"', "2025-03-04T02:20:00.123000+00:00"),
        ("45720.430555555555", '"excel_serial"', "2025-03-04T10:20:00+08:00"),
        ("44258", '"excel_serial_1904"', "2025-03-04T00:00:00+08:00"),
    ],
)
def test_every_declared_way_of_writing_a_date_is_read(tmp_path: Path, cell: str, formats: str, expected: str) -> None:
    action = instant(tmp_path, cell, formats)
    assert isinstance(action, dict)
    assert action["received_at"] == expected


@pytest.mark.parametrize(
    "cell",
    ["2025-02-30", "31/12/2025", "2025-03-04T24:00:00Z", "２０２５-03-04", "45", "-1", "nan", "2025-W10-2", "20250304"],
)
def test_what_fits_no_declared_format_is_rejected(tmp_path: Path, cell: str) -> None:
    problem = instant(tmp_path, cell, '"iso", "excel_serial", "%Y/%m/%d"')
    assert isinstance(problem, RowProblem)
    assert (problem.code, problem.field) == ("bad_date", "receive_petition.received_at")


def test_a_date_that_fits_two_formats_differently_is_not_guessed(tmp_path: Path) -> None:
    formats = '"%d/%m/%Y", "%m/%d/%Y"'
    problem = instant(tmp_path, "03/04/2025", formats)
    assert isinstance(problem, RowProblem)
    assert "fits two" in problem.detail
    action = instant(tmp_path, "13/04/2025", formats)
    assert isinstance(action, dict)
    assert action["received_at"] == "2025-04-13T00:00:00+08:00"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1948-05-10", "1948-05-10T00:00:00+09:00"),
        ("1948-05-10 08:00:00", "1948-05-10T08:00:00+09:00"),
        ("1900-01-01", "1899-12-31T15:54:17+00:00"),
    ],
)
def test_dates_of_1948_and_1900_come_through_as_they_stand(tmp_path: Path, cell: str, expected: str) -> None:
    action = instant(tmp_path, cell)
    assert isinstance(action, dict)
    assert action["received_at"] == expected


def test_a_date_without_an_hour_makes_the_action_known_to_the_day(tmp_path: Path) -> None:
    action = instant(tmp_path, "2025-03-04")
    assert isinstance(action, dict)
    assert action["at_precision"] == "day"
    hourly = instant(tmp_path, "2025-03-04 00:00:00")
    assert isinstance(hourly, dict)
    assert "at_precision" not in hourly
    declared = instant(tmp_path, "2025-03-04 00:00:00", more=', precision = "day"')
    assert isinstance(declared, dict)
    assert declared["at_precision"] == "day"


@pytest.mark.parametrize(
    ("cell", "more", "expected"),
    [
        ("2011-11-06 01:30:00", "", "ambiguous_time"),
        ("2011-11-06 01:30:00", ', ambiguous = "earlier"', "2011-11-06T01:30:00-04:00"),
        ("2011-11-06 01:30:00", ', ambiguous = "later"', "2011-11-06T01:30:00-05:00"),
        ("2011-03-13 02:30:00", "", "nonexistent_time"),
        ("2011-03-13 02:30:00", ', missing = "before"', "2011-03-13T02:30:00-05:00"),
        ("2011-03-13 02:30:00", ', missing = "after"', "2011-03-13T02:30:00-04:00"),
        ("2011-03-13 03:30:00", "", "2011-03-13T03:30:00-04:00"),
    ],
)
def test_an_hour_that_happened_twice_or_never_needs_a_declared_rule(
    tmp_path: Path, cell: str, more: str, expected: str
) -> None:
    found = instant(tmp_path, cell, more=f', zone = "America/New_York"{more}')
    assert (found.code if isinstance(found, RowProblem) else found["received_at"]) == expected


def test_a_missing_time_of_the_act_rejects_the_row(tmp_path: Path) -> None:
    problem = read(tmp_path, "", 'content_class = "{x}"', at="")
    assert isinstance(problem, RowProblem)
    assert (problem.code, problem.field) == ("missing_time", "receive_petition.at")


def test_a_naive_time_without_a_declared_zone_is_rejected(tmp_path: Path) -> None:
    mapping = rows_mapping()
    mapping = mapping.model_copy(update={"source": mapping.source.model_copy(update={"zone": None})})
    problem = problem_of(outcomes_of(tmp_path / "a.csv", "编号,登记时间\nA1,2025/3/4\n".encode(), mapping))
    assert problem.code == "bad_date"
    assert "zone" in problem.detail


def test_days_are_taken_as_written_unless_the_field_names_a_zone(tmp_path: Path) -> None:
    cell = "2001-01-31T23:00:00+00:00"
    written = read(tmp_path, cell, 'due_on = { column = "x", as = "day" }')
    local = read(tmp_path, cell, 'due_on = { column = "x", as = "day", zone = "Europe/Rome" }')
    assert isinstance(written, dict)
    assert isinstance(local, dict)
    assert (written["due_on"], local["due_on"]) == ("2001-01-31", "2001-02-01")


@pytest.mark.parametrize(
    ("cell", "more", "expected"),
    [
        ("12.34", "", 1234),
        ("-0.10", "", -10),
        ("1,234.50", ', thousands = ","', 123450),
        ("1.234,50", ', thousands = ".", decimal = ","', 123450),
        ("-12,345,678", ', thousands = ","', -1_234_567_800),
        ("1,5", ', thousands = ","', "bad_amount"),
        ("12,34,5", ', thousands = ","', "bad_amount"),
        ("1234,567", ', thousands = ","', "bad_amount"),
        (",123", ', thousands = ","', "bad_amount"),
        ("1,234.567,8", ', thousands = ",", round = "down"', "bad_amount"),
        ("3.5", ', unit = "wan_yuan"', 3_500_000),
        ("12.3400000", "", 1234),
        ("12.345", "", "too_many_decimals"),
        ("0." + "0" * 40 + "1", "", "too_many_decimals"),
        ("1." + "0" * 40 + "1", "", "too_many_decimals"),
        ("12.345", ', round = "half_up"', 1235),
        ("12.345", ', round = "half_even"', 1234),
        ("12.349", ', round = "down"', 1234),
        ("1,234.50", "", "bad_amount"),
        ("12.34元", "", "bad_amount"),
        ("１２", "", "bad_amount"),
        ("１２", ', digits = "half"', 1200),
        ("1e3", "", "bad_amount"),
        ("NaN", "", "bad_amount"),
    ],
)
def test_amounts_become_whole_fen_exactly_or_by_a_stated_rule(
    tmp_path: Path, cell: str, more: str, expected: int | str
) -> None:
    found = read(tmp_path, cell, f'amount_fen = {{ column = "x", as = "fen"{more} }}')
    assert (found.code if isinstance(found, RowProblem) else found["amount_fen"]) == expected


def test_full_width_digits_are_kept_unless_the_mapping_says_otherwise(tmp_path: Path) -> None:
    kept = read(tmp_path, "ＸＦ２０２５", 'content_class = "{x}"')
    half = read(tmp_path, "ＸＦ２０２５", 'content_class = { column = "x", digits = "half" }')
    assert isinstance(kept, dict)
    assert isinstance(half, dict)
    assert (kept["content_class"], half["content_class"]) == ("ＸＦ２０２５", "ＸＦ2025")
    people = read(tmp_path, "１２", 'people_count = { column = "x", as = "integer", digits = "half" }')
    assert isinstance(people, dict)
    assert people["people_count"] == 12


def test_free_text_in_a_code_column_is_rejected_unless_a_fallback_is_declared(tmp_path: Path) -> None:
    codes = 'channel = { column = "x", map = { "来信" = "letter", "来访" = "visit" }'
    assert isinstance(good := read(tmp_path, "来信", codes + " }"), dict)
    assert good["channel"] == "letter"
    bad = read(tmp_path, "来信，后改来访", codes + " }")
    assert isinstance(bad, RowProblem)
    assert (bad.code, bad.field) == ("unknown_value", "receive_petition.channel")
    assert isinstance(other := read(tmp_path, "其他", codes + ', otherwise = { constant = "other" } }'), dict)
    assert other["channel"] == "other"
    assert isinstance(absent := read(tmp_path, "其他", codes + ', otherwise = "absent" }'), dict)
    assert "channel" not in absent


def test_truth_is_read_from_a_value_map_or_from_true_and_false(tmp_path: Path) -> None:
    mapped = read(tmp_path, "是", 'anonymous = { column = "x", map = { "是" = true, "否" = false } }')
    plain = read(tmp_path, "false", 'anonymous = { column = "x", as = "boolean" }')
    assert isinstance(mapped, dict)
    assert isinstance(plain, dict)
    assert (mapped["anonymous"], plain["anonymous"]) == (True, False)
    assert isinstance(bad := read(tmp_path, "是", 'anonymous = { column = "x", as = "boolean" }'), RowProblem)
    assert bad.code == "bad_boolean"


def test_several_numbers_of_one_matter_are_kept_beside_each_other(tmp_path: Path) -> None:
    raw = "编号,登记时间,省,市,区\nA1,2025/3/4,S-1,,Q-3\n".encode()
    mapping = rows_mapping(
        fields='external_numbers.province = "{省}"\nexternal_numbers.city = "{市}"\nexternal_numbers.county = "{区}"'
    )
    (action,) = actions_of(outcomes_of(tmp_path / "a.csv", raw, mapping))
    assert action["external_numbers"] == {"province": "S-1", "county": "Q-3"}


def test_a_required_value_that_is_missing_rejects_the_row_and_any_other_stays_unknown(tmp_path: Path) -> None:
    problem = read(tmp_path, "", 'channel = { column = "x", required = true }')
    assert isinstance(problem, RowProblem)
    assert (problem.code, problem.detail) == ("missing_value", "x")
    action = read(tmp_path, "", 'channel = { column = "x" }')
    assert isinstance(action, dict)
    assert set(action) == {"action", "action_id", "at", "at_precision", "case"}


def test_the_first_known_of_several_columns_is_taken(tmp_path: Path) -> None:
    action = read(tmp_path, "", 'content_class = { first_of = ["{x}", { column = "编号" }] }')
    assert isinstance(action, dict)
    assert action["content_class"] == "A1"
