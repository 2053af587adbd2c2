"""Tiles, their paths and their bundles against the published vectors."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Tampered
from domain.seal.frontier import Frontier
from domain.seal.tiles import (
    ENTRIES,
    Tile,
    bundle_of,
    edge_tiles,
    entries_in,
    hashes_in,
    tile_of_path,
    tiles_of,
)
from domain.seal.tree import leaf_hashes, root_of

PUBLIC: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "tlog-vectors" / "vectors-public.json").read_text()
)


def grown(frontier: Frontier, leaves: list[bytes]) -> dict[Tile, bytes]:
    """Append leaves and give every full file that came out."""
    found = dict(bundles := frontier.append(leaves))
    level = {Tile(0, tile.number): leaf_hashes(entries_in(content, tile)) for tile, content in bundles.items()}
    while level:
        found |= {tile: b"".join(hashes) for tile, hashes in level.items()}
        level = {tile: hashes_in(content, tile) for tile, content in frontier.lift(level).items()}
    return found


def test_every_published_path_is_written_and_read_back() -> None:
    for vector in PUBLIC["tile_paths"]:
        tile = Tile(vector["level"], vector["index"], vector["width"] or 256)
        assert tile.path == vector["path"]
        assert tile_of_path(vector["path"]) == tile


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "tile/0/0",
        "tile/8/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000/",
        "tile/entries/1000",
        "tile/0/000\n",
    ],
)
def test_any_other_spelling_of_a_path_is_none_of_ours(path: str) -> None:
    assert tile_of_path(path) is None


def test_every_published_tile_and_bundle_comes_out_of_growing_in_uneven_steps() -> None:
    wanted = {vector["path"]: vector for vector in PUBLIC["tiles"] + PUBLIC["entry_bundles"]}
    sizes = sorted({vector["tree_size"] for vector in wanted.values()})
    frontier, full, checked = Frontier(), dict[Tile, bytes](), 0
    for size in sizes:
        while frontier.size < size:
            end = min(size, frontier.size + 777)
            full |= grown(frontier, [b"case-event/%d" % index for index in range(frontier.size, end)])
        files = {tile.path: content for tile, content in (full | frontier.partial_files()).items()}
        assert set(files) == {tile.path for tile in tiles_of(size)}
        assert frontier.root().hex() == PUBLIC["roots"][str(size)]
        for vector in PUBLIC["tiles"] + PUBLIC["entry_bundles"]:
            if vector["tree_size"] == size:
                content = files[vector["path"]]
                assert (len(content), sha256(content).hexdigest()) == (vector["bytes"], vector["sha256"])
                checked += 1
    assert checked == len(PUBLIC["tiles"]) + len(PUBLIC["entry_bundles"]) == 29


def test_seventy_thousand_leaves_have_the_tiles_of_the_specification() -> None:
    found = list(tiles_of(70_000))
    level_0 = [tile for tile in found if tile.level == 0]
    assert (len(level_0), level_0[-1]) == (274, Tile(0, 273, 112))
    assert [tile for tile in found if tile.level > 0] == [Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert edge_tiles(70_000) == [
        Tile(ENTRIES, 273, 112),
        Tile(0, 273, 112),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]


def test_the_empty_log_has_no_tiles() -> None:
    assert list(tiles_of(0)) == []
    assert Frontier().root() == root_of([])


def test_an_entry_may_have_65535_bytes_and_not_one_more() -> None:
    longest = b"x" * 65_535
    assert entries_in(bundle_of([longest, b""]), Tile(ENTRIES, 0, 2)) == [longest, b""]
    with pytest.raises(Tampered, match="65536 bytes"):
        bundle_of([longest + b"x"])


def test_a_bundle_that_is_cut_anywhere_or_has_a_byte_more_is_refused() -> None:
    content = bundle_of([b"one", b"", b"three"])
    tile = Tile(ENTRIES, 0, 3)
    for wrong in [content[:end] for end in range(len(content))] + [content + b"\x00", content + b"\x00\x00"]:
        with pytest.raises(Tampered):
            entries_in(wrong, tile)


def test_a_tile_of_another_width_than_its_name_is_refused() -> None:
    for length in (0, 31, 32, 65, 96):
        with pytest.raises(Tampered):
            hashes_in(b"h" * length, Tile(0, 0, 2))
