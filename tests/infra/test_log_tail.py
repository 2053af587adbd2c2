"""The growing end of a log: only leaves under the newest root come out, also while the sealer goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import NotFound, Tampered
from domain.seal.tree import leaf_hash
from infra.log_tail import LogTail, note_watch
from tests.support.sealed_log import events, sealed


@pytest.mark.parametrize("steps", [(1,), (3, 4), (255, 1, 1), (256, 256), (700, 5, 300, 1), (0, 2)])
def test_every_leaf_comes_out_once_however_the_log_grows(tmp_path: Path, steps: tuple[int, ...]) -> None:
    bench = sealed(tmp_path, steps[0])
    tail = LogTail(bench.log)
    taken: list[bytes] = []
    for more in (0, *steps[1:]):
        bench.seal(more)
        size = tail.look()
        for leaf in tail.leaves(len(taken), size):
            assert (leaf.leaf_index, leaf.leaf_hash) == (len(taken), leaf_hash(leaf.raw))
            taken.append(leaf.raw)
    assert taken == events(sum(steps))
    assert [leaf.raw for leaf in tail.leaves(0, tail.size)] == taken, "the beginning can be read again"


def test_a_log_that_is_not_there_yet_is_empty_and_one_that_is_gone_is_refused(tmp_path: Path) -> None:
    tail = LogTail(tmp_path / "log")
    assert tail.look() == 0
    bench = sealed(tmp_path, 3)
    assert tail.look() == 3
    (bench.log / "checkpoint").unlink()
    with pytest.raises(NotFound, match="any more"):
        tail.look()


def test_what_was_looked_at_can_be_read_after_the_sealer_superseded_its_files(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 300)
    tail = LogTail(bench.log)
    tail.look()
    bench.seal(10)
    assert [leaf.raw for leaf in tail.leaves(250, 300)] == events(50, 250)


def test_a_bundle_with_other_bytes_is_refused_before_its_first_leaf(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 600)
    tail = LogTail(bench.log)
    tail.look()
    path = bench.log / "tile" / "entries" / "001"
    path.write_bytes(path.read_bytes().replace(b"S-012", b"S-013", 1))
    leaves = tail.leaves(0, 600)
    assert next(leaves).leaf_index == 0
    with pytest.raises(Tampered, match="entries 256 to 511"):
        list(leaves)


@pytest.mark.parametrize("name", ["tile/1/000.p/2", "tile/entries/002.p/88"])
def test_files_that_do_not_give_the_signed_root_are_refused(tmp_path: Path, name: str) -> None:
    bench = sealed(tmp_path, 600)
    path = bench.log / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    tail = LogTail(bench.log)
    with pytest.raises(Tampered):
        list(tail.leaves(0, tail.look()))


def test_a_log_that_runs_back_is_refused(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    bench = sealed(tmp_path / "a", 20)
    tail = LogTail(bench.log)
    tail.look()
    older = sealed(tmp_path / "b", 10)
    (bench.log / "checkpoint").write_bytes((older.log / "checkpoint").read_bytes())
    with pytest.raises(Tampered):
        tail.look()


def test_waiting_ends_when_the_checkpoint_is_another_one(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 5)
    pauses = iter([False, False, True])

    def pause() -> bool:
        bench.seal(1)
        return next(pauses)

    wait = note_watch(bench.log, pause)
    assert wait()
    assert note_watch(bench.log, lambda: True)() is False
