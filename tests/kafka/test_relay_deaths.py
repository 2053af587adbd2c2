"""The relay and the broker die by SIGKILL in the middle of their work: the topic is the log all the same."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from infra.published_mark import MarkFile
from tests.support.broker import Cluster, wait_for
from tests.support.published import PublishedOffice, assert_topic_is_the_log, published_office

EVENTS = 20_000
DEATHS = [("sent", 2), ("flushed", 1), ("committing", 3), ("committed", 1)] * 2
PATIENCE_S = 60


@pytest.mark.slow
def test_eight_relays_killed_in_mid_batch_leave_no_gap_and_no_duplicate(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, EVENTS)
    for step, number in DEATHS:
        dying = office.start("-m", "tests.support.dying_relay", step, str(number))
        _, told = dying.communicate(timeout=PATIENCE_S)
        assert dying.returncode == -signal.SIGKILL, told
    held = sum(len(records) for records in office.read().values())
    assert 0 < held < EVENTS, "the deaths came in the middle"
    assert office.publish().size == len(office.stored())
    assert_topic_is_the_log(office)
    office.settle()
    assert office("topic", "verify").code == 0


@pytest.mark.slow
def test_a_broker_killed_in_mid_publish_is_waited_for_and_loses_nothing(brokers: Cluster, tmp_path: Path) -> None:
    """The relay says that it waits, recording and sealing go on meanwhile, and everything is there at the end."""
    office = published_office(tmp_path, brokers, 5_000)
    relay = office.start("-m", "infra.cli", "relay", "--follow")
    try:
        wait_for(lambda: _marked(office) >= 5_000, "the first events", PATIENCE_S)
        office.grow(10_000)
        wait_for(lambda: _marked(office) > 5_000, "the relay to be in the middle", PATIENCE_S)
        brokers.kill()
        office.grow(5_000)
        assert relay.stderr is not None
        waits = next(line for line in relay.stderr if "failed" in line)
        assert "the Kafka cluster does not answer" in waits
        brokers.start()
        wait_for(lambda: _marked(office) == 20_000, "the relay to catch up", PATIENCE_S)
        relay.send_signal(signal.SIGTERM)
        _, told = relay.communicate(timeout=PATIENCE_S)
        assert relay.returncode == 0, told
    finally:
        relay.kill()
        relay.wait(PATIENCE_S)
    assert_topic_is_the_log(office)


def _marked(office: PublishedOffice) -> int:
    """How far the relay says that it came; that the topic says the same is asserted at the end."""
    mark = MarkFile(office.settings.data, office.topic).read()
    return 0 if mark is None else mark.size


@pytest.mark.slow
def test_a_broker_whose_disk_takes_no_more_is_waited_for_and_loses_nothing(brokers: Cluster, tmp_path: Path) -> None:
    """The kernel refuses the broker's files to grow, as a full disk does; the broker gives up its only disk and ends."""
    office = published_office(tmp_path, brokers, 2_000)
    office.publish()
    (broker,) = brokers.brokers
    segments = (broker.folder / "data").glob(f"{office.topic}-*/*.log")
    limit = max(path.stat().st_size for path in segments) + 200_000
    resource.prlimit(broker.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    office.grow(6_000)
    relay = office.start("-m", "infra.cli", "relay", "--follow")
    try:
        assert relay.stderr is not None
        waits = next(line for line in relay.stderr if "failed" in line)
        assert "the Kafka cluster" in waits
        wait_for(lambda: not broker.is_running, "the broker to end", PATIENCE_S)
        assert "IOException" in broker.log_tail(400)
        brokers.start()
        wait_for(lambda: _marked(office) == 8_000, "the relay to catch up", PATIENCE_S)
        relay.send_signal(signal.SIGTERM)
        _, told = relay.communicate(timeout=PATIENCE_S)
        assert relay.returncode == 0, told
    finally:
        relay.kill()
        relay.wait(PATIENCE_S)
        if broker.is_running:
            resource.prlimit(broker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert_topic_is_the_log(office)
