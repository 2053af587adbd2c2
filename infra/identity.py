"""Names for events: UUIDv7 (RFC 9562), time-ordered, never reused."""

from __future__ import annotations

import os
from datetime import datetime

RANDOM_BYTES = 10
POOLED_IDS = 256


class _RandomPool:
    """Operating-system randomness, fetched for many ids at once; a forked child starts with an empty pool."""

    def __init__(self) -> None:
        self._bytes = b""
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._bytes = b""

    def take(self) -> int:
        """80 fresh random bits; each is given once."""
        pool = self._bytes or os.urandom(RANDOM_BYTES * POOLED_IDS)
        self._bytes = pool[RANDOM_BYTES:]
        return int.from_bytes(pool[:RANDOM_BYTES], "big")


_POOL = _RandomPool()
_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_KEPT = ~((0xF << 76) | (0x3 << 62))


def new_event_id(moment: datetime) -> str:
    """A UUIDv7 of an instant: 48 bits of milliseconds, 74 random bits. Called under the ledger's write lock."""
    value = ((int(moment.timestamp() * 1000) << 80) | _POOL.take()) & _KEPT | _VERSION | _VARIANT
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
