"""Names for events: UUIDv7 (RFC 9562), time-ordered, never reused."""

from __future__ import annotations

import os
from datetime import datetime

RANDOM_BYTES = 10
POOLED_IDS = 256


class _RandomPool:
    """Operating-system randomness, fetched for many ids at once; a forked child starts with an empty pool."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._prefix: tuple[datetime | None, str] = (None, "")
        os.register_at_fork(after_in_child=self._waiting.clear)

    def new_id(self, moment: datetime) -> str:
        """The milliseconds of the moment, spelled once for all ids of a batch, and bits that are given once."""
        kept, prefix = self._prefix
        if kept is not moment:
            text = f"{int(moment.timestamp() * 1000):012x}"
            prefix = f"{text[:8]}-{text[8:]}-"
            self._prefix = moment, prefix
        try:
            return prefix + self._waiting.pop()
        except IndexError:
            self._fetch()
            return self.new_id(moment)

    def _fetch(self) -> None:
        """Ends of ids' texts: 74 fresh random bits behind version and variant."""
        digits = os.urandom(RANDOM_BYTES * POOLED_IDS).hex()
        parts = (digits[start : start + 2 * RANDOM_BYTES] for start in range(0, len(digits), 2 * RANDOM_BYTES))
        self._waiting.extend(f"7{part[1:4]}-{_VARIANT[part[4]]}{part[5:8]}-{part[8:]}" for part in parts)


_VARIANT = {f"{value:x}": f"{0x8 | value & 0x3:x}" for value in range(16)}
_POOL = _RandomPool()

new_event_id = _POOL.new_id
"""A UUIDv7 of an instant: 48 bits of milliseconds, 74 random bits. Called under the ledger's write lock."""
