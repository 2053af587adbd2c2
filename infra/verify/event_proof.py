"""Verifying one event offline: its bytes, a `.tlog-proof` file (C2SP tlog-proof) and the policy."""

from __future__ import annotations

import re
from pathlib import Path

from infra.verify.entry import parse
from infra.verify.hashes import PATH_MAX, hash_of_entry, root_from_path
from infra.verify.layout import ENTRY_MAX, read_given
from infra.verify.note import NOTE_BYTES_MAX, read_signed_checkpoint, strict_base64
from infra.verify.policy import read_policy
from infra.verify.report import Report, VerificationFailed, shown

HEADER = "c2sp.org/tlog-proof@v1"
PROOF_BYTES_MAX = NOTE_BYTES_MAX * 2 + 88_000
"""A note, a path, and an event of 65,535 bytes in base64."""

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


def verify_proof(proof_text: str, event_bytes: bytes, policy_text: str, *, strict_event: bool = True) -> Report:
    """Verify that the log of the policy holds exactly these event bytes at the index the proof names.

    With `strict_event` the bytes must also be one strict JSON event.
    """
    report = Report()
    try:
        policy = read_policy(policy_text)
        index, path, note = _take_apart(proof_text)
        checkpoint = read_signed_checkpoint(note, "proof")
        report.origin, report.size, report.root = shown(checkpoint.origin), checkpoint.size, checkpoint.root.hex()
        verified = policy.verify(checkpoint, "proof")
        report.signed_by = tuple(key.vkey for key in verified.log_keys)
        report.count("signatures", len(verified.log_keys))
        report.count("cosignatures", len(verified.witnessed_at))
        if root_from_path(hash_of_entry(event_bytes), index, checkpoint.size, path) != checkpoint.root:
            raise VerificationFailed(
                "not_included",
                "the proof does not lead from these bytes to the signed root 证明与事件或根不符",
                place="proof",
                index=index,
            )
        report.count("inclusion_proofs")
        if strict_event:
            parse(event_bytes, index)
            report.count("entries")
    except VerificationFailed as failed:
        report.failure = failed.failure
    return report


def verify_proof_files(proof: Path, event: Path | None, policy_text: str) -> Report | None:
    """The same from files, the event from the proof's `extra` line unless given; None where a whole proof carries none.

    A line feed behind the event, as an export has it, is no part of it.
    """
    try:
        text = read_given(proof, PROOF_BYTES_MAX).decode()
        raw = event_in(text) if event is None else read_given(event, ENTRY_MAX + 1).removesuffix(b"\n")
        if raw is None:
            _take_apart(text)
    except VerificationFailed as failed:
        return Report(failure=failed.failure)
    except UnicodeDecodeError:
        return Report(failure=_malformed("not UTF-8").failure)
    return None if raw is None else verify_proof(text, raw, policy_text)


def event_in(proof_text: str) -> bytes | None:
    """The event that the proof file carries in its `extra` line, not yet verified; None where it carries none."""
    for line in proof_text[:PROOF_BYTES_MAX].split("\n")[1:2]:
        if line.startswith("extra "):
            return strict_base64(line[6:])
    return None


def _take_apart(proof: str) -> tuple[int, list[bytes], bytes]:
    if len(proof) > PROOF_BYTES_MAX:
        raise _malformed("too long")
    head, blank, note = proof.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != HEADER:
        raise _malformed("the first line")
    if lines and lines[0].startswith("extra ") and strict_base64(lines.pop(0)[6:]) is None:
        raise _malformed("the extra line")
    found = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if found is None or len(lines) > PATH_MAX:
        raise _malformed("the index line, or too many hashes")
    path = [strict_base64(line) for line in lines]
    hashes = [one for one in path if one is not None and len(one) == 32]
    if len(hashes) != len(lines):
        raise _malformed("a hash")
    try:
        return int(found[1]), hashes, note.encode()
    except UnicodeEncodeError:
        raise _malformed("not UTF-8") from None


def _malformed(reason: str) -> VerificationFailed:
    return VerificationFailed("proof_malformed", f"{reason} 证明格式错误", place="proof")
