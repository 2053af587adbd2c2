"""Group commit: many waiting clients, one durable commit."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from domain.answers import Answer, Submission
from domain.errors import Unavailable
from domain.ledger import Ledger

ACTIONS_PER_COMMIT_MAX = 500
GROUPS_WAITING_MAX = 20
PAUSE_S = 0.0003
"""A group waits for more clients only as long as another one comes within this time."""


class _Group:
    """Actions that are recorded in one commit; their clients wait at one door.

    Each client that comes through leaves the door open for the next, so they wake one after another, as the
    interpreter's lock lets them run anyhow, and none can hold the others back.
    """

    __slots__ = ("answers", "door", "failure", "submissions")

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.answers: list[Answer] = []
        self.failure: Exception | None = None
        self.door = threading.Lock()
        self.door.acquire()


class GroupCommit:
    """One writer thread takes whatever waits and records it in one commit.

    An answer is given after the commit that holds its events is durable. Clients are threads of this
    process; other processes have their own group and meet at the store's write section.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._change = threading.Condition(threading.Lock())
        self._waiting = deque([_Group()])
        """Groups to be recorded, oldest first; the last one takes new actions."""
        self._wanted = 1
        """How many actions the writer waits for."""
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="ledger-writer", daemon=True)
        self._thread.start()

    def act(self, payload: bytes | dict[str, Any]) -> Answer:
        """Record one live action; blocks until it is durable or refused.

        Raises `Unavailable` when the commit of its group failed: then nothing of the group was recorded.
        """
        submission = Submission(payload)
        with self._change:
            group = self._group_for_one_more()
            place = len(group.submissions)
            group.submissions.append(submission)
            if place + 1 >= self._wanted:
                self._change.notify()
        with group.door:
            pass
        if group.failure is not None:
            raise group.failure
        return group.answers[place]

    @property
    def waiting(self) -> int:
        """How many actions wait for the next commits."""
        with self._change:
            return sum(len(group.submissions) for group in self._waiting)

    def close(self) -> None:
        """Record what waits, then stop."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join()

    def __enter__(self) -> GroupCommit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _group_for_one_more(self) -> _Group:
        if self._closed:
            raise Unavailable("unavailable", "the writer is closed")
        group = self._waiting[-1]
        if len(group.submissions) >= ACTIONS_PER_COMMIT_MAX:
            if len(self._waiting) >= GROUPS_WAITING_MAX:
                actions = GROUPS_WAITING_MAX * ACTIONS_PER_COMMIT_MAX
                raise Unavailable("unavailable", f"{actions} actions are waiting; send this one again later")
            group = _Group()
            self._waiting.append(group)
        return group

    def _write(self) -> None:
        answered = 0
        while (group := self._next(answered)) is not None:
            self._record(group)
            answered = len(group.submissions)

    def _next(self, answered: int) -> _Group | None:
        """The next group, once it is complete; None when there is none and none will come.

        The clients of the last group have just been answered and are about to send again: they are waited for
        as long as they keep coming.
        """
        with self._change:
            group = self._waiting[0]
            self._wanted = min(answered + len(group.submissions), ACTIONS_PER_COMMIT_MAX)
            while len(group.submissions) < self._wanted and not self._closed:
                before = len(group.submissions)
                self._change.wait(PAUSE_S)
                if len(group.submissions) == before:
                    self._wanted = before
            self._wanted = 1
            while not group.submissions and not self._closed:
                self._change.wait()
            self._waiting.popleft()
            if not self._waiting:
                self._waiting.append(_Group())
        return group if group.submissions else None

    def _record(self, group: _Group) -> None:
        try:
            group.answers = self._ledger.record(group.submissions)
        except Exception as error:  # noqa: BLE001 – every waiting client must hear of it
            group.failure = error
        group.door.release()
