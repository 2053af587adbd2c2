"""Stored views: rows, documents and positions in SQLite (its own file, WAL) or PostgreSQL, through one code."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

import projections.fold
import projections.wording
from consumers.folding import ALL, Change, Comparison, Parked, Share, ViewChange
from domain.errors import Conflict, NotFound
from infra.read_failures import database_failures
from infra.read_questions import compared, condition, order_of
from infra.read_tables import (
    PARKED,
    SHARES,
    VIEWS,
    ViewTables,
    columns_from,
    columns_text,
    decode_document,
    encode_document,
)
from projections.fold import Column, Document, Projection, Row

LOCK_WAIT_S = 60.0
"""How long a write waits for another process's write before it is refused `locked`."""
CACHE_KIB = 32_768
"""Pages that a connection keeps, so that a rebuild's large transactions are written once."""
SUBJECTS_PER_QUERY = 500
ROWS_PER_FETCH = 1_000

Entry = dict[str, Any]


class ViewStatus(NamedTuple):
    """Which version of a view serves, how far it has come, and whether it is that of the present code."""

    name: str
    version: int
    code_version: int
    position: int
    is_servable: bool
    is_current: bool
    building_position: int | None


def code_digest(projection: Projection) -> str:
    """SHA-256 of a view's columns and of the source text of its fold and of what all folds share."""
    digest = hashlib.sha256(f"{projection.name} {projection.version}\n".encode())
    digest.update(columns_text(projection.columns).encode())
    own = sys.modules[projection.rows.__module__]
    for module in (own, projections.fold, projections.wording):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()


class ReadStore:
    """The views of one ledger. Every write is one transaction: rows, documents and position, or none of them.

    A position is advanced only from the value that the writer read, so that of two followers one is refused
    `view_moved`. After a power cut the newest transactions may be missing, whole; the views then catch up.
    """

    def __init__(self, place: str | Path, *, lock_wait_s: float = LOCK_WAIT_S) -> None:
        self.place = str(place)
        self._engine = _engine(self.place, lock_wait_s)
        self._tables: dict[tuple[str, int], ViewTables] = {}

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def prepare(self, wanted: Sequence[Projection]) -> None:
        """Create what is missing: the list of views, and empty live tables of views not yet there."""
        with self._writing() as connection:
            VIEWS.metadata.create_all(connection)
            for projection in wanted:
                if _entry(connection, projection.name, "live") is None:
                    tables = self._open_slot(connection, projection, "live")
                    tables.create_indexes(connection)

    def status(self, wanted: Sequence[Projection]) -> list[ViewStatus]:
        """What serves for each of these views; a view that is not prepared is left out."""
        found = []
        with self._reading() as connection:
            for projection in wanted:
                live = _entry(connection, projection.name, "live")
                building = _entry(connection, projection.name, "building")
                if live is not None:
                    servable = _is_servable(live, projection)
                    found.append(
                        ViewStatus(
                            projection.name,
                            live["version"],
                            projection.version,
                            live["position"],
                            servable,
                            servable and live["digest"] == code_digest(projection),
                            building["position"] if building else None,
                        )
                    )
        return found

    def require_current(self, projection: Projection) -> None:
        """Refused `view_stale` where the stored rows are of another version or of other columns."""
        with self._reading() as connection:
            live = _required(connection, projection.name, "live")
        if not _is_servable(live, projection):
            raise Conflict(
                "view_stale",
                f"{projection.name}: stored version {live['version']}, code {projection.version}; "
                f"run `caseledger replay {projection.name}`",
            )

    def position(self, name: str, target: str = "live", share: Share = ALL) -> int:
        """The ledger position up to which the view (or this share of it) has taken every event."""
        with self._reading() as connection:
            entry = _required(connection, name, target)
            if share.of == 1:
                return int(entry["position"])
            stored = connection.execute(sa.select(SHARES.c.position).where(_is_share(entry, share))).scalar()
            return int(stored or 0)

    def parked(self, name: str, target: str = "live") -> list[Parked]:
        """The subjects that the view reads only up to an event which it could not take."""
        with self._reading() as connection:
            return _parked(connection, _required(connection, name, target))

    def documents(self, name: str, subjects: Collection[str], target: str = "live") -> dict[str, Document]:
        """The stored documents of those subjects that have one."""
        found: dict[str, Document] = {}
        with self._reading() as connection:
            table = self._of(_required(connection, name, target)).documents
            remaining = iter(subjects)
            while some := list(islice(remaining, SUBJECTS_PER_QUERY)):
                query = sa.select(table.c.subject, table.c.document).where(table.c.subject.in_(some))
                for subject, document in connection.execute(query):
                    found[subject] = decode_document(document)
        return found

    def apply(
        self, projection: Projection, changes: Mapping[str, Change], from_position: int, to_position: int
    ) -> None:
        """One live view's changes in a transaction of their own; refused `view_moved` like `write`."""
        self.write([ViewChange(projection, changes, from_position, to_position)])

    def write(self, changes: Sequence[ViewChange], target: str = "live") -> None:
        """Rows, documents and positions in one transaction; refused `view_moved` if a position is another."""
        with self._writing() as connection:
            for change in changes:
                entry = _required(connection, change.projection.name, target)
                _advance(connection, entry, change)
                self._write_view(connection, self._of(entry), change)
                _park(connection, entry, change.parked)

    def rows(
        self,
        name: str,
        where: Mapping[str, str] | None = None,
        limit: int | None = None,
        order: Sequence[str] = (),
    ) -> Iterator[Row]:
        """The live rows, streamed, of one moment; `where` compares columns with words from a command line.

        An empty word means unknown; in a list column the word must be one of the items. `order` names columns,
        `-` in front for falling; the key columns otherwise. Refused `unknown_field` for a column not there.
        """
        with self._reading() as connection:
            tables = self._of(_required(connection, name, "live"))
            query = sa.select(tables.rows)
            for column, word in (where or {}).items():
                query = query.where(condition(tables, column, word))
            keys = [column.name for column in tables.columns if column.key]
            for column in order or keys:
                query = query.order_by(order_of(tables, column))
            result = connection.execution_options(yield_per=ROWS_PER_FETCH).execute(query.limit(limit))
            for stored in result.mappings():
                yield tables.row_from(dict(stored))

    # -- the next version beside the live one --

    def begin_building(self, projection: Projection) -> int:
        """Open, or resume, the next version's tables beside the live ones; gives their position.

        Tables that another version of the code began are dropped first.
        """
        with self._writing() as connection:
            begun = _entry(connection, projection.name, "building")
            if begun is not None:
                if _is_servable(begun, projection) and begun["digest"] == code_digest(projection):
                    return int(begun["position"])
                self._drop(connection, begun)
            self._open_slot(connection, projection, "building")
        return 0

    def compare(self, projection: Projection) -> Comparison:
        """The building rows against the live ones, over the columns that both have.

        Refused `view_moved` if they stand at different positions while the live view can still be followed.
        """
        with self._reading() as connection:
            live = _required(connection, projection.name, "live")
            building = _required(connection, projection.name, "building")
            if live["position"] != building["position"] and _can_follow(live, projection):
                raise Conflict("view_moved", projection.name)
            old, new = self._of(live), self._of(building)
            return compared(connection, projection.name, building["position"], old, new)

    def swap(self, projection: Projection, position: int) -> None:
        """Make the building tables live, in one transaction; refused `view_moved` if either is elsewhere.

        The live tables become the former ones, for `rollback`; earlier former ones are dropped.
        """
        with self._writing() as connection:
            live = _required(connection, projection.name, "live")
            building = _required(connection, projection.name, "building")
            followed = live["position"] == position or not _can_follow(live, projection)
            if building["position"] != position or not followed:
                raise Conflict("view_moved", projection.name)
            former = _entry(connection, projection.name, "former")
            if former is not None:
                self._drop(connection, former)
            self._of(building).create_indexes(connection)
            _set_state(connection, live, "former")
            _set_state(connection, building, "live")

    def rollback(self, name: str) -> None:
        """Let the former tables serve again; the live ones become the former. Refused where there are none."""
        with self._writing() as connection:
            live, former = _required(connection, name, "live"), _required(connection, name, "former")
            _set_state(connection, live, "swapping")
            _set_state(connection, former, "live")
            _set_state(connection, live, "former")

    # -- inside --

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with database_failures(self.place), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with database_failures(self.place), self._engine.connect() as plain:
            connection = plain.execution_options(caseledger_writes=True)
            with connection.begin():
                yield connection

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
        self._of(entry).drop(connection)
        for table in (SHARES, PARKED):
            connection.execute(table.delete().where(table.c.name == entry["name"], table.c.slot == entry["slot"]))
        self._tables.pop((entry["name"], entry["slot"]), None)
        connection.execute(VIEWS.delete().where(_is(entry)))

    def _of(self, entry: Entry) -> ViewTables:
        """The tables of an entry; kept ready, and made anew where another process reused the slot."""
        columns: tuple[Column, ...] = columns_from(entry["columns"])
        known = self._tables.get((entry["name"], entry["slot"]))
        if known is None or known.columns != columns:
            known = ViewTables(self._engine.dialect, entry["name"], entry["slot"], columns, entry["subject_column"])
            self._tables[entry["name"], entry["slot"]] = known
        return known

    def _write_view(self, connection: sa.Connection, tables: ViewTables, change: ViewChange) -> None:
        """Replace the changed subjects' rows and documents; an appending view only adds rows."""
        appends, changes = change.projection.appends, change.changes
        replaced = [(subject,) for subject, changed in changes.items() if not changed.is_new]
        if replaced and not appends:
            connection.exec_driver_sql(tables.delete_rows, replaced)
        if replaced:
            connection.exec_driver_sql(tables.delete_document, replaced)
        documents = [
            (subject, encode_document(subject, changed.document))
            for subject, changed in changes.items()
            if changed.document or (changed.document is not None and not appends)  # an empty one need not be read back
        ]
        if documents:
            connection.exec_driver_sql(tables.insert_document, documents)
        rows = tables.tuples_of({subject: changed.rows for subject, changed in changes.items()})
        if rows:
            connection.exec_driver_sql(tables.insert_row, rows)


def _engine(place: str, lock_wait_s: float) -> sa.Engine:
    """An engine for a file of SQLite or the address of a PostgreSQL database."""
    if "://" in place and not place.startswith("sqlite"):
        return sa.create_engine(place, paramstyle="format")
    url = place if "://" in place else sa.URL.create("sqlite", database=place)
    engine = sa.create_engine(url, connect_args={"timeout": lock_wait_s})

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the transactions are begun below, not guessed by the driver
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("caseledger_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _is(entry: Entry) -> sa.ColumnElement[bool]:
    return sa.and_(VIEWS.c.name == entry["name"], VIEWS.c.slot == entry["slot"])


def _entry(connection: sa.Connection, name: str, state: str) -> Entry | None:
    query = sa.select(VIEWS).where(VIEWS.c.name == name, VIEWS.c.state == state)
    stored = connection.execute(query).one_or_none()
    return None if stored is None else stored._asdict()


def _required(connection: sa.Connection, name: str, state: str) -> Entry:
    entry = _entry(connection, name, state)
    if entry is None:
        raise NotFound("unknown_view", f"{name} ({state})", field="name")
    return entry


def _is_servable(entry: Entry, projection: Projection) -> bool:
    """Whether the present code can go on writing these tables."""
    return bool(entry["version"] == projection.version and entry["columns"] == columns_text(projection.columns))


def _can_follow(live: Entry, projection: Projection) -> bool:
    """Whether the live view has rows that the present code goes on writing; one never filled need not be compared."""
    return live["position"] > 0 and _is_servable(live, projection)


def _advance(connection: sa.Connection, entry: Entry, change: ViewChange) -> None:
    """Move a position from the value that the writer read; a second follower finds another and is refused."""
    share, old, new = change.share, change.from_position, change.to_position
    if share.of == 1:
        moving = VIEWS.update().where(_is(entry), VIEWS.c.position == old)
    else:
        moving = SHARES.update().where(_is_share(entry, share), SHARES.c.position == old)
    if connection.execute(moving.values(position=new)).rowcount != 1:
        raise Conflict("view_moved", f"{entry['name']}: not at position {old}")


def _is_share(entry: Entry, share: Share) -> sa.ColumnElement[bool]:
    return sa.and_(SHARES.c.name == entry["name"], SHARES.c.slot == entry["slot"], SHARES.c.number == share.number)


def _park(connection: sa.Connection, entry: Entry, parked: Sequence[Parked]) -> None:
    if parked:
        named = {"name": entry["name"], "slot": entry["slot"]}
        connection.execute(PARKED.insert(), [{**named, **one._asdict()} for one in parked])


def _parked(connection: sa.Connection, entry: Entry) -> list[Parked]:
    mine = sa.and_(PARKED.c.name == entry["name"], PARKED.c.slot == entry["slot"])
    columns = [PARKED.c[field] for field in Parked._fields]
    return [
        Parked(*stored) for stored in connection.execute(sa.select(*columns).where(mine).order_by(PARKED.c.subject))
    ]


def _set_state(connection: sa.Connection, entry: Entry, state: str) -> None:
    connection.execute(VIEWS.update().where(_is(entry)).values(state=state))
