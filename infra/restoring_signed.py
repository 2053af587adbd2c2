"""Restoring a ledger from what lies outside the office: events of a topic or a log under a checkpoint whose signature holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import takewhile

from consumers.follow import SourceEvent
from consumers.seal import Signed
from domain.errors import NotFound, Tampered
from domain.seal.checkpoint import Checkpoint, read_note
from infra.keys_log import log_origin
from infra.restoring import NewStore, Restored, new_sqlite_store, restore
from infra.seal_history import SealHistory
from infra.sealing import SEALING_FOLDER, sealing_alone
from infra.settings import Settings
from infra.stores import require_driver
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
    settings: Settings,
    events: Iterable[SourceEvent],
    note: bytes,
    signed: Checkpoint,
    on_progress: Callable[[int, int], None] | None = None,
) -> Restored:
    """Make the store anew where there is none, holding exactly the events under the checkpoint.

    The checkpoint is remembered first, so that sealing the restored store must reach exactly its root again.
    """
    under = takewhile(lambda event: event.position <= signed.size, events)
    with _new_store(settings) as store:
        history = SealHistory(settings.data / SEALING_FOLDER)
        if not history.is_begun:
            history.append(Signed(signed.size, signed.size, note))
        return restore(((event.position, event.raw) for event in under), signed, store, on_progress)


@contextmanager
def _new_store(settings: Settings) -> Iterator[NewStore]:
    """The store that the settings name, being filled; raises `not_empty` where a ledger is."""
    if settings.store is None:
        with new_sqlite_store(settings.ledger_file) as file:
            yield file
        return
    require_driver()
    from infra.new_postgres_store import new_postgres_store
    from infra.postgres_address import PostgresAddress

    settings.data.mkdir(parents=True, exist_ok=True)
    with sealing_alone(settings.data), new_postgres_store(PostgresAddress(settings.store)) as database:
        yield database
