"""The running root: the published roots come out, one leaf at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.seal.running import RunningRoot
from domain.seal.tree import leaf_hashes, root_of

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "tlog-vectors" / "vectors-public.json").read_text())


def test_the_published_roots_come_out() -> None:
    running = RunningRoot()
    for size in sorted(map(int, VECTORS["roots"])):
        while running.size < size:
            running.take(b"case-event/%d" % running.size)
        assert running.root().hex() == VECTORS["roots"][str(size)]


@pytest.mark.parametrize("size", range(70))
def test_the_root_is_that_of_all_leaves_at_any_size(size: int) -> None:
    running = RunningRoot()
    leaves = [b"%d" % number for number in range(size)]
    for leaf in leaves:
        running.take(leaf)
    assert running.root() == root_of(leaf_hashes(leaves))


@pytest.mark.parametrize("size", [0, 1, 3, 4, 7, 8, 9, 31, 63])
def test_full_subtrees_and_a_lower_one_behind_them_give_the_same_root(size: int) -> None:
    hashes = leaf_hashes([b"%d" % number for number in range(size)])
    running = RunningRoot()
    whole = size // 4 * 4
    for start in range(0, whole, 4):
        running.append(root_of(hashes[start : start + 4]))
    assert running.root(root_of(hashes[whole:]) if size % 4 else None) == root_of(hashes)
    assert running.size == size // 4, "the edge is not taken"
