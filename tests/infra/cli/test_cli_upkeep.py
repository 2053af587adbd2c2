"""`replay`, `export`, `status` and `doctor`: rebuilt rows equal live ones, bytes go out as they are, damage is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.command_line import Office


def _stored(office: Office) -> list[bytes]:
    with closing(sqlite3.connect(office.data / "ledger.db")) as connection:
        return [bytes(row[0]) for row in connection.execute("SELECT state FROM stored_events ORDER BY position")]


def test_a_replay_of_everything_equals_what_was_followed_live(told: Office) -> None:
    told("list", "cases")
    rows = told("replay", "--json").rows
    assert len(rows) == len(told("status", "--json").rows) - 1
    assert {(row["added"], row["gone"], row["changed"], row["position"]) for row in rows} == {(0, 0, 0, 10)}


def test_a_replay_tells_what_somebody_changed_in_a_view(told: Office) -> None:
    told("list", "cases")
    with closing(sqlite3.connect(told.data / "views.db")) as connection, connection:
        (table,) = connection.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE 'case\\_view\\__' ESCAPE '\\'"
        ).fetchone()
        connection.execute(f"UPDATE {table} SET state='closed'")
    assert told("list", "cases", "--json").rows[0]["state"] == "closed"
    outcome = told("replay", "case_view", "--json")
    assert [(row["view"], row["changed"]) for row in outcome.rows] == [("case_view", 1)]
    assert told("list", "cases", "--json").rows[0]["state"] == "accepted"


def test_an_unknown_view_is_usage_with_the_list(told: Office) -> None:
    outcome = told("replay", "no_view")
    assert outcome.code == 2
    assert "handoff_log" in outcome.err


def test_export_gives_the_stored_bytes_one_event_a_line(told: Office, tmp_path: Path) -> None:
    expected = b"".join(raw + b"\n" for raw in _stored(told))
    assert told("export", "jsonl").out.encode() == expected
    assert told("export", "jsonl", "-o", str(tmp_path / "events.jsonl")).out == ""
    assert (tmp_path / "events.jsonl").read_bytes() == expected


def test_export_to_a_place_that_is_not_there_is_named(told: Office, tmp_path: Path) -> None:
    outcome = told("export", "jsonl", "-o", str(tmp_path / "nowhere" / "events.jsonl"))
    assert outcome.code == 1
    assert "nowhere" in outcome.err


def test_status_tells_size_last_recording_and_lag(told: Office) -> None:
    (head,) = told("status", "--json").rows
    assert (head["size"], head["source"]) == (10, "/500229/petition-office")
    assert head["last_recordedtime"].endswith("Z")
    assert "no views yet" in told("status").err
    told("list", "cases")
    assert {row["lag"] for row in told("status", "--json").rows[1:]} == {0}


def test_a_healthy_ledger_is_exit_0(told: Office) -> None:
    told("list", "cases")
    outcome = told("doctor", "--json")
    assert outcome.code == 0
    assert outcome.rows == [{"head": {"events": 10, "snapshots": 0, "counts": {}}}]
    assert "positions of views agree with them" in outcome.err


def test_damage_is_exit_1_with_the_place(told: Office) -> None:
    with closing(sqlite3.connect(told.data / "ledger.db")) as connection, connection:
        connection.execute("DELETE FROM ref_index WHERE kind='handoff'")
    outcome = told("doctor", "--json")
    assert outcome.code == 1
    assert outcome.rows[1:] == [
        {"difference": "index_missing", "where": "ref_index", "told": "handoff, ref:A17-h1, XF500229-2025-000001"}
    ]
    assert "处不一致" in told("doctor", "--lang", "zh").err


def test_a_view_ahead_of_the_ledger_is_found(told: Office) -> None:
    told("list", "cases")
    with closing(sqlite3.connect(told.data / "views.db")) as connection, connection:
        connection.execute("UPDATE views SET position=99 WHERE name='timeline'")
    outcome = told("doctor", "--json")
    assert outcome.code == 1
    assert outcome.rows[1]["difference"] == "view_ahead"


def test_views_of_another_release_are_rebuilt_before_they_answer(told: Office) -> None:
    told("list", "cases")
    with closing(sqlite3.connect(told.data / "views.db")) as connection, connection:
        connection.execute("UPDATE views SET digest='older' WHERE name='case_view'")
    assert "caseledger replay" in told("doctor").err
    outcome = told("list", "cases", "--json")
    assert (outcome.code, outcome.rows[0]["state"]) == (0, "accepted")
    assert "case_view" in outcome.err
    assert told("doctor").code == 0


@pytest.mark.parametrize("name", ["ledger.db", "ledger.db-wal", "views.db", "log/checkpoint", "../ledger-keys/tag.key"])
def test_an_export_never_writes_over_what_the_ledger_keeps(told: Office, name: str) -> None:
    told("list", "cases")
    before = _stored(told)
    outcome = told("export", "jsonl", "-o", str(told.data / name.replace("ledger-keys", f"{told.data.name}-keys")))
    assert outcome.code == 2
    assert "name another file" in outcome.err
    assert _stored(told) == before
    assert told("doctor").code == 0


def test_an_export_through_a_link_to_the_ledger_is_refused_too(told: Office, tmp_path: Path) -> None:
    (tmp_path / "soft.jsonl").symlink_to(told.data / "ledger.db")
    (tmp_path / "hard.jsonl").hardlink_to(told.data / "ledger.db")
    before = _stored(told)
    assert [told("export", "jsonl", "-o", str(tmp_path / f"{kind}.jsonl")).code for kind in ("soft", "hard")] == [2, 2]
    assert _stored(told) == before


def test_a_views_file_that_a_full_disk_left_empty_is_no_views_yet(told: Office) -> None:
    """SQLite makes the file before its first table; where the disk was full in between, only the file is there."""
    with closing(sqlite3.connect(told.data / "views.db")) as begun:
        begun.execute("PRAGMA journal_mode=WAL")
        begun.execute("PRAGMA user_version=1")
    for words in (("status",), ("doctor",)):
        outcome = told(*words)
        assert outcome.code == 0, outcome.err
    assert told("list", "cases", "--json").rows[0]["ref"] == "ref:A17"
