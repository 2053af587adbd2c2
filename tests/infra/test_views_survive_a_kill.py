"""A projector killed at any moment leaves whole views, and the next one goes on from there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec

from consumers.follow import SourceEvent, decoded, stored_names
from consumers.project import catch_up, rebuild
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS
from projections.fold import Projection, Row, forget_lines, shaped
from tests.support.memory_ledger import MemoryLedger, random_ledger

ROOT = Path(__file__).parents[2]
EVENTS = 3_000
PROJECTOR = f"""
import sys
import consumers.folding, consumers.project
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS
from tests.support.memory_ledger import random_ledger

consumers.project.BATCH_EVENTS_MAX = consumers.project.REBUILD_EVENTS_PER_WRITE = 20
consumers.folding.KEPT_BYTES_MAX = consumers.folding.REBUILD_KEPT_BYTES_MAX = 20_000
ledger = random_ledger(6, {EVENTS}, strangeness=0.05)
store = ReadStore(sys.argv[1])
store.prepare(ALL_PROJECTIONS)
print("ready", flush=True)
if sys.argv[2] == "live":
    consumers.project.catch_up(ledger, store, ALL_PROJECTIONS)
else:
    consumers.project.rebuild(ledger, store, ALL_PROJECTIONS)
"""


def run_and_kill(place: str, way: str, after_s: float) -> None:
    """Start a projector in a process of its own and kill it so long after it became ready."""
    command = [sys.executable, "-c", PROJECTOR, place, way]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)


def run_and_kill_on_the_way(place: str) -> None:
    """Kill a projector in the moment in which a view is seen to have moved."""
    command = [sys.executable, "-c", PROJECTOR, place, "live"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process, closing(ReadStore(place)) as store:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        while process.poll() is None and not any(store.position(one.name) for one in ALL_PROJECTIONS):
            pass
        process.send_signal(signal.SIGKILL)


def assert_whole(store: ReadStore, projection: Projection, ledger: MemoryLedger) -> None:
    """The stored rows are the fold of the ledger up to the view's position, and each stored document is its document.

    A document may be missing only where none is needed: the view folds it again, or it would hold nothing.
    """
    rows: dict[str, list[Row]] = {}
    for row in store.rows(projection.name):
        rows.setdefault(row[projection.subject_column], []).append(row)
    folded = {
        subject: projection.fold(decoded(item) for item in items)
        for subject, items in subjects_of(ledger, projection).items()
    }
    documents = store.documents(projection.name, folded)
    assert set(rows) <= set(folded)
    for subject, document in folded.items():
        expected = [shaped(projection.columns, row) for row in projection.rows(subject, document)]
        assert rows.get(subject, []) == sorted(expected, key=lambda row: [row[name] for name in projection.key])
        if projection.appends:
            forget_lines(document)
        if subject in documents:
            assert documents[subject] == msgspec.json.decode(msgspec.json.encode(document))
        else:
            assert projection.refolds or (projection.appends and not document), (projection.name, subject)


def subjects_of(ledger: MemoryLedger, projection: Projection) -> dict[str, list[SourceEvent]]:
    """The events that the view takes, by subject."""
    found: dict[str, list[SourceEvent]] = {}
    for item in ledger.read(types=stored_names(projection.types)):
        found.setdefault(item.subject, []).append(item)
    return found


def test_killed_projectors_and_rebuilds_end_in_the_same_rows_as_an_uninterrupted_one(
    views_place: str, tmp_path: Path
) -> None:
    chance = random.Random(606)
    ledger = random_ledger(6, EVENTS, strangeness=0.05)
    positions = []
    for way in ("on the way", "live", "live", "rebuild", "rebuild", "rebuild"):
        if way == "on the way":
            run_and_kill_on_the_way(views_place)
        else:
            run_and_kill(views_place, way, chance.uniform(0.05, 0.4))
        store = ReadStore(views_place)
        positions.append([store.position(projection.name) for projection in ALL_PROJECTIONS])
        for projection, position in zip(ALL_PROJECTIONS, positions[-1], strict=True):
            assert_whole(store, projection, ledger.cut(position))
        store.close()
    assert positions == sorted(positions)
    assert any(0 < position < EVENTS for found in positions for position in found)

    killed, whole = ReadStore(views_place), ReadStore(tmp_path / "whole.db")
    whole.prepare(ALL_PROJECTIONS)
    catch_up(ledger, killed, ALL_PROJECTIONS)
    catch_up(ledger, whole, ALL_PROJECTIONS)
    for projection in ALL_PROJECTIONS:
        assert list(killed.rows(projection.name)) == list(whole.rows(projection.name))
    comparisons = rebuild(ledger, killed, ALL_PROJECTIONS)
    assert all(comparison.is_equal and comparison.position == EVENTS for comparison in comparisons)
    killed.close()
    whole.close()
