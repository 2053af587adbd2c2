"""`--log DIR`: a copied log alone gives the same rows, findings and figures, byte for byte, as the office's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from infra.reference_year.generator import generate
from tests.support.command_line import CASE, Office, Outcome, command, story
from tests.support.office import line

ACTIONS = 4_000
"""Of the reference year: enough for every view, several bundles, and findings where the cut leaves cases open."""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Path]:
    """An office with the beginning of the reference year and a few live acts, and a copy of its log elsewhere."""
    folder = tmp_path_factory.mktemp("year")
    office = Office(folder / "office")
    assert office("init").code == 0
    file = folder / "year.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for _, action in zip(range(ACTIONS), generate(), strict=False):
            lines.write(json.dumps(action, ensure_ascii=False) + "\n")
    assert office("import", str(file), "--history").code == 0
    for action in story()[2:]:
        assert office("act", stdin=line(action)).code == 0
    shutil.copytree(office.data / "log", folder / "copy")
    return office, folder / "copy"


def from_log(log: Path, *words: str) -> Outcome:
    """The same question with a data folder that does not exist, and makes none."""
    nowhere = log.with_name("nowhere")
    outcome = command("--data", str(nowhere), *words, "--log", str(log))
    assert not nowhere.exists()
    assert not nowhere.with_name("nowhere-keys").exists()
    return outcome


QUESTIONS = (
    ("list", "cases"),
    ("list", "handoffs", "--where", "unit=MZJ"),
    ("list", "handoffs", "--as-of", "2025-04-30"),
    ("list", "grants", "--as-of", "2099-01-01", "--clock", "known"),
    ("list", "funds"),
    ("list", "integrity", "--at-size", "3000"),
    ("show", CASE),
    ("show", "ref:A17", "--as-of", "2025-03-05"),
    ("show", "ledger"),
    ("show", "unit:MZJ"),
    ("deadlines", "--as-of", "2025-06-30"),
    ("stats", "--year", "2025"),
    ("stats", "--year", "2025", "--members", "timely_acceptance_rate_office"),
    ("stats", "--year", "2025", "--as-of", "2025-05-01", "--clock", "known"),
    ("check",),
    ("check", "--at-size", "2500"),
    ("check", "--as-of", "2025-12-31", "--subject", CASE),
    ("attest",),
    ("attest", "case_view", "handoff_log"),
    ("attest", "--at-size", "2500"),
)


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_the_log_gives_the_offices_own_answer_byte_for_byte(year: tuple[Office, Path], words: tuple[str, ...]) -> None:
    office, log = year
    keys = ("--keys", str(office.data.with_name("office-keys")))
    own, theirs = office(*words, "--json"), from_log(log, *words, "--json", *keys)
    assert own.out == theirs.out
    assert own.code == theirs.code
    assert own.out


def test_without_the_discipline_key_both_sides_say_what_they_cannot_tell(year: tuple[Office, Path]) -> None:
    """The key is the discipline inspection's; what it hides stays hidden from whoever has the log alone."""
    office, log = year
    own, theirs = office("check", "--json", "--keys", str(log.with_name("none"))), from_log(log, "check", "--json")
    assert own.out == theirs.out
    assert '"cannot_tell"' in theirs.out
    assert len(theirs.rows) > len(office("check", "--json").rows)


def test_the_tables_for_people_are_the_same_as_well(year: tuple[Office, Path]) -> None:
    office, log = year
    for words in (("list", "cases"), ("show", CASE), ("check", "XF-INT-001"), ("stats", "--year", "2025"), ("attest",)):
        assert office(*words).out == from_log(log, *words).out


def test_a_replay_of_the_log_gives_what_a_replay_of_the_store_into_new_views_gives(year: tuple[Office, Path]) -> None:
    office, log = year
    views = office.data / "views.db"
    for file in office.data.glob("views.db*"):
        file.rename(file.with_name("away-" + file.name))
    own, theirs = office("replay", "--json", "--processes", "1"), from_log(log, "replay", "--json")
    assert (own.code, theirs.code) == (0, 0)
    assert own.out == theirs.out
    assert sum(row["added"] for row in theirs.rows) > ACTIONS
    assert views.exists()


def test_one_changed_row_changes_the_line_of_its_view_and_no_other(year: tuple[Office, Path]) -> None:
    office, log = year
    whole = {row["view"]: row for row in from_log(log, "attest", "--json").rows}
    shorter = {
        row["view"]: row for row in from_log(log, "attest", "--json", "--at-size", str(office_size(office) - 1)).rows
    }
    assert whole["case_view"]["root"] != shorter["case_view"]["root"]
    assert whole["fund_log"]["root"] == shorter["fund_log"]["root"]
    assert whole["fund_log"]["rows"] > 0


def office_size(office: Office) -> int:
    return int(office("status", "--json").rows[0]["size"])


def test_the_one_line_over_all_views_stands_for_every_line(year: tuple[Office, Path]) -> None:
    office, log = year
    own, theirs = office("attest").out.splitlines(), from_log(log, "attest").out.splitlines()
    assert own[-1] == theirs[-1]
    assert own[-1].startswith("all ")
    assert from_log(log, "attest", "--at-size", "2500").out.splitlines()[-1] != own[-1]


@pytest.mark.parametrize(
    "words", [("check",), ("stats",), ("show", CASE), ("list", "cases"), ("replay",), ("attest",), ("deadlines",)]
)
def test_a_folder_without_a_log_and_an_altered_log_are_refused(
    year: tuple[Office, Path], tmp_path: Path, words: tuple[str, ...]
) -> None:
    missing = command(*words, "--log", str(tmp_path / "nowhere"))
    assert (missing.code, missing.out) == (1, "")
    assert "there is no sealed log here" in missing.err
    shutil.copytree(year[1], tmp_path / "log")
    bundle = tmp_path / "log" / "tile" / "entries" / "003"
    bundle.write_bytes(bundle.read_bytes().replace(b"actorunit", b"actorunjt", 1))
    altered = command(*words, "--log", str(tmp_path / "log"))
    assert (altered.code, altered.out) == (1, "")
    assert "entries 768 to 1023" in altered.err
