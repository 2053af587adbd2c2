"""Group commit: many waiting clients, one durable commit."""

from __future__ import annotations

import queue
import threading
from typing import Any

from domain.answers import Answer, Submission
from domain.errors import Unavailable
from domain.ledger import Ledger

ACTIONS_PER_COMMIT_MAX = 500
WAITING_MAX = 10_000


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
        self._waiting: queue.Queue[_Ticket | None] = queue.Queue(WAITING_MAX)
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
        try:
            self._waiting.put(ticket, timeout=60)
        except queue.Full:
            raise Unavailable("unavailable", f"{WAITING_MAX} actions are waiting; try again") from None
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
        group = [first]
        while len(group) < ACTIONS_PER_COMMIT_MAX:
            try:
                ticket = self._waiting.get_nowait()
            except queue.Empty:
                break
            if ticket is None:
                return group, True
            group.append(ticket)
        return group, False

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
