"""The embedded store as a source of replay: the events in ledger order, streamed, never locked for long."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

from consumers.follow import SourceEvent
from domain.errors import NotFound
from infra.sqlite_errors import translated

ROWS_PER_READ = 2_000
ROWS_OF_FIRST_READ = 16
SUBJECTS_PER_READ = 250


class SqliteSource:
    """`consumers.follow.Source` over `ledger.db`, read-only; a reader holds no transaction between its reads."""

    name = "store"

    def __init__(self, path: Path, events_table: str = "stored_events") -> None:
        if not path.exists():
            raise NotFound("no_ledger", str(path.parent))
        self._events = events_table
        with translated():
            self._connection = sqlite3.connect(
                f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA busy_timeout=30000")

    def head(self) -> int:
        """The position of the newest event = the ledger's size."""
        with translated():
            row = self._connection.execute(f"SELECT MAX(position) FROM {self._events}").fetchone()
        return int(row[0] or 0)

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[SourceEvent]:
        """Events after a position, in ledger order; other types are passed over without being read."""
        condition, params = "position>? AND position<=?", [after, self.head() if until is None else until]
        if types is not None:
            condition += f" AND topic IN ({','.join('?' * len(types))})"
        yield from map(SourceEvent._make, self._rows(condition, params, tuple(types or ())))

    def read_except(self, types: Collection[str], until: int) -> Iterator[tuple[int, str, int, str, bytes]]:
        """All events up to a position but those of some types, which are passed over without being read."""
        condition = f"position>? AND position<=? AND topic NOT IN ({','.join('?' * len(types))})"
        yield from self._rows(condition, [0, until], tuple(types))

    def _rows(
        self, condition: str, params: list[int], types: tuple[str, ...]
    ) -> Iterator[tuple[int, str, int, str, bytes]]:
        """Rows in ledger order, few at first: many a question is answered by the first one."""
        statement = (
            f"SELECT position, originator_id, originator_version, topic, state FROM {self._events} "
            f"WHERE {condition} ORDER BY position LIMIT ?"
        )
        limit = ROWS_OF_FIRST_READ
        while True:
            with translated():
                rows = self._connection.execute(statement, (*params, *types, limit)).fetchall()
            yield from rows
            if len(rows) < limit:
                return
            params[0] = rows[-1][0]
            limit = ROWS_PER_READ

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[SourceEvent]:
        """All events of one subject, in order."""
        limit = self.head() if until is None else until
        with translated():
            rows = self._connection.execute(
                f"SELECT position, originator_id, originator_version, topic, state FROM {self._events} "
                "WHERE originator_id=? AND position<=? ORDER BY originator_version",
                (subject, limit),
            ).fetchall()
        yield from map(SourceEvent._make, rows)

    def read_subjects(self, subjects: Sequence[str], until: int) -> Iterator[tuple[int, str, int, str, bytes]]:
        """All events of some subjects up to a position, subject by subject, as plain rows in `SourceEvent`'s order."""
        remaining = iter(subjects)
        while some := list(islice(remaining, SUBJECTS_PER_READ)):
            with translated():
                rows = self._connection.execute(
                    f"SELECT position, originator_id, originator_version, topic, state FROM {self._events} "
                    f"WHERE originator_id IN ({','.join('?' * len(some))}) AND position<=? "
                    "ORDER BY originator_id, originator_version",
                    (*some, until),
                ).fetchall()
            yield from rows

    def subject_of(self, kind: str, ref: str) -> str | None:
        """The subject that a sender's ref names."""
        with translated():
            row = self._connection.execute(
                "SELECT subject FROM ref_index WHERE kind=? AND ref=?", (kind, ref)
            ).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


def read_name(path: Path, name: str) -> str | None:
    """A named value of the ledger's own table; None where there is none, or no table yet (a founding broken off)."""
    with translated():
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        try:
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            row = None
            if tables:
                row = connection.execute("SELECT value FROM ledger WHERE name=?", (name,)).fetchone()
        finally:
            connection.close()
    return None if row is None else str(row[0])
