"""Projectors of a published office: in a thread of the test, or as processes; and what their rows must be equal to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from consumers.project import catch_up
from domain.errors import LedgerError
from infra.attestation import Attestation, attest
from infra.fed_store import FedReadStore
from infra.kafka.projector import Projector
from infra.metrics import StageMetrics
from infra.read_store import ReadStore
from infra.wiring import open_source
from projections import ALL_PROJECTIONS
from projections.fold import Projection
from tests.support.broker import wait_for
from tests.support.published import PublishedOffice

GROUP = "projectors"
CATCH_UP_S_MAX = 60


class Running:
    """A projector in a thread, with what it said."""

    def __init__(self, office: PublishedOffice, store: FedReadStore, views: Sequence[Projection], batch: int) -> None:
        self.metrics = StageMetrics("projector")
        self.troubles: list[str] = []
        self.failure: BaseException | None = None
        self._stop = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self.projector = Projector(
            office.connection, office.topic, f"{office.topic}.{GROUP}", store, views, self.metrics,
            records_max=batch, on_trouble=self._told,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._thread.start()

    def _told(self, error: LedgerError) -> None:
        self.troubles.append(error.code)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self.projector.run(self._stop))
        except BaseException as error:  # noqa: BLE001 - shown by the test that stops it
            self.failure = error
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def stop(self) -> None:
        """Let it finish its batch and leave; raises what it ended with."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(CATCH_UP_S_MAX)
        assert not self._thread.is_alive(), "the projector does not end"
        if self.failure is not None:
            raise self.failure


@contextmanager
def projecting(
    office: PublishedOffice, store: FedReadStore, views: Sequence[Projection] = ALL_PROJECTIONS, batch: int = 200
) -> Iterator[Running]:
    """A projector at work in this process; stopped afterwards, and its failure is the test's."""
    running = Running(office, store, views, batch)
    try:
        yield running
    except BaseException:
        running.failure = None  # what the test saw comes first
        running.stop()
        raise
    running.stop()


def positions(store: ReadStore) -> set[int]:
    """Where the views stand."""
    return {store.position(view.name) for view in ALL_PROJECTIONS}


def wait_until_at(store: ReadStore, position: int) -> None:
    """Return when every view has taken every event up to a position."""
    wait_for(lambda: positions(store) == {position}, f"the views to reach {position}", CATCH_UP_S_MAX)


def replayed(office: PublishedOffice, folder: Path) -> list[Attestation]:
    """What the embedded replay of the store attests."""
    store = ReadStore(folder / "replayed.db")
    store.prepare(ALL_PROJECTIONS)
    with open_source(office.settings) as source:
        catch_up(source, store, ALL_PROJECTIONS)
    found = attest(store, ALL_PROJECTIONS)
    store.close()
    return found


def assert_rows_are_those_of_a_replay(office: PublishedOffice, store: ReadStore, folder: Path) -> None:
    """Every view's root is that of an embedded replay of the store."""
    assert attest(store, ALL_PROJECTIONS) == replayed(office, folder)
