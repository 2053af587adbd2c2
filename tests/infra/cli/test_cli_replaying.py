"""`replay` with its options, rebuilds in the `status`, and two answers of `stats` with their causes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

import projections
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from tests.support.command_line import CASE, Office
from tests.support.faulty_views import with_faults
from tests.support.office import act, receive


def _spoiled(office: Office) -> None:
    with closing(sqlite3.connect(office.data / "views.db")) as connection, connection:
        (slot,) = connection.execute("SELECT slot FROM views WHERE name='case_view' AND state='live'").fetchone()
        connection.execute(f"UPDATE case_view_{slot} SET state='closed'")


def test_a_trial_run_tells_the_difference_and_changes_nothing(told: Office) -> None:
    told("list", "cases")
    _spoiled(told)
    outcome = told("replay", "case_view", "--dry-run", "--json")
    assert [(row["changed"], row["examples"]["was"]["state"]) for row in outcome.rows] == [(1, "closed")]
    assert told("list", "cases", "--json").rows[0]["state"] == "closed"
    assert "compared only" in told("replay", "case_view", "--dry-run").err


def test_a_rollback_brings_the_version_before_the_rebuild_back(told: Office) -> None:
    told("list", "cases")
    _spoiled(told)
    told("replay", "case_view", "--processes", "1")
    assert told("list", "cases", "--json").rows[0]["state"] == "accepted"
    assert "former version" in told("replay", "case_view", "--rollback").err
    assert told("list", "cases", "--json").rows[0]["state"] == "closed"


def test_a_rollback_without_a_former_version_is_refused_and_rolls_nothing_back(told: Office) -> None:
    told("list", "cases")
    _spoiled(told)
    told("replay", "case_view", "--processes", "1")
    for words in (("timeline",), ()):
        outcome = told("replay", *words, "--rollback")
        assert (outcome.code, outcome.out) == (1, "")
        assert "no former version to go back to" in outcome.err
    assert told("list", "cases", "--json").rows[0]["state"] == "accepted"
    for other in ("--dry-run", "--park"):
        outcome = told("replay", "case_view", "--rollback", other)
        assert (outcome.code, other in outcome.err) == (2, True)


def test_a_view_that_projectors_feed_is_never_served_stale_in_silence(told: Office) -> None:
    told("list", "cases")
    with closing(sqlite3.connect(told.data / "views.db")) as connection, connection:
        (slot,) = connection.execute("SELECT slot FROM views WHERE name='case_view' AND state='live'").fetchone()
        connection.execute("INSERT INTO view_places VALUES ('case_view', ?, 0, 'ledger.events', 10, 10, 10)", (slot,))
    assert "may be stale" not in told("list", "cases").err
    with closing(sqlite3.connect(told.data / "views.db")) as connection, connection:
        connection.execute("UPDATE views SET digest='another' WHERE name='case_view'")
    assert "fed by projectors, so the answer may be stale: case_view" in told("list", "cases").err


def test_the_status_shows_a_rebuild_that_runs_and_one_that_was_interrupted(told: Office) -> None:
    told("list", "cases")
    store = ReadStore(told.data / "views.db")
    with store.rebuilding([CASE_VIEW]) as pulse:
        store.begin_building(CASE_VIEW)
        pulse.moved(4, 4, 10)
        row = next(row for row in told("status", "--json").rows if row.get("view") == "case_view")
        assert row["rebuild"]["state"] == "running"
        assert "being rebuilt" in told("status").err
        outcome = told("replay", "case_view")
        assert outcome.code == 1
        assert "another process is rebuilding" in outcome.err
    row = next(row for row in told("status", "--json").rows if row.get("view") == "case_view")
    assert row["rebuild"] == {"state": "interrupted", "position": 0}
    assert "goes on from there" in told("status").err
    told("replay", "case_view")
    assert all("rebuild" not in row for row in told("status", "--json").rows)
    store.close()


def test_a_view_older_than_the_code_is_told_with_what_a_rebuild_reads(told: Office) -> None:
    told("list", "cases")
    with closing(sqlite3.connect(told.data / "views.db")) as connection, connection:
        connection.execute("UPDATE views SET digest='another' WHERE name='timeline'")
    row = next(row for row in told("status", "--json").rows if row.get("view") == "timeline")
    assert (row["current"], row["rebuild"]["state"], row["rebuild"]["events"]) == (False, "needed", 10)
    assert "older than the code" in told("status").err
    told("list", "cases")
    assert all(row["current"] for row in told("status", "--json").rows[1:])
    assert len(told("status", "--json").rows) == len(ALL_PROJECTIONS) + 1


def test_a_parked_subject_is_shown_and_listed_as_stale_at_any_date(
    told: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.take([receive("ref:other")])
    faulty = with_faults(CASE, 3)
    monkeypatch.setattr(projections, "ALL_PROJECTIONS", faulty)
    for words in (("show", CASE), ("list", "cases", "--as-of", "2025-12-31")):
        outcome = told(*words)
        assert (outcome.code, "replay --park" in outcome.err) == (1, True), "nothing is parked yet"
    told("replay", "case_view", "timeline", "--park", "--processes", "1")
    for point in ((), ("--as-of", "2025-12-31"), ("--clock", "known")):
        rows = told("list", "cases", "--json", *point).rows
        assert [(row["state"], "stale_from" in row) for row in rows] == [("registered", True), ("received", False)]
        assert f"{CASE} is stale from position" in told("list", "cases", *point).err
        shown = told("show", CASE, *point)
        assert (shown.code, "is stale from position" in shown.err) == (0, True)
        assert "stale_from" in shown.out
        assert told("show", CASE, "--json", *point).rows[0]["stale_from"] == rows[0]["stale_from"]


def test_an_event_that_one_view_cannot_take_stops_no_question_about_another(
    told: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told("list", "cases")
    monkeypatch.setattr(projections, "ALL_PROJECTIONS", with_faults(CASE, 4))
    told.take([act("declare_interest", "i/9", case="ref:A17", staff="S-101", relation="kin")])
    outcome = told("list", "integrity", "--where", "fact=interest_declared", "--json")
    assert (outcome.code, len(outcome.rows)) == (0, 1)
    assert "cannot take this event: case_view" in outcome.err
    stopped = told("list", "cases", "--json")
    assert (stopped.code, stopped.out) == (1, "")
    with closing(sqlite3.connect(told.data / "views.db")) as connection, connection:
        connection.execute("UPDATE views SET digest='another' WHERE name IN ('case_view', 'integrity_log')")
    assert told("list", "integrity", "--json").code == 0
    current = {row["view"]: row["current"] for row in told("status", "--json").rows[1:]}
    assert (current["integrity_log"], current["case_view"]) == (True, False)


def test_two_days_are_compared_and_every_difference_has_a_cause(told: Office) -> None:
    words = ("stats", "--year", "2025", "--compare", "2025-01-01", "2025-12-31")
    rows = {row["figure"]: row for row in told(*words, "--json").rows}
    received = rows["cases_received_by_channel"]
    assert (received["was"], received["now"], received["by_cause"]) == (0, 1, {"new_act": 1})
    (change,) = received["changes"]
    assert (change["change"], change["cause"], change["now"]["subject"]) == ("came", "new_act", CASE)
    shown = told(*words)
    assert "an act that happened in between +1" in " ".join(shown.out.split())


def test_the_two_clocks_are_compared_and_late_entry_is_named(told: Office) -> None:
    """The story is of 2025 and was entered today, so that nothing of it was known then."""
    rows = told("stats", "--year", "2025", "--as-of", "2025-12-31", "--compare-clocks", "--json").rows
    causes = {change["cause"] for row in rows for change in row["changes"]}
    assert causes == {"late_entry"}


def test_months_are_counted_in_one_pass(told: Office) -> None:
    rows = told("stats", "--from", "2024-11-01", "--to", "2025-12-31", "--monthly", "--json").rows
    received = [row for row in rows if row["figure"] == "cases_received_by_channel"]
    assert [(row["period"]["from_on"], row["value"]) for row in received] == [("2025-03-01", 1)]
    assert "2025-03" in told("stats", "--from", "2024-11-01", "--to", "2025-12-31", "--monthly").out
    assert json.loads(told("stats", "--year", "2025", "--json").out.splitlines()[0])
