"""What do sealing, verifying, proving and replaying from the log cost, against the bare work in the same run?

    python bench/seal.py [--events N …]     default 10000 100000; 1000000 takes about ten minutes

Floors: sealing – hash, write and sync the same files at the same batch; the computing alone – one leaf hash and one
node hash for each event; verifying – read, hash and strictly parse the same entries (the floor knows no schemas);
replaying from the log – the same events as rows of one SQLite table; both decode them and give them to all folds. Each
figure is the best of three runs (one above 100,000 events), floor and work taking turns. The ratio of processor time is
what remains of a ratio when other work shares the cores. Sealing, which the disk decides, is the middle one of seven
rounds by their ratio, and every round is printed: each begins with nothing left to write for either side, the first
turn changes sides, nothing is deleted before the last round, and a round in which the file system looked for a place
among files deleted before is set aside (`seal_rounds.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from seal_rounds import Taken, delete_files, fresh, rounds, shown, write_floor

from consumers.follow import SourceEvent
from consumers.seal import LEAVES_MAX, Sealer
from domain.event import decode
from domain.seal.frontier import Frontier
from domain.seal.tiles import ENTRIES, Tile, entries_in, hashes_in
from domain.seal.tree import leaf_hashes
from infra.keys_log import LogKey, create_log_key, policy_text
from infra.log_proof import LogReader, proof_text
from infra.log_source import LogSource
from infra.seal_history import SealHistory
from infra.tile_store import TileStore
from infra.verify import verify_log
from projections import ALL_PROJECTIONS

ORIGIN = "caseledger/500229/petition-office"
RUNS = 3
SEAL_ROUNDS = 7
SCHEMAS = Path(__file__).resolve().parents[1] / "docs" / "schemas" / "events"


def event(index: int) -> bytes:
    """An event of about 1,000 bytes, as an office records them."""
    case = index // 12
    moment = f"{index // 3600 % 24:02d}:{index // 60 % 60:02d}:{index % 60:02d}"
    day = f"2025-{index // 86400 // 28 % 12 + 1:02d}-{index // 86400 % 28 + 1:02d}"
    return msgspec.json.encode(
        {
            "actiondigest": sha256(b"%d" % index).hexdigest(),
            "actionid": f"2025-03-04/{index:07d}",
            "actorid": f"S-{index % 60:03d}",
            "actorrole": "registrar",
            "actorunit": "XF",
            "data": {
                "due_on": "2025-04-18",
                "feedback_required": True,
                "handoff": f"ref:A{case}-h{index % 12}",
                "legal_ground": "art.22(3)",
                "materials": [f"sha256:{sha256(b'm%d' % index).hexdigest()}"],
                "mode": "assign",
                "reason": "反映的事项属于民政部门职责范围，按照属地管理、分级负责的原则交办",
                "to": ["MZJ"],
                "unit": "MZJ",
            },
            "datacontenttype": "application/json",
            "dataschema": "urn:caseledger:schema:petition.case.handoff_offered.v1",
            "id": f"01900000-0000-7000-8000-{index:012x}",
            "recordedtime": f"{day}T{moment}.000000Z",
            "recorderid": "clerk",
            "sequence": str(index % 12 + 1),
            "source": "/500229/petition-office",
            "specversion": "1.0",
            "subject": f"XF500229-2025-{case:06d}",
            "time": f"{day}T{moment}+08:00",
            "type": "petition.case.handoff_offered.v1",
        },
        order="sorted",
    )


class Listed:
    """The events in memory, so that only the sealer's work is measured."""

    def __init__(self, raws: list[bytes]) -> None:
        self._events = [SourceEvent(at, "", 0, "", raw) for at, raw in enumerate(raws, 1)]

    def head(self) -> int:
        return len(self._events)

    def read(self, *, after: int = 0) -> Iterator[SourceEvent]:
        return islice(self._events, after, None)


def seal(source: Listed, folder: Path, key: LogKey) -> None:
    """Seal in batches of 1,000 with a checkpoint after each: the clock runs ahead, nothing waits."""
    now = [0.0]

    def clock() -> float:
        now[0] += 1.0
        return now[0]

    store, history = TileStore(folder / "log", folder / "sealing" / "in"), SealHistory(folder / "sealing")
    sealer = Sealer(source, store, history, ORIGIN, [key.signer], clock=clock, pause=lambda left: None)
    if sealer.seal_waiting().size != source.head():
        raise SystemExit("not everything was sealed")


def planned_files(raws: list[bytes]) -> list[list[tuple[str, list[bytes]]]]:
    """Every file of every batch in its parts: a bundle's entries, or a tile's hashes in one piece."""
    batches = []
    frontier = Frontier()
    for first in range(0, len(raws), LEAVES_MAX):
        files: dict[Tile, bytes] = {}
        bundles = frontier.append(raws[first : first + LEAVES_MAX])
        level = {Tile(0, one.number): leaf_hashes(entries_in(content, one)) for one, content in bundles.items()}
        files |= bundles
        while level:
            files |= {one: b"".join(hashes) for one, hashes in level.items()}
            level = {one: hashes_in(content, one) for one, content in frontier.lift(level).items()}
        files |= frontier.partial_files()
        batches.append(
            [
                (one.path, entries_in(content, one) if one.level == ENTRIES else [content])
                for one, content in files.items()
            ]
        )
    return batches


def hash_floor(raws: list[bytes]) -> None:
    for raw in raws:
        digest = sha256(b"\x00" + raw).digest()
        sha256(b"\x01" + digest + digest).digest()


def compute(raws: list[bytes]) -> bytes:
    """All of the sealer's computing, without a disk."""
    frontier = Frontier()
    for first in range(0, len(raws), LEAVES_MAX):
        bundles = frontier.append(raws[first : first + LEAVES_MAX])
        level = {Tile(0, one.number): leaf_hashes(entries_in(content, one)) for one, content in bundles.items()}
        while level:
            level = {one: hashes_in(content, one) for one, content in frontier.lift(level).items()}
        root = frontier.root()
    return root


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def read_floor(folder: Path, strict: Callable[[bytes], Any]) -> None:
    """Read every bundle, cut it, hash each entry and parse it strictly."""
    for path in sorted((folder / "log" / "tile" / "entries").rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            at = 0
            while at < len(content):
                after = at + 2 + int.from_bytes(content[at : at + 2], "big")
                entry = content[at + 2 : after]
                sha256(b"\x00" + entry).digest()
                strict(entry)
                at = after


_decode, _encode = msgspec.json.Decoder().decode, msgspec.json.Encoder(order="sorted").encode


def strict_msgspec(entry: bytes) -> None:
    """The quickest strict parse known here: decode, and compare what encoding gives back."""
    if _encode(_decode(entry)) != entry:
        raise ValueError("not canonical")


def strict_json(entry: bytes) -> None:
    """The strict parse of the standard library."""
    json.loads(entry, object_pairs_hook=unique)


def best(floor: Callable[[], object], work: Callable[[], object], runs: int = RUNS) -> Taken:
    taken: tuple[list[float], list[float]] = ([], [])
    processor: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for seconds, cpu, one in zip(taken, processor, (floor, work), strict=True):
            start, cpu_start = time.perf_counter(), time.process_time()
            one()
            seconds.append(time.perf_counter() - start)
            cpu.append(time.process_time() - cpu_start)
    return Taken(min(taken[0]), min(taken[1]), min(processor[0]), min(processor[1]))


def replay_table(raws: list[bytes], path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL").fetchall()
    database.execute(
        "CREATE TABLE stored_events (position INTEGER PRIMARY KEY AUTOINCREMENT, originator_id TEXT,"
        " originator_version INTEGER, topic TEXT, state BLOB)"
    )
    heads = ((at, msgspec.json.decode(raw), raw) for at, raw in enumerate(raws, 1))
    database.executemany(
        "INSERT INTO stored_events VALUES (?, ?, ?, ?, ?)",
        ((at, one["subject"], int(one["sequence"]), one["type"], raw) for at, one, raw in heads),
    )
    database.commit()
    return database


def replay(events: Iterable[SourceEvent]) -> int:
    """Decode each event and give it to every fold that takes its type."""
    documents: dict[tuple[str, str], dict[str, Any]] = {}
    for one in events:
        content = decode(one.raw)
        for projection in ALL_PROJECTIONS:
            handler = projection.handlers.get(one.type)
            if handler is not None:
                name = (projection.name, one.subject)
                document = documents.get(name)
                if document is None:
                    document = documents[name] = projection.start()
                handler(document, content)
    return len(documents)


def replay_store(database: sqlite3.Connection) -> int:
    rows = database.execute("SELECT position, originator_id, originator_version, topic, state FROM stored_events")
    return replay(SourceEvent(*row) for row in rows)


def replay_log(folder: Path) -> int:
    return replay(LogSource(folder / "log").read())


def proof_ms(folder: Path, count: int) -> tuple[float, float]:
    """Median milliseconds of a proof over an open log with no tile kept, and of opening and proving."""
    kept, opened = [], []
    for number in range(200):
        index = number * 7_919 % count
        start = time.perf_counter()
        log = LogReader(folder / "log")
        middle = time.perf_counter()
        proof_text(log, index)
        end = time.perf_counter()
        kept.append(end - middle)
        opened.append(end - start)
    return sorted(kept)[100] * 1e3, sorted(opened)[100] * 1e3


def measure(count: int, folder: Path) -> None:
    raws = [event(index) for index in range(count)]
    key = create_log_key(fresh(folder / "keys"), ORIGIN)
    print(f"\n{count:,} events of {sum(map(len, raws)) // count:,} bytes")
    runs = RUNS if count <= 100_000 else 1
    batches, source = planned_files(raws), Listed(raws)
    seal_count = SEAL_ROUNDS if count <= 100_000 else 1
    sealing, last = rounds(
        lambda target: write_floor(raws, batches, target, key),
        lambda target: seal(source, target, key),
        fresh(folder / "sealing"),
        seal_count,
    )
    batches.clear()
    middle, lines = shown(sealing, seal_count)
    bar = None if all(one.is_set_aside for one in sealing) else 0.7
    print(middle.line("seal, checkpoint every 1,000", count, bar), *lines, sep="\n")
    shutil.rmtree(folder / "ours", ignore_errors=True)
    last.rename(folder / "ours")
    print(best(lambda: hash_floor(raws), lambda: compute(raws), runs).line("seal, computing alone", count, 0.45))
    policy = policy_text(key.vkey)

    def verified(schemas: Path | None = None) -> None:
        report = verify_log(folder / "ours" / "log", policy, schemas=schemas)
        if not report.ok:
            raise SystemExit(f"the log does not verify: {report.failure}")

    for name, strict in (("msgspec", strict_msgspec), ("json", strict_json)):
        taken = best(lambda strict=strict: read_floor(folder / "ours", strict), verified, runs)  # type: ignore[misc]
        print(taken.line(f"verify, floor parses with {name}", count, 0.5))
    taken = best(lambda: read_floor(folder / "ours", strict_msgspec), lambda: verified(SCHEMAS), runs)
    print(taken.line("verify with the schemas as well", count, None))
    with closing(replay_table(raws, folder / "replay.db")) as database:
        taken = best(lambda: replay_store(database), lambda: replay_log(folder / "ours"), runs)
        print(taken.line("replay from the log, all folds", count, 0.85))
    (folder / "replay.db").unlink()
    bare, whole = proof_ms(folder / "ours", count)
    print(f"{'inclusion proof':<34} {bare:.2f} ms, {whole:.2f} ms with opening the log   bar 1 ms")
    hashes = sum(
        path.stat().st_size
        for path in (folder / "ours" / "log" / "tile").rglob("*")
        if path.is_file() and "entries" not in path.parts
    )
    print(f"{'tiles beside the entries':<34} {hashes / count:.1f} bytes per event   bar 40")


def main() -> None:
    """Measure at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 100_000], help="log sizes")
    parser.add_argument(
        "--deleted", type=int, default=0, help="first make and delete so many files, to see what it does"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        delete_files(Path(folder) / "deleted", given.deleted)
        for count in given.events:
            measure(count, Path(folder))


if __name__ == "__main__":
    main()
