"""One test for each way to cheat with a log folder, with and without the log's key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from infra.verify import verify_log
from tests.support.sealed_log import Bench, event_bytes, events
from tests.support.verified_log import checked, failure, forged


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
    planted = event_bytes(
        9_999, subject="XF500229-2025-000099", sequence="1", recordedtime="2025-03-04T00:05:00.000000Z"
    )
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


def test_two_swapped_events_of_one_moment_are_shown_to_whoever_remembers(tmp_path: Path) -> None:
    """An import stamps many events at once: order alone distinguishes those, and only a memory tells the order."""
    bench, remember = Bench(tmp_path / "own"), tmp_path / "remember"
    bench.data.mkdir()
    raws = [*events(10), *(event_bytes(at, recordedtime="2025-03-04T01:00:00.000000Z") for at in range(10, 20))]
    bench.source.raws.extend(raws)
    bench.sealer().seal_waiting()
    assert checked(bench, remember=remember).ok
    raws[12], raws[13] = raws[13], raws[12]
    other = forged(tmp_path / "forged", raws)
    assert checked(other).ok, "nobody notices who remembers nothing"
    assert failure(checked(other, remember=remember)).code == "double_signed"


def test_an_unsigned_tail_is_superfluous(bench: Bench, tmp_path: Path) -> None:
    old = (bench.log / "checkpoint").read_bytes()
    bench.seal(300)
    (bench.log / "checkpoint").write_bytes(old)
    assert failure(checked(bench)).code in {"file_missing", "file_superfluous"}
