"""Every benchmark, one after the other, each in a process of its own; `--events 1000000` for the large size."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SIZES = (10_000, 100_000)


def main() -> None:
    """Run them all and keep going when one fails; the exit code says whether one did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=list(SIZES), help="ledger sizes")
    parser.add_argument("names", nargs="*", help="only these benchmarks")
    given = parser.parse_args()
    failed = []
    for script in sorted(HERE.glob("*.py")):
        if script.name == "run.py" or (given.names and script.stem not in given.names):
            continue
        for events in given.events:
            print(f"\n== {script.stem}, {events:,} events", flush=True)
            done = subprocess.run([sys.executable, str(script), "--events", str(events)], check=False)
            if done.returncode != 0:
                failed.append(f"{script.stem} at {events:,}")
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
