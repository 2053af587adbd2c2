"""A log as a ledger of one's own: the same events and names as the store, in a folder that is gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import NotFound, Tampered
from infra.log_copy import log_copy
from infra.settings import Settings
from infra.wiring import open_source
from tests.support.command_line import Office, story
from tests.support.sealed_log import Bench, event_bytes


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "office")
    assert made("init").code == 0
    made.take(story())
    return made


def test_the_copy_delivers_what_the_store_delivers(office: Office) -> None:
    with log_copy(office.data / "log") as copy, open_source(Settings(data=office.data)) as store:
        assert copy.head() == store.head()
        assert list(copy.read()) == list(store.read())
        assert list(copy.read(after=3, until=7)) == list(store.read(after=3, until=7))
        kinds = {"petition.case.received.v1", "petition.case.accepted.v1"}
        assert list(copy.read(types=kinds)) == list(store.read(types=kinds))
        for event in store.read():
            assert list(copy.read_subject(event.subject)) == list(store.read_subject(event.subject))
        for kind, ref in (("case", "ref:A17"), ("handoff", "ref:A17-h1"), ("case", "ref:none")):
            assert copy.subject_of(kind, ref) == store.subject_of(kind, ref)


def test_nothing_is_left_behind_and_nothing_is_written_into_the_log(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = sorted((path, path.stat().st_mtime_ns) for path in (office.data / "log").rglob("*"))
    with log_copy(office.data / "log"):
        assert list(scratch.iterdir())
    assert list(scratch.iterdir()) == []
    assert sorted((path, path.stat().st_mtime_ns) for path in (office.data / "log").rglob("*")) == before


def test_a_log_with_a_repeated_sequence_is_copied_as_it_is_so_that_the_check_can_say_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.source.raws.extend([event_bytes(0), event_bytes(0)])
    bench.seal()
    with log_copy(bench.log) as copy:
        assert [event.sequence for event in copy.read()] == [1, 1]


@pytest.mark.parametrize("raw", [b"not json", b"{}", event_bytes(0, sequence="9" * 30), event_bytes(0, sequence="one")])
def test_an_entry_that_is_no_event_is_tampering(tmp_path: Path, raw: bytes) -> None:
    bench = Bench(tmp_path)
    bench.source.raws.append(raw)
    bench.seal()
    with pytest.raises(Tampered), log_copy(bench.log):
        raise AssertionError("it must not open")


def test_a_folder_without_a_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no sealed log"), log_copy(tmp_path):
        raise AssertionError("it must not open")
