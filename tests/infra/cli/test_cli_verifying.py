"""`verify`, `prove` and `verify-proof`: a copied folder and a policy are enough, and nothing passes unchecked."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import Office, command
from tests.support.office import receive

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas" / "events"
FOREIGN = (
    "domain.seal", "domain.ledger", "consumers", "projections", "infra.settings", "infra.wiring", "infra.keys",
    "infra.keys_log", "infra.log_proof", "infra.log_source", "infra.log_copy", "infra.sealing", "infra.seal_history",
    "infra.tile_store", "infra.event_store", "infra.sqlite_source", "infra.read_store", "sqlite3", "sqlalchemy",
    "eventsourcing",
)  # fmt: skip
"""What builds, signs or stores; a verification must have loaded none of it."""
ALONE = """
import json, sys
from infra.cli.__main__ import run
code = run(sys.argv[1:])
print(json.dumps({"code": code, "loaded": sorted(sys.modules)}))
"""


@pytest.fixture
def copy(told: Office, tmp_path: Path) -> Path:
    """What an auditor takes home: the log and the policy, nothing else; the office is gone."""
    home = tmp_path / "auditor"
    shutil.copytree(told.data / "log", home / "log")
    (home / "policy").write_text(told("policy").out, encoding="utf-8")
    (home / "first.tlog-proof").write_text(told("prove", "0").out, encoding="utf-8")
    shutil.rmtree(told.data)
    shutil.rmtree(told.data.with_name("office-keys"))
    return home


def verify(home: Path, *words: str) -> list[str]:
    return ["verify", str(home / "log"), "--policy", str(home / "policy"), *words]


def test_a_copied_folder_and_a_policy_are_enough_with_the_published_schemas(copy: Path) -> None:
    outcome = command(*verify(copy, "--json", "--schemas", str(SCHEMAS)))
    report = outcome.answer
    assert (outcome.code, report["ok"]) == (0, True)
    for kind in ("signatures", "files", "bundles", "entries", "tiles", "roots", "subjects", "schema_checks"):
        assert report["checked"][kind] > 0, kind
    assert report["checked"]["schema_checks"] == report["checked"]["entries"] == report["size"]


def test_the_published_schemas_are_applied_unless_that_is_declined_and_the_report_says_which(copy: Path) -> None:
    size = command(*verify(copy, "--json")).answer["size"]
    assert command(*verify(copy, "--json")).answer["checked"]["schema_checks"] == size
    assert command(*verify(copy, "--json", "--without-schemas")).answer["checked"]["schema_checks"] == 0
    assert "checked against schemas: 0" in command(*verify(copy, "--without-schemas")).out


@pytest.mark.parametrize("words", [("verify", "log", "--policy", "policy"), ("verify-proof", "first.tlog-proof", "--policy", "policy")])  # fmt: skip
def test_a_verification_loads_nothing_that_builds_signs_or_stores(copy: Path, words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *words], capture_output=True, text=True, cwd=copy, env={"CASELEDGER_DATA": "/dev/null"},
        check=True,
    )  # fmt: skip
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["code"] == 0, done.stderr
    found = [name for name in outcome["loaded"] if any(name == one or name.startswith(one + ".") for one in FOREIGN)]
    assert found == []


def test_people_read_counts_age_and_verdict_in_their_language(copy: Path) -> None:
    english, chinese = command(*verify(copy)), command(*verify(copy), "--lang", "zh")
    assert "checked entries: 10" in english.out
    assert "hours (by the last event's recordedtime" in english.out
    assert english.err.startswith("verified: caseledger/500229/petition-office")
    assert "已核条目: 10" in chinese.out
    assert chinese.err.startswith("核验通过")


def test_a_failure_says_code_place_and_index_and_ends_with_1(copy: Path) -> None:
    bundle = next((copy / "log" / "tile" / "entries").rglob("10"))
    bundle.write_bytes(bundle.read_bytes().replace(b'"role', b'"rule', 1).replace(b"registrar", b"registrer", 1))
    outcome = command(*verify(copy))
    assert outcome.code == 1
    assert "leaf_hash_differs" in outcome.err
    assert "tile/0/000.p/10" in outcome.err
    assert "entry " in outcome.err
    report = command(*verify(copy, "--json")).answer
    assert (report["ok"], report["failure"]["code"]) == (False, "leaf_hash_differs")


def test_a_folder_that_is_not_there_or_empty_is_a_failure_not_a_pass(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "nowhere", tmp_path / "empty"):
        outcome = command("verify", str(folder), "--policy", str(copy / "policy"), "--json")
        assert (outcome.code, outcome.answer["failure"]["code"]) == (1, "file_missing")


def test_the_memory_notices_a_log_that_was_put_back(told: Office, tmp_path: Path) -> None:
    (tmp_path / "policy").write_text(told("policy").out)
    shutil.copytree(told.data / "log", tmp_path / "old")
    assert told.act(receive("ref:A50")).code == 0
    words = ("--policy", str(tmp_path / "policy"), "--remember", str(tmp_path / "seen"), "--json")
    assert command("verify", str(told.data / "log"), *words).code == 0
    outcome = command("verify", str(tmp_path / "old"), *words)
    assert (outcome.code, outcome.answer["failure"]["code"]) == (1, "rolled_back")


def test_an_old_log_fails_only_where_a_limit_is_given(copy: Path) -> None:
    assert command(*verify(copy, "--max-age", "1h")).code == 0
    outcome = command(*verify(copy, "--max-age", "0s", "--json"))
    assert (outcome.code, outcome.answer["failure"]["code"]) == (1, "too_old")


@pytest.mark.parametrize(
    "words",
    [
        ("--max-age", "soon"),
        ("--max-age", "-1h"),
        ("--max-age", "1w"),
        ("--max-age", "9999999d"),
        ("--schemas", "nowhere"),
        ("--policy", "nowhere"),
        ("--policy", "."),
    ],
)
def test_a_wrong_option_is_usage(copy: Path, words: tuple[str, ...]) -> None:
    outcome = command(*verify(copy, *words))
    assert (outcome.code, outcome.out) == (2, "")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"trust everybody\n", b"log \xff+00000000+AA==\nquorum none\n"])
def test_a_file_that_is_no_policy_is_a_failure(copy: Path, content: bytes) -> None:
    (copy / "policy").write_bytes(content)
    assert command(*verify(copy, "--json")).answer["failure"]["code"] in {"bad_policy", "bad_key"}
    assert command(*verify(copy)).code == 1


def test_a_comment_or_name_of_a_policy_may_hold_octets_that_are_no_text(copy: Path) -> None:
    policy = (copy / "policy").read_bytes()
    (copy / "policy").write_bytes(b"# ann\xe9e\n" + policy)
    assert command(*verify(copy)).code == 0
    witness = b"witness \xe9 witness.example/w0+368e7cbb+BLrqCBJJNsxuXVaBu3V6ym3Bi/YDQKJFY3sQnRrfLDZ0\nquorum \xe9\n"
    (copy / "policy").write_bytes(policy.splitlines(keepends=True)[0] + witness)
    failed = command(*verify(copy))
    assert (failed.code, "quorum_not_met" in failed.err) == (1, True)


def test_a_proof_carries_its_event_and_is_verified_offline(copy: Path) -> None:
    outcome = command("verify-proof", str(copy / "first.tlog-proof"), "--policy", str(copy / "policy"), "--json")
    assert (outcome.code, outcome.answer["checked"]["inclusion_proofs"], outcome.answer["checked"]["entries"]) == (
        0,
        1,
        1,
    )


def test_a_bare_proof_needs_the_event_and_accepts_no_other(told: Office, tmp_path: Path) -> None:
    policy, proof, event = (tmp_path / name for name in ("policy", "proof", "event"))
    policy.write_text(told("policy").out)
    assert told("prove", "4", "--bare", "-o", str(proof)).code == 0
    words = ("verify-proof", str(proof), "--policy", str(policy))
    assert command(*words).code == 2
    exported = told("export", "jsonl").out.splitlines(keepends=True)
    for index, code in ((4, 0), (3, 1)):
        event.write_text(exported[index])
        assert command(*words, "--event", str(event)).code == code
    assert "not_included" in command(*words, "--event", str(event)).err


def test_a_proof_is_asked_for_by_index_and_only_of_what_is_sealed(told: Office) -> None:
    assert told("prove", "10").code == 1
    assert "no such entry" in told("prove", "10").err
    assert told("prove", "-1").code == 2
    assert told("prove", "9").out == told("prove", "9", "--log", str(told.data / "log")).out
    assert command("--data", "/nowhere", "prove", "0").code == 1


def test_altered_proofs_and_files_that_are_none_are_refused(copy: Path) -> None:
    proof = copy / "first.tlog-proof"
    good = proof.read_bytes()
    for changed in (
        b"",
        b"\xff" * 200,
        good[:-3],
        good.replace(b"index 0", b"index 1"),
        good.replace(b"extra ", b"extra A"),
        good.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + good,
        b"\n".join([good.split(b"\n")[0], *good.split(b"\n")[2:1:-1], *good.split(b"\n")[1:2], *good.split(b"\n")[3:]]),
    ):
        proof.write_bytes(changed)
        outcome = command("verify-proof", str(proof), "--policy", str(copy / "policy"), "--json")
        assert (outcome.code, outcome.answer["ok"]) == (1, False), changed
