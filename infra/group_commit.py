"""Group commit: many waiting clients, one durable commit."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

from domain.answers import Answer, Submission
from domain.errors import Unavailable
from domain.ledger import Ledger

ACTIONS_PER_COMMIT_MAX = 500
WAITING_MAX = 10_000
YIELDS_MAX = 8


class _Ticket:
    """One client's action and the place where its answer appears."""

    __slots__ = ("answer", "done", "failure", "submission")

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.done = threading.Lock()
        self.done.acquire()
        self.answer: Answer | None = None
        self.failure: BaseException | None = None


class GroupCommit:
    """One writer thread takes whatever waits and records it in one commit.

    An answer is given after the commit that holds its events is durable. Clients are threads of this
    process; other processes have their own group and meet at the store's write section.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._last_size = 1
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="ledger-writer", daemon=True)
        self._thread.start()

    def act(self, payload: bytes | dict[str, Any]) -> Answer:
        """Record one live action; blocks until it is durable or refused.

        Raises `Unavailable` when the commit of its group failed: then nothing of the group was recorded.
        """
        if self._closed:
            raise Unavailable("unavailable", "the writer is closed")
        ticket = _Ticket(Submission(payload))
        if self._waiting.qsize() >= WAITING_MAX:
            raise Unavailable("unavailable", f"{WAITING_MAX} actions are waiting; send this one again later")
        self._waiting.put(ticket)
        ticket.done.acquire()
        if ticket.failure is not None:
            raise ticket.failure
        assert ticket.answer is not None
        return ticket.answer

    def close(self) -> None:
        """Record what waits, then stop."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def __enter__(self) -> GroupCommit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            group, last = self._group(first)
            self._record(group)
            if last:
                return

    def _group(self, first: _Ticket) -> tuple[list[_Ticket], bool]:
        """Everything that waits. The last group's clients have just been answered and are about to send
        again: as long as letting them run brings more, the group grows (at most to the last one's size)."""
        group = [first]
        while len(group) < ACTIONS_PER_COMMIT_MAX:
            try:
                ticket = self._waiting.get_nowait()
            except queue.Empty:
                if len(group) >= self._last_size or not self._others_bring_more():
                    break
                continue
            if ticket is None:
                return group, True
            group.append(ticket)
        self._last_size = len(group)
        return group, False

    def _others_bring_more(self) -> bool:
        """Let the other threads run a few times; whether one of them has put an action in the queue."""
        for _ in range(YIELDS_MAX):
            time.sleep(0)
            if not self._waiting.empty():
                return True
        return False

    def _record(self, group: list[_Ticket]) -> None:
        try:
            answers = self._ledger.record([ticket.submission for ticket in group])
        except Exception as error:  # noqa: BLE001 – every waiting client must hear of it
            for ticket in group:
                ticket.failure = error
                ticket.done.release()
            return
        for ticket, answer in zip(group, answers, strict=True):
            ticket.answer = answer
            ticket.done.release()
