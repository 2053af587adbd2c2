"""The views of a data folder as projectors and retries use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from infra.fed_store import FedReadStore
from infra.settings import Settings
from projections import ALL_PROJECTIONS


@contextmanager
def open_fed_views(settings: Settings) -> Iterator[FedReadStore]:
    """The views, their tables made where they are missing; closed afterwards."""
    store = FedReadStore(settings.views_place, lock_wait_s=float(settings.lock_timeout_s))
    try:
        store.prepare(ALL_PROJECTIONS)
        yield store
    finally:
        store.close()
