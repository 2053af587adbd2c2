"""The tree against the published vectors and against the recursive definition of RFC 6962."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.seal.proof import continues, includes, root_fits_size
from domain.seal.tree import (
    EMPTY_ROOT,
    consistency_path,
    inclusion_path,
    leaf_hash,
    leaf_hashes,
    range_root,
    root_of,
)

VECTORS = Path(__file__).parents[2] / "data" / "tlog-vectors"
PUBLIC: dict[str, Any] = json.loads((VECTORS / "vectors-public.json").read_text())
REFERENCE = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1 word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def naive_path(at: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if at < split:
        return [*naive_path(at, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(at - split, leaves[split:]), naive_root(leaves[:split])]


class Leaves:
    """Subtree hashes straight from a list of leaf hashes."""

    def __init__(self, hashes: list[bytes]) -> None:
        self.hashes = hashes

    def subtree(self, height: int, index: int) -> bytes:
        return root_of(self.hashes[index << height : (index + 1) << height])


def hashes_of_vectors(size: int) -> list[bytes]:
    return leaf_hashes([b"case-event/%d" % index for index in range(size)])


ALL_HASHES = hashes_of_vectors(70_000)


def test_the_reference_leaves_give_the_published_roots() -> None:
    hashes = leaf_hashes(REFERENCE)
    assert [root_of(hashes[:size]).hex() for size in range(9)] == REFERENCE_ROOTS


def test_every_root_of_the_vectors_comes_out() -> None:
    found = {size: root_of(ALL_HASHES[: int(size)]).hex() for size in PUBLIC["roots"]}
    assert found == PUBLIC["roots"]


def test_every_inclusion_vector_is_computed_and_accepted() -> None:
    leaves = Leaves(ALL_HASHES)
    for vector in PUBLIC["inclusion"]:
        path = inclusion_path(leaves.subtree, vector["index"], vector["size"])
        assert [one.hex() for one in path] == vector["proof"]
        leaf, root = bytes.fromhex(vector["leaf_hash"]), bytes.fromhex(vector["root"])
        assert includes(leaf, vector["index"], vector["size"], path, root)
    assert len(PUBLIC["inclusion"]) == 48


def test_every_consistency_vector_is_computed_and_accepted() -> None:
    leaves = Leaves(ALL_HASHES)
    for vector in PUBLIC["consistency"]:
        path = consistency_path(leaves.subtree, vector["size1"], vector["size2"])
        assert [one.hex() for one in path] == vector["proof"]
        roots = bytes.fromhex(vector["root1"]), bytes.fromhex(vector["root2"])
        assert continues(vector["size1"], roots[0], vector["size2"], roots[1], path)
    assert len(PUBLIC["consistency"]) == 31


def probes(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / name).read_text())
    return found


def test_the_inclusion_probes_are_judged_as_published() -> None:
    judged = [
        includes(
            b64decode(probe["leafHash"] or ""),
            probe["leafIdx"],
            probe["treeSize"],
            [b64decode(one) for one in probe["proof"] or []],
            b64decode(probe["root"] or ""),
        )
        for probe in probes("merkle-inclusion.json")
    ]
    assert judged == [not probe["wantErr"] for probe in probes("merkle-inclusion.json")]
    assert (len(judged), judged.count(False)) == (98, 92)


def test_the_consistency_probes_are_judged_as_published() -> None:
    """One probe expects success with roots that are not 32 bytes; those are refused here."""
    short_roots = "sizes-are-equal-one-and-proof-is-empty"
    judged = {}
    for probe in probes("merkle-consistency.json"):
        judged[probe["case"]] = continues(
            probe["size1"],
            b64decode(probe["root1"] or ""),
            probe["size2"],
            b64decode(probe["root2"] or ""),
            [b64decode(one) for one in probe["proof"] or []],
        )
    expected = {
        probe["case"]: not probe["wantErr"] and short_roots not in probe["case"]
        for probe in probes("merkle-consistency.json")
    }
    assert judged == expected
    assert len(judged) == 98


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=70), st.data())
def test_roots_and_paths_equal_the_recursive_definition(leaves: list[bytes], data: st.DataObject) -> None:
    tree = Leaves(leaf_hashes(leaves))
    index = data.draw(st.integers(0, len(leaves) - 1))
    root = root_of(tree.hashes)
    assert root == naive_root(leaves) == range_root(tree.subtree, 0, len(leaves))
    path = inclusion_path(tree.subtree, index, len(leaves))
    assert path == naive_path(index, leaves)
    assert includes(leaf_hash(leaves[index]), index, len(leaves), path, root)


def test_every_pair_of_small_sizes_is_consistent_and_no_other_root_is() -> None:
    tree = Leaves(ALL_HASHES[:34])
    roots = [root_of(tree.hashes[:size]) for size in range(35)]
    for size in range(1, 35):
        for old in range(1, size + 1):
            path = consistency_path(tree.subtree, old, size)
            assert continues(old, roots[old], size, roots[size], path)
            assert not continues(old, roots[old - 1], size, roots[size], path)
            assert not continues(old, roots[old], size, roots[size], [*path, roots[1]])
            assert not continues(old, roots[old], size, roots[size], path[:-1]) or not path


def test_every_single_bit_flip_of_an_inclusion_proof_is_refused() -> None:
    tree = Leaves(ALL_HASHES[:11])
    root = root_of(tree.hashes)
    for index in range(11):
        path = inclusion_path(tree.subtree, index, 11)
        parts = [tree.hashes[index], root, *path]
        for at, bit in ((at, bit) for at in range(len(parts)) for bit in range(256)):
            flipped = [bytearray(part) for part in parts]
            flipped[at][bit // 8] ^= 1 << bit % 8
            leaf, top, *rest = (bytes(part) for part in flipped)
            assert not includes(leaf, index, 11, rest, top)


def test_every_single_bit_flip_of_a_consistency_proof_is_refused() -> None:
    tree = Leaves(ALL_HASHES[:11])
    roots = [root_of(tree.hashes[:size]) for size in range(12)]
    for old in range(1, 11):
        parts = [roots[old], roots[11], *consistency_path(tree.subtree, old, 11)]
        for at, bit in ((at, bit) for at in range(len(parts)) for bit in range(256)):
            flipped = [bytearray(part) for part in parts]
            flipped[at][bit // 8] ^= 1 << bit % 8
            first, last, *rest = (bytes(part) for part in flipped)
            assert not continues(old, first, 11, last, rest)


def test_a_proof_of_another_leaf_or_size_is_refused() -> None:
    tree = Leaves(ALL_HASHES[:8])
    root = root_of(tree.hashes)
    path = inclusion_path(tree.subtree, 3, 8)
    assert not any(includes(tree.hashes[3], index, 8, path, root) for index in (0, 1, 2, 4, 5, 6, 7, 8, -1))
    assert not any(includes(tree.hashes[3], 3, size, path, root) for size in (0, 3, 4, 16, 17))
    assert not includes(b"", 0, 1, [], b"")


def test_what_cannot_be_asked_is_a_value_error() -> None:
    tree = Leaves(ALL_HASHES[:4])
    for wrong in ((4, 4), (-1, 4), (0, 0)):
        with pytest.raises(ValueError, match="not in a tree"):
            inclusion_path(tree.subtree, *wrong)
    for wrong in ((0, 4), (5, 4)):
        with pytest.raises(ValueError, match="nothing leads"):
            consistency_path(tree.subtree, *wrong)
    with pytest.raises(ValueError, match="no leaves"):
        range_root(tree.subtree, 2, 2)


def test_only_the_empty_tree_has_the_empty_root() -> None:
    assert root_fits_size(0, EMPTY_ROOT)
    assert not root_fits_size(1, EMPTY_ROOT)
    assert not root_fits_size(0, ALL_HASHES[0])
    assert not root_fits_size(1, ALL_HASHES[0][:31])
    assert all(first != second for first, second in pairwise(ALL_HASHES[:100]))
