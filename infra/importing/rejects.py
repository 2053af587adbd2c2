"""The rejects file: one JSON line for every record that was not taken, durable before its batch is."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from domain.personal_data import personal_data_in
from domain.strict_json import glance
from infra.importing.encodings import printable
from infra.importing.problems import DECLARED, RAW_CHARACTERS_MAX, ImportFault, RowProblem, sentence

VALUE_CHARACTERS_MAX = 80
NAMED_CHARACTERS_MIN = 4
"""A shorter value may stand in a message by chance."""
_CHUNK_BYTES = 1 << 20


def reject_line(line: int, error: dict[str, Any], raw: str | bytes) -> bytes:
    """One line of the rejects file: where, why (Chinese and English), and the record as it stood.

    Bytes that are not UTF-8 and text over the limit are shown as far as possible, and marked as `raw_cut` or
    `raw_escaped`.
    """
    text = raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else printable(raw)
    entry: dict[str, Any] = {
        "line": line,
        "field": error.get("field"),
        "code": error["code"],
        "message": error["message"],
        "reason": {lang: _told(error, lang) for lang in ("zh", "en")},
        "raw": text[:RAW_CHARACTERS_MAX],
    }
    if error.get("subject"):
        entry["subject"] = error["subject"]
    if text.encode("utf-8") != (raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")):
        entry["raw_escaped"] = True
    if len(text) > RAW_CHARACTERS_MAX:
        entry["raw_cut"] = True
    return json.dumps(entry, ensure_ascii=False).encode("utf-8") + b"\n"


def _told(error: dict[str, Any], lang: str) -> str:
    """One sentence for a person; what the mapping's author wrote stands in both languages as it was written."""
    own = error.get("own_words")
    told = sentence(error["code"], lang)
    return told if not own else f"{told}{'：' if lang == 'zh' else ': '}{printable(own)}"


def error_of(problem: RowProblem) -> dict[str, Any]:
    """The error object of a problem, shaped as the ledger's refusals are; `own_words` are those of the mapping."""
    error = {"code": problem.code, "message": problem.message, "field": problem.field, "subject": None}
    return error | ({"own_words": problem.detail} if problem.code == DECLARED else {})


def naming_value(error: dict[str, Any], payload: bytes | dict[str, Any]) -> dict[str, Any]:
    """A refusal of the ledger whose message names the value of the refused field as the action held it.

    It stands in the rejects file only; a personal number is never repeated.
    """
    field = error.get("field")
    if not field or error["code"] == "personal_data":
        return error
    found: Any = glance(payload) if isinstance(payload, bytes) else payload
    for part in field.split("."):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return error
    if isinstance(found, tuple):  # what no JSON value is; the message says it
        return error
    if isinstance(found, str) and len(found) >= NAMED_CHARACTERS_MIN and found in error["message"]:
        return error
    shown = printable(json.dumps(found, ensure_ascii=False))
    if personal_data_in(shown) is not None:
        return error
    cut = shown if len(shown) <= VALUE_CHARACTERS_MAX else f"{shown[:VALUE_CHARACTERS_MAX]}…"
    return {**error, "message": f"{error['message']} – {cut}"}


class _Numbered(msgspec.Struct):
    line: int


class RejectsFile:
    """Grows behind its last committed length; readable by its owner only, for it holds raw rows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def take_over(self, former: Path, size: int, digest: str) -> hashlib._Hash | None:
        """Begin with the `size` bytes of this SHA-256 that an earlier run left here or in the former file.

        Returns their running sum; None, and nothing is changed, where neither file begins with them.
        """
        for place in dict.fromkeys((self.path.absolute(), former)):
            summed = _sum_of(place, size)
            if summed is None or (digest and summed.hexdigest() != digest):
                continue
            if size and place != self.path.absolute():
                self._copy_from(place, size)
            return summed
        return None

    def _copy_from(self, place: Path, size: int) -> None:
        written = 0
        with place.open("rb") as file:
            while piece := file.read(min(size - written, _CHUNK_BYTES)):
                written = self.write_after(written, [piece])

    def numbers(self) -> Iterator[int]:
        """The number of every record in the file, in order."""
        if self._file is not None:
            self._file.seek(0)
            decode = msgspec.json.Decoder(_Numbered).decode
            for line in self._file:
                yield decode(line).line

    def open(self) -> None:
        """Make the file, with mode 0600; raises `unreadable_file` where it cannot be written."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            detail = f"the rejects file {self.path}: {error.strerror}"
            raise ImportFault("unreadable_file", detail, field="rejects") from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            detail = f"the rejects file {self.path} is no plain file; an import goes on behind what stands in it"
            raise ImportFault("unreadable_file", detail, field="rejects")
        self._file = os.fdopen(descriptor, "r+b")

    def write_after(self, size: int, lines: Sequence[bytes]) -> int:
        """Cut the file to `size`, append the lines, sync; returns the new length. May be repeated."""
        if self._file is None:
            raise ValueError("the rejects file is not open")
        if not lines and os.fstat(self._file.fileno()).st_size == size:
            return size
        self._file.truncate(size)
        self._file.seek(size)
        self._file.writelines(lines)
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _sum_of(place: Path, size: int) -> hashlib._Hash | None:
    """The running SHA-256 of the first `size` bytes of a file; None where it does not have as many."""
    summed, left = hashlib.sha256(), size
    if not size:
        return summed
    try:
        with place.open("rb") as file:
            while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
                summed.update(chunk)
                left -= len(chunk)
    except OSError:
        return None
    return None if left else summed
