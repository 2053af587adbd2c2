"""What every entry must be: one strict, canonical JSON event, in its place of its subject and of time."""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from infra.verify.report import Report, VerificationFailed
from infra.verify.schemas import Schemas

NESTING_MAX = 32
SAFE_INTEGER = 2**53 - 1
ROTATION = "petition.ledger.key_rotated.v1"

_RECORDED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}", re.ASCII)
IDS_AT_ONCE = 1_000_000


def _no_float(text: str) -> Any:
    raise ValueError(f"float {text}")


Plain = str | Annotated[int, msgspec.Meta(ge=-SAFE_INTEGER, le=SAFE_INTEGER)] | bool | None
Shallow = Plain | list[Plain] | dict[str, Plain]
Nested = Plain | list[Shallow] | dict[str, Shallow]
"""What ordinary payloads are made of; deeper ones and numbers out of range are read slowly."""


class Envelope(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The attributes of an event, in the order of RFC 8785; optional ones may be absent, none may be null."""

    actiondigest: str | UnsetType = UNSET
    actionid: str | UnsetType = UNSET
    actorid: str | UnsetType = UNSET
    actorrole: str | UnsetType = UNSET
    actorunit: str | UnsetType = UNSET
    correlationid: str | UnsetType = UNSET
    data: dict[str, Nested]
    datacontenttype: str
    dataschema: str
    enteredtime: str | UnsetType = UNSET
    id: str
    importid: str | UnsetType = UNSET
    importline: str | UnsetType = UNSET
    recordedtime: str
    recorderid: str | UnsetType = UNSET
    sequence: str
    source: str
    specversion: Literal["1.0"]
    subject: str
    time: str
    timeprecision: str | UnsetType = UNSET
    type: str


_REQUIRED = frozenset(one.name for one in msgspec.structs.fields(Envelope) if one.required)
_decode = msgspec.json.Decoder(float_hook=_no_float).decode
_decode_envelope = msgspec.json.Decoder(Envelope, float_hook=_no_float).decode
_encode = msgspec.json.Encoder(order="sorted").encode
_encode_envelope = msgspec.json.Encoder(order="deterministic").encode


class EntryChecker:
    """Checks entries in log order and keeps what the next one is compared with.

    `sequence` counts 1, 2, 3 … in each subject, `recordedtime` never decreases, `source` never changes, no `id`
    stands twice. Memory is one number for each subject and one for each entry.
    """

    def __init__(self, report: Report, schemas: Schemas | None) -> None:
        self._report = report
        self._schemas = schemas
        self._sequences: dict[str, int] = {}
        self._source: str | None = None
        self._ids = array("q")
        self.recorded = ""
        self.rotations: list[tuple[int, dict[str, Any]]] = []

    def check(self, entries: Sequence[bytes], first: int) -> None:
        """Check the entries of one bundle; `first` is the leaf index of the first of them."""
        for index, entry in enumerate(entries, first):
            event = _plain_envelope(entry) or self._read_slowly(entry, index)
            self._check_place(event, index)
            if self._schemas is not None:
                self._schemas.check(event.type, event.data, entry, index)
        self._report.count("entries", len(entries))
        self._report.count("schema_checks", 0 if self._schemas is None else len(entries))

    def finish(self, again: Callable[[], Iterable[bytes]]) -> None:
        """Compare across all entries; `again` gives them once more, where an id may stand twice."""
        self._report.count("subjects", len(self._sequences))
        repeated = self._repeated_ids()
        if repeated:
            _find_twice(repeated, again())
        self._report.count("ids", len(self._ids))

    def _repeated_ids(self) -> set[int]:
        """Hashes that stand twice; some at a time, so that memory stays small."""
        parts = len(self._ids) // IDS_AT_ONCE + 1
        repeated: set[int] = set()
        for part in range(parts):
            some = [one for one in self._ids if one % parts == part] if parts > 1 else self._ids
            if len(set(some)) != len(some):
                repeated |= {one for one, count in Counter(some).items() if count > 1}
        return repeated

    def _read_slowly(self, entry: bytes, index: int) -> Envelope:
        event, strangers = read_envelope(entry, index)
        if strangers:
            self._report.count("unknown_attributes", strangers)
        return event

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
        if recorded != self.recorded:
            self._check_recorded(recorded, index)
        if event.source != self._source:
            if self._source is not None:
                raise _failed("source_differs", f"{event.source!r} in the log of {self._source!r} 来源不符", index)
            self._source = event.source
        self._ids.append(hash(event.id))
        if event.type == ROTATION:
            self.rotations.append((index, event.data))

    def _check_recorded(self, recorded: str, index: int) -> None:
        try:
            datetime.fromisoformat(recorded)
        except ValueError:
            recorded = ""
        if not _RECORDED.fullmatch(recorded):
            raise _failed("attribute_type", "`recordedtime` is no UTC instant with microseconds 不是记录时间", index)
        if recorded < self.recorded:
            raise _failed("recordedtime_decreases", f"{recorded} behind {self.recorded} 记录时间倒退", index)
        self.recorded = recorded


def _plain_envelope(entry: bytes) -> Envelope | None:
    """The event, if it is plain and reads back to its own bytes; everything else is read slowly."""
    try:
        event = _decode_envelope(entry)
        is_plain = _encode_envelope(event) == entry
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError, OverflowError):
        return None
    return event if is_plain and not _goes_beyond_ffff(entry) else None


def _goes_beyond_ffff(entry: bytes) -> bool:
    """Whether a character stands there whose order in UTF-16 is another one."""
    if entry.isascii():
        return False
    return b"\xf0" in entry or b"\xf1" in entry or b"\xf2" in entry or b"\xf3" in entry or b"\xf4" in entry


def _find_twice(suspected: set[int], entries: Iterable[bytes]) -> None:
    """Fail at the first entry whose id an earlier one has; hashes alone may be equal by chance."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        name = str(_decode(entry)["id"])
        if hash(name) not in suspected:
            continue
        if name in seen:
            raise _failed("id_repeated", f"the id {name[:80]!r} is that of entry {seen[name]} 事件编号重复", index)
        seen[name] = index


def read_envelope(entry: bytes, index: int) -> tuple[Envelope, int]:
    """Read one entry strictly (see `parse`): its attributes, and how many it has that are not known here."""
    content = parse(entry, index)
    if not content.keys() >= _REQUIRED:
        raise _failed("attribute_missing", f"{sorted(_REQUIRED - content.keys())} 缺少属性", index)
    known = {name: content[name] for name in Envelope.__struct_fields__ if name in content}
    for name in content.keys() - known.keys():
        if not _ATTRIBUTE.fullmatch(name) or not isinstance(content[name], str | int):
            raise _failed("attribute_type", f"{name[:40]!r} is no attribute of an event 不是事件属性", index)
    payload = known.pop("data")
    try:
        event = msgspec.convert({**known, "data": {}}, Envelope)
    except msgspec.ValidationError as error:
        raise _failed("attribute_type", f"{error} 属性类型错误", index) from None
    if not isinstance(payload, dict):
        raise _failed("attribute_type", "`data` is no object 属性类型错误", index)
    event.data = payload
    return event, len(content) - len(known) - 1


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
    _check_values(event, index, 1)
    if again != entry or not entry.isascii():
        _check_slowly(entry, event, index)
    return event


def _check_slowly(entry: bytes, event: Any, index: int) -> None:
    """Read once more where reading back is not enough: keys that stand twice, and their order in UTF-16 units."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for name, value in pairs:
            if name in content:
                raise _failed("duplicate_key", f"{name[:80]!r} twice in one object JSON 键重复", index)
            content[name] = value
        return content

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
