"""A ledger moves from its file into PostgreSQL: same bytes, same root, nobody records meanwhile, no way back."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import Conflict, InvalidAction, NotFound, Tampered, Unavailable
from domain.ledger import Ledger
from infra.doctor import diagnose
from infra.migrating import migrate
from infra.settings import Settings
from infra.wiring import create_ledger, open_ledger, open_source
from tests.support.command_line import story
from tests.support.office import act, granted, line, open_fund, receive
from tests.support.postgres import postgres_server
from tests.support.stores import StoreTool, environment_of, events_of, size_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def moving(ledger: Ledger, settings: Settings, database: str) -> Settings:
    """A ledger in its file, with all kinds of index rows, and settings that name the new place."""
    handed = {"mode": "assign", "feedback_required": True, "materials": [], "legal_ground": "22(3)"}
    actions = [
        *story(),
        receive("ref:A18"),
        act("register_petition", "r/A18", case="ref:A18", content_class="relief", repeat_of="ref:A17"),
        act("hand_over", "h/many", case="ref:A18", handoff="ref:many", to=[f"U{n}" for n in range(40)], **handed),
        open_fund("ref:F2025", 10_000_000),
        *granted("ref:G1", "ref:A17", "ref:F2025", 300_000, "p1"),
    ]
    for action in actions:
        answer = ledger.act(line(action))
        assert answer.accepted, answer.error
    with ledger.store.write_section() as section:
        section.save_progress("some-import", {"line": 7})
    return settings.model_copy(update={"store": database})


def in_file(settings: Settings) -> Settings:
    """The same data folder, seen as it was before."""
    return settings.model_copy(update={"store": None})


def bytes_of(settings: Settings) -> list[tuple[int, str, int, str, bytes]]:
    """Everything that a source tells of every event."""
    with open_source(settings) as source:
        return [tuple(event) for event in source.read()]


def test_the_same_bytes_stand_at_the_same_positions_under_the_same_root(moving: Settings) -> None:
    before = bytes_of(in_file(moving))
    index = StoreTool(in_file(moving)).everything()[1:6]
    steps: list[tuple[int, int]] = []
    moved, was_there = migrate(moving, lambda done, total: steps.append((done, total)))
    assert not was_there
    assert (moved.size, steps[-1]) == (len(before), (len(before), len(before)))
    assert bytes_of(moving) == before
    assert StoreTool(moving).everything()[1:6] == index
    assert StoreTool(moving).run("SELECT importid, progress FROM import_progress") == [("some-import", '{"line":7}')]
    assert diagnose(moving.store_place).is_healthy
    with open_ledger(moving) as there:
        assert there.act(line(receive("ref:B"))).subject == "XF500229-2025-000003"
        again = there.act(line(receive("ref:A18")))
        assert (again.already_there, again.subject) == (True, "XF500229-2025-000002")
        assert there.import_progress("some-import") == {"line": 7}


def test_the_file_records_nothing_any_more_and_says_where_the_ledger_is(moving: Settings, ledger: Ledger) -> None:
    migrate(moving)
    size = size_of(in_file(moving))
    with pytest.raises(Conflict) as refused:
        ledger.act(line(receive("ref:late")))
    assert refused.value.code == "ledger_moved"
    assert "CASELEDGER_STORE" in refused.value.message
    with open_ledger(in_file(moving)) as other, pytest.raises(Conflict, match="moved to postgresql://"):
        other.act(line(receive("ref:late")))
    assert size_of(in_file(moving)) == size


def test_a_second_move_changes_nothing_even_after_the_new_place_went_on(moving: Settings) -> None:
    first, _ = migrate(moving)
    with open_ledger(moving) as there:
        assert there.act(line(receive("ref:B"))).accepted
    again, was_there = migrate(moving)
    assert was_there
    assert again == first
    assert size_of(moving) == first.size + 1


def test_another_ledger_is_never_written_over(moving: Settings, tmp_path: Path) -> None:
    other = Settings(data=tmp_path / "other", store=moving.store)
    create_ledger(other)
    with open_ledger(other) as there:
        assert there.act(line(receive("ref:X"))).accepted
    before = events_of(other)
    with pytest.raises(Conflict) as refused:
        migrate(moving)
    assert refused.value.code == "not_empty"
    assert events_of(other) == before
    with open_ledger(in_file(moving)) as still:
        assert still.act(line(receive("ref:on"))).accepted


def test_an_edited_file_is_not_moved_and_nothing_appears(moving: Settings) -> None:
    with open_ledger(in_file(moving)) as here:
        from infra.sealing import seal_now

        with open_source(in_file(moving)) as events:
            seal_now(moving.data, moving.key_folder, here.surroundings.source, events)
    tool = StoreTool(in_file(moving))
    tool.set_bytes(3, tool.bytes_of(3).replace(b'"urgent":false', b'"urgent":true'))
    with pytest.raises(Tampered) as refused:
        migrate(moving)
    assert refused.value.code in ("root_differs", "leaf_differs")
    with pytest.raises(NotFound):
        size_of(moving)


def test_without_a_place_or_a_ledger_it_says_what_to_do(moving: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidAction, match="CASELEDGER_STORE"):
        migrate(in_file(moving))
    with pytest.raises(NotFound, match="caseledger init"):
        migrate(moving.model_copy(update={"data": tmp_path / "nothing"}))


def test_while_somebody_records_it_waits_and_then_says_locked(moving: Settings) -> None:
    with closing(sqlite3.connect(moving.ledger_file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as refused:
            migrate(moving.model_copy(update={"lock_timeout_s": 0}))
    assert refused.value.code == "locked"


STALLED = """
import sys
import infra.migrating
from infra.settings import read_settings

def stall(done, total):
    print("copied", done, flush=True)
    sys.stdin.read()

infra.migrating.migrate(read_settings({}), stall)
"""


def test_a_move_killed_on_its_way_left_nothing_and_the_next_one_moves_everything(moving: Settings) -> None:
    words = [sys.executable, "-c", STALLED]
    with subprocess.Popen(
        words, cwd=ROOT, env=environment_of(moving), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"copied")
        process.send_signal(signal.SIGKILL)
    with pytest.raises(NotFound):
        size_of(moving)
    with open_ledger(in_file(moving)) as here:
        assert here.act(line(receive("ref:meanwhile"))).accepted
    moved, _ = migrate(moving)
    assert moved.size == size_of(moving) == size_of(in_file(moving))


def test_a_server_killed_while_the_move_commits_leaves_all_or_nothing(ledger: Ledger, settings: Settings) -> None:
    """On a server that waits for its disk, killed right after and right before the commit."""
    for action in story():
        assert ledger.act(line(action)).accepted
    with postgres_server() as server, server.database() as database:
        moving = settings.model_copy(update={"store": database})
        with pytest.raises(Unavailable):
            migrate(moving, lambda done, total: server.kill())
        server.start()
        with pytest.raises(NotFound):
            size_of(moving)
        migrate(moving)
        server.kill()
        server.start()
        assert bytes_of(moving) == bytes_of(settings)
        assert os.path.exists(settings.ledger_file)
