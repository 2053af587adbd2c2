"""What is asked of stored rows: which of them, in which order, and how two versions of a view differ."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from consumers.folding import Comparison
from domain.errors import NotFound
from infra.read_tables import ViewTables
from projections.fold import Column, Row


def _column_of(tables: ViewTables, name: str) -> Column:
    for column in tables.columns:
        if column.name == name:
            return column
    raise NotFound("unknown_field", f"{tables.name}: {name}", field=name)


def condition(tables: ViewTables, name: str, word: str) -> sa.ColumnElement[bool]:
    column, stored = _column_of(tables, name), tables.rows.c[name]
    if word == "":
        return stored.is_(None)
    if column.kind == "boolean":
        return stored.is_(word.lower() in ("true", "1", "yes"))
    if column.kind == "integer":
        return stored == int(word) if word.lstrip("-").isdecimal() else sa.false()
    if column.kind == "json":
        return stored.contains(f'"{word}"', autoescape=True)
    return stored == word


def order_of(tables: ViewTables, name: str) -> sa.ColumnElement[Any]:
    column = tables.rows.c[_column_of(tables, name.removeprefix("-")).name]
    return column.desc().nulls_last() if name.startswith("-") else column.asc().nulls_first()


def compared(connection: sa.Connection, name: str, position: int, old: ViewTables, new: ViewTables) -> Comparison:
    """Count the rows added, gone and changed in one pass over both, with one example each."""
    o, n = old.rows, new.rows
    keys = [column.name for column in new.columns if column.key]
    counted = {"added": _count(connection, n), "gone": _count(connection, o)}
    if not all(key in o.c for key in keys) or not all(counted.values()):
        return _all_new(connection, name, position, old, new, counted)
    both = [column.name for column in new.columns if column.name in o.c and not column.key]
    same_row = sa.and_(*(o.c[key] == n.c[key] for key in keys))
    differs = sa.or_(sa.false(), *(o.c[column].is_distinct_from(n.c[column]) for column in both))
    pairs = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.case((differs, 1), else_=0)), 0))
    met, changed = connection.execute(pairs.select_from(n.join(o, same_row))).one()
    counts = {"added": counted["added"] - met, "gone": counted["gone"] - met, "changed": int(changed)}
    questions = {
        "added": (new, sa.select(n).select_from(n.outerjoin(o, same_row)).where(o.c[keys[0]].is_(None))),
        "gone": (old, sa.select(o).select_from(o.outerjoin(n, same_row)).where(n.c[keys[0]].is_(None))),
        "changed": (new, sa.select(n).select_from(n.join(o, same_row)).where(differs)),
    }
    examples = {
        kind: _example(connection, tables, query) for kind, (tables, query) in questions.items() if counts[kind]
    }
    if counts["changed"]:
        was = sa.select(o).select_from(n.join(o, same_row)).where(differs)
        examples["was"] = _example(connection, old, was)
    return Comparison(name, position, **counts, examples=examples)


def _all_new(
    connection: sa.Connection, name: str, position: int, old: ViewTables, new: ViewTables, counts: dict[str, int]
) -> Comparison:
    """Where one side is empty, or the rows are named by other columns than before, none of them is the same row."""
    tables = {"added": new, "gone": old}
    examples = {kind: _example(connection, one, sa.select(one.rows)) for kind, one in tables.items() if counts[kind]}
    return Comparison(name, position, counts["added"], counts["gone"], 0, examples)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _example(connection: sa.Connection, tables: ViewTables, query: sa.Select[Any]) -> Row:
    first = connection.execute(query.limit(1)).mappings().one()
    return tables.row_from(dict(first))
