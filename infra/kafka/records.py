"""A record of the `.events` topic as an event of the ledger."""

from __future__ import annotations

from typing import Protocol

from consumers.feed import UNREADABLE_TYPE, Delivered
from consumers.follow import SourceEvent
from consumers.topics import HEADER_LEAF_INDEX
from domain.errors import Tampered
from infra.log_source import head_of

LEAF_DIGITS_MAX = 18


class Record(Protocol):
    """What both client libraries deliver."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: object


def delivered(record: Record) -> Delivered:
    """The record's event; its position is the leaf index plus one.

    A value that is no event keeps its place under the record's key, so that its subject can be parked. Raises
    `foreign_record` for a record that carries no leaf index or no key: it was not published by the relay.
    """
    leaf = _leaf_index(record)
    raw = record.value or b""
    subject = (record.key or b"").decode("utf-8", "replace")
    try:
        sequence, told, kind = head_of(raw)
    except Tampered:
        return Delivered(record.offset, SourceEvent(leaf + 1, subject, 0, UNREADABLE_TYPE, raw))
    if told != subject:
        return Delivered(record.offset, SourceEvent(leaf + 1, subject, 0, UNREADABLE_TYPE, raw))
    return Delivered(record.offset, SourceEvent(leaf + 1, subject, sequence, kind, raw))


def _leaf_index(record: Record) -> int:
    headers = record.headers
    assert isinstance(headers, list | tuple), "client libraries give pairs"
    for name, value in headers:
        if name == HEADER_LEAF_INDEX and value and value.isdigit() and len(value) <= LEAF_DIGITS_MAX and record.key:
            return int(value)
    raise Tampered(
        "foreign_record",
        f"{record.topic}, partition {record.partition}, offset {record.offset}: no key or no leaf index; "
        "only the relay may write this topic; 该主题只允许发布程序写入",
    )
