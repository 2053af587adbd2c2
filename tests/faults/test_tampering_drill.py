"""The drill: a malicious administrator at a live ledger, one way to cheat at a time, each shown with code and place.

The triggers that refuse changes are dropped first, as whoever owns the file can. Whoever holds the log's key is
played too; against that one stands what somebody outside remembers.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.event import canonical
from infra.keys_log import create_log_key, log_origin
from tests.support.command_line import Office, command, story
from tests.support.office import receive

ALTERED = 6
"""Position of the event that is changed: neither the first nor the last."""


@dataclass(frozen=True)
class Drill:
    """An office with a sealed ledger, and an auditor who pinned the policy and remembers the last checkpoint."""

    office: Office
    auditor: Path

    @contextmanager
    def store(self) -> Iterator[sqlite3.Connection]:
        """The store as its administrator sees it, without the triggers that refuse changes."""
        with closing(sqlite3.connect(self.office.data / "ledger.db")) as connection, connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            yield connection

    def check(self) -> list[dict[str, Any]]:
        """What XF-INT-001 finds: reason, item and facts of each."""
        outcome = self.office("check", "XF-INT-001", "--json")
        found = [row for row in outcome.rows if "head" not in row]
        assert outcome.code == (1 if found else 0), outcome.err
        return found

    def places(self) -> list[tuple[str, str]]:
        """(reason, item) of each finding."""
        return [(one["reason"], one["item"]) for one in self.check()]

    def verify(self, *words: str) -> dict[str, Any] | None:
        """The failure that the auditor's verification of the office's log ends with, None where it passes."""
        policy = ("--policy", str(self.auditor / "policy"))
        outcome = command("verify", str(self.office.data / "log"), *policy, "--json", *words)
        failure: dict[str, Any] | None = outcome.answer["failure"]
        assert outcome.code == (0 if failure is None else 1)
        return failure

    def remembered(self) -> dict[str, Any] | None:
        """The same, with what the auditor remembers."""
        return self.verify("--remember", str(self.auditor / "seen"))

    def doctor(self) -> set[tuple[str, str]]:
        """(what differs, where) as the doctor tells it."""
        outcome = self.office("doctor", "--json")
        return {(row["difference"], row["where"]) for row in outcome.rows if "difference" in row}

    def sign_anew(self) -> None:
        """Throw log and history away and sign whatever the store holds now, with the log's own key."""
        shutil.rmtree(self.office.data / "log")
        shutil.rmtree(self.office.data / "sealing")
        assert self.office("seal").code == 0


@pytest.fixture
def drill(office: Office, tmp_path: Path) -> Drill:
    """A ledger in which everything is in order, seen by the auditor at three sizes."""
    auditor = tmp_path / "auditor"
    auditor.mkdir()
    (auditor / "policy").write_text(office("policy").out)
    made = Drill(office, auditor)
    actions = [*story(), *(receive(f"ref:B{number}") for number in range(4))]
    for number, action in enumerate(actions):
        assert office.act(action).code == 0
        if number in (1, 7, len(actions) - 1):
            assert made.remembered() is None
    assert made.check() == []
    assert made.doctor() == set()
    return made


@pytest.fixture
def office(tmp_path: Path) -> Office:
    found = Office(tmp_path / "office")
    assert found("init").code == 0
    return found


def rewrite(connection: sqlite3.Connection, position: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Change an event's bytes so that they are a canonical event again."""
    (state,) = connection.execute("SELECT state FROM stored_events WHERE position=?", (position,)).fetchone()
    event = json.loads(state)
    change(event)
    connection.execute("UPDATE stored_events SET state=? WHERE position=?", (canonical(event), position))


def another_actor(event: dict[str, Any]) -> None:
    event["actorid"] = "S-999"


def size_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT MAX(position) FROM stored_events").fetchone()[0])


def make_room_behind(connection: sqlite3.Connection, position: int) -> None:
    """Move every later event one place on."""
    for at in range(size_of(connection), position, -1):
        connection.execute("UPDATE stored_events SET position=? WHERE position=?", (at + 1, at))


def insert_copy(connection: sqlite3.Connection, position: int, at: int, **changes: str) -> None:
    """Insert at a place an event that is made of another one: a petition of its own."""
    (state,) = connection.execute("SELECT state FROM stored_events WHERE position=?", (position,)).fetchone()
    event = json.loads(state) | {"subject": "XF500229-2025-000006", "sequence": "1"} | changes
    connection.execute(
        "INSERT INTO stored_events VALUES (?,?,1,?,?)", (at, event["subject"], event["type"], canonical(event))
    )


def test_an_updated_event_does_not_hash_to_its_leaf(drill: Drill) -> None:
    with drill.store() as connection:
        rewrite(connection, ALTERED, another_actor)
    assert drill.places() == [("leaf", str(ALTERED))]
    assert ("trigger_missing", "stored_events_no_update") in drill.doctor()
    assert drill.verify() is None, "the log itself is untouched, and is what the store is restored from"


@pytest.mark.parametrize("state", ["x'00'", "x'7b7d'", "x'5b5d'", "'no event'", "17"])
def test_an_event_that_can_no_longer_be_read_is_named_by_its_position(drill: Drill, state: str) -> None:
    with drill.store() as connection:
        connection.execute(f"UPDATE stored_events SET state={state} WHERE position={ALTERED}")
    outcome = drill.office("check", "XF-INT-001")
    assert (outcome.code, f"position {ALTERED}," in outcome.err) == (1, True), outcome.err


def test_a_deleted_event_is_missing_at_its_place(drill: Drill) -> None:
    """The last event of its subject: neither its subject nor a series of numbers shows a gap."""
    position = 13
    with drill.store() as connection:
        connection.execute("DELETE FROM stored_events WHERE position=?", (position,))
    assert ("leaf", str(position)) in drill.places()
    assert ("position_gap", f"position {position + 1}") in drill.doctor()


def test_an_inserted_event_moves_every_later_one_from_its_leaf(drill: Drill) -> None:
    with drill.store() as connection:
        make_room_behind(connection, ALTERED)
        insert_copy(connection, ALTERED - 1, ALTERED + 1)
        size = size_of(connection)
    moved = [str(position) for position in range(ALTERED + 1, size)]
    assert sorted(item for reason, item in drill.places() if reason == "leaf") == sorted(moved)


def test_two_swapped_events_stand_on_each_others_leaves(drill: Drill) -> None:
    with drill.store() as connection:
        for old, new in ((ALTERED, 0), (ALTERED + 4, ALTERED), (0, ALTERED + 4)):
            connection.execute("UPDATE stored_events SET position=? WHERE position=?", (new, old))
    assert {("leaf", str(ALTERED)), ("leaf", str(ALTERED + 4))} <= set(drill.places())


@pytest.mark.parametrize(
    ("statement", "kind", "where"),
    [
        ("UPDATE stored_events SET originator_id='XF500229-2025-000009' WHERE position=13", "column_differs", "position 13"),
        ("UPDATE stored_events SET topic='petition.case.closed.v1' WHERE position=13", "column_differs", "position 13"),
        ("UPDATE stored_events SET originator_version=7 WHERE position=13", "column_differs", "position 13"),
        ("UPDATE ref_index SET subject='XF500229-2025-000009' WHERE ref='ref:B1'", "index_extra", "ref_index"),
        ("UPDATE series_index SET last=last-1", "index_extra", "series_index"),
        ("UPDATE action_index SET position=position+1 WHERE action_id='r/A17'", "index_extra", "action_index"),
        ("DELETE FROM ref_index WHERE ref='ref:B1'", "index_missing", "ref_index"),
    ],
)  # fmt: skip
def test_an_edited_index_column_is_not_what_the_events_give(
    drill: Drill, statement: str, kind: str, where: str
) -> None:
    with drill.store() as connection:
        assert connection.execute(statement).rowcount == 1
    assert (kind, where) in drill.doctor()
    assert drill.office("doctor").code == 1


def test_an_edited_tile_is_named(drill: Drill) -> None:
    (tile,) = (drill.office.data / "log" / "tile" / "0").rglob("000.p/*")
    content = bytearray(tile.read_bytes())
    content[32 * (ALTERED - 1)] ^= 1
    tile.write_bytes(content)
    failure = drill.verify()
    assert failure is not None
    assert (failure["code"], failure["index"]) == ("leaf_hash_differs", ALTERED - 1)
    assert failure["place"] == tile.relative_to(drill.office.data / "log").as_posix()
    outcome = drill.office("check", "XF-INT-001")
    assert (outcome.code, "log_damaged" in outcome.err) == (1, True)
    assert "log_damaged" in drill.office.act(receive("ref:C1")).err


def test_a_truncated_store_is_shorter_than_what_was_published_and_is_never_sealed_over(drill: Drill) -> None:
    with drill.store() as connection:
        size = size_of(connection)
        connection.execute("DELETE FROM stored_events WHERE position>?", (size - 3,))
    assert ("short", str(size)) in drill.places()
    outcome = drill.office("seal")
    assert outcome.code == 1
    assert f"ends at position {size - 3}, the signed log at {size}" in outcome.err
    assert "restore ledger.db from a backup" in outcome.err


def test_an_emptied_store_is_short_of_everything_that_was_signed(drill: Drill) -> None:
    with drill.store() as connection:
        size = size_of(connection)
        connection.execute("DELETE FROM stored_events")
    assert drill.places() == [("short", str(size))]
    assert drill.office("seal").code == 1


def test_a_new_ledger_under_the_old_log_is_found_and_is_never_sealed_over(drill: Drill) -> None:
    size = sealed_size(drill)
    for path in drill.office.data.glob("*.db*"):
        path.unlink()
    assert drill.office("init").code == 0
    assert ("short", str(size)) in drill.places()
    outcome = drill.office("seal")
    assert (outcome.code, "store_behind_log" in outcome.err or "fewer events" in outcome.err) == (1, True)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM stored_events", "UPDATE stored_events SET state=x'00' WHERE position=6"]
)
def test_an_altered_store_is_moved_away_and_made_again_from_the_log(
    drill: Drill, statement: str, tmp_path: Path
) -> None:
    size, note = sealed_size(drill), (drill.office.data / "log" / "checkpoint").read_bytes()
    with drill.store() as connection:
        connection.execute(statement)
    assert drill.office("check", "XF-INT-001").code == 1
    words = ("restore", "--source", "/500229/petition-office", "--log", str(drill.office.data / "log"))
    refused = drill.office(*words)
    assert (refused.code, "not_empty" in refused.err or "nothing is restored over it" in refused.err) == (1, True)
    for path in drill.office.data.glob("ledger.db*"):
        path.rename(tmp_path / path.name)
    assert drill.office(*words).code == 0
    assert (drill.check(), drill.doctor()) == ([], set())
    assert drill.office("seal").code == 0
    assert (drill.office.data / "log" / "checkpoint").read_bytes() == note
    assert drill.office.act(receive("ref:C1")).err == ""
    assert sealed_size(drill) == size + 1
    assert drill.remembered() is None


def sealed_size(drill: Drill) -> int:
    return int((drill.office.data / "log" / "checkpoint").read_text().splitlines()[1])


def told_by_check(drill: Drill) -> tuple[int, str]:
    outcome = drill.office("check", "XF-INT-001")
    return outcome.code, outcome.err


def test_a_log_that_is_taken_away_or_put_back_to_an_older_one_is_told(drill: Drill, tmp_path: Path) -> None:
    """Without its log the store agrees with everything: what the sealer remembers says that there was more."""
    log = drill.office.data / "log"
    shutil.copytree(log, tmp_path / "old")
    for name in ("ref:C1", "ref:C2"):
        assert drill.office.act(receive(name)).code == 0
    assert told_by_check(drill)[0] == 0
    shutil.rmtree(log)
    code, told = told_by_check(drill)
    assert (code, "log_put_back" in told) == (1, True)
    shutil.copytree(tmp_path / "old", log)
    code, told = told_by_check(drill)
    assert (code, "log_put_back" in told) == (1, True)


def test_a_store_and_a_log_made_to_agree_without_the_key_are_told(drill: Drill, tmp_path: Path) -> None:
    """An altered store under tiles and a checkpoint that fit it, signed by whom it may be."""
    shutil.copytree(drill.office.data, tmp_path / "before")
    with drill.store() as connection:
        rewrite(connection, ALTERED, another_actor)
    keys = drill.office.data.with_name("office-keys")
    shutil.copytree(keys, tmp_path / "keys")
    (keys / "log.key").unlink()
    create_log_key(keys, log_origin("/500229/petition-office"))
    drill.sign_anew()
    shutil.copy(tmp_path / "keys" / "log.key", keys / "log.key")
    code, told = told_by_check(drill)
    assert (code, "checkpoint_not_ours" in told) == (1, True)
    shutil.copy(tmp_path / "before" / "sealing" / "history.jsonl", drill.office.data / "sealing" / "history.jsonl")
    code, told = told_by_check(drill)
    assert (code, "double_signed" in told) == (1, True)


def test_a_truncated_log_lacks_files_of_its_signed_size(drill: Drill) -> None:
    (bundle,) = (drill.office.data / "log" / "tile" / "entries").rglob("000.p/*")
    name = bundle.relative_to(drill.office.data / "log").as_posix()
    bundle.unlink()
    failure = drill.verify()
    assert failure is not None
    assert (failure["code"], failure["place"]) == ("file_missing", name)


def test_an_old_copy_put_back_whole_is_a_roll_back_to_whoever_remembers(drill: Drill, tmp_path: Path) -> None:
    shutil.copytree(drill.office.data, tmp_path / "old")
    size = json.loads(drill.office("seal", "--json").out)["size"]
    assert drill.office.act(receive("ref:C1")).code == 0
    assert drill.remembered() is None
    shutil.rmtree(drill.office.data)
    shutil.copytree(tmp_path / "old", drill.office.data)
    assert drill.verify() is None, "nobody notices who remembers nothing"
    failure = drill.remembered()
    assert failure is not None
    assert (failure["code"], failure["place"], failure["index"]) == ("rolled_back", "checkpoint", size)


def test_a_history_signed_anew_from_some_index_is_bounded_by_what_was_remembered(drill: Drill) -> None:
    with drill.store() as connection:
        for position in range(ALTERED, size_of(connection) + 1):
            rewrite(connection, position, another_actor)
    drill.sign_anew()
    assert drill.office.act(receive("ref:C1")).code == 0
    assert drill.check() == []
    failure = drill.remembered()
    assert failure is not None
    assert failure["code"] == "history_rewritten"
    assert (failure["index"], failure["place"]) == (4, "entries 4–9")


def test_a_size_that_is_signed_twice_is_evidence_against_the_key(drill: Drill) -> None:
    with drill.store() as connection:
        rewrite(connection, ALTERED, another_actor)
    drill.sign_anew()
    failure = drill.remembered()
    assert failure is not None
    assert (failure["code"], failure["place"], failure["index"]) == ("double_signed", "checkpoint", 10)


def test_a_back_dated_event_runs_backwards_for_everybody_even_with_the_key(drill: Drill) -> None:
    with drill.store() as connection:
        size = size_of(connection)
        insert_copy(connection, 5, size + 1, recordedtime="2025-03-04T02:20:00.000000Z")
    assert drill.office("seal").code == 0
    failure = drill.verify()
    assert failure is not None
    assert (failure["code"], failure["index"]) == ("recordedtime_decreases", size)
    assert ("recordedtime", str(size + 1)) in drill.places()
    assert ("time_runs_back", f"position {size + 1}") in drill.doctor()
