"""A rebuild shared out over processes: the rows of one process, from files that are gone afterwards, whoever dies."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

import infra.split_rebuild
from consumers.follow import StoppedAtEvent
from consumers.project import Progress, catch_up, fold_share, rebuild
from domain.errors import Unavailable
from infra.read_store import ReadStore
from infra.settings import Settings
from infra.split_rebuild import split_over
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger, open_ledger, open_source, open_views
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from tests.consumers.test_project import stored
from tests.support.large_ledger import large_ledger
from tests.support.office import line, receive
from tests.support.stores import StoreTool

ROOT = Path(__file__).parents[2]
EVENTS = 6_000
WAIT_S = 30.0
KILLS = 8
SPLIT_REBUILD = """
import sys, multiprocessing, time
import consumers.project, infra.split_rebuild
from pathlib import Path
from consumers.project import rebuild
from infra.read_store import ReadStore
from infra.sqlite_source import SqliteSource
from projections import ALL_PROJECTIONS

infra.split_rebuild.SPLIT_FROM_EVENTS = 1

consumers.project.REBUILD_EVENTS_PER_WRITE = 500

def moved(progress):
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    time.sleep(float(sys.argv[3]))

source, store = SqliteSource(Path(sys.argv[1])), ReadStore(sys.argv[2])
split = infra.split_rebuild.split_over(2, source, sys.argv[1], store)
rebuild(source, store, ALL_PROJECTIONS, moved, split=split)
"""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infra.split_rebuild, "SPLIT_FROM_EVENTS", 1)
    monkeypatch.setattr("consumers.project.REBUILD_EVENTS_PER_WRITE", 1_000)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=tmp_path / "ledger", keys=tmp_path / "keys")
    large_ledger(made, EVENTS)
    return made


@pytest.fixture
def source(settings: Settings) -> Iterator[SqliteSource]:
    opened = SqliteSource(settings.ledger_file)
    yield opened
    opened.close()


@pytest.fixture
def store(settings: Settings, source: SqliteSource) -> Iterator[ReadStore]:
    opened = ReadStore(settings.views_file)
    opened.prepare(ALL_PROJECTIONS)
    catch_up(source, opened, ALL_PROJECTIONS)
    yield opened
    opened.close()


def rebuilt(settings: Settings, source: SqliteSource, store: ReadStore, told: Callable[[Progress], None]) -> None:
    """By two processes, equal to the live views."""
    split = split_over(2, source, settings.store_place, store)
    assert all(one.is_equal for one in rebuild(source, store, ALL_PROJECTIONS, told, split=split))


def started(settings: Settings, pause_s: float) -> subprocess.Popen[bytes]:
    """The same in a process of its own, which stands still for a while whenever it has come further."""
    command = [sys.executable, "-c", SPLIT_REBUILD, str(settings.ledger_file), str(settings.views_file), str(pause_s)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def kept_apart(settings: Settings) -> list[str]:
    return [file.name for file in settings.views_file.parent.glob("views.db.share-*")]


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    """Whether the process has ended, reaped or not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("is_open_elsewhere", [False, True], ids=["forked", "spawned"])
def test_two_processes_write_the_rows_of_one_and_leave_no_file(
    is_open_elsewhere: bool, settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    live, ways, told = stored(store), set(), list[Progress]()

    def moved(progress: Progress) -> None:
        ways.update(type(child).__name__ for child in multiprocessing.active_children())
        told.append(progress)

    with closing(SqliteSource(settings.ledger_file)) as other:
        other.head()
        if not is_open_elsewhere:
            other.rest()
        rebuilt(settings, source, store, moved)
    assert ways == {"SpawnProcess" if is_open_elsewhere or sys.platform != "linux" else "ForkProcess"}
    assert stored(store) == live
    assert kept_apart(settings) == []
    assert [one.position for one in told] == sorted(one.position for one in told)
    assert {one.head for one in told} == {EVENTS}


def test_a_worker_that_dies_is_told_of_and_the_next_rebuild_goes_on(
    settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    live = stored(store)

    def kill(progress: Progress) -> None:
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)

    with pytest.raises(Unavailable, match="ended early"):
        rebuilt(settings, source, store, kill)
    rebuilt(settings, source, store, lambda _: None)
    assert stored(store) == live
    assert kept_apart(settings) == []


def test_what_a_worker_cannot_take_is_named_and_nothing_is_swapped(
    settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    live = stored(store)
    last = list(source.read())[-1]
    source.rest()
    StoreTool(settings).set_bytes(last.position, b"{")
    with pytest.raises(StoppedAtEvent) as stop:
        rebuilt(settings, source, store, lambda _: None)
    assert (stop.value.position, stop.value.subject) == (last.position, last.subject)
    assert stored(store) == live
    split = split_over(2, source, settings.store_place, store)
    rebuild(source, store, [CASE_VIEW], parks=True, split=split)
    assert [one.subject for one in store.parked("case_view")] == [last.subject]


def test_a_killed_rebuild_takes_its_workers_and_its_lock_with_it(
    settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    live = stored(store)
    with started(settings, pause_s=60) as process:
        assert process.stdout is not None
        (worker,) = map(int, process.stdout.readline().split())
        process.send_signal(signal.SIGKILL)
        process.wait()
        beat = store.beat("case_view")
        assert beat is not None
        assert not beat.is_running
        wait_until(lambda: is_gone(worker))
    rebuilt(settings, source, store, lambda _: None)
    assert stored(store) == live
    assert kept_apart(settings) == []


def test_a_rebuild_killed_again_and_again_ends_in_the_rows_of_one_that_was_not(
    settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    live, chance = stored(store), random.Random(5)
    for _ in range(KILLS):
        with started(settings, pause_s=0.02) as process:
            assert process.stdout is not None
            process.stdout.readline()
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.0, 0.4))
            process.send_signal(signal.SIGKILL)
        assert stored(store) == live
    rebuilt(settings, source, store, lambda _: None)
    assert stored(store) == live
    assert kept_apart(settings) == []


def test_what_an_interrupted_rebuild_left_is_removed_by_the_next_one(
    settings: Settings, source: SqliteSource, store: ReadStore
) -> None:
    left = settings.views_file.with_name("views.db.share-1-0123456789abcdef")
    left.write_bytes(b"left over")
    rebuilt(settings, source, store, lambda _: None)
    assert not left.exists()


def test_processes_write_side_by_side_to_one_database_of_postgresql(tmp_path: Path, database: str) -> None:
    settings = Settings(data=tmp_path / "ledger", as_operator="tester", store=database, views=database)
    create_ledger(settings)
    with open_ledger(settings) as ledger:
        for case in range(20):
            assert ledger.act(line(receive(f"ref:{case}"))).accepted
    with open_source(settings) as source, open_views(settings) as store:
        catch_up(source, store, ALL_PROJECTIONS)
        live = stored(store)
        split = split_over(3, source, settings.store_place, store)
        assert all(one.is_equal for one in rebuild(source, store, ALL_PROJECTIONS, split=split))
        assert stored(store) == live


@pytest.mark.parametrize("is_same_boot", [True, False])
def test_what_a_share_has_written_counts_until_the_machine_starts_anew(
    is_same_boot: bool,
    settings: Settings,
    source: SqliteSource,
    store: ReadStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boot = tmp_path / "boot_id"
    boot.write_text("one start")
    monkeypatch.setattr("infra.share_files.BOOT_ID", boot)
    live, names = stored(store), [CASE_VIEW]
    store.begin_building(CASE_VIEW)
    (shares,) = store.shares(names, store.shares_from(["", *source.dividing(2)]))
    with closing(store.of_share(names, shares[1])) as own:
        fold_share(source, own, names, shares[1], EVENTS // 2)
    if not is_same_boot:
        boot.write_text("another start")
    with closing(store.of_share(names, shares[1])) as own:
        assert own.position("case_view", "building", shares[1]) == (EVENTS // 2 if is_same_boot else 0)
    split = split_over(2, source, settings.store_place, store)
    assert all(one.is_equal for one in rebuild(source, store, names, split=split))
    assert stored(store) == live
