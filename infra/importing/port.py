"""What an import asks of the ledger: open, progress, record a batch, try a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

from domain.answers import Answer, ImportItem

ImportKind = Literal["history", "live"]

Progress = dict[str, Any]
Conclude = Callable[[Sequence[Answer]], Progress]


class LedgerPort(Protocol):
    """The verbs of an import, implemented by the ledger. `importid` is the SHA-256 of the file in hex."""

    def open_import(
        self,
        importid: str,
        file_digest: str,
        bytes: int,
        kind: ImportKind,
        operator: str,
        recorder_staff: str | None,
        approved_by: str | None,
        reason: str | None,
    ) -> None:
        """Record that the import was opened; a second call for the same file changes nothing."""

    def import_progress(self, importid: str) -> Progress | None:
        """The JSON object that the last committed batch of this import left, or None."""

    def record_import(
        self, batch: Sequence[ImportItem], importid: str, history: bool, conclude: Conclude
    ) -> Sequence[Answer]:
        """Decide every item in order, then call `conclude` with all answers, then commit in ONE transaction:
        the events of every accepted item and the progress that `conclude` returned.

        `conclude` makes the rejects durable before the commit. It may be called again when the transaction is
        tried again. When it raises, nothing of the batch may be recorded. A batch may be empty.

        The commit may still go on when this returns; the next batch begins only when it is durable, and where it
        failed, that call (or `settle`) raises and nothing of either batch is recorded.
        """

    def settle(self) -> None:
        """Wait until the last batch is durable."""

    def try_import(self, batch: Sequence[ImportItem], importid: str, history: bool) -> Sequence[Answer]:
        """Decide every item as if all earlier batches of this trial had been recorded; record nothing."""

    def end_trial(self, importid: str) -> None:
        """Forget what the trial would have recorded."""
