"""A Go program on `golang.org/x/mod/sumdb` accepts our checkpoints, tiles and proofs, and refuses altered ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from domain.seal.checkpoint import Checkpoint, signed
from domain.seal.tree import EMPTY_ROOT
from infra.log_proof import prove
from infra.verify import verify_proof
from tests.support.sealed_log import ORIGIN, event_bytes, log_key, sealed

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None, reason="to enable: install Go 1.19 or newer and put `go` on the PATH"
)
PROGRAM = Path(__file__).parent / "golog"
VKEY = log_key().vkey


@pytest.fixture(scope="module")
def golog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    binary = tmp_path_factory.mktemp("golog") / "golog"
    subprocess.run(["go", "build", "-mod=readonly", "-o", binary, "."], cwd=PROGRAM, check=True)
    return binary


def ran(golog: Path, *words: str | Path) -> tuple[bool, str]:
    done = subprocess.run([golog, *words], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0, done.stdout.strip()


@pytest.mark.parametrize("count", [1, 255, 256, 257, 600, 65_793])
def test_go_accepts_our_logs_of_every_shape(golog: Path, tmp_path: Path, count: int) -> None:
    bench = sealed(tmp_path, count)
    assert ran(golog, "log", VKEY, bench.log) == (True, f"ok {count} entries")


def test_go_accepts_the_empty_tree(golog: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(signed(Checkpoint(ORIGIN, 0, EMPTY_ROOT), [log_key().signer]))
    assert ran(golog, "log", VKEY, tmp_path) == (True, "ok 0 entries")


def test_go_accepts_our_proofs_and_refuses_them_for_other_events(golog: Path, tmp_path: Path) -> None:
    bench = sealed(tmp_path, 700)
    proof, event = tmp_path / "event.tlog-proof", tmp_path / "event.json"
    for index in (0, 1, 255, 256, 511, 512, 698, 699):
        proof.write_text(prove(bench.log, index))
        event.write_bytes(bench.source.raws[index])
        assert ran(golog, "proof", VKEY, proof, event) == (True, f"ok entry {index} of 700")
        assert verify_proof(proof.read_text(), event.read_bytes(), bench.policy).ok
        event.write_bytes(event_bytes(index, actorid="S-999"))
        assert not ran(golog, "proof", VKEY, proof, event)[0]
        assert not verify_proof(proof.read_text(), event.read_bytes(), bench.policy).ok


def test_go_sees_that_the_log_grew_out_of_an_older_checkpoint(golog: Path, tmp_path: Path) -> None:
    bench, old = sealed(tmp_path, 300), tmp_path / "old"
    old.write_bytes((bench.log / "checkpoint").read_bytes())
    bench.seal(411)
    assert ran(golog, "grown", VKEY, old, bench.log) == (True, "ok 711 continues 300")
    old.write_bytes(signed(Checkpoint(ORIGIN, 300, bytes(32)), [log_key().signer]))
    assert not ran(golog, "grown", VKEY, old, bench.log)[0]


def test_go_refuses_an_altered_byte_in_any_file(golog: Path, tmp_path: Path) -> None:
    bench = sealed(tmp_path, 600)
    for path, content in bench.files().items():
        for at in (0, len(content) // 2, len(content) - 1):
            changed = bytearray(content)
            changed[at] ^= 4
            (bench.log / path).write_bytes(changed)
            assert not ran(golog, "log", VKEY, bench.log)[0], (path, at)
        (bench.log / path).write_bytes(content)
    assert ran(golog, "log", VKEY, bench.log)[0]


def test_go_refuses_a_checkpoint_of_another_key(golog: Path, tmp_path: Path) -> None:
    bench = sealed(tmp_path, 5)
    assert not ran(golog, "log", log_key(bytes(32)).vkey, bench.log)[0]
