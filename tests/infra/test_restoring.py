"""A store made again from the events alone holds the same bytes and the same index rows, or does not appear."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from domain.errors import LedgerError, Tampered
from domain.event import canonical
from domain.seal.checkpoint import Checkpoint, read_note
from infra.doctor import INDEX_TABLES, diagnose
from infra.restoring import SIDE_SUFFIX, Restored, new_sqlite_store, restore
from tests.support.command_line import Office, story
from tests.support.office import granted, open_fund, receive

Pairs = list[tuple[int, bytes]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A sealed ledger with petitions, a handoff to two addressees, a fund and a grant."""
    made = Office(tmp_path_factory.mktemp("restore") / "office")
    assert made("init").code == 0
    made.take(story())
    made.take([*(receive(f"ref:B{number}") for number in range(3)), open_fund("ref:F1", 90_000_000)])
    made.take(granted("ref:G1", "ref:A17", "ref:F1", 500_000, "person:01"))
    return made


def pairs_of(ledger_file: Path) -> Pairs:
    with closing(sqlite3.connect(ledger_file)) as connection:
        return connection.execute("SELECT position, state FROM stored_events ORDER BY position").fetchall()


def rows_of(ledger_file: Path) -> dict[str, list[Any]]:
    """Everything that events decide: the events themselves and all index rows."""
    tables = {"stored_events": "*", "ledger": "*", **INDEX_TABLES}
    with closing(sqlite3.connect(ledger_file)) as connection:
        return {
            table: sorted(connection.execute(f"SELECT {columns} FROM {table}").fetchall())
            for table, columns in tables.items()
        }


def signed_of(office: Office) -> Checkpoint:
    return read_note((office.data / "log" / "checkpoint").read_bytes()).checkpoint


def restored(pairs: Pairs, signed: Checkpoint, ledger_file: Path) -> Restored:
    with new_sqlite_store(ledger_file) as store:
        return restore(pairs, signed, store)


def test_a_restored_store_is_the_store_that_was_sealed(office: Office, tmp_path: Path) -> None:
    pairs, signed = pairs_of(office.data / "ledger.db"), signed_of(office)
    ledger_file = tmp_path / "again" / "ledger.db"
    found = restored(pairs, signed, ledger_file)
    assert (found.size, found.root) == (signed.size, signed.root) == (len(pairs), signed.root)
    assert rows_of(ledger_file) == rows_of(office.data / "ledger.db")
    assert diagnose(ledger_file).counts == {}
    assert [path.name for path in ledger_file.parent.iterdir() if path.is_file()] == ["ledger.db"]


def test_a_restored_store_goes_on_where_the_old_one_stood(office: Office, tmp_path: Path) -> None:
    """Numbers follow, known actions are known, and sealing it again gives the checkpoint that was published."""
    again = Office(tmp_path / "again")
    restored(pairs_of(office.data / "ledger.db"), signed_of(office), again.data / "ledger.db")
    keys = ("--keys", f"{office.data}-keys")
    assert again("seal", *keys).code == 0
    assert (again.data / "log" / "checkpoint").read_bytes() == (office.data / "log" / "checkpoint").read_bytes()
    answer = again.act(receive("ref:A17"), *keys).answer
    assert answer["subject"] == "XF500229-2025-000001", "known: the first answer again"
    assert again.act(receive("ref:Z1"), *keys).answer["subject"] == "XF500229-2025-000005"


def edited(pairs: Pairs) -> Pairs:
    event = json.loads(pairs[5][1]) | {"actorid": "S-999"}
    return [*pairs[:5], (6, canonical(event)), *pairs[6:]]


CHEATS: dict[str, tuple[Callable[[Pairs], Pairs], str, str]] = {
    "edited": (edited, "root_differs", ""),
    "first left out": (lambda pairs: pairs[1:], "tampered", "position 2: it follows position 0"),
    "one left out": (lambda pairs: [*pairs[:5], *pairs[6:]], "tampered", "position 7: it follows position 5"),
    "cut": (lambda pairs: pairs[:-1], "root_differs", ""),
    "one more": (lambda pairs: [*pairs, (len(pairs) + 1, pairs[-1][1])], "root_differs", "more events than"),
    "twice": (lambda pairs: [*pairs[:5], pairs[4], *pairs[5:]], "tampered", "position 5: it follows position 5"),
    "none": (lambda pairs: [], "root_differs", "0 events"),
    "no event": (lambda pairs: [*pairs[:5], (6, b"{}"), *pairs[6:]], "tampered", "position 6"),
    "no JSON": (lambda pairs: [*pairs[:5], (6, b"\xff"), *pairs[6:]], "tampered", ""),
    "moved": (
        lambda pairs: [(at, raw) for at, (_, raw) in enumerate([*pairs[:8], pairs[9], pairs[8], *pairs[10:]], 1)],
        "tampered",
        "sequence 6 follows 4",
    ),
}


@pytest.mark.parametrize("name", CHEATS)
def test_other_events_than_those_signed_make_no_store(office: Office, tmp_path: Path, name: str) -> None:
    cheat, code, told = CHEATS[name]
    with pytest.raises(Tampered) as refused:
        restored(cheat(pairs_of(office.data / "ledger.db")), signed_of(office), tmp_path / "ledger.db")
    assert refused.value.code == code
    assert told in refused.value.detail
    assert not (tmp_path / "ledger.db").exists()
    assert not (tmp_path / f"ledger.db{SIDE_SUFFIX}").exists()


def test_events_under_the_checkpoint_of_another_log_make_no_store(office: Office, tmp_path: Path) -> None:
    signed = signed_of(office)
    other = Checkpoint("caseledger/500230/petition-office", signed.size, signed.root)
    with pytest.raises(Tampered, match="under the checkpoint of"):
        restored(pairs_of(office.data / "ledger.db"), other, tmp_path / "ledger.db")
    assert not (tmp_path / "ledger.db").exists()


def test_one_ref_of_two_subjects_is_refused_even_under_a_fitting_root(office: Office, tmp_path: Path) -> None:
    """Whoever holds the log's key can sign anything; what the rules of recording exclude is no ledger all the same."""
    pairs = pairs_of(office.data / "ledger.db")
    last = json.loads(next(raw for _, raw in reversed(pairs) if b"case.received" in raw))
    twin = canonical(last | {"subject": "XF500229-2025-000099", "actionid": "twin", "sequence": "1"} | _now(pairs))
    from domain.seal.tree import leaf_hashes, root_of

    more = [*pairs, (len(pairs) + 1, twin)]
    signed = Checkpoint(signed_of(office).origin, len(more), root_of(leaf_hashes([raw for _, raw in more])))
    with pytest.raises(Tampered, match="contradict each other"):
        restored(more, signed, tmp_path / "ledger.db")


def _now(pairs: Pairs) -> dict[str, str]:
    return {"recordedtime": json.loads(pairs[-1][1])["recordedtime"]}


@pytest.mark.parametrize("name", ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db-journal"])
def test_nothing_is_restored_over_a_ledger_or_what_is_left_of_one(office: Office, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"evidence")
    with pytest.raises(LedgerError) as refused:
        restored(pairs_of(office.data / "ledger.db"), signed_of(office), tmp_path / "ledger.db")
    assert (refused.value.code, name in refused.value.detail) == ("not_empty", True)
    assert (tmp_path / name).read_bytes() == b"evidence"


def test_a_ledger_that_appears_meanwhile_is_not_replaced(office: Office, tmp_path: Path) -> None:
    pairs, signed = pairs_of(office.data / "ledger.db"), signed_of(office)
    with new_sqlite_store(tmp_path / "ledger.db") as store:
        (tmp_path / "ledger.db").write_bytes(b"somebody else's")
        with pytest.raises(LedgerError) as refused:
            restore(pairs, signed, store)
    assert refused.value.code == "not_empty"
    assert (tmp_path / "ledger.db").read_bytes() == b"somebody else's"


def test_a_second_restoring_waits_for_its_turn(office: Office, tmp_path: Path) -> None:
    with new_sqlite_store(tmp_path / "ledger.db"), pytest.raises(LedgerError) as refused:
        restored(pairs_of(office.data / "ledger.db"), signed_of(office), tmp_path / "ledger.db")
    assert refused.value.code == "sealer_running"


@pytest.mark.parametrize("killed_at", [1, 7, 16])
def test_kill_9_in_the_middle_leaves_no_ledger_and_the_next_run_makes_it(
    office: Office, tmp_path: Path, killed_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.restoring.BATCH_EVENTS", 2)
    pairs, signed, ledger_file = pairs_of(office.data / "ledger.db"), signed_of(office), tmp_path / "ledger.db"
    child = os.fork()
    if child == 0:
        try:
            restored(_deadly(pairs, killed_at), signed, ledger_file)
        finally:
            os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert not ledger_file.exists()
    restored(pairs, signed, ledger_file)
    assert rows_of(ledger_file) == rows_of(office.data / "ledger.db")


def _deadly(pairs: Pairs, at: int) -> Any:
    for position, raw in pairs:
        if position == at:
            os.kill(os.getpid(), signal.SIGKILL)
        yield position, raw


def test_any_batch_edge_gives_the_same_rows(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Actions of several events and refs of several addressees are cut by the edge, one after the other."""
    for size in (1, 2, 3, 5):
        monkeypatch.setattr("infra.restoring.BATCH_EVENTS", size)
        ledger_file = tmp_path / str(size) / "ledger.db"
        restored(pairs_of(office.data / "ledger.db"), signed_of(office), ledger_file)
        assert rows_of(ledger_file) == rows_of(office.data / "ledger.db")
