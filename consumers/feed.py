"""Projecting from a topic: each partition's rows and its place in one transaction, whatever is delivered twice or late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

from consumers.batch import collector_resting, fold_batch
from consumers.folding import KEPT_BYTES_MAX, Folding, Parked, Standing, ViewChange, ViewStore
from consumers.follow import UNTAKEABLE, SourceEvent
from domain.errors import Conflict, LedgerError, PoisonEvent, Unavailable
from projections.fold import Projection

UNREADABLE_TYPE = "?"
"""The type of a record whose bytes do not even name one."""
POISON_TRIES_MAX = 3
"""Tries of a batch that the store refuses for what it holds, before the refused subjects are looked for."""
TRANSIENT_TRIES_MAX = 8
FIRST_WAIT_S = 0.1
WAIT_S_MAX = 5.0
"""All tries together stay far below the time after which a group gives the partition to another process."""


PASSING = frozenset({"view_moved", "locked", "unavailable", "disk_full", "read_only"})
"""Failures that go by: another process was there first, or the database is away."""


class Place(NamedTuple):
    """How far a view has come in one partition of a topic."""

    slot: int
    """Which tables; a rebuild puts others in their place."""
    topic: str
    """The topic's id, which a topic of the same name made anew does not have."""
    offset: int
    """The record to read next."""
    position: int
    """The ledger position up to which every event of this partition was taken."""
    taken: int
    """How many events these tables took from the partition; all partitions together tell whether one is missing."""


class Topic(NamedTuple):
    """The topic as the broker describes it at one moment."""

    id: str
    partitions: int


class Delivered(NamedTuple):
    """A record of the topic: its offset, and the event that it carries."""

    offset: int
    event: SourceEvent


class PartitionChange(NamedTuple):
    """What one view writes for a batch of one partition, and the step of its place there."""

    partition: int
    change: ViewChange
    from_place: Place
    to_place: Place
    waiting: tuple[SourceEvent, ...]
    """Events of parked subjects, to be kept in order until the subject is retried."""


class PartitionStanding(NamedTuple):
    """Where a view stands in one partition, and the subjects that it has parked."""

    place: Place
    parked: tuple[Parked, ...]


class FedStore(ViewStore, Protocol):
    """A store of views that are written from a topic, by any number of processes."""

    def enter(self, projections: Sequence[Projection], topic: Topic, partition: int) -> list[PartitionStanding]:
        """Where these views stand in a partition; a view that was never there begins at its tables' position.

        Refused `view_stale` where the tables are of another version, or lack documents that a feed needs.
        """

    def write_partition(self, changes: Sequence[PartitionChange]) -> None:
        """All or nothing; refused `view_moved` where a place is another, or a parked subject is parked no more.

        Raises PoisonEvent where the database refuses what the rows hold.
        """

    def refused(self, change: ViewChange) -> LedgerError | None:
        """What the database has against the rows of a change; nothing is written."""


class Batch:
    """`consumers.follow.Source` over the events at hand: what a view needs beyond its stored documents."""

    def __init__(self, events: Sequence[SourceEvent]) -> None:
        self._events = events

    def head(self) -> int:
        """The position of the last event."""
        return self._events[-1].position if self._events else 0

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[SourceEvent]:
        """The events of these positions and types."""
        for event in self._events:
            is_placed = after < event.position and (until is None or event.position <= until)
            if is_placed and (types is None or event.type in types):
                yield event

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[SourceEvent]:
        """One subject's events among them."""
        return (event for event in self.read(until=until) if event.subject == subject)


Refusals = Mapping[tuple[str, str], Exception]
"""By view and subject: why the store does not take the rows that the batch gives."""


class PartitionFold:
    """All views in one partition, from where the store says that they stand. Thrown away after any failure."""

    def __init__(
        self, projections: Sequence[Projection], store: FedStore, topic: Topic, partition: int, kept_bytes_max: int
    ) -> None:
        standings = store.enter(projections, topic, partition)
        self.topic = topic
        self.partition = partition
        self.is_aligned = False
        self._stored = [standing.place for standing in standings]
        self._places = [
            place if place.topic == topic.id else place._replace(topic=topic.id, offset=0) for place in self._stored
        ]
        self.foldings = [
            Folding(
                projection, Standing(place.position, standing.parked, is_fed=True), store, "live",
                parks=True, kept_bytes_max=kept_bytes_max,
            )
            for projection, place, standing in zip(projections, self._places, standings, strict=True)
        ]  # fmt: skip

    @property
    def offset(self) -> int:
        """The record that some view needs next."""
        return min(place.offset for place in self._places)

    @property
    def position(self) -> int:
        """The ledger position of the last event of this partition that every view has taken."""
        return min(place.position for place in self._places)

    def fold(self, records: Sequence[Delivered], refusals: Refusals) -> list[PartitionChange]:
        """Fold what is new to each view; what every view has taken already changes nothing but the offset."""
        events = _rising(records)
        following = records[-1].offset + 1
        if refusals:
            for folding in self.foldings:
                self._park_refused(folding, events, refusals)
        by_position = sorted(self.foldings, key=lambda folding: folding.position)
        for position, group in groupby(by_position, key=lambda folding: folding.position):
            _fold(list(group), _after(events, position))
        changes = []
        for number, (folding, place) in enumerate(zip(self.foldings, self._places, strict=True)):
            new = _after(events, place.position)
            to_place = place._replace(
                offset=max(following, place.offset), position=folding.position, taken=place.taken + len(new)
            )
            waiting = tuple(event for event in new if _waits(folding, event)) if folding.parked else ()
            change = _changes_of(folding)
            changes.append(PartitionChange(self.partition, change, self._stored[number], to_place, waiting))
        return changes

    def written(self, changes: Sequence[PartitionChange]) -> None:
        """The changes are durable."""
        for folding in self.foldings:
            folding.written()
        self._places = [change.to_place for change in changes]
        self._stored = list(self._places)

    @staticmethod
    def _park_refused(folding: Folding, events: Iterable[SourceEvent], refusals: Refusals) -> None:
        for event in events:
            error = refusals.get((folding.projection.name, event.subject))
            is_taken = event.position > folding.position and event.type in folding.handlers
            if error is not None and is_taken and event.subject not in folding.parked:
                folding.park(event, error)


def _rising(records: Sequence[Delivered]) -> list[SourceEvent]:
    """The events in ledger order; one delivered again among them is left out."""
    events: list[SourceEvent] = []
    for record in records:
        if not events or record.event.position > events[-1].position:
            events.append(record.event)
    return events


def _after(events: list[SourceEvent], position: int) -> list[SourceEvent]:
    """The events behind a position; nearly always all of them."""
    if events and events[0].position > position:
        return events
    return [event for event in events if event.position > position]


def _fold(foldings: Sequence[Folding], events: Sequence[SourceEvent]) -> None:
    """Fold into views that stand at one position; a record that is no event parks its subject in all of them."""
    source = Batch(events)
    for is_readable, some in groupby(events, key=lambda event: event.type != UNREADABLE_TYPE):
        batch = list(some)
        if is_readable:
            fold_batch(source, foldings, batch)
            continue
        for event in batch:
            for folding in foldings:
                if event.subject not in folding.parked:
                    folding.fail(source, event, PoisonEvent("poison_event", "the record is no event of the ledger"))
                folding.position = event.position


def _waits(folding: Folding, event: SourceEvent) -> bool:
    """Whether a view must keep the event for later: its subject is parked at it, or before it."""
    parked = folding.parked.get(event.subject)
    return (
        parked is not None
        and event.position >= parked.position
        and (event.type in folding.handlers or event.type == UNREADABLE_TYPE)
    )


def _changes_of(folding: Folding) -> ViewChange:
    """What a view writes. Raises `_Refused` where a subject's document gives no rows."""
    try:
        return folding.changes()
    except UNTAKEABLE:
        found = {}
        for subject, document in folding.documents.items():
            try:
                folding.projection.rows(subject, document)
            except UNTAKEABLE as error:
                found[folding.projection.name, subject] = error
        raise _Refused(found) from None


class _Refused(Exception):
    """Which subjects' rows are refused, by view."""

    def __init__(self, refusals: Mapping[tuple[str, str], Exception]) -> None:
        super().__init__(", ".join(f"{view}: {subject}" for view, subject in refusals))
        self.refusals = dict(refusals)


class Feed:
    """What one projector does with what it is given. `pause` waits for seconds and says whether to go on.

    Safe to call from several threads; the store alone decides between processes. Nothing is remembered
    here that the store does not hold: after a failure the partition is read again from the stored place.
    """

    def __init__(
        self,
        projections: Sequence[Projection],
        store: FedStore,
        pause: Callable[[float], bool],
        on_trouble: Callable[[LedgerError], None] = lambda error: None,
    ) -> None:
        self._projections = tuple(projections)
        self._store = store
        self._pause = pause
        self._on_trouble = on_trouble
        self._lock = threading.RLock()
        self._open: dict[int, PartitionFold] = {}
        self._wait_s = FIRST_WAIT_S

    def enter(self, partition: int, topic: Topic) -> int | None:
        """Take over a partition; gives the offset to read from, None where a batch of it was taken already.

        Raises `Unavailable`, or `view_stale`.
        """
        with self._lock:
            known = self._open.get(partition)
            if known is not None and known.is_aligned and known.topic == topic:
                return None
            return self._load(partition, topic).offset

    def has_begun(self, partition: int) -> bool:
        """Whether a batch of the partition was taken, or is being taken, since it was entered."""
        fold = self._open.get(partition)
        return fold is not None and fold.is_aligned

    def leave(self, partitions: Iterable[int]) -> None:
        """Give partitions up; a batch that is being written is finished first."""
        with self._lock:
            for partition in partitions:
                self._open.pop(partition, None)

    def positions(self) -> dict[int, int]:
        """Per partition held here, the position of the last event taken."""
        return {partition: fold.position for partition, fold in list(self._open.items())}

    def take(self, partition: int, topic: Topic, records: Sequence[Delivered]) -> int | None:
        """Take a batch of one partition, all of it or nothing; None, or the offset to read again from.

        `topic` was asked for after the records were read. A batch is only taken where it
        follows what was read: the first one after `enter` must begin at the offset given there.
        """
        with self._lock:
            try:
                fold = self._open.get(partition)
                if fold is None or fold.topic != topic:
                    fold = self._load(partition, topic)
                if not fold.is_aligned:
                    fold.is_aligned = True
                    if records[0].offset != fold.offset:
                        return fold.offset
                self._take(fold, records)
            except (Unavailable, Conflict) as error:
                if error.code not in PASSING:
                    raise
                self._on_trouble(error)
                self._open.pop(partition, None)
                self._pause(self._wait_s)
                self._wait_s = min(self._wait_s * 2, WAIT_S_MAX)
                return records[0].offset
            self._wait_s = FIRST_WAIT_S
            return None

    def _load(self, partition: int, topic: Topic) -> PartitionFold:
        self._open.pop(partition, None)
        kept_bytes_max = KEPT_BYTES_MAX // (len(self._open) + 1)
        fold = PartitionFold(self._projections, self._store, topic, partition, kept_bytes_max)
        self._open[partition] = fold
        return fold

    def _take(self, fold: PartitionFold, records: Sequence[Delivered]) -> None:
        """Fold and write; where the store refuses some subjects' rows, again with those parked."""
        refusals: dict[tuple[str, str], Exception] = {}
        while True:
            try:
                with collector_resting():
                    changes = fold.fold(records, refusals)
                self._write(changes)
            except _Refused as refused:
                if not refused.refusals.keys() - refusals.keys():
                    raise PoisonEvent("poison_event", str(refused)) from None
                refusals |= refused.refusals
                fold = self._load(fold.partition, fold.topic)
                fold.is_aligned = True
                continue
            fold.written(changes)
            return

    def _write(self, changes: Sequence[PartitionChange]) -> None:
        """Write, again after a while where the database is away. Raises `_Refused` for what it will never take."""
        wait, poisoned = FIRST_WAIT_S, 0
        for tries_left in reversed(range(TRANSIENT_TRIES_MAX)):
            try:
                self._store.write_partition(changes)
                return
            except PoisonEvent:
                poisoned += 1
                if poisoned == POISON_TRIES_MAX:
                    raise _Refused(dict(self._guilty(changes))) from None
            except Unavailable as error:
                self._on_trouble(error)
                if tries_left == 0:
                    raise
            if not self._pause(wait):
                raise Unavailable("unavailable", "stopped")
            wait = min(wait * 2, WAIT_S_MAX)
        raise Unavailable("unavailable", "the views took nothing for too long")

    def _guilty(self, changes: Sequence[PartitionChange]) -> Iterator[tuple[tuple[str, str], Exception]]:
        """The subjects whose rows the store refuses, found by halving."""
        waiting = [one.change for one in changes]
        while waiting:
            change = waiting.pop()
            error = self._store.refused(change)
            if error is None:
                continue
            subjects = list(change.changes)
            if len(subjects) <= 1:
                yield (change.projection.name, subjects[0] if subjects else ""), error
                continue
            half = len(subjects) // 2
            for some in (subjects[:half], subjects[half:]):
                waiting.append(change._replace(changes={subject: change.changes[subject] for subject in some}))
