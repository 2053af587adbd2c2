"""The tables of one view – rows, documents – and the SQL that fills them; alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa

from domain.errors import PoisonEvent
from projections.fold import INTEGER_MAX, Cells, Column, Kind, Row, value_as

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text in the order of its characters' numbers, on every database alike."""
Entry = dict[str, Any]
"""One line of `VIEWS`, and what is known beside it."""
_METADATA = sa.MetaData()
VIEWS = sa.Table(
    "views",
    _METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("slot", sa.BigInteger, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # live, building, former
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("columns", sa.Text, nullable=False),
    sa.Column("subject_column", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""One line per view and version: which tables serve, and up to which event they have taken the ledger."""

SHARES = sa.Table(
    "rebuild_shares",
    _METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("slot", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("first", TEXT, nullable=False),
    sa.Column("before", TEXT),
    sa.Column("kept_in", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""The shares of a split rebuild: which subjects, the file in which they wait to be joined (or none), how far they are."""
PARKED = sa.Table(
    "view_parked",
    _METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("slot", sa.BigInteger, primary_key=True),
    sa.Column("subject", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("field", sa.Text),
    sa.Column("why", sa.Text, nullable=False),
)
"""The subjects that a view reads only up to an event which it could not take."""

_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {
    "text": TEXT,
    "integer": sa.BigInteger(),
    "boolean": sa.Boolean(),
    "json": TEXT,
}
_UNKNOWN = frozenset({type(None)})
_AS_STORED: dict[Kind, frozenset[type]] = {
    "text": frozenset({str}) | _UNKNOWN,
    "integer": frozenset({int}) | _UNKNOWN,
    "boolean": frozenset({bool}) | _UNKNOWN,
    "json": frozenset(),
}
_encoder = msgspec.json.Encoder(order="deterministic")
_json = _encoder.encode
_unjson = msgspec.json.decode


@lru_cache(maxsize=64)
def columns_text(columns: tuple[Column, ...]) -> str:
    """The columns as they are kept beside the rows, so that older rows stay readable."""
    return _json([[c.name, c.kind, c.key, c.index] for c in columns]).decode()


@lru_cache(maxsize=64)
def columns_from(text: str) -> tuple[Column, ...]:
    """The columns back from `columns_text`."""
    return tuple(Column(*fields) for fields in _unjson(text))


def _json_texts(values: Sequence[Any]) -> Iterable[str | None]:
    """Many values as JSON, which holds no line break of its own; what is unknown stays so."""
    texts = _encoder.encode_lines(values).decode().split("\n")
    return [None if value is None else text for value, text in zip(values, texts, strict=False)]


def _is_beyond(cells: Sequence[Any], *, are_known: bool) -> bool:
    """Whether one of these integers is larger than a column holds."""
    known = cells if are_known else [value for value in cells if value is not None]
    return bool(max(known) > INTEGER_MAX or min(known) < -INTEGER_MAX)


def cell(kind: Kind, value: Any) -> Any:
    """A value as its column stores it."""
    if kind == "json":
        return None if value is None else _json(value).decode()
    return value_as(kind, value)


class ViewTables:
    """Tables and ready SQL of one slot of one view."""

    def __init__(
        self, dialect: sa.Dialect, name: str, slot: int, columns: Sequence[Column], subject_column: str
    ) -> None:
        self.name = name
        self.slot = slot
        self.columns = tuple(columns)
        self.subject_column = subject_column
        metadata = sa.MetaData()
        self.rows = sa.Table(
            f"{name}_{slot}",
            metadata,
            *(sa.Column(c.name, _type_of(c), primary_key=c.key, autoincrement=False) for c in columns),
        )
        self.documents = sa.Table(
            f"{name}_{slot}_documents",
            metadata,
            sa.Column("subject", TEXT, primary_key=True),
            sa.Column("document", sa.LargeBinary, nullable=False),
        )
        self._metadata = metadata
        self.insert_row = _sql(dialect, self.rows.insert())
        self.delete_rows = _sql(
            dialect, self.rows.delete().where(self.rows.c[subject_column] == sa.bindparam("subject"))
        )
        self.insert_document = _sql(dialect, self.documents.insert())
        self.delete_document = _sql(
            dialect, self.documents.delete().where(self.documents.c.subject == sa.bindparam("subject"))
        )
        self._kinds = {c.name: _AS_STORED[c.kind] - (_UNKNOWN if c.key else frozenset()) for c in columns}
        self.begins_with_subject = next((c.name for c in columns if c.key), None) == subject_column
        self._encodes = any(c.kind == "json" for c in columns)
        self._tuple_of: Callable[[Row], Cells] = itemgetter(*(c.name for c in columns))
        self._subject_of: Callable[[Cells], Any] = itemgetter([c.name for c in columns].index(subject_column))
        self._key_of: Callable[[Cells], Any] = itemgetter(*(n for n, c in enumerate(columns) if c.key))

    def create(self, connection: sa.Connection) -> None:
        """Create the tables, without the indexes that are only needed for reading."""
        self._metadata.create_all(connection)

    def create_indexes(self, connection: sa.Connection) -> None:
        """Create the indexes that questions use; a rebuild does so last."""
        for column in self.columns:
            if column.index:
                name = f"{self.name}_{self.slot}_by_{column.name}"
                sa.Index(name, self.rows.c[column.name]).create(connection, checkfirst=True)

    def drop(self, connection: sa.Connection) -> None:
        """Drop both tables with their indexes."""
        self._metadata.drop_all(connection)

    def in_order(self, rows: Iterable[Row | Cells]) -> list[Cells]:
        """The rows as tuples in column order, in the order of their keys as far as these can be compared."""
        given: list[Any] = list(rows)
        found: list[Cells] = given if given and isinstance(given[0], tuple) else list(map(self._tuple_of, given))
        with suppress(TypeError):  # a key that is unknown: `tuples_of` says whose
            found.sort(key=self._key_of)
        return found

    def tuples_of(self, rows: Sequence[Row | Cells]) -> list[Cells]:
        """The rows as they are stored, in the order of their keys, in which tables and their indexes take them fastest.
        Raises PoisonEvent where a key column is unknown.

        Whole columns are looked at together, which costs a fraction of looking at every cell; where a column
        holds values of another kind, its rows are taken cell by cell.
        """
        given: Sequence[Any] = rows
        if not given:
            return []
        found: list[Cells] = list(given if isinstance(given[0], tuple) else map(self._tuple_of, given))
        whole: list[Iterable[Any]] = []
        for column, cells in zip(self.columns, zip(*found, strict=True), strict=True):
            kinds = set(map(type, cells))
            if column.kind == "json" and not (column.key and type(None) in kinds):
                whole.append(_json_texts(cells) if kinds != _UNKNOWN else cells)
            elif kinds <= self._kinds[column.name] and not (
                int in kinds and _is_beyond(cells, are_known=kinds.isdisjoint(_UNKNOWN))
            ):
                whole.append(cells)
            else:
                break
        else:
            tuples = list(zip(*whole, strict=True)) if self._encodes else found
            tuples.sort(key=self._key_of)
            return tuples
        return list(map(self._tuple_in, found))

    def _tuple_in(self, row: Cells) -> Cells:
        cells = []
        for column, value in zip(self.columns, row, strict=True):
            stored = value if value is None else cell(column.kind, value)
            if stored is None and column.key:
                what = f"{self.name}: a row without {column.name}"
                raise PoisonEvent("poison_event", what, field=column.name, subject=self._subject_of(row))
            cells.append(stored)
        return tuple(cells)

    def row_from(self, row: Row) -> Row:
        """A stored row as the fold gave it."""
        for column in self.columns:
            if column.kind == "json" and row[column.name] is not None:
                row[column.name] = _unjson(row[column.name])
        return row


def _type_of(column: Column) -> sa.types.TypeEngine[Any]:
    """A column's type; a key of one integer is SQLite's own row number, which costs no index."""
    if column.key and column.kind == "integer":
        return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return _TYPES[column.kind]


def _sql(dialect: sa.Dialect, statement: sa.sql.ClauseElement) -> str:
    return str(statement.compile(dialect=dialect))


def encoded_document(subject: str, document: Mapping[str, Any] | bytes) -> bytes:
    """A fold's document as stored. Raises PoisonEvent where it holds what JSON cannot."""
    if isinstance(document, bytes):
        return document
    try:
        return msgspec.json.encode(document)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise PoisonEvent("poison_event", str(error), subject=subject) from error


def decode_document(raw: bytes) -> dict[str, Any]:
    """A stored document back."""
    document: dict[str, Any] = _unjson(raw)
    return document
