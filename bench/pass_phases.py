"""Where does the time of a rebuild in one process go? Each phase by the processor time that it takes, per event.

The floor is that of `bench/replay.py`: each event read from the store and decoded to a dict, nothing kept. Of the rounds
that one is shown whose rebuild took least.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from many_years import filled
from replay import Bench, seconds
from split_phases import Watch

import consumers.project
from consumers.folding import Folding
from infra.read_database import SqliteReadDatabase
from infra.read_store import ReadStore
from infra.read_tables import ViewTables
from infra.sqlite_source import SqliteSource

PHASES: tuple[tuple[Any, str, str], ...] = (
    (ReadStore, "begin_building", "new tables beside the live ones"),
    (SqliteSource, "rows", "events read"),
    (consumers.project, "fold_subjects", "decoded, folded, made rows"),
    (ViewTables, "tuples_of", "rows looked at, JSON, sorted"),
    (SqliteReadDatabase, "fill", "rows and documents inserted"),
    (Folding, "written", "rows given back"),
    (consumers.project, "_swap_in", "compared, indexed, swapped"),
)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    try:
        bench = Bench(filled(folder, given.events), given.rounds)
        floor = min(seconds(bench.floor).processor for _ in range(given.rounds))
        watch = Watch()
        for owner, name, phase in PHASES:
            watch.on(owner, name, phase)
        rounds = []
        for _ in range(given.rounds):
            watch.taken.clear()
            rounds.append((bench.rebuilt(1).processor, dict(watch.taken)))
    finally:
        shutil.rmtree(folder)
    whole, phases = min(rounds, key=lambda one: one[0])
    us = 1e6 / given.events
    print(f"{given.events:,} events in one process, µs an event: floor {floor * us:.2f}, rebuild {whole * us:.2f}, "
          f"ratio {floor / whole:.2f}")  # fmt: skip
    for phase, taken in phases.items():
        print(f"{phase:<36} {taken.processor * us:6.2f}  {taken.processor / whole:4.0%}")
    rest = whole - sum(one.processor for one in phases.values())
    print(f"{'commits and everything else':<36} {rest * us:6.2f}  {rest / whole:4.0%}")


if __name__ == "__main__":
    main()
