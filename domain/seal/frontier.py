"""The right edge of the growing tree: the hashes of every partial tile and the entries behind the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.seal.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, Tile, bundle_of
from domain.seal.tree import EMPTY_ROOT, leaf_hashes, root_of


@dataclass(slots=True)
class Frontier:
    """What must be remembered of a tree to append to it: less than one tile per level.

    `edges[level]` are the hashes of the partial tile of that level, `entries` the leaves of the
    partial bundle. Memory is bounded by 256 entries, and 256 hashes for each level.
    """

    size: int = 0
    edges: list[list[bytes]] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)

    def root(self) -> bytes:
        """Root of the tree: the partial tiles folded from the lowest level upward."""
        folded: list[bytes] = []
        for edge in self.edges:
            if edge or folded:
                folded = [root_of([*edge, *folded])]
        return folded[0] if folded else EMPTY_ROOT

    def append(self, leaves: Sequence[bytes]) -> dict[Tile, bytes]:
        """Append leaves; gives the entry bundles that are full now.

        Their hashes are not in the tree before `lift` has brought each level up, level 0 first.
        """
        waiting = [*self.entries, *leaves]
        first = self.size // TILE_WIDTH
        full = len(waiting) // TILE_WIDTH
        if not self.edges:
            self.edges.append([])
        if full:
            self.edges[0] = leaf_hashes(waiting[full * TILE_WIDTH :])
        else:
            self.edges[0].extend(leaf_hashes(leaves))
        self.entries = waiting[full * TILE_WIDTH :]
        self.size += len(leaves)
        return {
            Tile(ENTRIES, first + at): bundle_of(waiting[at * TILE_WIDTH : (at + 1) * TILE_WIDTH]) for at in range(full)
        }

    def lift(self, full: Mapping[Tile, Sequence[bytes]]) -> dict[Tile, bytes]:
        """Append the roots of full tiles of one level to the level above; gives the tiles full there now."""
        if not full:
            return {}
        level = next(iter(full)).level + 1
        while len(self.edges) <= level:
            self.edges.append([])
        edge = self.edges[level]
        edge.extend(root_of(hashes) for hashes in full.values())
        if len(edge) < TILE_WIDTH:
            return {}
        self.edges[level] = edge[TILE_WIDTH:]
        number = (self.size >> (TILE_HEIGHT * (level + 1))) - 1
        return {Tile(level, number): b"".join(edge[:TILE_WIDTH])}

    def partial_files(self) -> dict[Tile, bytes]:
        """The partial bundle and tiles of the present size."""
        files: dict[Tile, bytes] = {}
        for level, edge in enumerate(self.edges):
            if edge:
                files[Tile(level, self.size >> (TILE_HEIGHT * (level + 1)), len(edge))] = b"".join(edge)
        if self.entries:
            files[Tile(ENTRIES, self.size // TILE_WIDTH, len(self.entries))] = bundle_of(self.entries)
        return files
