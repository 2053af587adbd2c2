"""Signatures, policies and single-event proofs against the published vectors, and every way they fail."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from infra.verify import verify_proof
from infra.verify.hashes import hash_of_entry, hash_of_pair, merkle_root, root_from_path
from infra.verify.note import (
    COSIGNATURE_ML_DSA,
    Line,
    ml_dsa_message,
    read_key,
    read_signed_checkpoint,
    signature_holds,
)
from infra.verify.policy import Policy, Verified, read_policy
from infra.verify.report import VerificationFailed

VECTORS = Path(__file__).parents[2] / "data" / "tlog-vectors"
PUBLIC: dict[str, Any] = json.loads((VECTORS / "vectors-public.json").read_text())
NOTE = PUBLIC["note"]
SIGNED: str = NOTE["signed_checkpoint"]
LOG, W0, W1 = NOTE["log_vkey"], NOTE["witnesses"][0]["vkey"], NOTE["witnesses"][1]["vkey"]
WPQ = PUBLIC["mldsa44_cosignature"]
PROOF: str = PUBLIC["tlog_proof"]["text"]
LEAF = PUBLIC["tlog_proof"]["leaf"].encode()
WITNESSED = f"log {LOG}\nwitness a {W0}\nwitness b {W1}\ngroup both all a b\nquorum both\n"
PLAIN = f"log {LOG}\nquorum none\n"


def verify(note: str, policy: str) -> Verified:
    return read_policy(policy).verify(read_signed_checkpoint(note.encode(), "note"), "note")


def refused(note: str, policy: str) -> str:
    with pytest.raises(VerificationFailed) as failed:
        verify(note, policy)
    return failed.value.failure.code


def test_every_root_and_proof_of_the_vectors_verifies_with_the_verifiers_own_code() -> None:
    hashes = [hash_of_entry(b"case-event/%d" % index) for index in range(70_000)]
    for size, root in PUBLIC["roots"].items():
        assert merkle_root(hashes[: int(size)]).hex() == root
    for vector in PUBLIC["inclusion"]:
        path = [bytes.fromhex(one) for one in vector["proof"]]
        found = root_from_path(bytes.fromhex(vector["leaf_hash"]), vector["index"], vector["size"], path)
        assert found is not None
        assert found.hex() == vector["root"]


def test_the_published_inclusion_probes_are_judged_as_published_by_the_verifier() -> None:
    from base64 import b64decode

    probes = json.loads((VECTORS / "merkle-inclusion.json").read_text())
    for probe in probes:
        path = [b64decode(one) for one in probe["proof"] or []]
        leaf, root = b64decode(probe["leafHash"] or ""), b64decode(probe["root"] or "")
        found = root_from_path(leaf, probe["leafIdx"], probe["treeSize"], path)
        assert (found is not None and found == root) != probe["wantErr"], probe["case"]
    assert hash_of_pair(b"a", b"b") != hash_of_pair(b"b", b"a")


def test_the_published_example_note_of_the_specification_verifies() -> None:
    key = read_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    assert (key.name, key.key_id.hex(), key.kind) == ("example.com/foo", "530d903a", 1)
    assert key.vkey.startswith("example.com/foo+530d903a+AekyeRrm")


def test_the_published_checkpoint_meets_a_quorum_of_both_witnesses() -> None:
    verified = verify(SIGNED, WITNESSED)
    assert [key.vkey for key in verified.log_keys] == [LOG]
    assert verified.witnessed_at == {"a": 1767225600, "b": 1767225601}
    policy = read_policy(WITNESSED)
    assert policy.witness_time(verified.witnessed_at) == 1767225600
    assert read_policy(WITNESSED.replace("all", "any")).witness_time(verified.witnessed_at) == 1767225601


def test_the_published_ml_dsa_cosignature_verifies_and_an_altered_one_does_not() -> None:
    policy = f"log {LOG}\nwitness pq {WPQ['vkey']}\nquorum pq\n"
    note = SIGNED + WPQ["line"].rstrip("\n") + "\n"
    assert verify(note, policy).witnessed_at == {"pq": WPQ["timestamp"]}
    checkpoint = read_signed_checkpoint(note.encode(), "note")
    key = read_key(WPQ["vkey"])
    line = next(line for line in checkpoint.lines if line.name == key.name)
    assert ml_dsa_message(key, line, checkpoint).hex() == WPQ["signed_message_hex"]
    for at in (0, 7, 8, 100, len(line.signature) - 1):
        changed = bytearray(line.signature)
        changed[at] ^= 1
        assert not signature_holds(key, Line(key.name, key.key_id, bytes(changed)), checkpoint)
    own = MLDSA44PrivateKey.from_seed_bytes(bytes.fromhex(WPQ["seed"]))
    assert own.public_key().public_bytes_raw() == key.public
    assert key.kind == COSIGNATURE_ML_DSA


def test_a_quorum_that_is_not_met_is_refused() -> None:
    one_line = "".join(SIGNED.splitlines(keepends=True)[:-1])
    assert refused(one_line, WITNESSED) == "quorum_not_met"
    assert verify(one_line, WITNESSED.replace("all", "1")).witnessed_at == {"a": 1767225600}
    twice = one_line + one_line.splitlines(keepends=True)[-1]
    assert refused(twice, WITNESSED) == "quorum_not_met"


def test_a_known_key_with_a_wrong_signature_rejects_the_whole_note() -> None:
    lines = SIGNED.splitlines(keepends=True)
    swapped = "".join([*lines[:4], lines[4], lines[5].replace("8GXM", "8GXN"), lines[6]])
    assert refused(swapped, WITNESSED) == "bad_signature"
    assert verify(swapped, PLAIN).witnessed_at == {}


def test_unknown_lines_are_ignored_and_do_not_count() -> None:
    stranger = "— someone.example AAAAAAAAAAAA\n"
    assert verify(SIGNED + stranger, WITNESSED).witnessed_at
    text = "".join(SIGNED.splitlines(keepends=True)[:4])
    assert refused(text + stranger, PLAIN) == "no_known_signature"


def test_a_log_of_another_origin_is_refused_though_a_known_key_signed() -> None:
    other = PUBLIC["note"]["witnesses"][0]["vkey"]
    assert refused(SIGNED, f"witness w {other}\nlog {other_log_key()}\nquorum none\n") == "unknown_origin"


def other_log_key() -> str:
    from hashlib import sha256

    packed = bytes([1]) + bytes(32)
    identity = sha256(b"other.example\n" + packed).digest()[:4].hex()
    return f"other.example+{identity}+{b64encode(packed).decode()}"


def test_every_single_bit_flip_of_a_note_is_refused() -> None:
    note = SIGNED.encode()
    policy: Policy = read_policy(WITNESSED)
    for at in range(len(note) * 8):
        changed = bytearray(note)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(VerificationFailed):
            policy.verify(read_signed_checkpoint(bytes(changed), "note"), "note")


def test_the_published_proof_file_verifies() -> None:
    report = verify_proof(PROOF, LEAF, WITNESSED, strict_event=False)
    assert report.ok, report.failure
    assert report.checked == {"signatures": 1, "cosignatures": 2, "inclusion_proofs": 1}
    strict = verify_proof(PROOF, LEAF, WITNESSED)
    assert strict.failure is not None
    assert strict.failure.code == "not_strict_json"
    extra = PROOF.replace("@v1\n", "@v1\nextra YWJj\n")
    assert verify_proof(extra, LEAF, WITNESSED, strict_event=False).ok


def test_every_single_bit_flip_of_a_proof_file_or_its_event_is_refused() -> None:
    content = PROOF.encode()
    for at in range(len(content) * 8):
        changed = bytearray(content)
        changed[at // 8] ^= 1 << at % 8
        text = changed.decode("utf-8", "surrogateescape")
        assert not verify_proof(text, LEAF, WITNESSED, strict_event=False).ok, at
    for at in range(len(LEAF) * 8):
        leaf = bytearray(LEAF)
        leaf[at // 8] ^= 1 << at % 8
        assert not verify_proof(PROOF, bytes(leaf), WITNESSED, strict_event=False).ok, at


def test_a_proof_that_is_too_long_is_not_even_taken_apart() -> None:
    report = verify_proof(PROOF + "x" * 400_000, LEAF, WITNESSED, strict_event=False)
    assert report.failure is not None
    assert (report.failure.code, "too long" in report.failure.message) == ("proof_malformed", True)


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ("index 300", "index 301"),
        ("index 300", "index 0300"),
        ("index 300", "index 1300"),
        ("index 300\n", ""),
        ("@v1", "@v2"),
        ("@v1\n", "@v1\nextra !\n"),
        ("@v1\n", "@v1\nextra YWJj\nextra YWJj\n"),
        ("index 300\n", "index 300\r\n"),
        ("\n\nledger", "\nledger"),
        ("cYU4pyiSV434tFhVjvQJUlTmzNTHKoAZ1H9ly7SqAcc=\n", ""),
        ("cYU4pyiSV434tFhVjvQJUlTmzNTHKoAZ1H9ly7SqAcc=\n", "cYU4\n"),
        ("I/9BVtbicGn0vlTgva44S2xTqAdGzTi+6h1eoMb7HT4=\n", "I/9BVtbicGn0vlTgva44S2xTqAdGzTi+6h1eoMb7HT4=\n" * 60),
    ],
)
def test_a_proof_in_any_other_spelling_is_refused(found: str, instead: str) -> None:
    assert found in PROOF
    assert not verify_proof(PROOF.replace(found, instead, 1), LEAF, WITNESSED, strict_event=False).ok


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "quorum none\n",
        f"log {LOG}\n",
        f"log {LOG}\nquorum none\nquorum none\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"log {W0}\nquorum none\n",
        f"log {LOG}\nwitness a {LOG}\nquorum a\n",
        f"log {LOG}\nwitness a {W0}\nwitness a {W1}\nquorum a\n",
        f"log {LOG}\nwitness a {W0}\nwitness b {W0}\nquorum a\n",
        f"log {LOG}\nwitness none {W0}\nquorum none\n",
        f"log {LOG}\nquorum a\nwitness a {W0}\n",
        f"log {LOG}\ngroup g any a\nwitness a {W0}\nquorum g\n",
        f"log {LOG}\nwitness a {W0}\ngroup g any\nquorum g\n",
        f"log {LOG}\nwitness a {W0}\ngroup g 2 a\nquorum g\n",
        f"log {LOG}\nwitness a {W0}\ngroup g 0 a\nquorum g\n",
        f"log {LOG}\nwitness a {W0}\ngroup g 01 a\nquorum g\n",
        f"log {LOG}\nwitness a {W0}\ngroup g {'9' * 5000} a\nquorum g\n",
        f"log {LOG}\nwitness a {W0}\ngroup g \u0661 a\nquorum g\n",
        f"log {LOG}\nwitness a {W0}\ngroup g any a a\nquorum g\n",
        f"log {LOG}\nwitness a {W0}\ngroup g any a\ngroup h any a g\nquorum h\n",
        f"log {LOG}\nwitness a {W0}\ngroup g any none\nquorum g\n",
        f"log {LOG} url more\nquorum none\n",
        f"log {LOG}\r\nquorum none\n",
        f"log {LOG[:-2]}\nquorum none\n",
        f"log {LOG.replace('3dd57143', '3dd57144')}\nquorum none\n",
        f"log {LOG.replace('3dd57143', '3DD57143')}\nquorum none\n",
        f"trust {LOG}\nquorum none\n",
    ],
)
def test_a_policy_that_does_not_say_exactly_whom_to_trust_is_refused(policy: str) -> None:
    with pytest.raises(VerificationFailed) as failed:
        read_policy(policy)
    assert failed.value.failure.code in {"bad_policy", "bad_key"}


def test_a_policy_may_have_comments_blank_lines_tabs_urls_and_nested_groups() -> None:
    text = f"# 审计\n\n \tlog\t{LOG} https://log.example/\t\n witness a {W0} url\nwitness b {W1}\n"
    text += "group g 1 a\ngroup h all g b\nquorum h"
    policy = read_policy(text)
    assert policy.is_met({"a", "b"})
    assert not policy.is_met({"a"})
    assert verify(SIGNED, text).witnessed_at
