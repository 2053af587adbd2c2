"""The log's folder: durable, written once, and never half a file under its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from domain.errors import Tampered, Unavailable
from domain.seal.tiles import ENTRIES, Tile
from infra.seal_history import SealLock
from infra.tile_store import STAGED_MAX, TileStore

FULL, PARTIAL = Tile(0, 0), Tile(0, 1, 3)


@pytest.fixture
def store(tmp_path: Path) -> TileStore:
    return TileStore(tmp_path / "log", tmp_path / "incoming")


def test_what_was_put_is_read_back_under_its_path(store: TileStore, tmp_path: Path) -> None:
    assert store.put({FULL: b"f" * 8192, PARTIAL: b"p" * 96}) == {FULL: b"f" * 8192, PARTIAL: b"p" * 96}
    assert [path for path in (tmp_path / "log").rglob("*") if path.is_file()] == []
    store.settle()
    assert (tmp_path / "log/tile/0/000").read_bytes() == b"f" * 8192
    assert (tmp_path / "log/tile/0/001.p/3").read_bytes() == b"p" * 96


def test_the_same_bytes_may_be_put_again_and_other_bytes_never(store: TileStore) -> None:
    for tile in (FULL, PARTIAL):
        store.put({tile: b"one"})
        store.settle()
        assert store.put({tile: b"one"}) == {tile: b"one"}
        with pytest.raises(Tampered) as refused:
            store.put({tile: b"two"})
        assert refused.value.code == "tile_conflict"
        assert store.read(tile) == b"one"


def test_a_missing_tile_and_a_tile_that_is_too_long_are_refused(store: TileStore, tmp_path: Path) -> None:
    with pytest.raises(Tampered) as refused:
        store.read(FULL)
    assert refused.value.code == "tile_missing"
    store.put({FULL: b"f" * 8192})
    store.settle()
    (tmp_path / "log/tile/0/000").write_bytes(b"f" * 8193)
    with pytest.raises(Tampered) as refused:
        store.read(FULL)
    assert refused.value.code == "tile_damaged"


def test_every_file_and_every_folder_is_synced_before_the_checkpoint_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The descriptors that were synced are compared by inode with what lies in the folder."""
    synced: set[int] = set()
    real = os.fsync

    def recording(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    store = TileStore(tmp_path / "log", tmp_path / "incoming")
    store.put({Tile(ENTRIES, 1234067): b"bundle", PARTIAL: b"p"})
    store.publish(b"note")
    written = [tmp_path, *(path for path in (tmp_path / "log").rglob("*")), tmp_path / "log"]
    assert len(written) > 10
    assert [path for path in written if path.stat().st_ino not in synced] == []


def test_no_file_has_its_name_before_it_is_synced_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More files than wait for their names at a time; looked at by inode in the moment of naming."""
    synced: set[int] = set()
    named: list[bool] = []
    fsync, replace = os.fsync, os.replace

    def recording(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    def naming(source: str, target: str) -> None:
        named.append(os.stat(source).st_ino in synced)
        replace(source, target)

    monkeypatch.setattr(os, "fsync", recording)
    monkeypatch.setattr(os, "replace", naming)
    store = TileStore(tmp_path / "log", tmp_path / "incoming")
    files = {Tile(0, number): bytes([number]) * 8192 for number in range(STAGED_MAX + 10)}
    assert store.put(files) == files
    store.settle()
    assert named == [True] * (STAGED_MAX + 10)
    assert {tile: store.read(tile) for tile in files} == files
    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize("before", range(STAGED_MAX - 2, STAGED_MAX + 2))
def test_every_folder_is_synced_after_the_last_name_in_it_wherever_names_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """Names are given in the middle of a batch as well; the file behind that moment is the only one of its folder."""
    unsynced: set[int] = set()
    fsync, replace = os.fsync, os.replace

    def recording(descriptor: int) -> None:
        fsync(descriptor)
        unsynced.discard(os.fstat(descriptor).st_ino)

    def naming(source: str, target: str) -> None:
        replace(source, target)
        unsynced.add(os.stat(os.path.dirname(target)).st_ino)

    monkeypatch.setattr(os, "fsync", recording)
    monkeypatch.setattr(os, "replace", naming)
    store = TileStore(tmp_path / "log", tmp_path / "incoming")
    store.put({Tile(ENTRIES, number): b"bundle" for number in range(before)})
    store.put({FULL: b"f" * 8192})
    store.settle()
    assert (tmp_path / "log/tile/0/000").exists()
    assert unsynced == set()


def test_other_bytes_are_refused_also_before_the_first_ones_have_their_name(store: TileStore) -> None:
    store.put({FULL: b"one"})
    with pytest.raises(Tampered) as refused:
        store.put({FULL: b"two"})
    assert refused.value.code == "tile_conflict"
    assert store.put({FULL: b"one"}) == {FULL: b"one"}
    store.settle()
    assert store.read(FULL) == b"one"


def test_a_sync_that_failed_is_not_believed_when_it_is_asked_again(
    store: TileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells a lost write once; the sync after that succeeds over bytes that are not on the disk."""

    def failing(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    store.put({FULL: b"one"})
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(OSError, match="Input/output"):
            store.settle()
    with pytest.raises(OSError, match="Input/output"):
        store.publish(b"note")
    assert [path for path in (tmp_path / "log").rglob("*") if path.is_file()] == []
    store.discard()
    store.put({FULL: b"two"})
    store.settle()
    assert store.read(FULL) == b"two"


def test_a_store_that_is_given_up_leaves_no_file_open(tmp_path: Path) -> None:
    store = TileStore(tmp_path / "log", tmp_path / "incoming")
    store.put({Tile(0, number): b"tile" for number in range(20)})
    assert opened_below(tmp_path) == 20
    del store
    assert opened_below(tmp_path) == 0


def opened_below(folder: Path) -> int:
    held = Path("/proc/self/fd")
    if not held.is_dir():
        pytest.skip("only Linux tells which files are open")
    names = [os.readlink(one) for one in held.iterdir() if os.path.lexists(one)]
    return sum(name.startswith(str(folder)) for name in names)


def test_a_sync_that_fails_names_nothing_and_what_was_put_can_be_discarded(
    store: TileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        store.put({FULL: b"one", PARTIAL: b"p"})
        with pytest.raises(OSError, match="Input/output"):
            store.settle()
    assert [path for path in (tmp_path / "log").rglob("*") if path.is_file()] == []
    (tmp_path / "incoming" / "17").write_bytes(b"of a run that died")
    store.discard()
    assert list((tmp_path / "incoming").iterdir()) == []
    store.put({FULL: b"two"})
    store.settle()
    assert store.read(FULL) == b"two"


def test_a_file_that_was_there_already_is_synced_again(store: TileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put({FULL: b"one"})
    store.settle()
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    store.put({FULL: b"one"})
    store.settle()
    assert len(synced) == 2


def test_a_disk_that_gives_back_other_bytes_is_noticed(store: TileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pread", lambda descriptor, length, offset: b"other")
    with pytest.raises(Unavailable) as refused:
        store.put({FULL: b"one"})
    assert refused.value.code == "write_lost"


def test_a_full_disk_leaves_nothing_under_a_name(
    store: TileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        store.put({FULL: b"one"})
    assert [path for path in (tmp_path / "log").rglob("*") if path.is_file()] == []


def test_the_checkpoint_is_replaced_whole(store: TileStore) -> None:
    assert store.checkpoint() is None
    for note in (b"first", b"second, longer", b"3"):
        store.publish(note)
        assert store.checkpoint() == note


def test_removing_takes_the_empty_folder_along_and_leaves_one_in_use(store: TileStore, tmp_path: Path) -> None:
    store.put({PARTIAL: b"p", Tile(0, 1, 4): b"q"})
    store.settle()
    store.remove([PARTIAL])
    assert (tmp_path / "log/tile/0/001.p/4").exists()
    store.remove([Tile(0, 1, 4), PARTIAL])
    assert not (tmp_path / "log/tile/0/001.p").exists()
    assert store.put({PARTIAL: b"p"}) == {PARTIAL: b"p"}


def test_what_an_interrupted_run_left_is_found_and_nothing_that_is_signed(store: TileStore) -> None:
    """Signed: 300 leaves. Left over: partial files of 290, tiles of a run to 1,030."""
    signed = {
        Tile(ENTRIES, 0): b"",
        Tile(ENTRIES, 1, 44): b"",
        Tile(0, 0): b"",
        Tile(0, 1, 44): b"",
        Tile(1, 0, 1): b"",
    }
    left = [Tile(0, 1, 34), Tile(ENTRIES, 1, 34), Tile(0, 1), Tile(0, 2), Tile(0, 3), Tile(0, 4, 6), Tile(1, 0, 4)]
    store.put(signed | dict.fromkeys(left, b""))
    store.settle()
    assert set(store.unsigned(300, [290])) == set(left)
    assert set(store.all_tiles()) == set(signed) | set(left)


def test_only_one_sealer_holds_the_lock_and_a_dead_one_holds_it_no_more(tmp_path: Path) -> None:
    with SealLock(tmp_path):
        with pytest.raises(Unavailable) as refused, SealLock(tmp_path):
            pass
        assert refused.value.code == "sealer_running"
    with SealLock(tmp_path):
        pass
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        with SealLock(tmp_path):
            os.write(writes, b"x")
            while True:
                os.read(os.pipe()[0], 1)
    assert os.read(reads, 1) == b"x"
    with pytest.raises(Unavailable), SealLock(tmp_path):
        pass
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(reads)
    os.close(writes)
    with SealLock(tmp_path):
        pass
