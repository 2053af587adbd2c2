"""Re-derives everything in the store that the events alone decide, and says where the store differs."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from domain.asof import parse_instant
from domain.base import live_fields
from domain.desk import replay
from domain.errors import LedgerError
from domain.event import ENVELOPE_ATTRIBUTES, Event, canonical
from domain.index import ActionRow, GrantRow, LinkRow, RefRow, SeriesRow, index_rows
from domain.language import FACTS
from domain.register import state_class
from domain.snapshot import shape_of, take
from infra.doctor_stores import INDEX_TABLES, StoredLedger, stored_ledger
from infra.sqlite_errors import translated
from infra.store_schema import SCHEMA_STATEMENTS

EXAMPLES_MAX = 20
"""Differences of one kind that are told one by one; the rest is counted."""
BATCH_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the store is not what its events say: what kind, where, and what stands there."""

    kind: str
    where: str
    told: str

    def to_json(self) -> dict[str, Any]:
        """One line of the output."""
        return {"difference": self.kind, "where": self.where, "told": self.told}


@dataclass(slots=True)
class Diagnosis:
    """What was looked at, and what differs; `counts` holds the kinds with all their differences."""

    events: int = 0
    snapshots: int = 0
    differences: list[Difference] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_healthy(self) -> bool:
        """Whether nothing differs."""
        return not self.counts

    def note(self, kind: str, where: str, told: str) -> None:
        """Take a difference; only the first of a kind are kept whole."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= EXAMPLES_MAX:
            self.differences.append(Difference(kind, where, " ".join(told.split())))


class _Reader:
    """One pass over the events; remembers per subject and series only the last number."""

    def __init__(self, diagnosis: Diagnosis, derived: sqlite3.Connection, source: str | None) -> None:
        self.diagnosis = diagnosis
        self._derived = derived
        self._source = source
        self._position = 0
        self._recorded = ""
        self._sequence: dict[str, int] = {}
        self._series: dict[str, int] = {}
        self._action: ActionRow | None = None

    def take(self, position: int, subject: str, version: int, topic: str, raw: bytes) -> None:
        """Look at one stored event."""
        self.diagnosis.events += 1
        where = f"position {position}"
        if position != self._position + 1:
            self.diagnosis.note("position_gap", where, f"follows {self._position}")
        self._position = position
        if version != self._sequence.get(subject, 0) + 1:
            told = f"{subject}: sequence {version} follows {self._sequence.get(subject, 0)}"
            self.diagnosis.note("sequence_gap", where, told)
        self._sequence[subject] = version
        event = self._read(where, raw)
        if event is None:
            return
        self._compare_columns(where, event, subject, version, topic)
        self._check_time(where, event)
        self._check_schema(where, raw)
        self._derive(where, position, raw)

    def _read(self, where: str, raw: bytes) -> dict[str, Any] | None:
        try:
            event = msgspec.json.decode(raw)
        except msgspec.DecodeError as error:
            self.diagnosis.note("not_json", where, str(error))
            return None
        if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
            self.diagnosis.note("not_an_event", where, "no object with an object `data`")
            return None
        if canonical(event) != raw:
            self.diagnosis.note("not_canonical", where, "the bytes are not the RFC 8785 form of what they say")
        return event

    def _compare_columns(self, where: str, event: dict[str, Any], subject: str, version: int, topic: str) -> None:
        expected = {"subject": subject, "sequence": str(version), "type": topic}
        if self._source is not None:
            expected["source"] = self._source
        for name, value in expected.items():
            if event.get(name) != value:
                self.diagnosis.note("column_differs", where, f"{name}: bytes {event.get(name)!r}, store {value!r}")
        strangers = sorted(set(event) - {*ENVELOPE_ATTRIBUTES, "data"})
        if strangers:
            self.diagnosis.note("unknown_attribute", where, ", ".join(strangers))

    def _check_time(self, where: str, event: dict[str, Any]) -> None:
        recorded = str(event.get("recordedtime", ""))
        if recorded < self._recorded:
            self.diagnosis.note("time_runs_back", where, f"recordedtime {recorded} after {self._recorded}")
        self._recorded = max(recorded, self._recorded)
        try:
            parse_instant(str(event.get("time")))
        except ValueError as error:
            self.diagnosis.note("bad_time", where, str(error))

    def _check_schema(self, where: str, raw: bytes) -> None:
        try:
            event = Event.from_bytes(raw)
            fact = FACTS.get(event.type_name)
            if fact is None:
                self.diagnosis.note("unknown_type", where, event.type_name)
                return
            held = fact.model_validate(event.data)
            absent = [] if "importid" in event.attributes else live_fields(fact)
            for name in absent:
                if getattr(held, name) is None:
                    self.diagnosis.note("schema", where, f"data.{name}: live work states it")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            path = ".".join(str(part) for part in first["loc"])
            self.diagnosis.note("schema", where, f"data.{path}: {first['msg']}")
        except (LedgerError, LookupError, TypeError, ValueError) as error:
            self.diagnosis.note("schema", where, f"{type(error).__name__}: {error}")

    def _derive(self, where: str, position: int, raw: bytes) -> None:
        """The index rows of one event, as the write section would have written them."""
        try:
            event = Event.from_bytes(raw).attributes
            rows = index_rows(event)
            action = ActionRow(event["actionid"], position, 1)
        except (LedgerError, LookupError, TypeError, ValueError) as error:
            self.diagnosis.note("not_an_event", where, f"{type(error).__name__}: {error}")
            return
        self._derive_action(action)
        for row in rows:
            if isinstance(row, SeriesRow):
                if row.number != self._series.get(row.series, 0) + 1:
                    last = self._series.get(row.series, 0)
                    self.diagnosis.note("number_gap", where, f"{row.series}: {row.number} follows {last}")
                self._series[row.series] = row.number
            self._insert(row)

    def _derive_action(self, action: ActionRow) -> None:
        open_one = self._action
        if open_one is not None and open_one.action_id == action.action_id:
            self._action = open_one._replace(events_count=open_one.events_count + 1)
            return
        self.finish()
        self._action = action

    def finish(self) -> None:
        """Write the action that is still open."""
        if self._action is not None:
            self._derived.execute("INSERT OR IGNORE INTO action_index VALUES (?,?,?)", self._action)
            self._action = None

    def _insert(self, row: RefRow | SeriesRow | GrantRow | LinkRow) -> None:
        statement = {
            RefRow: "INSERT OR IGNORE INTO ref_index VALUES (?,?,?)",
            SeriesRow: "INSERT INTO series_index VALUES (?,?) ON CONFLICT (series) DO UPDATE SET last=excluded.last",
            GrantRow: "INSERT OR IGNORE INTO grant_index VALUES (?,?,?,?)",
            LinkRow: "INSERT OR IGNORE INTO link_index VALUES (?,?)",
        }[type(row)]
        self._derived.execute(statement, row)


def diagnose(place: str | Path, on_progress: Callable[[int, int], None] | None = None) -> Diagnosis:
    """Look at the whole store, reading only. `on_progress` is called with events read and events there are.

    Raises `Unavailable` (`locked`, `store_damaged`, `unavailable`) where the store cannot be read at all.
    """
    diagnosis = Diagnosis()
    with (
        translated(),
        tempfile.TemporaryDirectory(prefix="caseledger-doctor-") as folder,
        closing(sqlite3.connect(Path(folder) / "derived.db", isolation_level=None, uri=True)) as derived,
    ):
        for statement in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", *SCHEMA_STATEMENTS):
            derived.execute(statement)
        with stored_ledger(str(place), derived) as stored:
            _examine(diagnosis, derived, stored, on_progress)
    return diagnosis


def _examine(
    diagnosis: Diagnosis,
    derived: sqlite3.Connection,
    stored: StoredLedger,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    for told in stored.damages():
        diagnosis.note("file_damaged", "ledger.db", told)
    found = stored.triggers()
    for trigger in stored.wanted_triggers:
        if f"stored_events_{trigger}" not in found:
            diagnosis.note("trigger_missing", f"stored_events_{trigger}", "events could be changed or removed")
    reader = _Reader(diagnosis, derived, stored.source())
    total = stored.count()
    for position, subject, version, topic, raw in stored.events():
        reader.take(int(position), str(subject), int(version), str(topic), _bytes(raw))
        if on_progress is not None and diagnosis.events % BATCH_EVENTS == 0:
            on_progress(diagnosis.events, total)
    reader.finish()
    for table, columns in INDEX_TABLES.items():
        _compare_table(diagnosis, derived, table, columns)
    _check_snapshots(diagnosis, stored)


def _compare_table(diagnosis: Diagnosis, derived: sqlite3.Connection, table: str, columns: str) -> None:
    for kind, one, other in (("index_missing", "main", "stored"), ("index_extra", "stored", "main")):
        for row in derived.execute(f"SELECT {columns} FROM {one}.{table} EXCEPT SELECT {columns} FROM {other}.{table}"):
            diagnosis.note(kind, table, ", ".join(map(str, row)))


def _check_snapshots(diagnosis: Diagnosis, stored: StoredLedger) -> None:
    """A snapshot of the present shape must be what its events give; one of another shape is never used."""
    for subject, version, shape, state in stored.snapshots():
        wanted = state_class(subject)
        if shape != shape_of(wanted):
            continue
        diagnosis.snapshots += 1
        rebuilt = wanted(subject)
        try:
            for raw in stored.events_until(subject, int(version)):
                replay(rebuilt, Event.from_bytes(_bytes(raw)))
        except (LedgerError, LookupError, TypeError, ValueError) as error:
            diagnosis.note("snapshot", subject, f"its events cannot be replayed: {type(error).__name__}")
            continue
        if take(rebuilt) != _bytes(state):
            diagnosis.note("snapshot", subject, f"version {version} is not what its events give")


def _bytes(stored: object) -> bytes:
    """A stored value as bytes, whatever type somebody gave it."""
    return stored if isinstance(stored, bytes) else str(stored).encode()
