"""Names for events: UUIDv7 (RFC 9562), time-ordered, never reused."""

from __future__ import annotations

import os
from datetime import datetime


def new_event_id(moment: datetime) -> str:
    """A UUIDv7 of an instant: 48 bits of milliseconds, 74 random bits."""
    milliseconds = int(moment.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
