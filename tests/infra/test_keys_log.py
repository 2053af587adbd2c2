"""The log's signing key: made once, kept private, refused when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import Conflict, Unavailable
from infra.keys_log import (
    create_log_key,
    key_folder,
    load_log_key,
    load_signers,
    log_origin,
    policy_text,
    retire_log_key,
    rotate_log_key,
)
from infra.verify.policy import read_policy

ORIGIN = "caseledger/500229/petition-office"


def test_a_key_is_made_private_and_read_back(tmp_path: Path) -> None:
    folder = key_folder(tmp_path / "ledger")
    assert folder == tmp_path / "ledger-keys"
    key = create_log_key(folder, log_origin("/500229/petition-office"))
    assert (folder / "log.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert load_log_key(folder, ORIGIN).vkey == key.vkey
    assert "PRIVATE" not in repr(key) + key.vkey + policy_text(key.vkey)


def test_many_keys_read_back_whatever_their_base64_holds(tmp_path: Path) -> None:
    for number in range(60):
        made = create_log_key(tmp_path / str(number), ORIGIN)
        assert load_log_key(tmp_path / str(number), ORIGIN).vkey == made.vkey


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    vkey = create_log_key(tmp_path, ORIGIN).vkey
    with pytest.raises(Conflict):
        create_log_key(tmp_path, ORIGIN)
    assert load_log_key(tmp_path, ORIGIN).vkey == vkey


def test_a_missing_readable_damaged_or_foreign_key_is_refused(tmp_path: Path) -> None:
    def code(origin: str = ORIGIN) -> str:
        with pytest.raises(Unavailable) as refused:
            load_log_key(tmp_path, origin)
        return refused.value.code

    assert code() == "log_key_missing"
    create_log_key(tmp_path, ORIGIN)
    assert code("caseledger/another") == "log_key_of_another_log"
    path = tmp_path / "log.key"
    path.chmod(0o640)
    assert code() == "log_key_unsafe"
    path.chmod(0o600)
    line = path.read_text()
    for damaged in (
        "",
        "x",
        line.replace("PRIVATE", "PUBLIC"),
        line[:-3],
        line.replace("+", "-"),
        line[:60] + ("B" if line[60] == "A" else "A") + line[61:],
    ):
        path.write_text(damaged)
        assert code() == "log_key_damaged", damaged
    path.write_bytes(b"PRIVATE+KEY+\xff")
    assert code() == "log_key_damaged"
    path.unlink()
    path.mkdir(mode=0o700)
    assert code() == "log_key_unreadable"


def test_a_lost_key_is_never_replaced_by_itself_and_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        load_log_key(tmp_path, ORIGIN)
    for told in ("restore it from the backup", "recording goes on", "new ledger", "密钥备份"):
        assert told in refused.value.detail


def test_a_rotation_has_both_keys_sign_until_the_old_one_is_retired(tmp_path: Path) -> None:
    first = create_log_key(tmp_path, ORIGIN)
    old, new = rotate_log_key(tmp_path, ORIGIN)
    assert old.vkey == first.vkey != new.vkey
    assert [one.key_id for one in load_signers(tmp_path, ORIGIN)] == [new.signer.key_id, old.signer.key_id]
    with pytest.raises(Conflict):
        rotate_log_key(tmp_path, ORIGIN)
    retire_log_key(tmp_path)
    assert [one.key_id for one in load_signers(tmp_path, ORIGIN)] == [new.signer.key_id]
    with pytest.raises(Unavailable):
        retire_log_key(tmp_path / "nowhere")


def test_the_printed_policy_is_one_that_a_verifier_reads(tmp_path: Path) -> None:
    key = create_log_key(tmp_path, ORIGIN)
    policy = read_policy(policy_text(key.vkey))
    assert [log.vkey for log in policy.logs] == [key.vkey]
    assert policy.is_met([])
