"""C2SP tlog-tiles of height 8: which files a tree of a given size has, their paths, and entry bundles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.errors import Tampered
from domain.seal.tree import HASH_BYTES

TILE_WIDTH = 256
TILE_HEIGHT = 8
TILE_BYTES = TILE_WIDTH * HASH_BYTES
ENTRY_BYTES_MAX = 65_535
ENTRIES = -1
"""The level under which entry bundles are counted; their leaves are those of level 0."""

_PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")


class Tile(NamedTuple):
    """One file of the log: `level` (`ENTRIES` for a bundle), `number` on it, `width` in hashes (1–256)."""

    level: int
    number: int
    width: int = TILE_WIDTH

    @property
    def is_full(self) -> bool:
        """A full tile never changes once it is there."""
        return self.width == TILE_WIDTH

    @property
    def path(self) -> str:
        """The tile's path below the log folder."""
        name = "entries" if self.level == ENTRIES else str(self.level)
        suffix = "" if self.is_full else f".p/{self.width}"
        return f"tile/{name}/{number_path(self.number)}{suffix}"


def number_path(number: int) -> str:
    """A tile number in groups of three digits, all but the last behind an `x`: 1234067 → `x001/x234/067`."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_of_path(path: str) -> Tile | None:
    """The tile that a path names, or nothing when it is not written exactly as this module writes it."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = ENTRIES if found[1] == "entries" else int(found[1])
    number = int(found[2].replace("x", "").replace("/", ""))
    tile = Tile(level, number, int(found[3]) if found[3] else TILE_WIDTH)
    return tile if tile.path == path else None


def hashes_at(level: int, size: int) -> int:
    """How many hashes a tree of `size` leaves keeps at a tile level."""
    return size >> (TILE_HEIGHT * max(level, 0))


def levels_of(size: int) -> list[int]:
    """The levels that have tiles, bundles first."""
    levels = [ENTRIES] if size else []
    level = 0
    while hashes_at(level, size):
        levels.append(level)
        level += 1
    return levels


def edge_tile(level: int, size: int) -> Tile | None:
    """The partial tile of a level, if the tree has one."""
    number, width = divmod(hashes_at(level, size), TILE_WIDTH)
    return Tile(level, number, width) if width else None


def edge_tiles(size: int) -> list[Tile]:
    """All partial tiles of a tree, bundles first."""
    return [tile for level in levels_of(size) if (tile := edge_tile(level, size)) is not None]


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile and bundle that a tree of `size` leaves has, level by level."""
    for level in levels_of(size):
        full = hashes_at(level, size) // TILE_WIDTH
        yield from (Tile(level, number) for number in range(full))
        edge = edge_tile(level, size)
        if edge is not None:
            yield edge


def hashes_in(content: bytes, tile: Tile) -> list[bytes]:
    """The hashes of a tile; `Tampered` when the file has not exactly the width its name says."""
    if len(content) != tile.width * HASH_BYTES:
        raise Tampered("tile_damaged", f"{tile.path}: {len(content)} bytes, not {tile.width * HASH_BYTES}")
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def bundle_of(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry behind its length in two bytes, big-endian."""
    longest = max(map(len, entries), default=0)
    if longest > ENTRY_BYTES_MAX:
        raise Tampered("entry_too_long", f"{longest} bytes; an entry has at most {ENTRY_BYTES_MAX}")
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def entries_in(content: bytes, tile: Tile) -> list[bytes]:
    """The entries of a bundle; `Tampered` when it is cut, too long, or has another number of entries."""
    entries: list[bytes] = []
    at, end = 0, len(content)
    while at < end - 1:
        start = at + 2
        at = start + (content[at] << 8 | content[at + 1])
        entries.append(content[start:at])
    if at != end:
        raise Tampered("bundle_damaged", f"{tile.path}: cut inside entry {len(entries)}")
    if len(entries) != tile.width:
        raise Tampered("bundle_damaged", f"{tile.path}: {len(entries)} entries, not {tile.width}")
    return entries
