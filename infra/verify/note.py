"""Signed notes read strictly, and the signatures a verifier knows: Ed25519, and both kinds of cosignature."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from infra.verify.hashes import EMPTY_TREE
from infra.verify.report import VerificationFailed

LOG_SIGNATURE = 0x01
COSIGNATURE = 0x04
COSIGNATURE_ML_DSA = 0x06
PUBLIC_KEY_BYTES = {LOG_SIGNATURE: 32, COSIGNATURE: 32, COSIGNATURE_ML_DSA: 1312}
SIGNATURE_BYTES = {LOG_SIGNATURE: 64, COSIGNATURE: 8 + 64, COSIGNATURE_ML_DSA: 8 + 2420}
NOTE_BYTES_MAX = 65_536
LINES_MAX = 64

_NUMBER = re.compile(rb"(0|[1-9][0-9]{0,18})")
_SIGNATURE_LINE = re.compile("\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})")


class Key(NamedTuple):
    """A public key with its name; `key_id` and name together choose it for a signature line."""

    name: str
    key_id: bytes
    kind: int
    public: bytes

    @property
    def vkey(self) -> str:
        """The key as one line."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"


class Line(NamedTuple):
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint note taken apart: `text` is what was signed."""

    origin: str
    size: int
    root: bytes
    text: bytes
    lines: tuple[Line, ...]


def strict_base64(text: str) -> bytes | None:
    """Decode standard base64 with padding in its only canonical spelling."""
    try:
        decoded = b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return decoded if b64encode(decoded).decode() == text else None


def is_key_name(name: str) -> bool:
    """Not empty, no `+`, nothing that Unicode counts as space or control."""
    return bool(name) and "+" not in name and all(mark.isprintable() and not mark.isspace() for mark in name)


def read_key(vkey: str) -> Key:
    """Read a `vkey` line; fails with `bad_key` unless the key id follows from the rest."""
    name, _, rest = vkey.partition("+")
    identity, _, packed = rest.partition("+")
    blob = strict_base64(packed)
    if not is_key_name(name) or not re.fullmatch(r"[0-9a-f]{8}", identity) or not blob:
        raise VerificationFailed("bad_key", "not a verifier key 公钥格式错误", place=vkey[:80])
    key = Key(name, bytes.fromhex(identity), blob[0], blob[1:])
    if len(key.public) != PUBLIC_KEY_BYTES.get(key.kind, -1):
        raise VerificationFailed("bad_key", "unknown type of key 未知的密钥类型", place=vkey[:80])
    if sha256(name.encode() + b"\n" + blob).digest()[:4] != key.key_id:
        raise VerificationFailed("bad_key", "the key id does not belong to the key 密钥标识不符", place=vkey[:80])
    return key


def read_signed_checkpoint(note: bytes, place: str) -> SignedCheckpoint:
    """Take a note apart; anything but the exact form fails with `checkpoint_malformed`."""
    if len(note) > NOTE_BYTES_MAX:
        raise _malformed(place, "too long")
    end = note.rfind(b"\n\n")
    if end < 0 or note[-1:] != b"\n":
        raise _malformed(place, "no signatures")
    text, tail = note[: end + 1], note[end + 2 : -1]
    rows = text[:-1].split(b"\n")
    if len(rows) != 3 or any(byte < 0x20 for row in rows for byte in row):
        raise _malformed(place, "not three lines of text")
    try:
        origin, root_text, tail_rows = rows[0].decode(), rows[2].decode(), tail.decode().split("\n")
    except UnicodeDecodeError:
        raise _malformed(place, "not UTF-8") from None
    root = strict_base64(root_text)
    if not origin or not _NUMBER.fullmatch(rows[1]) or root is None or len(root) != 32:
        raise _malformed(place, "origin, size or root")
    size = int(rows[1])
    if (size == 0) != (root == EMPTY_TREE):
        raise _malformed(place, "the root does not belong to the size")
    if len(tail_rows) > LINES_MAX:
        raise _malformed(place, "too many signatures")
    return SignedCheckpoint(origin, size, root, text, tuple(_read_line(row, place) for row in tail_rows))


def _read_line(row: str, place: str) -> Line:
    found = _SIGNATURE_LINE.fullmatch(row)
    blob = strict_base64(found[2]) if found else None
    if found is None or blob is None or len(blob) < 5 or not is_key_name(found[1]):
        raise _malformed(place, "a signature line")
    return Line(found[1], blob[:4], blob[4:])


def _malformed(place: str, reason: str) -> VerificationFailed:
    return VerificationFailed("checkpoint_malformed", f"{reason} 检查点格式错误", place=place)


def cosigned_at(line: Line) -> int:
    """The POSIX seconds in a cosignature."""
    return int.from_bytes(line.signature[:8], "big")


def signature_holds(key: Key, line: Line, checkpoint: SignedCheckpoint) -> bool:
    """Whether the line is this key's signature over this checkpoint."""
    if len(line.signature) != SIGNATURE_BYTES[key.kind]:
        return False
    if key.kind == COSIGNATURE_ML_DSA:
        return _ml_dsa_holds(key, line, checkpoint)
    if key.kind == COSIGNATURE:
        message = f"cosignature/v1\ntime {cosigned_at(line)}\n".encode() + checkpoint.text
    else:
        message = checkpoint.text
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(line.signature[-64:], message)
    except (InvalidSignature, ValueError):
        return False
    return True


def ml_dsa_message(key: Key, line: Line, checkpoint: SignedCheckpoint) -> bytes:
    """What an ML-DSA-44 cosigner signs: its name, the time, the origin, the whole tree and its root."""
    name, origin = key.name.encode(), checkpoint.origin.encode()
    if len(name) > 255 or len(origin) > 255:
        raise VerificationFailed("bad_key", "a name of more than 255 bytes 名称过长", place=key.name[:80])
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(name)]) + name,
            line.signature[:8],
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big") + checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _ml_dsa_holds(key: Key, line: Line, checkpoint: SignedCheckpoint) -> bool:
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

        public = MLDSA44PublicKey.from_public_bytes(key.public)
        public.verify(line.signature[8:], ml_dsa_message(key, line, checkpoint))
    except (ImportError, UnsupportedAlgorithm):
        raise VerificationFailed(
            "algorithm_missing",
            "the policy names an ML-DSA-44 witness, which this `cryptography` cannot check 缺少算法支持",
            place=key.name,
        ) from None
    except (InvalidSignature, ValueError):
        return False
    return True
