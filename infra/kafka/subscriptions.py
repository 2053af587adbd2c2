"""FastStream's part: which function gets what of a topic, under which policies."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.abc import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from infra.kafka.connection import Connection

BATCH_RECORDS_MAX = 5_000
"""What one transaction takes at most."""
PARTITION_FETCH_BYTES = 4 * 1024 * 1024
LOOK_AGAIN_MS = 50
FETCH_WAIT_MS = 100
SESSION_MS = 6_000
"""After so long without a heartbeat a process counts as dead, and its partitions go to the others."""
HEARTBEAT_MS = 1_000
METADATA_MS = 3_000
"""A topic that was deleted and made anew is seen after so long."""
STOP_S_MAX = 15.0

logging.getLogger("aiokafka").addHandler(logging.NullHandler())
logging.getLogger("aiokafka").propagate = False  # it repeats itself while a broker is away; the heartbeat tells

Handler = Callable[[tuple[ConsumerRecord, ...]], Awaitable[None]]


async def as_they_are(message: KafkaMessage) -> Any:
    """The records as the client library gives them: bytes stay bytes, headers and offsets stay beside them."""
    return message.raw_message


def kafka_broker(connection: Connection) -> KafkaBroker:
    """FastStream's broker object: it only consumes, makes no topic, and guesses nothing of a record."""
    return KafkaBroker(
        connection.bootstrap.split(","),
        security=security_of(connection),
        metadata_max_age_ms=METADATA_MS,
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        graceful_timeout=STOP_S_MAX,
        logger=None,
    )


def subscribe_events(
    broker: KafkaBroker,
    topic: str,
    group: str | None,
    handler: Handler,
    listener: ConsumerRebalanceListener | None,
    records_max: int = BATCH_RECORDS_MAX,
    *,
    title: str | None = None,
) -> BatchSubscriber:
    """Batches of the `.events` topic; nothing is acknowledged, for the place that counts lies beside the rows."""
    subscriber = broker.subscriber(
        topic,
        batch=True,
        group_id=group,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        decoder=as_they_are,
        listener=listener,
        max_records=records_max,
        max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
        batch_timeout_ms=LOOK_AGAIN_MS,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=HEARTBEAT_MS,
        title=title or f"{topic}:project",
        description="Projectors: rows and place in one transaction, deduplicated by leaf index.",
    )
    subscriber(handler)
    assert isinstance(subscriber, BatchSubscriber)
    return subscriber


def security_of(connection: Connection) -> BaseSecurity | None:
    """The client file's TLS and SASL options as FastStream takes them."""
    options = connection.options
    protocol = str(options.get("security_protocol", "PLAINTEXT"))
    if protocol == "PLAINTEXT":
        return None
    context = _ssl_context(options) if "SSL" in protocol.split("_") else None
    if not protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context)
    kinds = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    kind = kinds[str(options.get("sasl_mechanism", "PLAIN"))]
    return kind(
        username=str(options.get("sasl_plain_username", "")),
        password=str(options.get("sasl_plain_password", "")),
        ssl_context=context,
    )


def _ssl_context(options: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.get("ssl_cafile"))
    if options.get("ssl_check_hostname") is False:
        context.check_hostname = False
    if options.get("ssl_certfile"):
        context.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"), options.get("ssl_password"))
    if options.get("ssl_crlfile"):
        context.load_verify_locations(options["ssl_crlfile"])
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context
