"""A store in SQL as a source of replay: the events in ledger order, streamed, never locked for long."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

from consumers.follow import SourceEvent

ROWS_PER_READ = 2_000
ROWS_OF_FIRST_READ = 16
SUBJECTS_PER_READ = 250


class SqlSource:
    """`consumers.follow.Source` over a store's events, read-only; a reader holds no transaction between its reads.

    Statements are written with `?` for every parameter.
    """

    name = "store"
    event_columns = "position, originator_id, originator_version, topic, state"
    """What is selected of an event, in `SourceEvent`'s order."""
    subject_in_order = "originator_id"
    """The subject, compared by its characters' numbers, and without tempting the database away from ledger order."""

    def __init__(self, events_table: str) -> None:
        self._events = events_table

    def rows(self, statement: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a question; raises typed errors."""
        raise NotImplementedError

    def name_value(self, name: str) -> str | None:
        """A named value of the ledger's own table; None where there is none, or no table yet (a founding broken off)."""
        raise NotImplementedError

    def bytes_stored(self) -> int:
        """How large the store is."""
        raise NotImplementedError

    def unsafe_settings(self) -> list[str]:
        """The database's settings under which an answered action may be lost with the power."""
        return []

    def sealing(self) -> AbstractContextManager[None]:
        """Seal alone, whatever host seals; raises `sealer_running`."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the store back."""
        raise NotImplementedError

    def rest(self) -> None:
        """Hold nothing of the store until the next question, where that is cheap."""

    def head(self) -> int:
        """The position of the newest event = the ledger's size."""
        return int(self.rows(f"SELECT MAX(position) FROM {self._events}")[0][0] or 0)

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[SourceEvent]:
        """Events after a position, in ledger order; other types are passed over without being read."""
        condition, params = "position>? AND position<=?", [after, self.head() if until is None else until]
        if types is not None:
            condition += f" AND topic IN ({_marks(types)})"
        yield from map(SourceEvent._make, self._rows(condition, params, tuple(types or ())))

    def read_between(
        self, first: str, before: str | None, *, after: int, until: int, types: Collection[str]
    ) -> Iterator[SourceEvent]:
        """The same of the subjects from `first` on and in front of `before`, in the order of their characters' numbers.

        The database compares names while it passes over the events; it reads no bytes of the others'.
        """
        condition = f"position>? AND position<=? AND {self.subject_in_order}>=?"
        params: list[object] = [after, until, first]
        if before is not None:
            condition += f" AND {self.subject_in_order}<?"
            params.append(before)
        condition += f" AND topic IN ({_marks(types)})"
        yield from map(SourceEvent._make, self._rows(condition, params, tuple(types)))

    def dividing(self, parts: int) -> list[str]:
        """The subjects at which the events divide into so many parts of one size; of one part, none."""
        statement = f"SELECT originator_id FROM {self._events} ORDER BY originator_id LIMIT 1 OFFSET ?"
        head = self.head()
        found = [self.rows(statement, (head * part // parts,)) for part in range(1, parts)]
        return sorted(str(rows[0][0]) for rows in found if rows)

    def read_except(self, types: Collection[str], until: int) -> Iterator[tuple[int, str, int, str, bytes]]:
        """All events up to a position but those of some types, which are passed over without being read."""
        condition = "position>? AND position<=?" + (f" AND topic NOT IN ({_marks(types)})" if types else "")
        yield from self._rows(condition, [0, until], tuple(types))

    def _rows(
        self, condition: str, wanted: Sequence[object], types: tuple[str, ...]
    ) -> Iterator[tuple[int, str, int, str, bytes]]:
        """Rows in ledger order, few at first: many a question is answered by the first one."""
        statement = f"SELECT {self.event_columns} FROM {self._events} WHERE {condition} ORDER BY position LIMIT ?"
        params, limit = list(wanted), ROWS_OF_FIRST_READ
        while True:
            rows = self.rows(statement, (*params, *types, limit))
            yield from rows
            if len(rows) < limit:
                return
            params[0] = rows[-1][0]
            limit = ROWS_PER_READ

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[SourceEvent]:
        """All events of one subject, in order."""
        limit = self.head() if until is None else until
        statement = (
            f"SELECT {self.event_columns} FROM {self._events} "
            "WHERE originator_id=? AND position<=? ORDER BY originator_version"
        )
        yield from map(SourceEvent._make, self.rows(statement, (subject, limit)))

    def read_subjects(self, subjects: Sequence[str], until: int) -> Iterator[tuple[int, str, int, str, bytes]]:
        """All events of some subjects up to a position, subject by subject, as plain rows in `SourceEvent`'s order."""
        remaining = iter(subjects)
        while some := list(islice(remaining, SUBJECTS_PER_READ)):
            yield from self.rows(
                f"SELECT {self.event_columns} FROM {self._events} "
                f"WHERE originator_id IN ({_marks(some)}) AND position<=? "
                "ORDER BY originator_id, originator_version",
                (*some, until),
            )

    def subject_of(self, kind: str, ref: str) -> str | None:
        """The subject that a sender's ref names."""
        found = self.rows("SELECT subject FROM ref_index WHERE kind=? AND ref=?", (kind, ref))
        return str(found[0][0]) if found else None


def _marks(values: Collection[object]) -> str:
    """A mark for each value; no values, no row."""
    return ",".join("?" * len(values)) or "NULL"


def notification_query(
    events_table: str, start: int | None, limit: int, stop: int | None, topics: Sequence[str], from_start: bool
) -> tuple[str, list[int | str]]:
    """Statement and parameters of the library's question for events by position; `from_start` takes `start` itself too."""
    conditions: list[str] = []
    params: list[int | str] = []
    if start is not None:
        conditions.append("position>=?" if from_start else "position>?")
        params.append(start)
    if stop is not None:
        conditions.append("position<=?")
        params.append(stop)
    if topics:
        conditions.append(f"topic IN ({_marks(topics)})")
        params.extend(topics)
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    return f"SELECT * FROM {events_table} {where}ORDER BY position LIMIT ?", [*params, limit]
