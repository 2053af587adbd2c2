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
