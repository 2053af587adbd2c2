"""Group commit: who waits together is recorded together, and hears together when that fails."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import pytest

from domain.answers import Answer, Submission
from domain.errors import Unavailable
from domain.ledger import Ledger
from infra import group_commit
from infra.group_commit import GroupCommit
from infra.settings import Settings
from infra.wiring import open_ledger
from tests.support.office import line, receive
from tests.support.stores import events_of

DEADLINE_S = 60


@contextmanager
def locked_store(settings: Settings) -> Iterator[None]:
    """Another process holds the write lock of the ledger."""
    with closing(sqlite3.connect(settings.ledger_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)


class Clients:
    """Threads that send one action each; what each got."""

    def __init__(self, group: GroupCommit) -> None:
        self.group = group
        self.begun = 0
        self._record = group._ledger.record
        group._ledger.record = self._counted  # type: ignore[assignment,method-assign]
        self.got: list[Any] = []
        self.threads: list[threading.Thread] = []

    def _counted(self, submissions: Sequence[Submission]) -> list[Answer]:
        self.begun += 1
        return self._record(submissions)

    def send(self, *names: str) -> None:
        """One thread for each name."""
        for name in names:
            thread = threading.Thread(target=self._send, args=(name,))
            thread.start()
            self.threads.append(thread)

    def _send(self, name: str) -> None:
        try:
            self.got.append(self.group.act(line(receive(f"ref:{name}"))))
        except Unavailable as error:
            self.got.append(error)

    def join(self) -> list[Any]:
        """Everything that was got."""
        for thread in self.threads:
            thread.join(DEADLINE_S)
            assert not thread.is_alive()
        return self.got


def commits_of(settings: Settings) -> list[int]:
    """How many events each commit holds: those of one commit have one reading of the clock."""
    return list(Counter(event["recordedtime"] for event in events_of(settings)).values())


def test_whoever_comes_during_a_commit_is_recorded_by_the_next_one(ledger: Ledger, settings: Settings) -> None:
    with GroupCommit(ledger) as group:
        clients = Clients(group)
        with locked_store(settings):
            clients.send("first")
            until(lambda: clients.begun == 1)  # its commit waits for the lock
            clients.send(*(f"later-{number}" for number in range(20)))
            until(lambda: group.waiting == 20)
        answers = clients.join()
    assert all(answer.accepted for answer in answers)
    assert commits_of(settings) == [1, 20]
    assert len({answer.subject for answer in answers}) == 21


def test_a_commit_takes_a_bounded_group_and_a_full_queue_turns_clients_away(
    ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "ACTIONS_PER_COMMIT_MAX", 4)
    monkeypatch.setattr(group_commit, "GROUPS_WAITING_MAX", 2)
    with GroupCommit(ledger) as group:
        clients = Clients(group)
        with locked_store(settings):
            clients.send("first")
            until(lambda: clients.begun == 1)
            clients.send(*(f"later-{number}" for number in range(8)))
            until(lambda: group.waiting == 8)
            with pytest.raises(Unavailable, match="8 actions are waiting"):
                group.act(line(receive("ref:too-many")))
        assert all(answer.accepted for answer in clients.join())
    assert commits_of(settings) == [1, 4, 4]


def test_a_failed_commit_is_told_to_all_of_its_clients_and_the_next_one_stands(settings: Settings) -> None:
    with open_ledger(settings.model_copy(update={"lock_timeout_s": 1})) as ledger, GroupCommit(ledger) as group:
        clients = Clients(group)
        with locked_store(settings):
            clients.send(*(f"case-{number}" for number in range(6)))
            failures = clients.join()
        assert [failure.code for failure in failures] == ["locked"] * 6
        assert group.act(line(receive("ref:case-0"))).accepted
    assert commits_of(settings) == [1]


def test_closing_records_what_waits_and_refuses_what_comes_later(ledger: Ledger, settings: Settings) -> None:
    group = GroupCommit(ledger)
    clients = Clients(group)
    with locked_store(settings):
        clients.send("first")
        until(lambda: clients.begun == 1)
        clients.send("second", "third")
        until(lambda: group.waiting == 2)
        closing_thread = threading.Thread(target=group.close)
        closing_thread.start()
    closing_thread.join(DEADLINE_S)
    assert all(answer.accepted for answer in clients.join())
    assert commits_of(settings) == [1, 2]
    with pytest.raises(Unavailable):
        group.act(line(receive("ref:fourth")))


def test_a_client_alone_is_not_kept_waiting_for_others(ledger: Ledger, settings: Settings) -> None:
    with GroupCommit(ledger) as group:
        for number in range(5):
            assert group.act(line(receive(f"ref:alone-{number}"))).accepted
    assert commits_of(settings) == [1] * 5
