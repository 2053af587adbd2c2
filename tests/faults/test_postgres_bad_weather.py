"""A lock that is held, a full disk, a lost connection, a killed writer, a killed server: nothing is half, nothing is lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.answers import Submission
from domain.errors import LedgerError, Unavailable
from domain.ledger import Ledger
from infra.doctor import diagnose
from infra.postgres_address import STORE_SCHEMA, PostgresAddress
from infra.sealing import open_sealer, seal_now
from infra.settings import Settings
from infra.wiring import create_ledger, open_ledger, open_source, source_of
from tests.support.office import line, receive
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.stores import StoreTool, environment_of, events_of, founded, size_of

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0


@pytest.fixture(params=["postgres"])
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """A ledger in PostgreSQL."""
    return founded(tmp_path, request)


def connect(settings: Settings) -> psycopg.Connection[tuple[Any, ...]]:
    assert settings.store is not None
    return PostgresAddress(settings.store).connect(STORE_SCHEMA, WAIT_S)


def end_connections(settings: Settings) -> None:
    """What an administrator, or a failing network, does to every open connection."""
    with connect(settings) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname=current_database() AND pid<>pg_backend_pid()"
        )


def assert_whole(settings: Settings) -> list[dict[str, Any]]:
    """Positions, sequences, numbers, times and index rows are those of one unbroken history; gives the events."""
    assert diagnose(settings.store_place).counts == {}
    events = events_of(settings)
    recorded = [event["recordedtime"] for event in events]
    assert recorded == sorted(recorded)
    sequences: dict[str, list[int]] = defaultdict(list)
    for event in events:
        sequences[event["subject"]].append(int(event["sequence"]))
    assert all(found == list(range(1, len(found) + 1)) for found in sequences.values())
    assert sorted(sequences) == [f"XF500229-2025-{number:06}" for number in range(1, len(sequences) + 1)]
    return events


# -- refused, with nothing recorded --


def test_a_held_lock_is_waited_for_and_then_named(settings: Settings) -> None:
    impatient = settings.model_copy(update={"lock_timeout_s": 0})
    with open_ledger(impatient) as ledger, connect(settings) as holder:
        with holder.transaction():
            holder.execute("LOCK TABLE write_lock IN EXCLUSIVE MODE")
            with pytest.raises(Unavailable) as refused:
                ledger.act(line(receive("ref:A")))
            assert refused.value.code == "locked"
        assert ledger.act(line(receive("ref:A"))).accepted
    assert size_of(settings) == 1


def test_readers_never_wait_for_the_writer(settings: Settings) -> None:
    with open_ledger(settings) as ledger:
        assert ledger.act(line(receive("ref:A"))).accepted
    with connect(settings) as holder, holder.transaction():
        holder.execute("LOCK TABLE write_lock IN EXCLUSIVE MODE")
        assert size_of(settings) == 1


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [("disk_full", "disk_full"), ("read_only_sql_transaction", "read_only"), ("data_corrupted", "store_damaged"),
     ("out_of_memory", "unavailable")],
)  # fmt: skip
def test_what_the_server_cannot_write_leaves_no_trace_and_no_gap(
    ledger: Ledger, settings: Settings, sqlstate: str, code: str
) -> None:
    """The server's own code, raised among the rows of the action, after its event has been inserted."""
    assert ledger.act(line(receive("ref:A"))).accepted
    tool = StoreTool(settings)
    tool.run(
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION 'no' USING ERRCODE='{sqlstate}'; END$$"
    )
    tool.run("CREATE TRIGGER fails BEFORE INSERT ON ref_index EXECUTE FUNCTION fails()")
    batch = [Submission(line(receive(f"ref:B{number}"))) for number in range(200)]
    for _ in range(2):
        with pytest.raises(LedgerError) as refused:
            ledger.record(batch)
        assert refused.value.code == code
    assert size_of(settings) == 1
    tool.run("DROP TRIGGER fails ON ref_index")
    assert all(answer.accepted for answer in ledger.record(batch))
    assert len(assert_whole(settings)) == 201


def test_a_connection_lost_between_two_acts_is_made_anew(ledger: Ledger, settings: Settings) -> None:
    assert ledger.act(line(receive("ref:A"))).accepted
    end_connections(settings)
    assert ledger.act(line(receive("ref:B"))).accepted
    assert len(assert_whole(settings)) == 2


def test_a_connection_lost_inside_a_section_records_nothing(ledger: Ledger, settings: Settings) -> None:
    def lose_it() -> None:
        with ledger.store.write_section() as section:
            end_connections(settings)
            section.known_actions(["a"])

    with pytest.raises(Unavailable):
        lose_it()
    assert ledger.act(line(receive("ref:A"))).accepted
    assert len(assert_whole(settings)) == 1


def test_an_address_without_a_server_is_unavailable_at_once(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        create_ledger(Settings(data=tmp_path / "data", store="postgresql://nobody@127.0.0.1:1/none"))


# -- one sealer, also from two hosts --


def test_of_two_hosts_one_seals(ledger: Ledger, settings: Settings, tmp_path: Path) -> None:
    """Two data folders, as on two machines, over one database."""
    assert ledger.act(line(receive("ref:A"))).accepted
    here, there = settings.data, tmp_path / "other-host"
    source = source_of(settings)
    with open_source(settings) as one, open_source(settings) as two:
        with open_sealer(here, settings.key_folder, source, one):
            with pytest.raises(Unavailable) as refused:
                seal_now(there, settings.key_folder, source, two)
            assert refused.value.code == "sealer_running"
        assert seal_now(there, settings.key_folder, source, two).size == 1


# -- killed --


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    """A server that waits for its disk."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def lasting(durable: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    """A ledger on it."""
    with durable.database() as address:
        made = Settings(data=tmp_path / "ledger-data", store=address, as_operator="tester", lock_timeout_s=60)
        create_ledger(made)
        yield made


class Writer:
    """A process that records without end until it is killed; `answered` holds what it was told."""

    def __init__(self, settings: Settings, name: str, folder: Path, actions: int) -> None:
        file = folder / f"{name}.jsonl"
        file.write_bytes(b"\n".join(line(receive(f"ref:{name}/{number}")) for number in range(actions)))
        self.answered: list[dict[str, Any]] = []
        self.first = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.writer", str(file)],
            cwd=ROOT, env=environment_of(settings), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for row in self.process.stdout:
            if row.endswith(b"\n"):
                self.answered.append(json.loads(row))
                self.first.set()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """Wait until it is gone and everything it said is read."""
        self.process.wait(timeout=WAIT_S)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def assert_answers_stand(settings: Settings, writers: list[Writer]) -> None:
    """Every answer that was given is in the ledger as it was given."""
    stand = {(event["id"], event["subject"], event["sequence"]) for event in assert_whole(settings)}
    for writer in writers:
        for answer in writer.answered:
            for event in answer["events"]:
                assert (event["id"], event["subject"], event["sequence"]) in stand


def test_writers_killed_in_mid_write_leave_whole_actions_and_every_answer_stands(
    lasting: Settings, tmp_path: Path
) -> None:
    chance = random.Random(515)
    writers = []
    for round_ in range(3):
        pair = [Writer(lasting, f"w{round_}-{number}", tmp_path, 5_000) for number in range(2)]
        for writer in pair:
            assert writer.first.wait(WAIT_S)
        for writer in pair:
            threading.Event().wait(chance.uniform(0, 0.2))  # at any moment of its work
            writer.kill()
        writers += pair
    assert_answers_stand(lasting, writers)
    with open_ledger(lasting) as ledger:
        assert ledger.act(line(receive("ref:after"))).accepted
    assert_whole(lasting)


def test_a_server_killed_in_mid_write_has_every_answered_action_when_it_is_back(
    lasting: Settings, durable: PostgresServer, tmp_path: Path
) -> None:
    chance = random.Random(1515)
    writers = []
    for round_ in range(2):
        pair = [Writer(lasting, f"s{round_}-{number}", tmp_path, 5_000) for number in range(2)]
        for writer in pair:
            assert writer.first.wait(WAIT_S)
        threading.Event().wait(chance.uniform(0, 0.3))  # at any moment of their work
        durable.kill()
        for writer in pair:
            writer.end()
            assert writer.process.returncode != 0
        durable.start()
        writers += pair
    assert_answers_stand(lasting, writers)
    with open_ledger(lasting) as ledger:  # what was answered, and what was only sent, may be sent again
        for writer in writers:
            name = json.loads((tmp_path / f"{_name(writer)}.jsonl").read_bytes().splitlines()[0])["case"]
            answer = ledger.act(line(receive(name)))
            assert (answer.accepted, answer.already_there) == (True, True)
    assert_whole(lasting)


def _name(writer: Writer) -> str:
    arguments = writer.process.args
    assert isinstance(arguments, list)
    return Path(str(arguments[-1])).stem
