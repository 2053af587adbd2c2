"""The demo as an inspector runs it: it sets itself up, shows what it says, and every command that it names works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.cli.demo_words import WORDS
from tests.support.command_line import command

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 120
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Shown:
    """One run of the demo."""

    folder: Path
    text: str
    seconds: float


def _demo(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASELEDGER_", "LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", "demo", *words],
        capture_output=True, cwd=folder, env={**kept, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, timeout=600, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("demo")
    began = time.monotonic()
    done = _demo(folder)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return Shown(folder, done.stdout.decode(), time.monotonic() - began)


def test_it_is_done_within_two_minutes(shown: Shown) -> None:
    assert shown.seconds < SECONDS_MAX


def test_the_year_and_both_real_logs_are_taken_and_replayed_to_equal_views(shown: Shown) -> None:
    assert "nyc311: 2,000 records read, 1,998 taken, 2 rejected" in shown.text
    assert "permits: 1,434 records read, 1,434 taken, 0 rejected" in shown.text
    assert shown.text.count("0 added, 0 gone, 0 changed") == 3


def test_the_tables_show_the_year_by_the_book(shown: Shown) -> None:
    assert re.search(r"together +1,058", shown.text)
    assert len(re.findall(r"XF500229-2025-\d{6} +GA · XF · ZFW +3 / 3 +3 / 3", shown.text)) == 5
    rates = re.findall(r"(\d+) / (\d+) = 100\.0 %", shown.text)
    assert len(rates) == 3
    assert all(timely == all_of != "0" for timely, all_of in rates)


def test_the_lines_of_the_fund_add_up_to_its_balance(shown: Shown) -> None:
    table = shown.text.split("\n4. ")[1].split("\n5. ")[0]
    lines = {name: float(yuan.replace(",", "")) for name, yuan in re.findall(r"([a-z]+) +([\d,]+\.\d\d)", table)}
    plus = lines["opening"] + lines["budgeted"] + lines["returned"] + lines["recovered"]
    assert lines["balance"] == plus - lines["paid"] > 0


def test_it_tells_how_its_commands_are_found_and_what_was_entered_later(shown: Shown) -> None:
    (folder,) = re.findall(r"^So that .*: export PATH=(.*):\$PATH$", shown.text, re.M)
    assert (Path(folder) / "caseledger").exists()
    imported, more = (
        int(re.sub(r"\D", "", found)) for found in re.findall(r"office: .*?([\d,]+) events (?:in|are)", shown.text)[:2]
    )
    assert f"office: 8 views rebuilt from zero out of {imported + more:,} events" in shown.text


def test_no_check_is_sure_of_anything_against_the_clean_year(shown: Shown) -> None:
    table = shown.text.split("\n5. ")[1].split("\n6. ")[0]
    rows = re.findall(r"XF-([A-Z]{3}) .*? +(\d+) +([\d,]+) +([\d,]+) +([\d,]+) *\n", table)
    assert {"ACC", "DDL", "HND", "FND", "INT"} <= {row[0] for row in rows}
    assert {row[2] for row in rows} == {"0"}
    assert "0 findings that are certain or probable" in " ".join(table.split())
    assert re.search(r"answered 9 figures and 8 views, each of its 15,\d{3} events decoded once", table)


def test_a_real_log_that_lacks_facts_gets_cannot_tell(shown: Shown) -> None:
    table = shown.text.split("\n6. ")[1].split("\n7. ")[0]
    assert re.search(r"nyc311 +XF-HND .* [1-9][\d,]+ *\n", table)
    assert "Cannot tell" in table
    assert "demo's own import (XF-INT-005)" in " ".join(table.split())


def test_every_kind_of_checks_has_a_name() -> None:
    from domain.checks import ALL_CHECKS

    assert {f"f_{check.id.split('-')[1]}" for check in ALL_CHECKS} <= set(WORDS)


def test_chains_of_the_real_log_are_told_step_by_step(shown: Shown) -> None:
    assert re.search(r"Of 1,434 cases 96 came back", shown.text)
    assert "Group-4 → Group-1 → Group-4" in shown.text


def test_both_clocks_differ_by_what_was_entered_late(shown: Shown) -> None:
    table = shown.text.split("\n10. ")[1]
    rows = re.findall(r"\d{4}-\d\d-\d\d +([\d,]+) +([\d,]+)", table)
    assert [known for _, known in rows] == ["0", "0", "1,059"]
    assert [happened for happened, _ in rows][1:] == ["1,059", "1,059"]


def test_an_as_of_question_is_answered_twice_and_the_difference_is_explained(shown: Shown) -> None:
    table = " ".join(shown.text.split("\n11. ")[1].split())
    sums = re.search(r"cases_received_by_channel .*? 1058 1059 (.*?) change subject", table)
    assert sums is not None
    assert "late entry: it happened before, the ledger learnt it after +1" in sums[1]
    changes = re.findall(r"(came|went) XF\S+ (letter|visit|online) ([a-z].*?) [0-9a-f]{8}-", table)
    assert sorted(changes) == [
        ("came", "online", "late entry: it happened before, the ledger learnt it after"),
        ("came", "visit", "a correction of the record"),
        ("went", "letter", "a correction of the record"),
    ]


def test_all_three_ledgers_are_sealed_and_verify_from_their_folders_alone(shown: Shown) -> None:
    table = shown.text.split("\n12. ")[1]
    rows = re.findall(r"(office|nyc311|permits) +([\d,]+) +(\d+) +1 +[0-9a-f]{16} +holds +", table)
    assert [name for name, _, _ in rows] == ["office", "nyc311", "permits"]
    assert re.search(r"proof of event 1,000: \d+ hashes .* signed root of ([\d,]+) events: holds", table)
    assert all(int(entries.replace(",", "")) > 10_000 for _, entries, _ in rows)
    for name, _, _ in rows:
        log, policy = (str(shown.folder / "demo-data" / part) for part in (f"{name}/log", f"auditor/{name}/policy"))
        assert command("verify", log, "--policy", policy).code == 0


def test_every_command_that_the_demo_names_can_be_typed(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shown.folder)
    named = re.findall(r"caseledger --data \S+ (?:[^,.\n]|\.(?=\d))+(?=[,.\n]|$)", shown.text)
    assert len(named) >= 12
    assert re.findall(r"^Next: .*\d,\d.*", shown.text, re.MULTILINE) == []
    for text in named:
        outcome = command(*shlex.split(text)[1:])
        assert outcome.code == 0, (text, outcome.err)
        assert outcome.out or "doctor" in text or "--clock known" in text, text


def test_kept_ledgers_are_shown_again_in_chinese(shown: Shown) -> None:
    done = _demo(shown.folder, "--keep", "--lang", "zh")
    text = done.stdout.decode()
    assert done.returncode == 0
    assert re.search(r"合计 +1,058", text)
    assert "新增 0、减少 0、改变 0" in text
    assert "office: 15" not in text


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "demo-data").mkdir()
    (tmp_path / "demo-data" / "mine.txt").write_text("keep me")
    done = _demo(tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"--into" in done.stderr
    assert (tmp_path / "demo-data" / "mine.txt").read_text() == "keep me"


def test_the_demo_speaks_both_languages_with_the_same_values() -> None:
    from string import Formatter

    for name, (zh, en) in WORDS.items():
        fields = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in (zh, en)]
        assert fields[0] == fields[1], name
