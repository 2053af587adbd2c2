"""Subtrees of a tree (C2SP tlog-cosignature, draft Merkle tree certificates): what leads into one, and from one to the root.

A subtree `[start, end)` begins at a multiple of the power of two that holds it, so it is a tree of its own whose
hash occurs in, or can be folded out of, the whole tree. An empty one proves nothing and is always false.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.seal.proof import PROOF_HASHES_MAX, includes, well_formed
from domain.seal.tree import SubtreeHash, node_hash, power_below, range_root


def is_subtree(start: int, end: int) -> bool:
    """Whether the tree's own splits can give the leaves `start … end − 1` a hash of their own."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def subtree_includes(leaf: bytes, index: int, start: int, end: int, path: Sequence[bytes], subtree_root: bytes) -> bool:
    """Whether `path` leads from the leaf hash at `index` of the whole tree to the hash of the subtree."""
    return is_subtree(start, end) and includes(leaf, index - start, end - start, path, subtree_root)


def subtree_path(subtree: SubtreeHash, start: int, end: int, size: int) -> list[bytes]:
    """Proof that the subtree lies in the tree of `size` leaves; `ValueError` unless it is a subtree of it."""
    if not is_subtree(start, end) or end > size:
        raise ValueError(f"[{start}, {end}) is no subtree of a tree of {size}")
    downward: list[bytes] = []
    low, high, first, whole = 0, size, start, True
    while (first, end) != (low, high):
        middle = low + power_below(high - low)
        if end <= middle:
            downward.append(range_root(subtree, middle, high))
            high = middle
        else:
            if first < middle:  # it crosses the split, so it begins at `low`: its left half is a hash of the tree
                first, whole = middle, False
            downward.append(range_root(subtree, low, middle))
            low = middle
    if not whole:
        downward.append(range_root(subtree, low, high))
    return downward[::-1]


def subtree_continues(start: int, end: int, subtree_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree (size, root) holds the subtree of this hash at `[start, end)`."""
    if not is_subtree(start, end) or end > size or len(path) > PROOF_HASHES_MAX + 1:
        return False
    if not well_formed([subtree_root, root, *path]):
        return False
    fn, sn, tn = start, end - 1, size - 1
    while fn != sn and (sn == tn or sn & 1):
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    if fn != sn and not path:
        return False
    first, *rest = [subtree_root, *path] if fn == sn else path
    folded_subtree = folded = first
    for one in rest:
        if tn == 0:
            return False
        if sn & 1 or sn == tn:
            if fn < sn:
                folded_subtree = node_hash(one, folded_subtree)
            folded = node_hash(one, folded)
            while not sn & 1 and sn:
                fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
        else:
            folded = node_hash(folded, one)
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    return tn == 0 and folded_subtree == subtree_root and folded == root
