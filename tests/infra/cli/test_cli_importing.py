"""`import`: an account that adds up, rejects in a file, trials that leave nothing, twice as once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.command_line import CASE, Office, story
from tests.support.office import act, line, receive

MAPPING = """
[source]
format = "csv"

[identity]
name = "desk"
key = "{no}"

[[action]]
action = "receive_petition"
[action.fields]
at = { column = "day", as = "instant", formats = ["iso"] }
received_at = { column = "day", as = "instant", formats = ["iso"] }
case = "ref:desk/{no}"
channel = { column = "how", map = { letter = "letter", visit = "visit" } }
"""
ROWS = "no,day,how\n1,2024-03-04T10:00:00+08:00,letter\n2,2024-03-05T10:00:00+08:00,pigeon\n3,2024-03-06T10:00:00+08:00,visit\n"


@pytest.fixture
def actions(tmp_path: Path) -> Path:
    file = tmp_path / "actions.jsonl"
    file.write_bytes(b"".join(line(action) + b"\n" for action in story()))
    return file


@pytest.fixture
def table(tmp_path: Path) -> list[str]:
    (tmp_path / "desk.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "desk.toml").write_text(MAPPING, encoding="utf-8")
    return [str(tmp_path / "desk.csv"), "--mapping", str(tmp_path / "desk.toml"), "--history"]


def _adds_up(report: dict[str, int]) -> bool:
    return report["accepted_new"] + report["already_there"] + report["rejected"] == report["read"]


def test_an_action_file_is_imported_and_again_changes_nothing(office: Office, actions: Path) -> None:
    first = office("import", str(actions), "--json")
    size = office("status", "--json").rows[0]["size"]
    again = office("import", str(actions), "--json")
    assert (first.code, again.code) == (0, 0)
    assert (first.answer["accepted_new"], again.answer["accepted_new"], again.answer["already_there"]) == (8, 0, 8)
    assert _adds_up(first.answer)
    assert _adds_up(again.answer)
    assert office("status", "--json").rows[0]["size"] == size


def test_a_dry_run_gives_the_same_account_and_leaves_nothing(office: Office, actions: Path) -> None:
    before = office("export", "jsonl").out, sorted(office.data.iterdir())
    trial = office("import", str(actions), "--dry-run", "--json")
    assert (office("export", "jsonl").out, sorted(office.data.iterdir())) == before
    real = office("import", str(actions), "--json")
    ignored = {"dry_run": None, "rejects": None}
    assert {**trial.answer, **ignored} == {**real.answer, **ignored}
    assert trial.answer["dry_run"]


def test_rejected_rows_are_exit_1_with_line_field_and_reason(office: Office, table: list[str]) -> None:
    outcome = office("import", *table, "--json")
    assert outcome.code == 1
    assert (outcome.answer["read"], outcome.answer["accepted_new"], outcome.answer["rejected"]) == (3, 2, 1)
    (reject,) = [json.loads(text) for text in Path(outcome.answer["rejects"]).read_text(encoding="utf-8").splitlines()]
    assert (reject["line"], reject["field"], reject["code"]) == (3, "receive_petition.channel", "unknown_value")
    assert outcome.answer["rejects"] in outcome.err


def test_rejects_go_to_the_file_that_was_named(office: Office, table: list[str], tmp_path: Path) -> None:
    named = tmp_path / "named.jsonl"
    office("import", *table, "--rejects", str(named))
    office("import", *table, "--rejects", str(named))
    assert len(named.read_text(encoding="utf-8").splitlines()) == 1


def test_a_finished_import_says_that_its_account_answers(office: Office, table: list[str]) -> None:
    first, again = office("import", *table, "--json"), office("import", *table, "--json")
    assert (first.code, again.code) == (1, 1)
    assert (first.answer["finished_before"], again.answer["finished_before"]) == (False, True)
    assert first.answer["rejects"] == again.answer["rejects"]
    assert "its account answers" not in first.err
    assert "its account answers" in again.err
    assert "先前已导入完毕" in office("import", *table, "--lang", "zh").err


@pytest.mark.parametrize("which", ["ledger.db", "desk.csv", "desk.toml"])
def test_rejects_never_overwrite_the_ledger_or_what_is_being_read(
    office: Office, table: list[str], tmp_path: Path, which: str
) -> None:
    file = office.data / which if which == "ledger.db" else tmp_path / which
    before = file.read_bytes()
    outcome = office("import", *table, "--rejects", str(file))
    assert outcome.code == 2
    assert "name another file" in outcome.err
    assert file.read_bytes() == before


@pytest.mark.parametrize(("encoding", "code"), [("klingon", 2), ("gb18030", 2), ("utf-8", 0)])
def test_an_encoding_that_would_be_ignored_is_refused(office: Office, actions: Path, encoding: str, code: int) -> None:
    outcome = office("import", str(actions), "--encoding", encoding)
    assert outcome.code == code
    assert ("leave it out" in outcome.err) == (code == 2)


def test_an_import_is_opened_with_who_and_why(office: Office, actions: Path) -> None:
    words = ("--history", "--approved-by", "S-900", "--reason", "handover", "--recorder-staff", "S-901")
    office("import", str(actions), *words)
    opened = next(row for row in office("export", "jsonl").rows if row["type"].endswith("import_opened.v1"))
    told = {name: opened["data"][name] for name in ("kind", "approved_by", "reason", "recorder_staff")}
    assert told == {"kind": "history", "approved_by": "S-900", "reason": "handover", "recorder_staff": "S-901"}
    assert office("list", "integrity", "--where", "fact=import_opened", "--json").rows[0]["reason"] == "handover"


def test_live_imports_state_what_history_may_leave_out(office: Office, tmp_path: Path) -> None:
    action = act("receive_petition", "x/1", case="ref:X", channel="visit", received_at="2025-03-04T10:00:00+08:00")
    (tmp_path / "one.jsonl").write_bytes(line(action) + b"\n")
    live = office("import", str(tmp_path / "one.jsonl"), "--json")
    past = office("import", str(tmp_path / "one.jsonl"), "--history", "--json")
    assert (live.code, live.answer["rejected"]) == (1, 1)
    assert (past.code, past.answer["accepted_new"]) == (0, 1)
    opened = [row for row in office("export", "jsonl").rows if row["type"].endswith("import_opened.v1")]
    assert [row["data"]["kind"] for row in opened] == ["live", "history"]


def test_live_work_that_is_imported_after_the_cutover_is_no_history(office: Office, tmp_path: Path) -> None:
    """The opening names the file as `sha256:…`, the events only its digits; both are the same import."""
    office.take([act("declare_cutover", "cut", on="2025-01-01")])
    for kind in ("live", "history"):
        file = tmp_path / f"{kind}.jsonl"
        file.write_bytes(line({**receive(f"ref:{kind}"), "action_id": kind}) + b"\n")
        assert office("import", str(file), *(["--history"] if kind == "history" else [])).code == 0
    _, *found = office("check", "XF-INT-005", "--json").rows
    assert {one["reason"] for one in found} == {"a_after_cutover", "b_approver"}
    (after,) = (one for one in found if one["reason"] == "a_after_cutover")
    (case,) = office("list", "cases", "--where", "ref=ref:history", "--json").rows
    assert after["related"] == [case["case"]]
    assert len({one["item"] for one in found}) == 1


def test_the_account_is_told_in_both_languages(office: Office, actions: Path) -> None:
    assert "records read" in office("import", str(actions)).out
    assert "读取行" in office("import", str(actions), "--lang", "zh").out
    assert "nothing was recorded" in office("import", str(actions), "--dry-run").err


@pytest.mark.parametrize("what", ["no file", "no mapping", "bad mapping", "bad encoding", "folder"])
def test_what_cannot_be_read_is_usage_and_records_nothing(
    office: Office, table: list[str], tmp_path: Path, what: str
) -> None:
    (tmp_path / "bad.toml").write_text("[source]\nformat = 'papyrus'\n", encoding="utf-8")
    csv, mapping = table[0], table[2]
    words = {
        "no file": [str(tmp_path / "missing.csv"), "--mapping", mapping],
        "no mapping": [csv, "--mapping", str(tmp_path / "missing.toml")],
        "bad mapping": [csv, "--mapping", str(tmp_path / "bad.toml")],
        "bad encoding": [csv, "--mapping", mapping, "--encoding", "klingon"],
        "folder": [str(tmp_path), "--mapping", mapping],
    }[what]
    size = office("status", "--json").rows[0]["size"]
    outcome = office("import", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert "unforeseen" not in outcome.err
    assert office("status", "--json").rows[0]["size"] == size


def test_what_was_imported_is_there_by_number(office: Office, actions: Path) -> None:
    office("import", str(actions))
    assert office("show", "ref:A17", "--json").rows[0]["case"] == CASE


def test_a_locked_ledger_stops_an_import_and_it_goes_on_afterwards(office: Office, actions: Path) -> None:
    with closing(sqlite3.connect(office.data / "ledger.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        locked = office("import", str(actions), "--json", CASELEDGER_LOCK_TIMEOUT_S="0")
        holder.execute("ROLLBACK")
    assert (locked.code, locked.out) == (1, "")
    assert "locked" in locked.err
    assert office("import", str(actions), "--json").answer["accepted_new"] == 8


def test_rejects_go_to_a_plain_file_only(office: Office, actions: Path) -> None:
    size = office("status", "--json").rows[0]["size"]
    outcome = office("import", str(actions), "--rejects", "/dev/null")
    assert outcome.code == 2
    assert "no plain file" in outcome.err
    assert office("status", "--json").rows[0]["size"] == size
