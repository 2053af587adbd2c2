"""A real ledger file of any size in seconds: one story's bytes over and over, each case under its own number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import chain, islice

from domain.event import canonical
from infra.settings import Settings
from infra.wiring import create_ledger
from tests.support.memory_ledger import CASE, MemoryLedger

EVENTS_PER_CASE = 10
OPEN_CASES = 200
"""Cases that go on side by side, so that a case's events lie far apart."""


def story() -> list[tuple[str, bytes]]:
    """Type and bytes of one case's events."""
    ledger = MemoryLedger()
    handoff = {"handoff": "ref:h1", "unit": "MZJ"}
    ledger.tell("case.received", "2025-03-03", data={"channel": "letter", "received_at": "2025-03-03T09:00:00+08:00"})
    ledger.tell("case.registered", "2025-03-04", data={"content_class": "land"})
    ledger.tell("case.routed", "2025-03-04", data={"purpose": "claim", "route": 6})
    ledger.tell("case.handoff_offered", "2025-03-05", data={**handoff, "mode": "assign", "to": ["MZJ"]})
    ledger.tell("case.handoff_received", "2025-03-06", by="S-100/MZJ/handler", data=handoff)
    ledger.tell("case.accepted", "2025-03-07", by="S-100/MZJ/handler")
    ledger.tell("case.opinion_issued", "2025-04-01", by="S-100/MZJ/handler", data={"result": "supported"})
    ledger.tell("case.handoff_fed_back", "2025-04-02", by="S-100/MZJ/handler", data={**handoff, "result": "done"})
    ledger.tell("case.interest_declared", "2025-04-02", data={"staff": "S-100", "relation": "kin"})
    ledger.tell("case.closed", "2025-04-10", data={"ground": "opinion_delivered"})
    return [(event["type"], canonical(event)) for event in ledger.events]


def number_of(case: int) -> str:
    """A case's number."""
    return f"XF500229-2025-{case:06d}"


def rows_from(case: int) -> Iterator[tuple[str, int, str, bytes]]:
    """Endless rows of the events table, from that case on, many cases at once."""
    told = story()
    while True:
        for sequence, (type_name, raw) in enumerate(told, start=1):
            for number in range(case, case + OPEN_CASES):
                yield number_of(number), sequence, type_name, raw.replace(CASE.encode(), number_of(number).encode())
        case += OPEN_CASES


def add_events(settings: Settings, rows: Iterator[tuple[str, int, str, bytes]], count: int) -> None:
    """Append so many rows in one transaction, as a writer beside everybody else."""
    store = sqlite3.connect(settings.ledger_file, timeout=30)
    with store:
        statement = "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"
        store.executemany(statement, islice(rows, count))
    store.close()


def large_ledger(settings: Settings, events: int) -> Iterator[tuple[str, int, str, bytes]]:
    """Make the ledger; gives the rows that would come next."""
    create_ledger(settings)
    rows = rows_from(1)
    add_events(settings, rows, events)
    return chain(rows)
