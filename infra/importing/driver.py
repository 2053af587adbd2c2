"""The import itself: records in batches to the ledger, rejects to their file, and an account that always adds up.

A record that gives several actions is accepted when all of them were taken. When the ledger refuses one, the
record is rejected with that refusal; the others that the ledger could record stay recorded, for each of them
is a fact of its own, and the corrected record can be imported in a file of its own without repeating them.
A finished import is finished: the same file is answered from its account, and no record is decided again.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from domain.answers import Answer, ImportItem
from infra.importing.account import Account, ranges_of
from infra.importing.port import ImportKind, LedgerPort, Progress
from infra.importing.problems import ImportFault, RowProblem
from infra.importing.records import Outcome
from infra.importing.rejects import RejectsFile, error_of, naming_value, reject_line
from infra.importing.sources import ImportSource

BATCH_ACTIONS_MAX: Final = 1_000
COLLECT_EVERY_OBJECTS: Final = 100_000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How an import is to be recorded. `rejects` may be left out only of a dry run."""

    kind: ImportKind
    operator: str
    rejects: Path | None
    recorder_staff: str | None = None
    approved_by: str | None = None
    reason: str | None = None
    dry_run: bool = False
    batch_actions: int = BATCH_ACTIONS_MAX
    keyed_digest: Callable[[Path], str | None] | None = None
    """`hmac:` of a file under the discipline key, or None where the key is not here."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far an import is, after each batch."""

    rows: int
    rejected: int
    bytes_read: int
    size_bytes: int


OnProgress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of an import; `accepted_new + already_there + rejected == read` counts rows, lines or traces.

    `stopped` is the error object of a file that broke off. `resumed_at` is the record with which an
    interrupted import went on; its counts cover the whole file, not only this run. `finished_before` says that an
    import of this file was finished before, and that its account answered.
    """

    importid: str
    file: str
    kind: str
    dry_run: bool
    encoding: str | None
    read: int
    accepted_new: int
    already_there: int
    rejected: int
    actions_new: int
    actions_already: int
    actions_refused: int
    rejects: str | None
    resumed_at: int | None
    stopped: dict[str, Any] | None
    finished_before: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every record of the file is in the ledger."""
        return self.rejected == 0 and self.stopped is None

    def to_json(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return asdict(self)


class _Entry(NamedTuple):
    """One record of a batch, or the piece of a long one that fits in."""

    line: int
    raw: str | bytes
    problem: RowProblem | None
    actions_count: int
    is_last_piece: bool


class _Run:
    """One import under way: the committed account and the batch that is being filled."""

    def __init__(
        self,
        source: ImportSource,
        ledger: LedgerPort,
        options: ImportOptions,
        on_progress: OnProgress | None,
    ) -> None:
        self.source = source
        self.ledger = ledger
        self.options = options
        self.file_digest = _name_of(source, options)
        self.importid = self.file_digest.partition(":")[2]
        self.rejects = RejectsFile(options.rejects) if options.rejects is not None else None
        self.account = Account(run=_run_name(source, options))
        self.resumed_at: int | None = None
        self.finished_before = False
        kept = ledger.import_progress(self.importid) or {}
        self._accounts = {run: one for run, one in kept.items() if Account.from_json(one) is not None}
        self._on_progress = on_progress
        self._entries: list[_Entry] = []
        self._items: list[ImportItem] = []
        self._sum = hashlib.sha256()
        self._concluded = (self.account, self._sum)

    def open(self) -> None:
        """Go on where an interrupted run of the same import stopped, or begin anew; a finished one is answered."""
        options, stored = self.options, Account.from_json(self._accounts.get(self.account.run))
        if self.rejects is not None:
            self.rejects.open()
        if stored is not None and stored.ended:
            self._answer_again(stored)
            return
        if options.dry_run:
            return
        if stored is not None and self._fits(stored):
            self.account, self.resumed_at = stored, stored.next_line
        if options.rejects is not None:
            self.account.rejects = str(options.rejects.absolute())
        self.ledger.open_import(
            self.importid,
            self.file_digest,
            self.source.size_bytes,
            options.kind,
            options.operator,
            options.recorder_staff,
            options.approved_by,
            options.reason,
        )

    def _fits(self, stored: Account) -> bool:
        """Whether the rejects file holds what was committed, here or where it was; if not, the run begins anew."""
        if self.rejects is None:
            return False
        summed = self.rejects.take_over(Path(stored.rejects), stored.rejects_bytes, stored.rejects_sum)
        if summed is None:
            return False
        self._sum = summed
        return True

    def _answer_again(self, stored: Account) -> None:
        """Tell of a finished import: the same counts and refusals; nothing is decided, nothing recorded.

        Where its rejects file is gone, records that cannot be read say why, and those that the ledger refused say
        that it did.
        """
        self.finished_before = True
        if self.rejects is not None:
            if self._fits(stored):
                self.rejects.write_after(stored.rejects_bytes, ())
            else:
                self._reject_again(stored)
        self.account = stored.told_again()
        if self._on_progress is not None:
            self._on_progress(self.step())

    def _reject_again(self, stored: Account) -> None:
        assert self.rejects is not None
        refused = set(chain.from_iterable(range(first, last + 1) for first, last in stored.refused))
        size = 0
        with closing(self.outcomes()) as outcomes:
            rejected = (_told_again(outcome) for outcome in outcomes if outcome.line in refused)
            while lines := list(islice(rejected, BATCH_ACTIONS_MAX)):
                size = self.rejects.write_after(size, lines)

    def outcomes(self) -> Generator[Outcome, None, None]:
        """The rest of the file; where it breaks off, one last problem in the place of the record."""
        last = self.account.next_line - 1
        try:
            with closing(self.source.outcomes(from_number=self.account.next_line)) as outcomes:
                for outcome in outcomes:
                    last = outcome.line
                    yield outcome
        except ImportFault as fault:
            if self.account.stopped is not None:  # it is counted already
                return
            self.account.stopped = fault.to_json()
            yield RowProblem(last + 1, fault.field, fault.code, fault.detail, "")
        except OSError as error:
            raise ImportFault("unreadable_file", f"{self.source.path}: {error.strerror}") from error

    def take(self, outcome: Outcome) -> None:
        """Add a record to the batch; full batches are committed on the way."""
        if isinstance(outcome, RowProblem):
            self._entries.append(_Entry(outcome.line, outcome.raw, outcome, 0, is_last_piece=True))
        elif len(outcome.actions) == 1 and not self.account.next_part:  # every line of an action file
            self._entries.append(_Entry(outcome.line, outcome.raw, None, 1, True))
            self._items.append(ImportItem(outcome.line, outcome.actions[0]))
        else:
            begin = self.account.next_part if outcome.line == self.account.next_line else 0
            size = self.options.batch_actions
            if self._items and len(self._items) + len(outcome.actions) - begin > size:
                self.flush()
            for start in range(begin, len(outcome.actions), size):
                piece = outcome.actions[start : start + size]
                is_last = start + size >= len(outcome.actions)
                self._entries.append(_Entry(outcome.line, outcome.raw, None, len(piece), is_last))
                self._items += [ImportItem(outcome.line, action, part) for part, action in enumerate(piece, start)]
                if not is_last:
                    self.flush()
        if len(self._items) >= self.options.batch_actions or len(self._entries) >= self.options.batch_actions:
            self.flush()

    def flush(self, *, ended: bool = False) -> None:
        """Commit the batch: rejects durable first, then events and account in one transaction."""
        items, importid = self._items, self.importid
        history = self.options.kind == "history"

        def conclude(answers: Sequence[Answer]) -> Progress:
            return self._conclude(answers, ended=ended)

        if self.options.dry_run:
            conclude(self.ledger.try_import(items, importid, history) if items else ())
        else:
            self.ledger.record_import(items, importid, history, conclude)
        self.account, self._sum = self._concluded
        self._entries, self._items = [], []
        if self._on_progress is not None:
            self._on_progress(self.step())

    def _conclude(self, answers: Sequence[Answer], *, ended: bool) -> Progress:
        """The account after this batch. Starts from the committed one, so that a second call gives the same."""
        if len(answers) != len(self._items):
            raise ValueError(f"{len(answers)} answers to {len(self._items)} actions")
        account, lines = copy(self.account), []
        replies = zip(self._items, answers, strict=True)
        refused: ImportItem | None = None
        for entry in self._entries:
            if entry.problem is not None:
                account.open_error = error_of(entry.problem)
            for item, reply in islice(replies, entry.actions_count):
                if reply.error is not None and account.open_error is None:
                    refused = item
                account.take_answer(reply)
            if not entry.is_last_piece:
                account.next_line = entry.line
                continue
            error = account.finish_record(entry.line)
            if error is not None:
                named = error if refused is None else naming_value(error, refused.payload)
                lines.append(reject_line(entry.line, named, entry.raw))
                refused = None
        summed = self._sum.copy()
        for line in lines:
            summed.update(line)
        if self.rejects is not None:
            account.rejects_bytes = self.rejects.write_after(self.account.rejects_bytes, lines)
            if ended:
                account.refused = ranges_of(self.rejects.numbers())
        account.rejects_sum, account.ended = summed.hexdigest(), ended
        self._concluded = (account, summed)
        return {**self._accounts, account.run: account.to_json()}

    def step(self) -> Step:
        """Where the import is now."""
        account = self.account
        return Step(account.read, account.rejected, self.source.bytes_read, self.source.size_bytes)

    def report(self) -> Report:
        """The account as it is shown at the end."""
        account, options = self.account, self.options
        return Report(
            importid=self.importid,
            file=self.source.path.name,
            kind=options.kind,
            dry_run=options.dry_run,
            encoding=self.source.encoding,
            read=account.read,
            accepted_new=account.accepted_new,
            already_there=account.already_there,
            rejected=account.rejected,
            actions_new=account.actions_new,
            actions_already=account.actions_already,
            actions_refused=account.actions_refused,
            rejects=str(options.rejects) if options.rejects is not None else None,
            resumed_at=self.resumed_at,
            stopped=account.stopped,
            finished_before=self.finished_before,
        )


def run_import(
    source: ImportSource,
    ledger: LedgerPort,
    options: ImportOptions,
    on_progress: OnProgress | None = None,
) -> Report:
    """Import one file; the same file again changes nothing, an interrupted one goes on where it stopped.

    Raises `ImportFault` when nothing can be read or written; what the ledger raises (locked, disk full) comes
    through after the last committed batch, and the next run goes on from there.
    """
    if options.rejects is None and not options.dry_run:
        raise ImportFault("unreadable_file", "name a file for the rejects", field="rejects")
    run = _Run(source, ledger, options, on_progress)
    try:
        run.open()
        if run.finished_before:
            return run.report()
        with rare_collections(), closing(run.outcomes()) as outcomes:
            for outcome in outcomes:
                run.take(outcome)
        run.flush(ended=True)
    finally:
        try:
            ledger.settle()
        finally:
            if run.rejects is not None:
                run.rejects.close()
            if options.dry_run:
                ledger.end_trial(run.importid)
    return run.report()


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the cycle collector look less often while hundreds of thousands of short-lived dicts come and go.

    Measured: a fifth of the time of an import went into collections that found nothing.
    """
    former = gc.get_threshold()
    gc.set_threshold(COLLECT_EVERY_OBJECTS, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*former)


def _told_again(outcome: Outcome) -> bytes:
    """The reject of a record whose own reject is gone."""
    lost = RowProblem(outcome.line, None, "refused_before", "", outcome.raw)
    return reject_line(outcome.line, error_of(outcome if isinstance(outcome, RowProblem) else lost), outcome.raw)


def _name_of(source: ImportSource, options: ImportOptions) -> str:
    """What `import_opened` calls the file: its digest, keyed where it may hold a restricted petition."""
    keyed = options.keyed_digest(source.path) if source.may_be_restricted and options.keyed_digest else None
    return keyed or f"sha256:{source.digest}"


def _run_name(source: ImportSource, options: ImportOptions) -> str:
    """What must be the same for an account to be this import's: the reading and the kind."""
    return hashlib.sha256(f"{source.fingerprint}\n{options.kind}".encode()).hexdigest()
