"""Numbers and money as people read them: 12,345 and 12,345.00. JSON and CSV never pass through here."""

from __future__ import annotations


def number(value: object) -> str:
    """A whole number with its thousands apart; anything else as it stands."""
    return f"{value:,}" if type(value) is int else str(value)


def yuan(fen: object) -> str:
    """An amount of fen as yuan with the fen kept, `12,345.00`; what is no whole number as it stands."""
    if type(fen) is not int:
        return str(fen)
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
