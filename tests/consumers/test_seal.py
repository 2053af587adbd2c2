"""The sealer: every event one leaf, every promise of recovery, and death at every write step."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from consumers.seal import CHECKPOINT_INTERVAL_S, LEAVES_MAX, Sealer, seal_and_follow
from domain.errors import LedgerError, Tampered, Unavailable
from domain.seal.checkpoint import Checkpoint, read_note, signed
from domain.seal.tiles import tiles_of
from domain.seal.tree import leaf_hashes, root_of
from infra.log_proof import LogReader
from infra.seal_history import SealHistory
from infra.tile_store import TileStore
from infra.verify import verify_log
from tests.support.sealed_log import ORIGIN, Bench, MemorySource, events, log_key, sealed

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "tlog-vectors" / "vectors-public.json").read_text()
)


class Died(Exception):
    """The process ends here."""


def dies_at(step_number: int) -> Any:
    """A step that ends the work at its n-th call."""
    remaining = iter(range(step_number))

    def step(name: str) -> None:
        if next(remaining, None) is None:
            raise Died(name)

    return step


def expected_root(bench: Bench) -> bytes:
    return root_of(leaf_hashes(bench.source.raws))


def assert_exact(bench: Bench) -> None:
    """The folder holds the files of the signed size, no other, and they give the right root."""
    size = read_note((bench.log / "checkpoint").read_bytes()).checkpoint.size
    assert set(bench.files()) == {"checkpoint", *(tile.path for tile in tiles_of(size))}
    report = verify_log(bench.log, bench.policy)
    assert report.ok, report.failure
    assert report.root == root_of(leaf_hashes(bench.source.raws[:size])).hex()


def signed_roots(bench: Bench) -> dict[int, set[bytes]]:
    """Every root ever signed, by size, from the sealer's history."""
    found: dict[int, set[bytes]] = {}
    history = bench.data / "sealing" / "history.jsonl"
    for line in history.read_bytes().split(b"\n")[:-1] if history.exists() else []:
        checkpoint = read_note(json.loads(line)["note"].encode()).checkpoint
        found.setdefault(checkpoint.size, set()).add(checkpoint.root)
    return found


def test_the_folder_holds_the_published_files_at_every_published_size(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    sealer = bench.sealer()
    for size in map(int, VECTORS["roots"]):
        bench.source.raws.extend(b"case-event/%d" % at for at in range(len(bench.source.raws), size))
        assert sealer.seal_waiting().root.hex() == VECTORS["roots"][str(size)]
        for vector in VECTORS["tiles"] + VECTORS["entry_bundles"]:
            if vector["tree_size"] == size:
                assert sha256((bench.log / vector["path"]).read_bytes()).hexdigest() == vector["sha256"]
    assert set(bench.files()) == {"checkpoint", *(tile.path for tile in tiles_of(70_000))}


@pytest.mark.parametrize("count", [1, 255, 256, 257, 999, 1_000, 1_001, 2_300])
def test_what_waits_is_sealed_at_once_and_exactly(tmp_path: Path, count: int) -> None:
    bench = sealed(tmp_path, count)
    assert_exact(bench)
    assert read_note((bench.log / "checkpoint").read_bytes()).checkpoint.size == count


def test_an_empty_ledger_signs_nothing(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 0)
    assert not bench.log.exists()


def test_leaves_have_no_gap_where_positions_have(tmp_path: Path) -> None:
    bench = Bench(tmp_path, MemorySource(step=7))
    bench.seal(300)
    bench.seal(41)
    assert_exact(bench)
    (bench.data / "sealing" / "history.jsonl").unlink()
    bench.seal(5)
    assert_exact(bench)
    assert LogReader(bench.log).size == 346


def test_sealing_in_many_runs_gives_the_same_files_as_in_one(tmp_path: Path) -> None:
    slow = Bench(tmp_path / "slow")
    (tmp_path / "slow").mkdir()
    for count in (1, 2, 3, 250, 1, 255, 300, 0, 700):
        slow.seal(count)
        assert_exact(slow)
    (tmp_path / "fast").mkdir()
    assert sealed(tmp_path / "fast", 1_512).files() == slow.files()


def test_no_more_than_a_thousand_leaves_are_taken_before_they_are_written(tmp_path: Path) -> None:
    """Counted at every write of a full bundle: what the source gave and no bundle held yet."""
    given = [0]

    class Counting(MemorySource):
        def read(self, **where: Any) -> Iterator[Any]:
            for event in super().read(**where):
                given[0] += 1
                yield event

    bench = Bench(tmp_path, Counting(events(3_500)))
    waiting: list[int] = []

    def step(name: str) -> None:
        if name.startswith("before writing tile/entries/") and ".p/" not in name:
            waiting.append(given[0] - 256 * int(name[-3:]))

    bench.sealer(step).seal_waiting()
    assert given[0] == 3_500
    assert LEAVES_MAX <= max(waiting) < LEAVES_MAX + 256
    assert_exact(bench)


def test_checkpoints_are_a_tenth_of_a_second_apart(tmp_path: Path) -> None:
    """On a clock that only the pauses move: after the first checkpoint the rest waits for one more."""
    bench = Bench(tmp_path, MemorySource(events(5_000)))
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds

    sealer = Sealer(
        bench.source,
        TileStore(bench.log, bench.data / "sealing" / "incoming"),
        SealHistory(bench.data / "sealing"),
        ORIGIN,
        bench.signers,
        clock=lambda: now[0],
        pause=pause,
    )
    first = sealer.seal_waiting()
    assert (first.added, first.checkpoints, now[0]) == (5_000, 2, pytest.approx(CHECKPOINT_INTERVAL_S))
    assert sealer.seal_waiting().checkpoints == 0
    bench.source.raws.extend(events(1, 5_000))
    assert sealer.seal_waiting().checkpoints == 1
    assert now[0] == pytest.approx(2 * CHECKPOINT_INTERVAL_S)
    assert sorted(signed_roots(bench)) == [1_000, 5_000, 5_001]


def test_following_seals_until_told_to_stop(tmp_path: Path) -> None:
    bench = Bench(tmp_path, MemorySource(events(3)))
    waits = iter([True, True, False])

    def wait() -> bool:
        bench.source.raws.extend(events(2, len(bench.source.raws)))
        return next(waits)

    assert [sealed.size for sealed in seal_and_follow(bench.sealer(), wait)] == [3, 5, 7]


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


def refusal(bench: Bench) -> LedgerError:
    before = (bench.log / "checkpoint").read_bytes()
    with pytest.raises(LedgerError) as refused:
        bench.sealer().seal_waiting()
    assert (bench.log / "checkpoint").read_bytes() == before
    return refused.value


def test_a_store_behind_the_signed_size_is_refused_with_the_way_out(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 300)
    del bench.source.raws[299:]
    error = refusal(bench)
    assert isinstance(error, Unavailable)
    assert error.code == "store_behind_log"
    assert "caseledger restore" in error.detail
    (bench.data / "sealing" / "history.jsonl").unlink()
    assert refusal(bench).code == "store_behind_log"


def test_a_store_behind_is_refused_even_when_the_log_folder_was_put_back_too(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 100)
    shutil.copytree(bench.log, tmp_path / "old")
    bench.seal(50)
    shutil.rmtree(bench.log)
    shutil.copytree(tmp_path / "old", bench.log)
    del bench.source.raws[100:]
    assert refusal(bench).code == "store_behind_log"


def test_a_log_folder_put_back_to_an_old_copy_is_sealed_up_to_the_same_root(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 100)
    shutil.copytree(bench.log, tmp_path / "old")
    bench.seal(450)
    files = bench.files()
    shutil.rmtree(bench.log)
    shutil.copytree(tmp_path / "old", bench.log)
    bench.seal()
    assert bench.files() == files
    shutil.rmtree(bench.log)
    bench.seal()
    assert bench.files() == files


def test_an_old_log_and_an_edited_store_never_give_a_second_root(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 100)
    shutil.copytree(bench.log, tmp_path / "old")
    bench.seal(450)
    shutil.rmtree(bench.log)
    shutil.copytree(tmp_path / "old", bench.log)
    bench.source.raws[200] = events(1, 9_000)[0]
    error = refusal(bench)
    assert (type(error), error.code) == (Tampered, "root_differs")
    assert all(len(roots) == 1 for roots in signed_roots(bench).values())


def test_a_missing_history_is_begun_again_from_the_checkpoint(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 270)
    (bench.data / "sealing" / "history.jsonl").unlink()
    (bench.log / "tile" / "0" / "001.p" / "3").write_bytes(b"left over")
    bench.seal(10)
    assert_exact(bench)
    assert sorted(signed_roots(bench)) == [270, 280]


def test_a_cut_last_line_of_the_history_was_never_published(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 40)
    history = bench.data / "sealing" / "history.jsonl"
    history.write_bytes(history.read_bytes() + b'{"note":"half')
    bench.seal(10)
    assert_exact(bench)
    assert sorted(signed_roots(bench)) == [40, 50]


def test_a_history_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 40)
    history = bench.data / "sealing" / "history.jsonl"
    history.write_bytes(b"{}\n")
    assert refusal(bench).code == "history_damaged"


def test_an_edited_last_event_is_refused_before_anything_is_signed(tmp_path: Path) -> None:
    for size in (300, 512):
        (tmp_path / str(size)).mkdir()
        bench = sealed(tmp_path / str(size), size)
        bench.source.raws[-1] = events(1, 9_000)[0]
        assert refusal(bench).code == "leaf_differs"


def test_an_edited_event_of_an_unfinished_bundle_cannot_reach_a_new_root(tmp_path: Path) -> None:
    """The sealer appends to what is sealed, not to what the store says now."""
    bench = sealed(tmp_path, 300)
    original = list(bench.source.raws)
    bench.source.raws[290] = events(1, 9_000)[0]
    bench.seal(100)
    assert LogReader(bench.log).entry(290) == original[290]


def test_a_second_checkpoint_of_the_same_size_is_refused(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 30)
    other = Bench(tmp_path / "other", MemorySource(events(30, 500)))
    other.data.mkdir()
    other.seal()
    shutil.rmtree(bench.log)
    shutil.copytree(other.log, bench.log)
    assert refusal(bench).code == "double_signed"


def test_a_checkpoint_of_a_foreign_key_or_origin_is_refused(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 30)
    root = LogReader(bench.log).root
    foreign = log_key(bytes(32)).signer
    for note in (
        signed(Checkpoint(ORIGIN, 30, root), [foreign]),
        signed(Checkpoint("caseledger/another", 30, root), [log_key().signer]),
    ):
        (bench.log / "checkpoint").write_bytes(note)
        assert refusal(bench).code == "checkpoint_not_ours"


def test_a_damaged_right_edge_is_refused(tmp_path: Path) -> None:
    for path in ("tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"):
        (tmp_path / path.replace("/", "-")).mkdir()
        bench = sealed(tmp_path / path.replace("/", "-"), 300)
        content = bytearray((bench.log / path).read_bytes())
        content[5] ^= 1
        (bench.log / path).write_bytes(content)
        assert refusal(bench).code == "log_damaged"
        (bench.log / path).unlink()
        assert refusal(bench).code == "tile_missing"


def test_two_signers_stand_under_every_checkpoint_while_a_key_is_handed_over(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.seal(5)
    new = log_key(bytes(32))
    bench.signers = [new.signer, log_key().signer]
    bench.seal(5)
    assert len(read_note((bench.log / "checkpoint").read_bytes()).signatures) == 2
    bench.signers = [new.signer]
    bench.seal(5)
    assert [line.key_id for line in read_note((bench.log / "checkpoint").read_bytes()).signatures] == [
        new.signer.key_id
    ]
