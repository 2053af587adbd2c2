"""How fast are rebuild, live follow, a figure and an as-of answer, against reading and decoding every event?

Floor: each event read from the store and decoded to a dict with `msgspec`, nothing kept. Every figure is taken in
rounds interleaved with its floor, the best of each counts. Bars: rebuild 0.2 on one core, 0.3 on two; live follow in
batches of 1,000 0.05; a figure of few types 1.0, of all of a case's types 0.45; answered → visible under 20 ms.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
from many_years import FIRST_YEAR, filled
from recording import actions

from consumers.follow import follow
from consumers.project import catch_up, fold_as_of, rebuild
from domain.asof import AsOf, end_of_day, parse_instant
from infra.group_commit import GroupCommit
from infra.read_store import ReadStore
from infra.settings import Settings
from infra.split_rebuild import split_over
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger, open_ledger
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from projections.figure import Question
from projections.statistics import figures

ROUNDS = 3
ACTIONS_PER_S = 200
CLIENTS = 8
ACTIONS = 2_000
YEAR = (date(2025, 1, 1), date(2025, 12, 31))
_decode = msgspec.json.Decoder(dict).decode


class Taken(NamedTuple):
    """What a piece of work took: seconds by the clock on the wall, and of processor time.

    Of two processes, the processor time of the busier one: on cores of their own the wall's is hardly more.
    """

    wall: float
    processor: float


def seconds(work: Callable[[], object]) -> Taken:
    """How long it took."""
    wall, own, other = time.perf_counter(), time.process_time(), processor_of_children()
    work()
    return Taken(time.perf_counter() - wall, max(time.process_time() - own, processor_of_children() - other))


def processor_of_children() -> float:
    """Seconds of processor time of the processes that this one started, of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peak_mib(who: int = resource.RUSAGE_SELF) -> float:
    """The most memory that this process, or one of its children, has held so far."""
    return resource.getrusage(who).ru_maxrss / 1024


class Bench:
    """One ledger, and the floor that every figure is held against."""

    def __init__(self, settings: Settings, rounds: int, only: str = "") -> None:
        self.settings = settings
        self.only = only
        self.rounds = rounds
        self.source = SqliteSource(settings.ledger_file)
        self.events = self.source.head()

    def floor(self) -> None:
        """Read and decode."""
        for event in self.source.read():
            _decode(event.raw)

    def fresh_views(self) -> ReadStore:
        """Empty views."""
        for file in self.settings.views_file.parent.glob(self.settings.views_file.name + "*"):
            file.unlink()
        store = ReadStore(self.settings.views_file)
        store.prepare(ALL_PROJECTIONS)
        return store

    def rebuilt(self, processes: int) -> Taken:
        """A rebuild from nothing, rows stored, indexed and serving."""
        store = self.fresh_views()
        split = split_over(processes, self.source, self.settings.store_place, store) if processes > 1 else None
        taken = seconds(lambda: rebuild(self.source, store, ALL_PROJECTIONS, split=split))
        store.close()
        return taken

    def rebuilt_and_compared(self) -> Taken:
        """A rebuild beside live views that hold the same rows."""
        store = ReadStore(self.settings.views_file)
        taken = seconds(lambda: rebuild(self.source, store, ALL_PROJECTIONS))
        store.close()
        return taken

    def followed(self) -> Taken:
        """Every event taken live, a batch of 1,000 a transaction."""
        store = self.fresh_views()
        taken = seconds(lambda: catch_up(self.source, store, ALL_PROJECTIONS))
        store.close()
        return taken

    def figure(self, name: str | None) -> Taken:
        """One figure of a year, or all."""
        question = Question(*YEAR, AsOf(), None if name is None else (name,))
        return seconds(lambda: list(figures(self.source, question)))

    def as_of(self, asked: AsOf) -> Taken:
        """All case rows at another point in time."""
        return seconds(lambda: list(fold_as_of(self.source, CASE_VIEW, asked)))

    def say(self, work: str, ours: Callable[[], Taken], bar: str) -> None:
        """One line: floor and figure in interleaved rounds, the best of each."""
        if self.only not in work:
            return
        rounds = [(seconds(self.floor), ours()) for _ in range(self.rounds)]
        floor, taken = (Taken(*(min(times) for times in zip(*side, strict=True))) for side in zip(*rounds, strict=True))
        print(
            f"{work:<44} floor {self.events / floor.wall:>9,.0f}/s  ours {self.events / taken.wall:>9,.0f}/s  "
            f"ratio {floor.wall / taken.wall:>5.2f}  by processor time {floor.processor / taken.processor:>5.2f}  bar {bar}  "
            f"peak so far {peak_mib():,.0f} MiB",
            flush=True,
        )


def visible(folder: Path, actions_count: int) -> None:
    """From each action's answer to its rows: clients at a steady pace, group commit, one follower that is told."""
    settings = Settings(data=folder / "live")
    create_ledger(settings)
    answered: dict[str, float] = {}
    reached: list[tuple[float, int]] = []
    with open_ledger(settings) as ledger, GroupCommit(ledger) as group:
        follower = Follower(settings, reached)
        began = time.perf_counter()
        clients = [
            threading.Thread(target=client, args=(group, follower, answered, began, number, actions_count // CLIENTS))
            for number in range(CLIENTS)
        ]
        for one in clients:
            one.start()
        for one in clients:
            one.join()
        pace = len(answered) / (time.perf_counter() - began)
        follower.end()
    source = SqliteSource(settings.ledger_file)
    positions = {_decode(event.raw).get("actionid"): event.position for event in source.read()}
    source.close()
    at = [position for _, position in reached]
    seen = {name: reached[bisect_left(at, positions[name])][0] for name in answered}
    taken = [max(0.0, seen[name] - when) * 1_000 for name, when in answered.items()]
    median, worst = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
    print(
        f"{'answered → visible':<44} at {pace:,.0f} actions/s  median {median:5.1f} ms  p99 {worst:5.1f} ms  bar 20 ms"
    )


def client(
    group: GroupCommit, follower: Follower, answered: dict[str, float], began: float, number: int, count: int
) -> None:
    """One of the clients: its share of the pace, whatever the answers take."""
    for turn, line in enumerate(islice(actions(f"v{number}-"), count)):
        due = began + (turn * CLIENTS + number) / ACTIONS_PER_S
        time.sleep(max(0.0, due - time.perf_counter()))
        assert group.act(line).accepted
        answered[_decode(line)["action_id"]] = time.perf_counter()
        follower.told.set()


class Follower:
    """Brings all views up whenever it is told that something was answered, and notes when it had reached what."""

    def __init__(self, settings: Settings, reached: list[tuple[float, int]]) -> None:
        self.told = threading.Event()
        self._settings = settings
        self._reached = reached
        self._ends = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        source, store = SqliteSource(self._settings.ledger_file), ReadStore(self._settings.views_file)
        store.prepare(ALL_PROJECTIONS)

        def step() -> None:
            position = catch_up(source, store, ALL_PROJECTIONS).position
            self._reached.append((time.perf_counter(), position))

        def waits() -> bool:
            self.told.wait()
            self.told.clear()
            return not self._ends

        follow(step, waits)
        step()
        store.close()
        source.close()

    def end(self) -> None:
        """Take what is left, then stop."""
        self._ends = True
        self.told.set()
        self._thread.join()


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", metavar="WORD", help="only the lines whose name has this word")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    try:
        bench = Bench(filled(folder, given.events), given.rounds, given.only)
        bench.say("rebuild of all views, one process", lambda: bench.rebuilt(1), "0.2 (brave 0.25)")
        if given.events >= 50_000:
            bench.say("rebuild of all views, two processes", lambda: bench.rebuilt(2), "0.3 (brave 0.35)")
        bench.say("rebuild beside full live views, compared", bench.rebuilt_and_compared, "–")
        bench.say("live follow, batches of 1,000", bench.followed, "0.05")
        bench.say("one figure of few types", lambda: bench.figure("cases_received_by_channel"), "1.0")
        bench.say("one figure of handoffs", lambda: bench.figure("handoffs_by_unit"), "–")
        bench.say("one figure of all of a case's types", lambda: bench.figure("timely_acceptance_rate_office"), "0.45")
        bench.say("all figures at once", lambda: bench.figure(None), "–")
        bench.say(
            "cases as it happened by a day", lambda: bench.as_of(AsOf("happened", end_of_day(date(2025, 6, 30)))), "–"
        )
        known = AsOf("known", parse_instant(f"{FIRST_YEAR}-01-02T00:00:00Z"))
        bench.say("cases as known when 4,320 were recorded", lambda: bench.as_of(known), "–")
        if given.only in "answered → visible":
            visible(folder, ACTIONS)
        print(f"peak memory {peak_mib():,.0f} MiB, of another process {peak_mib(resource.RUSAGE_CHILDREN):,.0f} MiB")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
