"""CSV and TSV files: records with the physical line on which they begin, never repaired."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.importing.encodings import printable
from infra.importing.mapping import Source
from infra.importing.problems import ImportFault, RowProblem
from infra.importing.records import Record

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one record, the line or row number where it begins, and its raw text."""

    number: int
    cells: Sequence[str]
    raw: str


class _Tape:
    """The lines of a file, remembering those that the present record is made of."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.count = 0
        self.ended = False
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        self.count += 1
        self.taken.append(line)
        return line


def read_rows(lines: Iterator[str], source: Source) -> Iterator[Row | RowProblem]:
    """Every record of the file in order, the header's among them; wholly empty lines carry nothing.

    A record whose quotes do not fit is a problem and reading goes on with the next line. A file that ends
    inside a quoted field gives one problem for all that stands behind the open quote: text that was inside
    a quote is never read as rows.
    """
    tape = _Tape(lines)
    reader = _reader(tape, source)
    while True:
        tape.taken.clear()
        start = tape.count + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _misquoted(tape, start, error)
            continue
        if cells:
            yield Row(start, cells, "".join(tape.taken).rstrip("\r\n"))


def _reader(tape: _Tape, source: Source) -> Iterator[list[str]]:
    delimiter = source.delimiter or ("\t" if source.format == "tsv" else ",")
    if not source.quote:
        return csv.reader(tape, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(tape, delimiter=delimiter, quotechar=source.quote, strict=True)


def _misquoted(tape: _Tape, start: int, error: csv.Error) -> RowProblem:
    raw = "".join(tape.taken).rstrip("\r\n")
    if "field limit" in str(error):
        limit = csv.field_size_limit()
        raise ImportFault("line_too_long", f"line {start}: a field over {limit:,} characters, or an open quote")
    if tape.ended:
        return RowProblem(start, None, "cut_in_quoted_field", f"the quote opened on line {start} has no end", raw)
    return RowProblem(start, None, "malformed_row", str(error), raw)


def header_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """One name per column from one or more header rows; upper cells reach over the empty ones to their right.

    Names of several rows are joined by " / "; spaces and line breaks inside a name become one space.
    """
    width = max(len(row) for row in rows)
    cleaned = [[_SPACES.sub(" ", cell).strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    for row in cleaned[:-1]:
        for column in range(1, width):
            row[column] = row[column] or row[column - 1]
    names = []
    for column in range(width):
        parts = [row[column] for row in cleaned if row[column]]
        names.append(" / ".join(dict.fromkeys(parts)))
    return names


def check_header(names: Sequence[str], needed: set[str]) -> None:
    """Every column that the mapping reads stands in the header exactly once."""
    missing = sorted(needed - set(names))
    if missing:
        raise ImportFault("column_missing", ", ".join(missing), field=missing[0])
    repeated = sorted(name for name in needed if list(names).count(name) > 1)
    if repeated:
        raise ImportFault("column_repeated", ", ".join(repeated), field=repeated[0])


def read_header(rows: Iterator[Row | RowProblem], source: Source, needed: set[str]) -> list[str]:
    """Pass over the declared rows, take the header and check it against the mapping."""
    taken: list[Sequence[str]] = []
    for row in rows:
        if isinstance(row, RowProblem):
            raise ImportFault(row.code, f"in the header, line {row.line}: {row.detail}")
        taken.append(row.cells)
        if len(taken) == source.skip_rows + source.header_rows:
            break
    if len(taken) <= source.skip_rows:
        raise ImportFault("column_missing", "the file has no header")
    names = header_names(taken[source.skip_rows :])
    check_header(names, needed)
    return names


def table_records(
    rows: Iterator[Row | RowProblem], names: Sequence[str], source: Source
) -> Iterator[Record | RowProblem]:
    """Rows below the header as records; a row of another width than the header is a problem."""
    width = len(names)
    for row in rows:
        if isinstance(row, RowProblem):
            yield row
        elif len(row.cells) > width or (len(row.cells) < width and source.short_rows == "reject"):
            detail = f"{len(row.cells)} cells, the header has {width}"
            yield RowProblem(row.number, None, "column_count", detail, printable(row.raw))
        else:
            pairs = zip(names, row.cells, strict=False)
            yield Record(row.number, {name: cell for name, cell in pairs if name and cell}, row.raw)
