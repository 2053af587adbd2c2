"""One event, one byte string: the CloudEvent is written once, read back, and never re-serialised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.errors import InvalidAction, Tampered
from domain.upcasts import upcast

EVENT_BYTES_MAX = 65_535
SPECVERSION = "1.0"
CONTENT_TYPE = "application/json"
SCHEMA_BASE = "urn:caseledger:schema:"

ENVELOPE_ATTRIBUTES = (
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "datacontenttype",
    "dataschema",
    "sequence",
    "time",
    "timeprecision",
    "recordedtime",
    "enteredtime",
    "importid",
    "importline",
    "actorid",
    "actorunit",
    "actorrole",
    "recorderid",
    "actionid",
    "actiondigest",
    "correlationid",
)

_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def importid_of(file: str) -> str:
    """The `importid` of the events of a file that `import_opened` names: its digest without `sha256:` or `hmac:`."""
    return file.rpartition(":")[2]


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a value without floats: compact, keys sorted by UTF-16 code units, UTF-8."""
    encoded: bytes = _encode(value)
    if _has_astral(encoded):
        encoded = _utf16_json(value)
    return encoded


def _has_astral(encoded: bytes) -> bool:
    """Whether UTF-16 order of keys can differ from code-point order: only beyond U+FFFF (lead byte ≥ F0)."""
    return not encoded.isascii() and any(lead in encoded for lead in (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4"))


def _utf16_json(value: Any) -> bytes:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return b"{" + b",".join(_encode(key) + b":" + _utf16_json(value[key]) for key in keys) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(_utf16_json(item) for item in value) + b"]"
    return _encode(value)


def decode(raw: bytes) -> dict[str, Any]:
    """Read stored bytes as the present shape of the event (upcast); the bytes themselves are trusted."""
    try:
        event = _decode(raw)
    except msgspec.DecodeError as error:
        raise Tampered("tampered", f"the event's bytes are not JSON: {error}") from None
    return upcast(event)


class Event:
    """An event on its way in or out of the store: the envelope with its payload, and the bytes.

    Satisfies the library's domain event protocol: `originator_id` is the subject and
    `originator_version` the sequence.
    """

    __slots__ = ("attributes", "originator_id", "originator_version", "raw")

    def __init__(self, attributes: Mapping[str, Any], raw: bytes | None = None) -> None:
        self.attributes = attributes
        self.originator_id: str = attributes["subject"]
        self.originator_version = int(attributes["sequence"])
        self.raw = raw

    @property
    def type_name(self) -> str:
        """The stored name of the event's type, `petition.<aggregate>.<past tense>.v<n>`."""
        name: str = self.attributes["type"]
        return name

    @property
    def data(self) -> dict[str, Any]:
        """The payload."""
        payload: dict[str, Any] = self.attributes["data"]
        return payload

    def encode(self) -> bytes:
        """The event's one byte string; written at most once."""
        if self.raw is None:
            raw = canonical(self.attributes)
            if len(raw) > EVENT_BYTES_MAX:
                raise InvalidAction(
                    "too_large",
                    f"{len(raw)} bytes – send long lists as a document",
                    subject=self.originator_id,
                )
            self.raw = raw
        return self.raw

    @classmethod
    def from_bytes(cls, raw: bytes) -> Event:
        """Read an event back; keeps the stored bytes."""
        return cls(decode(raw), raw)
