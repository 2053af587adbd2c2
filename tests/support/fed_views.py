"""Views that projectors feed, and what their rows must be equal to: those of an embedded replay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from consumers.project import catch_up
from infra.fed_store import FedReadStore
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS
from projections.fold import Row
from tests.support.memory_ledger import MemoryLedger


@contextmanager
def fed_views(place: str | Path) -> Iterator[FedReadStore]:
    """The views of one place, prepared, closed afterwards."""
    store = FedReadStore(place)
    store.prepare(ALL_PROJECTIONS)
    try:
        yield store
    finally:
        store.close()


def rows_of(store: ReadStore) -> dict[str, list[Row]]:
    """All rows of all views."""
    return {projection.name: list(store.rows(projection.name)) for projection in ALL_PROJECTIONS}


def replayed(ledger: MemoryLedger, folder: Path) -> dict[str, list[Row]]:
    """What the embedded replay gives."""
    store = ReadStore(folder / "embedded.db")
    store.prepare(ALL_PROJECTIONS)
    catch_up(ledger, store, ALL_PROJECTIONS)
    found = rows_of(store)
    store.close()
    return found
