"""What every entry must be: one strict, canonical JSON event, in its place of its subject and of time."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from infra.verify.report import Report, VerificationFailed
from infra.verify.schemas import Schemas

NESTING_MAX = 32
SAFE_INTEGER = 2**53 - 1
ROTATION = "petition.ledger.key_rotated.v1"

_RECORDED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_MARKS = bytes(
    0x30 if 0x30 <= byte <= 0x39 else byte if byte == 0x7B else 0x7B if byte == 0x5B else 0x20 for byte in range(256)
)
"""Maps digits to `0` and both opening brackets to `{`, so that two quick searches find what must be looked at."""
_LONG_NUMBER = b"0" * 16


def _no_float(text: str) -> Any:
    raise ValueError(f"float {text}")


class Envelope(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The attributes of an event; optional ones may be absent, none may be null."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    datacontenttype: str
    dataschema: str
    sequence: str
    time: str
    recordedtime: str
    data: dict[str, Any]
    timeprecision: str | UnsetType = UNSET
    enteredtime: str | UnsetType = UNSET
    importid: str | UnsetType = UNSET
    importline: str | UnsetType = UNSET
    actorid: str | UnsetType = UNSET
    actorunit: str | UnsetType = UNSET
    actorrole: str | UnsetType = UNSET
    recorderid: str | UnsetType = UNSET
    actionid: str | UnsetType = UNSET
    actiondigest: str | UnsetType = UNSET
    correlationid: str | UnsetType = UNSET


_REQUIRED = frozenset(one.name for one in msgspec.structs.fields(Envelope) if one.required)
_decode = msgspec.json.Decoder(float_hook=_no_float).decode
_decode_envelope = msgspec.json.Decoder(Envelope, float_hook=_no_float).decode
_encode = msgspec.json.Encoder(order="sorted").encode


class EntryChecker:
    """Checks entries in log order and keeps what the next one is compared with.

    `sequence` counts 1, 2, 3 … in each subject, `recordedtime` never decreases, `source` never changes.
    Memory is one number for each subject.
    """

    def __init__(self, report: Report, schemas: Schemas | None) -> None:
        self._report = report
        self._schemas = schemas
        self._sequences: dict[str, int] = {}
        self._source: str | None = None
        self.recorded = ""
        self.rotations: list[tuple[int, dict[str, Any]]] = []

    def check(self, entries: Sequence[bytes], first: int) -> None:
        """Check the entries of one bundle; `first` is the leaf index of the first of them."""
        for index, entry in enumerate(entries, first):
            event = read_envelope(entry, index)
            self._check_place(event, index)
            if self._schemas is not None:
                self._schemas.check(event.type, event.data, entry, index)
        self._report.count("entries", len(entries))
        if self._schemas is not None:
            self._report.count("schema_checks", len(entries))

    def finish(self) -> None:
        """Count what was compared across entries."""
        self._report.count("subjects", len(self._sequences))

    def _check_place(self, event: Envelope, index: int) -> None:
        subject, recorded = event.subject, event.recordedtime
        sequence = self._sequences.get(subject, 0) + 1
        if event.sequence != str(sequence):
            raise _failed(
                "sequence_gap",
                f"{subject}: sequence {event.sequence!r} where {sequence} must stand 对象内序号不连续",
                index,
            )
        self._sequences[subject] = sequence
        if recorded < self.recorded or not _RECORDED.fullmatch(recorded):
            raise _failed("recordedtime_decreases", f"{recorded} behind {self.recorded} 记录时间倒退", index)
        self.recorded = recorded
        if event.source != self._source:
            if self._source is not None:
                raise _failed("source_differs", f"{event.source!r} in the log of {self._source!r} 来源不符", index)
            self._source = event.source
        if event.type == ROTATION:
            self.rotations.append((index, event.data))


def read_envelope(entry: bytes, index: int) -> Envelope:
    """Read one entry strictly (see `parse`) and its attributes; one that is unknown here is passed over."""
    try:
        event = _decode_envelope(entry)
        quick = _encode(event) == entry
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError, OverflowError):
        quick = False
    if quick and not _needs_a_look(entry):
        return event
    content = parse(entry, index)
    if not content.keys() >= _REQUIRED:
        raise _failed("attribute_missing", f"{sorted(_REQUIRED - content.keys())} 缺少属性", index)
    known = {name: content[name] for name in Envelope.__struct_fields__ if name in content}
    try:
        return msgspec.convert(known, Envelope)
    except msgspec.ValidationError as error:
        raise _failed("attribute_type", f"{error} 属性类型错误", index) from None


def _needs_a_look(entry: bytes) -> bool:
    """Whether there may be a number out of range or too many levels."""
    marks = entry.translate(_MARKS)
    return marks.count(b"{") > NESTING_MAX or _LONG_NUMBER in marks


def parse(entry: bytes, index: int) -> dict[str, Any]:
    """Read one entry strictly: UTF-8, one object, no duplicate key, nothing behind it, RFC 8785 form, no floats."""
    try:
        event = _decode(entry)
        again = _encode(event)
    except RecursionError:
        raise _failed("too_deep", f"nested deeper than {NESTING_MAX} 嵌套过深", index) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise _failed("not_strict_json", f"{error} 不是严格的 JSON", index) from None
    if not isinstance(event, dict):
        raise _failed("not_strict_json", "not an object 不是 JSON 对象", index)
    if again != entry:
        _check_slowly(entry, event, index)
    if _needs_a_look(entry):
        _check_values(event, index, 1)
    return event


def _check_slowly(entry: bytes, event: Any, index: int) -> None:
    """Say what is wrong with an entry that does not read back to its own bytes."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise _failed("duplicate_key", f"{name!r} twice in one object JSON 键重复", index)
        return dict(pairs)

    json.loads(entry, object_pairs_hook=unique)
    if _utf16_ordered(event) != entry:
        raise _failed("not_canonical", "the bytes are not the RFC 8785 form 不是规范形式", index)


def _utf16_ordered(value: Any) -> bytes:
    """RFC 8785 with its order of keys by UTF-16 units, which differs beyond U+FFFF."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return b"{" + b",".join(_encode(name) + b":" + _utf16_ordered(value[name]) for name in names) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(_utf16_ordered, value)) + b"]"
    return _encode(value)


def _check_values(value: Any, index: int, depth: int) -> None:
    if depth > NESTING_MAX + 1:
        raise _failed("too_deep", f"nested deeper than {NESTING_MAX} 嵌套过深", index)
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        raise _failed("number_range", f"{str(value)[:40]} 整数超出范围", index)
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _check_values(item, index, depth + 1)


def _failed(code: str, message: str, index: int) -> VerificationFailed:
    return VerificationFailed(code, message, place=f"entry {index}", index=index)
