"""The shares of a rebuild that is split: how far each has come, where its rows wait, and how they become one view again."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from consumers.folding import ALL, Share
from domain.errors import Conflict
from infra.read_tables import PARKED, SHARES, VIEWS, Entry, ViewTables

_BESIDE = SHARES.to_metadata(sa.MetaData(), schema="beside")


def of_entry(table: sa.Table, entry: Entry) -> sa.ColumnElement[bool]:
    """Which lines of a list are a view's."""
    return sa.and_(table.c.name == entry["name"], table.c.slot == entry["slot"])


def is_share(entry: Entry, share: Share, shares: sa.Table = SHARES) -> sa.ColumnElement[bool]:
    """Which line of the list is a share's."""
    return sa.and_(of_entry(shares, entry), shares.c.number == share.number)


def position_of(connection: sa.Connection, entry: Entry, share: Share) -> int:
    """The ledger position of the tables, or of one share of them."""
    if share.of == 1:
        return int(entry["position"])
    return int(connection.execute(sa.select(SHARES.c.position).where(is_share(entry, share))).scalar() or 0)


def shares_of(connection: sa.Connection, entry: Entry) -> tuple[Share, ...]:
    """The shares in which tables are being built; `ALL` alone where they are not split."""
    columns = (SHARES.c.number, SHARES.c.first, SHARES.c.before, SHARES.c.kept_in)
    found = connection.execute(sa.select(*columns).where(of_entry(SHARES, entry)).order_by(SHARES.c.number)).all()
    return tuple(Share(row[0], len(found), *row[1:]) for row in found) or (ALL,)


def open_shares(connection: sa.Connection, entry: Entry, wanted: Sequence[Share]) -> tuple[Share, ...]:
    """The shares in which tables are being built; those `wanted` where nothing was built yet."""
    if entry["position"] == 0 and len(wanted) > 1 and shares_of(connection, entry) == (ALL,):
        named = {"name": entry["name"], "slot": entry["slot"], "position": 0}
        columns = ("number", "first", "before", "kept_in")
        lines = [{**named, **{column: getattr(share, column) for column in columns}} for share in wanted]
        connection.execute(SHARES.insert(), lines)
    return shares_of(connection, entry)


def files_in_use(connection: sa.Connection) -> set[str]:
    """The names of the files in which shares wait; any other such file is left over."""
    return {row[0] for row in connection.execute(sa.select(SHARES.c.kept_in).distinct())}


def take_in(connection: sa.Connection, entry: Entry, tables: ViewTables, share: Share) -> None:
    """Add the rows of a share that were written to a file of its own, attached as `beside`; from here on it is kept here.

    The tables have the same names there. Raises `view_moved` where the file does not hold the share.
    """
    position = connection.execute(sa.select(_BESIDE.c.position).where(is_share(entry, share, _BESIDE))).scalar()
    if position is None:
        raise Conflict("view_moved", f"{entry['name']}: {share.kept_in} holds nothing")
    for table in (tables.rows, tables.documents, PARKED):
        mine = (entry["name"], entry["slot"]) if table is PARKED else ()
        which = " WHERE name=? AND slot=?" if mine else ""
        connection.exec_driver_sql(f"INSERT INTO main.{table.name} SELECT * FROM beside.{table.name}{which}", mine)
    connection.execute(SHARES.update().where(is_share(entry, share)).values(position=position, kept_in=""))


def join_shares(connection: sa.Connection, entry: Entry) -> None:
    """The shares of a rebuild are one again; refused `view_moved` where they do not stand at one position."""
    mine = of_entry(SHARES, entry)
    reached = {row[0] for row in connection.execute(sa.select(SHARES.c.position).where(mine))}
    if len(reached) > 1:
        raise Conflict("view_moved", f"{entry['name']}: shares at {sorted(reached)}")
    for position in reached:
        connection.execute(VIEWS.update().where(of_entry(VIEWS, entry)).values(position=position))
    connection.execute(SHARES.delete().where(mine))
