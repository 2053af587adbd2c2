"""JSON Lines of another system's objects: nested keys as paths, numbers as they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, Final

from infra.importing.problems import RowProblem
from infra.importing.records import Record

LINE_BYTES_MAX: Final = 1 << 20
NESTING_MAX: Final = 32
EXCERPT_BYTES_MAX: Final = 4_096


class _RepeatedKey(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedKey("a key stands twice")
    return found


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_unique)


def read_objects(file: IO[bytes]) -> Iterator[Record | RowProblem]:
    """One record per line. `a: {b: 1}` is read under `a/b`, items of lists under `a/0`; null is absent."""
    number = 0
    while line := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        if len(line) > LINE_BYTES_MAX:
            excerpt = line[:EXCERPT_BYTES_MAX]
            while line and not line.endswith(b"\n"):
                line = file.readline(LINE_BYTES_MAX)
            yield RowProblem(number, None, "line_too_long", f"over {LINE_BYTES_MAX:,} bytes", excerpt)
        elif line.strip():
            yield _record(number, line.removesuffix(b"\n"), first=number == 1)


def _record(number: int, line: bytes, *, first: bool) -> Record | RowProblem:
    try:
        text = line.decode("utf-8-sig" if first else "utf-8")
    except UnicodeDecodeError as error:
        return RowProblem(number, None, "wrong_encoding", f"byte {error.start} of the line is not UTF-8", line)
    try:
        value = _DECODER.decode(text.strip())
        if not isinstance(value, dict):
            return RowProblem(number, None, "not_a_json_object", "", text)
        return Record(number, dict(_leaves(value, "", 0)), text)
    except _RepeatedKey as error:
        return RowProblem(number, None, "duplicate_key", str(error), text)
    except (ValueError, RecursionError) as error:
        return RowProblem(number, None, "not_a_json_object", str(error)[:200], text)


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > NESTING_MAX:
        raise ValueError(f"nested deeper than {NESTING_MAX}")
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _leaves(entry, f"{path}/{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _leaves(entry, f"{path}/{index}" if path else str(index), depth + 1)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif value is not None:
        yield path, value
