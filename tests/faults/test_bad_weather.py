"""A full disk, a held lock, a read-only folder, a clock that jumps: a clear message, nothing half-done."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from domain.answers import Submission
from domain.asof import parse_instant
from domain.errors import Unavailable
from domain.event import decode
from domain.ledger import Ledger, Surroundings
from infra.event_store import LedgerRecorder
from infra.identity import new_event_id
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import open_ledger
from infra.write_section import SqliteWriteSection
from tests.support.office import AT, line, receive

NOBODY = 65534


def _size(settings: Settings) -> int:
    source = SqliteSource(settings.ledger_file)
    try:
        return source.head()
    finally:
        source.close()


def test_a_held_lock_is_waited_for_and_then_named(settings: Settings) -> None:
    holder = sqlite3.connect(settings.ledger_file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    impatient = settings.model_copy(update={"lock_timeout_s": 0})
    with open_ledger(impatient) as ledger:
        with pytest.raises(Unavailable) as caught:
            ledger.act(line(receive("ref:A")))
        assert caught.value.code == "locked"
        holder.execute("ROLLBACK")
        assert ledger.act(line(receive("ref:A"))).accepted
    holder.close()
    assert _size(settings) == 1


def test_a_full_disk_records_nothing_and_says_so(ledger: Ledger, settings: Settings) -> None:
    """SQLite's own page limit stands in for the disk: the same SQLITE_FULL from the same place."""
    assert ledger.act(line(receive("ref:A"))).accepted
    recorder = cast(LedgerRecorder, ledger.recorder)
    connection = recorder._writer_connection()._sqlite_conn
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 2}")
    batch = [Submission(line(receive(f"ref:B{n}"))) for n in range(200)]
    with pytest.raises(Unavailable) as caught:
        ledger.record(batch)
    assert caught.value.code == "disk_full"
    assert _size(settings) == 1
    connection.execute("PRAGMA max_page_count=1000000")
    answers = ledger.record(batch)
    assert answers[0].subject == "XF500229-2025-000002"
    assert all(answer.accepted for answer in answers)


@pytest.mark.parametrize(
    "call",
    [
        Ledger.settle,
        lambda ledger: ledger.act(line(receive("ref:C"))),
        lambda ledger: ledger.record([Submission(line(receive("ref:C")))], beside=True),
    ],
    ids=["settle", "act", "record"],
)
def test_a_commit_beside_that_fails_is_told_by_the_next_call_and_leaves_nothing(
    ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch, call: Callable[[Ledger], Any]
) -> None:
    """What the failed batch gave – numbers, states, known action ids – is forgotten: the same lines are recorded anew."""
    assert ledger.act(line(receive("ref:A"))).accepted
    batches = [[Submission(line(receive(f"ref:B{n}-{m}"))) for m in range(120)] for n in range(2)]

    def fails(_: SqliteWriteSection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(SqliteWriteSection, "commit", fails)
        assert ledger.record(batches[0], beside=True)[0].accepted
        with pytest.raises(Unavailable) as caught:
            call(ledger)
    assert caught.value.code == "disk_full"
    assert _size(settings) == 1
    for batch in batches:
        answers = ledger.record(batch, beside=True)
    ledger.settle()
    assert _size(settings) == 241
    assert not any(answer.already_there for answer in answers)
    assert answers[-1].subject == "XF500229-2025-000241"


def test_another_writer_between_two_batches_is_seen_by_the_second(settings: Settings) -> None:
    with open_ledger(settings) as importing, open_ledger(settings) as other:
        importing.record([Submission(line(receive(f"ref:A{n}"))) for n in range(120)], beside=True)
        assert other.act(line(receive("ref:B"))).subject == "XF500229-2025-000121"
        answers = importing.record(
            [Submission(line(receive(f"ref:{name}", f"later/{name}"))) for name in "BC"], beside=True
        )
        importing.settle()
    assert [None if answer.error is None else answer.error.code for answer in answers] == ["ref_in_use", None]
    assert answers[1].subject == "XF500229-2025-000122"


@pytest.mark.skipif(os.geteuid() != 0, reason="run as root: the test gives up its rights to meet a read-only folder")
def test_a_read_only_folder_is_named_and_left_as_it_was(settings: Settings) -> None:
    place = Path(shutil.copytree(settings.data, Path("/tmp") / f"read-only-{os.getpid()}"))
    try:
        for path in (place, *place.rglob("*")):
            os.chmod(path, 0o555 if path.is_dir() else 0o444)
        program = (
            "import os, sys; from pathlib import Path; from infra.settings import Settings\n"
            "from infra.wiring import open_ledger; from domain.errors import LedgerError\n"
            f"os.setgid({NOBODY}); os.setuid({NOBODY})\n"
            "try:\n"
            "    with open_ledger(Settings(data=Path(sys.argv[1]))) as ledger:\n"
            "        ledger.act(sys.stdin.buffer.read())\n"
            "except LedgerError as error:\n"
            "    print(error.code)\n"
        )
        root = Path(__file__).parents[2]
        done = subprocess.run(
            [sys.executable, "-c", program, str(place)],
            input=line(receive("ref:A")),
            capture_output=True,
            cwd=root,
            check=False,
        )
        assert done.stdout.decode().strip() == "read_only", done.stderr.decode()
    finally:
        shutil.rmtree(place)


class _HandClock:
    """A clock that the test sets."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def timed(settings: Settings) -> tuple[Ledger, _HandClock]:
    from infra.stores import environment_of

    clock = _HandClock(parse_instant(AT).astimezone(UTC) + timedelta(days=1))
    around = Surroundings(
        "/500229/petition-office", "tester", cast(Callable[[], datetime], clock), new_event_id, _no_key
    )
    return Ledger(around, environment_of(settings.store_place, settings.lock_timeout_s, create=False)), clock


def _no_key(field: str, value: str) -> None:
    return None


def _recorded(settings: Settings) -> list[str]:
    source = SqliteSource(settings.ledger_file)
    try:
        return [cast(dict[str, Any], decode(event.raw))["recordedtime"] for event in source.read()]
    finally:
        source.close()


def test_a_clock_that_runs_back_a_little_repeats_the_last_time(
    timed: tuple[Ledger, _HandClock], settings: Settings
) -> None:
    ledger, clock = timed
    assert ledger.act(line(receive("ref:A"))).accepted
    clock.moment -= timedelta(seconds=4.9)
    assert ledger.act(line(receive("ref:B"))).accepted
    first, second = _recorded(settings)
    assert first == second
    ledger.close()


def test_a_clock_that_runs_far_back_stops_recording_until_it_is_right(
    timed: tuple[Ledger, _HandClock], settings: Settings
) -> None:
    ledger, clock = timed
    assert ledger.act(line(receive("ref:A"))).accepted
    clock.moment -= timedelta(seconds=5)
    with pytest.raises(Unavailable) as caught:
        ledger.act(line(receive("ref:B")))
    assert caught.value.code == "clock_behind"
    clock.moment += timedelta(seconds=6)
    assert ledger.act(line(receive("ref:B"))).accepted
    assert len(_recorded(settings)) == 2
    ledger.close()


def test_a_clock_that_jumped_ahead_refuses_nothing_but_shows_in_the_record(
    timed: tuple[Ledger, _HandClock], settings: Settings
) -> None:
    ledger, clock = timed
    clock.moment += timedelta(days=400)
    assert ledger.act(line(receive("ref:A"))).accepted
    assert _recorded(settings)[0].startswith("2026-")
    ledger.close()


def test_an_act_more_than_five_minutes_ahead_of_the_clock_is_refused(timed: tuple[Ledger, _HandClock]) -> None:
    ledger, clock = timed
    clock.moment = parse_instant(AT) - timedelta(minutes=5)
    assert ledger.act(line(receive("ref:A"))).accepted
    clock.moment = parse_instant(AT) - timedelta(minutes=5, microseconds=1)
    answer = ledger.act(line(receive("ref:B")))
    assert answer.error is not None
    assert (answer.error.code, answer.error.field) == ("at_in_future", "at")
    ledger.close()


def test_a_missing_ledger_says_what_to_do(tmp_path: Path) -> None:
    from domain.errors import NotFound

    with pytest.raises(NotFound, match="caseledger init"), open_ledger(Settings(data=tmp_path / "nothing")):
        pass


def test_a_repeated_action_gets_its_first_answer_even_after_the_clock_was_set_back(
    timed: tuple[Ledger, _HandClock],
) -> None:
    ledger, clock = timed
    first = ledger.act(line(receive("ref:A")))
    clock.moment -= timedelta(seconds=4)
    late = receive("ref:B", at=(clock.moment + timedelta(minutes=5)).isoformat())
    assert ledger.act(line(late)).accepted
    clock.moment -= timedelta(seconds=0.5)
    assert ledger.act(line(late)).already_there
    assert ledger.act(line(receive("ref:A"))).events == first.events
    ledger.close()
