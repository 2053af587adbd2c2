"""A large rebuild that is killed, runs out of disk, or goes on beside writers and readers: reads never suffer."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import consumers.project
from consumers.project import catch_up, rebuild
from domain.errors import Conflict, Unavailable
from infra.read_store import ReadStore
from infra.settings import Settings
from infra.split_rebuild import split_over
from infra.sqlite_source import SqliteSource
from projections import ALL_PROJECTIONS, projection_named
from projections.fold import Row
from tests.support.large_ledger import EVENTS_PER_CASE, add_events, large_ledger

ROOT = Path(__file__).parents[2]
EVENTS = 200_000
KILLS = 20
REBUILD = """
import sys
from pathlib import Path
import consumers.project
from consumers.project import rebuild
from infra.read_store import ReadStore
from infra.sqlite_source import SqliteSource
from projections import ALL_PROJECTIONS

consumers.project.REBUILD_EVENTS_PER_WRITE = 10_000
store = ReadStore(sys.argv[2])
print("ready", flush=True)
while True:
    rebuild(SqliteSource(Path(sys.argv[1])), store, ALL_PROJECTIONS)
"""
STALLED_REBUILD = """
import sys
from pathlib import Path
from consumers.project import rebuild
from infra.read_store import ReadStore
from infra.sqlite_source import SqliteSource
from projections import ALL_PROJECTIONS

class Stalled(SqliteSource):
    def read(self, **wanted):
        print("reading", flush=True)
        sys.stdin.read()
        return super().read(**wanted)

rebuild(Stalled(Path(sys.argv[1])), ReadStore(sys.argv[2]), ALL_PROJECTIONS)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "ledger", keys=tmp_path / "keys")


@pytest.fixture
def source(settings: Settings) -> Iterator[SqliteSource]:
    large_ledger(settings, 0)
    opened = SqliteSource(settings.ledger_file)
    yield opened
    opened.close()


@pytest.fixture
def store(settings: Settings, source: SqliteSource) -> Iterator[ReadStore]:
    opened = ReadStore(settings.views_file)
    opened.prepare(ALL_PROJECTIONS)
    yield opened
    opened.close()


def digest(store: ReadStore) -> dict[str, tuple[int, int]]:
    """Per view the number of rows and a hash of them all."""
    found = {}
    for projection in ALL_PROJECTIONS:
        rows = [tuple(map(repr, row.values())) for row in store.rows(projection.name)]
        found[projection.name] = (len(rows), hash(tuple(rows)))
    return found


@contextmanager
def work_beside(
    settings: Settings, rows: Iterator[tuple[str, int, str, bytes]], pause_s: float = 0.0
) -> Iterator[list[int]]:
    """A clerk who goes on recording and following, and a reader who looks at every case; gives how many he saw.

    Both must go on to the end without a failure, and no case may ever be half or gone.
    """
    over = threading.Event()
    failures: list[BaseException] = []
    seen: list[int] = []

    def until_over(step: Callable[[ReadStore, SqliteSource], None]) -> threading.Thread:
        def run() -> None:
            mine, events = ReadStore(settings.views_file), SqliteSource(settings.ledger_file)
            try:
                step(mine, events)
                while not over.wait(pause_s):
                    step(mine, events)
            except BaseException as error:  # noqa: BLE001 - told to the test, which fails with it
                failures.append(error)
            finally:
                mine.close()
                events.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def write(mine: ReadStore, events: SqliteSource) -> None:
        add_events(settings, rows, 50)
        with suppress(Conflict):  # the rebuild moved the view on first
            catch_up(events, mine, ALL_PROJECTIONS)

    def read(mine: ReadStore, _: SqliteSource) -> None:
        found: list[Row] = list(mine.rows("case_view"))
        assert all(row["received_at"] is not None and row["events"] >= 1 for row in found)
        seen.append(len(found))

    threads = [until_over(write), until_over(read)]
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert seen == sorted(seen)


@pytest.mark.slow
def test_a_rebuild_of_200_000_events_survives_twenty_kills_and_readers_never_notice(
    settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    chance = random.Random(2)
    recorded = large_ledger(settings, EVENTS)
    catch_up(source, store, ALL_PROJECTIONS)
    cases = sum(1 for _ in store.rows("case_view"))
    assert cases == EVENTS // EVENTS_PER_CASE
    reached = []
    with work_beside(settings, recorded, pause_s=1.0) as seen:
        for _ in range(KILLS):
            command = [sys.executable, "-c", REBUILD, str(settings.ledger_file), str(settings.views_file)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == b"ready\n"
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(chance.uniform(0.1, 1.0))
                assert sum(1 for _ in store.rows("case_view")) >= cases
                process.send_signal(signal.SIGKILL)
            reached.append(store.status(ALL_PROJECTIONS)[0].building_position)
            beat = store.beat("case_view")
            assert beat is None or not beat.is_running
    assert seen[0] == cases
    assert any(position and 0 < position < EVENTS for position in reached)
    catch_up(source, store, ALL_PROJECTIONS)
    assert source.head() > EVENTS
    live = digest(store)
    split = split_over(2, source, settings.store_place, store)
    assert all(one.is_equal for one in rebuild(source, store, ALL_PROJECTIONS, split=split))
    assert all(one.is_equal for one in rebuild(source, store, ALL_PROJECTIONS, split=split))
    assert digest(store) == live


def test_a_full_disk_ends_a_rebuild_and_the_live_views_serve_on(
    settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    """SQLite's own page limit stands in for the disk: the same SQLITE_FULL from the same place."""
    large_ledger(settings, 20_000)
    catch_up(source, store, ALL_PROJECTIONS)
    live = digest(store)
    narrow = ReadStore(settings.views_file)

    @sa.event.listens_for(narrow._engine, "connect")
    def _limit(connection: Any, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 100}")

    with pytest.raises(Unavailable) as full:
        rebuild(source, narrow, ALL_PROJECTIONS)
    assert full.value.code == "disk_full"
    narrow.close()
    assert digest(store) == live
    assert all(one.is_equal for one in rebuild(source, store, ALL_PROJECTIONS))


def test_a_killed_rebuild_gives_its_lock_back_at_once(
    settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    large_ledger(settings, 20_000)
    command = [sys.executable, "-c", STALLED_REBUILD, str(settings.ledger_file), str(settings.views_file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"reading\n"
        with pytest.raises(Conflict) as refused:
            rebuild(source, store, [projection_named("registers")])
        assert refused.value.code == "view_rebuilding"
        process.send_signal(signal.SIGKILL)
    assert rebuild(source, store, [projection_named("registers")])[0].is_equal


def test_a_rebuild_goes_on_beside_a_load_of_writes_and_every_read_is_whole(
    settings: Settings, source: SqliteSource, store: ReadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers.project, "REBUILD_EVENTS_PER_WRITE", 5_000)
    rows = large_ledger(settings, 20_000)
    catch_up(source, store, ALL_PROJECTIONS)
    with work_beside(settings, rows) as seen:
        rebuild(source, store, ALL_PROJECTIONS)
    assert seen[0] == 2_000
    catch_up(source, store, ALL_PROJECTIONS)
    assert all(one.is_equal for one in rebuild(source, store, ALL_PROJECTIONS))
