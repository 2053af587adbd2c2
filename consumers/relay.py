"""The relay: publishes the sealed log on a topic, leaf for leaf, from where the topic itself says that it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from consumers.leaf_record import Leaf, Record, record_of
from domain.errors import LedgerError, Tampered, Unavailable

LEAVES_MAX = 1_000
"""Leaves of one transaction."""

BYTES_MAX = 8_000_000
"""Bytes of events in one transaction."""

LOOKED_AT_ONCE = 256
"""Leaves kept while the log is read backward."""

REFUSALS_MAX = 8
"""Failed sends in a row, without one transaction between them, after which the relay gives up."""

HEARTBEAT_S = 60.0
"""After so many seconds without a transaction the newest checkpoint is sent again, so that silence is visible."""

BACKOFF_S = 0.2
BACKOFF_S_MAX = 5.0
AWAY, REFUSED = "kafka_unreachable", "kafka_refused"


class SealedLog(Protocol):
    """The log as the relay reads it: leaves under a signed checkpoint only."""

    size: int
    note: bytes

    def look(self) -> int: ...
    def leaves(self, start: int, stop: int) -> Iterator[Leaf]: ...
    def leaf(self, index: int) -> Leaf: ...


class Tail(NamedTuple):
    """The last committed record of a partition."""

    leaf_index: int
    leaf_hash: bytes


class TopicSession(Protocol):
    """The right to write a ledger's topics, taken from whoever had it before; over after the first failure.

    `tails` has an entry for each partition, None where it holds nothing. `send` begins a transaction with the records
    (and the checkpoint, with the size it speaks of); `commit` returns when all of it is committed, and raises otherwise.
    A checkpoint that only says that the relay lives is marked as a heartbeat.
    """

    partitions: int
    topic: str
    topic_id: str

    def tails(self) -> Mapping[int, Tail | None]: ...
    def checkpoint(self) -> tuple[int, bytes] | None: ...
    def send(
        self, records: Sequence[Record], checkpoint: tuple[int, bytes] | None, is_heartbeat: bool = False
    ) -> None: ...
    def commit(self) -> None: ...
    def close(self) -> None: ...


class Mark(NamedTuple):
    """What was once seen committed: this topic, by its id, held so many leaves."""

    topic_id: str
    size: int


class PublishedMark(Protocol):
    """Where the mark lies: beside the log. It may be behind the topic, never ahead of what the topic held."""

    def read(self) -> Mark | None: ...
    def write(self, mark: Mark) -> None: ...


class Published(NamedTuple):
    """How far the topic reaches, and what this call added to it."""

    size: int
    added: int
    transactions: int


class Trouble(NamedTuple):
    """Why the relay waits, for how long, and which try comes next."""

    error: LedgerError
    wait_s: float
    tries: int


class _Batch(NamedTuple):
    """Records of contiguous leaves, and the index behind the last of them."""

    records: list[Record]
    after: int


class Relay:
    """Publishes what is sealed; the one place that decides where to go on.

    `connect` begins a session, which fences every other relay. `pause` waits for seconds and says whether to go on.
    With `mends` a topic that lost records is filled up again instead of being refused (`topic republish`). A `clock`,
    seconds that never run back, makes it send heartbeats.
    `patience` limits the waits in a row for a cluster that is away; None waits for ever. Every wait is told first.
    """

    def __init__(
        self,
        log: SealedLog,
        connect: Callable[[], TopicSession],
        mark: PublishedMark,
        *,
        pause: Callable[[float], bool],
        on_trouble: Callable[[Trouble], None],
        on_progress: Callable[[int, int], None] | None = None,
        patience: int | None = None,
        mends: bool = False,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._log = log
        self._connect = connect
        self._mark = mark
        self._pause = pause
        self._on_trouble = on_trouble
        self._on_progress = on_progress
        self._patience = patience
        self._mends = mends
        self._clock = clock
        self._committed_at = 0.0
        self._session: TopicSession | None = None
        self._next = 0
        self._held: dict[int, int] = {}
        self._noted = b""
        self._added = 0
        self._transactions = 0

    def publish_waiting(self) -> Published | None:
        """Publish everything under the newest checkpoint, then the checkpoint; None when `pause` said to stop.

        Raises `relay_fenced`, `topic_behind`, `topic_ahead`, `topic_differs`, `checkpoint_differs`, what the log or
        the topics' settings are refused with, and after bounded tries what the cluster said. Nothing is skipped:
        whatever failed, the next call asks the topic again where it stands.
        """
        self._added = self._transactions = 0
        tries = 0
        while True:
            before = self._transactions
            try:
                self._publish_all()
                return Published(self._next, self._added, self._transactions)
            except Unavailable as error:
                self.close()
                tries = 1 if self._transactions > before else tries + 1
                self._give_up_after(error, tries)
                trouble = Trouble(error, min(BACKOFF_S_MAX, BACKOFF_S * 2 ** (tries - 1)), tries)
            except BaseException:
                self.close()
                raise
            self._on_trouble(trouble)
            if not self._pause(trouble.wait_s):
                return None

    def close(self) -> None:
        """End the session, if there is one."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _give_up_after(self, error: Unavailable, tries: int) -> None:
        if error.code == AWAY:
            if self._patience is not None and tries > self._patience:
                raise error
        elif error.code != REFUSED or tries > REFUSALS_MAX:
            raise error

    def _publish_all(self) -> None:
        session = self._session or self._begin()
        size = self._log.look()
        leaves = self._log.leaves(self._next, size)
        batch = self._take(leaves, self._next, session.partitions)
        while batch.after > self._next:
            checkpoint = (size, self._log.note) if batch.after == size and self._noted != self._log.note else None
            is_sent = bool(batch.records) or checkpoint is not None
            if is_sent:
                session.send(batch.records, checkpoint)
            try:  # while the cluster takes these, the next ones are made ready
                following = self._take(leaves, batch.after, session.partitions)
            finally:
                if is_sent:
                    session.commit()
            self._count(session, batch, checkpoint)
            batch = following
            if self._on_progress is not None:
                self._on_progress(self._next, size)
        is_new = self._noted != self._log.note
        if size and (is_new or self.owes_heartbeat()):
            checkpoint = (size, self._log.note)
            session.send([], checkpoint, is_heartbeat=not is_new)
            session.commit()
            self._count(session, batch, checkpoint)

    def owes_heartbeat(self) -> bool:
        """Whether it is time to show that the relay lives although nothing happens."""
        if self._clock is None or not self._noted:
            return False
        return self._clock() - self._committed_at >= HEARTBEAT_S

    def _count(self, session: TopicSession, batch: _Batch, checkpoint: tuple[int, bytes] | None) -> None:
        """What a batch holds is committed: go on behind it."""
        self._transactions += bool(batch.records) or checkpoint is not None
        self._added += len(batch.records)
        self._next = batch.after
        self._committed_at = self._clock() if self._clock is not None else 0.0
        if checkpoint is not None:
            self._noted = checkpoint[1]
        self._mark.write(Mark(session.topic_id, batch.after))

    def _take(self, leaves: Iterator[Leaf], start: int, partitions: int) -> _Batch:
        """The next contiguous leaves, without those that their partition holds already."""
        records: list[Record] = []
        weight, after = 0, start
        for leaf in islice(leaves, LEAVES_MAX):
            record = record_of(leaf, partitions)
            after = leaf.leaf_index + 1
            if leaf.leaf_index > self._held.get(record.partition, -1):
                records.append(record)
                weight += len(leaf.raw)
            if weight >= BYTES_MAX:
                break
        return _Batch(records, after)

    def _begin(self) -> TopicSession:
        """Fence the others, then ask the topic where it stands and hold the answer against the log and the mark."""
        session = self._connect()
        try:
            tails = session.tails()
            size = self._log.look()
            self._check_tails(session, tails, size)
            self._held = {partition: tail.leaf_index for partition, tail in tails.items() if tail is not None}
            held = max(self._held.values(), default=-1) + 1
            lost = self._lost(session, held)
            if lost and not self._mends:
                raise Tampered("topic_behind", f"{lost}; 主题丢失了记录；{_WAY_OUT}")
            self._next = 0 if lost else held
            self._noted = self._noted_on(session)
        except BaseException:
            session.close()
            raise
        self._session = session
        self._committed_at = self._clock() if self._clock is not None else 0.0
        return session

    def _check_tails(self, session: TopicSession, tails: Mapping[int, Tail | None], size: int) -> None:
        """Each partition's last record must be the leaf that it says it is, where that leaf belongs."""
        for partition, tail in tails.items():
            if tail is None:
                continue
            place = f"{session.topic}, partition {partition}"
            if tail.leaf_index >= size:
                raise Tampered(
                    "topic_ahead",
                    f"{place} holds leaf {tail.leaf_index}, the log {size} leaves; 日志落后于主题；"
                    "the log, or the store under it, was restored from an old copy: restore a newer one; "
                    "nothing is published until then",
                )
            leaf = self._log.leaf(tail.leaf_index)
            if leaf.leaf_hash != tail.leaf_hash or record_of(leaf, session.partitions).partition != partition:
                raise Tampered(
                    "topic_differs",
                    f"{place}: its last record is not leaf {tail.leaf_index} of this log; 不是本日志的条目；"
                    "`caseledger topic verify` names the first difference",
                )

    def _lost(self, session: TopicSession, held: int) -> str:
        """What the topic must hold and does not, in words; empty where nothing is missing.

        The last leaf of every partition below `held` is looked for from the end of the log's first `held` leaves.
        """
        mark = self._mark.read()
        if mark is not None and mark.size > held:
            anew = "" if mark.topic_id == session.topic_id else ", made anew,"
            return f"{session.topic}{anew} ends at leaf {held}, {mark.size} were published"
        waiting = set(range(session.partitions))
        for leaf in self._backward(held):
            partition = record_of(leaf, session.partitions).partition
            if partition in waiting and self._held.get(partition) != leaf.leaf_index:
                found = self._held.get(partition)
                told = "is empty" if found is None else f"ends at leaf {found}"
                return f"{session.topic}, partition {partition}, {told}, it must end at leaf {leaf.leaf_index}"
            waiting.discard(partition)
            if not waiting:
                break
        return ""

    def _backward(self, stop: int) -> Iterator[Leaf]:
        """The first `stop` leaves, the last one first."""
        for end in range(stop, 0, -LOOKED_AT_ONCE):
            yield from reversed(list(self._log.leaves(max(0, end - LOOKED_AT_ONCE), end)))

    def _noted_on(self, session: TopicSession) -> bytes:
        """The newest checkpoint on the topic, which must be of this log and not of a later one."""
        found = session.checkpoint()
        if found is None:
            return b""
        size, note = found
        if size > self._log.size or (size == self._log.size and note != self._log.note and _root(note) != self._root()):
            raise Tampered(
                "checkpoint_differs",
                f"the topic's newest checkpoint is of size {size}, the log's of size {self._log.size}; "
                "两个检查点不一致；keep both: one of them is of a log that was changed or restored",
            )
        return note

    def _root(self) -> bytes:
        return _root(self._log.note)


_WAY_OUT = "nothing is skipped: look why, then `caseledger topic republish` fills it up; 查明原因后重新发布"


def _root(note: bytes) -> bytes:
    """The line of a note that holds the root."""
    lines = note.split(b"\n", 3)
    return lines[2] if len(lines) > 2 else b""


def relay_and_follow(relay: Relay, wait: Callable[[], bool]) -> Iterator[Published]:
    """Publish what is sealed, again each time `wait` returns true; ends when it or a pause says so."""
    while True:
        done = relay.publish_waiting()
        if done is None:
            return
        yield done
        if not wait():
            return
