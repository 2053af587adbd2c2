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
        self.append(leaf_hash(leaf))

    def append(self, whole: bytes) -> None:
        """Append one hash: a leaf's, or that of a full subtree as high as all the others."""
        size = self.size
        while size & 1:
            whole = node_hash(self._peaks.pop(), whole)
            size >>= 1
        self._peaks.append(whole)
        self.size += 1

    def copy(self) -> RunningRoot:
        """One that goes on from here by itself."""
        twin = RunningRoot()
        twin.size, twin._peaks = self.size, list(self._peaks)
        return twin

    def root(self, edge: bytes | None = None) -> bytes:
        """The root over all that was taken, and over a lower subtree behind it where one is given."""
        peaks = [*self._peaks, edge] if edge is not None else self._peaks
        if not peaks:
            return EMPTY_ROOT
        folded = peaks[-1]
        for peak in reversed(peaks[:-1]):
            folded = node_hash(peak, folded)
        return folded
