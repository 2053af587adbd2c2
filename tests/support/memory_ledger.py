"""A ledger in memory for tests of views: told event by event, or made up from a seed, plausible and not."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from consumers.follow import SourceEvent
from domain.event import canonical
from projections import ALL_PROJECTIONS, projection_named
from projections.fold import Row

CASE = "XF500229-2025-000001"
GRANT = "JZ500229-2025-0001"
FUND = "fund:ref:F2025"


class MemoryLedger:
    """Recorded events in order; obeys the contract of a source, and can only be added to."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._sequences: dict[str, int] = {}
        self._stored: list[SourceEvent] = []
        self._clock = datetime(2025, 1, 1, tzinfo=UTC)

    def tell(
        self,
        short: str,
        time: str,
        *,
        subject: str = CASE,
        by: str = "S-001/XF/clerk",
        data: Any = None,
        **attributes: Any,
    ) -> str:
        """Record `case.received` and so on at a time (a bare day: ten in the morning); gives the event's id."""
        sequence = self._sequences[subject] = self._sequences.get(subject, 0) + 1
        self._clock += timedelta(seconds=1)
        position = len(self.events) + 1
        staff, unit, role = by.split("/")
        event = {
            "id": f"e-{position}",
            "type": f"petition.{short}.v1",
            "subject": subject,
            "sequence": str(sequence),
            "time": f"{time}T10:00:00+08:00" if len(time) == 10 else time,
            "recordedtime": self._clock.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actorid": staff,
            "actorunit": unit,
            "actorrole": role,
            "data": {} if data is None else data,
            **attributes,
        }
        self.events.append(event)
        self._stored.append(SourceEvent(position, subject, sequence, event["type"], canonical(event)))
        return str(event["id"])

    def put(self, item: SourceEvent) -> None:
        """Add stored bytes as they are."""
        self._stored.append(item)

    def head(self) -> int:
        return self._stored[-1].position if self._stored else 0

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[SourceEvent]:
        for item in self._stored:
            within = item.position > after and (until is None or item.position <= until)
            if within and (types is None or item.type in types):
                yield item

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[SourceEvent]:
        return (item for item in self.read(until=until) if item.subject == subject)

    def rows(self, name: str, subject: str = CASE) -> list[Row]:
        """One subject's rows of a view, folded here and now."""
        projection = projection_named(name)
        events = [event for event in self.events if event["subject"] == subject]
        return projection.rows(subject, projection.fold(events))

    def reordered(self, chance: random.Random) -> MemoryLedger:
        """The same events, subjects interleaved in another way; every subject keeps its own order."""
        waiting: dict[str, list[SourceEvent]] = {}
        for item in self._stored:
            waiting.setdefault(item.subject, []).append(item)
        other = MemoryLedger()
        while waiting:
            subject = chance.choice(sorted(waiting))
            item = waiting[subject].pop(0)
            other.put(item._replace(position=other.head() + 1))
            if not waiting[subject]:
                del waiting[subject]
        return other

    def cut(self, size: int) -> MemoryLedger:
        """The ledger as it was at that size."""
        other = MemoryLedger()
        for item in self._stored[:size]:
            other.put(item)
        return other


ALL_TYPES = sorted(frozenset[str]().union(*(projection.types for projection in ALL_PROJECTIONS)))
STRANGE: tuple[Any, ...] = (
    -1, 0, 2**53 - 1, True, False, "", "否", "2025-02-30", "1900-01-01T00:00:00Z", "x" * 200, [], {}, ["MZJ"],
    {"kind": []}, [[1]], "ref:a|b", "/", "~1", "\n",
)  # fmt: skip
PLAUSIBLE: dict[str, tuple[Any, ...]] = {
    "handoff": ("ref:h1", "ref:h2"),
    "unit": ("MZJ", "JSW"),
    "to": (["MZJ"], ["MZJ", "JSW"]),
    "due_on": ("2025-03-01", "2025-04-01"),
    "payment": ("ref:p1", "ref:p2"),
    "amount_fen": (100, 20_000, 300_000),
    "outside_commitment_fen": (0, 100),
    "opening_balance_fen": (1_000_000,),
    "upheld": (True, False),
    "feedback_required": (True, False),
    "received_at": ("2025-01-02T09:00:00+08:00", "2025-02-01T23:59:59+08:00"),
    "receipt_evidence": ({"kind": "postmark", "at": "2025-01-02T09:00:00+08:00"},),
    "purpose": ("claim", "accusation"),
    "route": (1, 6),
    "days": (10, 30),
    "grade": ("satisfied", "dissatisfied"),
    "side": ("office", "unit"),
    "staff": ("S-002",),
    "override": ({"guards": ["funds"], "reason": "急", "approved_by": "S-009"},),
    "cash_exception": ({"reason": "偏远", "approved_by": "S-009"},),
    "exceptional": (True,),
    "meeting": ({"held_on": "2025-03-01", "attendees": ["S-1", "S-2"], "dissent": []},),
    "field": ("/received_at", "/time", "/due_on", "/days", "/meeting/held_on", "/receipt_evidence/at", "/name"),
    "now": ("2025-01-05", 7),
    "was": ("2025-01-02",),
    "name": ("甲",),
    "kind": ("criticism", "responsible"),
    "year": (2025,),
}  # fmt: skip


def random_ledger(seed: int, size: int, *, strangeness: float = 0.2) -> MemoryLedger:
    """A made-up ledger: any type on any subject of its kind, fields plausible, missing or strange."""
    chance = random.Random(seed)
    ledger = MemoryLedger()
    subjects = {
        "case": [f"XF500229-2025-{number:06}" for number in range(1, 6)],
        "grant": [GRANT, "JZ500229-2025-0002"],
        "fund": [FUND],
        "register": ["unit:MZJ", "calendar:2025", "ledger"],
        "vault": ["vault:1"],
        "ledger": ["ledger"],
    }
    for _ in range(size):
        type_name = chance.choice(ALL_TYPES)
        short = type_name.removeprefix("petition.").removesuffix(".v1")
        data: dict[str, Any] = {}
        for name, values in PLAUSIBLE.items():
            if chance.random() < 0.6:
                data[name] = chance.choice(STRANGE if chance.random() < strangeness else values)
        if chance.random() < 0.5 and ledger.events:
            data["event_id"] = f"e-{chance.randint(1, len(ledger.events) + 20)}"
        day = datetime(2025, 1, 1) + timedelta(days=chance.randint(0, 120), minutes=chance.randint(0, 1439))
        attributes: dict[str, Any] = {}
        if chance.random() < 0.3:
            attributes = {"importid": "f" * 64}
        if chance.random() < 0.3:
            attributes["enteredtime"] = chance.choice(("2025-06-01T10:00:00+08:00", "not a time", 7))
        if chance.random() < 0.3:
            attributes["correlationid"] = CASE
        ledger.tell(
            short,
            day.isoformat() + chance.choice(("+08:00", "+00:00", "-11:30")),
            subject=chance.choice(subjects[short.partition(".")[0]]),
            by=chance.choice(("S-001/XF/clerk", "S-100/MZJ/handler", "S-200/JSW/handler")),
            data=chance.choice(STRANGE) if chance.random() < strangeness / 4 else data,
            actionid=f"a-{chance.randint(1, 5)}",
            **attributes,
        )
    return ledger
