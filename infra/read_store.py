"""Stored views: rows, documents and positions in SQLite (its own file, WAL) or PostgreSQL, through one code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice, zip_longest
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from consumers.folding import ALL, Change, Comparison, Parked, Share, Standing, ViewChange
from domain.errors import Conflict, NotFound
from infra.read_database import LOCK_WAIT_S, read_database
from infra.read_places import PLACES, copy_places
from infra.read_places import forget as forget_places
from infra.read_positions import (
    advance,
    all_parked,
    can_follow,
    entries_of,
    entry_of,
    is_entry,
    is_servable,
    named,
    park,
    parked_of,
    required,
    set_state,
)
from infra.read_questions import compared, condition, order_of
from infra.read_shares import files_in_use, join_shares, open_shares, position_of, shares_of, take_in
from infra.read_tables import (
    PARKED,
    SHARES,
    VIEWS,
    Entry,
    ViewTables,
    columns_from,
    columns_text,
    decode_document,
)
from infra.rebuild_lock import Beat, Heartbeat
from infra.view_changes import write_changes
from infra.view_code import code_digest
from projections.fold import Column, Document, Projection, Row

SUBJECTS_PER_QUERY = 500
ROWS_PER_FETCH = 1_000
READ_BY_STATUS = (VIEWS.name, PARKED.name, PLACES.name)
"""The lists without which it cannot be told how views stand."""


class ViewStatus(NamedTuple):
    """Which version of a view serves, how far it has come, and whether it is that of the present code."""

    name: str
    version: int
    code_version: int
    position: int
    is_servable: bool
    is_current: bool
    building_position: int | None
    parked: int = 0
    is_fed: bool = False


class ReadStore:
    """The views of one ledger. Every write is one transaction: rows, documents and position, or none of them.

    A position is advanced only from the value that the writer read, so that of two followers one is refused
    `view_moved`. After a power cut the newest transactions may be missing, whole; the views then catch up.
    """

    def __init__(self, place: str | Path, *, lock_wait_s: float = LOCK_WAIT_S, is_durable: bool = True) -> None:
        self.place = str(place)
        self._database = read_database(self.place, lock_wait_s, is_durable=is_durable)
        self._engine = self._database.engine
        self._tables: dict[tuple[str, int], ViewTables] = {}

    def close(self) -> None:
        """Close all connections; they are opened again where something is asked."""
        self._engine.dispose()

    def prepare(self, wanted: Sequence[Projection]) -> None:
        """Create what is missing: the list of views, and empty live tables of views not yet there."""
        if self._is_prepared(wanted):
            return
        with self._database.restructuring() as connection:
            self._database.open_schema(connection)
            VIEWS.metadata.create_all(connection)
            for projection in wanted:
                if entry_of(connection, projection.name, "live") is None:
                    tables = self._open_slot(connection, projection, "live")
                    tables.create_indexes(connection)

    def is_begun(self) -> bool:
        """Whether any view was ever prepared here."""
        with self._database.reading() as connection:
            return _has(connection, READ_BY_STATUS)

    def _is_prepared(self, wanted: Sequence[Projection]) -> bool:
        with self._database.reading() as connection:
            if not _has(connection, VIEWS.metadata.tables):
                return False
            return {projection.name for projection in wanted} <= entries_of(connection, "live").keys()

    def status(self, wanted: Sequence[Projection]) -> list[ViewStatus]:
        """What serves for each of these views; a view that is not prepared is left out."""
        found = []
        with self._database.reading() as connection:
            for projection in wanted:
                live = entry_of(connection, projection.name, "live")
                building = entry_of(connection, projection.name, "building")
                if live is not None:
                    servable = is_servable(live, projection)
                    found.append(
                        ViewStatus(
                            projection.name,
                            live["version"],
                            projection.version,
                            live["position"],
                            servable,
                            servable and live["digest"] == code_digest(projection),
                            building["position"] if building else None,
                            len(parked_of(connection, live)),
                            live["is_fed"],
                        )
                    )
        return found

    def require_current(self, *projections: Projection) -> None:
        """Refused `view_stale` where the stored rows are of another version or of other columns."""
        with self._database.reading() as connection:
            live = entries_of(connection, "live")
        for projection in projections:
            entry = named(live, projection.name, "live")
            if not is_servable(entry, projection):
                raise Conflict(
                    "view_stale",
                    f"{projection.name}: stored version {entry['version']}, code {projection.version}; "
                    f"run `caseledger replay {projection.name}`",
                )

    def standings(self, projections: Sequence[Projection], target: str = "live", share: Share = ALL) -> list[Standing]:
        """Position and parked subjects of several views, as of one moment."""
        with self._database.reading() as connection:
            entries = entries_of(connection, target)
            wanted = [named(entries, projection.name, target) for projection in projections]
            parked = all_parked(connection)
            live = entries if target == "live" else entries_of(connection, "live")
            return [
                Standing(
                    position_of(connection, entry, share),
                    tuple(parked.get((entry["name"], entry["slot"]), ())),
                    entry["name"] in live and live[entry["name"]]["is_fed"],
                )
                for entry in wanted
            ]

    def position(self, name: str, target: str = "live", share: Share = ALL) -> int:
        """The ledger position up to which the view (or this share of it) has taken every event."""
        with self._database.reading() as connection:
            return position_of(connection, required(connection, name, target), share)

    def parked(self, name: str, target: str = "live") -> list[Parked]:
        """The subjects that the view reads only up to an event which it could not take."""
        with self._database.reading() as connection:
            return parked_of(connection, required(connection, name, target))

    def documents(self, name: str, subjects: Collection[str], target: str = "live") -> dict[str, Document]:
        """The stored documents of those subjects that have one."""
        found: dict[str, Document] = {}
        with self._database.reading() as connection:
            table = self._of(required(connection, name, target)).documents
            remaining = iter(subjects)
            while some := list(islice(remaining, SUBJECTS_PER_QUERY)):
                query = sa.select(table.c.subject, table.c.document).where(table.c.subject.in_(some))
                for subject, document in connection.execute(query):
                    found[subject] = decode_document(document)
        return found

    def first_documents(self, name: str, share: Share, limit: int, target: str = "live") -> dict[str, Document]:
        """At most so many stored documents of the share's subjects, the first in the order of subjects."""
        with self._database.reading() as connection:
            table = self._of(required(connection, name, target)).documents
            query = sa.select(table.c.subject, table.c.document).where(table.c.subject >= share.first)
            if share.before is not None:
                query = query.where(table.c.subject < share.before)
            found = connection.execute(query.order_by(table.c.subject).limit(limit))
            return {subject: decode_document(document) for subject, document in found}

    def apply(
        self, projection: Projection, changes: Mapping[str, Change], from_position: int, to_position: int
    ) -> None:
        """One live view's changes in a transaction of their own; refused `view_moved` like `write`."""
        self.write([ViewChange(projection, dict(changes), from_position, to_position)])

    def write(self, changes: Sequence[ViewChange], target: str = "live", *, lets_go: bool = False) -> None:
        """Rows, documents and positions in one transaction; refused `view_moved` if a position is another.

        With `lets_go` the changes are used up: what is inserted is taken out of them, and freed while it is at hand.
        """
        with self._database.writing() as connection:
            entries = entries_of(connection, target)
            for change in sorted(changes, key=_view_name):  # in one order everywhere, so that no two writers deadlock
                entry = named(entries, change.projection.name, target)
                advance(connection, entry, change)
                self._write_view(connection, self._of(entry), change, lets_go=lets_go)
                park(connection, entry, change.parked)

    def rows(
        self,
        name: str,
        where: Mapping[str, str] | None = None,
        limit: int | None = None,
        order: Sequence[str] = (),
    ) -> Iterator[Row]:
        """The live rows, streamed, of one moment; `where` compares columns with words from a command line.

        A row of a parked subject also says `stale_from`, the position from which it has taken nothing.
        An empty word means unknown; in a list column the word must be one of the items. `order` names columns,
        `-` in front for falling; the key columns otherwise. Refused `unknown_field` for a column not there.
        """
        with self._database.reading() as connection:
            entry = required(connection, name, "live")
            tables = self._of(entry)
            stale = {one.subject: one.position for one in parked_of(connection, entry)}
            query = sa.select(tables.rows)
            for column, word in (where or {}).items():
                query = query.where(condition(tables, column, word))
            keys = [column.name for column in tables.columns if column.key]
            for column in order or keys:
                query = query.order_by(order_of(tables, column))
            with connection.execution_options(yield_per=ROWS_PER_FETCH).execute(query.limit(limit)) as result:
                for stored in result.mappings():
                    row = tables.row_from(dict(stored))
                    if stale and row[tables.subject_column] in stale:
                        row["stale_from"] = stale[row[tables.subject_column]]
                    yield row

    # -- the next version beside the live one --

    def begin_building(self, projection: Projection) -> int:
        """Open, or resume, the next version's tables beside the live ones; gives their position.

        Tables that another version of the code began are dropped first.
        """
        with self._database.restructuring() as connection:
            begun = entry_of(connection, projection.name, "building")
            if begun is not None:
                if is_servable(begun, projection) and begun["digest"] == code_digest(projection):
                    return int(begun["position"])
                self._drop(connection, begun)
            self._open_slot(connection, projection, "building")
        return 0

    def standing_still(self) -> AbstractContextManager[None]:
        """Nobody else moves a view while the block runs: what it does is one transaction."""
        return self._database.held()

    def compare(self, projection: Projection) -> Comparison:
        """The building rows against the live ones, over the columns that both have.

        Refused `view_moved` if they stand at different positions while the live view can still be followed.
        """
        with self._database.reading() as connection:
            live = required(connection, projection.name, "live")
            building = required(connection, projection.name, "building")
            if live["position"] != building["position"] and can_follow(live, projection):
                raise Conflict("view_moved", projection.name)
            old, new = self._of(live), self._of(building)
            return compared(connection, projection.name, building["position"], old, new)

    def shares_from(self, firsts: Sequence[str]) -> tuple[Share, ...]:
        """Shares that begin at these subjects; where only one process writes at a time, all but one in files of their own."""
        files, found = self._database.share_files, []
        for number, (first, before) in enumerate(zip_longest(firsts, firsts[1:])):
            kept_in = files.new_name(number) if files and number else ""
            found.append(Share(number, len(firsts), first, before, kept_in))
        return tuple(found)

    def shares(self, projections: Sequence[Projection], wanted: Sequence[Share]) -> list[tuple[Share, ...]]:
        """For each view the shares in which it is being built; those `wanted` where it has not begun yet."""
        with self._database.restructuring() as connection:
            return [open_shares(connection, entry, wanted) for entry in self._building(connection, projections)]

    def of_share(self, projections: Sequence[Projection], share: Share) -> ReadStore:
        """The store that a share is written to, to be closed by whoever asked for it."""
        files = self._database.share_files
        if files is None or not share.kept_in:
            return ReadStore(self.place)
        file = files.open(share.kept_in, [projection.name for projection in projections])
        apart = ReadStore(file, is_durable=False)
        apart._tables = self._tables  # they have the same names there
        return apart

    def join(self, projections: Sequence[Projection]) -> None:
        """All shares of these views have come to one position: from here on each view is one again."""
        with self._database.reading() as connection:
            kept_in = {
                share.kept_in
                for entry in self._building(connection, projections)
                for share in shares_of(connection, entry)
                if share.kept_in
            }
        for file in sorted(kept_in):
            with self._database.restructuring(file) as connection:
                for entry in self._building(connection, projections):
                    for share in shares_of(connection, entry):
                        if share.kept_in == file:
                            take_in(connection, entry, self._of(entry), share)
        with self._database.restructuring() as connection:
            for entry in self._building(connection, projections):
                join_shares(connection, entry)

    @staticmethod
    def _building(connection: sa.Connection, projections: Sequence[Projection]) -> list[Entry]:
        entries = entries_of(connection, "building")
        return [named(entries, projection.name, "building") for projection in projections]

    def sweep(self) -> None:
        """Remove the files of shares that no rebuild will join any more."""
        if self._database.share_files is not None:
            with self._database.restructuring() as connection:
                self._database.share_files.sweep(files_in_use(connection))

    def discard(self, projection: Projection) -> None:
        """Drop the next version's tables; nothing happens where there are none."""
        with self._database.restructuring() as connection:
            building = entry_of(connection, projection.name, "building")
            if building is not None:
                self._drop(connection, building)

    def rebuilding(self, wanted: Sequence[Projection]) -> AbstractContextManager[Beat]:
        """Hold the right to rebuild these views; refused `view_rebuilding` while another process holds it."""
        return self._database.rebuilding([projection.name for projection in wanted])

    def beat(self, name: str) -> Heartbeat | None:
        """What a rebuild that runs now, or ran last, said of itself; None where there never was one."""
        return self._database.beat(name)

    def swap(self, projection: Projection, position: int) -> None:
        """Make the building tables live, in one transaction; refused `view_moved` if either is elsewhere.

        The live tables become the former ones, for `rollback`; earlier former ones are dropped.
        """
        with self._database.restructuring() as connection:
            live = required(connection, projection.name, "live")
            building = required(connection, projection.name, "building")
            followed = live["position"] == position or not can_follow(live, projection)
            if building["position"] != position or not followed:
                raise Conflict("view_moved", projection.name)
            former = entry_of(connection, projection.name, "former")
            if former is not None:
                self._drop(connection, former)
            self._of(building).create_indexes(connection)
            copy_places(connection, live, building, position)
            set_state(connection, live, "former")
            set_state(connection, building, "live")

    def rollback(self, *names: str) -> None:
        """Let the former tables of these views serve again; the live ones become the former.

        All or none: refused `no_former_view` where one of them has no former tables.
        """
        with self._database.restructuring() as connection:
            for name in names:
                live, former = required(connection, name, "live"), entry_of(connection, name, "former")
                if former is None:
                    raise NotFound("no_former_view", name, field="name")
                set_state(connection, live, "swapping")
                set_state(connection, former, "live")
                set_state(connection, live, "former")

    # -- inside --

    def _open_slot(self, connection: sa.Connection, projection: Projection, state: str) -> ViewTables:
        """New empty tables for a view, under the next slot number."""
        newest = connection.execute(
            sa.select(sa.func.max(VIEWS.c.slot)).where(VIEWS.c.name == projection.name)
        ).scalar()
        entry: Entry = {
            "name": projection.name,
            "slot": (newest or 0) + 1,
            "state": state,
            "version": projection.version,
            "digest": code_digest(projection),
            "columns": columns_text(projection.columns),
            "subject_column": projection.subject_column,
            "position": 0,
        }
        self._tables.pop((projection.name, entry["slot"]), None)
        tables = self._of(entry)
        tables.create(connection)
        connection.execute(VIEWS.insert().values(entry))
        return tables

    def _drop(self, connection: sa.Connection, entry: Entry) -> None:
        """Drop tables; where somebody still reads, they only leave the list, and a later change drops them."""
        if not self._database.may_drop(connection):
            set_state(connection, entry, "dropped")
            return
        left = sa.select(VIEWS).where(VIEWS.c.state == "dropped")
        for one in [entry, *(dict(found) for found in connection.execute(left).mappings().all())]:
            self._drop_now(connection, one)

    def _drop_now(self, connection: sa.Connection, entry: Entry) -> None:
        self._of(entry).drop(connection)
        for table in (SHARES, PARKED):
            connection.execute(table.delete().where(table.c.name == entry["name"], table.c.slot == entry["slot"]))
        forget_places(connection, entry)
        self._tables.pop((entry["name"], entry["slot"]), None)
        connection.execute(VIEWS.delete().where(is_entry(entry)))

    def _of(self, entry: Entry) -> ViewTables:
        """The tables of an entry; kept ready, and made anew where another process reused the slot."""
        columns: tuple[Column, ...] = columns_from(entry["columns"])
        known = self._tables.get((entry["name"], entry["slot"]))
        if known is None or known.columns != columns:
            known = ViewTables(self._engine.dialect, entry["name"], entry["slot"], columns, entry["subject_column"])
            self._tables[entry["name"], entry["slot"]] = known
        return known

    def _write_view(
        self, connection: sa.Connection, tables: ViewTables, change: ViewChange, *, lets_go: bool = False
    ) -> None:
        """Replace the changed subjects' rows and documents; an appending view only adds rows."""
        write_changes(self._database, connection, tables, change, lets_go=lets_go)


def _has(connection: sa.Connection, lists: Iterable[str]) -> bool:
    """Whether these lists are there; an earlier release may have made fewer."""
    return set(lists) <= set(sa.inspect(connection).get_table_names())


def _view_name(change: ViewChange) -> str:
    return change.projection.name
