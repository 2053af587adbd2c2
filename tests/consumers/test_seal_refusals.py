"""The sealer starts from its last signature, or refuses and says the way out; nothing is signed over a contradiction."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from domain.errors import LedgerError, Tampered, Unavailable
from domain.seal.checkpoint import Checkpoint, signed
from infra.log_proof import LogReader
from tests.support.sealed_checks import assert_exact, signed_roots
from tests.support.sealed_log import ORIGIN, Bench, MemorySource, events, log_key, sealed


def refusal(bench: Bench) -> LedgerError:
    before = (bench.log / "checkpoint").read_bytes()
    with pytest.raises(LedgerError) as refused:
        bench.sealer().seal_waiting()
    assert (bench.log / "checkpoint").read_bytes() == before
    return refused.value


def test_a_store_behind_the_signed_size_is_refused_with_the_way_out(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 300)
    del bench.source.raws[299:]
    error = refusal(bench)
    assert isinstance(error, Unavailable)
    assert error.code == "store_behind_log"
    assert "restore ledger.db from a backup" in error.detail
    (bench.data / "sealing" / "history.jsonl").unlink()
    assert refusal(bench).code == "store_behind_log"


def test_a_store_behind_is_refused_even_when_the_log_folder_was_put_back_too(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 100)
    shutil.copytree(bench.log, tmp_path / "old")
    bench.seal(50)
    shutil.rmtree(bench.log)
    shutil.copytree(tmp_path / "old", bench.log)
    del bench.source.raws[100:]
    assert refusal(bench).code == "store_behind_log"


def test_a_log_folder_put_back_to_an_old_copy_is_sealed_up_to_the_same_root(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 100)
    shutil.copytree(bench.log, tmp_path / "old")
    bench.seal(450)
    files = bench.files()
    shutil.rmtree(bench.log)
    shutil.copytree(tmp_path / "old", bench.log)
    bench.seal()
    assert bench.files() == files
    shutil.rmtree(bench.log)
    bench.seal()
    assert bench.files() == files


def test_an_old_log_and_an_edited_store_never_give_a_second_root(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 100)
    shutil.copytree(bench.log, tmp_path / "old")
    bench.seal(450)
    shutil.rmtree(bench.log)
    shutil.copytree(tmp_path / "old", bench.log)
    bench.source.raws[200] = events(1, 9_000)[0]
    error = refusal(bench)
    assert (type(error), error.code) == (Tampered, "root_differs")
    assert all(len(roots) == 1 for roots in signed_roots(bench).values())


def test_a_missing_history_is_begun_again_from_the_checkpoint(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 270)
    (bench.data / "sealing" / "history.jsonl").unlink()
    (bench.log / "tile" / "0" / "001.p" / "3").write_bytes(b"left over")
    bench.seal(10)
    assert_exact(bench)
    assert sorted(signed_roots(bench)) == [270, 280]


def test_a_cut_last_line_of_the_history_was_never_published(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 40)
    history = bench.data / "sealing" / "history.jsonl"
    history.write_bytes(history.read_bytes() + b'{"note":"half')
    bench.seal(10)
    assert_exact(bench)
    assert sorted(signed_roots(bench)) == [40, 50]


def test_a_signature_that_a_full_disk_took_in_part_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, room = sealed(tmp_path, 40), [100]
    pwrite = os.pwrite

    def almost_full(descriptor: int, content: bytes, at: int) -> int:
        taken = pwrite(descriptor, content[: room[0]], at) if room[0] else 0
        room[0] -= taken
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return taken

    before = (bench.log / "checkpoint").read_bytes()
    bench.source.raws.extend(events(10, 40))
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", almost_full)
        with pytest.raises(OSError, match="No space"):
            bench.sealer().seal_waiting()
    assert (bench.log / "checkpoint").read_bytes() == before
    bench.seal(0)
    assert_exact(bench)
    assert sorted(signed_roots(bench)) == [40, 50]


def test_a_history_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 40)
    history = bench.data / "sealing" / "history.jsonl"
    history.write_bytes(b"{}\n")
    assert refusal(bench).code == "history_damaged"


def test_an_edited_last_event_is_refused_before_anything_is_signed(tmp_path: Path) -> None:
    for size in (300, 512):
        (tmp_path / str(size)).mkdir()
        bench = sealed(tmp_path / str(size), size)
        bench.source.raws[-1] = events(1, 9_000)[0]
        assert refusal(bench).code == "leaf_differs"


@pytest.mark.parametrize("count", [100, 256, 700])
@pytest.mark.parametrize("more", [0, 5])
def test_a_store_that_is_cut_or_edited_while_it_is_followed_is_refused(tmp_path: Path, count: int, more: int) -> None:
    bench = Bench(tmp_path, MemorySource(events(count)))
    sealer = bench.sealer()
    sealer.seal_waiting()
    raws = bench.source.raws
    before = (bench.log / "checkpoint").read_bytes()
    raws[count - 3 :] = events(more, 9_000)
    with pytest.raises(LedgerError) as refused:
        sealer.seal_waiting()
    assert refused.value.code == ("leaf_differs" if more else "store_behind_log")
    assert (bench.log / "checkpoint").read_bytes() == before
    raws[count - 3 :] = events(5, count - 3)
    assert sealer.seal_waiting().size == count + 2
    assert_exact(bench)


def test_an_edited_event_of_an_unfinished_bundle_cannot_reach_a_new_root(tmp_path: Path) -> None:
    """The sealer appends to what is sealed, not to what the store says now."""
    bench = sealed(tmp_path, 300)
    original = list(bench.source.raws)
    bench.source.raws[290] = events(1, 9_000)[0]
    bench.seal(100)
    assert LogReader(bench.log).entry(290) == original[290]


def test_a_second_checkpoint_of_the_same_size_is_refused(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 30)
    other = Bench(tmp_path / "other", MemorySource(events(30, 500)))
    other.data.mkdir()
    other.seal()
    shutil.rmtree(bench.log)
    shutil.copytree(other.log, bench.log)
    assert refusal(bench).code == "double_signed"


def test_a_checkpoint_of_a_foreign_key_or_origin_is_refused(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 30)
    root = LogReader(bench.log).root
    foreign = log_key(bytes(32)).signer
    for note in (
        signed(Checkpoint(ORIGIN, 30, root), [foreign]),
        signed(Checkpoint("caseledger/another", 30, root), [log_key().signer]),
    ):
        (bench.log / "checkpoint").write_bytes(note)
        assert refusal(bench).code == "checkpoint_not_ours"


def test_a_damaged_right_edge_is_refused(tmp_path: Path) -> None:
    for path in ("tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"):
        (tmp_path / path.replace("/", "-")).mkdir()
        bench = sealed(tmp_path / path.replace("/", "-"), 300)
        content = bytearray((bench.log / path).read_bytes())
        content[5] ^= 1
        (bench.log / path).write_bytes(content)
        assert refusal(bench).code == "log_damaged"
        (bench.log / path).unlink()
        assert refusal(bench).code == "tile_missing"
