"""The open write section of the embedded store: look-ups under the lock, and rows beside the events."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from eventsourcing.persistence import StoredEvent

from domain.event import Event, decode
from domain.index import ActionRow, GrantRow, IndexRow, LinkRow, RefRow, SeriesRow
from domain.register import state_class
from domain.snapshot import shape_of

VARIABLES_MAX = 500


class SqliteWriteSection:
    """`domain.ledger.WriteSection` on one cursor inside `BEGIN IMMEDIATE`; used again until one fails.

    `PRAGMA data_version` changes when another connection has committed, so an unchanged one makes the head
    that this section left behind still true.
    """

    def __init__(self, cursor: sqlite3.Cursor, events_table: str) -> None:
        self._cursor = cursor
        self._events = events_table
        self._seen_version: int | None = None
        self._head = 0

    def begin(self) -> None:
        """Take the write lock; what this section knew of the head holds only if nobody else has written."""
        self._cursor.execute("BEGIN IMMEDIATE")
        version: int = self._cursor.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen_version:
            row = self._one(f"SELECT MAX(position) FROM {self._events}")
            self._head = int(str(row[0])) if row is not None and row[0] is not None else 0
            self._seen_version = version

    def commit(self) -> None:
        """Make the section durable."""
        self._cursor.execute("COMMIT")

    def _one(self, statement: str, *params: object) -> tuple[object, ...] | None:
        row = self._cursor.execute(statement, params).fetchone()
        return None if row is None else tuple(row)

    def _column(self, statement: str, params: Sequence[object]) -> list[str]:
        return [str(row[0]) for row in self._cursor.execute(statement, params).fetchall()]

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
        row = self._cursor.execute(f"SELECT state FROM {self._events} ORDER BY position DESC LIMIT 1").fetchone()
        return None if row is None else str(decode(bytes(row[0]))["recordedtime"])

    def known_actions(self, action_ids: Collection[str]) -> dict[str, ActionRow]:
        """Accepted actions among the given ids."""
        found: dict[str, ActionRow] = {}
        wanted = list(action_ids)
        for start in range(0, len(wanted), VARIABLES_MAX):
            part = wanted[start : start + VARIABLES_MAX]
            marks = ",".join("?" * len(part))
            rows = self._cursor.execute(
                f"SELECT action_id, digest, position, count FROM action_index WHERE action_id IN ({marks})", part
            )
            found.update((row[0], ActionRow(*row)) for row in rows.fetchall())
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
            rows = self._cursor.execute(
                f"SELECT ref, subject FROM ref_index WHERE kind=? AND ref IN ({marks})", [kind, *part]
            )
            found.update(rows.fetchall())
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
        row = self._cursor.execute("SELECT version, shape, state FROM snapshots WHERE subject=?", (subject,)).fetchone()
        if row is None or row[1] != shape_of(state_class(subject)):
            return None, self.events_of(subject)
        return bytes(row[2]), self._events_after(subject, int(row[0]))

    def events_of(self, subject: str) -> list[Event]:
        """All stored events of a subject."""
        return self._events_after(subject, 0)

    def _events_after(self, subject: str, version: int) -> list[Event]:
        rows = self._cursor.execute(
            f"SELECT state FROM {self._events} WHERE originator_id=? AND originator_version>? "
            "ORDER BY originator_version",
            (subject, version),
        )
        return [Event.from_bytes(bytes(row[0])) for row in rows.fetchall()]

    def events_at(self, position: int, count: int) -> list[Event]:
        """`count` neighbouring events from a position on."""
        rows = self._cursor.execute(
            f"SELECT state FROM {self._events} WHERE position>=? ORDER BY position LIMIT ?", (position, count)
        )
        return [Event.from_bytes(bytes(row[0])) for row in rows.fetchall()]

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
        self._cursor.executemany(
            f"INSERT INTO {self._events} (originator_id, originator_version, topic, state) VALUES (?,?,?,?)",
            [(stored.originator_id, stored.originator_version, stored.topic, stored.state) for stored in stored_events],
        )
        self._head += len(stored_events)
        insert_index_rows(self._cursor, actions, rows)
        for subject, (version, shape, state) in (snapshots or {}).items():
            self._cursor.execute(
                "INSERT OR REPLACE INTO snapshots (subject, version, shape, state) VALUES (?,?,?,?)",
                (subject, version, shape, state),
            )

    def name_value(self, name: str) -> str | None:
        """A named value of the ledger's own table, or None."""
        row = self._one("SELECT value FROM ledger WHERE name=?", name)
        return None if row is None else str(row[0])

    def set_name_value(self, name: str, value: str) -> None:
        """Keep a named value."""
        self._cursor.execute("INSERT OR REPLACE INTO ledger (name, value) VALUES (?,?)", (name, value))

    def save_progress(self, importid: str, progress: dict[str, Any]) -> None:
        """Remember how far an import came, in the transaction of its events."""
        self._cursor.execute(
            "INSERT OR REPLACE INTO import_progress (importid, progress) VALUES (?,?)",
            (importid, msgspec.json.encode(progress).decode()),
        )


def insert_index_rows(cursor: sqlite3.Cursor, actions: Sequence[ActionRow], rows: Sequence[IndexRow]) -> None:
    """Insert index rows; each kind in one statement."""
    if actions:
        cursor.executemany("INSERT INTO action_index (action_id, digest, position, count) VALUES (?,?,?,?)", actions)
    refs = [row for row in rows if isinstance(row, RefRow)]
    if refs:
        cursor.executemany("INSERT INTO ref_index (kind, ref, subject) VALUES (?,?,?)", refs)
    series = [row for row in rows if isinstance(row, SeriesRow)]
    if series:
        cursor.executemany(
            "INSERT INTO series_index (series, last) VALUES (?,?) "
            "ON CONFLICT (series) DO UPDATE SET last=max(last, excluded.last)",
            series,
        )
    grants = [row for row in rows if isinstance(row, GrantRow)]
    if grants:
        cursor.executemany(
            'INSERT INTO grant_index ("grant", "case", beneficiary_ref, beneficiary_tag) VALUES (?,?,?,?)', grants
        )
    links = [row for row in rows if isinstance(row, LinkRow)]
    if links:
        cursor.executemany('INSERT OR IGNORE INTO link_index ("case", other) VALUES (?,?)', links)
