"""Proofs of subtrees against the published probes and against the tree's definition."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from domain.seal.subtree import is_subtree, subtree_continues, subtree_includes, subtree_path
from domain.seal.tree import leaf_hashes, range_root, root_of

VECTORS = Path(__file__).parents[2] / "data" / "tlog-vectors"
HASHES = leaf_hashes([b"case-event/%d" % index for index in range(40)])
PROVES_NOTHING = {
    "additional/subtree-is-empty-sizes-are-equal-one-subtree-root-valid-proof-is-empty",
    "additional/subtree-is-empty-sizes-are-equal-one-subtree-root-valid-tree-root-random-proof-is-empty",
    "additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-proof-is-empty",
    "additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-tree-root-random-proof-is-empty",
    "additional/subtree-is-empty-subtree-root-valid-proof-is-empty",
    "additional/subtree-is-empty-subtree-root-valid-tree-root-random-proof-is-empty",
}
"""The probes accept an empty subtree under any root whatever; here what proves nothing is no proof."""
SHORT_ROOTS = {"additional/sizes-are-equal-one-and-proof-is-empty"}
"""The probe expects success with roots that are not 32 bytes."""


def subtree(height: int, index: int) -> bytes:
    return root_of(HASHES[index << height : (index + 1) << height])


def probes(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / name).read_text())
    return found


def hashes_of(probe: dict[str, Any]) -> list[bytes]:
    return [b64decode(one) for one in probe["proof"] or []]


def test_the_inclusion_probes_are_judged_as_published() -> None:
    cases = probes("merkle-subtreeinclusion.json")
    for probe in cases:
        leaf, root = b64decode(probe["leafHash"] or ""), b64decode(probe["root"] or "")
        accepted = subtree_includes(leaf, probe["leafIdx"], probe["start"], probe["end"], hashes_of(probe), root)
        assert accepted != probe["wantErr"], probe["case"]
    assert (len(cases), sum(probe["wantErr"] for probe in cases)) == (204, 192)


def test_the_consistency_probes_are_judged_as_published_but_for_what_proves_nothing() -> None:
    cases = probes("merkle-subtreeconsistency.json")
    stricter = PROVES_NOTHING | SHORT_ROOTS
    for probe in cases:
        roots = b64decode(probe["root1"] or ""), b64decode(probe["root2"] or "")
        accepted = subtree_continues(probe["start"], probe["end"], roots[0], probe["size"], roots[1], hashes_of(probe))
        assert accepted == (not probe["wantErr"] and probe["case"] not in stricter), probe["case"]
    assert (len(cases), sum(probe["wantErr"] for probe in cases)) == (118, 106)
    assert stricter <= {probe["case"] for probe in cases if not probe["wantErr"]}


def test_every_subtree_of_every_small_tree_is_proven_and_no_other_hash_or_place_is() -> None:
    proven = 0
    for size in range(1, 35):
        root = range_root(subtree, 0, size)
        for end in range(1, size + 1):
            for start in range(end):
                if not is_subtree(start, end):
                    continue
                path, own = subtree_path(subtree, start, end, size), range_root(subtree, start, end)
                assert subtree_continues(start, end, own, size, root, path), (start, end, size)
                assert not subtree_continues(start, end, bytes(32), size, root, path)
                assert not subtree_continues(start, end, own, size, bytes(32), path)
                assert not subtree_continues(start, end, own, size, root, [*path, root])
                assert not path or not subtree_continues(start, end, own, size, root, path[:-1])
                proven += 1
    assert proven > 1_500


def test_every_single_bit_flip_of_a_subtrees_proof_is_refused() -> None:
    root = range_root(subtree, 0, 23)
    for start, end in ((0, 5), (8, 16), (16, 23), (4, 7), (22, 23), (0, 23)):
        parts = [range_root(subtree, start, end), root, *subtree_path(subtree, start, end, 23)]
        for at, bit in ((at, bit) for at in range(len(parts)) for bit in range(256)):
            flipped = [bytearray(part) for part in parts]
            flipped[at][bit // 8] ^= 1 << bit % 8
            own, top, *rest = (bytes(part) for part in flipped)
            assert not subtree_continues(start, end, own, 23, top, rest)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 3), (-4, 2), (1, 3), (2, 5), (4, 9), (6, 9), (5, 4)])
def test_what_the_trees_own_splits_do_not_make_is_no_subtree(start: int, end: int) -> None:
    assert not is_subtree(start, end)
    with pytest.raises(ValueError, match="is no subtree"):
        subtree_path(subtree, start, end, 40)


def test_a_subtree_behind_the_end_of_the_tree_has_no_proof() -> None:
    with pytest.raises(ValueError, match="is no subtree"):
        subtree_path(subtree, 4, 8, 7)
    assert not subtree_continues(4, 8, bytes(32), 7, bytes(32), [])
