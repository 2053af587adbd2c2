"""A feed's topic as the board that its announcements hang on: read whole at the start, written in transactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, KafkaTimeoutError, ProducerFencedError

from consumers.announce import Announcement, Told, told_by
from consumers.topics import CONTENT_TYPE, HEADER_CONTENT_TYPE, HEADER_EVENT_ID, partition_of
from domain.errors import Conflict, LedgerError
from infra.kafka.connection import Connection
from infra.kafka.tails import bounds_of, records_between
from infra.kafka.topics import TopicPlan, require_topics

TRANSACTION_MS_MAX = 15_000
DELIVERY_MS_MAX = 10_000
FLUSH_S_MAX = 15.0


class TopicBoard:
    """`consumers.announce.Board` on one topic. It fences every other one of the same topic when it begins.

    What hangs there is read after that, so that nobody else can have added to it: each difference is told once.
    """

    def __init__(self, connection: Connection, plan: TopicPlan) -> None:
        self._connection = connection
        self._plan = plan
        with connection.admin() as admin:
            require_topics(admin, [plan])
        with connection.failing_as_ours():
            self._producer = KafkaProducer(**{**connection.common, **self._options()})
        try:
            self._producer.init_transactions()
            self._told = self._read()
        except KafkaError as error:
            self.close()
            raise self._ours(error) from error
        except BaseException:
            self.close()
            raise

    def _options(self) -> dict[str, Any]:
        return {
            "transactional_id": f"caseledger-announce-{self._plan.name}",
            "enable_idempotence": True,
            "acks": "all",
            "transaction_timeout_ms": TRANSACTION_MS_MAX,
            "delivery_timeout_ms": DELIVERY_MS_MAX,
            "max_block_ms": DELIVERY_MS_MAX,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }

    def _read(self) -> dict[str, Told]:
        name = self._plan.name
        told: dict[str, Told] = {}
        with self._connection.reader() as reader:
            bounds = bounds_of(reader, name, self._plan.partitions)
            for record in records_between(reader, name, bounds.begin, bounds.end):
                about, last = told_by(record.value or b"")
                told[about] = last
        return told

    def told(self) -> Mapping[str, Told]:
        """The last announcement of every name."""
        return self._told

    def put(self, announcements: Iterable[Announcement]) -> None:
        """Put them up together; returns when that is durable. After a failure this board is of no more use."""
        waiting = list(announcements)
        try:
            self._producer.begin_transaction()
            sent = [
                self._producer.send(
                    self._plan.name,
                    one.raw,
                    one.subject.encode(),
                    [(HEADER_CONTENT_TYPE, CONTENT_TYPE), (HEADER_EVENT_ID, _id_of(one))],
                    partition_of(one.subject, self._plan.partitions),
                )
                for one in waiting
            ]
            self._producer.flush(FLUSH_S_MAX)
            for future in sent:
                if not future.is_done:
                    raise KafkaTimeoutError("an announcement was not acknowledged")
                if future.failed():
                    raise future.exception
            self._producer.commit_transaction()
        except KafkaError as error:
            raise self._ours(error) from error
        self._told.update({one.name: one.told for one in waiting})

    def close(self) -> None:
        """Give the producer up; an open transaction is aborted by the next one's fence."""
        with suppress(KafkaError):
            self._producer.close(timeout=1)

    def _ours(self, error: KafkaError) -> LedgerError:
        if any(isinstance(one, ProducerFencedError | InvalidProducerEpochError) for one in (error, *error.args)):
            return Conflict(
                "feed_fenced", f"{self._plan.name}: another process announces there; run one for each ledger"
            )
        return self._connection.ours(error)


def _id_of(one: Announcement) -> bytes:
    """The event's id, from its bytes."""
    identity: str = msgspec.json.decode(one.raw)["id"]
    return identity.encode()
