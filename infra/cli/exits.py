"""Which exit code a refusal or failure ends with: 0 fine, 1 refused or found, 2 usage, 3 a check failed."""

from __future__ import annotations

from domain.errors import (
    BadMapping,
    Conflict,
    Guarded,
    InvalidAction,
    LedgerError,
    NotFound,
    PoisonEvent,
    Refused,
    Tampered,
    Unavailable,
)

FINE = 0
REFUSED = 1
USAGE = 2
CHECK_FAILED = 3
"""A check raised: what it has to say is not known, whatever the others found."""
INTERRUPTED = 130

EXIT_OF: dict[type[LedgerError], int] = {
    InvalidAction: REFUSED,
    NotFound: REFUSED,
    Refused: REFUSED,
    Guarded: REFUSED,
    Conflict: REFUSED,
    Unavailable: REFUSED,
    Tampered: REFUSED,
    PoisonEvent: REFUSED,
    BadMapping: USAGE,
}
USAGE_CODES = frozenset(
    {"unknown_check", "unknown_view", "unknown_figure", "bad_definitions", "bad_question", "bad_source"}
)
"""Codes that say that the command itself was written wrongly, whatever their family."""


def exit_code(error: LedgerError) -> int:
    """The exit code of an error: of its code, else of the nearest family that the table names."""
    if error.code in USAGE_CODES:
        return USAGE
    for family in type(error).__mro__:
        if family in EXIT_OF:
            return EXIT_OF[family]
    return REFUSED
