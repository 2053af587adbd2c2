"""The ledger as an import needs it: batches with their account in one transaction, and trials on a copy."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from domain.answers import Answer, Conclude, ImportItem
from domain.ledger import Ledger
from infra.settings import Settings
from infra.sqlite_errors import translated
from infra.wiring import open_ledger

PAGES_PER_STEP = 4_096


class ImportLedger:
    """`infra.importing.port.LedgerPort` over an open ledger; a trial records, so it is made on a copy (`trial_of`)."""

    def __init__(self, ledger: Ledger) -> None:
        self.open_import = ledger.open_import
        self.import_progress = ledger.import_progress
        self.settle = ledger.settle
        self._ledger = ledger

    def record_import(
        self, batch: Sequence[ImportItem], importid: str, history: bool, conclude: Conclude
    ) -> Sequence[Answer]:
        """Record a batch; its commit goes on while the next one is read and prepared."""
        return self._ledger.record_import(batch, importid, history, conclude, beside=True)

    def try_import(self, batch: Sequence[ImportItem], importid: str, history: bool) -> Sequence[Answer]:
        """Decide and record on the copy, so that the next batch of the trial sees it."""
        return self._ledger.record_import(batch, importid, history)

    def end_trial(self, importid: str) -> None:
        """Nothing to forget: the copy is thrown away."""


@contextmanager
def open_imports(settings: Settings) -> Iterator[ImportLedger]:
    """The port over the ledger of the data folder."""
    with open_ledger(settings) as ledger:
        yield ImportLedger(ledger)


@contextmanager
def trial_of(settings: Settings) -> Iterator[Settings]:
    """Settings of a copy of the ledger in a temporary folder, the same keys beside it; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="caseledger-trial-") as folder:
        trial = settings.model_copy(
            update={"data": Path(folder), "keys": settings.key_folder, "store": None, "views": None}
        )
        with translated(), closing(sqlite3.connect(trial.ledger_file)) as copy:
            if settings.store is not None:
                from infra.file_copy import copy_to_file

                copy_to_file(settings.store, copy)
            else:
                with closing(sqlite3.connect(f"file:{settings.ledger_file}?mode=ro", uri=True)) as source:
                    source.backup(copy, pages=PAGES_PER_STEP)
        yield trial
