"""A file to import, opened: its digest and size, and what its records ask of the ledger, from any record on."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from infra.importing.action_files import read_actions
from infra.importing.encodings import encoding_of, lines_of
from infra.importing.event_logs import read_traces
from infra.importing.json_objects import read_objects
from infra.importing.mapping import Mapping, Source
from infra.importing.problems import ImportFault, RowProblem
from infra.importing.propose import Proposer
from infra.importing.records import Outcome, Record
from infra.importing.tables import Row, read_header, read_rows, table_records
from infra.importing.traces import group_rows, in_order
from infra.importing.workbooks import read_sheet


class ImportSource:
    """One file and the mapping it is read through; None for a file of the ledger's own actions.

    Opening reads the file once for its digest, tells the encoding and checks the header, so that a file that
    cannot be used is a fault before anything is recorded. `outcomes` may be called again and again.
    `may_be_restricted` says that a restricted petition may be among its records (the file is then
    named by a keyed digest).
    """

    def __init__(self, path: Path, mapping: Mapping | None = None, *, encoding: str | None = None) -> None:
        self.path = path
        self.mapping = mapping
        try:
            self.digest, self.size_bytes, mentions = _digest(path)
            self.encoding = self._encoding(encoding)
            self._file: IO[bytes] = path.open("rb")
        except OSError as error:
            raise ImportFault("unreadable_file", f"{path}: {error.strerror}") from None
        self._file.close()
        self.may_be_restricted = mentions if mapping is None else mapping.can_restrict
        if mapping is not None and mapping.source.format in ("csv", "tsv", "xlsx"):
            with closing(self._records(mapping)) as records:
                next(records, None)

    @property
    def fingerprint(self) -> str:
        """What the outcomes depend on besides the file's bytes; an import resumes only under the same."""
        mapping = self.mapping.digest if self.mapping else "actions"
        return f"{mapping}:{self.encoding or 'bytes'}"

    @property
    def bytes_read(self) -> int:
        """How far into the file the reader is; the whole size once it has been read to its end."""
        return self.size_bytes if self._file.closed else min(self._file.tell(), self.size_bytes)

    def outcomes(self, *, from_number: int = 1) -> Generator[Outcome, None, None]:
        """Actions or problems of every record from `from_number` on, in the order of the file.

        Raises `ImportFault` where the file breaks off.
        """
        if self.mapping is None:
            self._file = self.path.open("rb", buffering=1 << 20)
            with self._file:
                yield from read_actions(self._file, after_line=from_number - 1)
            return
        proposer = Proposer(self.mapping)
        with closing(self._records(self.mapping)) as records:
            for record in records:
                if isinstance(record, RowProblem):
                    if record.line >= from_number:
                        yield record
                elif record.number >= from_number:
                    yield proposer.propose(record)

    def _encoding(self, declared: str | None) -> str | None:
        if self.mapping is None or self.mapping.source.format not in ("csv", "tsv"):
            if declared is not None and declared.lower() not in ("utf-8", "utf8"):
                detail = f"{declared!r}: only tables of text have an encoding to choose; leave it out"
                raise ImportFault("encoding_unknown", detail, field="encoding")
            return None
        return encoding_of(self.path, declared or self.mapping.source.encoding)

    def _records(self, mapping: Mapping) -> Generator[Record | RowProblem, None, None]:
        source = mapping.source
        self._file = self.path.open("rb", buffering=1 << 20)
        with self._file:
            if source.format == "xes":
                records = read_traces(self._file)
            elif source.format == "jsonl":
                records = read_objects(self._file)
            else:
                records = self._table(mapping, source)
            if mapping.log is not None and mapping.log.case is not None and source.format != "xes":
                records = group_rows(records, mapping.log.case)
            for record in records:
                yield in_order(record, mapping) if isinstance(record, Record) else record

    def _table(self, mapping: Mapping, source: Source) -> Iterator[Record | RowProblem]:
        if source.format == "xlsx":
            rows: Iterator[Row | RowProblem] = read_sheet(self._file, source)
        else:
            rows = read_rows(lines_of(self._file, self.encoding or "utf-8"), source)
        names = read_header(rows, source, mapping.columns())
        yield from table_records(rows, names, source)


_RESTRICTED = b'restricted"'


def _digest(path: Path) -> tuple[str, int, bool]:
    """SHA-256 of the file in hex, its size in bytes, and whether the word of restricted petitions stands in it."""
    digest, size, mentions, tail = hashlib.sha256(), 0, False, b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
            mentions = mentions or _RESTRICTED in tail + piece
            tail = piece[-len(_RESTRICTED) :]
    return digest.hexdigest(), size, mentions
