"""What docker-compose.yml starts, run as plain processes, from the first act to the row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import Cluster, wait_for
from tests.support.composed import ONE_BROKER, Running, composition, own_services, project, reader
from tests.support.office import act, line, receive


@pytest.fixture
def services(tmp_path: Path, brokers: Cluster, database: str) -> Iterator[dict[str, Running]]:
    read = own_services(project(reader(tmp_path), tmp_path, ONE_BROKER))
    started = composition(read, tmp_path, brokers.bootstrap, database)
    yield started
    for one in started.values():
        one.kill()


@pytest.mark.slow
def test_from_an_act_in_postgresql_through_the_log_and_the_topic_to_a_row(services: dict[str, Running]) -> None:
    services["init"].start()
    services["init"].finish()
    running = [one for name, one in services.items() if name != "init"]
    for one in running:
        one.start()
    for one in running:
        one.wait_until_healthy()
    clerk = services["init"]
    for number in range(5):
        assert clerk.run("act", stdin=line(receive(f"ref:A{number}"))).returncode == 0
        registered = act("register_petition", f"register/{number}", case=f"ref:A{number}", content_class="07-01")
        assert clerk.run("act", stdin=line(registered)).returncode == 0

    def is_visible() -> bool:
        listed = clerk.run("list", "cases", "--json")
        assert listed.returncode == 0, listed.stderr
        return [json.loads(row)["events"] for row in listed.stdout.splitlines()] == [2] * 5

    wait_for(is_visible, "the rows to come through the topic", 60)
    assert clerk.run("topic", "verify").returncode == 0
    for one in running:
        one.stop()
