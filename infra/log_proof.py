"""Proofs out of a sealed log's folder: one event's inclusion as a `.tlog-proof`, and consistency of two sizes."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from domain.errors import NotFound, Tampered
from domain.seal.checkpoint import Note, read_note
from domain.seal.proof import continues, includes
from domain.seal.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    edge_tile,
    entries_in,
    hashes_at,
    hashes_in,
)
from domain.seal.tree import consistency_path, inclusion_path, layer_above, leaf_hash, range_root
from infra.tile_store import TileStore

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
TILES_KEPT_MAX = 64


class LogReader:
    """Reads hashes and entries of a log folder as of its checkpoint, keeping the last few tiles.

    Signatures are not judged here; proofs are checked against the checkpoint's root before they go out.
    """

    def __init__(self, directory: Path) -> None:
        self._tiles = TileStore(directory, directory)
        note = self._tiles.checkpoint()
        if note is None:
            raise NotFound("no_log", f"{directory} has no checkpoint; 没有封存日志")
        self.note: bytes = note
        self.read: Note = read_note(note)
        self.size = self.read.checkpoint.size
        self.root = self.read.checkpoint.root
        self._layers: dict[Tile, list[list[bytes]]] = {}

    def tile_at(self, level: int, number: int) -> Tile:
        """The tile as this size has it, full or partial."""
        edge = edge_tile(level, self.size)
        return edge if edge is not None and edge.number == number else Tile(level, number)

    def subtree(self, height: int, index: int) -> bytes:
        """Hash of a full subtree: at most one tile is read for it."""
        level, rise = divmod(height, TILE_HEIGHT)
        if hashes_at(level, self.size) < (index + 1) << rise:
            raise Tampered("log_damaged", f"no full subtree {index} of height {height} in {self.size} leaves")
        number, at = divmod(index << rise, TILE_WIDTH)
        return self._layers_of(self.tile_at(level, number))[rise][at >> rise]

    def leaf_tile(self, number: int) -> list[bytes]:
        """The leaf hashes of one tile, as read."""
        tile = self.tile_at(0, number)
        return hashes_in(self._tiles.read(tile), tile)

    def entries(self, number: int) -> list[bytes]:
        """The entries of one bundle, as read."""
        tile = self.tile_at(ENTRIES, number)
        return entries_in(self._tiles.read(tile), tile)

    def entry(self, index: int) -> bytes:
        """One event's bytes; `NotFound` behind the end of the log."""
        if not 0 <= index < self.size:
            raise NotFound("no_such_leaf", f"leaf {index} of a log of {self.size}; 日志中没有该条目")
        return self.entries(index // TILE_WIDTH)[index % TILE_WIDTH]

    def inclusion(self, index: int) -> list[bytes]:
        """The inclusion path of a leaf, checked; `Tampered` when the tiles do not lead to the signed root."""
        if not 0 <= index < self.size:
            raise NotFound("no_such_leaf", f"leaf {index} of a log of {self.size}; 日志中没有该条目")
        path = inclusion_path(self.subtree, index, self.size)
        if not includes(self.subtree(0, index), index, self.size, path, self.root):
            raise Tampered("log_damaged", "the tiles do not lead to the signed root; 日志文件损坏")
        return path

    def consistency(self, old_size: int) -> list[bytes]:
        """The path from an earlier size to this one, checked."""
        if not 0 < old_size <= self.size:
            raise NotFound("no_such_leaf", f"size {old_size} of a log of {self.size}; 日志中没有该大小")
        path = consistency_path(self.subtree, old_size, self.size)
        old_root = range_root(self.subtree, 0, old_size)
        if not continues(old_size, old_root, self.size, self.root, path):
            raise Tampered("log_damaged", "the tiles do not lead to the signed root; 日志文件损坏")
        return path

    def _layers_of(self, tile: Tile) -> list[list[bytes]]:
        """A tile's hashes and the layers of full pairs above them, lowest first."""
        layers = self._layers.get(tile)
        if layers is None:
            layers = [hashes_in(self._tiles.read(tile), tile)]
            while len(layers[-1]) > 1:
                whole = layers[-1][: len(layers[-1]) // 2 * 2]
                layers.append(layer_above(whole))
            if len(self._layers) >= TILES_KEPT_MAX:
                self._layers.clear()
            self._layers[tile] = layers
        return layers


def prove(directory: Path, index: int) -> str:
    """The `.tlog-proof` of the event at a leaf index under the folder's checkpoint."""
    return proof_text(LogReader(directory), index)


def proof_text(log: LogReader, index: int, *, with_event: bool = False) -> str:
    """The same over a log that is already open; `with_event` puts the event's bytes into the `extra` line."""
    path = log.inclusion(index)
    extra = ["extra " + b64encode(_sealed_entry(log, index)).decode()] if with_event else []
    lines = [PROOF_HEADER, *extra, f"index {index}", *(b64encode(one).decode() for one in path)]
    return "\n".join(lines) + "\n\n" + log.note.decode()


def _sealed_entry(log: LogReader, index: int) -> bytes:
    """An event that hashes to its leaf; a proof that carried any other would fail where it is read."""
    entry = log.entry(index)
    if leaf_hash(entry) != log.subtree(0, index):
        raise Tampered("leaf_differs", f"entry {index} is not what was sealed; 条目与封存时不同")
    return entry
