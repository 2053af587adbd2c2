"""The names of a ledger's topics, what every record carries, and which partition a subject lies in."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

CONTENT_TYPE = b"application/cloudevents+json"
CHECKPOINT_TYPE = b"text/plain; charset=UTF-8"

HEADER_CONTENT_TYPE = "content-type"
HEADER_LEAF_INDEX = "leafindex"
HEADER_LEAF_HASH = "leafhash"
HEADER_EVENT_ID = "eventid"
HEADER_TREE_SIZE = "treesize"
HEADER_HEARTBEAT = "heartbeat"


class Topics(NamedTuple):
    """One ledger's four topics."""

    events: str
    checkpoints: str
    findings: str
    parked: str


def topics_of(source: str) -> Topics:
    """`/500229/petition-office` → `500229.petition-office.events` and its sisters."""
    base = source.removeprefix("/").replace("/", ".")
    return Topics(*(f"{base}.{kind}" for kind in Topics._fields))


def partition_of(subject: str, count: int) -> int:
    """The partition of a subject's events: CRC-32 of its UTF-8 bytes modulo the count, for ever.

    The same as librdkafka's `consistent` partitioner; a subscriber may compute it anywhere.
    """
    return crc32(subject.encode()) % count
