"""One clerk of a siege: records petitions at a steady pace whatever dies meanwhile, and writes down every answer it was given."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from domain.answers import Answer, Submission
from domain.errors import LedgerError
from infra.settings import read_settings
from infra.wiring import open_ledger
from tests.support.office import act, line, receive

ACTIONS_PER_BATCH = 20
TRY_AGAIN_S = 0.1
GIVE_UP_S = 120


def actions(clerk: str) -> Iterator[dict[str, Any]]:
    """Petitions received and registered, without end."""
    for number in itertools.count(1):
        case = f"ref:{clerk}-{number}"
        yield receive(case, f"{clerk}/receive/{number}")
        yield act("register_petition", f"{clerk}/register/{number}", case=case, content_class="07-01")


def answered(batch: list[dict[str, Any]]) -> list[Answer]:
    """The batch's answers; a store that is away is waited for, and the same actions are sent again."""
    until = time.monotonic() + GIVE_UP_S
    while True:
        try:
            with open_ledger(read_settings({})) as ledger:
                return ledger.record([Submission(line(action)) for action in batch])
        except LedgerError:
            if time.monotonic() > until:
                raise
            time.sleep(TRY_AGAIN_S)


def main(clerk: str, count: int, per_second: float, out: Path) -> None:
    """Record `count` actions, `per_second` of them; each answer is a line of `out` as soon as it is given."""
    began = time.monotonic()
    stream = actions(clerk)
    with open(out, "wb") as told:
        for done in range(0, count, ACTIONS_PER_BATCH):
            time.sleep(max(0.0, began + done / per_second - time.monotonic()))  # the pace of the load
            batch = list(itertools.islice(stream, min(ACTIONS_PER_BATCH, count - done)))
            for action, answer in zip(batch, answered(batch), strict=True):
                told.write(msgspec.json.encode({"action_id": action["action_id"], **answer.to_json()}) + b"\n")
            told.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
