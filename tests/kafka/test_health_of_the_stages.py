"""Sealer, relay and projector as processes: well while they work, unready and late when broker or events are away."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from infra.health import Address
from tests.support.broker import Cluster, wait_for
from tests.support.large_ledger import add_events
from tests.support.published import PublishedOffice, published_office

DEADLINE_S = 40
AGE = "caseledger_oldest_unprocessed_seconds"


def page(address: Address, path: str) -> tuple[int, str]:
    """One page of a stage; status 0 where nobody answers."""
    from http.client import HTTPConnection

    connection = HTTPConnection(address.host, address.port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def metric(address: Address, name: str) -> float:
    """One figure of a stage."""
    families = text_string_to_metric_families(page(address, "/metrics")[1])
    return {sample.name: sample.value for family in families for sample in family.samples}.get(name, -1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def stages(office: PublishedOffice, *names: str) -> Iterator[list[Address]]:
    """Following stages as processes, all ready; each ends by SIGTERM with 0."""
    addresses = [Address("127.0.0.1", free_port()) for _ in names]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                office.start("-m", "infra.cli.__main__", name, "--follow", "--health", f"{one.host}:{one.port}")
            )
            for name, one in zip(names, addresses, strict=True)
        ]
        told = []
        try:
            for process, one in zip(processes, addresses, strict=True):
                wait_for(
                    lambda one=one, process=process: process.poll() is not None or page(one, "/readyz")[0] == 200,
                    "the stage to be ready",
                    DEADLINE_S,
                )
            yield addresses
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            told = [process.communicate(timeout=DEADLINE_S) for process in processes]
        assert [process.returncode for process in processes] == [0] * len(names), told


def test_every_stage_tells_where_it_is_and_that_the_broker_is_away(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 200)
    names = ("seal", "relay", "project", "announce")
    with stages(office, *names) as (sealer, relay, projector, announcer):
        size = len(office.stored())
        for one in (sealer, relay, projector, announcer):
            wait_for(lambda one=one: metric(one, "caseledger_position") == size, "the stage to be there", DEADLINE_S)
            wait_for(lambda one=one: metric(one, AGE) == 0, "nothing to wait any more", DEADLINE_S)
        wait_for(lambda: metric(projector, "caseledger_lag_records") == 0, "the lag to go", DEADLINE_S)
        assert metric(projector, "caseledger_parked_subjects") == 0
        before = metric(projector, "caseledger_heartbeat_timestamp_seconds")
        wait_for(
            lambda: metric(projector, "caseledger_heartbeat_timestamp_seconds") > before,
            "a beat in silence",
            DEADLINE_S,
        )
        told = f"{relay.host}:{relay.port}"
        assert office("health", told).code == 0
        brokers.kill()
        add_events(office.settings, office.rows, 50)
        wait_for(lambda: page(relay, "/readyz")[0] == 503, "the relay to be unready", DEADLINE_S)
        wait_for(lambda: metric(relay, "caseledger_lag_records") == 50, "its lag to show", DEADLINE_S)
        assert office("health", told).code == 1
        assert page(relay, "/healthz")[0] == 200, "it lives and tries again"
        assert metric(relay, AGE) > 0
        wait_for(lambda: page(projector, "/readyz")[1].strip() == "kafka_unreachable", "the projector too", DEADLINE_S)
        brokers.start()
        wait_for(lambda: metric(projector, "caseledger_position") == size + 50, "all to be caught up", DEADLINE_S)
        wait_for(lambda: metric(announcer, "caseledger_position") == size + 50, "the announcer too", DEADLINE_S)
        for one in (relay, projector, announcer):
            wait_for(lambda one=one: page(one, "/readyz")[0] == 200, "the stage to be well again", DEADLINE_S)
