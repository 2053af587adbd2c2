"""The open write section of a store in SQL: look-ups under the lock, and rows beside the events, once for all stores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from eventsourcing.persistence import StoredEvent

from domain.event import Event, decode
from domain.index import ActionRow, GrantRow, IndexRow, LinkRow, RefRow, SeriesRow
from domain.register import state_class
from domain.snapshot import shape_of

VARIABLES_MAX = 500

KNOWN_ACTION = "SELECT action_id, position, count FROM action_index WHERE action_id=?"
INSERT_ACTION = "INSERT INTO action_index (action_id, position, count) VALUES (?,?,?)"
INSERT_REF = "INSERT INTO ref_index (kind, ref, subject) VALUES (?,?,?)"
INSERT_SERIES = (
    "INSERT INTO series_index (series, last) VALUES (?,?) ON CONFLICT (series) DO UPDATE SET "
    "last=CASE WHEN excluded.last>series_index.last THEN excluded.last ELSE series_index.last END"
)
INSERT_GRANT = 'INSERT INTO grant_index ("grant", "case", beneficiary_ref, beneficiary_tag) VALUES (?,?,?,?)'
INSERT_LINK = 'INSERT INTO link_index ("case", other) VALUES (?,?) ON CONFLICT DO NOTHING'
INSERT_SNAPSHOT = (
    "INSERT INTO snapshots (subject, version, shape, state) VALUES (?,?,?,?) ON CONFLICT (subject) "
    "DO UPDATE SET version=excluded.version, shape=excluded.shape, state=excluded.state"
)
SET_NAME = "INSERT INTO ledger (name, value) VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value=excluded.value"
SET_PROGRESS = (
    "INSERT INTO import_progress (importid, progress) VALUES (?,?) "
    "ON CONFLICT (importid) DO UPDATE SET progress=excluded.progress"
)


class SqlWriteSection:
    """`domain.ledger.WriteSection` over a store that can run SQL inside its lock; a store says how.

    Statements are written with `?` for every parameter.
    """

    def __init__(self, events_table: str) -> None:
        self._events = events_table
        self._head = 0

    # what a store says

    def rows(self, statement: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a question."""
        raise NotImplementedError

    def run(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement for every row."""
        raise NotImplementedError

    def insert_events(self, stored_events: Sequence[StoredEvent]) -> None:
        """Insert events behind the head."""
        raise NotImplementedError

    def _one(self, statement: str, *params: object) -> tuple[Any, ...] | None:
        found = self.rows(statement, params)
        return found[0] if found else None

    def _column(self, statement: str, params: Sequence[object]) -> list[str]:
        return [str(row[0]) for row in self.rows(statement, params)]

    # look-ups

    def head(self) -> int:
        """The position of the newest event; 0 in an empty ledger."""
        return self._head

    def changed_since(self, position: int, limit: int) -> list[str] | None:
        """The subjects of the events after a position; None when there are too many to name."""
        found = self._column(
            f"SELECT originator_id FROM {self._events} WHERE position>? ORDER BY position LIMIT ?",
            (position, limit + 1),
        )
        return None if len(found) > limit else found

    def last_recorded(self) -> str | None:
        """`recordedtime` of the newest event."""
        row = self._one(f"SELECT state FROM {self._events} ORDER BY position DESC LIMIT 1")
        return None if row is None else str(decode(row[0])["recordedtime"])

    def known_actions(self, action_ids: Collection[str]) -> dict[str, ActionRow]:
        """Accepted actions among the given ids."""
        if len(action_ids) == 1:
            return {row[0]: ActionRow(*row) for row in self.rows(KNOWN_ACTION, tuple(action_ids))}
        found: dict[str, ActionRow] = {}
        wanted = list(action_ids)
        for start in range(0, len(wanted), VARIABLES_MAX):
            part = wanted[start : start + VARIABLES_MAX]
            marks = ",".join("?" * len(part))
            rows = self.rows(f"SELECT action_id, position, count FROM action_index WHERE action_id IN ({marks})", part)
            found.update((row[0], ActionRow(*row)) for row in rows)
        return found

    def subject_of(self, kind: str, ref: str) -> str | None:
        """Whose ref this is."""
        row = self._one("SELECT subject FROM ref_index WHERE kind=? AND ref=?", kind, ref)
        return None if row is None else str(row[0])

    def subjects_of(self, kind: str, refs: Collection[str]) -> dict[str, str]:
        """Whose refs these are, for those that are known."""
        found: dict[str, str] = {}
        wanted = list(refs)
        for start in range(0, len(wanted), VARIABLES_MAX):
            part = wanted[start : start + VARIABLES_MAX]
            marks = ",".join("?" * len(part))
            found.update(
                self.rows(f"SELECT ref, subject FROM ref_index WHERE kind=? AND ref IN ({marks})", [kind, *part])
            )
        return found

    def last_number(self, series: str) -> int:
        """The last number given in a series; 0 when none was."""
        row = self._one("SELECT last FROM series_index WHERE series=?", series)
        return 0 if row is None else int(str(row[0]))

    def grants_of_cases(self, cases: Collection[str]) -> list[str]:
        """Numbers of the grants for any of the cases."""
        found: list[str] = []
        wanted = sorted(cases)
        for start in range(0, len(wanted), VARIABLES_MAX):
            part = wanted[start : start + VARIABLES_MAX]
            marks = ",".join("?" * len(part))
            found += self._column(f'SELECT "grant" FROM grant_index WHERE "case" IN ({marks})', part)
        return found

    def grants_of_beneficiary(self, ref: str | None, tag: str | None) -> list[str]:
        """Numbers of the grants of a pseudonym or tag."""
        found: list[str] = []
        if ref:
            found += self._column('SELECT "grant" FROM grant_index WHERE beneficiary_ref=?', (ref,))
        if tag:
            found += self._column('SELECT "grant" FROM grant_index WHERE beneficiary_tag=?', (tag,))
        return found

    def links_of(self, case: str) -> list[str]:
        """Cases of the same matter, one step away, in either direction."""
        return self._column(
            'SELECT other FROM link_index WHERE "case"=? UNION SELECT "case" FROM link_index WHERE other=?',
            (case, case),
        )

    def state_of(self, subject: str) -> tuple[bytes | None, Sequence[Event]]:
        """The newest usable snapshot of a subject and the events after it."""
        row = self._one("SELECT version, shape, state FROM snapshots WHERE subject=?", subject)
        if row is None or row[1] != shape_of(state_class(subject)):
            return None, self.events_of(subject)
        return row[2], self._events_after(subject, int(row[0]))

    def events_of(self, subject: str) -> list[Event]:
        """All stored events of a subject."""
        return self._events_after(subject, 0)

    def _events_after(self, subject: str, version: int) -> list[Event]:
        rows = self.rows(
            f"SELECT state FROM {self._events} WHERE originator_id=? AND originator_version>? "
            "ORDER BY originator_version",
            (subject, version),
        )
        return [Event.from_bytes(row[0]) for row in rows]

    def events_at(self, position: int, count: int) -> list[Event]:
        """`count` neighbouring events from a position on."""
        rows = self.rows(
            f"SELECT state FROM {self._events} WHERE position>=? ORDER BY position LIMIT ?", (position, count)
        )
        return [Event.from_bytes(row[0]) for row in rows]

    # rows beside the events

    def insert(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        actions: Sequence[ActionRow] = (),
        rows: Sequence[IndexRow] = (),
        snapshots: Mapping[str, tuple[int, str, bytes]] | None = None,
        **_: object,
    ) -> None:
        """Insert events in order with their index rows; a conflict raises and nothing stands."""
        self.insert_events(stored_events)
        self._head += len(stored_events)
        self.insert_index_rows(actions, rows)
        if snapshots:
            self.run(INSERT_SNAPSHOT, [(subject, *snapshot) for subject, snapshot in snapshots.items()])

    def insert_index_rows(self, actions: Sequence[ActionRow], rows: Sequence[IndexRow]) -> None:
        """Insert index rows; each kind in one statement."""
        if actions:
            self.run(INSERT_ACTION, actions)
        if not rows:
            return
        refs = [row for row in rows if isinstance(row, RefRow)]
        if refs:
            self.run(INSERT_REF, refs)
        series = {row.series: row.number for row in sorted(row for row in rows if isinstance(row, SeriesRow))}
        if series:
            self.run(INSERT_SERIES, list(series.items()))
        grants = [row for row in rows if isinstance(row, GrantRow)]
        if grants:
            self.run(INSERT_GRANT, grants)
        links = [row for row in rows if isinstance(row, LinkRow)]
        if links:
            self.run(INSERT_LINK, links)

    def name_value(self, name: str) -> str | None:
        """A named value of the ledger's own table, or None."""
        row = self._one("SELECT value FROM ledger WHERE name=?", name)
        return None if row is None else str(row[0])

    def set_name_value(self, name: str, value: str) -> None:
        """Keep a named value."""
        self.run(SET_NAME, [(name, value)])

    def save_progress(self, importid: str, progress: dict[str, Any]) -> None:
        """Remember how far an import came, in the transaction of its events."""
        self.run(SET_PROGRESS, [(importid, msgspec.json.encode(progress).decode())])
