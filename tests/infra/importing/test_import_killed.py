"""`kill -9` at random moments of an import into the real ledger: after resuming, nothing tells that it happened."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from infra.import_ledger import open_imports
from infra.importing.driver import ImportOptions, Report, run_import
from infra.importing.mapping import Mapping
from infra.importing.sources import ImportSource
from infra.settings import Settings, read_settings
from infra.wiring import create_ledger
from tests.support.import_files import log_mapping, xes

KILLS = 20
BATCH_ACTIONS = 20


def action_file() -> bytes:
    """Cases that are received, registered and handed over, with lines between them that cannot be taken."""
    lines: list[bytes] = []
    for number in range(250):
        case, at = f"ref:k{number}", f"2025-03-{number % 28 + 1:02d}T10:20:00+08:00"
        common = {"at": at, "case": case, "by": {"unit": "XF"}}
        more = {"handoff": f"{case}-h", "mode": "transfer", "to": ["MZJ"]}
        lines.append(json.dumps({"action": "receive_petition", "action_id": f"r{number}", **common}).encode())
        lines.append(json.dumps({"action": "register_petition", "action_id": f"g{number}", **common}).encode())
        lines.append(json.dumps({"action": "hand_over", "action_id": f"h{number}", **common, **more}).encode())
        if number % 7 == 0:
            lines += [b"not json", lines[-1].replace(b"MZJ", b"GAJ"), b"x" * 66_000]
    return b"\n".join(lines)


def event_log() -> bytes:
    """Traces of very different length, some longer than a batch, some that cannot be read."""
    dice = random.Random(11)
    traces = []
    for number in range(40):
        events = [
            {"org:group": f"G{dice.randrange(4)}", "time:timestamp": "2011-01-01T08:00:00Z"}
            for _ in range(dice.choice([1, 5, 60]))
        ]
        if number % 9 == 0:
            events.append({"org:group": "late", "time:timestamp": "unknown"})
        traces.append((f"c{number}", events))
    return xes(*traces)


Importing = Callable[[Path, Mapping | None, Settings], Report]

FILES: dict[str, tuple[bytes, Mapping | None]] = {
    "actions": (action_file(), None),
    "log": (event_log(), log_mapping()),
}


def ids_from(settings: Settings) -> Callable[[datetime], str]:
    """Ids that count the ledger's events, so that a resumed process goes on where the killed one stopped."""
    with sqlite3.connect(settings.ledger_file) as connection:
        (head,) = connection.execute("SELECT COALESCE(MAX(position), 0) FROM stored_events").fetchone()
    connection.close()
    numbers = itertools.count(head + 1)
    return lambda _: f"01900000-0000-7000-8000-{next(numbers):012x}"


def do_injected_import(file: Path, mapping: Mapping | None, settings: Settings) -> Report:
    """The same import under a clock that stands still and ids that only count."""
    with (
        patch("infra.wiring.utc_now", lambda: datetime(2026, 6, 1, tzinfo=UTC)),
        patch("infra.wiring.new_event_id", ids_from(settings)),
    ):
        return do_import(file, mapping, settings)


def do_import(file: Path, mapping: Mapping | None, settings: Settings) -> Report:
    options = ImportOptions(
        kind="history",
        operator="tester",
        rejects=settings.data.with_suffix(".rejects"),
        batch_actions=BATCH_ACTIONS,
    )
    with open_imports(settings) as ledger:
        return run_import(ImportSource(file, mapping), ledger, options)


def new_ledger(folder: Path) -> Settings:
    settings = read_settings({"data": folder})
    create_ledger(settings)
    return settings


def is_killed(
    file: Path, mapping: Mapping | None, settings: Settings, after_s: float, importing: Importing = do_import
) -> bool:
    """Import in a process that kills itself with signal 9 after a while; False when it was done before."""
    child = os.fork()
    if child == 0:
        threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
        importing(file, mapping, settings)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def content_of(settings: Settings) -> tuple[list[dict[str, Any]], bytes, dict[str, Any]]:
    """Events without what a clock or chance decides, the rejects, and the account that the ledger keeps.

    A process killed between its last commit and its end leaves a whole import; the next run then finds every
    record already there, so the two kinds of acceptance are compared as one.
    """
    events = []
    with sqlite3.connect(settings.ledger_file) as connection:
        for (state,) in connection.execute("SELECT state FROM stored_events ORDER BY position"):
            event = json.loads(state)
            opening = event["type"] == "petition.register.import_opened.v1"
            for name in ("id", "recordedtime", *(("time", "actiondigest") if opening else ())):
                del event[name]
            events.append(event)
        (progress,) = connection.execute("SELECT progress FROM import_progress").fetchone()
    connection.close()
    (account,) = json.loads(progress).values()
    assert account["accepted_new"] + account["already_there"] + account["rejected"] == account["read"]
    counts = {
        name: account[name]
        for name in ("read", "rejected", "next_line", "rejects_bytes", "rejects_sum", "ended", "refused")
    }
    return events, settings.data.with_suffix(".rejects").read_bytes(), counts


@pytest.mark.parametrize("kind", FILES)
def test_an_import_killed_twenty_times_equals_one_that_was_not(kind: str, tmp_path: Path) -> None:
    raw, mapping = FILES[kind]
    file = tmp_path / "file"
    file.write_bytes(raw)
    straight = new_ledger(tmp_path / "straight")
    whole = do_import(file, mapping, straight)
    assert whole.rejected > 0
    expected = content_of(straight)
    dice = random.Random(2025)
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        settings = new_ledger(tmp_path / f"killed{rounds}")
        for patience in itertools.count(1):
            if not is_killed(file, mapping, settings, dice.uniform(0.02, 0.15 * patience)):
                break
            kills += 1
        with sqlite3.connect(settings.ledger_file) as connection:
            (check,) = connection.execute("PRAGMA integrity_check").fetchone()
        connection.close()
        assert check == "ok"
        assert content_of(settings) == expected, (kills, rounds)


def bytes_of(settings: Settings) -> tuple[list[bytes], bytes]:
    """Every stored byte of the events, in ledger order, and the rejects."""
    with sqlite3.connect(settings.ledger_file) as connection:
        rows = connection.execute("SELECT state FROM stored_events ORDER BY position").fetchall()
    connection.close()
    return [state for (state,) in rows], settings.data.with_suffix(".rejects").read_bytes()


@pytest.mark.parametrize("kind", FILES)
def test_under_an_injected_clock_and_ids_the_resumed_ledger_is_the_same_byte_for_byte(
    kind: str, tmp_path: Path
) -> None:
    raw, mapping = FILES[kind]
    file = tmp_path / "file"
    file.write_bytes(raw)
    straight = new_ledger(tmp_path / "straight")
    do_injected_import(file, mapping, straight)
    expected = bytes_of(straight)
    dice = random.Random(7)
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        settings = new_ledger(tmp_path / f"killed{rounds}")
        for patience in itertools.count(1):
            if not is_killed(file, mapping, settings, dice.uniform(0.02, 0.15 * patience), do_injected_import):
                break
            kills += 1
        assert bytes_of(settings) == expected
