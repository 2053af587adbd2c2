"""Checkpoints as C2SP signed notes: the three lines, the signature lines, and the names of keys."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from domain.errors import Tampered
from domain.seal.proof import root_fits_size

ED25519 = 0x01
NOTE_BYTES_MAX = 65_536
SIGNATURES_MAX = 64
SIZE_MAX = 2**63 - 1

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_DASH = "\u2014 "


class NoteSigner(NamedTuple):
    """A named key that can sign: `sign` takes the note text and gives the bare signature bytes."""

    name: str
    key_id: bytes
    sign: Callable[[bytes], bytes]


class SignatureLine(NamedTuple):
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says about itself: its origin, how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        """The signed text, exactly three lines."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n".encode()


class Note(NamedTuple):
    """A signed checkpoint as read: the text is what the signatures cover."""

    checkpoint: Checkpoint
    text: bytes
    signatures: tuple[SignatureLine, ...]


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """The four bytes that, with the name, tell which key made a signature line."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


def verifier_key(name: str, kind: int, public_key: bytes) -> str:
    """The key as people hand it to each other (`vkey`): name, key id, type and public key in one line."""
    packed = b64encode(bytes([kind]) + public_key).decode()
    return f"{name}+{key_id(name, kind, public_key).hex()}+{packed}"


def check_key_name(name: str) -> str:
    """A key name is not empty and has neither spaces nor `+`; `ValueError` otherwise."""
    if not name or "+" in name or any(mark.isspace() or not mark.isprintable() for mark in name):
        raise ValueError(f"not a key name: {name!r}")
    return name


def signed(checkpoint: Checkpoint, signers: Sequence[NoteSigner]) -> bytes:
    """The whole note with one line for each signer; the same input gives the same bytes with Ed25519."""
    if not signers:
        raise ValueError("a checkpoint is signed by at least one key")
    if not root_fits_size(checkpoint.size, checkpoint.root):
        raise ValueError(f"a tree of {checkpoint.size} leaves has another kind of root")
    text = checkpoint.text
    return text + b"\n" + b"".join(signature_line(signer, text) for signer in signers)


def signature_line(signer: NoteSigner, text: bytes) -> bytes:
    """One signature line over a note's text."""
    packed = b64encode(signer.key_id + signer.sign(text)).decode()
    return f"{_DASH}{signer.name} {packed}\n".encode()


def _decode_base64(text: str) -> bytes | None:
    try:
        decoded = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if b64encode(decoded).decode() == text else None


def _malformed(reason: str) -> Tampered:
    return Tampered("checkpoint_malformed", reason)


def read_checkpoint(text: bytes) -> Checkpoint:
    """Read the three lines of a checkpoint; `Tampered` for anything else (extension lines included)."""
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError:
        raise _malformed("not UTF-8") from None
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise _malformed("not exactly three lines")
    if any(ord(mark) < 0x20 for line in lines for mark in line):
        raise _malformed("a control character")
    root = _decode_base64(lines[2])
    if not _DECIMAL.fullmatch(lines[1]) or int(lines[1]) > SIZE_MAX:
        raise _malformed("the size is not a decimal number")
    if root is None or not root_fits_size(int(lines[1]), root):
        raise _malformed("the root is not that of a tree of this size")
    return Checkpoint(lines[0], int(lines[1]), root)


def _read_signature(line: str) -> SignatureLine:
    name, _, packed = line.removeprefix(_DASH).partition(" ")
    signature = _decode_base64(packed)
    if not line.startswith(_DASH) or signature is None or len(signature) < 5:
        raise _malformed("a signature line that cannot be read")
    try:
        return SignatureLine(check_key_name(name), signature[:4], signature[4:])
    except ValueError:
        raise _malformed("a signature line without a proper key name") from None


def read_note(note: bytes) -> Note:
    """Take a signed checkpoint apart without judging its signatures; `Tampered` when it is not one."""
    if len(note) > NOTE_BYTES_MAX:
        raise _malformed(f"longer than {NOTE_BYTES_MAX} bytes")
    text, blank, rest = note.rpartition(b"\n\n")
    if not blank or not rest.endswith(b"\n"):
        raise _malformed("no signature lines")
    try:
        lines = rest.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        raise _malformed("not UTF-8") from None
    if len(lines) > SIGNATURES_MAX:
        raise _malformed(f"more than {SIGNATURES_MAX} signature lines")
    text += b"\n"
    return Note(read_checkpoint(text), text, tuple(_read_signature(line) for line in lines))
