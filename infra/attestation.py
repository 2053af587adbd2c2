"""One Merkle root per view, over its canonical rows in key order: office and auditor compare one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from domain.errors import Conflict
from domain.event import canonical
from domain.seal.running import RunningRoot
from infra.read_store import ReadStore
from projections.fold import Projection

TRIES_MAX = 5


class Attestation(msgspec.Struct, frozen=True):
    """What a view's rows hash to at a ledger size; equal events give equal lines wherever they are folded."""

    view: str
    version: int
    size: int
    rows: int
    root: str

    def to_json(self) -> dict[str, Any]:
        """One line of the output."""
        return msgspec.structs.asdict(self)


def attest(store: ReadStore, wanted: Sequence[Projection]) -> list[Attestation]:
    """One line per view; the store's views must have been brought to their size.

    Raises `view_moved` where a view does not stand still long enough to be read.
    """
    return [_attest(store, one) for one in wanted]


def _attest(store: ReadStore, view: Projection) -> Attestation:
    for _ in range(TRIES_MAX):
        position = store.position(view.name)
        running = RunningRoot()
        for row in store.rows(view.name):
            running.take(canonical(row))
        if store.position(view.name) == position:
            return Attestation(view.name, view.version, position, running.size, running.root().hex())
    raise Conflict("view_moved", view.name)


def root_over(lines: Iterable[Attestation]) -> str:
    """The root over all lines: one value that stands for every row of every view attested."""
    running = RunningRoot()
    for line in lines:
        running.take(canonical(line.to_json()))
    return running.root().hex()
