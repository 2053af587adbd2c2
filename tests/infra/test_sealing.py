"""A data folder is sealed with its own key, by one process at a time, and the copy verifies."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from domain.errors import Unavailable
from infra.keys_log import create_log_key, log_origin
from infra.log_source import LogSource
from infra.sealing import log_policy, open_sealer, seal_now, seal_or_be_sealed
from infra.verify import verify_log
from tests.support.sealed_log import MemorySource, events

SOURCE = "/500229/petition-office"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    folder.mkdir()
    create_log_key(tmp_path / "ledger-keys", log_origin(SOURCE))
    return folder


def test_a_folder_is_sealed_verified_by_its_own_policy_and_replayed(data: Path, tmp_path: Path) -> None:
    source = MemorySource(events(300))
    assert seal_now(data, tmp_path / "ledger-keys", SOURCE, source).size == 300
    source.raws.extend(events(1, 300))
    assert seal_now(data, tmp_path / "ledger-keys", SOURCE, source).added == 1
    report = verify_log(data / "log", log_policy(tmp_path / "ledger-keys", SOURCE))
    assert report.ok, report.failure
    assert (report.origin, report.size) == ("caseledger/500229/petition-office", 301)
    assert [event.raw for event in LogSource(data / "log").read()] == source.raws


def test_a_second_sealer_refuses_to_start(data: Path, tmp_path: Path) -> None:
    keys, source = tmp_path / "ledger-keys", MemorySource(events(3))
    with open_sealer(data, keys, SOURCE, source), pytest.raises(Unavailable) as refused:
        seal_now(data, keys, SOURCE, source)
    assert refused.value.code == "sealer_running"
    assert seal_now(data, keys, SOURCE, source).size == 3


def test_who_records_beside_another_sealer_is_told_that_the_store_ends_before_what_is_sealed(
    data: Path, tmp_path: Path
) -> None:
    keys, source = tmp_path / "ledger-keys", MemorySource(events(8))
    seal_now(data, keys, SOURCE, source)
    with open_sealer(data, keys, SOURCE, source):
        seal_or_be_sealed(data, keys, SOURCE, source, 0)
        with pytest.raises(Unavailable) as refused:
            seal_or_be_sealed(data, keys, SOURCE, MemorySource(events(5)), 0)
    assert refused.value.code == "store_behind_log"


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only"), (errno.EIO, "unavailable")]
)
def test_what_the_disk_refuses_is_said_and_heals(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def refusing(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    keys, source = tmp_path / "ledger-keys", MemorySource(events(3))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refusing)
        with pytest.raises(Unavailable) as refused:
            seal_now(data, keys, SOURCE, source)
    assert refused.value.code == code
    assert not (data / "log" / "checkpoint").exists()
    assert seal_now(data, keys, SOURCE, source).size == 3
