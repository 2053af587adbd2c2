"""The ledger application: prepare, decide inside the write section, stamp, encode, record, answer.

The only file that knows `eventsourcing.application`. What a batch decides is recorded in one transaction;
each action in it stands or is refused by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol, cast

from eventsourcing.application import Application

from domain.answers import Answer, Conclude, ImportItem, ImportMark, Submission
from domain.asof import parse_instant
from domain.desk import Cache, IndexReader, SectionDesk, Tagger
from domain.errors import Conflict, InvalidAction, LedgerError, Tampered, Unavailable
from domain.event import Event, canonical
from domain.guards import keep
from domain.index import ActionRow, index_rows
from domain.reading import Prepared, digest_of, prepare, subject_named
from domain.register import ImportOpened
from domain.snapshot import is_due, shape_of, take
from domain.writing import common_attributes, envelope_of, written

AHEAD_MAX = timedelta(minutes=5)
BEHIND_MAX = timedelta(seconds=5)
ACTIONS_PER_PART = 100
EVENTS_PER_INSERT = 100
"""Few enough that what was prepared is still in the processor's cache when it is decided, and then when it is inserted."""

Part = list[tuple[Submission, Prepared | LedgerError]]
"""Some actions of a batch, read and validated."""


class WriteSection(IndexReader, Protocol):
    """A write section of the store: its look-ups answer as of the lock."""

    def events_at(self, position: int, count: int) -> list[Event]: ...
    def save_progress(self, importid: str, progress: dict[str, Any]) -> None: ...


class SectionRecorder(Protocol):
    """What the ledger needs of its recorder beyond the library's interface."""

    def write_section(self, *, beside: bool = False) -> AbstractContextManager[WriteSection]: ...
    def settle(self) -> None: ...
    def import_progress(self, importid: str) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the composition root hands in: names, time, identity and keys."""

    source: str
    recorder: str
    now: Callable[[], datetime]
    new_id: Callable[[datetime], str]
    tagger: Tagger

    @property
    def region(self) -> str:
        """The six digits that begin the source."""
        return self.source.lstrip("/")[:6]


class _Batch:
    """The decided events of one write section, in ledger order, that are not inserted yet."""

    def __init__(self, stamp: str) -> None:
        self.clear()
        self.surely_past = _two_days_before(stamp[:10])

    def clear(self) -> None:
        """Nothing is waiting to be inserted."""
        self.events: list[Event] = []
        self.actions: list[ActionRow] = []
        self.snapshots: dict[str, tuple[int, str, bytes]] = {}


class Ledger(Application[str]):
    """Records actions. Safe for many threads and processes: the store's write section is the only door."""

    name = "caseledger"

    def __init__(self, surroundings: Surroundings, env: Mapping[str, str]) -> None:
        super().__init__(dict(env))
        self.surroundings = surroundings
        self._cache = Cache()

    @property
    def store(self) -> SectionRecorder:
        """The recorder, by the interface that the ledger needs."""
        return cast(SectionRecorder, self.recorder)

    # the verbs

    def act(self, payload: bytes | dict[str, Any]) -> Answer:
        """Record one live action and answer when it is durable."""
        return self.record([Submission(payload)])[0]

    def record(
        self,
        submissions: Sequence[Submission],
        *,
        system: bool = False,
        conclude: tuple[str, Conclude] | None = None,
        beside: bool = False,
    ) -> list[Answer]:
        """Record many actions in one commit; one answer each, in order.

        `conclude` = (import, what to say of the answers): its progress is committed with the events; when it
        raises, nothing is recorded. With `beside` the commit may still go on: the answers hold when `settle`, or the
        next `record`, has waited for it without an error.

        Raises `Unavailable` when nothing could be recorded at all (store, disk, clock).
        """
        parts = self._parts(submissions, system)
        first = next(parts, [])  # a single act is read before the lock is taken
        try:
            with self.store.write_section(beside=beside) as section:
                self._cache.synchronise(section)
                answers = self._decide_all(section, chain([first], parts))
                if conclude is not None:
                    importid, progress_of = conclude
                    section.save_progress(importid, progress_of(answers))
        except BaseException:
            self._cache.clear()
            raise
        self._cache.trim()
        return answers

    def settle(self) -> None:
        """Wait until all that was recorded is durable; raises `Unavailable` with nothing of the last batch recorded."""
        try:
            self.store.settle()
        except BaseException:
            self._cache.clear()
            raise

    def open_import(
        self,
        importid: str,
        file_digest: str,
        bytes: int,
        kind: str,
        operator: str,
        recorder_staff: str | None = None,
        approved_by: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Record that an import began; the same file opens once as history and once as live work."""
        optional = {"recorder_staff": recorder_staff, "approved_by": approved_by, "reason": reason}
        action = {
            "action": "open_import",
            "at": _spell(self.surroundings.now().astimezone(UTC)),
            "by": {"staff": "system"},
            "file": file_digest,
            "bytes": bytes,
            "kind": kind,
            "operator": operator,
            **{name: value for name, value in optional.items() if value is not None},
        }
        for action_id in (f"import/{importid}", f"import/{importid}/{kind}"):
            error = self.record([Submission({**action, "action_id": action_id})], system=True)[0].error
            if error is None:
                return
            opened_as = self._opened_as(action_id) if error.code == "action_id_conflict" else None
            if opened_as == kind:
                return
            if opened_as is None:
                raise error

    def _opened_as(self, action_id: str) -> str | None:
        """The kind of import that this action opened; None where it is an act of somebody else."""
        with self.store.write_section() as section:
            known = section.known_actions([action_id])[action_id]
            event = section.events_at(known.position, 1)[0]
        return str(event.data["kind"]) if event.type_name == ImportOpened.type_name else None

    def import_progress(self, importid: str) -> dict[str, Any] | None:
        """How far an import of this file came, or None."""
        return self.store.import_progress(importid)

    def record_import(
        self,
        batch: Sequence[ImportItem],
        importid: str,
        history: bool,
        conclude: Conclude | None = None,
        beside: bool = False,
    ) -> list[Answer]:
        """Record a batch of imported actions together with the progress that `conclude` returns."""
        submissions = [Submission(item.payload, ImportMark(importid, item.line, history)) for item in batch]
        return self.record(submissions, conclude=None if conclude is None else (importid, conclude), beside=beside)

    # the write section

    def _prepare(self, submission: Submission, system: bool) -> Prepared | LedgerError:
        history = submission.mark is not None and submission.mark.history
        try:
            prepared = prepare(submission.payload, history=history, system=system)
        except LedgerError as error:
            return error
        if submission.mark is None and prepared.action.entered_at is not None:
            return InvalidAction(
                "history_only", "leave out `entered_at`", field="entered_at", subject=subject_named(prepared.raw)
            )
        return prepared

    def _parts(self, submissions: Sequence[Submission], system: bool) -> Iterator[Part]:
        """The batch in parts, each prepared when it is asked for."""
        for start in range(0, len(submissions), ACTIONS_PER_PART):
            yield [(one, self._prepare(one, system)) for one in submissions[start : start + ACTIONS_PER_PART]]

    def _decide_all(self, section: WriteSection, parts: Iterable[Part]) -> list[Answer]:
        stamp, moment = self._moment(section)
        around = self.surroundings
        common = common_attributes(around.source, around.recorder, stamp)
        desk = SectionDesk(section, self._cache, around.region, around.tagger)
        batch, head = _Batch(stamp), self._cache.head
        answers: list[Answer] = []
        for part in parts:
            desk.prefetch([one.action for _, one in part if not isinstance(one, LedgerError)])
            for submission, one in part:
                if isinstance(one, LedgerError):
                    answers.append(Answer(error=one))
                    continue
                desk.history = submission.mark is not None and submission.mark.history
                try:
                    answers.append(self._decide(section, desk, batch, submission, one, common, moment))
                except LedgerError as error:
                    if error.subject is None:
                        error.subject = desk.number_named(one.raw) or subject_named(one.raw)
                    answers.append(Answer(error=error))
                if len(batch.events) >= EVENTS_PER_INSERT:
                    self._store(desk, batch)
        self._store(desk, batch)
        if self._cache.head > head:
            self._cache.last_recorded = stamp
        return answers

    def _store(self, desk: SectionDesk, batch: _Batch) -> None:
        """Insert what was decided so far; it stands when the section commits, or not at all."""
        if batch.events:
            self.events.put(cast(Any, batch.events), actions=batch.actions, rows=desk.rows, snapshots=batch.snapshots)
            self._cache.head += len(batch.events)
            batch.clear()
            desk.stored()

    def _moment(self, section: WriteSection) -> tuple[str, datetime]:
        """One clock reading for the batch: never before the last recorded one; refused when far behind it."""
        now = self.surroundings.now().astimezone(UTC)
        stamp = _spell(now)
        last = self._cache.last_recorded or section.last_recorded()
        if last is None or last <= stamp:  # one spelling: the texts have the order of the instants
            return stamp, now
        if parse_instant(last) - now >= BEHIND_MAX:
            raise Unavailable("clock_behind", f"the last event was recorded at {last}, the clock says {stamp}")
        return last, now

    def _decide(
        self,
        section: WriteSection,
        desk: SectionDesk,
        batch: _Batch,
        submission: Submission,
        one: Prepared,
        common: dict[str, Any],
        moment: datetime,
    ) -> Answer:
        action, raw = one.action, one.raw
        sealed = type(action).sealed(raw, desk)
        digest = one.digest if sealed is raw else digest_of(canonical(sealed))
        known = desk.pending_actions.get(action.action_id)
        if known is not None:
            return self._again(section, desk, batch, known, digest)
        if action.at >= batch.surely_past and parse_instant(action.at) > moment + AHEAD_MAX:
            raise InvalidAction("at_in_future", f"the clock says {_spell(moment)}", field="at")
        drafts = action.decide(desk)
        keep(action, desk)
        envelope = envelope_of(common, one, digest, submission.mark)
        encoded = written(drafts, one, sealed, envelope, self.surroundings.new_id, moment)
        for draft, (event, fact) in zip(drafts, encoded, strict=True):
            before = draft.state.version
            desk.accept(draft.state, event, fact, index_rows(event.attributes))
            if is_due(before, draft.state.version):
                state = draft.state
                batch.snapshots[state.id] = (state.version, shape_of(type(state)), take(state))
        events = [event for event, _ in encoded]
        row = ActionRow(action.action_id, self._cache.head + len(batch.events) + 1, len(events))
        desk.pending_actions[action.action_id] = row
        batch.actions.append(row)
        batch.events.extend(events)
        first = drafts[0].state
        return Answer(first.id, getattr(first, "ref", None) or None, events)

    def _again(self, section: WriteSection, desk: SectionDesk, batch: _Batch, known: ActionRow, digest: str) -> Answer:
        first = known.position - self._cache.head - 1
        if first >= 0:
            events = batch.events[first : first + known.events_count]
        else:
            events = section.events_at(known.position, known.events_count)
        if not events or [event.attributes["actionid"] for event in events] != [known.action_id] * known.events_count:
            raise Tampered("tampered", f"the events of {known.action_id} are not at {known.position}")
        if events[0].attributes["actiondigest"] != digest:
            raise Conflict("action_id_conflict", "send a new action_id, or the same content", field="action_id")
        subject = events[0].originator_id
        return Answer(subject, desk.ref_of(subject), events, already_there=True)


def _spell(moment: datetime) -> str:
    """An instant in UTC with microseconds, `2025-03-04T02:20:00.123456Z`."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


@lru_cache(maxsize=2)
def _two_days_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=2)).isoformat()
