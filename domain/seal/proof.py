"""Checking inclusion and consistency proofs (RFC 9162 §2.1.3.2 and §2.1.4.2); false, never an exception."""

from __future__ import annotations

from collections.abc import Sequence

from domain.seal.tree import EMPTY_ROOT, HASH_BYTES, node_hash

PROOF_HASHES_MAX = 63


def well_formed(hashes: Sequence[bytes]) -> bool:
    """Whether every one is a hash, 32 bytes."""
    return all(len(one) == HASH_BYTES for one in hashes)


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from the leaf hash at `index` to the root of a tree of `size` leaves."""
    if not 0 <= index < size or len(path) > PROOF_HASHES_MAX:
        return False
    if not well_formed([leaf, root, *path]):
        return False
    fn, sn, folded = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            folded = node_hash(sibling, folded)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            folded = node_hash(folded, sibling)
        fn >>= 1
        sn >>= 1
    return sn == 0 and folded == root


def continues(old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree (size, root) continues the tree (old_size, old_root).

    An old size of 0 proves nothing and is false; equal sizes need equal roots and an empty path.
    """
    if not 0 < old_size <= size or len(path) > PROOF_HASHES_MAX + 1:
        return False
    if not well_formed([old_root, root, *path]):
        return False
    if old_size == size:
        return not path and old_root == root
    return _continues_longer(old_size, old_root, size, root, list(path))


def _continues_longer(old_size: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> bool:
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    old_folded = folded = path[0]
    for one in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old_folded = node_hash(one, old_folded)
            folded = node_hash(one, folded)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            folded = node_hash(folded, one)
        fn >>= 1
        sn >>= 1
    return sn == 0 and old_folded == old_root and folded == root


def root_fits_size(size: int, root: bytes) -> bool:
    """A root is 32 bytes, and only the empty tree has the empty root."""
    return len(root) == HASH_BYTES and (size == 0) == (root == EMPTY_ROOT)
