"""A siege: the office scaled out on three brokers and PostgreSQL, under load, while its parts are killed one after the other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from tests.support.broker import Broker, Cluster, wait_for
from tests.support.composed import Running
from tests.support.kafka_jars import ROOT
from tests.support.postgres import PostgresServer

VICTIMS = ("leader", "relay", "projector-1", "postgres", "projector-2", "sealer")
DOWN_S_MAX = 15
HEAL_S_MAX = 180


@dataclass
class Siege:
    """What stands, and what was killed so far."""

    cluster: Cluster
    postgres: PostgresServer
    services: dict[str, Running]
    folder: Path
    events_topic: str
    killed: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Make the ledger and its topics, start every service, wait until all are well."""
        self.services["init"].start()
        self.services["init"].finish()
        for one in self._lasting():
            one.start()
        for one in self._lasting():
            one.wait_until_healthy()

    def under_fire(self, actions: int, per_second: float, kills_each: int, clerks: int = 2) -> list[dict[str, object]]:
        """Let clerks record, and kill each victim so often, spread over the work; every answer that a clerk was given."""
        outs = [self.folder / f"clerk-{number}.jsonl" for number in range(clerks)]
        each = actions // clerks
        working = [self._clerk(number, each, per_second / clerks, out) for number, out in enumerate(outs)]
        try:
            plan = [victim for _ in range(kills_each) for victim in VICTIMS]
            for number, victim in enumerate(plan, start=1):
                self._wait_for_answers(outs, each * clerks * number // (len(plan) + 1), working)
                self._kill(victim, lambda so_far: self._answers(outs) > so_far, self._answers(outs))
            for clerk in working:
                assert clerk.wait(HEAL_S_MAX) == 0, self._last_words(outs)
        finally:
            for clerk in working:
                clerk.kill()
                clerk.wait()
        self.restart_what_died()
        return [json.loads(line) for out in outs for line in out.read_text(encoding="utf-8").splitlines()]

    def restart_what_died(self) -> None:
        """What `restart: unless-stopped` does."""
        for one in self._lasting():
            if not one.is_running:
                one.start()

    def log_tail(self) -> str:
        """The end of every broker's log: what a failed siege shows."""
        return self.cluster.log_tail()

    def records(self) -> dict[int, list[tuple[int, bytes]]]:
        """Leaf index and bytes of the committed records of each partition, by a plain consumer."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.cluster.bootstrap, isolation_level="read_committed", max_poll_records=5_000
        )
        try:
            places = [
                TopicPartition(self.events_topic, one) for one in consumer.partitions_for_topic(self.events_topic)
            ]
            ends = consumer.end_offsets(places)
            consumer.assign(places)
            consumer.seek_to_beginning(*places)
            found: dict[int, list[tuple[int, bytes]]] = {place.partition: [] for place in places}
            while any(consumer.position(place) < ends[place] for place in places):
                for place, records in consumer.poll(1_000).items():
                    found[place.partition] += [(int(dict(one.headers)["leafindex"]), one.value) for one in records]
        finally:
            consumer.close()
        return found

    def _lasting(self) -> list[Running]:
        return [one for name, one in self.services.items() if name != "init"]

    def _clerk(self, number: int, count: int, per_second: float, out: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.siege_client", f"clerk{number}", str(count), str(per_second)]
        environment = self.services["init"].environment
        with open(out.with_suffix(".err"), "wb") as told:
            return subprocess.Popen([*command, str(out)], env=environment, cwd=ROOT, stderr=told)

    def _answers(self, outs: Sequence[Path]) -> int:
        return sum(out.read_bytes().count(b"\n") for out in outs if out.exists())

    def _last_words(self, outs: Sequence[Path]) -> str:
        return "\n".join(out.with_suffix(".err").read_text(encoding="utf-8", errors="replace") for out in outs)

    def _wait_for_answers(self, outs: Sequence[Path], count: int, working: Sequence[subprocess.Popen[bytes]]) -> None:
        def reached() -> bool:
            self.restart_what_died()
            for clerk in working:
                assert clerk.poll() in (None, 0), self._last_words(outs)
            return self._answers(outs) >= count

        wait_for(reached, f"{count} answers", HEAL_S_MAX)

    def _kill(self, victim: str, went_on: Callable[[int], bool], so_far: int) -> None:
        """SIGKILL; the others must go on without it (but nobody records without the database), then it comes back."""
        self.killed.append(victim)
        if victim == "postgres":
            self.postgres.kill()
            self.postgres.start()
            return
        if victim == "leader":
            self.cluster.wait_until_ready(HEAL_S_MAX)
            leader = self._leader()
            leader.kill()
            wait_for(lambda: went_on(so_far), "recording to go on without a broker", DOWN_S_MAX)
            leader.start()
            return
        one = self.services[victim]
        one.kill()
        wait_for(lambda: went_on(so_far), f"recording to go on without the {victim}", DOWN_S_MAX)
        one.start()

    def _leader(self) -> Broker:
        """The broker that leads the first partition of the events."""
        admin = self.cluster.admin()
        try:
            (topic,) = admin.describe_topics([self.events_topic])
            node = next(one["leader_id"] for one in topic["partitions"] if one["partition_index"] == 0)
        finally:
            admin.close()
        return next(broker for broker in self.cluster.brokers if broker.node == node)
