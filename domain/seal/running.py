"""The root of a tree whose leaves only pass by: one hash is kept for each set bit of the size."""

from __future__ import annotations

from domain.seal.tree import EMPTY_ROOT, leaf_hash, node_hash


class RunningRoot:
    """Takes leaves one by one; `root` at any time is that of RFC 6962 over those taken so far."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def take(self, leaf: bytes) -> None:
        """Append one leaf."""
        whole, size = leaf_hash(leaf), self.size
        while size & 1:
            whole = node_hash(self._peaks.pop(), whole)
            size >>= 1
        self._peaks.append(whole)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves taken."""
        if not self._peaks:
            return EMPTY_ROOT
        folded = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            folded = node_hash(peak, folded)
        return folded
