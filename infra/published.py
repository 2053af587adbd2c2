"""The published log against what the sealer remembers: is it the one that was signed last, by this log's key?"""

from __future__ import annotations

from pathlib import Path

from consumers.seal import is_ours
from domain.errors import Tampered, Unavailable
from domain.seal.checkpoint import read_note
from infra.keys_log import load_signers, log_origin
from infra.seal_history import SealHistory
from infra.sealing import LOG_FOLDER, SEALING_FOLDER
from infra.tile_store import TileStore


def check_published(data: Path, keys: Path, source: str) -> None:
    """Raise `Tampered` where the published log is not the one that was signed last: gone, put back, or another's.

    The last signed checkpoint may not be published yet, where a sealer died. Without the key, which need not lie
    where questions are asked, the signature is not judged.
    """
    log = data / LOG_FOLDER
    note = TileStore(log, data / SEALING_FOLDER).checkpoint()
    signed = [read_note(one.note).checkpoint for one in SealHistory(data / SEALING_FOLDER).last()]
    if note is None:
        if signed:
            raise Tampered("log_put_back", f"{log} holds 0 of {signed[-1].size} signed entries")
        return
    published = read_note(note)
    size, root = published.checkpoint.size, published.checkpoint.root
    if size < max((one.size for one in signed[:-1]), default=0):
        raise Tampered("log_put_back", f"{log} holds {size} of {signed[-1].size} signed entries")
    if any(one.size == size and one.root != root for one in signed):
        raise Tampered("double_signed", f"{log / 'checkpoint'}, size {size}")
    try:
        signers = load_signers(keys, log_origin(source))
    except Unavailable:
        return
    if not is_ours(published, note, log_origin(source), signers):
        raise Tampered("checkpoint_not_ours", str(log / "checkpoint"))
