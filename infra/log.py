"""Structured log lines to stderr: an allow-list of keys, so that no secret and no personal data can slip in."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {
        "code",
        "command",
        "count",
        "error_type",
        "event",
        "field",
        "level",
        "name",
        "place",
        "position",
        "size",
        "timestamp",
        "version",
    }
)
VALUE_CHARACTERS_MAX = 200


def keep_allowed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list, and cut what is long; numbers stay as they are."""
    kept: dict[str, Any] = {}
    for key in sorted(ALLOWED_KEYS & line.keys()):
        value = line[key]
        kept[key] = value if isinstance(value, int | float) else str(value)[:VALUE_CHARACTERS_MAX]
    return kept


def get_log() -> Any:
    """The program's log: one JSON object a line on stderr."""
    return structlog.wrap_logger(
        structlog.PrintLogger(file=sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        cache_logger_on_first_use=False,
    )
