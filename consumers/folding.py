"""One view in a pass over the events: what a store of views promises, and what waits to be written to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from itertools import chain, islice
from typing import NamedTuple, Protocol

from consumers.follow import UNREADABLE, Source, SourceEvent, StoppedAtEvent, decoded, field_of, stored_names
from projections.fold import Cells, Document, Handler, Projection, Row, forget_lines

DOCUMENTS_MAX = 5_000
"""Documents that one view keeps in memory; beyond that they are written, and those not touched for longest dropped."""


class Change(NamedTuple):
    """What one subject's events change in a view: its document and its rows (of an appending view, the new).

    Without a document none is stored: the subject's events are few and are folded again when it is next touched.
    """

    document: Document | None
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
    changes: Mapping[str, Change]
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

    def write(self, changes: Sequence[ViewChange], target: str = "live") -> None:
        """Rows, documents and positions in one transaction; refused `view_moved` if a position is another."""

    def standings(self, projections: Sequence[Projection], target: str = "live", share: Share = ALL) -> list[Standing]:
        """Position and parked subjects of several views, as of one moment."""

    def require_current(self, *projections: Projection) -> None:
        """Refused `view_stale` where the stored rows are of another version or of other columns."""

    def begin_building(self, projection: Projection) -> int:
        """Open, or resume, the next version's tables beside the live ones; gives their position."""

    def compare(self, projection: Projection) -> Comparison:
        """The building tables against the live ones."""

    def shares(self, projection: Projection, wanted: Sequence[Share]) -> tuple[Share, ...]:
        """The shares in which the next version is being built; those `wanted` where it has not begun yet."""

    def join(self, projection: Projection) -> None:
        """All shares have come to one position: from here on the next version is one again."""

    def discard(self, projection: Projection) -> None:
        """Drop the building tables."""

    def rebuilding(self, wanted: Sequence[Projection]) -> AbstractContextManager[Pulse]:
        """Hold the right to rebuild these views; refused `view_rebuilding` while another process holds it."""

    def swap(self, projection: Projection, position: int) -> None:
        """Make the building tables live, in one transaction; refused `view_moved` if either is elsewhere."""


class Folding:
    """One view in a pass: its documents in memory, which of them changed, and the position they stand for.

    `documents` holds those that changed since the last write; a pass looks subjects up in it and asks `admit`
    for one that is not there. What was written stays at hand, up to `DOCUMENTS_MAX`, so that a subject whose
    events are spread over a pass is seldom read back. `_dropped` names what was at hand once in a pass from the first
    event on; any other subject is new to such a pass and need not be looked for.
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
        documents_max: int | None = None,
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
        self._documents_max = DOCUMENTS_MAX if documents_max is None else documents_max
        self._kept: dict[str, Document] = {}
        self._new: set[str] = set()
        self._dropped: set[str] | None = set() if self.stored_position == 0 else None
        self._newly_parked: list[Parked] = []
        self._last_documents: dict[str, Document] = {}

    def prepare(self, source: Source, batch: Iterable[SourceEvent], subjects: Set[str]) -> None:
        """Have the documents of a batch's subjects at hand; a subject's first event needs none."""
        dropped = self._dropped
        if dropped is not None and dropped.isdisjoint(subjects):
            return
        handlers, documents, kept = self.handlers, self.documents, self._kept
        missing = {
            item.subject
            for item in batch
            if item.sequence > 1 and item.type in handlers
            and item.subject not in documents and item.subject not in kept and item.subject not in self.parked
            and (dropped is None or item.subject in dropped)
        }  # fmt: skip
        if missing:
            self._kept.update(self._stored(source, missing))

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

    def admit(self, subject: str) -> Document | None:
        """The document of a subject that takes its first event since the last write; None of one that is parked."""
        if subject in self.parked:
            return None
        document = self._kept.pop(subject, None)
        if document is None:
            document = self.projection.start()
            self._new.add(subject)
        self.documents[subject] = document
        return document

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

    @property
    def is_full(self) -> bool:
        """Whether as much is unwritten as memory should hold."""
        return len(self.documents) >= self._documents_max

    def changes(self) -> ViewChange:
        """What has to be written for the position reached."""
        rows = self.projection.cells or self.projection.rows
        new, appends = self._new, self.projection.appends
        changed = {}
        keeps = self._target == "live" or self.is_fed or not self.projection.refolds
        for subject, document in chain(self.documents.items(), self._last_documents.items()):
            found = rows(subject, document)
            if appends:
                forget_lines(document)
            changed[subject] = Change(document if keeps else None, found, subject in new)
        return ViewChange(
            self.projection, changed, self.stored_position, self.position, tuple(self._newly_parked), self.share
        )

    def written(self) -> None:
        """The changes are durable: they need not be kept, but those touched last stay at hand."""
        self.stored_position = self.position
        self._newly_parked.clear()
        self._last_documents.clear()
        self._new.clear()
        kept = self._kept
        kept.update(self.documents)
        self.documents.clear()
        for subject in list(islice(kept, max(0, len(kept) - self._documents_max))):
            del kept[subject]
            if self._dropped is not None:
                self._dropped.add(subject)


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
    """A share's events of these types in ledger order; where the source can, it passes over the others itself."""
    if share.of == 1:
        return source.read(after=after, until=until, types=types)
    read_between = getattr(source, "read_between", None)
    if read_between is None:
        return (event for event in source.read(after=after, until=until, types=types) if share.holds(event.subject))
    events: Iterator[SourceEvent] = read_between(share.first, share.before, after=after, until=until, types=types)
    return events
