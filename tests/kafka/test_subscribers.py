"""Other people's clients read the topic, by the examples of docs/subscribe.md as they stand there, and agree with the export."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.broker import Cluster, wait_for
from tests.support.command_line import Office
from tests.support.kafka_jars import ROOT, without
from tests.support.office import act, receive

PAGE = ROOT / "docs" / "subscribe.md"
PACKAGES = ROOT / "tests" / "interop" / "js"
DEADLINE_S = 90
INSTALL_S_MAX = 300


class Published(NamedTuple):
    """A ledger whose every event is on its topic."""

    topic: str
    environment: dict[str, str]
    exported: list[str]


@pytest.fixture(scope="module")
def published(shared_brokers: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Published:
    office = Office(tmp_path_factory.mktemp("subscribed") / "ledger-data")
    kafka = {"CASELEDGER_KAFKA": shared_brokers.bootstrap, "CASELEDGER_KAFKA_REPLICATION": "1"}
    source = f"/500229/subscribed-{os.getpid()}"
    assert office("init", "--source", source).code == 0
    for number in range(25):
        registered = act("register_petition", f"register/{number}", case=f"ref:A{number}", content_class="07-01")
        office.take([receive(f"ref:A{number}"), registered])
    for words in (["seal"], ["topic", "init"], ["relay"]):
        done = office(*words, **kafka)
        assert done.code == 0, done.err
    exported = office("export", "jsonl").out.splitlines()
    assert len(exported) >= 50
    topic = f"{source[1:].replace('/', '.')}.events"
    return Published(topic, {**os.environ, "KAFKA": shared_brokers.bootstrap, "TOPIC": topic}, exported)


def example(language: str, nth: int = 0) -> str:
    """A code block of the page, as a reader copies it."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[nth]


def lines_of(command: list[str], environment: dict[str, str], count: int, log: Path) -> list[str]:
    """What a subscriber that never ends by itself prints, until it has printed so many lines."""
    with open(log, "wb") as out, open(f"{log}.err", "wb") as err:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=err)
    try:
        wait_for(
            lambda: process.poll() is not None or log.read_bytes().count(b"\n") >= count,
            f"{count} lines, {Path(f'{log}.err').read_text()}",
            DEADLINE_S,
        )
        assert process.poll() is None, Path(f"{log}.err").read_text()
    finally:
        process.kill()
        process.wait()
    return log.read_text(encoding="utf-8").splitlines()


def by_subject(lines: list[str]) -> dict[str, list[str]]:
    """The lines of each subject, in the order in which they came."""
    found: dict[str, list[str]] = {}
    for line in lines:
        found.setdefault(json.loads(line)["subject"], []).append(line)
    return found


def test_plain_kafka_python_reads_what_the_export_gives(published: Published, tmp_path: Path) -> None:
    command = [sys.executable, "-c", example("python")]
    read = lines_of(command, published.environment, len(published.exported), tmp_path / "out")
    assert by_subject(read) == by_subject(published.exported)


def test_the_cloudevents_sdk_of_python_parses_every_record(published: Published, tmp_path: Path) -> None:
    command = [sys.executable, "-c", example("python", 1)]
    read = lines_of(command, published.environment, len(published.exported), tmp_path / "out")
    events = [json.loads(line) for line in published.exported]
    assert sorted(read) == sorted(f"{one['id']} {one['type']} {one['subject']}" for one in events)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of the JavaScript examples."""
    missing = [program for program in ("node", "npm") if shutil.which(program) is None]
    if missing:
        without(f"{' and '.join(missing)} missing; on Debian: apt-get install nodejs npm")
    folder = tmp_path_factory.mktemp("js")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGES / name, folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True, timeout=INSTALL_S_MAX)
    return folder


def test_kafkajs_and_the_cloudevents_sdk_of_javascript_read_what_the_export_gives(
    published: Published, packages: Path, tmp_path: Path
) -> None:
    script = packages / "subscriber.js"
    script.write_text(example("javascript"), encoding="utf-8")
    environment = {**published.environment, "KAFKAJS_NO_PARTITIONER_WARNING": "1"}
    read = lines_of(["node", str(script)], environment, len(published.exported), tmp_path / "out")
    assert by_subject(read) == by_subject(published.exported)


def test_kcat_reads_what_the_export_gives(published: Published) -> None:
    if shutil.which("kcat") is None:
        without("kcat missing; on Debian: apt-get install kcat")
    done = subprocess.run(
        ["sh", "-ec", example("sh")], env=published.environment, capture_output=True, text=True, timeout=DEADLINE_S
    )
    assert done.returncode == 0, done.stderr
    assert by_subject(done.stdout.splitlines()) == by_subject(published.exported)
