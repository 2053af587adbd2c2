"""A finished import is finished: the same file is answered from its account, whatever the ledger has come to hold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.import_ledger import open_imports
from infra.importing.driver import ImportOptions, Report, Step, run_import
from infra.importing.mapping import Mapping
from infra.importing.port import ImportKind, LedgerPort
from infra.importing.sources import ImportSource
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger
from tests.support.import_files import log_mapping, rows_mapping, xes
from tests.support.import_port import Crash, MemoryLedger
from tests.support.office import act, line, receive


def text(verb: str, number: int, **more: Any) -> bytes:
    at = "2025-03-04T10:20:00+08:00"
    return json.dumps(
        {"action": verb, "action_id": f"{verb}{number}", "at": at, "case": f"ref:{number}", **more}
    ).encode()


def early(number: int) -> list[bytes]:
    """A handoff in front of the receipt of its case: what it lacks is recorded by the line behind it."""
    return [text("hand_over", number, handoff=f"ref:{number}/h", to=["MZJ"]), text("receive_petition", number)]


LINES = [each for number in range(30) for each in (*early(number), b"not json", text("close_case", number))]
FILE = b"\n".join(LINES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "old.jsonl"
    path.write_bytes(FILE)
    return path


def do_import(
    file: Path,
    ledger: LedgerPort,
    *,
    rejects: str = "rejects",
    kind: ImportKind = "history",
    mapping: Mapping | None = None,
    **more: Any,
) -> Report:
    options = ImportOptions(kind, "tester", file.parent / rejects, batch_actions=7, **more)
    return run_import(ImportSource(file, mapping), ledger, options)


def rejects_of(file: Path, name: str = "rejects") -> list[dict[str, Any]]:
    return [json.loads(each) for each in (file.parent / name).read_bytes().splitlines()]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.read, report.accepted_new + report.already_there, report.rejected, report.actions_refused


def assert_answered(again: Report, first: Report, ledger: MemoryLedger, recorded: list[Any]) -> None:
    assert ledger.state.recorded == recorded
    assert again.finished_before
    assert not first.finished_before
    assert (again.accepted_new, again.actions_new) == (0, 0)
    assert counts(again) == counts(first)
    assert again.stopped == first.stopped


def test_a_refused_line_stays_refused_although_the_file_has_recorded_what_it_lacked(file: Path) -> None:
    ledger = MemoryLedger()
    first = do_import(file, ledger)
    recorded, written = list(ledger.state.recorded), (file.parent / "rejects").read_bytes()
    assert counts(first) == (120, 60, 60, 60)
    assert {(one["line"] % 4, one["code"]) for one in rejects_of(file)} == {(1, "unknown_subject"), (3, "bad_json")}
    for _ in range(2):
        assert_answered(do_import(file, ledger), first, ledger, recorded)
        assert (file.parent / "rejects").read_bytes() == written


def test_the_name_of_file_and_rejects_decide_nothing(file: Path) -> None:
    ledger = MemoryLedger()
    first = do_import(file, ledger)
    recorded = list(ledger.state.recorded)
    copied = file.with_name("the same.jsonl")
    shutil.copy(file, copied)
    (file.parent / "elsewhere").write_bytes(b"what stood here\n" * 2_000)
    assert_answered(do_import(copied, ledger, rejects="elsewhere"), first, ledger, recorded)
    assert (file.parent / "elsewhere").read_bytes() == (file.parent / "rejects").read_bytes()


@pytest.mark.parametrize("damage", ["gone", "edited"])
def test_where_the_rejects_are_lost_they_are_still_refused_and_say_what_can_be_said(file: Path, damage: str) -> None:
    ledger = MemoryLedger()
    first = do_import(file, ledger)
    recorded, told = list(ledger.state.recorded), rejects_of(file)
    if damage == "gone":
        (file.parent / "rejects").unlink()
    else:
        (file.parent / "rejects").write_bytes((file.parent / "rejects").read_bytes().replace(b"MZJ", b"GAJ"))
    assert_answered(do_import(file, ledger), first, ledger, recorded)
    again = rejects_of(file)
    assert [(one["line"], one["raw"]) for one in again] == [(one["line"], one["raw"]) for one in told]
    assert {one["code"] for one in again} == {"refused_before"}
    assert "a file of its own" in again[0]["message"]


def test_records_that_cannot_be_read_say_why_even_where_the_rejects_are_lost(tmp_path: Path) -> None:
    file, ledger = tmp_path / "a.csv", MemoryLedger()
    file.write_bytes("编号,登记时间\nA1,2025/3/4\nA2,gone\nA1,2025/3/5\n".encode())
    first = do_import(file, ledger, mapping=rows_mapping())
    recorded, told = list(ledger.state.recorded), rejects_of(file)
    (tmp_path / "rejects").unlink()
    assert_answered(do_import(file, ledger, mapping=rows_mapping()), first, ledger, recorded)
    again = rejects_of(file)
    assert again[0] == told[0]
    assert [(one["line"], one["code"]) for one in again] == [(3, "bad_date"), (4, "refused_before")]


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("batch", range(1, 19))
def test_an_interrupted_import_ends_as_one_that_was_not_and_is_then_finished(
    file: Path, batch: int, confirmed: bool
) -> None:
    """It goes on although its rejects are wanted elsewhere; lines refused before the interruption are not asked again."""
    straight, ledger = MemoryLedger(), MemoryLedger()
    first = do_import(file, straight)
    written = (file.parent / "rejects").read_bytes()
    if confirmed:
        ledger.crash_after_commit_of = batch
    else:
        ledger.crash_before_commit_of = batch
    with pytest.raises(Crash):
        do_import(file, ledger, rejects="first")
    resumed = do_import(file, ledger, rejects="second")
    assert ledger.state.recorded == straight.state.recorded
    assert (file.parent / "second").read_bytes() == written
    assert counts(resumed) == counts(first)
    again = do_import(file, ledger, rejects="second")
    assert (again.finished_before, counts(again)) == (True, counts(first))
    assert ledger.state.recorded == straight.state.recorded


def test_a_corrected_line_is_taken_from_another_file_and_repeats_nothing(file: Path) -> None:
    ledger = MemoryLedger()
    do_import(file, ledger)
    recorded = len(ledger.state.recorded)
    changed = file.with_name("changed.jsonl")
    changed.write_bytes(FILE.replace(b"not json\n", text("receive_petition", 99) + b"\n", 1))
    whole = do_import(changed, ledger, rejects="changed")
    assert (whole.accepted_new, whole.finished_before) == (1, False)
    own = file.with_name("corrected.jsonl")
    own.write_bytes(text("hand_over", 99, handoff="ref:99/h", to=["MZJ"]))
    assert do_import(own, ledger, rejects="own").accepted_new == 1
    assert len(ledger.state.recorded) == recorded + 2


def test_the_refused_lines_in_a_file_of_their_own_are_decided_anew(tmp_path: Path) -> None:
    file, ledger = tmp_path / "old.jsonl", MemoryLedger()
    file.write_bytes(b"\n".join(early(1)))
    assert do_import(file, ledger).rejected == 1
    own = tmp_path / "refused.jsonl"
    own.write_text("\n".join(one["raw"] for one in rejects_of(file)))
    assert do_import(own, ledger, rejects="own").accepted_new == 1


def test_each_kind_and_mapping_has_an_account_of_its_own(tmp_path: Path) -> None:
    file, ledger = tmp_path / "old.jsonl", MemoryLedger()
    file.write_bytes(b"\n".join(early(1)))
    live = do_import(file, ledger, kind="live")
    past = do_import(file, ledger, kind="history")
    assert (live.rejected, past.rejected, past.finished_before) == (1, 0, False)
    for kind, first in (("live", live), ("history", past), ("live", live)):
        again = do_import(file, ledger, kind=kind)  # type: ignore[arg-type]
        assert (again.finished_before, again.rejected) == (True, first.rejected)


def test_a_trial_of_a_finished_import_tells_what_the_import_would(file: Path) -> None:
    ledger = MemoryLedger()
    first = do_import(file, ledger)
    recorded, written = list(ledger.state.recorded), (file.parent / "rejects").read_bytes()
    options = ImportOptions("history", "tester", None, dry_run=True)
    assert_answered(run_import(ImportSource(file), ledger, options), first, ledger, recorded)
    assert (file.parent / "rejects").read_bytes() == written


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("batch", range(1, 15))
def test_a_file_that_breaks_off_is_told_once_however_often_it_is_read(
    tmp_path: Path, batch: int, confirmed: bool
) -> None:
    file, event = tmp_path / "a.xes", {"org:group": "A", "time:timestamp": "2011-01-01T08:00:00Z"}
    file.write_bytes(xes(*((f"c{number}", [event]) for number in range(90)))[:-400])
    straight, ledger = MemoryLedger(), MemoryLedger()
    first = do_import(file, straight, mapping=log_mapping())
    written = (tmp_path / "rejects").read_bytes()
    assert first.stopped is not None
    (tmp_path / "rejects").unlink()
    if confirmed:
        ledger.crash_after_commit_of = batch
    else:
        ledger.crash_before_commit_of = batch
    if batch <= straight.batches:
        with pytest.raises(Crash):
            do_import(file, ledger, mapping=log_mapping())
    for _ in range(2):
        told = do_import(file, ledger, mapping=log_mapping())
        assert (counts(told), told.stopped) == (counts(first), first.stopped)
        assert ledger.state.recorded == straight.state.recorded
        assert (tmp_path / "rejects").read_bytes() == written


def test_an_account_of_another_release_is_begun_anew(file: Path) -> None:
    ledger = MemoryLedger()
    first = do_import(file, ledger)
    for kept in ({"run": "x", "next_line": 7}, {"x": {"run": "x"}}, {"x": 7}):
        ledger.state.progress = {importid: json.dumps(kept) for importid in ledger.state.progress}
        again = do_import(file, ledger)
        assert (again.finished_before, again.read) == (False, first.read)


def test_progress_goes_straight_to_the_end(file: Path) -> None:
    ledger, steps = MemoryLedger(), list[Step]()
    do_import(file, ledger)
    options = ImportOptions("history", "tester", file.parent / "rejects")
    run_import(ImportSource(file), ledger, options, steps.append)
    assert steps == [Step(120, 60, len(FILE), len(FILE))]


def test_a_recusal_in_front_of_its_interest_is_refused_each_time_by_the_ledger_itself(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "ledger")
    create_ledger(settings)
    file = tmp_path / "old.jsonl"
    file.write_bytes(
        b"\n".join(
            line(each)
            for each in (
                receive("ref:A"),
                act("decide_recusal", "d", case="ref:A", staff="S-001", recused=True),
                act("declare_interest", "i", case="ref:A", staff="S-001", relation="neighbour"),
            )
        )
    )
    told = []
    for number in range(3):
        with open_imports(settings) as ledger:
            report = do_import(file, ledger, rejects=f"rejects{number}")
        source = SqliteSource(settings.ledger_file)
        told.append((counts(report), [event.raw for event in source.read()], rejects_of(file, f"rejects{number}")))
        source.close()
    assert told[0][0] == (3, 2, 1, 1), told[0][2]
    assert told[1:] == told[:1] * 2
