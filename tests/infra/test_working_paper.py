"""The working paper: no text of a cell is ever a formula, in the workbook or in CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from domain.checks import ALL_CHECKS
from domain.errors import Unavailable
from infra.working_paper import safe, write_csv, write_workbook
from tests.support.history import CASE, History

DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "\n=1")
HEAD = {"size": 3, "as_of": "2025-04-30", "clock": "happened"}


def lines(item: str) -> list[dict[str, Any]]:
    history = History()
    history.received("2025-03-03")
    (finding,) = history.findings("XF-ACC-001", "2025-06-30")
    told = {**finding.to_json(), "item": item, "facts": {"unit": item, "note": item}}
    told["sentence"] = {"zh": item, "en": item}
    return [told]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_begins_like_a_formula_is_neutralised_everywhere(text: str, tmp_path: Path) -> None:
    write_workbook(tmp_path / "paper.xlsx", {**HEAD, "as_of": text}, lines(text), ALL_CHECKS)
    book = openpyxl.load_workbook(tmp_path / "paper.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 30
    for cell in cells:
        assert cell.data_type != "f"
        assert not str(cell.value).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    stream = io.StringIO()
    write_csv(stream, lines(text))
    for row in csv.reader(io.StringIO(stream.getvalue())):
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for value in row)


def test_plain_texts_and_numbers_stay_as_they_are() -> None:
    assert [safe(value) for value in ("MZJ", 3, None, True, "")] == ["MZJ", 3, None, True, ""]
    assert safe("a\x00b") == "a b"
    assert len(safe("x" * 40_000)) == 32_000


def test_the_paper_names_the_check_its_facts_and_its_evidence(tmp_path: Path) -> None:
    found = lines("plain")
    write_workbook(tmp_path / "paper.xlsx", HEAD, found, ALL_CHECKS)
    sheet = openpyxl.load_workbook(tmp_path / "paper.xlsx")["XF-ACC-001"]
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert CASE in texts
    assert found[0]["event_ids"][0] in " ".join(texts)
    assert any("unit=plain" in text for text in texts)


def test_a_place_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nowhere"):
        write_workbook(tmp_path / "nowhere" / "paper.xlsx", HEAD, lines("plain"), ALL_CHECKS)
