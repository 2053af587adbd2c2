"""`kill -9` at every step of a change of keys: never without a key, never a log that its auditors cannot verify."""

from __future__ import annotations

import itertools
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from domain.seal.checkpoint import read_note
from infra.keys_log import KEY_FILE, RETIRING_KEY_FILE
from infra.settings import Settings
from infra.verify import verify_log
from tests.support.command_line import Office
from tests.support.office import receive

STEPS = ("fsync", "link", "replace", "unlink", "write")


def killed(office: Office, words: tuple[str, ...], step_number: int) -> bool:
    """Run a command in a process that dies just before its n-th file operation; whether it died."""
    child = os.fork()
    if child == 0:
        counted = itertools.count(1)

        def or_die(function: Callable[..., Any]) -> Callable[..., Any]:
            def step(*arguments: Any, **more: Any) -> Any:
                if next(counted) == step_number:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **more)

            return step

        for name in STEPS:
            patch.object(os, name, or_die(getattr(os, name))).start()
        os._exit(office(*words).code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def verified_by(office: Office, policy: str) -> list[str]:
    """The new keys of the rotations that a verification with this policy tells."""
    report = verify_log(office.data / "log", policy)
    assert report.failure is None, report.failure
    return [new for _, _, new in report.rotations]


def no_size_has_two_roots(office: Office) -> bool:
    roots: dict[int, set[bytes]] = {}
    for text in (office.data / "sealing" / "history.jsonl").read_text().splitlines():
        checkpoint = read_note(json.loads(text)["note"].encode()).checkpoint
        roots.setdefault(checkpoint.size, set()).add(checkpoint.root)
    return all(len(found) == 1 for found in roots.values())


def begun(folder: Path) -> tuple[Office, str]:
    office = Office(folder)
    assert office("init").code == 0
    assert office.act(receive("ref:A1")).code == 0
    return office, office("policy").out


@pytest.mark.slow
def test_a_change_of_keys_killed_at_any_step_goes_on_and_every_auditor_can_verify_meanwhile(tmp_path: Path) -> None:
    for number in itertools.count(1):
        office, old = begun(tmp_path / f"step{number}" / "office")
        keys = Settings(data=office.data).key_folder
        was_killed = killed(office, ("rotate-key",), number)
        assert (keys / KEY_FILE).exists()
        recorded = office.act(receive("ref:A2"))
        assert (recorded.code, recorded.err) == (0, ""), "recording and sealing go on between death and second run"
        verified_by(office, old)
        again = office("rotate-key")
        assert again.code == 0 or "--retire" in again.err, again.err
        (new,) = verified_by(office, old)
        assert new in office("policy").out
        assert verified_by(office, office("policy").out) == [new]
        assert no_size_has_two_roots(office)
        assert sorted(path.name for path in keys.glob("log.key*")) == [KEY_FILE, RETIRING_KEY_FILE]
        assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}
        if not was_killed:
            break
    assert number > 10


@pytest.mark.slow
def test_the_end_of_a_change_of_keys_killed_at_any_step_leaves_one_key_that_signs(tmp_path: Path) -> None:
    for number in itertools.count(1):
        office, old = begun(tmp_path / f"step{number}" / "office")
        assert office("rotate-key").code == 0
        was_killed = killed(office, ("rotate-key", "--retire"), number)
        assert office("rotate-key", "--retire").code == 0
        assert office.act(receive("ref:A2")).err == ""
        assert verified_by(office, office("policy").out)
        report = verify_log(office.data / "log", old)
        assert report.failure is not None
        assert report.failure.code == "no_known_signature"
        if not was_killed:
            break
