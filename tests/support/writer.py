"""One writer process of a test, on the ledger that its environment names: records the action lines of a file, one by one, and prints each answer."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from infra.settings import read_settings
from infra.wiring import open_ledger


def main(actions: str) -> None:
    """Record every line and print the answers."""
    with open_ledger(read_settings({"lock_timeout_s": 120})) as ledger:
        for line in Path(actions).read_bytes().splitlines():
            sys.stdout.write(msgspec.json.encode(ledger.act(line).to_json()).decode() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
