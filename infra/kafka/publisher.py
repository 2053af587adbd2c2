"""A session of the relay on a real cluster: one transactional producer, fenced, and given up at its first failure."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import (
    InvalidProducerEpochError,
    KafkaError,
    KafkaTimeoutError,
    ProducerFencedError,
)

from consumers.leaf_record import Record
from consumers.relay import Tail
from consumers.topics import (
    CHECKPOINT_TYPE,
    HEADER_CONTENT_TYPE,
    HEADER_HEARTBEAT,
    HEADER_LEAF_HASH,
    HEADER_LEAF_INDEX,
    HEADER_TREE_SIZE,
)
from domain.errors import Conflict, LedgerError, Tampered
from infra.kafka.connection import Connection
from infra.kafka.tails import bounds_of, last_records, look_up
from infra.kafka.topics import TopicPlan, require_topics
from infra.staged_files import Step, no_step

TRANSACTION_MS_MAX = 15_000
DELIVERY_MS_MAX = 10_000
COMMIT_S_MAX = 15.0
BATCH_BYTES = 262_144
LINGER_MS = 20
RETRY_MS = 20
"""The client also waits so long for the answer to each request of a transaction: its default of 100 ms is 100 ms a commit."""
RECORD_AND_MARKER = 2
"""Offsets that the last record of a transaction takes: its own, and that of the marker which the commit writes behind it.

The marker counts: one that comes late is written into a topic made anew under the same name, which then does not begin at 0.
"""
FENCED = (ProducerFencedError, InvalidProducerEpochError)


def transactional_id(events_topic: str) -> str:
    """One for each ledger, so that a second relay of it fences the first."""
    return f"caseledger-relay-{events_topic}"


class Publisher:
    """`consumers.relay.TopicSession` on kafka-python; begun by `init_transactions`, the only real fence.

    The topics are compared with their plans first: other settings than those planned are refused before a record.
    """

    def __init__(self, connection: Connection, plans: Sequence[TopicPlan], step: Step = no_step) -> None:
        self._connection = connection
        self._step = step
        self._events, self._checkpoints = plans[0], plans[1]
        self.topic = self._events.name
        self.partitions = self._events.partitions
        with connection.admin() as admin:
            self.topic_id = require_topics(admin, plans)[self.topic].topic_id
        with connection.failing_as_ours():
            self._producer = KafkaProducer(**{**connection.common, **self._options()})
        self._ends: dict[int, int] = {}
        self._sent: list[Any] = []
        self._newest: Any | None = None
        try:
            self._producer.init_transactions()
        except KafkaError as error:
            self.close()
            raise self._ours(error) from error
        except BaseException:
            self.close()
            raise

    def _options(self) -> dict[str, Any]:
        """Set explicitly: settings that contradict each other would switch idempotence off without a word."""
        return {
            "transactional_id": transactional_id(self.topic),
            "enable_idempotence": True,
            "acks": "all",
            "transaction_timeout_ms": TRANSACTION_MS_MAX,
            "delivery_timeout_ms": DELIVERY_MS_MAX,
            "max_block_ms": DELIVERY_MS_MAX,
            "batch_size": BATCH_BYTES,
            "linger_ms": LINGER_MS,
            "retry_backoff_ms": RETRY_MS,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }

    def tails(self) -> Mapping[int, Tail | None]:
        """The last committed record of every partition, as its headers say; the newest checkpoint is read with them."""
        with self._connection.reader() as reader:
            look_up(reader, [self.topic, self._checkpoints.name])
            bounds = bounds_of(reader, self.topic, self.partitions)
            found = last_records(reader, self.topic, bounds)
            notes = last_records(reader, self._checkpoints.name, bounds_of(reader, self._checkpoints.name, 1))
        self._ends = dict(bounds.end)
        self._newest = notes.get(0)
        return {partition: _tail(found.get(partition)) for partition in range(self.partitions)}

    def checkpoint(self) -> tuple[int, bytes] | None:
        """The newest checkpoint on its topic when the tails were read, with the size that its header says."""
        if self._newest is None:
            return None
        return _number(self._newest, HEADER_TREE_SIZE), bytes(self._newest.value)

    def send(self, records: Sequence[Record], checkpoint: tuple[int, bytes] | None, is_heartbeat: bool = False) -> None:
        """Begin a transaction and hand its records to the client, which sends them while others are made ready."""
        try:
            self._producer.begin_transaction()
            send, topic = self._producer.send, self.topic
            self._sent = [send(topic, one.value, one.key, one.headers, one.partition) for one in records]
            if checkpoint is not None:
                self._sent.append(self._send_checkpoint(*checkpoint, is_heartbeat))
        except KafkaError as error:
            raise self._ours(error) from error
        self._step("sent")

    def commit(self) -> None:
        """Returns when the transaction is committed, raises when it is not known to be."""
        try:
            self._producer.flush(COMMIT_S_MAX)
            self._check(self._sent)
            self._step("flushed")
            self._commit()
        except KafkaError as error:
            raise self._ours(error) from error
        self._step("committed")

    def _send_checkpoint(self, size: int, note: bytes, is_heartbeat: bool) -> Any:
        headers = [(HEADER_CONTENT_TYPE, CHECKPOINT_TYPE), (HEADER_TREE_SIZE, b"%d" % size)]
        if is_heartbeat:
            headers.append((HEADER_HEARTBEAT, b"1"))
        origin = note.partition(b"\n")[0]
        return self._producer.send(self._checkpoints.name, note, origin, headers, 0)

    def _check(self, sent: Sequence[Any]) -> None:
        """Every record was taken, and behind all that its partition held: a topic made anew would begin in front."""
        taken: dict[int, tuple[int, int]] = {}
        for future in sent:
            if not future.is_done:
                raise KafkaTimeoutError("a record was not acknowledged")
            if future.exception is not None:
                raise future.exception
            topic, partition, _, offset, *_ = future.value
            if topic == self.topic:
                taken[partition] = (taken.get(partition, (offset,))[0], offset)
        for partition, (first, _) in taken.items():
            held = self._ends.get(partition, 0)
            if first < held:
                raise self._made_anew(f"partition {partition} took a record at offset {first} and held {held} before")
        if not all(self._ends.get(partition) for partition in taken):
            self._require_same_topic()  # where a partition held nothing, its offsets cannot tell
        self._ends |= {partition: last + RECORD_AND_MARKER for partition, (_, last) in taken.items()}

    def _require_same_topic(self) -> None:
        """Raises `topic_behind` where the name belongs to another topic than at the session's beginning."""
        with self._connection.admin() as admin:
            found = require_topics(admin, [self._events])[self.topic].topic_id
        if found != self.topic_id:
            raise self._made_anew(f"its id is {found} and was {self.topic_id}")

    def _made_anew(self, seen: str) -> Tampered:
        return Tampered(
            "topic_behind",
            f"{self.topic}: {seen}: it was made anew; `caseledger topic republish` fills it; 主题已被重建，须重新发布",
        )

    def _commit(self) -> None:
        """Commit, but wait no longer than a limit: the client itself would wait for ever."""
        outcome: list[BaseException | None] = []

        def commit() -> None:
            try:
                self._producer.commit_transaction()
                outcome.append(None)
            except Exception as error:  # noqa: BLE001 - handed to the thread that waits
                outcome.append(error)

        waiting = threading.Thread(target=commit, daemon=True, name="commit")
        waiting.start()
        self._step("committing")
        waiting.join(COMMIT_S_MAX)
        if not outcome:
            raise KafkaTimeoutError("the commit was not answered")
        if outcome[0] is not None:
            raise outcome[0]

    def close(self) -> None:
        """Give the producer up at once; an open transaction is aborted by the next session's fence."""
        sender = self._producer._sender
        sender.force_close()
        sender.join(5.0)
        with suppress(KafkaError):
            self._producer.close(timeout=0)

    def _ours(self, error: KafkaError) -> LedgerError:
        cause = error
        for inner in error.args:
            if isinstance(inner, FENCED):
                cause = inner
        if isinstance(cause, FENCED):
            return Conflict(
                "relay_fenced",
                f"{self.topic}: another relay began, or this one was silent for more than {TRANSACTION_MS_MAX // 1000} s; "
                "run one relay for each ledger; 每个账本只运行一个发布进程",
            )
        return self._connection.ours(error)


def _tail(record: Any | None) -> Tail | None:
    if record is None:
        return None
    headers = dict(record.headers)
    try:
        return Tail(_number(record, HEADER_LEAF_INDEX), bytes.fromhex(headers[HEADER_LEAF_HASH].decode("ascii")))
    except (KeyError, ValueError):
        raise _not_ours(record) from None


def _number(record: Any, header: str) -> int:
    found = dict(record.headers).get(header, b"")
    if not found.isdigit():
        raise _not_ours(record)
    return int(found)


def _not_ours(record: Any) -> Tampered:
    return Tampered(
        "topic_differs",
        f"{record.topic}, partition {record.partition}, offset {record.offset}: no record of a relay; "
        "others may read this topic, only the relay writes it; 只有发布进程可以写入本主题",
    )
