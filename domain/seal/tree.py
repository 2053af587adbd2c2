"""The RFC 6962 Merkle tree: leaf and node hashes, roots, and paths out of any holder of subtree hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

SubtreeHash = Callable[[int, int], bytes]
"""`(height, index)` → hash of the full subtree over leaves `index·2^height … (index+1)·2^height − 1`."""


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of one leaf (RFC 6962 §2.1): the stored event bytes behind a zero byte."""
    return sha256(b"\x00" + leaf).digest()


def leaf_hashes(leaves: Sequence[bytes]) -> list[bytes]:
    """Hashes of many leaves, in order."""
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def layer_above(hashes: Sequence[bytes]) -> list[bytes]:
    """The next layer up; a last hash without a partner is carried up unchanged."""
    above = [sha256(b"\x01" + left + right).digest() for left, right in zip(hashes[0::2], hashes[1::2], strict=False)]
    if len(hashes) % 2:
        above.append(hashes[-1])
    return above


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over leaf hashes, or over equally high full subtrees of which only the last may be lower."""
    if not hashes:
        return EMPTY_ROOT
    layer = hashes
    while len(layer) > 1:
        layer = layer_above(layer)
    return layer[0]


def power_below(size: int) -> int:
    """The largest power of two strictly below `size` (size > 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def range_root(subtree: SubtreeHash, start: int, end: int) -> bytes:
    """Hash of the leaves `start … end − 1` where `start` is aligned as the tree's own splits align it."""
    if start >= end:
        raise ValueError(f"no leaves in [{start}, {end})")
    roots: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        roots.append(subtree(height, start >> height))
        start += 1 << height
    folded = roots.pop()
    for left in reversed(roots):
        folded = node_hash(left, folded)
    return folded


def inclusion_path(subtree: SubtreeHash, index: int, size: int) -> list[bytes]:
    """Siblings from the leaf upward (RFC 6962 §2.1.1); `ValueError` unless 0 ≤ index < size."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    downward: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + power_below(end - start)
        if index < middle:
            downward.append(range_root(subtree, middle, end))
            end = middle
        else:
            downward.append(range_root(subtree, start, middle))
            start = middle
    return downward[::-1]


def consistency_path(subtree: SubtreeHash, old_size: int, size: int) -> list[bytes]:
    """Proof that the tree of `size` continues the tree of `old_size` (RFC 6962 §2.1.2).

    Empty when the sizes are equal; `ValueError` unless 0 < old_size ≤ size.
    """
    if not 0 < old_size <= size:
        raise ValueError(f"nothing leads from {old_size} to {size}")
    downward: list[bytes] = []
    start, end, whole = 0, size, True
    while old_size != end:
        middle = start + power_below(end - start)
        if old_size <= middle:
            downward.append(range_root(subtree, middle, end))
            end = middle
        else:
            downward.append(range_root(subtree, start, middle))
            start, whole = middle, False
    if not whole:
        downward.append(range_root(subtree, start, end))
    return downward[::-1]
