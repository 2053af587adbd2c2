"""Which encoding a text file is in: declared, told by its mark, strict UTF-8, or the likeliest allowed."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from charset_normalizer import from_bytes

from infra.importing.problems import ImportFault

ALLOWED: Final = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
}
SAMPLE_BYTES_MAX: Final = 256 * 1024
CHUNK_BYTES: Final = 1 << 20
LINE_CHARACTERS_MAX: Final = 1 << 20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path, declared: str | None) -> str:
    """The codec to read a text file with; raises `encoding_unknown` rather than guess without grounds.

    A declared encoding is taken as it is, but a UTF-8 mark at the beginning is never part of the first cell.
    """
    with path.open("rb") as file:
        beginning = file.read(4)
    if declared is not None:
        codec = ALLOWED.get(declared.lower().replace("_", "-"))
        if codec is None:
            raise ImportFault("encoding_unknown", f"{declared!r} is not one of {', '.join(ALLOWED)}")
        marked = codec == "utf-8" and beginning.startswith(codecs.BOM_UTF8)
        return "utf-8-sig" if marked else codec
    if beginning.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise ImportFault("encoding_unknown", "UTF-32 is not read; save the file as UTF-8")
    for mark, codec in _MARKS:
        if beginning.startswith(mark):
            return codec
    return "utf-8" if _is_utf8(path) else _likeliest(path)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _likeliest(path: Path) -> str:
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES_MAX)
    complete = sample[: sample.rfind(b"\n") + 1] or sample
    if b"\x00" in complete:
        raise ImportFault("encoding_unknown", "zero bytes without a UTF-16 mark; declare the encoding")
    best = from_bytes(complete, cp_isolation=["gb18030", "latin_1"], enable_fallback=False).best()
    if best is None:
        raise ImportFault("encoding_unknown", "neither UTF-8, GB18030 nor Latin-1 reads well")
    return ALLOWED[best.encoding.replace("_", "-")]


def lines_of(binary: IO[bytes], codec: str) -> Iterator[str]:
    """The lines of a text file with their ends, streamed; a line over 1 MiB is a fault.

    Bytes that the encoding does not know become lone surrogates, which `is_clean` finds; so one bad row is
    rejected and the others go on. UTF-16 has no such escape: a bad unit there is a fault.
    """
    errors = "strict" if codec.startswith("utf-16") else "surrogateescape"
    with io.TextIOWrapper(binary, encoding=codec, errors=errors, newline="") as file:
        number = 0
        while True:
            number += 1
            try:
                line = file.readline(LINE_CHARACTERS_MAX)
            except UnicodeError as error:
                raise ImportFault("wrong_encoding", f"line {number} or shortly after: {error}") from None
            if not line:
                return
            if len(line) == LINE_CHARACTERS_MAX:
                raise ImportFault("line_too_long", f"line {number} is over {LINE_CHARACTERS_MAX:,} characters")
            yield line


def is_clean(text: str) -> bool:
    """Whether every byte of the text was known to its encoding."""
    return not any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else True


def printable(text: str) -> str:
    """The text with unknown bytes written as escapes, so that it can be stored as UTF-8."""
    return text if is_clean(text) else text.encode("utf-8", "backslashreplace").decode("utf-8")
