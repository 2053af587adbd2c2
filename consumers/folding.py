"""One view in a pass over the events: what a store of views promises, and what waits to be written to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from itertools import chain
from typing import NamedTuple, Protocol

from consumers.follow import UNREADABLE, Source, SourceEvent, StoppedAtEvent, decoded, field_of, stored_names
from consumers.kept_documents import KeptDocuments, packed_or_none, unpacked
from projections.fold import Cells, Document, Handler, Projection, Row, forget_lines
from projections.ledger_source import READABLE

KEPT_BYTES_MAX = 16 * 2**20
"""What one view's documents at hand may take; those not touched for longest are forgotten, and read back when needed."""
REBUILD_KEPT_BYTES_MAX = 128 * 2**20
"""The same in a rebuild, which holds nothing else for long: enough for some 80,000 cases that are open at once."""


class Change(NamedTuple):
    """What one subject's events change in a view: its document and its rows (of an appending view, the new).

    The document may be given as its JSON. Without one none is stored: the subject's events are few and are folded
    again when it is next touched.
    """

    document: Document | bytes | None
    rows: Sequence[Row] | Sequence[Cells]
    is_new: bool


class Parked(NamedTuple):
    """A subject that a view reads only up to an event which it cannot take, and what that event was."""

    subject: str
    position: int
    type: str
    field: str | None
    why: str


class Standing(NamedTuple):
    """How far a view (or a share of it) has come, and the subjects that it reads only up to some event.

    A view that is fed from a topic is written by its projectors alone, and keeps every subject's document.
    """

    position: int
    parked: tuple[Parked, ...]
    is_fed: bool = False


class Share(NamedTuple):
    """One process's part of a rebuild that is split: the `number`-th of `of`, from 0.

    It has the subjects from `first` on, in the order of their characters' numbers, up to the next share's `first`
    (`before`; none behind the last share). `kept_in` names the file of its own in which its rows wait to be joined;
    without one they are written where the whole view is built.
    """

    number: int = 0
    of: int = 1
    first: str = ""
    before: str | None = None
    kept_in: str = ""

    def holds(self, subject: str) -> bool:
        """Whether the subject falls to this share; the same on every machine."""
        return self.first <= subject and (self.before is None or subject < self.before)


ALL = Share()
"""The share of a rebuild that is not split."""


class ViewChange(NamedTuple):
    """What one view writes in one transaction: the subjects' changes and the step of its position."""

    projection: Projection
    changes: dict[str, Change]
    from_position: int
    to_position: int
    parked: tuple[Parked, ...] = ()
    share: Share = ALL


class Comparison(NamedTuple):
    """How a rebuilt view differs from the live one: counts of rows, with one example each."""

    name: str
    position: int
    added: int
    gone: int
    changed: int
    examples: dict[str, Row]

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same rows."""
        return not (self.added or self.gone or self.changed)


class Pulse(Protocol):
    """Who watches a rebuild from outside is told through this."""

    def moved(self, events: int, position: int, head: int) -> None:
        """Events folded so far, and the position reached on the way to `head`."""


class ViewStore(Protocol):
    """Where views are kept. `target` is `live`, or `building` for the next version beside it."""

    def position(self, name: str, target: str = "live", share: Share = ALL) -> int:
        """The ledger position up to which the view (or this share of it) has taken every event."""

    def parked(self, name: str, target: str = "live") -> list[Parked]:
        """The subjects that the view reads only up to some event."""

    def documents(self, name: str, subjects: Collection[str], target: str = "live") -> dict[str, Document]:
        """The stored documents of those subjects that have one."""

    def first_documents(self, name: str, share: Share, limit: int, target: str = "live") -> dict[str, Document]:
        """At most so many stored documents of the share's subjects, the first in the order of subjects."""

    def write(self, changes: Sequence[ViewChange], target: str = "live", *, lets_go: bool = False) -> None:
        """Rows, documents and positions in one transaction; refused `view_moved` if a position is another.

        With `lets_go` the changes are used up: what is inserted is taken out of them, and freed while it is at hand.
        """

    def standings(self, projections: Sequence[Projection], target: str = "live", share: Share = ALL) -> list[Standing]:
        """Position and parked subjects of several views, as of one moment."""

    def require_current(self, *projections: Projection) -> None:
        """Refused `view_stale` where the stored rows are of another version or of other columns."""

    def begin_building(self, projection: Projection) -> int:
        """Open, or resume, the next version's tables beside the live ones; gives their position."""

    def standing_still(self) -> AbstractContextManager[None]:
        """Nobody else moves a view while the block runs: what it does is one transaction."""

    def compare(self, projection: Projection) -> Comparison:
        """The building tables against the live ones."""

    def shares(self, projections: Sequence[Projection], wanted: Sequence[Share]) -> list[tuple[Share, ...]]:
        """For each view the shares in which it is being built; those `wanted` where it has not begun yet."""

    def join(self, projections: Sequence[Projection]) -> None:
        """All shares of these views have come to one position: from here on each view is one again."""

    def discard(self, projection: Projection) -> None:
        """Drop the building tables."""

    def rebuilding(self, wanted: Sequence[Projection]) -> AbstractContextManager[Pulse]:
        """Hold the right to rebuild these views; refused `view_rebuilding` while another process holds it."""

    def swap(self, projection: Projection, position: int) -> None:
        """Make the building tables live, in one transaction; refused `view_moved` if either is elsewhere."""


class Folding:
    """One view in a pass: which documents and rows changed, what is at hand, and the position they stand for.

    A pass takes a batch either whole subjects one after the other (`opened`, then `take`), or event by event in
    ledger order: then `documents` holds what changed since the last write, and a subject that is not there is
    asked for with `admit`. What was written stays at hand as JSON, up to a bound, so that a subject whose events
    are spread over a pass is seldom read back. `_forgotten` names what was at hand once in a pass from the first
    event on; any other subject is new to such a pass and need not be looked for.

    A rebuild that stores rows alone `defers` those of a subject whose events are not over: its document is stored,
    and `consumers.waiting_rows` makes rows of it at the end.
    """

    def __init__(
        self,
        projection: Projection,
        standing: Standing,
        store: ViewStore,
        target: str,
        *,
        parks: bool = False,
        share: Share = ALL,
        kept_bytes_max: int | None = None,
    ) -> None:
        self.projection = projection
        self.share = share
        self.parks = parks
        self.is_fed = standing.is_fed
        self.stored_position = standing.position
        self.position = self.stored_position
        self.stopped: StoppedAtEvent | None = None
        self.documents: dict[str, Document] = {}
        self.parked = {one.subject: one for one in standing.parked}
        self.handlers: dict[str, Handler] = {
            stored: handler for name, handler in projection.handlers.items() for stored in stored_names([name])
        }
        self._store = store
        self._target = target
        self._stores_documents = target == "live" or self.is_fed or not projection.refolds
        self.defers = not self._stores_documents and bool(projection.ends_with)
        self._rows = projection.cells or projection.rows
        usual = KEPT_BYTES_MAX if target == "live" else REBUILD_KEPT_BYTES_MAX
        self._kept = KeptDocuments(usual if kept_bytes_max is None else kept_bytes_max)
        self._read: dict[str, Document] = {}
        self._changed: dict[str, Change] = {}
        self._packed: dict[str, bytes] = {}
        self._let_go: list[str] = []
        self._new: set[str] = set()
        self._forgotten: set[str] | None = set() if self.stored_position == 0 else None
        self._needs_no_document = self._forgotten is not None and not self.is_fed and not projection.start()
        self._newly_parked: list[Parked] = []
        self._last_documents: dict[str, Document] = {}

    def prepare(self, source: Source, batch: Iterable[SourceEvent], subjects: Set[str]) -> None:
        """Have the documents of a batch's subjects at hand; a subject's first event needs none."""
        documents, kept, read, parked = self.documents, self._kept, self._read, self.parked
        wanted = {
            subject
            for subject in (subjects if self._forgotten is None else self._forgotten & subjects)
            if subject not in documents and subject not in kept and subject not in read and subject not in parked
        }
        if not wanted:
            return
        handlers = self.handlers
        missing = {
            item.subject
            for item in batch
            if item.subject in wanted and item.sequence > 1 and item.type in handlers
        }  # fmt: skip
        if missing:
            read.update(self._stored(source, missing))

    def _stored(self, source: Source, subjects: Collection[str]) -> dict[str, Document]:
        """The documents of these subjects at the stored position: read, or folded again where none was kept."""
        found = self._store.documents(self.projection.name, subjects, self._target)
        if self.projection.refolds:
            for subject in subjects:
                if subject not in found:
                    document = self._folded(source, subject, self.stored_position)
                    if document is not None:
                        found[subject] = document
        return found

    def _folded(self, source: Source, subject: str, until: int) -> Document | None:
        """One subject's document from its own events; None where it has none of the types that count."""
        document, handlers = None, self.handlers
        for item in source.read_subject(subject, until):
            if item.type in handlers:
                if document is None:
                    document = self.projection.start()
                try:
                    handlers[item.type](document, decoded(item))
                except UNREADABLE as error:
                    raise StoppedAtEvent(self.projection.name, item, field_of(error), str(error)) from error
        return document

    def opened(self, subject: str) -> Document | None:
        """The document of a subject as it was last written, for more of its events; None of one that is parked."""
        if subject in self.parked:
            return None
        document = self._read.pop(subject, None)
        if document is None:
            packed = self._kept.get(subject)
            if packed is not None:
                return unpacked(packed)
            document = self.projection.start()
            self._new.add(subject)
        return document

    def admit(self, subject: str) -> Document | None:
        """The same, to be changed by events in ledger order until the next write."""
        document = self.opened(subject)
        if document is not None:
            self.documents[subject] = document
        return document

    def has_waiting(self, subject: str) -> bool:
        """Whether a document is at hand whose rows wait."""
        return self.defers and subject in self._kept

    def take(self, subject: str, document: Document, *, is_over: bool = False) -> None:
        """Keep what a subject's events changed until it is written. Raises what making the rows raises.

        A subject that `is_over` is not kept at hand where it can be folded again.
        """
        waits = self.defers and not is_over and bool(document)
        rows = () if waits else self._rows(subject, document)
        if self.projection.appends:
            forget_lines(document)
            if not document and self._needs_no_document and subject in self._new:
                if rows:
                    self._changed[subject] = Change(None, rows, True)
                return
        packed = None if self.defers and is_over else packed_or_none(document)
        if packed is not None:
            self._packed[subject] = packed
        else:
            if waits:
                rows = self._rows(subject, document)
            self._let_go.append(subject)
        stored: Document | bytes | None = None
        if self._stores_documents or (waits and packed is not None):
            stored = packed if packed is not None and document else document
        self._changed[subject] = Change(stored, rows, subject in self._new)

    def take_back(self) -> None:
        """Forget everything that was taken since the last write, as if it had not been read."""
        for waiting in (self._changed, self._packed, self._let_go, self._read, self._new):
            waiting.clear()

    def fail(self, source: Source, item: SourceEvent, error: Exception) -> None:
        """An event that cannot be taken: park its subject if that is wanted, else stop in front of it."""
        if self.parks:
            self.park(item, error)
        else:
            self.stop(item, error)
        self._restore(source, item)

    def stop(self, item: SourceEvent, error: Exception) -> None:
        """Take nothing from this event on; what was taken before it is kept."""
        self.stopped = StoppedAtEvent(self.projection.name, item, field_of(error), str(error))
        self.position = item.position - 1

    def park(self, item: SourceEvent, error: Exception) -> None:
        """Take nothing more of the event's subject, from this event on."""
        one = Parked(item.subject, item.position, item.type, field_of(error), str(error))
        self.parked[item.subject] = one
        self._newly_parked.append(one)

    def _restore(self, source: Source, item: SourceEvent) -> None:
        """Fold the failed subject again up to the event, for the failure may have left half a change."""
        subject = item.subject
        if self.documents.pop(subject, None) is None:
            return
        stored = self._stored(source, [subject]) if self.stored_position else {}
        document = stored.get(subject)
        if document is None:
            document = self.projection.start()
        handlers = self.handlers
        for earlier in source.read_subject(subject, item.position - 1):
            if earlier.position > self.stored_position and earlier.type in handlers:
                handlers[earlier.type](document, decoded(earlier))
        (self._last_documents if subject in self.parked else self.documents)[subject] = document

    def changes(self) -> ViewChange:
        """What has to be written for the position reached."""
        for subject, document in chain(self.documents.items(), self._last_documents.items()):
            self.take(subject, document)
        return ViewChange(
            self.projection, self._changed, self.stored_position, self.position, tuple(self._newly_parked), self.share
        )

    def waited(self, documents: Mapping[str, Document]) -> ViewChange:
        """Of these documents, whose rows have waited, the rows; the position stays."""
        changes = {subject: Change(None, self._rows(subject, one), False) for subject, one in documents.items()}
        return ViewChange(self.projection, changes, self.position, self.position, (), self.share)

    def written(self) -> None:
        """The changes are durable: they need not be kept, but those touched last stay at hand."""
        self.stored_position = self.position
        forgotten = self._kept.keep(self._packed)
        self._kept.drop(self._let_go)
        if self._forgotten is not None:
            self._forgotten.update(forgotten, self._let_go)
        self._newly_parked.clear()
        self._last_documents.clear()
        self.documents.clear()
        self._read.clear()
        self._new.clear()
        self._packed.clear()
        self._let_go.clear()
        self._changed = {}


def foldings_of(
    projections: Sequence[Projection],
    store: ViewStore,
    target: str,
    *,
    parks: bool = False,
    share: Share = ALL,
) -> list[Folding]:
    """A folding of every view, from where it stands."""
    standings = store.standings(projections, target, share)
    return [
        Folding(projection, standing, store, target, parks=parks, share=share)
        for projection, standing in zip(projections, standings, strict=True)
    ]


def events_of(source: Source, share: Share, after: int, until: int, types: Collection[str]) -> Iterator[SourceEvent]:
    """A share's events of these types in ledger order; where the source can, it passes over the others itself.

    Where every known type is wanted nothing is passed over: looking for the types would cost more than it saves.
    """
    if share.of == 1:
        is_every_type = frozenset(types) >= READABLE
        return source.read(after=after, until=until, types=None if is_every_type else types)
    read_between = getattr(source, "read_between", None)
    if read_between is None:
        return (event for event in source.read(after=after, until=until, types=types) if share.holds(event.subject))
    events: Iterator[SourceEvent] = read_between(share.first, share.before, after=after, until=until, types=types)
    return events
