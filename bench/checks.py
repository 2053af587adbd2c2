"""What do all checks cost over a ledger of the reference year's shape, and one re-check after one act?

Floor: the rebuild of all views over the same events, in the same run. Bars: all checks ≤ 1 × that time; one
re-check < 20 ms at 1,000,000 events. The ledger is the clean reference year, each of its cases, grants and funds
copied under numbers of their own as often as the size asks for.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from domain.answers import ImportMark, Submission
from domain.asof import AsOf, end_of_day
from infra.founding import found
from infra.read_store import ReadStore
from infra.reference_year.generator import generate
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.store_schema import events_table_statements
from infra.wiring import open_ledger

AFTER_THE_YEAR = AsOf("happened", end_of_day(date(2026, 3, 31)))
FILE = "c1ea" * 16
BATCH = 2_000
ONCE = ("petition.register.", "petition.ledger.")
LISTS = ("petition.register.external_list_declared.v1", "petition.register.channel_log_declared.v1")
_NAMES = re.compile(
    rb"(XF500229-2025-)(\d{6})|(JZ500229-2025-)(\d{4})|(ref:[A-Za-z0-9._/-]+)"
    rb"|([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{8})[0-9a-f]{4}"
    rb"|((?:hmac|sha256):[0-9a-f]{60})[0-9a-f]{4}"
)


def reference_year(folder: Path) -> Path:
    """The clean year, recorded through its public actions; the ledger's file."""
    settings = Settings(data=folder / "year")
    found(settings)
    lines = [json.dumps(action, ensure_ascii=False).encode() for action in generate()]
    with open_ledger(settings) as ledger:
        ledger.open_import(FILE, f"sha256:{FILE}", sum(map(len, lines)), "history", "bench")
        for start in range(0, len(lines), BATCH):
            batch = [
                Submission(line, ImportMark(FILE, number, True))
                for number, line in enumerate(lines[start : start + BATCH], start=start + 1)
            ]
            assert all(answer.accepted for answer in ledger.record(batch))
    return settings.ledger_file


def renamed(copy: int, copies: int) -> Callable[[bytes], bytes]:
    """Gives every number, ref, id, tag and document of the `copy`-th copy a name of its own, in the year's order."""
    tail, mark = f"{copy:04x}".encode(), f"-{copy}".encode()

    def name(match: re.Match[bytes]) -> bytes:
        case, case_number, grant, grant_number, ref, event_id, digest = match.groups()
        if case:
            return b"%s%06d" % (case, (int(case_number) - 1) * copies + copy + 1)
        if grant:
            return b"%s%04d" % (grant, (int(grant_number) - 1) * copies + copy + 1)
        return ref + mark if ref else (event_id or digest) + tail

    return lambda text: _NAMES.sub(name, text)


def copied(year: sqlite3.Connection, copies: int) -> Iterator[tuple[str, int, str, bytes]]:
    """The year's events in their order, each as often as there are copies; registers once, outside lists never."""
    renames = [renamed(copy, copies) for copy in range(copies)]
    left_out: Counter[str] = Counter()
    query = "SELECT originator_id, originator_version, topic, state FROM stored_events ORDER BY position"
    for subject, version, topic, state in year.execute(query):
        if topic.startswith(ONCE):
            if topic in LISTS:
                left_out[subject] += 1
                continue
            now = version - left_out[subject]
            yield subject, now, topic, state.replace(b'"sequence":"%d"' % version, b'"sequence":"%d"' % now)
            continue
        for rename in renames:
            yield rename(subject.encode()).decode(), version, topic, rename(state)


def filled(folder: Path, events: int) -> Path:
    """A ledger's file of about this many events."""
    year = sqlite3.connect(reference_year(folder))
    size = int(year.execute("SELECT COUNT(*) FROM stored_events").fetchone()[0])
    place = folder / "ledger.db"
    ledger = sqlite3.connect(place)
    ledger.execute("PRAGMA synchronous=OFF")
    create, *_ = events_table_statements("stored_events")
    ledger.execute(create)
    ledger.executemany(
        "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?,?,?,?)",
        copied(year, max(1, round(events / size))),
    )
    ledger.commit()
    ledger.close()
    return place


def seconds(work: Callable[[], object]) -> float:
    """How long it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rebuild_all(source: SqliteSource, folder: Path) -> None:
    """The floor: every view of the ledger built from its events."""
    from consumers.project import rebuild
    from projections import ALL_PROJECTIONS

    store = ReadStore(folder / "views.db")
    store.prepare(ALL_PROJECTIONS)
    rebuild(source, store, ALL_PROJECTIONS)
    store.close()
    for file in folder.glob("views.db*"):
        file.unlink()


def memory_mib() -> float:
    """The peak of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Fill, check, rebuild, print."""
    from projections.findings import run_checks

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=2, help="interleaved rounds, the best of each is taken")
    parser.add_argument("--keep", type=Path, help="a folder for the ledger, used again where it lies there")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    folder.mkdir(exist_ok=True)
    try:
        place = folder / "ledger.db"
        source = SqliteSource(place if place.exists() else filled(folder, given.events))
        size = source.head()
        floors, ours, found, peak = [], [], 0, 0.0
        for _ in range(given.rounds):
            start = time.perf_counter()
            run = run_checks(source, AFTER_THE_YEAR)
            ours.append(time.perf_counter() - start)
            assert run.failures == []
            found, peak = len(run.findings), peak or memory_mib()
            floors.append(seconds(lambda: rebuild_all(source, folder)))
        floor, taken = min(floors), min(ours)
        print(
            f"all checks over {size:,} events: floor (rebuild of all views) {floor:.2f} s = {floor / size * 1e6:.2f} µs/event, "
            f"checks {taken:.2f} s = {taken / size * 1e6:.2f} µs/event, {taken / floor:.2f} × the floor (bar 1.00 ×), "
            f"{found} findings, peak memory {peak:,.0f} MiB"
        )
    finally:
        if not given.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
