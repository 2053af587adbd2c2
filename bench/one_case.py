"""How long does one case take out of a large ledger, by number and by the sender's ref?

Floor: the same rows by the same index from SQLite, nothing decoded. Bar: under 5 ms from 1,000,000 events.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from itertools import islice
from pathlib import Path

from recording import actions

from domain.answers import ImportItem
from domain.calendar import Calendar
from domain.event import decode
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger, open_ledger

LOOKS = 500


def filled(folder: Path, events: int) -> Settings:
    """A ledger of this many events, eight a case."""
    settings = Settings(data=folder / "ledger")
    create_ledger(settings)
    lines = actions("c")
    with open_ledger(settings) as ledger:
        for start in range(0, events, 1_000):
            items = [ImportItem(start + n + 1, line) for n, line in enumerate(islice(lines, 1_000))]
            answers = ledger.record_import(items, "0" * 64, False)
            assert all(answer.accepted for answer in answers)
    return settings


def milliseconds(work: Callable[[int], object], cases: list[int]) -> list[float]:
    """How long each look took."""
    taken = []
    for case in cases:
        start = time.perf_counter()
        work(case)
        taken.append((time.perf_counter() - start) * 1_000)
    return taken


def main() -> None:
    """Fill, look, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    try:
        settings = filled(folder, given.events)
        cases = random.Random(1).choices(range(1, given.events // 8), k=LOOKS)
        source = SqliteSource(settings.ledger_file)
        plain = sqlite3.connect(settings.ledger_file)

        def floor(case: int) -> object:
            statement = "SELECT state FROM stored_events WHERE originator_id=? ORDER BY originator_version"
            return plain.execute(statement, (f"XF500229-2025-{case:06d}",)).fetchall()

        def by_number(case: int) -> object:
            return [decode(event.raw) for event in source.read_subject(f"XF500229-2025-{case:06d}")]

        def by_ref(case: int) -> object:
            subject = source.subject_of("case", f"ref:c{case}")
            assert subject is not None
            return [decode(event.raw) for event in source.read_subject(subject)]

        def explained(case: int) -> object:
            from domain.deadlines import case_deadlines

            return case_deadlines(by_number(case), Calendar({}), _DAY, {"XF": "petition_office"})  # type: ignore[arg-type]

        works = (("by number", by_number), ("by ref", by_ref), ("with its deadlines explained", explained))
        base = statistics.median(milliseconds(floor, cases))
        for name, work in works:
            taken = milliseconds(work, cases)
            median, worst = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
            print(
                f"one case {name:<30} floor {base:6.3f} ms  median {median:6.3f} ms  p99 {worst:6.3f} ms  "
                f"ratio {base / median:4.2f}  bar 5 ms"
            )
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    finally:
        shutil.rmtree(folder)


_DAY = date(2025, 12, 31)

if __name__ == "__main__":
    main()
