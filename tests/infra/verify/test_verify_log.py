"""The verifier on a copied folder: what it accepts, and one test for each way to cheat."""

from __future__ import annotations

import ast
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.event import canonical
from domain.seal.checkpoint import Checkpoint, signed
from domain.seal.tiles import bundle_of, tiles_of
from domain.seal.tree import leaf_hashes, root_of
from infra.keys_log import policy_text
from infra.verify import Failure, Report, verify_log
from tests.support.sealed_log import ORIGIN, Bench, event_bytes, events, log_key, sealed

FLOORS = {"domain", "projections", "consumers", "infra"}
ALLOWED = {"cryptography", "msgspec", "infra.verify"}


def failure(report: Report) -> Failure:
    assert not report.ok
    assert report.failure is not None
    return report.failure


def checked(bench: Bench, **options: object) -> Report:
    return verify_log(bench.log, bench.policy, **options)  # type: ignore[arg-type]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return sealed(tmp_path, 600)


def forged(folder: Path, raws: list[bytes]) -> Bench:
    """What an operator with the key can make: another, wholly consistent log over other bytes."""
    folder.mkdir()
    bench = Bench(folder)
    bench.source.raws.extend(raws)
    bench.seal()
    return bench


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
        "subjects": 5,
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


def test_an_edited_entry_is_shown_with_its_index(bench: Bench) -> None:
    path = bench.log / "tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b"000000000140", b"000000000141", 1))
    found = failure(checked(bench))
    assert (found.code, found.index, found.place) == ("leaf_hash_differs", 320, "tile/0/001")


def test_an_edited_leaf_tile_is_shown_with_its_index(bench: Bench) -> None:
    path = bench.log / "tile/0/002.p/88"
    content = bytearray(path.read_bytes())
    content[32 * 7] ^= 1
    path.write_bytes(content)
    found = failure(checked(bench))
    assert (found.code, found.index, found.place) == ("leaf_hash_differs", 519, "tile/0/002.p/88")


def test_an_edited_upper_tile_is_shown_with_its_index(bench: Bench) -> None:
    path = bench.log / "tile/1/000.p/2"
    content = bytearray(path.read_bytes())
    content[32] ^= 1
    path.write_bytes(content)
    found = failure(checked(bench))
    assert (found.code, found.index, found.place) == ("tile_differs", 256, "tile/1/000.p/2")


def test_an_edit_carried_through_all_tiles_does_not_give_the_signed_root(bench: Bench, tmp_path: Path) -> None:
    raws = [*bench.source.raws]
    raws[400] = event_bytes(400, actorid="S-999")
    other = forged(tmp_path / "forged", raws)
    shutil.copy(bench.log / "checkpoint", other.log / "checkpoint")
    assert failure(checked(other)).code == "root_differs"


@pytest.mark.parametrize("size", [599, 512, 256, 1])
def test_a_truncated_log_without_a_new_signature_is_refused(bench: Bench, tmp_path: Path, size: int) -> None:
    short = forged(tmp_path / "short", bench.source.raws[:size])
    shutil.copy(bench.log / "checkpoint", short.log / "checkpoint")
    assert failure(checked(short)).code == "file_missing"


def test_a_restored_old_copy_is_a_roll_back_to_whoever_remembers(bench: Bench, tmp_path: Path) -> None:
    shutil.copytree(bench.log, tmp_path / "old")
    bench.seal(50)
    remember = tmp_path / "remember"
    assert checked(bench, remember=remember).ok
    assert verify_log(tmp_path / "old", bench.policy).ok
    found = failure(verify_log(tmp_path / "old", bench.policy, remember))
    assert (found.code, found.place, found.index) == ("rolled_back", "checkpoint", 600)


def test_a_log_signed_anew_from_some_index_is_shown_between_two_remembered_sizes(
    tmp_path: Path,
) -> None:
    bench, remember = Bench(tmp_path / "office"), tmp_path / "remember"
    bench.data.mkdir()
    for count in (100, 200, 300):
        bench.seal(count)
        assert checked(bench, remember=remember).ok
    raws = [*bench.source.raws, *events(50, 600)]
    for index in range(250, 650):
        raws[index] = event_bytes(index, actorid="S-999")
    found = failure(verify_log(forged(tmp_path / "forged", raws).log, bench.policy, remember))
    assert (found.code, found.index, found.place) == ("history_rewritten", 100, "entries 100–299")


def test_a_size_signed_twice_is_shown(bench: Bench, tmp_path: Path) -> None:
    remember = tmp_path / "remember"
    assert checked(bench, remember=remember).ok
    raws = [*bench.source.raws]
    raws[7] = event_bytes(7, actorid="S-999")
    found = failure(verify_log(forged(tmp_path / "forged", raws).log, bench.policy, remember))
    assert (found.code, found.place) == ("double_signed", "checkpoint")


def test_an_inserted_back_dated_event_is_shown_even_when_everything_is_signed_anew(
    bench: Bench, tmp_path: Path
) -> None:
    planted = event_bytes(0, subject="XF500229-2025-000099", recordedtime="2025-03-04T00:01:00.000000Z")
    raws = [*bench.source.raws[:300], planted, *bench.source.raws[300:]]
    found = failure(checked(forged(tmp_path / "forged", raws)))
    assert (found.code, found.index) == ("recordedtime_decreases", 300)


def test_an_inserted_event_with_a_fitting_time_is_shown_to_whoever_remembers(bench: Bench, tmp_path: Path) -> None:
    remember = tmp_path / "remember"
    assert checked(bench, remember=remember).ok
    planted = event_bytes(0, subject="XF500229-2025-000099", recordedtime="2025-03-04T00:05:00.000000Z")
    raws = [*bench.source.raws[:301], planted, *bench.source.raws[301:]]
    other = forged(tmp_path / "forged", raws)
    assert checked(other).ok
    assert failure(checked(other, remember=remember)).code == "history_rewritten"


def test_a_deleted_event_leaves_a_gap_in_its_subject(bench: Bench, tmp_path: Path) -> None:
    raws = [*bench.source.raws[:303], *bench.source.raws[304:]]
    found = failure(checked(forged(tmp_path / "forged", raws)))
    assert (found.code, found.index) == ("sequence_gap", 307)


def test_two_swapped_events_are_shown(bench: Bench, tmp_path: Path) -> None:
    raws = [*bench.source.raws]
    raws[10], raws[11] = raws[11], raws[10]
    found = failure(checked(forged(tmp_path / "forged", raws)))
    assert (found.code, found.index) == ("recordedtime_decreases", 11)


def test_an_unsigned_tail_is_superfluous(bench: Bench, tmp_path: Path) -> None:
    old = (bench.log / "checkpoint").read_bytes()
    bench.seal(300)
    (bench.log / "checkpoint").write_bytes(old)
    assert failure(checked(bench)).code in {"file_missing", "file_superfluous"}


def nested(depth: int) -> object:
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda raw: raw.replace(b'"urgent":true', b'"urgent":true,"urgent":true'), "duplicate_key"),
        (lambda raw: raw.replace(b'"id":', b'"actorid":"S-013","id":'), "duplicate_key"),
        (lambda raw: raw + b" ", "not_canonical"),
        (lambda raw: raw + b"{}", "not_strict_json"),
        (lambda raw: raw + b"\n", "not_canonical"),
        (lambda raw: b"\xef\xbb\xbf" + raw, "not_strict_json"),
        (lambda raw: raw.replace(b":true", b": true"), "not_canonical"),
        (lambda raw: raw.replace(b"labour", b"labo\\u0075r"), "not_canonical"),
        (lambda raw: raw.replace(b"labour", b"lab\xffour"), "not_strict_json"),
        (lambda raw: raw.replace(b"labour", b"\\ud800"), "not_strict_json"),
        (lambda raw: raw.replace(b":true", b":1.5"), "not_strict_json"),
        (lambda raw: raw.replace(b":true", b":1e3"), "not_strict_json"),
        (lambda raw: raw.replace(b":true", b":-0"), "not_canonical"),
        (lambda raw: raw.replace(b":true", b":9007199254740992"), "number_range"),
        (lambda raw: raw.replace(b":true", b":NaN"), "not_strict_json"),
        (lambda raw: b"[" + raw + b"]", "not_strict_json"),
        (lambda raw: b"null", "not_strict_json"),
        (lambda raw: b"", "not_strict_json"),
        (lambda raw: b"[" * 30_000 + b"]" * 30_000, "too_deep"),
        (lambda raw: raw.replace(b":true", b":" + canonical(nested(32))), "too_deep"),
        (lambda raw: raw.replace(b'"time":', b'"tmie":'), "attribute_missing"),
        (lambda raw: raw.replace(b'"time":', b'"a":'), "not_canonical"),
        (lambda raw: raw.replace(b'"subject":"XF', b'"subject":7,"subject2":"XF'), "attribute_type"),
        (lambda raw: raw.replace(b'"type":"petition.case.registered.v1"', b'"typf":"x"'), "attribute_missing"),
        (lambda raw: raw.replace(b"/500229/", b"/500230/"), "source_differs"),
        (lambda raw: raw.replace(b'.000000Z"', b'.0000000Z"'), "recordedtime_decreases"),
        (lambda raw: raw.replace(b'"sequence":"3"', b'"sequence":"03"'), "sequence_gap"),
        (lambda raw: raw.replace(b'"sequence":"3"', b'"sequence":3'), "attribute_type"),
        (lambda raw: raw.replace(b'"sequence":"3"', b'"sequence":"2"'), "sequence_gap"),
    ],
)
def test_an_entry_that_is_not_one_strict_canonical_event_is_refused(
    tmp_path: Path, change: Callable[[bytes], bytes], code: str
) -> None:
    bench = Bench(tmp_path)
    raws = events(14)
    raws[12] = change(raws[12])
    assert raws[12] != event_bytes(12)
    bench.source.raws.extend(raws)
    bench.seal()
    found = failure(checked(bench))
    assert (found.code, found.index) == (code, 12)


def test_the_deepest_and_widest_values_that_are_allowed_pass(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.source.raws.append(event_bytes(0, data={"deep": nested(30), "wide": 2**53 - 1, "\U0001f600": 1, "\uffff": 2}))
    bench.seal()
    report = checked(bench)
    assert report.ok, report.failure


def test_an_attribute_of_later_times_is_passed_over_and_a_null_is_not(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.source.raws.append(event_bytes(0, zzlater="x"))
    bench.seal()
    assert checked(bench).ok
    bench.source.raws.append(event_bytes(1, actorid=None))
    bench.seal()
    assert (failure(checked(bench)).code, failure(checked(bench)).index) == ("attribute_type", 1)


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
