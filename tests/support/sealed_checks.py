"""What must hold of a sealed folder at any moment, however it came about."""

from __future__ import annotations

import json

from domain.seal.checkpoint import read_note
from domain.seal.tiles import tiles_of
from domain.seal.tree import leaf_hashes, root_of
from infra.verify import verify_log
from tests.support.sealed_log import Bench


def expected_root(bench: Bench) -> bytes:
    """The root over everything that the source holds."""
    return root_of(leaf_hashes(bench.source.raws))


def assert_exact(bench: Bench) -> None:
    """The folder holds the files of the signed size, no other, and they give the right root."""
    size = read_note((bench.log / "checkpoint").read_bytes()).checkpoint.size
    assert set(bench.files()) == {"checkpoint", *(tile.path for tile in tiles_of(size))}
    report = verify_log(bench.log, bench.policy)
    assert report.ok, report.failure
    assert report.root == root_of(leaf_hashes(bench.source.raws[:size])).hex()


def signed_roots(bench: Bench) -> dict[int, set[bytes]]:
    """Every root ever signed, by size, from the sealer's history."""
    found: dict[int, set[bytes]] = {}
    history = bench.data / "sealing" / "history.jsonl"
    for line in history.read_bytes().split(b"\n")[:-1] if history.exists() else []:
        checkpoint = read_note(json.loads(line)["note"].encode()).checkpoint
        found.setdefault(checkpoint.size, set()).add(checkpoint.root)
    return found
