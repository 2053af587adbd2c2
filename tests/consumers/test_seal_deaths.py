"""The sealer dies at every write step: the same log after restart, and never two roots of one size."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from domain.seal.tree import leaf_hashes, root_of
from infra.log_proof import LogReader
from infra.tile_store import STAGED_MAX
from tests.support.sealed_checks import assert_exact, expected_root, signed_roots
from tests.support.sealed_log import Bench, MemorySource, events, sealed


class Died(Exception):
    """The process ends here."""


def dies_at(step_number: int) -> Any:
    """A step that ends the work at its n-th call."""
    remaining = iter(range(step_number))

    def step(name: str) -> None:
        if next(remaining, None) is None:
            raise Died(name)

    return step


def all_steps(folder: Path, before: int, more: int) -> int:
    """How many write steps there are between `before` sealed events and `more` later ones."""
    folder.mkdir()
    bench = sealed(folder, before)
    names: list[str] = []
    bench.source.raws.extend(events(more, before))
    bench.sealer(names.append).seal_waiting()
    return len(names)


@pytest.mark.parametrize(("before", "more"), [(0, 3), (250, 7), (250, 600), (256, 1_100), (65_530, 20)])
def test_death_at_any_write_step_leaves_no_second_root_and_the_same_log(tmp_path: Path, before: int, more: int) -> None:
    steps = all_steps(tmp_path / "count", before, more)
    assert steps > 15
    (tmp_path / "start").mkdir()
    start = sealed(tmp_path / "start", before)
    start.source.raws.extend(events(more, before))
    for at in range(steps) if before < 65_000 else range(0, steps, 9):
        bench = Bench(tmp_path / "crash", start.source)
        shutil.copytree(tmp_path / "start", bench.data)
        with pytest.raises(Died):
            bench.sealer(dies_at(at)).seal_waiting()
        if (bench.log / "checkpoint").exists():
            published = LogReader(bench.log)
            assert published.root == root_of(leaf_hashes(start.source.raws[: published.size]))
        again = bench.sealer()
        assert again.seal_waiting().root == expected_root(start)
        if before < 65_000:
            assert_exact(bench)
        assert all(len(roots) == 1 for roots in signed_roots(bench).values())
        shutil.rmtree(bench.data)


def test_death_among_more_files_than_wait_for_their_names_leaves_no_second_root_and_the_same_log(
    tmp_path: Path,
) -> None:
    """No time passes, so that the files of many batches are named before anything is signed."""
    start = Bench(tmp_path / "crash", MemorySource(events(12_000)), clock=lambda: 0.0)
    start.data.mkdir()
    names: list[str] = []
    root = start.sealer(names.append).seal_waiting().root
    assert sum(name.startswith("after naming") for name in names) > STAGED_MAX
    assert sorted(signed_roots(start)) == [1_000, 12_000]
    for at in range(0, len(names), 67):
        shutil.rmtree(start.data)
        start.data.mkdir()
        with pytest.raises(Died):
            start.sealer(dies_at(at)).seal_waiting()
        assert start.sealer().seal_waiting().root == root
        assert_exact(start)
        assert all(len(roots) == 1 for roots in signed_roots(start).values())


def test_the_same_sealer_heals_after_a_failed_write(tmp_path: Path) -> None:
    steps = all_steps(tmp_path / "count", 100, 300)
    for at in range(steps):
        bench = Bench(tmp_path / f"{at}")
        bench.data.mkdir()
        bench.seal(100)
        bench.source.raws.extend(events(300, 100))
        failing = [dies_at(at)]
        sealer = bench.sealer(lambda name, failing=failing: failing[0](name))  # type: ignore[misc]
        with pytest.raises(Died):
            sealer.seal_waiting()
        failing[0] = lambda name: None
        assert sealer.seal_waiting().root == expected_root(bench)
        assert_exact(bench)


def test_two_deaths_in_a_row_heal_as_well(tmp_path: Path) -> None:
    steps = all_steps(tmp_path / "count", 250, 300)
    for first in range(0, steps, 7):
        for second in range(0, steps, 5):
            bench = Bench(tmp_path / f"{first}-{second}")
            bench.data.mkdir()
            bench.seal(250)
            bench.source.raws.extend(events(300, 250))
            with pytest.raises(Died):
                bench.sealer(dies_at(first)).seal_waiting()
            bench.source.raws.extend(events(2, 550))
            with suppress(Died):  # there may be fewer steps left than that
                bench.sealer(dies_at(second)).seal_waiting()
            bench.sealer().seal_waiting()
            assert_exact(bench)
            assert all(len(roots) == 1 for roots in signed_roots(bench).values())


def test_kill_9_at_every_write_step_gives_the_same_root_after_restart(tmp_path: Path) -> None:
    """A child process seals and kills itself with SIGKILL at its n-th write step."""
    steps = all_steps(tmp_path / "count", 200, 400)
    (tmp_path / "start").mkdir()
    start = sealed(tmp_path / "start", 200)
    start.source.raws.extend(events(400, 200))
    for at in range(steps):
        bench = Bench(tmp_path / "crash", start.source)
        shutil.copytree(tmp_path / "start", bench.data)
        assert _killed_in_child(bench, at) == signal.SIGKILL
        assert bench.sealer().seal_waiting().root == expected_root(start)
        assert_exact(bench)
        assert all(len(roots) == 1 for roots in signed_roots(bench).values())
        shutil.rmtree(bench.data)


def _killed_in_child(bench: Bench, at: int) -> int:
    child = os.fork()
    if child == 0:
        step = dies_at(at)

        def kill(name: str) -> None:
            try:
                step(name)
            except Died:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            bench.sealer(kill).seal_waiting()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status)
