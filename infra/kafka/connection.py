"""How a Kafka cluster is reached: brokers, options of the client, and its failures as errors of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MetadataEmptyBrokerList,
    NodeNotReadyError,
)

from domain.errors import Unavailable
from infra.kafka.client_file import read_client_file

if TYPE_CHECKING:
    from infra.settings import Settings

BOOTSTRAP_MS_MAX = 5_000
REQUEST_MS_MAX = 8_000
RECONNECT_MS_MAX = 1_000
AWAY = (KafkaConnectionError, KafkaTimeoutError, MetadataEmptyBrokerList, NodeNotReadyError)
"""What the client raises while no broker answers; a later try may find one."""

logging.getLogger("kafka").addHandler(logging.NullHandler())
logging.getLogger("kafka").propagate = False  # its failures reach us as errors; its log may hold values
logging.getLogger("kafka").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Connection:
    """Brokers to begin with, `host:port,host:port`, and the options that every client of ours gets."""

    bootstrap: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def common(self) -> dict[str, Any]:
        """Options for any client of kafka-python."""
        return {
            "bootstrap_servers": self.bootstrap.split(","),
            "bootstrap_timeout_ms": BOOTSTRAP_MS_MAX,
            "request_timeout_ms": REQUEST_MS_MAX,
            "reconnect_backoff_max_ms": RECONNECT_MS_MAX,
            **self.options,
        }

    @contextmanager
    def admin(self) -> Iterator[KafkaAdminClient]:
        """An admin client, closed afterwards."""
        with self.failing_as_ours(), closing(_reaching(KafkaAdminClient, self.common)) as client:
            yield client

    @contextmanager
    def reader(self, **options: Any) -> Iterator[KafkaConsumer]:
        """A consumer without a group that sees committed records only, closed afterwards."""
        given = {"group_id": None, "enable_auto_commit": False, "isolation_level": "read_committed"}
        with (
            self.failing_as_ours(),
            closing(_reaching(KafkaConsumer, {**self.common, **given, "fetch_max_wait_ms": 100, **options})) as client,
        ):
            yield client

    @contextmanager
    def failing_as_ours(self) -> Iterator[None]:
        """Turn the client's errors into `kafka_unreachable` or `kafka_refused`."""
        try:
            yield
        except KafkaError as error:
            raise self.ours(error) from error

    def ours(self, error: Exception) -> Unavailable:
        """The client's error as one of ours."""
        if isinstance(error, AWAY):
            return Unavailable("kafka_unreachable", self.bootstrap)
        return Unavailable("kafka_refused", f"{self.bootstrap}: {said(error)}")


def _reaching(kind: Any, options: dict[str, Any]) -> Any:
    """A client that has reached its cluster.

    The library starts a thread before it knows anybody, and leaves it running when nobody answers: through an outage
    of a day that would be thousands.
    """
    client = kind.__new__(kind)
    try:
        client.__init__(**options)
    except BaseException:
        started = getattr(client, "_net", None)
        if started is not None:
            started.stop()
        raise
    return client


def said(error: BaseException) -> str:
    """What the cluster said, without the request that it said it to."""
    told = getattr(error, "message", "") or type(error).__name__
    text = str(error).partition(": Request")[0]
    return text[:300] if text else str(told)


def connection_of(settings: Settings) -> Connection:
    """The connection that the settings give; raises `kafka_not_set` or `kafka_client_file`."""
    if not settings.kafka:
        raise Unavailable("kafka_not_set", "CASELEDGER_KAFKA=host:9092", field="CASELEDGER_KAFKA")
    options = read_client_file(settings.kafka_client) if settings.kafka_client else {}
    return Connection(settings.kafka, dict(options))
