"""What happens when an event arrives. Plain functions over protocols; `infra` gives them stores and wakes them."""

from __future__ import annotations

ALL_CONSUMERS: tuple[str, ...] = (
    "seal",
    "relay",
    "project",
    "feed",
    "parked",
    "check",
    "announce",
)
"""The modules that consume events, in the order of an event's way; `follow` is the pulling that they share."""
