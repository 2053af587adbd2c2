"""Where does the time of one durable action go? Its statements, its commit, what is computed around them, and the floor.

Medians over the actions of one client, in µs, and the pages that a commit writes into the journal. The floor is
`eventsourcing`'s SQLite recorder inserting the same events one commit at a time, in turns with the actions.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import struct
import tempfile
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any, cast

from recording import actions, durable_write_us, floor_recorder, insert, load, stored

from infra.event_store import LedgerRecorder
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger, open_ledger

TURN = 100
JOURNAL_HEADER, FRAME_HEADER = 32, 24


class TimedCursor:
    """The write section's cursor with a clock beside every statement."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.taken: dict[str, list[float]] = defaultdict(list)

    def execute(self, statement: str, *params: Any) -> Any:
        """Run one statement and note its time under its first words."""
        start = time.perf_counter()
        try:
            return self._cursor.execute(statement, *params)
        finally:
            self.taken[" ".join(statement.split()[:3])].append((time.perf_counter() - start) * 1e6)


def pages_of(journal: Path) -> tuple[int, int]:
    """Pages and commits that stand in the journal since it was begun anew (SQLite's file format, section 4)."""
    content = journal.read_bytes()
    size, salt = struct.unpack(">I", content[8:12])[0], content[16:24]
    pages = commits = 0
    for start in range(JOURNAL_HEADER, len(content) - FRAME_HEADER - size + 1, FRAME_HEADER + size):
        if content[start + 8 : start + 16] != salt:
            break
        pages += 1
        commits += struct.unpack(">I", content[start + 4 : start + 8])[0] != 0
    return pages, commits


def pages_a_commit(before: tuple[int, int], after: tuple[int, int]) -> float:
    """Of the commits between two looks at a journal."""
    return (after[0] - before[0]) / max(1, after[1] - before[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="events that the ledger holds before")
    parser.add_argument("--actions", type=int, default=4_000, help="actions that are measured")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    try:
        measure(folder, given.events, given.actions)
        print(f"one durable write of 4 KiB takes {durable_write_us(folder):,.0f} µs on this disk")
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, events: int, count: int) -> None:
    """Actions and floor in turns of a hundred; what a checkpoint disturbs is left out by the medians."""
    settings = Settings(data=folder / "ledger")
    create_ledger(settings)
    recorder, source, office = floor_recorder(folder), SqliteSource(settings.ledger_file), actions("s")
    journals = (Path(f"{settings.ledger_file}-wal"), folder / "floor.db-wal")
    ours: list[float] = []
    theirs: list[float] = []
    pages: tuple[list[float], list[float]] = ([], [])
    with open_ledger(settings) as ledger:
        load(ledger, list(islice(office, events)))
        insert(recorder, stored(source, 0, events), 1_000)
        ledger.act(next(office))
        section = cast(LedgerRecorder, ledger.recorder)._kept_section
        assert section is not None
        timed = TimedCursor(section._cursor)
        section._cursor = cast(Any, timed)
        for _ in range(0, count, TURN):
            before = [pages_of(journal) for journal in journals]
            head = source.head()
            for line in islice(office, TURN):
                start = time.perf_counter()
                ledger.act(line)
                ours.append((time.perf_counter() - start) * 1e6)
            for event in stored(source, head, TURN):
                start = time.perf_counter()
                recorder.insert_events([event])
                theirs.append((time.perf_counter() - start) * 1e6)
            for place, journal in enumerate(journals):
                after = pages_of(journal)
                if after[1] - before[place][1] == TURN:  # else a checkpoint came between
                    pages[place].append(pages_a_commit(before[place], after))
    source.close()
    recorder.datastore.close()
    tell(timed.taken, ours, theirs, pages)


def tell(
    taken: dict[str, list[float]], ours: list[float], theirs: list[float], pages: tuple[list[float], list[float]]
) -> None:
    """A line for each statement, the dearest first, then what is left and the floor."""
    whole = statistics.median(ours)
    shares = {name: statistics.median(times) * len(times) / len(ours) for name, times in taken.items()}
    for name, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"{name:<34} {len(taken[name]) / len(ours):>5.2f} an action  {share:>7.1f} µs")
    print(f"{'everything else':<34} {'':>15}  {whole - sum(shares.values()):>7.1f} µs")
    floor = statistics.median(theirs)
    ours_pages, their_pages = (statistics.mean(side) if side else float("nan") for side in pages)
    print(f"one durable action {whole:,.0f} µs, {ours_pages:.1f} pages; ", end="")
    print(f"floor {floor:,.0f} µs, {their_pages:.1f} pages; ratio of the medians {floor / whole:.2f}")


if __name__ == "__main__":
    main()
