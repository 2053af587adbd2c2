"""The sealer: every event one leaf, at once, exactly, and with both keys while one is handed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from consumers.seal import CHECKPOINT_INTERVAL_S, LEAVES_MAX, Sealer, seal_and_follow
from domain.seal.checkpoint import read_note
from domain.seal.tiles import tiles_of
from infra.log_proof import LogReader
from infra.seal_history import SealHistory
from infra.tile_store import TileStore
from tests.support.sealed_checks import assert_exact, signed_roots
from tests.support.sealed_log import ORIGIN, Bench, MemorySource, events, log_key, sealed

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "tlog-vectors" / "vectors-public.json").read_text()
)


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
