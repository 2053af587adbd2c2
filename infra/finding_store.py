"""The kept findings beside the views, in a file or a database: what was judged, what was gathered, and what is new or gone."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from consumers.check import Judged, Register
from domain.checks.base import Group, is_about
from infra.finding_database import finding_database
from projections.gatherings import Address

VALUES_PER_QUERY = 500
SHAPE = 1

_TABLES = (
    "CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS register (position INTEGER PRIMARY KEY, raw BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sequences (subject TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS roots (subject TEXT PRIMARY KEY, root TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS roots_by_root ON roots (root)",
    "CREATE TABLE IF NOT EXISTS wakes (owner TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS wakes_by_day ON wakes (day)",
    "CREATE TABLE IF NOT EXISTS findings (owner TEXT NOT NULL, check_id TEXT NOT NULL, subject TEXT NOT NULL, "
    "reason TEXT NOT NULL, item TEXT NOT NULL, fingerprint TEXT NOT NULL, finding BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS findings_by_owner ON findings (owner)",
    "CREATE INDEX IF NOT EXISTS findings_by_subject ON findings (subject)",
    "CREATE TABLE IF NOT EXISTS failures (owner TEXT NOT NULL, failure BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS failures_by_owner ON failures (owner)",
    "CREATE TABLE IF NOT EXISTS given (owner TEXT NOT NULL, check_id TEXT NOT NULL, kind TEXT NOT NULL, "
    "name TEXT NOT NULL, given BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS given_by_owner ON given (owner)",
    "CREATE INDEX IF NOT EXISTS given_by_address ON given (check_id, kind, name)",
    "CREATE TABLE IF NOT EXISTS seen (fingerprint TEXT PRIMARY KEY, standing INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL, "
    "day TEXT NOT NULL, change TEXT NOT NULL, fingerprint TEXT NOT NULL)",
)
_JUDGED_TABLES = ("register", "sequences", "roots", "wakes", "findings", "failures", "given")


@lru_cache(maxsize=1)
def code_digest() -> str:
    """SHA-256 of the source of everything that findings follow from."""
    digest = hashlib.sha256(f"shape {SHAPE}\n".encode())
    packages = ("domain", "domain.checks", "domain.deadlines", "projections")
    for package in packages:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            if not module.ispkg:
                digest.update(inspect.getsource(importlib.import_module(module.name)).encode())
    return digest.hexdigest()


class _About(msgspec.Struct):
    """Whom a kept finding is about."""

    subject: str
    related: list[str]


def _read_about(raw: bytes) -> tuple[str, list[str]]:
    about = msgspec.json.decode(raw, type=_About)
    return about.subject, about.related


class SqlFindingStore:
    """`consumers.check.FindingStore` in a file or a database. Losing it loses only the history: findings follow from the events."""

    def __init__(self, place: str | Path, *, lock_wait_s: float = 30.0) -> None:
        self._old: dict[str, None] = {}
        self._new: dict[str, None] = {}
        self._anew = False
        self._database = finding_database(str(place), lock_wait_s, _TABLES)

    def close(self) -> None:
        """Give the database back."""
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; what fails leaves everything as it was."""
        with self._database.failures():
            self._database.begin()
            self._old.clear()
            self._new.clear()
            self._anew = False
            try:
                yield
            except BaseException:
                self._database.roll_back()
                raise
            self._database.commit()

    # -- what stands --

    def findings(self, subjects: Collection[str] | None = None) -> Iterator[dict[str, Any]]:
        """The kept findings, all or those about some subjects, as JSON objects by check, subject, reason and item."""
        wanted = None if subjects is None else frozenset(subjects)
        query = "SELECT finding FROM findings ORDER BY check_id, subject, reason, item"
        with self._database.failures():
            for (raw,) in self._database.rows(query):
                if wanted is None or is_about(*_read_about(raw), wanted):
                    yield msgspec.json.decode(raw)

    def failures(self) -> list[dict[str, Any]]:
        """The checks that raised, with their groups."""
        with self._database.failures():
            return [msgspec.json.decode(raw) for (raw,) in self._database.rows("SELECT failure FROM failures")]

    def changes(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """What became new, gone or returned, in the order in which it was noticed."""
        query = "SELECT number, position, day, change, fingerprint FROM changes WHERE number>? ORDER BY number"
        with self._database.failures():
            for number, position, day, change, fingerprint in self._database.rows(query, (after,)):
                yield {
                    "number": number,
                    "position": position,
                    "day": day,
                    "change": change,
                    "fingerprint": fingerprint,
                }

    # -- what a pass reads and writes --

    def state(self) -> dict[str, Any] | None:
        """What the last pass left."""
        with self._database.failures():
            found = list(self._database.rows("SELECT value FROM state WHERE name='pass'"))
        return msgspec.json.decode(found[0][0]) if found else None

    def set_state(self, state: Mapping[str, Any]) -> None:
        """What the next pass must know."""
        self._database.run(
            "INSERT INTO state VALUES ('pass', ?) ON CONFLICT (name) DO UPDATE SET value=excluded.value",
            (msgspec.json.encode(state),),
        )

    def clear(self) -> None:
        """Forget everything but the history."""
        for table in _JUDGED_TABLES:
            self._database.run(f"DELETE FROM {table}")
        self._anew = True

    def register(self) -> Register:
        """The events of the context, in ledger order."""
        return [(row[0], row[1]) for row in self._database.rows("SELECT position, raw FROM register ORDER BY position")]

    def register_mark(self) -> tuple[int, int]:
        """How many events of the context are kept, and the last one's position."""
        count, last = next(iter(self._database.rows("SELECT COUNT(*), MAX(position) FROM register")))
        return count, last or 0

    def add_register(self, events: Iterable[tuple[int, bytes]]) -> None:
        """Keep events of the context."""
        self._database.run_many("INSERT INTO register VALUES (?,?)", events)

    def sequences(self, subjects: Collection[str]) -> dict[str, int]:
        """The last sequence of those subjects that have one."""
        return dict(self._asked("SELECT subject, last FROM sequences WHERE subject IN ({})", subjects))

    def set_sequences(self, sequences: Mapping[str, int]) -> None:
        """Keep last sequences."""
        self._database.run_many(
            "INSERT INTO sequences VALUES (?,?) ON CONFLICT (subject) DO UPDATE SET last=excluded.last",
            sequences.items(),
        )

    def roots(self, subjects: Collection[str]) -> dict[str, str]:
        """The first number of the matter, of those subjects that are joined to another."""
        return dict(self._asked("SELECT subject, root FROM roots WHERE subject IN ({})", subjects))

    def members(self, root: str) -> list[str]:
        """The subjects joined to this number, without itself."""
        query = "SELECT subject FROM roots WHERE root=? ORDER BY subject"
        return [row[0] for row in self._database.rows(query, (root,))]

    def set_roots(self, roots: Mapping[str, str]) -> None:
        """Keep to which matter subjects belong."""
        self._database.run_many(
            "INSERT INTO roots VALUES (?,?) ON CONFLICT (subject) DO UPDATE SET root=excluded.root", roots.items()
        )

    def woken(self, day: date) -> list[str]:
        """The owners whose answers may change by this day."""
        query = "SELECT owner FROM wakes WHERE day<=?"
        return [row[0] for row in self._database.rows(query, (day.isoformat(),))]

    def judged(self, results: Iterable[Judged]) -> set[Address]:
        """Replace what is kept of these owners; gives the groups to which something else is given now."""
        touched: set[Address] = set()
        for one in results:
            touched |= self._replace(one)
        return touched

    def forget(self, owners: Collection[str]) -> set[Address]:
        """Drop these owners; gives the groups to which they gave."""
        return self.judged(Judged(owner, [], [], None, []) for owner in owners)

    def given_to(self, address: Address) -> list[bytes]:
        """What subjects gave to one group, in a fixed order."""
        query = "SELECT given FROM given WHERE check_id=? AND kind=? AND name=? ORDER BY given"
        return [row[0] for row in self._database.rows(query, (address[0], *address[1]))]

    def addresses_of(self, owners: Collection[str]) -> set[Address]:
        """The groups to which these owners gave."""
        rows = self._asked("SELECT DISTINCT check_id, kind, name FROM given WHERE owner IN ({})", owners)
        return {(check, Group(kind, name)) for check, kind, name in rows}

    def gathered(self) -> set[Address]:
        """All groups to which something was given."""
        rows = self._database.rows("SELECT DISTINCT check_id, kind, name FROM given")
        return {(check, Group(kind, name)) for check, kind, name in rows}

    def note_changes(self, position: int, day: date) -> None:
        """Write what is new, gone or returned into the history."""
        if self._anew:
            old = self._database.rows("SELECT fingerprint FROM seen WHERE standing=1")
            self._old = dict.fromkeys(row[0] for row in old)
            new = self._database.rows("SELECT fingerprint FROM findings ORDER BY fingerprint")
            self._new = dict.fromkeys(row[0] for row in new)
        come = [one for one in self._new if one not in self._old]
        known = {one for (one,) in self._asked("SELECT fingerprint FROM seen WHERE fingerprint IN ({})", come)}
        changes = [("returned" if one in known else "new", one, 1) for one in come]
        changes += [("gone", one, 0) for one in self._old if one not in self._new]
        self._database.run_many(
            "INSERT INTO changes (position, day, change, fingerprint) VALUES (?,?,?,?)",
            [(position, day.isoformat(), change, one) for change, one, _ in changes],
        )
        self._database.run_many(
            "INSERT INTO seen VALUES (?,?) ON CONFLICT (fingerprint) DO UPDATE SET standing=excluded.standing",
            [(one, standing) for _, one, standing in changes],
        )

    # -- inside --

    def _asked(self, query: str, values: Collection[str]) -> Iterator[tuple[Any, ...]]:
        remaining = iter(values)
        while some := list(islice(remaining, VALUES_PER_QUERY)):
            yield from self._database.rows(query.format(_marks(some)), some)

    def _replace(self, one: Judged) -> set[Address]:
        execute, owner = self._database.run, (one.owner,)
        if not self._anew:
            before = self._database.rows("SELECT fingerprint FROM findings WHERE owner=?", owner)
            self._old.update(dict.fromkeys(row[0] for row in before))
            self._new.update(dict.fromkeys(found["fingerprint"] for found in one.findings))
            for table in ("findings", "failures", "wakes"):
                execute(f"DELETE FROM {table} WHERE owner=?", owner)
        if one.wake is not None:
            execute("INSERT INTO wakes VALUES (?,?)", (one.owner, one.wake.isoformat()))
        for found in one.findings:
            values = (found["check"], found["subject"], found["reason"], found["item"], found["fingerprint"])
            execute("INSERT INTO findings VALUES (?,?,?,?,?,?,?)", (*owner, *values, msgspec.json.encode(found)))
        for failed in one.failures:
            execute("INSERT INTO failures VALUES (?,?)", (*owner, msgspec.json.encode(failed)))
        return set() if one.given is None else self._replace_given(one.owner, one.given)

    def _replace_given(self, owner: str, given: list[tuple[str, Group, bytes]]) -> set[Address]:
        after = sorted((check, group.kind, group.id, raw) for check, group, raw in given)
        before: list[tuple[Any, ...]] = []
        if not self._anew:
            query = "SELECT check_id, kind, name, given FROM given WHERE owner=? ORDER BY check_id, kind, name, given"
            before = list(self._database.rows(query, (owner,)))
        if before == after:
            return set()
        self._database.run("DELETE FROM given WHERE owner=?", (owner,))
        self._database.run_many("INSERT INTO given VALUES (?,?,?,?,?)", [(owner, *row) for row in after])
        changed = set(before).symmetric_difference(after)
        return {(check, Group(kind, name)) for check, kind, name, _ in changed}


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
