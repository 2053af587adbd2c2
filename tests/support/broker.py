"""A real Apache Kafka: one broker or several as plain processes on free loopback ports, to be killed and restarted."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.support.kafka_jars import ROOT, jars

LOG4J = ROOT / "tests" / "support" / "kafka" / "log4j2.properties"
HEAP = ("-Xms96m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xlog:disable")
START_S_MAX = 90
LOOK_AGAIN_S = 0.05
TRIES_MAX = 3
"""Starts of a new cluster until its freely chosen ports were really free."""

PROPERTIES = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
unclean.leader.election.enable=false
offsets.topic.replication.factor={replication}
offsets.topic.num.partitions=3
transaction.state.log.replication.factor={replication}
transaction.state.log.min.isr={insync}
transaction.state.log.num.partitions=3
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
share.coordinator.state.topic.replication.factor={replication}
share.coordinator.state.topic.min.isr={insync}
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=300
broker.session.timeout.ms=2000
log.cleaner.dedupe.buffer.size=4194304
log.segment.delete.delay.ms=1000
num.network.threads=2
num.io.threads=4
"""


class Broker:
    """One broker process over a folder of its own; it dies with the tests that started it."""

    def __init__(self, folder: Path, node: int, port: int, libs: Path) -> None:
        self.folder = folder
        self.node = node
        self.port = port
        self.log = folder / "broker.log"
        self._libs = libs
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where clients reach it: `host:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._process is not None, "the broker was not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process lives; whether it answers is `Cluster.wait_until_ready`'s question."""
        return self._process is not None and self._process.poll() is None

    def format(self, cluster_id: str) -> None:
        """Prepare the empty data folder, once."""
        self._run("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(self.folder / "server.properties"))

    def start(self) -> None:
        """Start the process on the data that is there; returns at once. Call it from the main thread:
        the kernel ends the process with the thread that started it."""
        assert not self.is_running, "the broker runs already"
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [*_dies_with_us(), *self._java("kafka.Kafka", str(self.folder / "server.properties"))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )

    def kill(self) -> None:
        """SIGKILL, and wait until the process is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM: the broker hands over and closes its files."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """SIGSTOP: alive, but silent, until `thaw`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def counts(self, nodes: Collection[int]) -> bool:
        """Whether it answers, and knows these brokers as members; raises `BrokerDied` where it ended by itself."""
        if not self.is_running:
            raise BrokerDied(self.log_tail())
        try:
            admin = KafkaAdminClient(
                bootstrap_servers=self.address, bootstrap_timeout_ms=1_000, request_timeout_ms=5_000
            )
        except KafkaError:
            return False
        try:
            return set(nodes) <= {int(member["broker_id"]) for member in admin.describe_cluster()["brokers"]}
        except KafkaError:
            return False
        finally:
            admin.close()

    def log_tail(self, lines: int = 60) -> str:
        """The end of what the broker printed."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            self._process.wait(START_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(START_S_MAX)

    def _java(self, main: str, *arguments: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={LOG4J}"
        return ["java", *HEAP, logging, "-cp", f"{self._libs}/*", main, *arguments]

    def _run(self, main: str, *arguments: str) -> None:
        done = subprocess.run(
            self._java(main, *arguments), capture_output=True, text=True, timeout=START_S_MAX, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


class Cluster:
    """One broker or several that know each other; `bootstrap` is what clients are given."""

    def __init__(self, brokers: list[Broker]) -> None:
        self.brokers = brokers

    @property
    def bootstrap(self) -> str:
        """`host:port,host:port`, the form of `CASELEDGER_KAFKA`."""
        return ",".join(broker.address for broker in self.brokers)

    def start(self) -> None:
        """Start every broker that does not run, and wait until all of them answer."""
        for broker in self.brokers:
            if not broker.is_running:
                broker.start()
        self.wait_until_ready()

    def kill(self) -> None:
        """SIGKILL to every broker."""
        for broker in self.brokers:
            broker.kill()

    def stop(self) -> None:
        """SIGTERM to every broker."""
        for broker in self.brokers:
            broker.stop()

    def wait_until_ready(self, deadline_s: float = START_S_MAX) -> None:
        """Return when every broker that runs answers by itself and counts all of them; else fail with its log."""
        wanted = {broker.node for broker in self.brokers if broker.is_running}
        for broker in self.brokers:
            if broker.node in wanted:
                wait_for(lambda broker=broker: broker.counts(wanted), f"broker {broker.node} to answer", deadline_s)

    def log_tail(self) -> str:
        """The end of every broker's log."""
        return "\n".join(f"--- broker {broker.node}\n{broker.log_tail()}" for broker in self.brokers)

    def admin(self, **settings: Any) -> KafkaAdminClient:
        """An admin client of its own; the caller closes it."""
        return KafkaAdminClient(bootstrap_servers=self.bootstrap, **settings)


class BrokerDied(AssertionError):
    """The process ended by itself while it was waited for; the message is its log."""


def wait_for(holds: Callable[[], bool], what: str, deadline_s: float = START_S_MAX) -> None:
    """Return when the condition holds; fail naming it when the deadline passes."""
    until = time.monotonic() + deadline_s
    while not holds():
        assert time.monotonic() < until, f"waited {deadline_s} s in vain for: {what}"
        time.sleep(LOOK_AGAIN_S)


@contextmanager
def cluster(folder: Path, brokers: int = 1) -> Iterator[Cluster]:
    """A new cluster over `folder`, ready; every process of it is ended afterwards.

    With three brokers every topic of Kafka's own has three copies, two of which must be in step.
    """
    libs = jars()
    for tried in range(1, TRIES_MAX + 1):
        made = _formatted(folder / f"cluster-{tried}", brokers, libs)
        try:
            made.start()
            break
        except BrokerDied:
            made.kill()
            if tried == TRIES_MAX:
                raise
        except BaseException:
            made.kill()
            raise
    try:
        yield made
    finally:
        made.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _formatted(folder: Path, count: int, libs: Path) -> Cluster:
    ports = free_ports(2 * count)
    voters = ",".join(f"{node}@127.0.0.1:{ports[count + node - 1]}" for node in range(1, count + 1))
    cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
    if cluster_id.startswith("-"):
        cluster_id = "A" + cluster_id[1:]  # the tool would take it for an option
    made = []
    for node in range(1, count + 1):
        home = folder / f"broker-{node}"
        home.mkdir(parents=True)
        broker = Broker(home, node, ports[node - 1], libs)
        text = PROPERTIES.format(
            node=node,
            voters=voters,
            port=broker.port,
            controller_port=ports[count + node - 1],
            data=home / "data",
            replication=min(count, 3),
            insync=2 if count >= 3 else 1,
        )
        (home / "server.properties").write_text(text, encoding="utf-8")
        broker.format(cluster_id)
        made.append(broker)
    return Cluster(made)


def free_ports(count: int) -> list[int]:
    """Ports below those that the kernel hands to clients, so that a restarted broker finds its own free again."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def _dies_with_us() -> list[str]:
    """The kernel ends the broker when the tests' process dies, however that comes."""
    return ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
