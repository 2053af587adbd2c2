"""A ledger of any size for benchmarks: the reference year over and over, each time in another office."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.answers import ImportItem
from infra.reference_year.generator import write
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger, open_ledger

FIRST_YEAR = 1996
SECONDS_PER_EVENT = 20
"""Distance of two recordings, so that `recordedtime` rises with the position as in any ledger."""
_RECORDED = re.compile(rb'"recordedtime":"[^"]*"')


def filled(folder: Path, events: int) -> Settings:
    """A ledger of this many events: one year recorded through actions, the rest its bytes with other names."""
    settings = Settings(data=folder / "ledger")
    create_ledger(settings)
    year = folder / "year.jsonl"
    write(year)
    lines = year.read_bytes().splitlines()
    with open_ledger(settings) as ledger:
        for start in range(0, min(len(lines), events), 1_000):
            items = [ImportItem(start + n + 1, line) for n, line in enumerate(lines[start : start + 1_000])]
            assert all(answer.accepted for answer in ledger.record_import(items, "0" * 64, False))
    source = SqliteSource(settings.ledger_file)
    recorded = [(one.subject, one.sequence, one.type, one.raw) for one in source.read()]
    source.close()
    if len(recorded) < events:
        _repeat(settings.ledger_file, recorded, events)
    return settings


def _repeat(file: Path, recorded: list[tuple[str, int, str, bytes]], events: int) -> None:
    """Write the store anew: the same rows, office after office, until there are enough."""
    store = sqlite3.connect(file)
    store.execute("PRAGMA synchronous=OFF")
    for name in ("no_update", "no_delete", "no_replace"):
        store.execute(f"DROP TRIGGER stored_events_{name}")
    store.execute("DELETE FROM stored_events")
    statement = "INSERT INTO stored_events VALUES (?,?,?,?,?)"
    store.executemany(statement, _copies(recorded, events))
    store.commit()
    store.close()


def _copies(recorded: list[tuple[str, int, str, bytes]], events: int) -> Iterator[tuple[int, str, int, str, bytes]]:
    position, copy = 0, 0
    began = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    while True:
        office = b"%06d" % (500_229 + copy)
        for subject, sequence, kind, raw in recorded:
            if copy and kind.startswith("petition.register"):
                continue  # units, staff and calendars are declared once
            position += 1
            stamp = (began + timedelta(seconds=position * SECONDS_PER_EVENT)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            told = _RECORDED.sub(b'"recordedtime":"%s"' % stamp.encode(), raw).replace(b"500229", office)
            told = told.replace(b"fund:ref:", b"fund:ref:%d-" % copy)
            named = subject.replace("500229", office.decode()).replace("fund:ref:", f"fund:ref:{copy}-")
            yield position, named, sequence, kind, told
            if position == events:
                return
        copy += 1
