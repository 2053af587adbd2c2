"""The same commands, one after the other, over a ledger in PostgreSQL; they say and count what the file's ledger does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from domain.event import canonical
from infra.settings import Settings
from tests.support.command_line import CASE, Outcome, command, story
from tests.support.office import line, receive
from tests.support.postgres import PostgresServer
from tests.support.stores import StoreTool

ROOT = Path(__file__).parents[3]
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?")
QUESTIONS = (
    ("show", CASE, "--json"),
    ("show", CASE, "--as-of", "2025-03-08", "--json"),
    ("show", "ref:A17", "--json"),
    ("list", "cases", "--json"),
    ("list", "handoffs", "--where", "unit=MZJ", "--json"),
    ("deadlines", "--json"),
    ("check", "--as-of", "2025-06-01", "--json"),
    ("check", "--json"),
    ("check", "--kept", "--json"),
    ("stats", "--json"),
)


class Office:
    """The program on one ledger, whose store and views the environment names."""

    def __init__(self, data: Path, store: str | None) -> None:
        self.data, self.store = data, store

    @property
    def environ(self) -> dict[str, str]:
        """The settings of this ledger."""
        return {"CASELEDGER_STORE": self.store, "CASELEDGER_VIEWS": self.store} if self.store else {}

    def __call__(self, *words: str, stdin: bytes = b"", **environ: str) -> Outcome:
        return command("--data", str(self.data), *words, stdin=stdin, **{**self.environ, **environ})

    def well(self, *words: str, stdin: bytes = b"") -> Outcome:
        """A command that must do its work."""
        outcome = self(*words, stdin=stdin)
        assert outcome.code == 0, (words, outcome.out, outcome.err)
        return outcome

    def take(self, actions: list[dict[str, Any]]) -> None:
        """Record actions that must all be accepted."""
        for action in actions:
            self.well("act", stdin=line(action))


def told(office: Office, words: tuple[str, ...]) -> list[str]:
    """What a question is answered, without the moments and ids that differ from one recording to the next."""
    outcome = office(*words)
    assert outcome.code in (0, 1), outcome.err
    return [
        re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "id", MOMENT.sub("moment", row))
        for row in outcome.out.splitlines()
    ]


def test_every_command_works_over_postgres_as_over_a_file(database: str, tmp_path: Path) -> None:
    offices = [Office(tmp_path / "there" / "data", database), Office(tmp_path / "here" / "data", None)]
    file = tmp_path / "desk.jsonl"
    file.write_bytes(b"\n".join(line(receive(f"ref:I{number}")) for number in range(30)) + b"\n")
    for office in offices:
        office.well("init")
        office.take(story())
        before = office.well("export", "jsonl").out
        assert re.search(r"taken now +30", office.well("import", str(file), "--dry-run").out)
        assert office.well("export", "jsonl").out == before
        office.well("import", str(file))
        assert re.search(r"already +30", office.well("import", str(file)).out)
    for words in QUESTIONS:
        assert told(offices[0], words) == told(offices[1], words), words
    there = offices[0]
    assert not (there.data / "ledger.db").exists()
    assert not (there.data / "views.db").exists()
    assert not (there.data / "findings.db").exists()
    there.well("seal")
    for processes in ("1", "2"):
        replayed = there.well("replay", "--processes", processes, "--json")
        assert all(row["added"] == row["gone"] == row["changed"] == 0 for row in replayed.rows)
    status = there.well("status", "--json")
    head, *views = status.rows
    assert "fsync=off" in status.err
    assert (head["store"], {view["lag"] for view in views}) == (shown(database), {0})
    there.well("doctor", "--json")
    policy = tmp_path / "office.policy"
    policy.write_text(there.well("policy").out)
    there.well("verify", str(there.data / "log"), "--policy", str(policy))
    proof = tmp_path / "one.tlog-proof"
    there.well("prove", "1", "--output", str(proof))
    there.well("verify-proof", str(proof), "--policy", str(policy))
    there.well("rotate-key")
    there.well("rotate-key", "--retire")


def test_a_ledger_is_restored_from_its_log_into_a_database(
    database: str, tmp_path: Path, shared_postgres: PostgresServer
) -> None:
    office = Office(tmp_path / "office" / "data", None)
    office.well("init")
    office.take(story())
    office.well("seal")
    policy = tmp_path / "office.policy"
    policy.write_text(office.well("policy").out)
    there = Office(tmp_path / "new" / "data", database)
    words = (
        "restore",
        "--log",
        str(office.data / "log"),
        "--source",
        "/500229/petition-office",
        "--policy",
        str(policy),
    )
    there.well(*words)
    assert there.well("export", "jsonl").out == office.well("export", "jsonl").out
    there.well("doctor")
    again = there(*words)
    assert (again.code, "empty database" in again.err) == (1, True)


def test_an_event_edited_by_who_switches_the_triggers_off_is_found_by_its_leaf(database: str, tmp_path: Path) -> None:
    """The tables' owner, like a superuser, puts the triggers back, so that the store itself shows nothing."""
    office = Office(tmp_path / "office" / "data", database)
    office.well("init")
    office.take(story())
    tool = StoreTool(Settings(data=office.data, store=database))
    event = json.loads(tool.bytes_of(5))
    tool.set_bytes(5, canonical({**event, "actorid": "S-999"}))
    office.well("doctor")
    outcome = office("check", "XF-INT-001", "--json")
    (finding,) = [row for row in outcome.rows if row.get("check") == "XF-INT-001"]
    assert (outcome.code, finding["reason"], finding["facts"]["position"]) == (1, "leaf", 5)


def shown(address: str) -> str:
    from infra.stores import shown as shown_place

    return shown_place(address)


def test_eight_inits_at_once_make_one_ledger_and_workers_make_nothing(database: str, tmp_path: Path) -> None:
    environ = {**os.environ, "CASELEDGER_STORE": database, "CASELEDGER_VIEWS": database}
    words = [sys.executable, "-m", "infra.cli", "--data", str(tmp_path / "data"), "init", "--json"]
    running = [
        subprocess.Popen(words, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(8)
    ]
    founded = []
    for process in running:
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, err.decode()
        founded.append(json.loads(out))
    assert sum(one["created"] for one in founded) == 1
    assert StoreTool(Settings(data=tmp_path / "data", store=database)).run("SELECT count(*) FROM ledger") == [(1,)]


def test_a_worker_without_the_right_to_make_or_change_records_and_asks(
    database: str, tmp_path: Path, shared_postgres: PostgresServer
) -> None:
    """The grants of docs/postgresql.md, word for word."""
    owner = Office(tmp_path / "data", database)
    owner.well("init")
    owner.well("status")
    owner.well("list", "cases")
    owner.well("check", "--kept")
    name = database.split("/")[3].split("?")[0]
    role = f"clerk_{os.getpid()}"
    text = (ROOT / "docs" / "postgresql.md").read_text(encoding="utf-8")
    (grants,) = re.findall(r"```sql\n-- the recorder.*?```", text, re.DOTALL)
    shared_postgres.run(f"CREATE ROLE {role} LOGIN")
    shared_postgres.run(grants.strip("`").removeprefix("sql\n").replace("caseledger_recorder", role), name)
    worker = Office(tmp_path / "data", shared_postgres.address(name, role))
    try:
        worker.take(story())
        worker.well("seal")
        worker.well("doctor")
        assert worker.well("show", CASE, "--json").rows
        for statement in ("UPDATE stored_events SET topic='x'", "DELETE FROM stored_events", "TRUNCATE stored_events"):
            with pytest.raises(Exception, match="permission denied"):
                StoreTool(Settings(data=tmp_path, store=worker.store)).run(statement)
    finally:
        shared_postgres.run(f"DROP OWNED BY {role}", name)
        shared_postgres.run(f"DROP ROLE {role}")


# -- what is said when something is wrong --


def test_a_place_without_a_ledger_says_what_to_do(database: str, tmp_path: Path) -> None:
    outcome = Office(tmp_path / "data", database)("status")
    assert outcome.code == 1
    assert "caseledger init" in outcome.err


@pytest.mark.parametrize("password", ["hunter2", "p%40ss%2Fw0rd", "with@sign:9"])
def test_a_server_that_is_away_is_named_and_no_password_is_ever_told(password: str, tmp_path: Path) -> None:
    place = f"postgresql://clerk:{password}@127.0.0.1:1/ledger"
    for words in (("init",), ("act",), ("status",), ("list", "cases"), ("doctor",), ("check", "--kept")):
        for lang in ("zh", "en"):
            outcome = Office(tmp_path / "data", place)("--lang", lang, *words, stdin=line(receive("ref:A")))
            assert outcome.code in (1, 2)
            assert password not in outcome.out + outcome.err
            assert "Traceback" not in outcome.err


def test_an_address_of_something_else_is_refused_with_the_setting(tmp_path: Path) -> None:
    outcome = Office(tmp_path / "data", "mysql://root:secret@h/x")("status")
    assert (outcome.code, "CASELEDGER_STORE" in outcome.err, "secret" in outcome.err) == (2, True, False)


def test_the_password_comes_from_where_libpq_looks_for_it(
    database: str, tmp_path: Path, shared_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address names nobody; who and which come from the environment, as a password would."""
    monkeypatch.setenv("PGUSER", "caseledger")
    monkeypatch.setenv("PGHOST", str(shared_postgres.folder))
    monkeypatch.setenv("PGDATABASE", database.split("/")[3].split("?")[0])
    office = Office(tmp_path / "data", "postgresql://")
    office.well("init")
    office.take(story()[:1])
