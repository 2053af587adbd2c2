"""Damaged files of every kind: rejected or refused with a code, never a crash, and the account adds up."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import openpyxl
import pytest

from infra.importing.driver import ImportOptions, Report, run_import
from infra.importing.mapping import Mapping
from infra.importing.problems import SENTENCES, ImportFault
from infra.importing.sources import ImportSource
from tests.support.import_files import log_mapping, rows_mapping, xes
from tests.support.import_port import MemoryLedger

FIELDS = """
received_at = { column = "登记时间", as = "instant", formats = ["iso", "excel_serial", "unix_seconds", "%Y/%m/%d %H:%M:%S"] }
people_count = { column = "人数", as = "integer", digits = "half" }
amount_fen = { column = "金额", as = "fen", thousands = "," }
channel = { column = "形式", map = { "来信" = "letter" } }
"""
HEADER = ["编号", "登记时间", "人数", "金额", "形式"]
ROWS = [[f"A{number}", "2025/3/4 10:20:00", str(number), "1,234.50", "来信"] for number in range(12)]
TEXT = "\n".join(",".join(f'"{cell}"' for cell in row) for row in [HEADER, *ROWS])


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADER, *ROWS]:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def table(kind: str) -> Mapping:
    mapping = rows_mapping(fields=FIELDS)
    return mapping.model_copy(update={"source": mapping.source.model_copy(update={"format": kind})})


LOG = xes(*((f"c{n}", [{"org:group": f"G{n % 3}", "time:timestamp": "2011-01-01T08:00:00Z"}] * 3) for n in range(9)))
OBJECTS = "\n".join(
    "{" + ",".join(f'"{name}":"{cell}"' for name, cell in zip(HEADER, row, strict=True)) + "}" for row in ROWS
)
KINDS: dict[str, tuple[bytes, Mapping | None]] = {
    "csv": (TEXT.encode(), table("csv")),
    "csv in GB18030": (TEXT.encode("gb18030"), table("csv")),
    "csv in UTF-16": (TEXT.encode("utf-16"), table("csv")),
    "jsonl": (OBJECTS.encode(), table("jsonl")),
    "xlsx": (workbook(), table("xlsx")),
    "xes": (LOG, log_mapping()),
    "xes.gz": (gzip.compress(LOG, mtime=0), log_mapping()),
    "actions": (b'{"action":"receive_petition","action_id":"1","at":"2025","case":"ref:1"}\n' * 5, None),
}
INTERESTING = [b'"', b"\n", b"\x00", b"\xff", b"\r", b",", b"<", b"&", b"{", "０".encode(), b"\x1f\x8b", b"9" * 400]


def damaged(raw: bytes, dice: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(dice.randrange(1, 6)):
        place = dice.randrange(len(changed) + 1)
        match dice.randrange(4):
            case 0:
                changed[place:place] = dice.choice(INTERESTING)
            case 1:
                del changed[place : place + dice.randrange(1, 30)]
            case 2:
                changed[place : place + 1] = bytes([dice.randrange(256)])
            case _:
                del changed[max(1, place) :]
    return bytes(changed)


def adds_up(report: Report, rejects: Path) -> None:
    """Holds the account of one damaged file against its rejects."""
    assert report.accepted_new + report.already_there + report.rejected == report.read
    assert len(rejects.read_bytes().splitlines()) == report.rejected


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_rejected_in_part_or_refused_and_never_crashes(kind: str, tmp_path: Path) -> None:
    raw, mapping = KINDS[kind]
    file = tmp_path / "file"
    for seed in range(120 if kind != "xlsx" else 60):
        file.write_bytes(damaged(raw, random.Random(seed)))
        options = ImportOptions(kind="history", operator="tester", rejects=tmp_path / "rejects")
        try:
            report = run_import(ImportSource(file, mapping), MemoryLedger(), options)
        except ImportFault as fault:
            unnamed = {fault.code} - set(SENTENCES)
        else:
            unnamed = set()
            adds_up(report, tmp_path / "rejects")
        assert not unnamed, (kind, seed)


@pytest.mark.parametrize("kind", KINDS)
def test_the_undamaged_file_is_taken_whole(kind: str, tmp_path: Path) -> None:
    raw, mapping = KINDS[kind]
    (tmp_path / "file").write_bytes(raw)
    options = ImportOptions(kind="history", operator="tester", rejects=tmp_path / "rejects")
    report = run_import(ImportSource(tmp_path / "file", mapping), MemoryLedger(), options)
    assert report.is_complete
    assert report.read > 4
