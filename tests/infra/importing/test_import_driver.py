"""The import itself: the account adds up, rejects are complete, interruptions leave no trace."""

from __future__ import annotations

import json
import random
import stat
from pathlib import Path
from typing import Any

import pytest

from infra.importing.driver import ImportOptions, Report, Step, run_import
from infra.importing.mapping import Mapping
from infra.importing.problems import ImportFault
from infra.importing.sources import ImportSource
from tests.support.import_files import log_mapping, rows_mapping, xes
from tests.support.import_port import Crash, MemoryLedger


def action(number: int, **more: Any) -> bytes:
    body = {"action": "receive_petition", "action_id": f"a{number}", "at": "2025-03-04T10:20:00+08:00"}
    return json.dumps({**body, "case": f"ref:{number}", **more}).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "old.jsonl"


def do_import(file: Path, ledger: MemoryLedger, mapping: Mapping | None = None, batch: int = 10, **more: Any) -> Report:
    options = ImportOptions(
        kind="history", operator="tester", rejects=file.with_suffix(".rejects"), batch_actions=batch, **more
    )
    return run_import(ImportSource(file, mapping), ledger, options)


def rejects(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.with_suffix(".rejects").read_bytes().splitlines()]


def adds_up(report: Report) -> bool:
    return report.accepted_new + report.already_there + report.rejected == report.read


MIXED = b"\n".join(
    [
        action(1),
        b"not json",
        action(2),
        b"",
        action(2, people_count=3),
        action(1),
        b'{"action":"x"}',
        b"\xff" + action(9),
    ]
    + [action(number) for number in range(10, 60)]
    + [b"y" * 70_000, b'{"action":"hand_over","action_id":"h","at":"t","case":"ref:none"}']
)


def test_every_line_is_accepted_or_rejected_and_the_account_adds_up(file: Path) -> None:
    file.write_bytes(MIXED)
    ledger = MemoryLedger()
    report = do_import(file, ledger)
    assert adds_up(report)
    assert (report.read, report.accepted_new, report.already_there, report.rejected) == (59, 52, 1, 6)
    assert not report.is_complete
    found = [(one["line"], one["code"], one["field"]) for one in rejects(file)]
    assert found == [
        (2, "bad_json", None),
        (5, "action_id_conflict", "action_id"),
        (7, "missing_field", "action_id"),
        (8, "bad_encoding", None),
        (59, "line_too_long", None),
        (60, "unknown_subject", "case"),
    ]


def test_a_reject_tells_the_reason_in_both_languages_with_the_line_as_it_stood(file: Path) -> None:
    file.write_bytes(b"not json\n\xff{}\n" + b"z" * 70_000)
    do_import(file, MemoryLedger())
    one, two, three = rejects(file)
    assert one["raw"] == "not json"
    assert one["reason"] == {"zh": "不是严格的 JSON 对象", "en": "not one strict JSON object"}
    assert "raw_escaped" not in one
    assert (two["raw"], two["raw_escaped"]) == ("\\xff{}", True)
    assert three["reason"]["zh"] == "一行过长"
    assert len(three["raw"]) == 4_096


def test_the_rejects_file_is_for_its_owner_only(file: Path) -> None:
    file.write_bytes(b"not json\n")
    do_import(file, MemoryLedger())
    assert stat.S_IMODE(file.with_suffix(".rejects").stat().st_mode) == 0o600


def test_importing_again_changes_nothing_and_says_so(file: Path) -> None:
    file.write_bytes(MIXED)
    ledger = MemoryLedger()
    first = do_import(file, ledger)
    recorded, written = list(ledger.state.recorded), file.with_suffix(".rejects").read_bytes()
    again = do_import(file, ledger)
    assert ledger.state.recorded == recorded
    assert file.with_suffix(".rejects").read_bytes() == written
    assert (again.accepted_new, again.already_there) == (0, first.accepted_new + first.already_there)
    assert (again.rejected, again.read, again.resumed_at) == (first.rejected, first.read, None)
    assert len(ledger.state.opened) == 1


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("batch", range(1, 8))
def test_an_interrupted_import_resumes_and_repeats_no_reject_and_loses_none(
    file: Path, batch: int, confirmed: bool
) -> None:
    """Each batch dies once before its commit (lost) and once after it (saved but not confirmed)."""
    file.write_bytes(MIXED)
    straight = MemoryLedger()
    whole = do_import(file, straight)
    written = file.with_suffix(".rejects").read_bytes()
    file.with_suffix(".rejects").unlink()
    ledger = MemoryLedger()
    if confirmed:
        ledger.crash_after_commit_of = batch
    else:
        ledger.crash_before_commit_of = batch
    if batch <= straight.batches:
        with pytest.raises(Crash):
            do_import(file, ledger)
    resumed = do_import(file, ledger)
    assert ledger.state.recorded == straight.state.recorded
    assert file.with_suffix(".rejects").read_bytes() == written
    if not confirmed or batch < straight.batches:
        assert resumed.read == whole.read
        assert resumed.rejected == whole.rejected
        assert (resumed.accepted_new, resumed.already_there) == (whole.accepted_new, whole.already_there)


@pytest.mark.parametrize("seed", range(20))
def test_a_row_of_many_actions_resumes_in_its_middle(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    file = tmp_path / "a.xes"
    traces = []
    for case in range(6):
        groups = [f"G{dice.randrange(3)}" for _ in range(dice.randrange(1, 40))]
        groups = [group if dice.random() > 0.05 else "not a date" for group in groups]
        times = ["2011-01-01T08:00:00Z" if group != "not a date" else "?" for group in groups]
        pairs = zip(groups, times, strict=True)
        traces.append((f"c{case}", [{"org:group": group, "time:timestamp": time} for group, time in pairs]))
    file.write_bytes(xes(*traces))
    straight = MemoryLedger()
    whole = do_import(file, straight, log_mapping(), batch=7)
    written = file.with_suffix(".rejects").read_bytes()
    file.with_suffix(".rejects").unlink()
    ledger = MemoryLedger()
    for attempt in range(1, 200):
        ledger.crash_before_commit_of = ledger.batches + dice.randrange(1, 3)
        ledger.crash_after_commit_of = ledger.batches + dice.randrange(1, 4)
        try:
            resumed = do_import(file, ledger, log_mapping(), batch=7)
        except Crash:
            if attempt < 12:
                continue
            ledger.crash_before_commit_of = ledger.crash_after_commit_of = None
            resumed = do_import(file, ledger, log_mapping(), batch=7)
        break
    assert ledger.state.recorded == straight.state.recorded, seed
    assert file.with_suffix(".rejects").read_bytes() == written, seed
    assert adds_up(resumed)
    assert (resumed.read, resumed.rejected) == (whole.read, whole.rejected), seed


def test_a_commit_that_is_tried_again_writes_its_rejects_once(file: Path) -> None:
    file.write_bytes(MIXED)
    do_import(file, MemoryLedger())
    written = file.with_suffix(".rejects").read_bytes()
    ledger = MemoryLedger()
    ledger.concludes_twice = True
    report = do_import(file, ledger)
    assert file.with_suffix(".rejects").read_bytes() == written
    assert adds_up(report)


@pytest.mark.parametrize("damage", ["gone", "shorter", "other"])
def test_an_import_whose_rejects_were_touched_begins_anew_and_ends_the_same(file: Path, damage: str) -> None:
    file.write_bytes(MIXED)
    straight = MemoryLedger()
    do_import(file, straight)
    written = file.with_suffix(".rejects").read_bytes()
    file.with_suffix(".rejects").unlink()
    ledger = MemoryLedger()
    ledger.crash_before_commit_of = 4
    with pytest.raises(Crash):
        do_import(file, ledger)
    path = file.with_suffix(".rejects")
    if damage == "gone":
        path.unlink()
    elif damage == "shorter":
        path.write_bytes(path.read_bytes()[:10])
    else:
        path.write_bytes(b"x" * path.stat().st_size)
    report = do_import(file, ledger)
    assert report.resumed_at is None
    assert ledger.state.recorded == straight.state.recorded
    assert path.read_bytes() == written


def test_another_mapping_does_not_go_on_where_the_first_one_stopped(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(("编号,登记时间\n" + "".join(f"A{n},2025/3/4\n" for n in range(50))).encode())
    ledger = MemoryLedger()
    ledger.crash_before_commit_of = 3
    with pytest.raises(Crash):
        do_import(file, ledger, rows_mapping())
    report = do_import(file, ledger, rows_mapping(fields='by.unit = { constant = "XF" }'))
    assert report.resumed_at is None
    assert (report.read, report.rejected, report.accepted_new) == (50, 20, 30)
    assert {one["code"] for one in rejects(file)} == {"action_id_conflict"}


TWO_ACTIONS = """
[[action]]
action = "hand_over"
[action.fields]
at = { column = "登记时间", as = "instant", formats = ["%Y/%m/%d"] }
case = "ref:{案}"
handoff = "ref:{编号}/h"
mode = { constant = "transfer" }
to = { list = ["{单位}"] }
"""


def test_a_row_is_rejected_by_its_first_refused_action_and_the_others_stay_recorded(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = "A1,2025/3/4,old/A1,MZJ\nA2,2025/3/5,none,MZJ\nA1,2025/3/4,old/A1,MZJ\n"
    file.write_bytes(("编号,登记时间,案,单位\n" + rows).encode())
    ledger = MemoryLedger()
    report = do_import(file, ledger, rows_mapping(fields=TWO_ACTIONS))
    assert (report.read, report.accepted_new, report.already_there, report.rejected) == (3, 1, 1, 1)
    assert (report.actions_new, report.actions_already, report.actions_refused) == (3, 2, 1)
    (reject,) = rejects(file)
    assert (reject["line"], reject["code"], reject["subject"]) == (3, "unknown_subject", "ref:none")
    assert reject["raw"] == "A2,2025/3/5,none,MZJ"
    assert [one["action"] for one in ledger.actions] == ["receive_petition", "hand_over", "receive_petition"]


def test_a_dry_run_decides_everything_and_records_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = "".join(f"A{n},2025/3/4,old/A{max(0, n - 12)},MZJ\n" for n in range(40))
    file.write_bytes(("编号,登记时间,案,单位\n" + rows + "A99,gone,x,MZJ\n").encode())
    ledger = MemoryLedger()
    report = do_import(file, ledger, rows_mapping(fields=TWO_ACTIONS), dry_run=True)
    assert (report.read, report.accepted_new, report.rejected) == (41, 40, 1)
    assert report.dry_run
    assert ledger.state.recorded == []
    assert ledger.state.opened == []
    assert ledger.trial is None
    assert do_import(file, ledger, rows_mapping(fields=TWO_ACTIONS)).accepted_new == 40


def test_a_file_that_breaks_off_keeps_what_stood_before_and_counts_the_break(tmp_path: Path) -> None:
    file = tmp_path / "a.xes"
    events = [{"org:group": "A", "time:timestamp": "2011-01-01T08:00:00Z"}]
    raw = xes(*((f"c{number}", events) for number in range(5000)))
    file.write_bytes(raw[:-200])
    ledger = MemoryLedger()
    report = do_import(file, ledger, log_mapping(), batch=100)
    assert report.stopped is not None
    assert report.stopped["code"] == "unreadable_file" or report.stopped["code"] == "file_cut"
    assert not report.is_complete
    assert adds_up(report)
    assert report.accepted_new == len(ledger.actions) > 4_000
    assert rejects(file)[-1]["line"] == report.read


def test_a_file_that_cannot_be_used_opens_no_import(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"id\n1\n")
    with pytest.raises(ImportFault):
        do_import(file, MemoryLedger(), rows_mapping())


def test_an_import_without_a_rejects_file_is_refused_unless_it_is_dry(file: Path) -> None:
    file.write_bytes(action(1))
    options = ImportOptions(kind="live", operator="tester", rejects=None)
    with pytest.raises(ImportFault):
        run_import(ImportSource(file), MemoryLedger(), options)
    dry = ImportOptions(kind="live", operator="tester", rejects=None, dry_run=True)
    assert run_import(ImportSource(file), MemoryLedger(), dry).read == 1


def test_a_rejects_file_that_cannot_be_written_stops_before_anything_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(action(1))
    ledger = MemoryLedger()
    options = ImportOptions(kind="live", operator="tester", rejects=tmp_path / "no folder" / "rejects")
    with pytest.raises(ImportFault) as fault:
        run_import(ImportSource(file), ledger, options)
    assert fault.value.field == "rejects"
    assert ledger.state.opened == []


def test_progress_tells_rows_and_bytes_up_to_the_whole_file(file: Path) -> None:
    file.write_bytes(b"\n".join(action(number) for number in range(35)))
    steps: list[Step] = []
    options = ImportOptions(kind="history", operator="tester", rejects=file.with_suffix(".r"), batch_actions=10)
    run_import(ImportSource(file), MemoryLedger(), options, steps.append)
    assert [step.rows for step in steps] == [10, 20, 30, 35]
    assert steps[-1].bytes_read == steps[-1].size_bytes == file.stat().st_size


def test_an_import_names_its_file_kind_and_people(file: Path) -> None:
    file.write_bytes(action(1))
    ledger = MemoryLedger()
    report = do_import(file, ledger, recorder_staff="S-1", approved_by="S-2", reason="old books")
    (opened,) = ledger.state.opened
    assert opened == {
        "importid": report.importid,
        "file": f"sha256:{report.importid}",
        "bytes": file.stat().st_size,
        "kind": "history",
        "operator": "tester",
        "recorder_staff": "S-1",
        "approved_by": "S-2",
        "reason": "old books",
    }
    assert report.to_json()["accepted_new"] == 1
