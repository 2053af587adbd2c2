"""docker-compose.yml and its override: docker compose's own reader takes them, and they say what they must."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from tests.support.composed import ONE_BROKER, THREE_BROKERS, own_services, project, reader
from tests.support.kafka_jars import POM, ROOT

FILES = {"one": ONE_BROKER, "three": THREE_BROKERS}
POM_NAMES = {"m": "http://maven.apache.org/POM/4.0.0"}


@pytest.fixture(scope="module")
def compose_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reader(tmp_path_factory.mktemp("compose"))


@pytest.fixture(params=FILES)
def read(request: pytest.FixtureRequest, compose_reader: Path, tmp_path: Path) -> dict[str, Any]:
    return project(compose_reader, tmp_path, FILES[request.param])


def test_what_runs_for_ever_is_asked_for_its_health_comes_back_and_keeps_what_it_has(read: dict[str, Any]) -> None:
    for name, service in read["services"].items():
        if name == "init":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["volumes"], name
    named = {volume["source"] for one in read["services"].values() for volume in one["volumes"]}
    assert named == set(read["volumes"])


def test_every_image_is_pinned_and_the_broker_is_the_one_that_the_tests_start(read: dict[str, Any]) -> None:
    for name, service in read["services"].items():
        _, _, tag = service["image"].rpartition(":")
        assert tag[:1].isdigit(), name
    pom = ElementTree.parse(POM).getroot()
    wanted = pom.findtext("m:dependencies/m:dependency/m:version", namespaces=POM_NAMES)
    brokers = [one for name, one in read["services"].items() if name.startswith("kafka-")]
    assert {one["image"] for one in brokers} == {f"apache/kafka:{wanted}"}
    stages = [
        line for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines() if line.startswith("FROM")
    ]
    assert all(stage.split(":")[1][0].isdigit() for stage in stages)


def test_no_secret_stands_in_the_files(read: dict[str, Any]) -> None:
    for files in FILES.values():
        for name in files:
            text = (ROOT / name).read_text(encoding="utf-8")
            assert "PASSWORD" not in text.replace("POSTGRES_PASSWORD_FILE", "")
    for name, service in own_services(read).items():
        for setting in ("CASELEDGER_STORE", "CASELEDGER_VIEWS"):
            assert not holds_a_password(service.environment[setting]), (name, setting)
    assert subprocess.run(["git", "check-ignore", "-q", "secrets/postgres.env"], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("place", "holds"),
    [
        ("postgresql://caseledger@postgres/caseledger", False),
        ("postgresql://caseledger:hunter2@postgres/caseledger", True),
        ("postgresql://caseledger:a@b@postgres/caseledger", True),
        ("postgresql://caseledger@postgres/caseledger?password=hunter2", True),
        ("postgresql://:hunter2@postgres/caseledger", True),
    ],
)
def test_a_password_in_an_address_is_seen(place: str, holds: bool) -> None:
    assert holds_a_password(place) is holds


def holds_a_password(place: str) -> bool:
    """Whether an address names a password, before its host or among its options."""
    parts = urlsplit(place)
    return parts.password is not None or "password" in parse_qs(parts.query)


def test_three_brokers_keep_three_copies_and_every_service_knows_them(compose_reader: Path, tmp_path: Path) -> None:
    read = project(compose_reader, tmp_path, THREE_BROKERS)
    brokers = {name: one for name, one in read["services"].items() if name.startswith("kafka-")}
    assert len(brokers) == 3
    assert len({one["environment"]["KAFKA_NODE_ID"] for one in brokers.values()}) == 3
    assert len({volume["source"] for one in brokers.values() for volume in one["volumes"]}) == 3
    for name, one in brokers.items():
        assert one["environment"]["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{name}:9092"
        assert one["environment"]["KAFKA_TRANSACTION_STATE_LOG_MIN_ISR"] == "2"
    for service in own_services(read).values():
        assert service.environment["CASELEDGER_KAFKA"] == ",".join(f"{name}:9092" for name in sorted(brokers))
        assert service.environment["CASELEDGER_KAFKA_REPLICATION"] == "3"
