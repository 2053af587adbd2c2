"""Given past actions, when a verb, then new events or a typed refusal: the real decisions over a ledger in memory."""

from __future__ import annotations

import copy
import hashlib
import hmac
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.answers import Answer, ImportMark, Submission
from domain.desk import Cache
from domain.event import Event
from domain.index import ActionRow, GrantRow, IndexRow, LinkRow, RefRow, SeriesRow
from domain.ledger import Ledger, Surroundings
from tests.support.examples import AT, CLERK, EXAMPLES, Step, before

KEY = bytes(range(32))
NOW = datetime(2026, 1, 15, 2, 0, tzinfo=UTC)
IMPORT_ID = "ab" * 32


def tag_of(field: str, value: str, key: bytes = KEY) -> str:
    """The contract's tag, spelled out: HMAC-SHA-256(key, field ‖ 0x00 ‖ value)."""
    return "hmac:" + hmac.new(key, field.encode() + bytes(1) + value.encode(), hashlib.sha256).hexdigest()


class MemoryStore:
    """What a store answers inside a write section, from plain lists; events are kept as their bytes."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.actions: dict[str, ActionRow] = {}
        self.rows: list[IndexRow] = []

    @contextmanager
    def write_section(self, *, beside: bool = False) -> Iterator[MemoryStore]:
        yield self

    def settle(self) -> None:
        """Nothing is under way."""

    def put(
        self, events: Sequence[Event], *, actions: Sequence[ActionRow], rows: Sequence[IndexRow], snapshots: Any
    ) -> None:
        self.raw += [event.encode() for event in events]
        self.actions.update((row.action_id, row) for row in actions)
        self.rows += rows

    def stored(self) -> list[Event]:
        return [Event.from_bytes(raw) for raw in self.raw]

    def head(self) -> int:
        return len(self.raw)

    def changed_since(self, position: int, limit: int) -> list[str] | None:
        return [event.originator_id for event in self.stored()[position:]]

    def last_recorded(self) -> str | None:
        return str(self.stored()[-1].attributes["recordedtime"]) if self.raw else None

    def known_actions(self, action_ids: Collection[str]) -> dict[str, ActionRow]:
        return {one: self.actions[one] for one in action_ids if one in self.actions}

    def subject_of(self, kind: str, ref: str) -> str | None:
        return self.subjects_of(kind, [ref]).get(ref)

    def subjects_of(self, kind: str, refs: Collection[str]) -> dict[str, str]:
        named = [row for row in self.rows if isinstance(row, RefRow) and row.kind == kind]
        return {row.ref: row.subject for row in named if row.ref in refs}

    def last_number(self, series: str) -> int:
        return max((row.number for row in self.rows if isinstance(row, SeriesRow) and row.series == series), default=0)

    def grants_of_cases(self, cases: Collection[str]) -> list[str]:
        return [row.grant for row in self.rows if isinstance(row, GrantRow) and row.case in cases]

    def grants_of_beneficiary(self, ref: str | None, tag: str | None) -> list[str]:
        grants = [row for row in self.rows if isinstance(row, GrantRow)]
        return [
            row.grant for row in grants if (ref and row.beneficiary_ref == ref) or (tag and row.beneficiary_tag == tag)
        ]

    def links_of(self, case: str) -> list[str]:
        links = [row for row in self.rows if isinstance(row, LinkRow)]
        return [row.other for row in links if row.case == case] + [row.case for row in links if row.other == case]

    def state_of(self, subject: str) -> tuple[bytes | None, Sequence[Event]]:
        return None, self.events_of(subject)

    def events_of(self, subject: str) -> list[Event]:
        return [event for event in self.stored() if event.originator_id == subject]

    def events_at(self, position: int, count: int) -> list[Event]:
        return self.stored()[position - 1 : position - 1 + count]

    def save_progress(self, importid: str, progress: dict[str, Any]) -> None:
        raise AssertionError("no import runs here")

    def import_progress(self, importid: str) -> dict[str, Any] | None:
        return None


class MemoryLedger(Ledger):
    """The real ledger over a store in memory; the library's application is never built."""

    def __init__(self, surroundings: Surroundings, store: MemoryStore) -> None:
        self.surroundings = surroundings
        self._cache = Cache()
        self._memory = store
        self.events = store  # type: ignore[assignment]

    @property
    def store(self) -> Any:
        return self._memory


class World:
    """A ledger with a clock and a key that a test can move and take away."""

    def __init__(self, *, key: bytes | None = KEY, source: str = "/500229/petition-office") -> None:
        self.now = NOW
        self.key = key
        self.memory = MemoryStore()
        self.count = 0
        self._ids = 0
        around = Surroundings(source, "typist", lambda: self.now, self._new_id, self._tag)
        self.ledger = MemoryLedger(around, self.memory)

    def _new_id(self, moment: datetime) -> str:
        self._ids += 1
        return f"01980000-0000-7000-8000-{self._ids:012x}"

    def _tag(self, field: str, value: str) -> str | None:
        return None if self.key is None else tag_of(field, value, self.key)

    def line(self, verb: str, /, **changes: Any) -> dict[str, Any]:
        """The verb's example with changes; `...` leaves a field out. Event ids `(first)`, `(last)` are filled in."""
        self.count += 1
        action = {"action": verb, "action_id": f"t/{self.count}", "at": AT, "by": CLERK}
        action |= copy.deepcopy(EXAMPLES[verb]) | changes
        kept = {key: value for key, value in action.items() if value is not ...}
        if kept.get("event_id") in ("(first)", "(last)"):
            kept["event_id"] = self.events[0 if kept["event_id"] == "(first)" else -1]["id"]
        return kept

    def send(self, payload: bytes | dict[str, Any], *, history: bool = False, imported: bool = False) -> Answer:
        """One action as it is; `history` and `imported` say how it comes."""
        mark = ImportMark(IMPORT_ID, 7, history) if history or imported else None
        return self.ledger.record([Submission(payload, mark)])[0]

    def given(self, *steps: Step) -> World:
        """Past actions, all accepted."""
        for verb, changes in steps:
            answer = self.send(self.line(verb, **changes))
            assert answer.error is None, (verb, answer.to_json())
        return self

    def when(self, verb: str, /, *, history: bool = False, imported: bool = False, **changes: Any) -> Outcome:
        """One more action."""
        size = self.memory.head()
        answer = self.send(self.line(verb, **changes), history=history, imported=imported)
        return Outcome(self, answer, self.events[size:])

    @property
    def events(self) -> list[dict[str, Any]]:
        """All recorded events, decoded from their bytes."""
        return [dict(event.attributes) for event in self.memory.stored()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a type, `case.routed`."""
        return [event for event in self.events if event["type"] == f"petition.{kind}.v1"]

    def pass_time(self, **step: float) -> World:
        """Let the recording clock run."""
        self.now += timedelta(**step)
        return self


class Outcome:
    """What an action came to."""

    def __init__(self, world: World, answer: Answer, events: list[dict[str, Any]]) -> None:
        self.world, self.answer, self.events = world, answer, events

    def then_recorded(self, *kinds: str, **data: Any) -> World:
        """Accepted with exactly these events; every value given stands in the payload of each event of the first kind."""
        assert self.answer.error is None, self.answer.to_json()
        names = [event["type"].removeprefix("petition.").removesuffix(".v1") for event in self.events]
        assert names == list(kinds)
        payload = self.events[0]["data"]
        found = {name: payload.get(name) for name in data}
        assert found == data
        return self.world

    def then_payloads(self, *payloads: dict[str, Any]) -> World:
        """Accepted with exactly these payloads."""
        assert self.answer.error is None, self.answer.to_json()
        assert [event["data"] for event in self.events] == list(payloads)
        return self.world

    def then_refused(self, code: str, field: str | None = None, subject: str | None = None) -> World:
        """Refused with this code (and field, and subject, where given); nothing was recorded."""
        error = self.answer.error
        assert error is not None, [event["type"] for event in self.events]
        assert (error.code, error.field) == (code, field if field is not None else error.field), error.to_json()
        assert subject is None or error.subject == subject, error.to_json()
        assert self.events == []
        return self.world


def given(*steps: Step, **how: Any) -> World:
    """A ledger in which these actions stand."""
    return World(**how).given(*steps)


def ready_for(verb: str, **how: Any) -> World:
    """A ledger in which the verb's example is accepted."""
    return given(*before(verb), **how)


def step(verb: str, /, **changes: Any) -> Step:
    """One past action: the verb's example with changes."""
    return verb, changes
