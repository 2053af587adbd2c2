"""What only a database server can do to views: its order of words, its locks, its rights, its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from consumers.folding import Change
from consumers.project import catch_up, rebuild
from domain.errors import Conflict, Unavailable
from infra.postgres_address import VIEWS_SCHEMA, PostgresAddress
from infra.read_database_postgres import NUL_SHOWN
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from tests.infra.test_read_store import PAIRS, change
from tests.support.memory_ledger import random_ledger
from tests.support.postgres import PostgresServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(database: str) -> Iterator[ReadStore]:
    opened = ReadStore(database, lock_wait_s=0.2)
    opened.prepare([PAIRS])
    yield opened
    opened.close()


def sql(database: str, statement: str) -> None:
    with PostgresAddress(database).connect(VIEWS_SCHEMA, 1) as connection:
        connection.execute(statement.encode())


def test_rows_stand_in_the_order_of_the_files_store_whatever_language_the_server_sorts_in(store: ReadStore) -> None:
    names = {"b": 1, "B": 2, "a": 1, "三": 1, "é": 1, "一": 1, "": 1}
    store.apply(PAIRS, change("s1", **names), 0, 1)
    assert [row["item"] for row in store.rows("pairs")] == sorted(names)


def test_a_text_with_a_nul_shows_a_sign_for_it(store: ReadStore) -> None:
    document = {"a\x00b": 1}
    store.apply(PAIRS, {"s1": Change(document, PAIRS.rows("s1", document), True)}, 0, 1)
    assert [row["item"] for row in store.rows("pairs")] == [f"a{NUL_SHOWN}b"]
    assert store.documents("pairs", ["s1"]) == {"s1": document}


def test_tables_under_a_reader_are_dropped_by_a_later_rebuild(store: ReadStore, database: str) -> None:
    ledger = random_ledger(4, 60)
    store.prepare([CASE_VIEW])
    catch_up(ledger, store, [CASE_VIEW])
    reader = store.rows("case_view")
    next(reader)
    for _ in range(3):
        rebuild(ledger, store, [CASE_VIEW])
    assert tables(database) > 2
    assert len(list(reader)) + 1 == len(list(store.rows("case_view")))
    rebuild(ledger, store, [CASE_VIEW])
    assert tables(database) == 2


def tables(database: str) -> int:
    """Versions of the view whose tables exist."""
    with PostgresAddress(database).connect(VIEWS_SCHEMA, 1) as connection:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname='views' AND tablename ~ '^case_view_[0-9]+$'"
        (found,) = connection.execute(query).fetchone() or (0,)
    return int(found)


# -- troubles --


def test_a_row_held_by_another_program_is_refused_as_locked_and_nothing_is_half_done(
    store: ReadStore, database: str
) -> None:
    with PostgresAddress(database).connect(VIEWS_SCHEMA, 1) as holder, holder.transaction(force_rollback=True):
        holder.execute("UPDATE views SET position=position")
        with pytest.raises(Unavailable) as refused:
            store.apply(PAIRS, change("s1", a=1), 0, 5)
        assert refused.value.code == "locked"
    assert (list(store.rows("pairs")), store.position("pairs")) == ([], 0)
    store.apply(PAIRS, change("s1", a=1), 0, 5)
    assert store.position("pairs") == 5


def test_a_full_disk_is_named_and_the_view_stays_at_its_position(store: ReadStore, database: str) -> None:
    """The server's own code for a full disk, raised where it would raise it: while rows are written."""
    sql(
        database,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE='disk_full'; END$$; "
        "CREATE TRIGGER full_disk BEFORE INSERT ON pairs_1 EXECUTE FUNCTION full_disk()",
    )
    with pytest.raises(Unavailable) as refused:
        store.apply(PAIRS, change("s1", a=1), 0, 5)
    assert refused.value.code == "disk_full"
    assert (list(store.rows("pairs")), store.position("pairs")) == ([], 0)


def test_a_role_that_may_only_read_is_refused_as_read_only(
    store: ReadStore, database: str, shared_postgres: PostgresServer
) -> None:
    store.apply(PAIRS, change("s1", a=1), 0, 5)
    reader = f"reader_{os.getpid()}"
    name = PostgresAddress(database).database
    shared_postgres.run(f"CREATE ROLE {reader} LOGIN")
    sql(database, f"GRANT USAGE ON SCHEMA views TO {reader}; GRANT SELECT ON ALL TABLES IN SCHEMA views TO {reader}")
    other = ReadStore(shared_postgres.address(name, reader))
    try:
        assert [row["item"] for row in other.rows("pairs")] == ["a"]
        with pytest.raises(Unavailable) as refused:
            other.apply(PAIRS, change("s1", a=1), 5, 6)
        assert refused.value.code == "read_only"
    finally:
        other.close()
        shared_postgres.run(f"DROP OWNED BY {reader}; DROP ROLE {reader}", name)


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    store = ReadStore("postgresql://clerk:hunter2@127.0.0.1:1/ledger")
    with pytest.raises(Unavailable) as refused:
        store.prepare([PAIRS])
    assert refused.value.code == "unavailable"
    assert "postgresql://clerk@127.0.0.1:1/ledger" in refused.value.message
    assert "hunter2" not in refused.value.message
    store.close()


def test_a_killed_connection_leaves_nothing_half_and_the_next_write_goes_on(store: ReadStore, database: str) -> None:
    store.apply(PAIRS, change("s1", a=1), 0, 5)
    with PostgresAddress(database).connect(VIEWS_SCHEMA, 1) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname=current_database() AND pid<>pg_backend_pid()"
        )
    with pytest.raises(Unavailable) as refused:
        store.apply(PAIRS, change("s2", a=1), 5, 6)
    assert refused.value.code == "unavailable"
    assert store.position("pairs") == 5
    store.apply(PAIRS, change("s2", a=1), 5, 6)
    assert [row["subject"] for row in store.rows("pairs")] == ["s1", "s2"]


HOLDER = """
import sys
from infra.read_store import ReadStore
from projections.case_view import CASE_VIEW
store = ReadStore(sys.argv[1])
store.prepare([CASE_VIEW])
with store.rebuilding([CASE_VIEW]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_killed_rebuild_does_not_keep_its_right(store: ReadStore, database: str) -> None:
    store.prepare([CASE_VIEW])
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Conflict) as refused, store.rebuilding([CASE_VIEW]):
            pass
        assert (refused.value.code, f"process {other.pid}" in refused.value.message) == ("view_rebuilding", True)
        beat = store.beat("case_view")
        assert beat is not None
        assert beat.is_running
        other.send_signal(signal.SIGKILL)
        other.wait()
    wait_for_the_lock(database)
    with store.rebuilding(ALL_PROJECTIONS):
        pass


def wait_for_the_lock(database: str) -> None:
    """The server notices a dead process when it next listens to it; this takes a lock of the same kind to be told."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET statement_timeout='30s'")
        connection.execute("SELECT pg_advisory_lock(1651862628, hashtext('case_view'))")
