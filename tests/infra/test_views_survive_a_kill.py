"""A projector killed at any moment leaves whole views, and the next one goes on from there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

from consumers.project import catch_up, rebuild
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS
from tests.support.memory_ledger import random_ledger

ROOT = Path(__file__).parents[2]
EVENTS = 3_000
PROJECTOR = f"""
import sys
import consumers.folding, consumers.project
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS
from tests.support.memory_ledger import random_ledger

consumers.project.BATCH_EVENTS_MAX = consumers.folding.DOCUMENTS_MAX = 20
ledger = random_ledger(6, {EVENTS}, strangeness=0.05)
store = ReadStore(sys.argv[1])
store.prepare(ALL_PROJECTIONS)
print("ready", flush=True)
if sys.argv[2] == "live":
    consumers.project.catch_up(ledger, store, ALL_PROJECTIONS)
else:
    consumers.project.rebuild(ledger, store, ALL_PROJECTIONS)
"""


def run_and_kill(path: Path, way: str, after_s: float) -> None:
    """Start a projector in a process of its own and kill it so long after it became ready."""
    command = [sys.executable, "-c", PROJECTOR, str(path), way]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)


def test_killed_projectors_and_rebuilds_end_in_the_same_rows_as_an_uninterrupted_one(tmp_path: Path) -> None:
    chance = random.Random(606)
    path = tmp_path / "views.db"
    positions = []
    for way in ("live", "live", "live", "rebuild", "rebuild", "rebuild"):
        run_and_kill(path, way, chance.uniform(0.05, 0.4))
        store = ReadStore(path)
        positions.append([store.position(projection.name) for projection in ALL_PROJECTIONS])
        for projection in ALL_PROJECTIONS:
            subjects = {row[projection.subject_column] for row in store.rows(projection.name)}
            if not (projection.appends or projection.refolds):
                assert subjects == set(store.documents(projection.name, subjects))
        store.close()
    assert positions == sorted(positions)
    assert any(0 < position < EVENTS for found in positions for position in found)

    ledger = random_ledger(6, EVENTS, strangeness=0.05)
    killed, whole = ReadStore(path), ReadStore(tmp_path / "whole.db")
    whole.prepare(ALL_PROJECTIONS)
    catch_up(ledger, killed, ALL_PROJECTIONS)
    catch_up(ledger, whole, ALL_PROJECTIONS)
    for projection in ALL_PROJECTIONS:
        assert list(killed.rows(projection.name)) == list(whole.rows(projection.name))
    comparisons = rebuild(ledger, killed, ALL_PROJECTIONS)
    assert all(comparison.is_equal and comparison.position == EVENTS for comparison in comparisons)
    killed.close()
    whole.close()
