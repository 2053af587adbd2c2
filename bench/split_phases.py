"""Where does the time of a rebuild in two processes go? Each phase by the wall and by the joining process's processor time.

The floor is that of `bench/replay.py`: each event read from the store and decoded to a dict, nothing kept. Of the rounds
that one is shown whose rebuild took least by the wall.
"""

from __future__ import annotations

import argparse
import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from many_years import filled
from replay import Bench, Taken, seconds

import consumers.project
import infra.split_rebuild
from infra.read_store import ReadStore
from infra.share_workers import Workers

PHASES: tuple[tuple[Any, str, str], ...] = (
    (ReadStore, "begin_building", "new tables beside the live ones"),
    (ReadStore, "shares", "shares opened"),
    (Workers, "__enter__", "the other process started"),
    (infra.split_rebuild, "fold_share", "own share read, folded, written"),
    (Workers, "finish", "waiting for the other share"),
    (ReadStore, "join", "the other share joined"),
    (ReadStore, "sweep", "files removed"),
    (consumers.project, "_swap_in", "compared, indexed, swapped"),
)


class Watch:
    """Adds up what the phases of one rebuild took."""

    def __init__(self) -> None:
        self.taken: dict[str, Taken] = {}

    def on(self, owner: Any, name: str, phase: str) -> None:
        """Time every call of a function from now on."""
        original: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(original)
        def timed(*args: Any, **named: Any) -> Any:
            results: list[Any] = []
            taken = seconds(lambda: results.append(original(*args, **named)))
            before = self.taken.get(phase, Taken(0.0, 0.0))
            self.taken[phase] = Taken(before.wall + taken.wall, before.processor + taken.processor)
            return results[0]

        setattr(owner, name, timed)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.events < infra.split_rebuild.SPLIT_FROM_EVENTS:
        print(f"nothing to measure: a ledger is shared out from {infra.split_rebuild.SPLIT_FROM_EVENTS:,} events on")
        return
    watch = Watch()
    for owner, name, phase in PHASES:
        watch.on(owner, name, phase)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    try:
        bench = Bench(filled(folder, given.events), given.rounds)
        rounds = []
        for _ in range(given.rounds):
            floor = seconds(bench.floor)
            watch.taken.clear()
            rounds.append((floor, bench.rebuilt(2), dict(watch.taken)))
    finally:
        shutil.rmtree(folder)
    floor = min(one[0].wall for one in rounds)
    _, whole, phases = min(rounds, key=lambda one: one[1].wall)
    print(f"{given.events:,} events in two processes: floor {floor:.3f} s, rebuild {whole.wall:.3f} s, "
          f"ratio {floor / whole.wall:.2f}")  # fmt: skip
    for phase, taken in phases.items():
        print(f"{phase:<36} {taken.wall:6.3f} s  processor {taken.processor:6.3f} s  {taken.wall / whole.wall:4.0%}")
    rest = whole.wall - sum(one.wall for one in phases.values())
    print(f"{'everything else':<36} {rest:6.3f} s")


if __name__ == "__main__":
    main()
