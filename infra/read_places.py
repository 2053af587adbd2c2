"""How far views have come in each partition of a topic, and the events that wait behind a parked one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

import sqlalchemy as sa

from consumers.feed import PartitionChange, Place
from consumers.follow import SourceEvent
from domain.errors import Conflict
from infra.read_tables import PARKED, VIEWS, Entry

SUBJECTS_PER_QUERY = 500

PLACES = sa.Table(
    "view_places",
    VIEWS.metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("slot", sa.BigInteger, primary_key=True),
    sa.Column("partition", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("taken", sa.BigInteger, nullable=False),
)
"""One line per view, version and partition that a projector has read."""

WAITING = sa.Table(
    "view_waiting",
    VIEWS.metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("slot", sa.BigInteger, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
)
"""The events of parked subjects, the one that could not be taken first: what a retry takes, in this order."""


def _mine(table: sa.Table, entry: Entry) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.name == entry["name"], table.c.slot == entry["slot"])


def open_places(connection: sa.Connection, entry: Entry, partitions: int) -> None:
    """Make the places of all partitions where there are none yet; they begin at the tables' own position."""
    known = connection.execute(sa.select(PLACES.c.partition).where(_mine(PLACES, entry)))
    missing = set(range(partitions)) - {row[0] for row in known}
    named = {"name": entry["name"], "slot": entry["slot"], "topic": "", "next_offset": 0, "taken": 0}
    if missing:
        lines = [{**named, "partition": number, "position": entry["own_position"]} for number in sorted(missing)]
        connection.execute(PLACES.insert(), lines)


def places_in(connection: sa.Connection, partition: int) -> dict[tuple[str, int], Place]:
    """The places of all views in a partition, by name and slot."""
    columns = (PLACES.c.name, PLACES.c.slot, PLACES.c.topic, PLACES.c.next_offset, PLACES.c.position, PLACES.c.taken)
    found = connection.execute(sa.select(*columns).where(PLACES.c.partition == partition))
    return {(row[0], row[1]): Place(*row[1:]) for row in found}


def step(connection: sa.Connection, entry: Entry, change: PartitionChange) -> None:
    """Move a place from the value that the writer read; a process that was overtaken finds another and is refused."""
    old, new = change.from_place, change.to_place
    if old.slot != entry["slot"]:
        raise Conflict("view_moved", f"{entry['name']}: it was rebuilt")
    moving = PLACES.update().where(
        _mine(PLACES, entry),
        PLACES.c.partition == change.partition,
        PLACES.c.topic == old.topic,
        PLACES.c.next_offset == old.offset,
        PLACES.c.position == old.position,
    )
    moved = connection.execute(
        moving.values(topic=new.topic, next_offset=new.offset, position=new.position, taken=new.taken)
    )
    if moved.rowcount != 1:
        raise Conflict("view_moved", f"{entry['name']}: partition {change.partition} is not at {old}")


def is_fed(connection: sa.Connection, entry: Entry) -> bool:
    """Whether projectors write these tables from a topic."""
    found = connection.execute(sa.select(PLACES.c.partition).where(_mine(PLACES, entry)).limit(1))
    return found.first() is not None


def fed_positions(connection: sa.Connection) -> dict[tuple[str, int], list[tuple[int, int]]]:
    """(position, events taken) of every partition, by view and slot."""
    found: dict[tuple[str, int], list[tuple[int, int]]] = {}
    columns = (PLACES.c.name, PLACES.c.slot, PLACES.c.position, PLACES.c.taken)
    for name, slot, position, taken in connection.execute(sa.select(*columns)):
        found.setdefault((name, slot), []).append((position, taken))
    return found


def position_from(own: int, places: Sequence[tuple[int, int]]) -> int:
    """The ledger position up to which tables have surely taken every event.

    Ledger positions have no gap and each lies in one partition: where as many events were taken as the
    largest position says, none is missing. Else it is what the slowest partition says.
    """
    if not places:
        return own
    largest = max(own, *(position for position, _ in places))
    if own + sum(taken for _, taken in places) == largest:
        return largest
    return max(own, min(position for position, _ in places))


def copy_places(connection: sa.Connection, former: Entry, new: Entry, position: int) -> None:
    """Let tables that were built up to a position be fed like those that they replace.

    A partition in which the others took later events is read from its beginning, and what is known is passed over.
    """
    places = connection.execute(sa.select(PLACES).where(_mine(PLACES, former))).mappings().all()
    if places:
        changed = {"slot": new["slot"], "taken": 0, "position": position}
        lines = [
            {**place, **changed, "next_offset": place["next_offset"] if place["position"] <= position else 0}
            for place in places
        ]
        connection.execute(PLACES.insert(), lines)


def forget(connection: sa.Connection, entry: Entry) -> None:
    """Drop what is known of tables that are gone."""
    for table in (PLACES, WAITING):
        connection.execute(table.delete().where(_mine(table, entry)))


# -- parked subjects --


def keep_waiting(
    connection: sa.Connection, entry: Entry, events: Sequence[SourceEvent], newly: Collection[str]
) -> None:
    """Keep events behind a parked one; refused `view_moved` where a subject is parked no more.

    The parked lines are locked until the transaction ends, so that no retry takes the subject meanwhile.
    """
    if not events:
        return
    known = {event.subject for event in events} - set(newly)
    if len(parked_among(connection, entry, known)) != len(known):
        raise Conflict("view_moved", f"{entry['name']}: a parked subject was retried")
    named = {"name": entry["name"], "slot": entry["slot"]}
    connection.execute(WAITING.insert(), [{**named, **event._asdict()} for event in events])


def parked_among(connection: sa.Connection, entry: Entry, subjects: Collection[str]) -> set[str]:
    """Which of the subjects are parked, their lines locked."""
    found: set[str] = set()
    remaining = iter(sorted(subjects))
    while some := list(islice(remaining, SUBJECTS_PER_QUERY)):
        query = sa.select(PARKED.c.subject).where(_mine(PARKED, entry), PARKED.c.subject.in_(some))
        found.update(row[0] for row in connection.execute(query.with_for_update()))
    return found


def waiting_of(connection: sa.Connection, entry: Entry, subject: str) -> list[SourceEvent]:
    """A parked subject's events, in ledger order."""
    columns = [WAITING.c[field] for field in SourceEvent._fields]
    query = sa.select(*columns).where(_mine(WAITING, entry), WAITING.c.subject == subject)
    found = connection.execute(query.order_by(WAITING.c.position))
    return [SourceEvent(row[0], row[1], row[2], row[3], bytes(row[4])) for row in found]


def waiting_counts(connection: sa.Connection, entry: Entry) -> dict[str, int]:
    """How many events wait, by subject."""
    query = sa.select(WAITING.c.subject, sa.func.count()).where(_mine(WAITING, entry)).group_by(WAITING.c.subject)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def unpark(connection: sa.Connection, entry: Entry, subject: str, until: int) -> None:
    """The subject is parked no more, and its events up to a position wait no more."""
    here = sa.and_(_mine(WAITING, entry), WAITING.c.subject == subject, WAITING.c.position <= until)
    connection.execute(WAITING.delete().where(here))
    connection.execute(PARKED.delete().where(_mine(PARKED, entry), PARKED.c.subject == subject))
