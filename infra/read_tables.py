"""The tables of one view – rows, documents – and the SQL that fills them; alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa

from domain.errors import PoisonEvent
from projections.fold import Column, Kind, Row, value_as

VIEWS = sa.Table(
    "views",
    sa.MetaData(),
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

_TYPES: dict[Kind, type[sa.types.TypeEngine[Any]]] = {
    "text": sa.Text,
    "integer": sa.BigInteger,
    "boolean": sa.Boolean,
    "json": sa.Text,
}
_json = msgspec.json.Encoder(order="deterministic").encode
_unjson = msgspec.json.decode


def columns_text(columns: Sequence[Column]) -> str:
    """The columns as they are kept beside the rows, so that older rows stay readable."""
    return _json([[c.name, c.kind, c.key, c.index] for c in columns]).decode()


def columns_from(text: str) -> tuple[Column, ...]:
    """The columns back from `columns_text`."""
    return tuple(Column(*fields) for fields in _unjson(text))


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
            *(sa.Column(c.name, _TYPES[c.kind], primary_key=c.key, autoincrement=False) for c in columns),
        )
        self.documents = sa.Table(
            f"{name}_{slot}_documents",
            metadata,
            sa.Column("subject", sa.Text, primary_key=True),
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
        self._tuple_of: Callable[[Row], tuple[Any, ...]] = itemgetter(*(c.name for c in columns))
        self._kinds = tuple(c.kind for c in columns)
        self._keys = tuple(number for number, c in enumerate(columns) if c.key)

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

    def row_tuples(self, subject: str, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """Rows as tuples in column order. Raises PoisonEvent where a key column is unknown."""
        tuples = []
        for row in rows:
            cells = [
                value if value is None or (kind == "text" and type(value) is str) else cell(kind, value)
                for kind, value in zip(self._kinds, self._tuple_of(row), strict=True)
            ]
            for number in self._keys:
                if cells[number] is None:
                    field = self.columns[number].name
                    raise PoisonEvent(
                        "poison_event", f"{self.name}: a row without {field}", field=field, subject=subject
                    )
            tuples.append(tuple(cells))
        return tuples

    def row_from(self, row: Row) -> Row:
        """A stored row as the fold gave it."""
        for column in self.columns:
            if column.kind == "json" and row[column.name] is not None:
                row[column.name] = _unjson(row[column.name])
        return row


def _sql(dialect: sa.Dialect, statement: sa.sql.ClauseElement) -> str:
    return str(statement.compile(dialect=dialect))


def encode_document(subject: str, document: Mapping[str, Any]) -> bytes:
    """A fold's document as stored. Raises PoisonEvent where it holds what JSON cannot."""
    try:
        return msgspec.json.encode(document)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise PoisonEvent("poison_event", str(error), subject=subject) from error


def decode_document(raw: bytes) -> dict[str, Any]:
    """A stored document back."""
    document: dict[str, Any] = _unjson(raw)
    return document
