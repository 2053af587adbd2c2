"""What docker-compose.yml starts, read as docker compose reads it, and run as plain processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.broker import free_ports, wait_for
from tests.support.kafka_jars import without

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "interop" / "compose"
ONE_BROKER = ("docker-compose.yml",)
THREE_BROKERS = ("docker-compose.yml", "docker-compose.three-brokers.yml")
BIN = Path(sys.executable).parent


class Service(NamedTuple):
    """One of the ledger's own services: what it runs, with which environment, and how its health is asked."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    health: tuple[str, ...]


def reader(folder: Path) -> Path:
    """The program that reads compose files, built; the test is skipped (in the gate: fails) without Go."""
    if shutil.which("go") is None:
        without("go missing; to enable: install Go 1.24 or newer and put `go` on the PATH")
    binary = folder / "compose"
    subprocess.run(["go", "build", "-mod=readonly", "-o", binary, "."], cwd=PROGRAM, check=True, timeout=600)
    return binary


def project(binary: Path, folder: Path, files: Sequence[str]) -> dict[str, Any]:
    """The project that some compose files give together, as JSON; fails with docker compose's own words."""
    for name in files:
        shutil.copy(ROOT / name, folder / name)
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / "postgres.env").write_text("POSTGRES_PASSWORD=x\nPGPASSWORD=x\n", encoding="utf-8")
    done = subprocess.run([binary, *files], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def own_services(read: Mapping[str, Any]) -> dict[str, Service]:
    """The services that run the ledger's image, by name."""
    return {
        name: Service(
            name,
            tuple(one["command"]),
            dict(one["environment"]),
            tuple(one.get("healthcheck", {}).get("test", ("NONE",))[1:]),
        )
        for name, one in read["services"].items()
        if one["image"].startswith("caseledger:")
    }


HEALTH_PORT = re.compile(r"127\.0\.0\.1:\d+")


def composition(services: Mapping[str, Service], folder: Path, bootstrap: str, database: str) -> dict[str, Running]:
    """The services, not yet started, with these brokers and this database; each has a health port of its own."""
    (_, one), *_ = services.items()
    shared = {
        one.environment["CASELEDGER_STORE"]: database,
        one.environment["CASELEDGER_VIEWS"]: database,
        one.environment["CASELEDGER_KAFKA"]: bootstrap,
        one.environment["CASELEDGER_DATA"]: str(folder / "data"),
        one.environment["CASELEDGER_KEYS"]: str(folder / "keys"),
    }
    made = {}
    for service in services.values():
        ports = set(HEALTH_PORT.findall(" ".join([*service.command, *service.health])))
        assert len(ports) <= 1, f"{service.name}: the health check asks another port than the service opens"
        places = {**shared, **{port: f"127.0.0.1:{free_ports(1)[0]}" for port in ports}}
        made[service.name] = Running(service, places, folder / f"{service.name}.log")
    return made


class Running:
    """One service as a plain process, with places of this machine for those of its container."""

    def __init__(self, service: Service, places: Mapping[str, str], log: Path) -> None:
        self.service = service
        self._places = dict(places)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; returns at once."""
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                self._here(self.service.command), env=self.environment, stdout=log, stderr=log, cwd=ROOT
            )

    def finish(self, deadline_s: float = 120) -> None:
        """Wait until it ends by itself with 0."""
        assert self._process is not None
        assert self._process.wait(deadline_s) == 0, self.log_tail()

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as `docker compose stop` does; it must end by itself."""
        self._end(signal.SIGTERM)

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def is_healthy(self) -> bool:
        """What the health check of the file says."""
        assert self.is_running, self.log_tail()
        done = subprocess.run(
            self._here(self.service.health), env=self.environment, capture_output=True, check=False, timeout=60
        )
        return done.returncode == 0

    def wait_until_healthy(self, deadline_s: float = 90) -> None:
        """Return when the health check holds."""
        wait_for(self.is_healthy, f"{self.service.name} to be healthy\n{self.log_tail()}", deadline_s)

    def run(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        """Another command of the program in this service's environment, as `docker compose run` does."""
        return subprocess.run(
            [BIN / "caseledger", *words], env=self.environment, input=stdin.decode(), capture_output=True, text=True
        )

    def log_tail(self, lines: int = 40) -> str:
        """The end of what it printed."""
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return "\n".join([f"--- {self.service.name}", *text.splitlines()[-lines:]])

    def _here(self, words: Sequence[str]) -> list[str]:
        return [self._places.get(word, word) for word in words]

    @property
    def environment(self) -> dict[str, str]:
        """What the process is given: that of the file, on this machine."""
        given = {name: self._places.get(value, value) for name, value in self.service.environment.items()}
        return {**os.environ, **given, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}

    def _end(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(number)
        self._process.wait(60)
