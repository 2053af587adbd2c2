"""The verifier on a copied folder: what it accepts, its files, its memory, keys, age and schemas."""

from __future__ import annotations

import ast
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.seal.checkpoint import Checkpoint, signed
from domain.seal.tiles import bundle_of, tiles_of
from domain.seal.tree import leaf_hashes, root_of
from infra.keys_log import policy_text
from infra.verify import verify_log
from tests.support.sealed_log import ORIGIN, Bench, event_bytes, events, log_key, sealed
from tests.support.verified_log import checked, failure, forged

FLOORS = {"domain", "projections", "consumers", "infra"}
ALLOWED = {"cryptography", "msgspec", "infra.verify"}


def test_the_verifier_imports_nothing_of_the_builder() -> None:
    folder = Path(__file__).parents[3] / "infra" / "verify"
    found = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                found.add(node.module or "")
    ours = {name for name in found if name.split(".")[0] in FLOORS}
    assert ours
    assert all(name == "infra.verify" or name.startswith("infra.verify.") for name in ours)
    foreign = {name.split(".")[0] for name in found - ours}
    assert {"cryptography", "msgspec"} <= foreign
    assert not foreign & {"pydantic", "eventsourcing", "sqlalchemy", "kafka", "sqlite3"}


def test_a_sealed_log_verifies_and_says_how_much_was_checked(bench: Bench) -> None:
    report = checked(bench, now=datetime(2025, 3, 4, 1, tzinfo=UTC))
    assert report.ok, report.failure
    assert report.checked == {
        "signatures": 1,
        "cosignatures": 0,
        "files": 8,
        "entries": 600,
        "bundles": 3,
        "tiles": 4,
        "schema_checks": 0,
        "subjects": 5,
        "ids": 600,
        "roots": 1,
        "rotations": 0,
    }
    assert (report.origin, report.size, report.root) == (ORIGIN, 600, root_of(leaf_hashes(bench.source.raws)).hex())
    assert report.signed_by == (log_key().vkey,)
    assert (report.age_s, report.age_source) == (3600 - 599, "recordedtime")
    assert json.loads(json.dumps(report.to_json()))["ok"] is True


@pytest.mark.parametrize("count", [1, 255, 256, 257, 512, 65_536, 65_793])
def test_logs_of_every_shape_verify(tmp_path: Path, count: int) -> None:
    report = checked(sealed(tmp_path, count))
    assert report.ok, report.failure
    assert report.checked["entries"] == count
    assert report.checked["files"] == len(list(tiles_of(count))) + 1


def test_a_copy_without_anything_else_verifies(bench: Bench, tmp_path: Path) -> None:
    shutil.copytree(bench.log, tmp_path / "usb")
    shutil.rmtree(bench.log)
    assert verify_log(tmp_path / "usb", bench.policy).ok


def test_an_empty_log_is_a_failure_because_nothing_was_checked(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.log.mkdir()
    (bench.log / "checkpoint").write_bytes(signed(Checkpoint(ORIGIN, 0, root_of([])), [log_key().signer]))
    assert failure(checked(bench)).code == "nothing_checked"
    (bench.log / "checkpoint").unlink()
    assert failure(checked(bench)).code == "file_missing"
    assert failure(verify_log(tmp_path / "nowhere", bench.policy)).code == "file_missing"


def test_every_missing_file_is_a_failure(bench: Bench) -> None:
    for path in bench.files():
        content = (bench.log / path).read_bytes()
        (bench.log / path).unlink()
        found = failure(checked(bench))
        assert (found.code, found.place) == ("file_missing", path)
        (bench.log / path).write_bytes(content)
    assert checked(bench).ok


@pytest.mark.parametrize(
    "path", ["extra", "tile/0/002", "tile/0/002.p/87", "tile/2/000.p/1", "tile/entries/003", "tile/0/.x"]
)
def test_every_superfluous_file_is_a_failure(bench: Bench, path: str) -> None:
    target = bench.log / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"")
    found = failure(checked(bench))
    assert (found.code, found.place) == ("file_superfluous", path)


def test_a_link_in_place_of_a_file_is_a_failure(bench: Bench, tmp_path: Path) -> None:
    os.rename(bench.log / "tile/0/000", tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", bench.log / "tile/0/000")
    assert failure(checked(bench)).code == "not_a_plain_file"


def test_every_single_bit_flip_of_every_file_of_a_small_log_is_refused(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 3)
    flips = 0
    for path, content in bench.files().items():
        for at in range(len(content) * 8):
            changed = bytearray(content)
            changed[at // 8] ^= 1 << at % 8
            (bench.log / path).write_bytes(changed)
            assert not checked(bench).ok, (path, at)
            flips += 1
        (bench.log / path).write_bytes(content)
    assert flips > 10_000
    assert checked(bench).ok


def test_a_file_cut_or_lengthened_by_one_byte_is_refused(bench: Bench) -> None:
    for path, content in bench.files().items():
        for changed in (content[:-1], content + b"\x00", b""):
            (bench.log / path).write_bytes(changed)
            assert not checked(bench).ok, path
        (bench.log / path).write_bytes(content)


def test_age_fails_only_when_a_limit_is_given(bench: Bench) -> None:
    last = datetime(2025, 3, 4, 0, 9, 59, tzinfo=UTC)
    late = last + timedelta(days=2)
    assert checked(bench, now=late).age_s == 2 * 86_400
    assert checked(bench, now=late, max_age=timedelta(days=2)).ok
    assert failure(checked(bench, now=late, max_age=timedelta(days=1))).code == "too_old"
    early = last - timedelta(minutes=6)
    assert checked(bench, now=early).ok
    assert failure(checked(bench, now=early, max_age=timedelta(days=1))).code == "time_in_future"


def test_a_remember_file_holds_each_verified_checkpoint_and_only_after_success(bench: Bench, tmp_path: Path) -> None:
    remember = tmp_path / "remember"
    assert checked(bench, remember=remember).ok
    assert remember.read_bytes() == (bench.log / "checkpoint").read_bytes()
    bench.seal(50)
    report = checked(bench, remember=remember)
    assert report.checked["remembered_checkpoints"] == 1
    both = remember.read_bytes()
    assert both.count(b"\n\n") == 3
    (bench.log / "tile/0/000").write_bytes(b"")
    assert not checked(bench, remember=remember).ok
    assert remember.read_bytes() == both


def test_what_is_remembered_is_durable_under_its_name(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", recording)
    remember = tmp_path / "auditor" / "seen"
    remember.parent.mkdir()
    assert checked(bench, remember=remember).ok
    assert synced == [remember.stat().st_ino, remember.parent.stat().st_ino]
    assert [one.name for one in remember.parent.iterdir()] == ["seen"]


def test_a_remember_file_that_is_not_whole_notes_of_a_known_key_is_refused(bench: Bench, tmp_path: Path) -> None:
    remember = tmp_path / "remember"
    note = (bench.log / "checkpoint").read_bytes()
    root = root_of(leaf_hashes(bench.source.raws[:5]))
    foreign = signed(Checkpoint(ORIGIN, 5, root), [log_key(bytes(32)).signer])
    for content, code in (
        (b"", "remembered_malformed"),
        (b"text", "remembered_malformed"),
        (note + note, "remembered_malformed"),
        (note[:-2], "checkpoint_malformed"),
        (foreign, "no_known_signature"),
    ):
        remember.write_bytes(content)
        assert failure(checked(bench, remember=remember)).code == code, content


def test_a_key_handed_over_in_the_log_must_sign_from_there_on(tmp_path: Path) -> None:
    new = log_key(bytes(32))
    rotation = event_bytes(
        20,
        subject="ledger",
        sequence="1",
        type="petition.ledger.key_rotated.v1",
        data={"old": log_key().vkey, "new": new.vkey, "from_size": 21},
    )
    raws = [*events(20), rotation]
    bench = forged(tmp_path / "alone", raws)
    found = failure(checked(bench))
    assert (found.code, found.index) == ("rotated_key_missing", 20)
    both = Bench(tmp_path / "both", signers=[new.signer, log_key().signer])
    both.data.mkdir()
    both.source.raws.extend(raws)
    both.seal()
    report = checked(both)
    assert report.ok, report.failure
    assert report.rotations == ((20, log_key().vkey, new.vkey),)
    assert verify_log(both.log, policy_text(new.vkey)).ok


def test_a_memory_from_before_a_change_of_keys_is_read_with_both_keys_pinned(tmp_path: Path) -> None:
    """After the old key is retired, only its line in the policy makes what it signed readable."""
    old, new, remember = log_key(), log_key(bytes(32)), tmp_path / "seen"
    bench = Bench(tmp_path / "office", signers=[old.signer])
    bench.data.mkdir()
    bench.seal(20)
    assert checked(bench, remember=remember).ok
    data = {"old": old.vkey, "new": new.vkey, "from_size": 21}
    kind = "petition.ledger.key_rotated.v1"
    bench.source.raws.append(event_bytes(20, subject="ledger", sequence="1", type=kind, data=data))
    bench.signers = [new.signer]
    (bench.data / "sealing" / "history.jsonl").unlink()
    shutil.rmtree(bench.log)
    bench.seal()
    both, alone = policy_text(new.vkey, old.vkey), policy_text(new.vkey)
    found = failure(verify_log(bench.log, alone, remember))
    assert (found.code, found.place) == ("no_known_signature", str(remember))
    report = verify_log(bench.log, both, remember)
    assert report.ok, report.failure
    assert report.checked["remembered_checkpoints"] == 1


def test_schemas_are_applied_to_every_payload(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    folder.mkdir()
    assert failure(checked(bench, schemas=folder)).code == "schema_missing"
    path = folder / "petition.case.registered.v1.schema.json"
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["content_class", "note", "urgent"],
        "properties": {
            "content_class": {"enum": ["labour"]},
            "note": {"type": "string", "maxLength": 6},
            "urgent": {"type": "boolean"},
        },
    }
    path.write_text(json.dumps(schema))
    report = checked(bench, schemas=folder)
    assert report.ok, report.failure
    assert report.checked["schema_checks"] == 600
    schema["properties"]["note"]["maxLength"] = 5  # type: ignore[index]
    path.write_text(json.dumps(schema))
    found = failure(checked(bench, schemas=folder))
    assert (found.code, found.index) == ("schema_violated", 6)
    assert "/note" in found.place
    path.write_text(json.dumps(schema | {"dependentSchemas": {}}))
    assert failure(checked(bench, schemas=folder)).code == "bad_schema"
    path.write_text(json.dumps({"properties": {"specversion": {"const": "1.0"}, "sequence": {"enum": ["1"]}}}))
    found = failure(checked(bench, schemas=folder))
    assert (found.code, found.index) == ("schema_violated", 5)


def test_a_bundle_with_another_number_of_entries_is_refused(bench: Bench) -> None:
    path = bench.log / "tile/entries/002.p/88"
    raws = bench.source.raws[512:]
    for wrong, code in ((raws[:-1], "bundle_cut"), ([*raws, b""], "bundle_trailing")):
        path.write_bytes(bundle_of(wrong))
        assert failure(checked(bench)).code == code
