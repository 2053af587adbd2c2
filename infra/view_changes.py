"""What a pass changed in one view, written into its tables inside a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import sqlalchemy as sa

from consumers.folding import Change, ViewChange
from infra.read_database import ReadDatabase
from infra.read_tables import ViewTables, encoded_document
from projections.fold import Cells, Row

SUBJECTS_PER_FILL = 120
ROWS_PER_FILL = 2_000
"""Few enough that their rows stay in the processor's cache from being looked at to being inserted and freed."""


def write_changes(
    database: ReadDatabase, connection: sa.Connection, tables: ViewTables, change: ViewChange, *, lets_go: bool
) -> None:
    """Replace the changed subjects' rows and documents; an appending view only adds rows.

    With `lets_go` the rows are taken out of the change as they are written. Raises PoisonEvent where a row lacks its key.
    """
    appends, changes = change.projection.appends, change.changes
    replaced = [(subject,) for subject, changed in changes.items() if not changed.is_new]
    if replaced and not appends:
        database.fill(connection, tables.delete_rows, replaced)
    if replaced:
        database.fill(connection, tables.delete_document, replaced)
    documents = [
        (subject, encoded_document(subject, changed.document))
        for subject, changed in changes.items()
        if changed.document or (changed.document is not None and not appends)  # an empty one need not be read back
    ]
    if documents:
        database.fill(connection, tables.insert_document, documents)
    for some in _slices(tables, changes, lets_go):
        rows = tables.tuples_of(some)
        if rows:
            database.fill(connection, tables.insert_row, rows)


def _slices(tables: ViewTables, changes: dict[str, Change], lets_go: bool) -> Iterator[Sequence[Row | Cells]]:
    """The rows, as many at a time as the processor's cache holds.

    All in all they come in the order of their keys: of those that begin with the subject, some subjects at a time.
    """
    take = changes.pop if lets_go else changes.__getitem__
    if tables.begins_with_subject:
        subjects = sorted(changes)
        for at in range(0, len(subjects), SUBJECTS_PER_FILL):
            yield list(chain.from_iterable([take(subject).rows for subject in subjects[at : at + SUBJECTS_PER_FILL]]))
        return
    rows = tables.in_order(chain.from_iterable([take(subject).rows for subject in list(changes)]))
    for at in range(0, len(rows), ROWS_PER_FILL):
        some = rows[at : at + ROWS_PER_FILL]
        rows[at : at + ROWS_PER_FILL] = [()] * len(some)
        yield some
