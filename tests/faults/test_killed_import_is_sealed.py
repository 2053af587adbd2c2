"""`kill -9` during `import`, while recording and at every write step of the sealing behind it: one root per size."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from domain.seal.checkpoint import read_note
from infra.verify import verify_log
from tests.support.command_line import Office
from tests.support.office import line, receive

CASES = 300
KILLS_MIN = 8


def import_in_a_process(office: Office, file: Path, dies: Callable[[], Any]) -> bool:
    """Run the import in a process that arranges its own death first; whether it was killed."""
    child = os.fork()
    if child == 0:
        dies()
        os._exit(office("import", str(file)).code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def dies_after(seconds: float) -> Callable[[], None]:
    return lambda: threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()


def dies_at_write(number: int) -> Callable[[], None]:
    """Die just before the n-th sync or rename of a file; all of them are the sealer's, the store does its own."""
    counted = itertools.count(1)

    def or_die(function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **more: Any) -> Any:
            if next(counted) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **more)

        return step

    def arrange() -> None:
        for name in ("fsync", "replace", "unlink"):
            patch.object(os, name, or_die(getattr(os, name))).start()

    return arrange


def new_office(folder: Path) -> Office:
    office = Office(folder)
    assert office("init").code == 0
    return office


def head(office: Office) -> int:
    return int(office("status", "--json").rows[0]["size"])


def assert_whole(office: Office, cases: int) -> None:
    """Every case is there once, all of it is sealed, it verifies, and no size was ever signed with two roots."""
    assert len(office("list", "cases", "--json").rows) == cases
    report = verify_log(office.data / "log", office("policy").out)
    assert report.failure is None
    assert report.size == head(office)
    roots: dict[int, set[bytes]] = {}
    for text in (office.data / "sealing" / "history.jsonl").read_text().splitlines():
        checkpoint = read_note(json.loads(text)["note"].encode()).checkpoint
        roots.setdefault(checkpoint.size, set()).add(checkpoint.root)
    assert all(len(found) == 1 for found in roots.values())
    assert office("check", "XF-INT-001").code == 0


@pytest.mark.slow
def test_an_import_killed_at_any_moment_and_run_again_ends_whole_and_sealed(tmp_path: Path) -> None:
    file = tmp_path / "actions.jsonl"
    file.write_bytes(b"\n".join(line(receive(f"ref:k{number}")) for number in range(CASES)))
    began = time.monotonic()
    assert not import_in_a_process(new_office(tmp_path / "straight"), file, lambda: None)
    whole_s = time.monotonic() - began
    dice = random.Random(2025)
    kills = rounds = 0
    while kills < KILLS_MIN:
        rounds += 1
        office = new_office(tmp_path / f"killed{rounds}")
        for patience in itertools.count(4):
            if not import_in_a_process(office, file, dies_after(dice.uniform(0.02, whole_s * patience / 4))):
                break
            kills += 1
        assert_whole(office, CASES)


@pytest.mark.slow
def test_an_import_killed_at_every_write_of_its_sealing_ends_whole_and_sealed(tmp_path: Path) -> None:
    """300 events fill one bundle and begin another, so that every kind of file is written."""
    file = tmp_path / "actions.jsonl"
    file.write_bytes(b"\n".join(line(receive(f"ref:k{number}")) for number in range(CASES)))
    for number in itertools.count(1):
        office = new_office(tmp_path / f"step{number}")
        if not import_in_a_process(office, file, dies_at_write(number)):
            break
        assert head(office) > CASES, "what was recorded before the sealing died is kept"
        assert office("import", str(file)).code == 0
        assert_whole(office, CASES)
    assert number > 15
