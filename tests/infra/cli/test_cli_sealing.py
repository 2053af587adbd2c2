"""`act` and `import` seal what they record; `seal`, `policy`, `verify`, `prove` and `rotate-key` say what they did."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from infra.settings import Settings
from infra.wiring import open_ledger
from tests.support.command_line import Office, command, story
from tests.support.office import line, receive

LIVE = dict(os.environ) | {"CASELEDGER_LANG": "en"}


def policy_of(office: Office) -> Path:
    """The auditor's policy file, as the office printed it."""
    file = office.data.with_name("office.policy")
    file.write_text(office("policy").out, encoding="utf-8")
    return file


def verify(office: Office, *words: str) -> dict[str, object]:
    """The report on the office's log."""
    outcome = command("verify", str(office.data / "log"), "--policy", str(policy_of(office)), "--json", *words)
    assert outcome.code == 0, outcome.err
    return outcome.answer


def sealed_size(office: Office) -> int:
    return int((office.data / "log" / "checkpoint").read_text().splitlines()[1])


def head(office: Office) -> int:
    return int(office("status", "--json").rows[0]["size"])


def record_without_sealing(office: Office, *refs: str) -> None:
    """What another program recorded that does not seal."""
    with open_ledger(Settings(data=office.data)) as ledger:
        for ref in refs:
            assert ledger.act(line(receive(ref))).error is None


def test_init_makes_the_logs_key_seals_the_calendars_and_never_makes_a_second_key(office: Office) -> None:
    key = office.data.with_name("office-keys") / "log.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert verify(office)["size"] == 2
    secret = key.read_bytes()
    assert office("init").code == 0
    assert key.read_bytes() == secret
    key.unlink()
    again = office("init")
    assert again.code == 0
    assert not key.exists(), "a log that was signed keeps its key; a lost one is restored, not replaced"
    assert "log_key_missing" in again.err


def test_every_act_is_sealed_before_the_command_ends(office: Office) -> None:
    for action in story():
        assert office.act(action).code == 0
        assert sealed_size(office) == head(office)
    assert verify(office)["checked"]["entries"] == head(office)  # type: ignore[index]


def test_an_import_is_sealed_before_the_command_ends_and_a_trial_seals_nothing(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "actions.jsonl"
    file.write_bytes(b"\n".join(line(action) for action in story()) + b"\nnot json\n")
    assert office("import", str(file), "--dry-run").code == 1
    assert sealed_size(office) == 2
    assert office("import", str(file)).code == 1
    assert sealed_size(office) == head(office) > 2


def test_a_failure_to_seal_changes_neither_the_answer_nor_the_exit_code_and_loses_nothing(office: Office) -> None:
    key = office.data.with_name("office-keys") / "log.key"
    key.rename(key.with_suffix(".away"))
    outcome = office.act(receive("ref:A1"))
    assert (outcome.code, outcome.answer["subject"]) == (0, "XF500229-2025-000001")
    (told,) = outcome.err.splitlines()
    assert "log_key_missing" in told
    assert "caseledger seal" in told
    assert sealed_size(office) == 2
    key.with_suffix(".away").rename(key)
    sealed = office("seal", "--json")
    assert (sealed.code, sealed.answer["size"], sealed.answer["added"]) == (0, head(office), 1)


def test_a_disk_too_full_to_seal_never_says_that_nothing_was_recorded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        outcome = office.act(receive("ref:A1"))
    assert (outcome.code, "disk_full" in outcome.err, sealed_size(office)) == (0, True, 2)
    assert "nothing was recorded" not in outcome.err
    assert office("seal", "--json").answer["added"] == 1


def test_a_refused_action_seals_nothing(office: Office) -> None:
    before = (office.data / "log" / "checkpoint").read_bytes()
    assert office.act({**receive("ref:A1"), "channel": "pigeon"}).code == 1
    assert (office.data / "log" / "checkpoint").read_bytes() == before


def test_what_others_recorded_is_sealed_on_demand_and_again_adds_nothing(office: Office) -> None:
    record_without_sealing(office, "ref:A1", "ref:A2")
    assert sealed_size(office) == 2
    assert office("seal", "--json").answer["added"] == 2
    again = office("seal", "--json").answer
    assert (again["added"], again["checkpoints"], again["size"]) == (0, 0, 4)


def follower(office: Office) -> subprocess.Popen[str]:
    """`seal --follow` as a process of its own, once it has begun."""
    words = [sys.executable, "-m", "infra.cli", "--data", str(office.data), "seal", "--follow", "--json"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=LIVE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_following_sealer_seals_what_comes_lets_act_end_at_once_and_stops_when_told(
    office: Office, number: signal.Signals
) -> None:
    record_without_sealing(office, "ref:A1")
    with follower(office) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["size"] == 3
        record_without_sealing(office, "ref:A2")
        assert json.loads(process.stdout.readline())["size"] == 4
        outcome = office.act(receive("ref:A3"))
        assert (outcome.code, outcome.err, sealed_size(office)) == (0, "", 5)
        second = office("seal")
        assert (second.code, "another process seals this ledger" in second.err) == (1, True)
        assert office("rotate-key").code == 1
        process.send_signal(number)
        assert process.wait(20) == 0
    assert verify(office)["size"] == 5


def test_a_sealer_that_holds_the_lock_and_seals_nothing_is_told_after_the_wait(office: Office) -> None:
    from infra.sealing import sealing_alone

    with sealing_alone(office.data):
        outcome = office("act", stdin=line(receive("ref:A1")), CASELEDGER_LOCK_TIMEOUT_S="0")
    assert outcome.code == 0
    assert "sealer_running" in outcome.err
    assert office("seal", "--json").answer["added"] == 1


def test_the_log_folder_holds_the_checkpoint_and_the_tiles_and_nothing_else(told: Office) -> None:
    size = head(told)
    files = {
        path.relative_to(told.data / "log").as_posix() for path in (told.data / "log").rglob("*") if path.is_file()
    }
    assert files == {"checkpoint", f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"}


def test_a_key_is_changed_in_the_log_and_both_keys_sign_until_the_old_one_is_retired(told: Office) -> None:
    old_policy = policy_of(told).read_text()
    size = head(told)
    rotated = told("rotate-key", "--json")
    assert rotated.code == 0
    assert rotated.answer["from_size"] == size + 1 == sealed_size(told)
    new_policy = told("policy").out
    assert rotated.answer["old"] in old_policy
    assert rotated.answer["new"] in new_policy
    log, file = str(told.data / "log"), told.data.with_name("pinned")
    for text in (old_policy, new_policy):
        file.write_text(text)
        report = command("verify", log, "--policy", str(file), "--json").answer
        assert (report["ok"], report["rotations"]) == (True, [[size, rotated.answer["old"], rotated.answer["new"]]])
    (event,) = [row for row in told("export", "jsonl").rows if row["type"] == "petition.ledger.key_rotated.v1"]
    assert (event["subject"], event["data"]) == ("ledger", rotated.answer)
    assert told("list", "integrity", "--where", "fact=key_rotated", "--json").code == 0
    again = told("rotate-key")
    assert (again.code, "--retire" in again.err) == (1, True)
    assert told("rotate-key", "--retire").code == 0
    assert told.act(receive("ref:A99")).code == 0
    file.write_text(old_policy)
    refused = command("verify", log, "--policy", str(file), "--json")
    assert (refused.code, refused.answer["failure"]["code"]) == (1, "no_known_signature")
    assert verify(told)["size"] == size + 2


def test_a_change_of_keys_that_died_before_it_was_recorded_goes_on_and_cannot_be_retired_early(told: Office) -> None:
    from infra.keys_log import log_origin, rotate_log_key

    keys = told.data.with_name("office-keys")
    before, after = rotate_log_key(keys, log_origin("/500229/petition-office"))
    early = told("rotate-key", "--retire")
    assert (early.code, (keys / "log.key.retiring").exists()) == (1, True)
    finished = told("rotate-key", "--json").answer
    assert (finished["old"], finished["new"]) == (before.vkey, after.vkey)
    assert told("rotate-key", "--retire").code == 0
    assert not (keys / "log.key.retiring").exists()


def test_a_death_between_the_two_names_of_a_key_leaves_the_old_key_in_force(told: Office) -> None:
    keys = told.data.with_name("office-keys")
    os.link(keys / "log.key", keys / "log.key.retiring")
    assert told.act(receive("ref:A50")).err == ""
    assert told("rotate-key").code == 0
    assert verify(told)["size"] == head(told)
