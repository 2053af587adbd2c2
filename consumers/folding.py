"""One view in a pass over the events: what a store of views promises, and what waits to be written to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from consumers.follow import UNTAKEABLE, Source, SourceEvent, StoppedAtEvent, decoded, field_of
from projections.fold import Document, Projection, Row, forget_lines

DOCUMENTS_MAX = 50_000
"""Documents (and unstored lines) that one view keeps in memory before they are written and forgotten."""


class Change(NamedTuple):
    """What one subject's events change in a view: its document and its rows (of an appending view, the new)."""

    document: Document
    rows: list[Row]
    is_new: bool


class ViewChange(NamedTuple):
    """What one view writes in one transaction: the subjects' changes and the step of its position."""

    projection: Projection
    changes: Mapping[str, Change]
    from_position: int
    to_position: int


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


class ViewStore(Protocol):
    """Where views are kept. `target` is `live`, or `building` for the next version beside it."""

    def position(self, name: str, target: str = "live") -> int:
        """The ledger position up to which the view has taken every event."""

    def documents(self, name: str, subjects: Collection[str], target: str = "live") -> dict[str, Document]:
        """The stored documents of those subjects that have one."""

    def write(self, changes: Sequence[ViewChange], target: str = "live") -> None:
        """Rows, documents and positions in one transaction; refused `view_moved` if a position is another."""

    def require_current(self, projection: Projection) -> None:
        """Refused `view_stale` where the stored rows are of another version or of other columns."""

    def begin_building(self, projection: Projection) -> int:
        """Open, or resume, the next version's tables beside the live ones; gives their position."""

    def compare(self, projection: Projection) -> Comparison:
        """The building tables against the live ones."""

    def swap(self, projection: Projection, position: int) -> None:
        """Make the building tables live, in one transaction; refused `view_moved` if either is elsewhere."""


class Folding:
    """One view in a pass: its documents in memory, which of them changed, and the position they stand for."""

    def __init__(self, projection: Projection, store: ViewStore, target: str) -> None:
        self.projection = projection
        self._store = store
        self._target = target
        self.stored_position = store.position(projection.name, target)
        self.position = self.stored_position
        self.stopped: StoppedAtEvent | None = None
        self._documents: dict[str, Document] = {}
        self._new: set[str] = set()
        self._dirty: set[str] = set()
        self._taken = 0

    def load(self, subjects: Iterable[str]) -> None:
        """Have the documents of these subjects at hand."""
        missing = [subject for subject in subjects if subject not in self._documents]
        if not missing:
            return
        found: dict[str, Document] = {}
        if self.stored_position > 0:  # before that nothing is stored
            found = self._store.documents(self.projection.name, missing, self._target)
        for subject in missing:
            document = found.get(subject)
            if document is None:
                document = self.projection.start()
                self._new.add(subject)
            self._documents[subject] = document

    def take(self, source: Source, item: SourceEvent, event: dict[str, Any]) -> None:
        """Fold one event; one that cannot be taken stops this view in front of it."""
        try:
            self.projection.evolve(self._documents[item.subject], event)
        except UNTAKEABLE as error:
            self.stop(item, error)
            self._restore(source, item)
            return
        self._dirty.add(item.subject)
        self._taken += 1

    def stop(self, item: SourceEvent, error: Exception) -> None:
        """Take nothing from this event on; what was taken before it is kept."""
        self.stopped = StoppedAtEvent(self.projection.name, item, field_of(error), str(error))
        self.position = item.position - 1

    def _restore(self, source: Source, item: SourceEvent) -> None:
        """Fold the stopped subject again up to the event, for the failure may have left half a change."""
        self._documents.pop(item.subject)
        self.load([item.subject])
        document = self._documents[item.subject]
        for earlier in source.read_subject(item.subject, item.position - 1):
            if earlier.position > self.stored_position:
                self.projection.evolve(document, decoded(earlier))

    @property
    def is_full(self) -> bool:
        """Whether as much is unwritten as memory should hold."""
        unwritten = self._taken if self.projection.appends else len(self._dirty)
        return unwritten >= DOCUMENTS_MAX

    def changes(self) -> ViewChange:
        """What has to be written for the position reached."""
        changed = {}
        for subject in self._dirty:
            document = self._documents[subject]
            rows = self.projection.rows(subject, document)
            if self.projection.appends:
                forget_lines(document)
            changed[subject] = Change(document, rows, subject in self._new)
        return ViewChange(self.projection, changed, self.stored_position, self.position)

    def written(self) -> None:
        """The changes are durable: they need not be kept."""
        self.stored_position = self.position
        self._new.difference_update(self._dirty)
        self._dirty.clear()
        self._taken = 0
        if len(self._documents) > DOCUMENTS_MAX:
            self._documents.clear()
            self._new.clear()
