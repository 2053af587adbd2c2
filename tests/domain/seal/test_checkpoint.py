"""Checkpoints and notes: the published note is reproduced byte for byte, and only the exact form is read."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.errors import Tampered
from domain.seal.checkpoint import (
    ED25519,
    Checkpoint,
    NoteSigner,
    check_key_name,
    key_id,
    read_checkpoint,
    read_note,
    signed,
    verifier_key,
)
from domain.seal.tree import EMPTY_ROOT, consistency_path, leaf_hashes, root_of

PUBLIC: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "tlog-vectors" / "vectors-public.json").read_text()
)
NOTE: dict[str, Any] = PUBLIC["note"]
ROOT = read_checkpoint(NOTE["checkpoint_body"].encode()).root


def signer() -> NoteSigner:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(NOTE["log_seed"]))
    public = private.public_key().public_bytes_raw()
    return NoteSigner(NOTE["origin"], key_id(NOTE["origin"], ED25519, public), private.sign)


def test_the_published_checkpoint_is_signed_byte_for_byte() -> None:
    note = signed(Checkpoint(NOTE["origin"], 1000, ROOT), [signer()])
    assert NOTE["signed_checkpoint"].encode().startswith(note)


def test_the_published_verifier_key_comes_out() -> None:
    public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(NOTE["log_seed"])).public_key()
    assert verifier_key(NOTE["origin"], ED25519, public.public_bytes_raw()) == NOTE["log_vkey"]


def test_the_published_request_to_a_witness_comes_out_byte_for_byte() -> None:
    """Old size, consistency proof, signed checkpoint: all three are ours."""
    hashes = leaf_hashes([b"case-event/%d" % index for index in range(1000)])
    path = consistency_path(lambda height, at: root_of(hashes[at << height : (at + 1) << height]), 300, 1000)
    lines = ["old 300", *(b64encode(one).decode() for one in path)]
    note = signed(Checkpoint(NOTE["origin"], 1000, root_of(hashes)), [signer()])
    assert "\n".join(lines) + "\n\n" + note.decode() == PUBLIC["add_checkpoint_request"]


def test_a_note_with_cosignatures_is_read_whole() -> None:
    note = read_note(NOTE["signed_checkpoint"].encode())
    assert note.checkpoint == Checkpoint(NOTE["origin"], 1000, ROOT)
    assert [line.name for line in note.signatures] == [NOTE["origin"], "witness.example/w0", "witness.example/w1"]
    assert note.text == NOTE["checkpoint_body"].encode()


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        (b"\n1000\n", b"\n01000\n"),
        (b"\n1000\n", b"\n-1\n"),
        (b"\n1000\n", b"\n1000 \n"),
        (b"\n1000\n", b"\r\n1000\r\n"),
        (b"\n1000\n", b"\n0\n"),
        (b"\n1000\n", b"\n10000000000000000000\n"),
        (b"kw=\n\n", b"kx=\n\n"),
        (b"kw=\n\n", b"kw=\nextension\n\n"),
        (b"kw=\n\n", b"kw=\n\n\n"),
        (b"kw=\n\n", b"kw=\n"),
        (b"kw=\n\n", b"kw\n\n"),
        (b"ledger.example/cases\n1000", b"\n1000"),
        (b"ledger.example/cases\n1000", b"ledger\x07example\n1000"),
        (b"ledger.example/cases\n1000", b"\xff\n1000"),
        ("— ledger".encode(), b"- ledger"),
        ("— ledger".encode(), "—  ledger".encode()),
        (b"/cases PdV", b"/c+ses PdV"),
        (b"SL8KX7Q8=\n", b"SL8KX7Q8\n"),
        (b"SL8KX7Q8=\n", b"SL8KX7Q8=\n\n"),
        (b"SL8KX7Q8=\n", b"SL8KX7Q8= \n"),
        (b"Tks8AA==\n", b"Tks8AA=="),
    ],
)
def test_a_note_in_any_other_spelling_is_refused(found: bytes, instead: bytes) -> None:
    whole = NOTE["signed_checkpoint"].encode()
    assert found in whole
    with pytest.raises(Tampered):
        read_note(whole.replace(found, instead, 1))


def test_a_note_is_bounded_in_length_and_lines() -> None:
    whole = NOTE["signed_checkpoint"].encode()
    line = whole.splitlines(keepends=True)[-1]
    assert len(read_note(whole + line * 61).signatures) == 64
    with pytest.raises(Tampered, match="more than 64"):
        read_note(whole + line * 62)
    with pytest.raises(Tampered, match="longer than"):
        read_note(whole + b"x" * 65_536)


def test_a_root_that_does_not_belong_to_the_size_is_not_signed() -> None:
    for size, root in ((0, ROOT), (5, EMPTY_ROOT), (5, ROOT[:31])):
        with pytest.raises(ValueError, match="another kind of root"):
            signed(Checkpoint("log", size, root), [signer()])
    with pytest.raises(ValueError, match="at least one"):
        signed(Checkpoint("log", 1000, ROOT), [])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb"])
def test_a_key_name_has_neither_spaces_nor_plus(name: str) -> None:
    with pytest.raises(ValueError, match="not a key name"):
        check_key_name(name)
