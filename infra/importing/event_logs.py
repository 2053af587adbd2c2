"""XES event logs, plain or gzip: traces one at a time, in bounded memory, with nested attributes."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import IO, Any, Final, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from infra.importing.problems import ImportFault, RowProblem
from infra.importing.records import Record

EVENTS_PER_TRACE_MAX: Final = 500_000
GZIP_MARK: Final = b"\x1f\x8b"
_CUT = (EOFError, zlib.error, gzip.BadGzipFile)
_ATTRIBUTES = {"string", "date", "int", "float", "boolean", "id", "list", "container", "values"}


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """The XML bytes of the log; gzip is told by its mark, not by the file's name."""
    packed = file.read(2) == GZIP_MARK
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file


def read_traces(file: IO[bytes]) -> Iterator[Record | RowProblem]:
    """The traces in file order, numbered from 1, events in file order.

    Entity declarations and external references are refused. A log that breaks off is a fault after
    the traces that could be read before it; its message says how many.
    """
    number = 0
    try:
        for events, trace in _traces(unpacked(file)):
            number += 1
            if len(events) > EVENTS_PER_TRACE_MAX:
                detail = f"over {EVENTS_PER_TRACE_MAX:,} events in one trace"
                yield RowProblem(number, None, "too_large", detail, _raw(trace, 0))
            else:
                yield Record(number, trace, _raw(trace, len(events)), events)
    except _CUT as error:
        raise ImportFault("file_cut", f"after {number} traces: {error}") from None
    except ParseError as error:
        code = "file_cut" if "no element found" in str(error) else "unreadable_file"
        raise ImportFault(code, f"not XML, after {number} traces: {error}") from None
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise ImportFault("unreadable_file", f"after {number} traces: {error}") from None


def _traces(file: IO[bytes]) -> Iterator[tuple[list[dict[str, str]], dict[str, str]]]:
    """(events, trace attributes), dropping every element as soon as it was read."""
    path: list[Element] = []
    events: list[dict[str, str]] = []
    for step, element in iterparse(file, events=("start", "end"), forbid_dtd=False):
        tag = _local(element)
        if step == "start":
            if not path and tag != "log":
                raise ValueError(f"the document is <{tag}>, not <log>")
            path.append(element)
            continue
        path.pop()
        if tag == "event" and len(path) >= 2 and _local(path[-1]) == "trace":
            if len(events) <= EVENTS_PER_TRACE_MAX:
                events.append(dict(_attributes(element)))
            _drop(path[-1], element)
        elif tag == "trace":
            yield events, dict(_attributes(element))
            events = []
            _drop(path[-1], element)
        elif len(path) == 1:
            _drop(path[-1], element)


def _drop(parent: Element, element: Element) -> None:
    """Forget a finished element. The parser runs ahead, so later brothers may stand behind it already."""
    element.clear()
    parent.remove(element)


def _attributes(element: Element, path: str = "") -> Iterator[tuple[str, str]]:
    """Attribute texts by key; an attribute of an attribute under `key/inner`, lists numbered."""
    for child in element:
        if _local(child) not in _ATTRIBUTES:
            continue
        key = child.get("key") or ""
        place = f"{path}/{key}" if path and key else path or key
        value = child.get("value")
        if value is not None and place:
            yield place, value
        yield from _attributes(child, place)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _raw(trace: dict[str, str], events_count: int) -> str:
    content: dict[str, Any] = {"trace": trace, "events": events_count}
    return json.dumps(content, ensure_ascii=False)
