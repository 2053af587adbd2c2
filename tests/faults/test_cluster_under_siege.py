"""Three brokers, PostgreSQL, sealer, relay and projectors under load, killed in turn: store, log, topic and rows are one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import cluster, wait_for
from tests.support.composed import THREE_BROKERS, composition, own_services, project, reader
from tests.support.postgres import postgres_server
from tests.support.siege import HEAL_S_MAX, VICTIMS, Siege

LONG = os.environ.get("CASELEDGER_SOAK") == "1"
EVENTS, KILLS_EACH, PER_SECOND = (50_000, 20, 100.0) if LONG else (10_000, 2, 250.0)


@pytest.fixture
def siege(tmp_path: Path) -> Iterator[Siege]:
    read = own_services(project(reader(tmp_path), tmp_path, THREE_BROKERS))
    with cluster(tmp_path / "kafka", 3) as brokers, postgres_server() as postgres, postgres.database() as database:
        services = composition(read, tmp_path, brokers.bootstrap, database)
        made = Siege(brokers, postgres, services, tmp_path, "500229.petition-office.events")
        try:
            yield made
        finally:
            for one in services.values():
                one.kill()


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600 if LONG else 600)
def test_whatever_is_killed_every_answer_stands_and_store_log_topic_and_rows_are_one(siege: Siege) -> None:
    siege.open()
    answers = siege.under_fire(EVENTS, PER_SECOND, KILLS_EACH)
    assert [siege.killed.count(victim) for victim in VICTIMS] == [KILLS_EACH] * len(VICTIMS)
    clerk = siege.services["init"]

    def is_through() -> bool:
        siege.restart_what_died()
        return clerk.run("topic", "verify").returncode == 0 and all(
            view["position"] == len(recorded) for view in views() if view.get("view")
        )

    def views() -> list[dict[str, object]]:
        return [json.loads(line) for line in clerk.run("status", "--json").stdout.splitlines()]

    recorded = clerk.run("export", "jsonl").stdout.splitlines()
    assert len(recorded) >= EVENTS
    wait_for(is_through, "sealer, relay and projectors to have taken everything", HEAL_S_MAX)

    assert len(answers) == EVENTS, "every action was answered once"
    there = {event["id"]: event for event in map(json.loads, recorded)}
    for answer in answers:
        for event in answer["events"]:
            assert there[event["id"]]["actionid"] == answer["action_id"]

    seen: dict[int, str] = {}
    for partition, records in siege.records().items():
        order = [leaf for leaf, _ in records]
        assert order == sorted(set(order)), f"partition {partition} is out of order or holds a leaf twice"
        seen.update((leaf, raw.decode()) for leaf, raw in records)
    assert [seen[leaf] for leaf in range(len(recorded))] == recorded
    assert len(seen) == len(recorded)

    (siege.folder / "policy").write_text(clerk.run("policy").stdout, encoding="utf-8")
    verified = clerk.run("verify", str(siege.folder / "data" / "log"), "--policy", str(siege.folder / "policy"))
    assert verified.returncode == 0, verified.stderr
    rebuilt = clerk.run("replay", "--dry-run")
    assert rebuilt.returncode == 0, rebuilt.stderr
