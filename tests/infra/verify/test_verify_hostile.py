"""What somebody would try who hands over a folder and hopes that it passes: each is refused, at once, with its code."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import struct
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.seal.checkpoint import Checkpoint, key_id, signature_line, signed, verifier_key
from domain.seal.tree import EMPTY_ROOT, leaf_hashes, root_of
from infra.keys_log import policy_text
from infra.verify import Report, verify_log, verify_proof_files
from tests.support.command_line import command
from tests.support.sealed_log import ORIGIN, Bench, event_bytes, events, log_key
from tests.support.verified_log import checked, failure, forged

KEY = log_key()
FIRST, EDGE, BUNDLE = "tile/0/000", "tile/0/002.p/88", "tile/entries/000"


def note_of(bench: Bench) -> bytes:
    return (bench.log / "checkpoint").read_bytes()


def put_note(bench: Bench, note: bytes) -> None:
    (bench.log / "checkpoint").write_bytes(note)


def sign_text(bench: Bench, text: str) -> None:
    """Whatever text, signed by the log's own key."""
    put_note(bench, text.encode() + b"\n" + signature_line(KEY.signer, text.encode()))


def sign_size(bench: Bench, size: int) -> None:
    sign_text(bench, f"{ORIGIN}\n{size}\n{b64encode(bytes(32)).decode()}\n")


def replaced_by(path: str, make: Callable[[Path], None]) -> Callable[[Bench], None]:
    def cheat(bench: Bench) -> None:
        (bench.log / path).unlink()
        make(bench.log / path)

    return cheat


def moved(path: str, other: str) -> Callable[[Bench], None]:
    def cheat(bench: Bench) -> None:
        (bench.log / other).parent.mkdir(parents=True, exist_ok=True)
        (bench.log / path).rename(bench.log / other)

    return cheat


def noted(change: Callable[[bytes], bytes]) -> Callable[[Bench], None]:
    return lambda bench: put_note(bench, change(note_of(bench)))


def text_signed(change: Callable[[str], str]) -> Callable[[Bench], None]:
    return lambda bench: sign_text(bench, change(note_of(bench).decode().partition("\n\n")[0] + "\n"))


def written(path: str, content: bytes) -> Callable[[Bench], None]:
    def cheat(bench: Bench) -> None:
        (bench.log / path).parent.mkdir(parents=True, exist_ok=True)
        (bench.log / path).write_bytes(content)

    return cheat


def sparse(path: str, length: int) -> Callable[[Bench], None]:
    return lambda bench: os.truncate(bench.log / path, length)


def link_folder(bench: Bench) -> None:
    (bench.log / "tile").rename(bench.data / "elsewhere")
    (bench.log / "tile").symlink_to(bench.data / "elsewhere")


def hard_link(bench: Bench) -> None:
    (bench.log / "tile/0/001").unlink()
    (bench.log / "tile/0/001").hardlink_to(bench.log / FIRST)


def deep_folders(bench: Bench) -> None:
    here = os.open(bench.log, os.O_RDONLY)
    for _ in range(60):
        os.mkdir("a", dir_fd=here)
        deeper = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)


def name_of_no_text(bench: Bench) -> None:
    Path(os.fsdecode(os.fsencode(bench.log) + b"/tile/0/\xff\n\x1b[31m")).write_bytes(b"")


def old_checkpoint_new_tiles(bench: Bench) -> None:
    note = note_of(bench)
    bench.seal(200)
    put_note(bench, note)


def new_checkpoint_old_tiles(bench: Bench) -> None:
    shutil.copytree(bench.log, bench.data / "old")
    bench.seal(200)
    shutil.copy(bench.log / "checkpoint", bench.data / "old" / "checkpoint")
    shutil.rmtree(bench.log)
    (bench.data / "old").rename(bench.log)


def signature_of_an_older_note(bench: Bench) -> None:
    old = signed(Checkpoint(ORIGIN, 5, root_of(leaf_hashes(events(5)))), [KEY.signer])
    text = note_of(bench).partition(b"\n\n")[0]
    put_note(bench, text + b"\n\n" + old.partition(b"\n\n")[2])


def line_of(name: str, kind: int, blob: bytes) -> bytes:
    packed = b64encode(key_id(name, kind, KEY.public_key) + blob).decode()
    return f"\u2014 {name} {packed}\n".encode()


def only_line(line: bytes) -> Callable[[bytes], bytes]:
    return lambda note: note.partition(b"\n\n")[0] + b"\n\n" + line


CHEATS: dict[str, tuple[Callable[[Bench], None], str]] = {
    "a pipe for a checkpoint": (replaced_by("checkpoint", os.mkfifo), "not_a_plain_file"),
    "a pipe for a tile": (replaced_by(FIRST, os.mkfifo), "not_a_plain_file"),
    "a pipe beside the tiles": (lambda bench: os.mkfifo(bench.log / "tile/0/pipe"), "not_a_plain_file"),
    "a folder for a checkpoint": (replaced_by("checkpoint", os.mkdir), "not_a_plain_file"),
    "a folder for a tile": (replaced_by(FIRST, os.mkdir), "file_missing"),
    "a link for a checkpoint": (replaced_by("checkpoint", lambda path: path.symlink_to("tile/0/000")), "not_a_plain_file"),
    "a link to nowhere": (lambda bench: (bench.log / "tile/x").symlink_to("nowhere"), "not_a_plain_file"),
    "a link to a device": (replaced_by(EDGE, lambda path: path.symlink_to("/dev/zero")), "not_a_plain_file"),
    "a link for a folder": (link_folder, "not_a_plain_file"),
    "one tile under two names": (hard_link, "leaf_hash_differs"),
    "a name in capitals": (moved("tile/0/000", "TILE/0/000"), "file_missing"),
    "a partial name for a full tile": (moved(FIRST, "tile/0/000.p/255"), "file_missing"),
    "an older name with the height": (moved(FIRST, "tile/8/0/000"), "file_missing"),
    "a full name for a partial tile": (moved(EDGE, "tile/0/002"), "file_missing"),
    "a bundle packed with gzip": (written(BUNDLE, gzip.compress(b"x" * 999)), "bundle_cut"),
    "a packed bundle beside": (written(BUNDLE + ".gz", b""), "file_superfluous"),
    "a hidden file": (written(".checkpoint.swp", b""), "file_superfluous"),
    "a name of dots": (written("tile/...", b""), "file_superfluous"),
    "a name that is no text": (name_of_no_text, "file_superfluous"),
    "folders without end": (deep_folders, "file_superfluous"),
    "a checkpoint of a terabyte": (sparse("checkpoint", 1 << 40), "file_too_long"),
    "a tile of a terabyte": (sparse(FIRST, 1 << 40), "file_too_long"),
    "a bundle of a terabyte": (sparse(BUNDLE, 1 << 40), "file_too_long"),
    "signed: ten to the 18th entries": (lambda bench: sign_size(bench, 10**18), "file_missing"),
    "signed: the largest number": (lambda bench: sign_size(bench, 10**19 - 1), "file_missing"),
    "signed: one number more": (lambda bench: sign_size(bench, 10**19), "checkpoint_malformed"),
    "signed: one entry fewer": (lambda bench: sign_size(bench, 599), "file_missing"),
    "signed: one entry more": (lambda bench: sign_size(bench, 601), "file_missing"),
    "signed: entries in an empty tree": (text_signed(lambda text: text.replace("600", "0")), "checkpoint_malformed"),
    "signed: the empty root": (
        lambda bench: sign_text(bench, f"{ORIGIN}\n600\n{b64encode(EMPTY_ROOT).decode()}\n"), "checkpoint_malformed"
    ),
    "signed: the empty tree over files": (
        lambda bench: sign_text(bench, f"{ORIGIN}\n0\n{b64encode(EMPTY_ROOT).decode()}\n"), "file_superfluous"
    ),
    "signed: a size with a zero in front": (text_signed(lambda text: text.replace("600", "0600")), "checkpoint_malformed"),
    "signed: a size with a sign": (text_signed(lambda text: text.replace("600", "+600")), "checkpoint_malformed"),
    "signed: a size in wide digits": (text_signed(lambda text: text.replace("600", "６００")), "checkpoint_malformed"),
    "signed: an extension line": (text_signed(lambda text: text + "more\n"), "checkpoint_malformed"),
    "signed: another origin": (text_signed(lambda text: text.replace("500229", "500230")), "unknown_origin"),
    "signed: an origin that looks alike": (text_signed(lambda text: text.replace("caseledger", "c\u0430seledger")), "unknown_origin"),
    "signed: a mark of byte order": (text_signed(lambda text: "\ufeff" + text), "unknown_origin"),
    "signed: line ends of Windows": (text_signed(lambda text: text.replace("\n", "\r\n")), "checkpoint_malformed"),
    "a mark of byte order": (noted(lambda note: b"\xef\xbb\xbf" + note), "bad_signature"),
    "line ends of Windows": (noted(lambda note: note.replace(b"\n", b"\r\n")), "checkpoint_malformed"),
    "no last line feed": (noted(lambda note: note[:-1]), "checkpoint_malformed"),
    "a second line feed at the end": (noted(lambda note: note + b"\n"), "checkpoint_malformed"),
    "an empty line among signatures": (noted(lambda note: note + b"\n" + note.partition(b"\n\n")[2]), "checkpoint_malformed"),
    "a root in another spelling": (noted(lambda note: note.replace(b"=\n\n", b"\n\n")), "checkpoint_malformed"),
    "no signature": (noted(only_line(b"")), "checkpoint_malformed"),
    "a line that is no signature": (noted(lambda note: note + b"signed, the office\n"), "checkpoint_malformed"),
    "sixty-five signatures": (noted(lambda note: note + b"\xe2\x80\x94 x AAAAAAAA\n" * 64), "checkpoint_malformed"),
    "the signature of an older note": (signature_of_an_older_note, "bad_signature"),
    "a signature cut": (noted(only_line(line_of(ORIGIN, 1, bytes(63)))), "bad_signature"),
    "a signature of nothing": (noted(only_line(line_of(ORIGIN, 1, bytes(64)))), "bad_signature"),
    "an algorithm that nobody knows": (noted(only_line(line_of(ORIGIN, 0xFF, bytes(64)))), "no_known_signature"),
    "a cosignature of the log itself": (noted(only_line(line_of(ORIGIN, 4, bytes(72)))), "no_known_signature"),
    "another name for the key": (noted(only_line(line_of("caseledger/500229", 1, bytes(64)))), "no_known_signature"),
    "a good signature and a bad one": (noted(lambda note: note + line_of(ORIGIN, 1, bytes(64))), "bad_signature"),
    "old note, new tiles": (old_checkpoint_new_tiles, "file_missing"),
    "new note, old tiles": (new_checkpoint_old_tiles, "file_missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHEATS)
def test_a_folder_made_to_mislead_is_refused_at_once(bench: Bench, name: str) -> None:
    cheat, code = CHEATS[name]
    cheat(bench)
    report = checked(bench)
    assert failure(report).code == code, report.failure


def test_lines_of_strangers_change_nothing(bench: Bench) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    text = note_of(bench).partition(b"\n\n")[0] + b"\n"
    blob = key_id("x", 0xFF, b"") + stranger.sign(text)
    put_note(bench, note_of(bench) + f"\u2014 见证 {b64encode(blob).decode()}\n".encode() * 63)
    report = checked(bench)
    assert report.ok, report.failure
    assert report.checked["signatures"] == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="to enable: run as root, who may make a device")
def test_a_device_for_a_checkpoint_is_refused_at_once(bench: Bench) -> None:
    (bench.log / "checkpoint").unlink()
    os.mknod(bench.log / "checkpoint", stat.S_IFCHR | 0o644, os.makedev(1, 5))
    assert failure(checked(bench)).code == "not_a_plain_file"


def test_what_may_not_be_read_is_a_failure(bench: Bench) -> None:
    def told() -> str:
        return failure(checked(bench)).code

    if os.geteuid() == 0:  # whoever may read everything tries as somebody who may not
        os.seteuid(65_534)
        try:
            assert told() == "unreadable"
        finally:
            os.seteuid(0)
        return
    for path in ("checkpoint", FIRST, "tile/0"):
        (bench.log / path).chmod(0)
        assert told() == "unreadable"
        (bench.log / path).chmod(0o700)


ENTRIES: dict[str, tuple[dict[int, bytes], str, int]] = {
    "an id that stood before": ({9: event_bytes(9, id=f"01900000-0000-7000-8000-{2:012x}")}, "id_repeated", 9),
    "a case that begins anew": ({7: event_bytes(7, sequence="1")}, "sequence_gap", 7),
    "a case that begins in the middle": ({2: event_bytes(2, sequence="4")}, "sequence_gap", 2),
    "a day that is none": ({4: event_bytes(4, recordedtime="2025-02-30T00:00:00.000000Z")}, "attribute_type", 4),
    "an hour that is none": ({4: event_bytes(4, recordedtime="2025-03-04T25:00:00.000000Z")}, "attribute_type", 4),
    "a day of a week": ({4: event_bytes(4, recordedtime="2025-W10-2T00:00:04.000000Z")}, "attribute_type", 4),
    "wide digits": ({4: event_bytes(4, recordedtime="２０２５-03-04T00:00:04.000000Z")}, "attribute_type", 4),
    "another offset": ({4: event_bytes(4, recordedtime="2025-03-04T00:00:04.00+00:00")}, "attribute_type", 4),
    "keys in the order of code points": (
        {4: event_bytes(4, data={}).replace(b"{}", '{"\uffff":1,"\U0001f600":2}'.encode())},
        "not_canonical", 4,
    ),
    "a number too large, in a list": ({4: event_bytes(4, data={"a": [2**53]})}, "number_range", 4),
    "a number too large, deep inside": ({4: event_bytes(4, data={"a": [{"b": [[{"c": -(2**53)}]]}]})}, "number_range", 4),
    "a number without end": ({4: event_bytes(4, data={}).replace(b"{}", b'{"a":' + b"9" * 6_000 + b"}")}, "not_strict_json", 4),
    "twelve thousand equal keys": (
        {4: event_bytes(4, data={}).replace(b"{}", b"{" + b",".join([b'"":1'] * 12_000) + b"}")}, "duplicate_key", 4
    ),
    "six hundred levels": ({4: event_bytes(4, data={}).replace(b"{}", b'{"\xe7\x94\xb2":' * 600 + b"1" + b"}" * 600)}, "too_deep", 4),
    "an attribute in capitals": ({4: event_bytes(4, Remark="x")}, "attribute_type", 4),
    "an attribute with content of its own": ({4: event_bytes(4, remark={"name": "x"})}, "attribute_type", 4),
    "a payload that is a list": ({4: event_bytes(4, data=[1])}, "attribute_type", 4),
    "an empty entry": ({4: b""}, "not_strict_json", 4),
}  # fmt: skip


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_made_to_mislead_is_refused_with_its_index(tmp_path: Path, name: str) -> None:
    changes, code, index = ENTRIES[name]
    raws = [changes.get(at, raw) for at, raw in enumerate(events(14))]
    found = failure(checked(forged(tmp_path / "forged", raws)))
    assert (found.code, found.index) == (code, index), found


def test_an_id_is_found_again_across_many_entries_however_few_are_compared_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.verify.entry.IDS_AT_ONCE", 50)
    raws = events(600)
    assert checked(forged(tmp_path / "well", raws)).checked["ids"] == 600
    raws[598] = event_bytes(598, id=f"01900000-0000-7000-8000-{3:012x}")
    found = failure(checked(forged(tmp_path / "forged", raws)))
    assert (found.code, found.index) == ("id_repeated", 598)
    assert "of entry 3" in found.message


def test_two_events_of_one_moment_pass_and_unknown_attributes_are_counted(tmp_path: Path) -> None:
    raws = [event_bytes(0), event_bytes(1, recordedtime="2025-03-04T00:00:00.000000Z", remark="x")]
    report = checked(forged(tmp_path / "forged", raws))
    assert report.ok, report.failure
    assert report.checked["unknown_attributes"] == 1


def test_an_event_of_the_far_future_is_told_and_fails_where_age_counts(tmp_path: Path) -> None:
    bench = forged(tmp_path / "forged", [event_bytes(0, recordedtime="9999-12-31T23:59:59.999999Z")])
    report = checked(bench)
    assert report.ok
    assert report.age_s is not None
    assert report.age_s < 0
    assert failure(checked(bench, max_age=timedelta(days=1))).code == "time_in_future"


@pytest.mark.parametrize("seconds", [2**40, 2**63, 2**64 - 1])
def test_a_cosignature_of_an_impossible_time_is_no_way_out(bench: Bench, seconds: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x07")
    public = private.public_key().public_bytes_raw()
    text = note_of(bench).partition(b"\n\n")[0] + b"\n"
    blob = key_id("w", 4, public) + struct.pack(">Q", seconds)
    blob += private.sign(f"cosignature/v1\ntime {seconds}\n".encode() + text)
    put_note(bench, note_of(bench) + f"\u2014 w {b64encode(blob).decode()}\n".encode())
    policy = f"log {KEY.vkey}\nwitness w {verifier_key('w', 4, public)}\nquorum w\n"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    report = verify_log(bench.log, policy, now=now)
    assert (report.ok, report.age_source) == (True, "cosignature"), report.failure
    assert failure(verify_log(bench.log, policy, max_age=timedelta(days=1), now=now)).code == "time_in_future"


def rotation(**data: Any) -> bytes:
    return event_bytes(20, subject="ledger", sequence="1", type="petition.ledger.key_rotated.v1", data=data)


WITNESS = verifier_key(ORIGIN, 4, KEY.public_key)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"old": KEY.vkey, "new": WITNESS, "from_size": 21}, "bad_rotation"),
        ({"old": KEY.vkey, "new": verifier_key("other", 1, bytes(32)), "from_size": 21}, "bad_rotation"),
        ({"old": KEY.vkey, "new": "nothing", "from_size": 21}, "bad_key"),
        ({"old": KEY.vkey, "new": log_key(bytes(32)).vkey, "from_size": "21"}, "bad_rotation"),
        ({"old": KEY.vkey, "new": log_key(bytes(32)).vkey}, "bad_rotation"),
        ({"old": KEY.vkey, "new": log_key(bytes(32)).vkey, "from_size": 21}, "rotated_key_missing"),
    ],
)
def test_a_change_of_keys_made_to_mislead_is_refused(tmp_path: Path, data: dict[str, Any], code: str) -> None:
    assert failure(checked(forged(tmp_path / "forged", [*events(20), rotation(**data)]))).code == code


def test_a_memory_that_cannot_be_read_is_never_an_empty_one(bench: Bench, tmp_path: Path) -> None:
    remember = tmp_path / "seen"
    remember.symlink_to("nowhere")
    assert failure(checked(bench, remember=remember)).code == "unreadable"
    remember.unlink()
    remember.mkdir()
    assert failure(checked(bench, remember=remember)).code == "not_a_plain_file"
    remember.rmdir()
    os.mkfifo(remember)
    assert failure(checked(bench, remember=remember)).code == "not_a_plain_file"
    remember.unlink()
    report = checked(bench, remember=remember)
    assert report.checked["remembered_checkpoints"] == 0, "a first verification says that nothing was remembered"


def test_a_log_in_which_nothing_was_checked_is_not_remembered(tmp_path: Path) -> None:
    bench, remember = Bench(tmp_path), tmp_path / "seen"
    bench.log.mkdir()
    put_note(bench, signed(Checkpoint(ORIGIN, 0, EMPTY_ROOT), [KEY.signer]))
    assert failure(checked(bench, remember=remember)).code == "nothing_checked"
    assert not remember.exists()


def test_the_command_tells_a_name_that_is_no_text_without_obeying_it(bench: Bench, tmp_path: Path) -> None:
    name_of_no_text(bench)
    (tmp_path / "policy").write_text(policy_text(KEY.vkey))
    for words in ((), ("--json",)):
        outcome = command("verify", str(bench.log), "--policy", str(tmp_path / "policy"), *words)
        assert outcome.code == 1
        assert "file_superfluous" in outcome.out + outcome.err
        assert "\x1b" not in outcome.out + outcome.err


PROOFS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "as it is": (lambda proof: proof, ""),
    "not UTF-8": (lambda proof: proof + b"\xe2\x80\x94 \xff AAAAAAAA\n", "proof_malformed"),
    "too long": (lambda proof: proof + b"\n" * 400_000, "file_too_long"),
    "empty": (lambda proof: b"", "proof_malformed"),
    "behind the end": (lambda proof: proof.replace(b"index 5\n", b"index 600\n"), "not_included"),
    "far behind the end": (lambda proof: proof.replace(b"index 5\n", b"index 9999999999999999999\n"), "not_included"),
    "before the beginning": (lambda proof: proof.replace(b"index 5\n", b"index -1\n"), "proof_malformed"),
    "line ends of Windows": (lambda proof: proof.replace(b"\n", b"\r\n"), "proof_malformed"),
    "a mark of byte order": (lambda proof: b"\xef\xbb\xbf" + proof, "proof_malformed"),
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_made_to_mislead_is_refused(bench: Bench, tmp_path: Path, name: str) -> None:
    from infra.log_proof import LogReader, proof_text

    change, code = PROOFS[name]
    proof, event = tmp_path / "proof", tmp_path / "event"
    proof.write_bytes(change(proof_text(LogReader(bench.log), 5).encode()))
    event.write_bytes(bench.source.raws[5])
    report = verify_proof_files(proof, event, bench.policy)
    assert report is not None
    assert told(report) == code


def told(report: Report) -> str:
    return "" if report.ok else failure(report).code


def test_a_pipe_for_a_proof_or_its_event_is_refused_at_once(bench: Bench, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    report = verify_proof_files(tmp_path / "pipe", None, bench.policy)
    assert report is not None
    assert failure(report).code == "not_a_plain_file"
