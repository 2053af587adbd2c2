"""The leaves that XF-INT-001 holds the store against: right, whole, and never read past what was signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import Tampered
from domain.seal.tree import leaf_hashes
from infra.log_leaves import LogLeaves
from tests.support.sealed_log import sealed


def test_every_leaf_is_given_in_any_order_and_none_behind_the_end(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 600)
    leaves, expected = LogLeaves(bench.log), leaf_hashes(bench.source.raws)
    assert leaves.published_size == 600
    for index in (0, 599, 255, 256, 3, 511, 512):
        assert leaves.leaf_hash(index) == expected[index]
    assert [leaves.leaf_hash(index) for index in (-1, 600, 10_000)] == [None] * 3
    assert leaves.last_event_id() == f"01900000-0000-7000-8000-{599:012x}"


def test_the_newest_entry_is_evidence_only_as_it_was_sealed(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 3)
    leaves, bundle = LogLeaves(bench.log), bench.log / "tile/entries/000.p/3"
    bundle.write_bytes(bundle.read_bytes().replace(b"000000000002", b"000000000009"))
    with pytest.raises(Tampered, match="entry 2"):
        leaves.last_event_id()


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/002.p/88"])
def test_a_tile_that_does_not_give_the_root_is_refused_when_it_is_opened_and_when_it_changes(
    tmp_path: Path, path: str
) -> None:
    bench = sealed(tmp_path, 600)
    opened = LogLeaves(bench.log)
    content = bytearray((bench.log / path).read_bytes())
    content[40] ^= 1
    (bench.log / path).write_bytes(content)
    with pytest.raises(Tampered, match="sealed log"):
        opened.leaf_hash(0 if path.endswith("000") else 599)
    with pytest.raises(Tampered, match="sealed log"):
        LogLeaves(bench.log)
