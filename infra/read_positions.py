"""The list of views: which tables serve or are being built, how far they are, which subjects are parked."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from consumers.folding import Parked, ViewChange
from domain.errors import Conflict, NotFound
from infra.read_places import fed_positions, position_from
from infra.read_shares import is_share
from infra.read_tables import PARKED, SHARES, VIEWS, Entry, columns_text
from projections.fold import Projection


def is_entry(entry: Entry) -> sa.ColumnElement[bool]:
    return sa.and_(VIEWS.c.name == entry["name"], VIEWS.c.slot == entry["slot"])


def entry_of(connection: sa.Connection, name: str, state: str) -> Entry | None:
    query = sa.select(VIEWS).where(VIEWS.c.name == name, VIEWS.c.state == state)
    stored = connection.execute(query).one_or_none()
    return None if stored is None else _reached(connection, [stored._asdict()])[0]


def _reached(connection: sa.Connection, entries: list[Entry]) -> list[Entry]:
    """The entries with the position that they have reached where projectors feed them, and whether they do."""
    places = fed_positions(connection)
    for entry in entries:
        fed = places.get((entry["name"], entry["slot"]), [])
        entry["is_fed"] = bool(fed)
        entry["own_position"] = entry["position"]
        entry["position"] = position_from(entry["position"], fed)
    return entries


def entries_of(connection: sa.Connection, state: str) -> dict[str, Entry]:
    """All entries in a state, by name, from one query."""
    query = sa.select(VIEWS).where(VIEWS.c.state == state)
    entries = [dict(entry) for entry in connection.execute(query).mappings()]
    return {entry["name"]: entry for entry in _reached(connection, entries)}


def named(entries: dict[str, Entry], name: str, state: str) -> Entry:
    """One of them; refused `unknown_view` where it is not there."""
    if name not in entries:
        raise NotFound("unknown_view", f"{name} ({state})", field="name")
    return entries[name]


def required(connection: sa.Connection, name: str, state: str) -> Entry:
    entry = entry_of(connection, name, state)
    if entry is None:
        raise NotFound("unknown_view", f"{name} ({state})", field="name")
    return entry


def is_servable(entry: Entry, projection: Projection) -> bool:
    """Whether the present code can go on writing these tables."""
    return bool(entry["version"] == projection.version and entry["columns"] == columns_text(projection.columns))


def can_follow(live: Entry, projection: Projection) -> bool:
    """Whether the live view has rows that the present code goes on writing; one never filled need not be compared."""
    return live["position"] > 0 and is_servable(live, projection)


def advance(connection: sa.Connection, entry: Entry, change: ViewChange) -> None:
    """Move a position from the value that the writer read; a second follower finds another and is refused."""
    share, old, new = change.share, change.from_position, change.to_position
    if entry["is_fed"]:
        raise Conflict("view_moved", f"{entry['name']}: projectors write it from a topic")
    if share.of == 1:
        moving = VIEWS.update().where(is_entry(entry), VIEWS.c.position == old)
    else:
        moving = SHARES.update().where(is_share(entry, share), SHARES.c.position == old)
    if connection.execute(moving.values(position=new)).rowcount != 1:
        raise Conflict("view_moved", f"{entry['name']}: not at position {old}")


def park(connection: sa.Connection, entry: Entry, parked: Sequence[Parked]) -> None:
    if parked:
        named = {"name": entry["name"], "slot": entry["slot"]}
        connection.execute(PARKED.insert(), [{**named, **one._asdict()} for one in parked])


def parked_of(connection: sa.Connection, entry: Entry) -> list[Parked]:
    mine = sa.and_(PARKED.c.name == entry["name"], PARKED.c.slot == entry["slot"])
    columns = [PARKED.c[field] for field in Parked._fields]
    return [
        Parked(*stored) for stored in connection.execute(sa.select(*columns).where(mine).order_by(PARKED.c.subject))
    ]


def set_state(connection: sa.Connection, entry: Entry, state: str) -> None:
    connection.execute(VIEWS.update().where(is_entry(entry)).values(state=state))


def all_parked(connection: sa.Connection) -> dict[tuple[str, int], list[Parked]]:
    """The parked subjects of all views, by name and slot; there are few of them."""
    found: dict[tuple[str, int], list[Parked]] = {}
    for stored in connection.execute(sa.select(PARKED)).mappings():
        one = Parked(*(stored[field] for field in Parked._fields))
        found.setdefault((stored["name"], stored["slot"]), []).append(one)
    return found
