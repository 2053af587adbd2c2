"""CSV and TSV: what stands in the file comes through, what cannot be read is named with its line."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from infra.importing.encodings import encoding_of
from infra.importing.problems import ImportFault, RowProblem
from infra.importing.records import Proposed
from infra.importing.sources import ImportSource
from tests.support.import_files import actions_of, outcomes_of, problem_of, rows_mapping

HEADER = "编号,登记时间,内容\n"
ROW = "A1,2025/3/4 10:20:00,道路\n"
CONTENT = rows_mapping(fields='content_class = "{内容}"')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "台账.csv"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ((HEADER + ROW).encode("utf-8"), "utf-8"),
        ((HEADER + ROW).encode("utf-8-sig"), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + (HEADER + ROW).encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + (HEADER + ROW).encode("utf-16-be"), "utf-16"),
        ((HEADER + ROW * 3).encode("gb18030"), "gb18030"),
    ],
)
def test_the_encoding_of_a_file_is_told_by_its_mark_or_its_bytes(file: Path, raw: bytes, found: str) -> None:
    file.write_bytes(raw)
    source = ImportSource(file, CONTENT)
    assert source.encoding == found
    first = next(source.outcomes())
    assert isinstance(first, Proposed)
    assert first.actions[0] == {
        "action": "receive_petition",
        "action_id": "old/A1/receive_petition",
        "at": "2025-03-04T10:20:00+08:00",
        "case": "ref:old/A1",
        "content_class": "道路",
    }


@pytest.mark.parametrize("declared", ["gb18030", "GBK", "gb2312", "utf-16-le", "latin-1", "utf-8"])
def test_a_declared_encoding_is_taken_as_it_is(file: Path, declared: str) -> None:
    text = "编号,登记时间,内容\nA1,2025/3/4,路\n" if declared != "latin-1" else "id,t\nA1,é\n"
    raw = text.encode(declared)
    if declared == "latin-1":
        with pytest.raises(ImportFault, match="编号"):
            outcomes_of(file, raw, CONTENT, encoding=declared)
    else:
        (action,) = actions_of(outcomes_of(file, raw, CONTENT, encoding=declared))
        assert action["content_class"] == "路"


def test_latin_1_is_found_where_nothing_else_reads(file: Path) -> None:
    text = "id;name\n" + "".join(f"{n};Größe, Übergabe à la carte né à Besançon\n" for n in range(40))
    file.write_bytes(text.encode("latin-1"))
    assert encoding_of(file, None) == "latin-1"


def test_bytes_without_any_encoding_are_a_fault_and_not_guessed(file: Path) -> None:
    file.write_bytes(b"\x00\x01\x02\xff\xfe\x00" * 50)
    with pytest.raises(ImportFault) as fault:
        ImportSource(file, CONTENT)
    assert fault.value.code == "encoding_unknown"
    assert "编码" in fault.value.sentence("zh")


def test_an_encoding_that_is_not_allowed_is_a_fault(file: Path) -> None:
    file.write_bytes(ROW.encode())
    with pytest.raises(ImportFault, match="ebcdic"):
        ImportSource(file, CONTENT, encoding="ebcdic")


def test_a_row_with_bytes_of_another_encoding_is_rejected_and_the_others_go_on(file: Path) -> None:
    raw = (HEADER + ROW).encode() + b"A2,2025/3/5,\xb5\xc0\xc2\xb7\n" + "A3,2025/3/6,水\n".encode()
    one, two, three = outcomes_of(file, raw, CONTENT, encoding="utf-8")
    assert isinstance(one, Proposed)
    assert isinstance(three, Proposed)
    assert isinstance(two, RowProblem)
    assert (two.line, two.code) == (3, "wrong_encoding")


def test_a_utf_16_file_cut_in_the_middle_of_a_character_is_a_fault(file: Path) -> None:
    file.write_bytes((codecs.BOM_UTF16_LE + (HEADER + ROW).encode("utf-16-le"))[:-1])
    with pytest.raises(ImportFault) as fault:
        list(ImportSource(file, CONTENT).outcomes())
    assert fault.value.code == "wrong_encoding"


def test_line_breaks_inside_fields_are_kept_and_lines_are_counted_physically(file: Path) -> None:
    text = HEADER + 'A1,2025/3/4,"第一行\r\n第二行"\n' + "A2,2025/3/5,短\n"
    one, two = outcomes_of(file, text.encode(), CONTENT)
    assert isinstance(one, Proposed)
    assert one.actions[0]["content_class"] == "第一行\r\n第二行"  # type: ignore[index]
    assert (one.line, two.line) == (2, 4)


def test_a_file_cut_inside_a_quoted_field_gives_one_problem_for_all_behind_the_quote(file: Path) -> None:
    text = HEADER + ROW + 'A2,2025/3/5,"请求\nA3,2025/3/6,看似一行\n'
    one, cut = outcomes_of(file, text.encode(), CONTENT)
    assert isinstance(one, Proposed)
    assert isinstance(cut, RowProblem)
    assert (cut.line, cut.code) == (3, "cut_in_quoted_field")
    assert cut.raw == 'A2,2025/3/5,"请求\nA3,2025/3/6,看似一行'


def test_a_row_with_a_stray_quote_is_rejected_and_the_next_row_goes_on(file: Path) -> None:
    text = HEADER + 'A1,2025/3/4,"道路"坏\n' + "A2,2025/3/5,水\n"
    bad, good = outcomes_of(file, text.encode(), CONTENT)
    assert isinstance(bad, RowProblem)
    assert (bad.line, bad.code) == (2, "malformed_row")
    assert isinstance(good, Proposed)


def test_an_open_quote_that_swallows_more_than_a_field_may_hold_ends_the_reading(file: Path) -> None:
    text = HEADER + ROW + 'A2,2025/3/5,"' + "长\n" * 100_000
    file.write_bytes(text.encode())
    source = ImportSource(file, CONTENT)
    stream = source.outcomes()
    assert isinstance(next(stream), Proposed)
    with pytest.raises(ImportFault) as fault:
        next(stream)
    assert fault.value.code == "line_too_long"


def test_a_line_over_a_mebibyte_is_a_fault_and_not_held_in_memory(file: Path) -> None:
    file.write_bytes(HEADER.encode() + b"A" * ((1 << 20) + 1))
    with pytest.raises(ImportFault) as fault:
        ImportSource(file, CONTENT)
    assert fault.value.code == "line_too_long"


@pytest.mark.parametrize("row", ["A1,2025/3/4\n", "A1,2025/3/4,道路,多\n"])
def test_a_row_of_another_width_than_the_header_is_rejected(file: Path, row: str) -> None:
    problem = problem_of(outcomes_of(file, (HEADER + row).encode(), CONTENT))
    assert (problem.line, problem.code) == (2, "column_count")


def test_short_rows_pass_only_where_the_mapping_says_so(file: Path) -> None:
    mapping = rows_mapping(source='short_rows = "absent"', fields='content_class = "{内容}"')
    (action,) = actions_of(outcomes_of(file, (HEADER + "A1,2025/3/4\n").encode(), mapping))
    assert "content_class" not in action


def test_a_header_without_a_mapped_column_is_a_fault_that_names_it(file: Path) -> None:
    file.write_bytes("编号,登记日\nA1,2025/3/4\n".encode())
    with pytest.raises(ImportFault) as fault:
        ImportSource(file, CONTENT)
    assert fault.value.code == "column_missing"
    assert "内容" in fault.value.message
    assert "登记时间" in fault.value.message


def test_a_mapped_column_that_stands_twice_is_a_fault(file: Path) -> None:
    file.write_bytes("编号,登记时间,内容,内容\nA1,2025/3/4,一,二\n".encode())
    with pytest.raises(ImportFault) as fault:
        ImportSource(file, CONTENT)
    assert fault.value.code == "column_repeated"


def test_an_empty_file_has_no_header(file: Path) -> None:
    file.write_bytes(b"")
    with pytest.raises(ImportFault) as fault:
        ImportSource(file, CONTENT)
    assert fault.value.code == "column_missing"


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ImportFault) as fault:
        ImportSource(tmp_path / "none.csv", CONTENT)
    assert fault.value.code == "unreadable_file"


def test_header_rows_are_joined_and_upper_cells_reach_to_their_right(file: Path) -> None:
    text = "信访件台账,,,\n编号,登记时间,登记,\n,,单位,\n承办\n人\nA1,2025/3/4,县局,9\n"
    text = text.replace("\n承办\n人\n", '"承办\n人"\n')
    mapping = rows_mapping(
        source="skip_rows = 1\nheader_rows = 2",
        fields='by.unit = "{登记 / 单位}"\nby.staff = "S-{登记 / 承办 人}"',
    )
    (action,) = actions_of(outcomes_of(file, text.encode(), mapping))
    assert action["by"] == {"unit": "县局", "staff": "S-9"}


def test_tsv_is_split_at_tabs(file: Path) -> None:
    mapping = rows_mapping(fields='content_class = "{内容}"')
    mapping = mapping.model_copy(update={"source": mapping.source.model_copy(update={"format": "tsv"})})
    raw = (HEADER + ROW).replace(",", "\t").encode()
    assert actions_of(outcomes_of(file, raw, mapping))[0]["content_class"] == "道路"


def test_blank_cells_and_declared_texts_are_unknown_and_not_empty_values(file: Path) -> None:
    mapping = rows_mapping(source='absent = ["无"]', fields='content_class = "{内容}"')
    for cell in ("", " ", "　", "无"):
        (action,) = actions_of(outcomes_of(file, f"{HEADER}A1,2025/3/4,{cell}\n".encode(), mapping))
        assert "content_class" not in action


def test_reading_can_begin_at_any_record(file: Path) -> None:
    rows = "".join(f"A{number},2025/3/4,路\n" for number in range(2, 12))
    file.write_bytes((HEADER + rows).encode())
    source = ImportSource(file, CONTENT)
    everything = [outcome.line for outcome in source.outcomes()]
    assert everything == list(range(2, 12))
    assert [outcome.line for outcome in source.outcomes(from_number=7)] == list(range(7, 12))
    assert source.bytes_read == source.size_bytes
