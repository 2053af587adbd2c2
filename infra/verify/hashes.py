"""RFC 6962 hashing as the verifier does it: layer by layer, and inclusion proofs by recursion on the split."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

EMPTY_TREE = sha256(b"").digest()
PATH_MAX = 63


def hash_of_entry(entry: bytes) -> bytes:
    """Leaf hash."""
    return sha256(b"\x00" + entry).digest()


def hash_of_pair(left: bytes, right: bytes) -> bytes:
    """Node hash."""
    return sha256(b"\x01" + left + right).digest()


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Root over hashes of equally high full subtrees, the last of which may be lower."""
    if not hashes:
        return EMPTY_TREE
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        pairs = iter(row)
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        row += odd
    return row[0]


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to, or nothing if the path has not the length that the size demands."""
    if not 0 <= index < size or len(path) > PATH_MAX or any(len(one) != 32 for one in [leaf, *path]):
        return None
    if size == 1:
        return None if path else leaf
    if not path:
        return None
    split = 1 << ((size - 1).bit_length() - 1)
    if index < split:
        below = root_from_path(leaf, index, split, path[:-1])
        return None if below is None else hash_of_pair(below, path[-1])
    below = root_from_path(leaf, index - split, size - split, path[:-1])
    return None if below is None else hash_of_pair(path[-1], below)
