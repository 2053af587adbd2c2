"""The broker that one run of the tests shares, and its log beside every failure of a test that used it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import pytest

if TYPE_CHECKING:
    from tests.support.broker import Cluster


@runtime_checkable
class KeepsBrokers(Protocol):
    """A cluster, or whatever stands on one: it can show how its brokers' logs end."""

    def log_tail(self) -> str: ...


@pytest.fixture(scope="session")
def shared_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One broker for all tests of the run; each test takes a ledger of its own, hence topics of its own."""
    pytest.importorskip("kafka", reason="kafka-python is missing; make test installs it")
    from tests.support.broker import cluster

    with cluster(Path(tmp_path_factory.mktemp("kafka"))) as started:
        yield started


@pytest.fixture
def brokers(shared_brokers: Cluster) -> Cluster:
    """The shared broker, running: a test that killed it finds it started again."""
    shared_brokers.start()
    return shared_brokers


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows the end of the broker's log."""
    report = yield
    if report.failed:
        report.sections += broker_logs(getattr(item, "funcargs", {}).values())
    return report


def broker_logs(used: Iterable[object]) -> list[tuple[str, str]]:
    """A section with the end of every log, for each thing among those that a test used that keeps brokers."""
    return [("Kafka broker", one.log_tail()) for one in used if isinstance(one, KeepsBrokers)]
