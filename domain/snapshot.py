"""Snapshots: the JSON of a state, a cache that can always be thrown away and replayed."""

from __future__ import annotations

import hashlib
from functools import cache

import msgspec

from domain.base import Aggregate

SNAPSHOT_EVERY_EVENTS = 100
RULES_VERSION = 1
"""Raised whenever a fact's `apply` changes its meaning, so that older snapshots are passed over."""


def take(state: Aggregate) -> bytes:
    """The bytes of a state."""
    return msgspec.json.encode(state)


def restore(wanted: type[Aggregate], raw: bytes) -> Aggregate:
    """A state from its bytes."""
    return msgspec.json.decode(raw, type=wanted)


@cache
def shape_of(wanted: type[Aggregate]) -> str:
    """Names the shape of a state; a snapshot of another shape is not used."""
    fields = ",".join(f"{field.name}:{field.type}" for field in msgspec.structs.fields(wanted))
    return hashlib.sha256(f"{RULES_VERSION}|{wanted.__name__}|{fields}".encode()).hexdigest()[:16]


def is_due(before: int, after: int) -> bool:
    """Whether a stream passed one of the marks between two versions.

    Marks lie 100 events apart up to version 800 and then a quarter to an eighth of the version, so that all the snapshots of a
    long subject together cost in proportion to its events, and what is replayed after one stays a fraction of it.
    """
    if after < SNAPSHOT_EVERY_EVENTS:
        return False
    apart = SNAPSHOT_EVERY_EVENTS << max(0, (after // (4 * SNAPSHOT_EVERY_EVENTS)).bit_length() - 1)
    return before // apart != after // apart
