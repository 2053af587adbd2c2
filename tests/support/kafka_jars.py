"""The Apache Kafka broker's jars: fetched once with Maven into `.cache/kafka-libs`, and what to say where they cannot be."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
POM = ROOT / "tests" / "support" / "kafka" / "pom.xml"
CACHE = ROOT / ".cache" / "kafka-libs"
FETCH_S_MAX = 600
TRIES_MAX = 3


def jars() -> Path:
    """The folder of the broker's jars; the test is skipped (in the gate: fails) where it cannot be had."""
    missing = [program for program in ("java", "mvn") if shutil.which(program) is None]
    if _is_complete():
        missing = [program for program in missing if program != "mvn"]
    if missing:
        without(f"{' and '.join(missing)} missing; on Debian: apt-get install default-jre-headless maven")
    try:
        return fetch()
    except subprocess.SubprocessError as error:
        output = getattr(error, "stdout", None) or ""
        without(f"the broker's jars could not be fetched ({error}): {output[-2000:]}")


def without(reason: str) -> NoReturn:
    """Skip, saying how to enable; in the gate a missing part is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def fetch() -> Path:
    """Copy the jars that the POM names into the cache, unless exactly these lie there; one process at a time."""
    CACHE.parent.mkdir(exist_ok=True)
    with open(CACHE.parent / "kafka-libs.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_complete():
            shutil.rmtree(CACHE, ignore_errors=True)
            _copy()
            _mark().write_text(_wanted(), encoding="ascii")
    return CACHE


def _copy(tries_left: int = TRIES_MAX - 1) -> None:
    command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={CACHE}"]
    try:
        subprocess.run(
            command, check=True, timeout=FETCH_S_MAX, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except subprocess.CalledProcessError:
        if not tries_left:
            raise
        _copy(tries_left - 1)


def _mark() -> Path:
    return CACHE / "fetched"


def _wanted() -> str:
    return hashlib.sha256(POM.read_bytes()).hexdigest()


def _is_complete() -> bool:
    return _mark().exists() and _mark().read_text(encoding="ascii") == _wanted()


if __name__ == "__main__":
    fetch()
