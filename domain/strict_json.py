"""Reading one line as one strict JSON object: what the contract refuses is refused with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

import msgspec

from domain.errors import InvalidAction
from domain.event import canonical
from domain.fields import SAFE_INTEGER

LINE_BYTES_MAX = 65_535
NESTING_MAX = 32
PATH_CHARACTERS_MAX = 200
_MARK = "\U0010ffff"


class _Strange(Exception):
    """The quick decoder met something that the contract refuses; the careful one finds the place."""


class _Odd(NamedTuple):
    """Stands where a value stood that the contract refuses."""

    code: str
    detail: str


class _Repeated(dict[str, Any]):
    """An object in which a key stood twice."""

    key = ""


def _stop(text: str) -> NoReturn:
    raise _Strange(text[:40])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Strange
    return found


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated, seen = _Repeated(found), set()
    for key, _ in pairs:
        if key in seen:
            repeated.key = key
            break
        seen.add(key)
    return repeated


def _long_integer(text: str) -> Any:
    return int(text) if len(text) <= NESTING_MAX else _Odd("number_range", f"{text[:20]}… has {len(text)} digits")


_QUICK = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_stop, parse_constant=_stop, strict=True)
_CAREFUL = json.JSONDecoder(
    object_pairs_hook=_marked,
    parse_int=_long_integer,
    parse_float=lambda text: _Odd("float_not_allowed", f"{text[:40]} – write an integer"),
    parse_constant=lambda text: _Odd("bad_json", f"{text} is not JSON"),
    strict=True,
)


def read_plain(raw: bytes) -> tuple[dict[str, Any], bytes, bool] | None:
    """The quick way for the plain lines that machines write: the object, its RFC 8785 bytes, and whether eleven
    digits stand in a row somewhere in them; or None.

    None means "look carefully", never "refused". A line passes only without escapes, nulls and long numbers,
    and when it has as many quotation marks as its own canonical form: then no key stood twice.
    Floats pass here and are refused by the models.
    """
    if len(raw) > LINE_BYTES_MAX or b"\\" in raw or b"null" in raw:
        return None
    digits = raw.translate(_DIGITS_AS_ZEROS)  # ten times faster than a pattern
    long_digits = ELEVEN_DIGITS in digits
    if long_digits and SIXTEEN_DIGITS in digits:
        return None
    try:
        value = msgspec.json.decode(raw)
        encoded = canonical(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(value, dict) or value.get("action") == "correct_record":
        return None
    return (value, encoded, long_digits) if raw.count(b'"') == encoded.count(b'"') else None


def read_object(raw: bytes) -> dict[str, Any]:
    """Parse a line of at most 65,535 bytes; raises `InvalidAction` for anything but one strict object."""
    if len(raw) > LINE_BYTES_MAX:
        raise InvalidAction("line_too_long", f"{len(raw)} bytes – split the list or send a document instead")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise InvalidAction("bom", "save the file as UTF-8 without BOM")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        field = _place_of_surrogate(raw)
        raise InvalidAction("bad_encoding", f"byte {error.start} of the line", field=field) from None
    value = _decode(text)
    if not isinstance(value, dict):
        raise InvalidAction("bad_json", "the line must hold one JSON object, {…}")
    if raw.count(b"{") + raw.count(b"[") > NESTING_MAX:
        check_depth(value)
    if b"\\" in raw or b"null" in raw or _LONG_NUMBER.search(raw):
        check_values(value)
    return value


def glance(raw: bytes) -> dict[str, Any]:
    """What can be read of a line that is refused, so that the refusal can name its subject; maybe nothing."""
    if len(raw) > LINE_BYTES_MAX:
        return {}
    try:
        value = _CAREFUL.decode(_CONTROLS.sub(" ", raw.decode("utf-8-sig", "replace")))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _decode(text: str) -> Any:
    try:
        return _QUICK.decode(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Invalid control character"):
            field = _place_of_mark(text[: error.pos] + _MARK + text[error.pos + 1 :])
            raise InvalidAction("control_character", f"column {error.colno} – escape it", field=field) from None
        raise InvalidAction("bad_json", f"{error.msg} at column {error.colno}") from None
    except RecursionError:
        raise InvalidAction("too_deep", f"at most {NESTING_MAX} levels") from None
    except (_Strange, ValueError):
        return _explained(text)


def _explained(text: str) -> NoReturn:
    """Say what is strange about a line and where."""
    try:
        value = _CAREFUL.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidAction("bad_json", f"{error.msg} at column {error.colno}") from None
    except RecursionError:
        raise InvalidAction("too_deep", f"at most {NESTING_MAX} levels") from None
    for place in _places(value):
        if isinstance(place.value, _Odd):
            raise InvalidAction(place.value.code, place.value.detail, field=place.path)
        if isinstance(place.value, _Repeated):
            key = printable(place.value.key)
            raise InvalidAction("duplicate_key", repr(key[:80]), field=_joined(place.path, key))
    raise InvalidAction("bad_json", "not one strict JSON object")


_CONTROLS = re.compile(r"[\x00-\x1f]")
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
ELEVEN_DIGITS, SIXTEEN_DIGITS = b"0" * 11, b"0" * 16
_LONG_NUMBER = re.compile(rb"[0-9]{16}")
"""An integer beyond ±(2^53−1) has at least 16 digits; only then the careful look is worth it."""


class _Place(NamedTuple):
    """A value somewhere in a document: its dotted path, how deep it lies, and whether it is a key."""

    path: str
    value: Any
    depth: int
    is_key: bool = False


def _places(value: Any) -> Iterator[_Place]:
    """Every value and key of a document, in reading order."""
    waiting = [_Place("", value, 1)]
    while waiting:
        place = waiting.pop()
        yield place
        if isinstance(place.value, dict):
            for key, part in reversed(place.value.items()):
                path = _joined(place.path, str(key))
                waiting.append(_Place(path, part, place.depth + 1))
                waiting.append(_Place(path, key, place.depth + 1, True))
        elif isinstance(place.value, list):
            parts = reversed(list(enumerate(place.value)))
            waiting.extend(_Place(_joined(place.path, str(number)), part, place.depth + 1) for number, part in parts)


def _joined(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def check_depth(value: Any) -> None:
    """Refuse a document of more than 32 levels."""
    for place in _places(value):
        if place.depth > NESTING_MAX and isinstance(place.value, dict | list):
            raise InvalidAction("too_deep", f"at most {NESTING_MAX} levels", field=printable(place.path) or None)


def check_values(value: Any) -> None:
    """Refuse null (outside `was`/`now`), lone surrogates and integers that RFC 8785 cannot carry."""
    for place in _places(value):
        problem = _problem_of_key(place.value) if place.is_key else _problem_of(place)
        if problem is not None:
            raise InvalidAction(*problem, field=printable(place.path) or None)


def _problem_of_key(key: Any) -> tuple[str, str] | None:
    if not isinstance(key, str):
        return "wrong_type", "keys must be strings"
    if any(character < " " for character in key):
        return "control_character", "in a key"
    return _problem_of_text(key)


def _problem_of(place: _Place) -> tuple[str, str] | None:
    item = place.value
    if item is None:
        corrected = place.path.split(".", 1)[0] in ("was", "now")
        return None if corrected else ("null_not_allowed", "")
    if isinstance(item, str):
        return _problem_of_text(item)
    if isinstance(item, float):
        return "float_not_allowed", "write an integer"
    if isinstance(item, int):
        return ("number_range", "") if abs(item) > SAFE_INTEGER else None
    if not isinstance(item, list | dict) or isinstance(item, _Odd):
        return "wrong_type", type(item).__name__
    return None


def _problem_of_text(text: str) -> tuple[str, str] | None:
    if not text.isascii() and printable(text) != text:
        return "bad_encoding", "a lone surrogate"
    return None


def _place_of_surrogate(raw: bytes) -> str | None:
    """The field whose text is not UTF-8, where the line can be read at all."""
    return _place_where(raw.decode("utf-8", "surrogateescape"), lambda text: _problem_of_text(text) is not None)


def _place_of_mark(text: str) -> str | None:
    return _place_where(text, lambda found: _MARK in found)


def _place_where(text: str, holds: Any) -> str | None:
    try:
        value = _CAREFUL.decode(text)
    except (ValueError, RecursionError):
        return None
    for place in _places(value):
        if isinstance(place.value, str) and holds(place.value):
            return printable(place.path.replace(_MARK, "?"))
    return None


def printable(text: str) -> str:
    """A text that can be written as UTF-8: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
