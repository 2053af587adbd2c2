"""A clerk, an inspector and a bad day at one office, through the installed program as its own process."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import CASE, story
from tests.support.office import act, by, line, receive

PROGRAM = [sys.executable, "-m", "infra.cli"]
ROOT = Path(__file__).parents[2]
NOBODY = 65534
Done = subprocess.CompletedProcess[bytes]


def _environ(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASELEDGER_", "LC_", "LANG"))}
    return {**kept, "CASELEDGER_DATA": str(data), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


def _run(data: Path, *words: str, stdin: bytes = b"") -> Done:
    return subprocess.run(
        [*PROGRAM, *words],
        input=stdin,
        capture_output=True,
        env=_environ(data),
        cwd=data.parent,
        timeout=60,
        check=False,
    )


def _rows(done: Done) -> list[dict[str, object]]:
    return [json.loads(text) for text in done.stdout.splitlines()]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger-data"
    done = _run(folder, "init")
    assert (done.returncode, done.stdout) == (0, b"")
    return folder


def test_from_the_first_letter_to_the_inspectors_question(data: Path) -> None:
    for action in story():
        assert _run(data, "act", stdin=line(action)).returncode == 0
    shown = _rows(_run(data, "show", "ref:A17", "--json"))
    assert (shown[0]["case"], shown[0]["state"]) == (CASE, "accepted")
    late = _rows(_run(data, "deadlines", "--as-of", "2025-04-20", "--json"))
    assert [row["rule"] for row in late if row["status"] == "late_open"] == ["DL-03", "DL-05"]
    found = _run(data, "check", "XF-HND-006", "--as-of", "2025-04-30", "--json")
    assert (found.returncode, len(_rows(found))) == (1, 2)
    feedback = {
        **act("feed_back", "f/A17", case="ref:A17", handoff="ref:A17-h1", report="sha256:" + "d" * 64, result="done"),
        "at": "2025-04-17T15:00:00+08:00",
        "by": by("S-101", "MZJ", "handler"),
    }
    assert _run(data, "act", "--wait", stdin=line(feedback)).returncode == 0
    assert _run(data, "check", "XF-HND-006", "--as-of", "2025-04-30").returncode == 0
    assert _run(data, "check", "XF-HND-006", "--as-of", "2025-04-16").returncode == 0
    handoff = _rows(_run(data, "list", "handoffs", "--json"))[0]
    assert (handoff["state"], handoff["feedback_days_late"]) == ("fed_back", 0)
    assert _run(data, "replay").returncode == 0
    assert _run(data, "doctor").returncode == 0
    refused = _run(data, "act", stdin=line(act("register_petition", "again", case="ref:A17", content_class="x")))
    assert (refused.returncode, len(refused.stdout.splitlines())) == (1, 1)


def test_an_export_is_the_stored_bytes_every_time(data: Path, tmp_path: Path) -> None:
    """So that two people who hash it find one digest."""
    for action in story()[:3]:
        _run(data, "act", stdin=line(action))
    first, second = _run(data, "export", "jsonl").stdout, _run(data, "export", "jsonl").stdout
    assert first == second
    assert len(first.splitlines()) == 5
    _run(data, "export", "jsonl", "-o", str(tmp_path / "out.jsonl"))
    assert (tmp_path / "out.jsonl").read_bytes() == first


def test_two_clerks_at_once_never_share_a_number(data: Path) -> None:
    clerks = [
        subprocess.Popen([*PROGRAM, "act"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environ(data))
        for _ in range(4)
    ]
    for number, clerk in enumerate(clerks):
        assert clerk.stdin is not None
        clerk.stdin.write(line(receive(f"ref:P{number}")))
        clerk.stdin.close()
    subjects = []
    for clerk in clerks:
        assert clerk.stdout is not None
        with clerk.stdout:
            subjects.append(json.loads(clerk.stdout.read())["subject"])
        assert clerk.wait(timeout=60) == 0
    assert sorted(subjects) == [f"XF500229-2025-00000{number}" for number in (1, 2, 3, 4)]


def test_a_reader_that_leaves_early_is_no_error(data: Path) -> None:
    (data.parent / "many.jsonl").write_bytes(b"".join(line(receive(f"ref:M{n}")) + b"\n" for n in range(400)))
    assert _run(data, "import", "many.jsonl").returncode == 0
    for question in ("export jsonl", "list cases --json", "show ref:M1 --json"):
        words = shlex.join(PROGRAM) + " " + question
        done = subprocess.run(
            ["bash", "-c", f"{words} | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}"],
            capture_output=True, env=_environ(data), timeout=60, check=False,
        )  # fmt: skip
        assert done.stdout == b"0\n"
        assert b"Traceback" not in done.stderr
        assert b"Exception" not in done.stderr


def test_ctrl_c_ends_a_waiting_clerk_cleanly(data: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "act"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environ(data)
    ) as clerk:
        assert clerk.stdin is not None
        assert clerk.stderr is not None
        clerk.stdin.write(b'{"action":')
        clerk.stdin.flush()
        _until_reading(clerk.pid)
        clerk.send_signal(signal.SIGINT)
        assert clerk.wait(timeout=60) == 130
        told = clerk.stderr.read()
    assert len(told.splitlines()) == 1
    assert b"Traceback" not in told
    assert _rows(_run(data, "status", "--json"))[0]["size"] == 2


def _until_reading(pid: int) -> None:
    """Until the program has emptied the pipe of its stdin: then it is waiting for more."""
    import fcntl
    import struct
    import termios

    with open(f"/proc/{pid}/fd/0", "rb", buffering=0) as pipe:
        while struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]:
            os.sched_yield()


def test_a_terminal_without_chinese_characters_is_no_error(data: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "status", "--lang", "zh"],
        capture_output=True, env={**_environ(data), "PYTHONIOENCODING": "ascii"}, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert b"/500229/petition-office" in done.stdout
    assert b"?" in done.stdout


AS_NOBODY = f"""
import os, sys
import infra.event_store, infra.founding, infra.cli.recording, infra.cli.question, infra.wiring
from infra.cli.__main__ import run
if os.geteuid() == 0:
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
sys.exit(run(sys.argv[1:]))
"""


def _as_nobody(data: Path, *words: str, stdin: bytes = b"") -> Done:
    """As a user who may read the folder and not write it; as ourselves where we are no administrator."""
    return subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *words],
        input=stdin, capture_output=True, env=_environ(data), timeout=60, check=False,
    )  # fmt: skip


def _open_for_reading(data: Path) -> None:
    for folder in (data, data.parent, *data.parent.parents[:2], data.with_name("ledger-data-keys")):
        folder.chmod(0o755)
    data.chmod(0o555)


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_recorded(data: Path) -> None:
    _open_for_reading(data)
    done = _as_nobody(data, "act", stdin=line(receive("ref:A17")))
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "read_only"
    assert b"Traceback" not in done.stderr
    data.chmod(0o755)
    assert _rows(_run(data, "status", "--json"))[0]["size"] == 2


def test_founding_where_nobody_may_write_is_named(data: Path) -> None:
    _open_for_reading(data)
    done = _as_nobody(data / "inner", "init")
    assert done.returncode == 1
    assert str(data / "inner").encode() in done.stderr
    assert b"Traceback" not in done.stderr
    data.chmod(0o755)


def test_readers_that_bring_the_views_up_at_once_all_answer(data: Path) -> None:
    for action in story():
        assert _run(data, "act", stdin=line(action)).returncode == 0
    readers = [
        subprocess.Popen([*PROGRAM, "list", "cases", "--json"], stdout=subprocess.PIPE, env=_environ(data))
        for _ in range(4)
    ]
    answers = []
    for reader in readers:
        assert reader.stdout is not None
        with reader.stdout:
            answers.append(json.loads(reader.stdout.read()))
        assert reader.wait(timeout=60) == 0
    assert [answer["state"] for answer in answers] == ["accepted"] * 4
