"""How fast are one durable action, group commit and an import, against the library's own recorder?

Floor: `eventsourcing`'s SQLite recorder inserting the same stored events, one commit at a time, and 1,000 a
commit. Prints floor, figure and ratio from one run. Bars: 0.7; 1.2 × with 8 clients, 2 × with 32; 0.25.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from domain.answers import ImportItem
from domain.ledger import Ledger
from infra.group_commit import GroupCommit
from infra.import_ledger import open_imports
from infra.importing.driver import ImportOptions, rare_collections, run_import
from infra.importing.sources import ImportSource
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger, open_ledger

ROUNDS = 3
TURNS = 10
QUIET_SHARE = 0.6
BY = {"staff": "S-001", "unit": "XF", "role": "registrar"}
DOCUMENT = "sha256:" + "a" * 64


def actions(prefix: str) -> Iterator[bytes]:
    """An endless office: cases received, registered, routed, handed over, received, fed back, closed."""
    number = 0
    while True:
        number += 1
        case, handoff = f"ref:{prefix}{number}", f"ref:{prefix}{number}-h"
        at = "2025-03-04T10:20:00+08:00"
        steps: list[dict[str, Any]] = [
            {"action": "receive_petition", "channel": "letter", "received_at": at, "people_count": 1,
             "anonymous": False, "content": DOCUMENT, "region": "500229", "urgent": False},
            {"action": "register_petition", "content_class": "roads"},
            {"action": "route", "purpose": "claim", "route": 6},
            {"action": "hand_over", "handoff": handoff, "mode": "transfer", "to": ["MZJ"],
             "feedback_required": True, "materials": [DOCUMENT], "legal_ground": "art.22(2)"},
            {"action": "receive_handoff", "handoff": handoff, "materials_complete": True},
            {"action": "accept_case"},
            {"action": "notify_petitioner", "notice": "acceptance", "document": DOCUMENT, "sent_at": at,
             "delivery": "post"},
            {"action": "feed_back", "handoff": handoff, "report": DOCUMENT, "result": "done"},
        ]  # fmt: skip
        for place, step in enumerate(steps):
            by = {**BY, "unit": "MZJ"} if place in (4, 5, 6, 7) else BY
            line = {**step, "action_id": f"{prefix}{number}/{place}", "at": at, "by": by, "case": case}
            yield json.dumps(line).encode()


def per_second(count: int, work: Callable[[], object]) -> float:
    """Things a second."""
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def durable_write_us(folder: Path) -> float:
    """Microseconds of one appended and synchronised 4 KiB page; median of 200."""
    taken = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(200):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - start) * 1e6)
    return statistics.median(taken)


def floor_recorder(folder: Path) -> SQLiteApplicationRecorder:
    """The library's recorder as it comes."""
    datastore = SQLiteDatastore(str(folder / "floor.db"), originator_id_type="text")
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()
    return recorder


def stored(source: SqliteSource, after: int, count: int) -> list[StoredEvent]:
    """What the ledger recorded, as the library's recorder takes it."""
    return [
        StoredEvent(event.subject, event.sequence, event.type, event.raw)
        for event in islice(source.read(after=after), count)
    ]


def clients(ledger: Ledger, count: int, lines: list[bytes]) -> float:
    """Actions a second of `count` threads that send one and wait for its answer, from when all of them are there."""
    share = [lines[place::count] for place in range(count)]
    ready = threading.Barrier(count + 1)
    with GroupCommit(ledger) as group:

        def run(part: list[bytes]) -> None:
            ready.wait()
            for line in part:
                answer = group.act(line)
                assert answer.accepted, answer.to_json()

        threads = [threading.Thread(target=run, args=(part,)) for part in share]
        for thread in threads:
            thread.start()
        ready.wait()
        return per_second(len(lines), lambda: [thread.join() for thread in threads])


def streams(prefix: str, cases: int, clients_count: int) -> list[bytes]:
    """Lines such that each client, taking every n-th, sends its own cases in order."""
    offices = [actions(f"{prefix}{client}-") for client in range(clients_count)]
    return [next(offices[place % clients_count]) for place in range(cases)]


def main() -> None:
    """Run at one size and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="events to import")
    parser.add_argument("--single", type=int, default=1_500, help="single durable actions")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds, each in new stores")
    parser.add_argument("--turns", type=int, default=TURNS, help="turns a round")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    try:
        measure(folder, given.events, given.single, given.rounds, given.turns)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, events: int, single: int, rounds: int, turns_a_round: int) -> None:
    """Floor and figure of each work in turns of a few moments, so that a noisy machine disturbs both alike.

    What counts is the median of the turns' ratios; beside it that of the quiet turns, whose floor came near its best.
    """
    turns: dict[str, list[tuple[float, float]]] = {}
    for round_number in range(rounds):
        place = folder / f"round{round_number}"
        place.mkdir()
        for work, floor, figure in one_round(place, events, single, turns_a_round):
            turns.setdefault(work, []).append((floor, figure))
        shutil.rmtree(place)
    tell(turns)
    print(
        f"one durable write of 4 KiB takes {durable_write_us(folder):,.0f} µs on this disk: the cheaper, the lower the ratios"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def tell(turns: dict[str, list[tuple[float, float]]]) -> None:
    """A line for each work: floor, figure, and the median of the turns' ratios."""
    for work, pairs in turns.items():
        floor, figure = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratios = sorted(ours / theirs for theirs, ours in pairs)
        near_best = QUIET_SHARE * max(theirs for theirs, _ in pairs)
        quiet = [ours / theirs for theirs, ours in pairs if theirs >= near_best]
        print(
            f"{work:<46} floor {floor:>9,.0f}/s  ours {figure:>9,.0f}/s  ratio {statistics.median(ratios):>5.2f} "
            f"({ratios[0]:.2f}–{ratios[-1]:.2f}, {len(pairs)} turns)  in {len(quiet)} quiet turns "
            f"{statistics.median(quiet):>5.2f}  bar {BARS[work]}"
        )


IMPORT, FILE = "import, decided and recorded, 1,000 a commit", "import of a file, by `caseledger import`"
ALONE, EIGHT, MANY = "one durable action, one client", "group commit, 8 clients", "group commit, 32 clients"
BARS = {IMPORT: "0.25 (brave 0.4)", FILE: "0.25 (brave 0.4)", ALONE: "0.7", EIGHT: "1.2", MANY: "2.0"}


def one_round(folder: Path, events: int, single: int, turns: int) -> Iterator[tuple[str, float, float]]:
    """(work, floor a second, ours a second) of every work, turn by turn."""
    settings = Settings(data=folder / "ledger")
    create_ledger(settings)
    recorder = floor_recorder(folder)
    source = SqliteSource(settings.ledger_file)
    with open_ledger(settings) as ledger:
        lines = list(islice(actions("i"), events))
        took = 0.0
        for start in range(0, events, turn := max(1_000, events // turns)):
            part, before = lines[start : start + turn], source.head()
            with rare_collections():
                figure = per_second(len(part), lambda part=part: load(ledger, part))
            rows = stored(source, before, len(part))
            floor = per_second(len(rows), lambda rows=rows: insert(recorder, rows, 1_000))
            took += len(rows) / floor
            yield IMPORT, floor, figure
        yield FILE, events / took, per_second(events, lambda: import_file(folder, lines))
        yield from singles(ledger, source, recorder, single, turns)
    source.close()
    recorder.datastore.close()


def singles(
    ledger: Ledger, source: SqliteSource, recorder: SQLiteApplicationRecorder, count: int, turns: int
) -> Iterator[tuple[str, float, float]]:
    """One client, eight and many in turns, each turn beside the floor of one client."""
    office = actions("s")
    for turn in range(turns):
        before, part = source.head(), list(islice(office, count // turns))
        figure = per_second(len(part), lambda part=part: [ledger.act(line) for line in part])
        rows = stored(source, before, len(part))
        assert len(rows) == len(part)
        floor = per_second(len(rows), lambda rows=rows: insert(recorder, rows, 1))
        yield ALONE, floor, figure
        for clients_count, work in ((8, EIGHT), (32, MANY)):
            group = streams(f"g{clients_count}-{turn}-", count * 2 // turns, clients_count)
            yield work, floor, clients(ledger, clients_count, group)


def load(ledger: Ledger, lines: list[bytes]) -> None:
    """Record lines in batches of 1,000, as the import driver does."""
    for start in range(0, len(lines), 1_000):
        items = [ImportItem(start + n + 1, line) for n, line in enumerate(lines[start : start + 1_000])]
        answers = ledger.record_import(items, "0" * 64, False)
        assert not [answer for answer in answers if answer.error is not None]


def import_file(folder: Path, lines: list[bytes]) -> None:
    """The same lines as a file through reader, driver, rejects and account into a ledger of their own."""
    file = folder / "actions.jsonl"
    file.write_bytes(b"\n".join(lines))
    settings = Settings(data=folder / "imported")
    create_ledger(settings)
    with open_imports(settings) as ledger:
        report = run_import(ImportSource(file), ledger, ImportOptions("live", "bench", folder / "rejects.jsonl"))
    assert report.accepted_new == len(lines), report


def insert(recorder: SQLiteApplicationRecorder, rows: list[StoredEvent], a_commit: int) -> None:
    """The floor: the library's recorder inserting the same events."""
    for start in range(0, len(rows), a_commit):
        recorder.insert_events(rows[start : start + a_commit])


if __name__ == "__main__":
    main()
