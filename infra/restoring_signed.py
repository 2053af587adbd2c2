"""Restoring a ledger from what lies outside the office: events of a topic or a log under a checkpoint whose signature holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path

from consumers.follow import SourceEvent
from consumers.seal import Signed
from domain.errors import NotFound, Tampered
from domain.seal.checkpoint import Checkpoint, read_note
from infra.keys_log import log_origin
from infra.restoring import Restored, new_sqlite_store, refuse_if_there, restore
from infra.seal_history import SealHistory
from infra.sealing import SEALING_FOLDER
from infra.verify.note import read_signed_checkpoint
from infra.verify.policy import read_policy
from infra.verify.report import VerificationFailed


def trusted(note: bytes | None, policy: str, source: str) -> Checkpoint:
    """The checkpoint of a note, after the policy was satisfied; `Tampered` with the verifier's words otherwise."""
    if note is None:
        raise NotFound(
            "no_log", "no signed checkpoint is there: nothing says which events are the ledger's; 没有签名的检查点"
        )
    try:
        read_policy(policy).verify(read_signed_checkpoint(note, "checkpoint"), "checkpoint")
    except VerificationFailed as failed:
        raise Tampered("checkpoint_not_ours", f"{failed}; 检查点未通过核验") from None
    checkpoint = read_note(note).checkpoint
    if checkpoint.origin != log_origin(source):
        raise Tampered("checkpoint_not_ours", f"it is of {checkpoint.origin}, not of {log_origin(source)}")
    return checkpoint


def restore_signed(
    data: Path,
    events: Iterable[SourceEvent],
    note: bytes,
    signed: Checkpoint,
    on_progress: Callable[[int, int], None] | None = None,
) -> Restored:
    """Make `ledger.db` in a folder without one, holding exactly the events under the checkpoint.

    The checkpoint is remembered first, so that sealing the restored store must reach exactly its root again.
    """
    ledger_file = data / "ledger.db"
    refuse_if_there(ledger_file)
    under = takewhile(lambda event: event.position <= signed.size, events)
    with new_sqlite_store(ledger_file) as store:
        history = SealHistory(data / SEALING_FOLDER)
        if not history.is_begun:
            history.append(Signed(signed.size, signed.size, note))
        return restore(((event.position, event.raw) for event in under), signed, store, on_progress)
