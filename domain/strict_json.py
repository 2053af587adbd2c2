"""Reading one line as one strict JSON object: what the contract refuses is refused with its place."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from domain.errors import InvalidAction
from domain.event import canonical
from domain.fields import SAFE_INTEGER

LINE_BYTES_MAX = 65_535
NESTING_MAX = 32


def _no_float(text: str) -> Any:
    raise InvalidAction("float_not_allowed", f"{text[:40]} – write an integer")


def _no_constant(text: str) -> Any:
    raise InvalidAction("bad_json", f"{text} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InvalidAction("duplicate_key", f"{key[:80]!r}", field=_printable(key))
            seen.add(key)
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_float=_no_float,
    parse_constant=_no_constant,
    strict=True,
)


def read_plain(raw: bytes) -> tuple[dict[str, Any], bytes] | None:
    """The quick way for the plain lines that machines write: the object and its RFC 8785 bytes, or None.

    None means "look carefully", never "refused". A line passes only without escapes, nulls and long numbers,
    and when it is as long as its own canonical form, compact or with `, ` and `: `: then no key stood twice.
    Floats pass here and are refused by the models.
    """
    if len(raw) > LINE_BYTES_MAX or b"\\" in raw or b"null" in raw or _LONG_NUMBER.search(raw):
        return None
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not isinstance(value, dict) or value.get("action") == "correct_record":
        return None
    encoded = canonical(value)
    size = len(raw.strip())
    if size != len(encoded) and size != len(msgspec.json.format(encoded, indent=0)):
        return None
    return value, encoded


def read_object(raw: bytes) -> dict[str, Any]:
    """Parse a line of at most 65,535 bytes; raises `InvalidAction` for anything but one strict object."""
    if len(raw) > LINE_BYTES_MAX:
        raise InvalidAction("line_too_long", f"{len(raw)} bytes – split the list or send a document instead")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise InvalidAction("bom", "save the file as UTF-8 without BOM")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidAction("bad_encoding", f"byte {error.start} of the line") from None
    value = _decode(text)
    if not isinstance(value, dict):
        raise InvalidAction("bad_json", "the line must hold one JSON object, {…}")
    if raw.count(b"{") + raw.count(b"[") > NESTING_MAX:
        _check_depth(value)
    if b"\\u" in raw or b"null" in raw or _LONG_NUMBER.search(raw):
        check_values(value)
    return value


def _decode(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Invalid control character"):
            raise InvalidAction("control_character", f"column {error.colno} – escape it") from None
        raise InvalidAction("bad_json", f"{error.msg} at column {error.colno}") from None
    except RecursionError:
        raise InvalidAction("too_deep", f"at most {NESTING_MAX} levels") from None
    except ValueError:
        raise InvalidAction("number_range", "an integer with thousands of digits") from None


_LONG_NUMBER = re.compile(rb"[0-9]{16}")
"""An integer beyond ±(2^53−1) has at least 16 digits; only then the careful look is worth it."""


def _check_depth(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(NESTING_MAX):
        following: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                following.extend(item.values())
            elif isinstance(item, list):
                following.extend(item)
        if not following:
            return
        level = following
    if any(isinstance(item, dict | list) for item in level):
        raise InvalidAction("too_deep", f"at most {NESTING_MAX} levels")


def check_values(value: Any, path: str = "") -> None:
    """Refuse null (outside `was`/`now`), lone surrogates and integers that RFC 8785 cannot carry."""
    stack: list[tuple[str, Any]] = [(path, value)]
    while stack:
        where, item = stack.pop()
        if item is None:
            if where not in ("was", "now") and not where.startswith(("was.", "now.")):
                raise InvalidAction("null_not_allowed", field=where)
        elif isinstance(item, str):
            _check_text(item, where)
        elif isinstance(item, bool):
            continue
        elif isinstance(item, int):
            if abs(item) > SAFE_INTEGER:
                raise InvalidAction("number_range", field=where)
        elif isinstance(item, float):
            raise InvalidAction("float_not_allowed", field=where)
        elif isinstance(item, list):
            stack.extend((f"{where}.{place}" if where else str(place), part) for place, part in enumerate(item))
        elif isinstance(item, dict):
            for key, part in item.items():
                if not isinstance(key, str):
                    raise InvalidAction("wrong_type", "keys must be strings", field=where)
                _check_text(key, where)
                stack.append((f"{where}.{key}" if where else key, part))
        else:
            raise InvalidAction("wrong_type", type(item).__name__, field=where)


def _check_text(text: str, where: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidAction("bad_encoding", "a lone surrogate", field=_printable(where)) from None


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")[:200]
