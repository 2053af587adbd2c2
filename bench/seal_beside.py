"""Does sealing slow recording down? Actions recorded one by one, with nobody sealing and with a sealer that follows.

    python bench/seal_beside.py [--events N]

Floor: the same actions recorded one commit at a time into a ledger that nobody seals. Work: a second process runs
`caseledger seal --follow` on the ledger meanwhile. Both take turns, the best of three. Bar 0.9: what the second process
costs is processor and disk, never a wait for its lock; the longest single answer of either side is printed as well.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from recording import actions

from domain.ledger import Ledger
from infra.sealing import sealed_position
from infra.settings import Settings
from infra.wiring import create_ledger, open_ledger

RUNS = 3
EVENTS_MAX = 4_000
SEALED_WITHIN_S = 60.0


@contextmanager
def sealed_meanwhile(settings: Settings) -> Iterator[None]:
    """A sealer of its own process, following."""
    words = [sys.executable, "-m", "infra.cli", "--data", str(settings.data), "seal", "--follow", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        yield
        process.terminate()
        process.communicate()


def record(ledger: Ledger, lines: list[bytes]) -> tuple[float, float]:
    """Seconds of all actions, and of the longest."""
    longest, start = 0.0, time.perf_counter()
    for line in lines:
        began = time.perf_counter()
        answer = ledger.act(line)
        longest = max(longest, time.perf_counter() - began)
        assert answer.accepted, answer.to_json()
    return time.perf_counter() - start, longest


def run_once(folder: Path, number: int, lines: list[bytes], *, sealing: bool) -> tuple[float, float]:
    """One ledger recorded; when it is sealed meanwhile, the log reaches its head soon after the last answer."""
    settings = Settings(data=folder / f"ledger{number}")
    create_ledger(settings)
    with open_ledger(settings) as ledger:
        record(ledger, lines[:50])
        if not sealing:
            return record(ledger, lines[50:])
        with sealed_meanwhile(settings):
            taken = record(ledger, lines[50:])
            deadline = time.monotonic() + SEALED_WITHIN_S
            while sealed_position(settings.data) < len(lines):
                if time.monotonic() > deadline:
                    raise SystemExit("the following sealer did not reach the head")
                time.sleep(0.01)
            return taken


def main() -> None:
    """Print the ratio and the longest answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=EVENTS_MAX)
    events = min(parser.parse_args().events, EVENTS_MAX)
    office = actions("b")
    lines = [next(office) for _ in range(events + 50)]
    numbers = count()
    alone: list[tuple[float, float]] = []
    beside: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS):
            alone.append(run_once(Path(folder), next(numbers), lines, sealing=False))
            beside.append(run_once(Path(folder), next(numbers), lines, sealing=True))
    floor, work = min(alone)[0], min(beside)[0]
    ratio = floor / work
    print(
        f"record while a sealer follows      floor {events / floor:>10,.0f}/s   ours {events / work:>10,.0f}/s   "
        f"ratio {ratio:5.2f}   bar 0.90   {'reached' if ratio >= 0.9 else 'MISSED'}"
    )
    print(f"longest answer                     alone {min(alone, key=lambda one: one[1])[1] * 1e3:.1f} ms   "
          f"beside {min(beside, key=lambda one: one[1])[1] * 1e3:.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
