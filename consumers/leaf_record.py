"""A leaf of the sealed log and the record that carries it on a topic: its partition, key, value and headers."""

from __future__ import annotations

from binascii import hexlify
from functools import lru_cache
from typing import NamedTuple

import msgspec

from consumers.topics import (
    CONTENT_TYPE,
    HEADER_CONTENT_TYPE,
    HEADER_EVENT_ID,
    HEADER_LEAF_HASH,
    HEADER_LEAF_INDEX,
    partition_of,
)
from domain.errors import Tampered


class Leaf(NamedTuple):
    """One leaf of the log: its index from 0, its hash, and the event's bytes."""

    leaf_index: int
    leaf_hash: bytes
    raw: bytes


class Record(NamedTuple):
    """What is sent for one leaf."""

    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class _Head(msgspec.Struct):
    id: str
    subject: str


_decode_head = msgspec.json.Decoder(_Head).decode
_CONTENT_TYPE = (HEADER_CONTENT_TYPE, CONTENT_TYPE)
SUBJECTS_KEPT_MAX = 65_536


@lru_cache(SUBJECTS_KEPT_MAX)
def _place(subject: str, partitions: int) -> tuple[int, bytes]:
    """Partition and key of a subject; an office works on the same subjects again and again."""
    return partition_of(subject, partitions), subject.encode()


def record_of(leaf: Leaf, partitions: int) -> Record:
    """The record of a leaf: CloudEvents Kafka binding, structured mode, the value being the sealed bytes."""
    try:
        head = _decode_head(leaf.raw)
    except msgspec.MsgspecError as error:
        raise Tampered("tampered", f"leaf {leaf.leaf_index} is not an event: {error}") from None
    headers = [
        _CONTENT_TYPE,
        (HEADER_LEAF_INDEX, b"%d" % leaf.leaf_index),
        (HEADER_LEAF_HASH, hexlify(leaf.leaf_hash)),
        (HEADER_EVENT_ID, head.id.encode()),
    ]
    partition, key = _place(head.subject, partitions)
    return Record(partition, key, leaf.raw, headers)
