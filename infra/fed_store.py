"""Stored views that projectors write from a topic: places per partition, and the events behind parked subjects."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from consumers.feed import PartitionChange, PartitionStanding, Topic
from consumers.folding import ViewChange
from consumers.follow import Source, SourceEvent, decoded, stored_names
from consumers.parked import Retried, fold_waiting
from domain.errors import Conflict, LedgerError, NotFound, PoisonEvent, Unavailable
from infra import read_places
from infra.read_positions import all_parked, entries_of, is_servable, named, park, parked_of, required
from infra.read_store import ReadStore
from infra.read_tables import Entry, decode_document
from projections.fold import Document, Projection

FIRST_SLOT = 1
"""The tables that `prepare` made: everything in them was written live, with every subject's document."""


class _NeverMind(Exception):
    """Leaves a transaction without writing it."""


class FedReadStore(ReadStore):
    """`consumers.feed.FedStore` over the same tables."""

    def enter(self, projections: Sequence[Projection], topic: Topic, partition: int) -> list[PartitionStanding]:
        """Where these views stand in a partition; a view that was never there begins at its tables' position.

        Refused `view_stale` where the tables are of another version, or lack documents that a feed needs.
        """
        with self._database.reading() as connection:
            found = self._standings(connection, projections, partition)
        if found is None:
            with self._database.restructuring() as connection:
                for projection in projections:
                    read_places.open_places(connection, self._feedable(connection, projection), topic.partitions)
                found = self._standings(connection, projections, partition)
        if found is None:
            raise NotFound("unknown_partition", f"partition {partition} of {topic.partitions}")
        return found

    def _standings(
        self, connection: sa.Connection, projections: Sequence[Projection], partition: int
    ) -> list[PartitionStanding] | None:
        entries, parked = entries_of(connection, "live"), all_parked(connection)
        places = read_places.places_in(connection, partition)
        standings = []
        for projection in projections:
            entry = _servable(named(entries, projection.name, "live"), projection)
            place = places.get((entry["name"], entry["slot"]))
            if place is None:
                return None
            standings.append(PartitionStanding(place, tuple(parked.get((entry["name"], entry["slot"]), ()))))
        return standings

    def _feedable(self, connection: sa.Connection, projection: Projection) -> Entry:
        entry = _servable(required(connection, projection.name, "live"), projection)
        lacks_documents = projection.refolds and entry["slot"] != FIRST_SLOT
        if lacks_documents and not read_places.is_fed(connection, entry):
            raise Conflict(
                "view_stale",
                f"{projection.name}: these tables were rebuilt to be followed in the store, not from a topic; "
                "give the projectors an empty read store",
            )
        return entry

    def write_partition(self, changes: Sequence[PartitionChange]) -> None:
        """Places, rows, documents and waiting events in one transaction.

        Refused `view_moved` where a place is another; raises PoisonEvent where the rows are refused for good.
        """
        with _poison_told(), self._database.writing() as connection:
            entries = entries_of(connection, "live")
            for one in changes:
                read_places.step(connection, named(entries, one.change.projection.name, "live"), one)
            for one in changes:
                entry = named(entries, one.change.projection.name, "live")
                self._write_view(connection, self._of(entry), one.change)
                park(connection, entry, one.change.parked)
                newly = {parked.subject for parked in one.change.parked}
                read_places.keep_waiting(connection, entry, one.waiting, newly)

    def refused(self, change: ViewChange) -> LedgerError | None:
        """What the database has against the rows of a change; nothing is written."""
        try:
            with _poison_told(), self._database.writing() as connection:
                self._write_view(connection, self._of(required(connection, change.projection.name, "live")), change)
                raise _NeverMind
        except _NeverMind:
            return None
        except PoisonEvent as error:
            return error

    # -- parked subjects --

    def waiting(self, name: str, subject: str) -> list[SourceEvent]:
        """The events that wait behind a parked one, in their order."""
        with self._database.reading() as connection:
            return read_places.waiting_of(connection, required(connection, name, "live"), subject)

    def retry(self, projection: Projection, subject: str, source: Source, *, keeps: bool) -> Retried:
        """Fold a parked subject's waiting events, in one transaction; without `keeps` only say what would come of it.

        The events of a view that is fed from a topic wait beside it; those of any other are read from `source`.
        Refused `not_parked` where nothing waits.
        """
        done: Retried | None = None
        waiting: list[SourceEvent] = []
        try:
            with _poison_told(), self._database.writing() as connection:
                entry = _servable(required(connection, projection.name, "live"), projection)
                waiting, document = self._left_at(connection, entry, projection, subject, source)
                unparked = fold_waiting(projection, subject, document, waiting)
                done = Retried(projection.name, subject, unparked.taken, len(waiting) - unparked.taken, unparked.parked)
                change = ViewChange(projection, {subject: unparked.change}, 0, 0)
                self._write_view(connection, self._of(entry), change)
                read_places.unpark(connection, entry, subject, unparked.until)
                park(connection, entry, [unparked.parked] if unparked.parked is not None else [])
                if not keeps:
                    raise _NeverMind
        except _NeverMind:
            assert done is not None, "it was folded before it was thrown away"
        except PoisonEvent as error:
            was = next(one for one in self.parked(projection.name) if one.subject == subject)
            return Retried(projection.name, subject, 0, len(waiting), was._replace(why=str(error)))
        return done

    def _left_at(
        self, connection: sa.Connection, entry: Entry, projection: Projection, subject: str, source: Source
    ) -> tuple[list[SourceEvent], Document | None]:
        """The events that wait, and the document that the subject was left with; the parked line is locked."""
        if not read_places.parked_among(connection, entry, [subject]):
            raise NotFound("not_parked", f"{projection.name}: {subject}", subject=subject)
        documents = self._of(entry).documents
        stored = connection.execute(sa.select(documents.c.document).where(documents.c.subject == subject)).scalar()
        document = None if stored is None else decode_document(stored)
        if entry["is_fed"]:
            return read_places.waiting_of(connection, entry, subject), document
        types = stored_names(projection.types)
        since = next(one.position for one in parked_of(connection, entry) if one.subject == subject)
        events = [event for event in source.read_subject(subject, entry["position"]) if event.type in types]
        if document is None and projection.refolds:
            earlier = (decoded(event) for event in events if event.position < since)
            document = projection.fold(earlier) or None
        return [event for event in events if event.position >= since], document

    def waiting_counts(self, name: str) -> dict[str, int]:
        """How many events wait behind each parked subject of a view."""
        with self._database.reading() as connection:
            return read_places.waiting_counts(connection, required(connection, name, "live"))


def _servable(entry: Entry, projection: Projection) -> Entry:
    if not is_servable(entry, projection):
        raise Conflict(
            "view_stale",
            f"{projection.name}: stored version {entry['version']}, code {projection.version}; "
            f"run `caseledger replay {projection.name}`",
        )
    return entry


@contextmanager
def _poison_told() -> Iterator[None]:
    """Tell rows that are refused for good from a database that is away."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise PoisonEvent("poison_event", str(error)) from error
    except Unavailable as error:
        if _is_refusal(error.__cause__):
            raise PoisonEvent("poison_event", error.detail) from error
        raise


def _is_refusal(error: BaseException | None) -> bool:
    """Whether the database speaks of the values it was given (data exception, constraint), not of itself."""
    original = getattr(error, "orig", error)
    if isinstance(original, sqlite3.Error):
        return isinstance(original, sqlite3.IntegrityError | sqlite3.DataError)
    return str(getattr(original, "sqlstate", None) or "")[:2] in ("22", "23")
