"""The scan for personal data: identity, mobile and card numbers never enter the ledger."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from domain.errors import InvalidAction

NOT_SCANNED = frozenset({"bank_ref", "voucher", "external_numbers", "numbers", "action_id"})
_DOCUMENT = re.compile(r"(sha256|hmac):[0-9a-f]{64}")
_RUN = re.compile(r"[0-9A-Za-z]+")
_ELEVEN_DIGITS = re.compile(r"\d{11}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_IDENTITY = re.compile(r"[0-9]{17}[0-9Xx]")
_CARD = re.compile(r"[0-9]{16,19}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def refuse_personal_data(action: dict[str, Any]) -> None:
    """Raise `personal_data` with the path of the field that holds a personal number."""
    for path, text in _texts(action, ""):
        if _ELEVEN_DIGITS.search(text) is not None:
            kind = personal_data_in(text)
            if kind is not None:
                raise InvalidAction("personal_data", kind, field=path)


def _texts(value: Any, path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if isinstance(value, str):
        if not _DOCUMENT.fullmatch(value):
            found.append((path, value))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            found.extend(_texts(item, f"{path}.{place}"))
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in NOT_SCANNED:
                where = f"{path}.{key}" if path else key
                found.append((where, key))
                found.extend(_texts(item, where))
    return found


def personal_data_in(text: str) -> str | None:
    """What kind of personal number stands in a text, as a whole run of letters and digits, or None.

    Full-width and other decimal digits count as digits; a Chinese character ends a run.
    """
    if not text.isascii():
        text = "".join(_plain(character) for character in text)
    for run in _RUN.findall(text):
        if _MOBILE.fullmatch(run):
            return "a mobile number"
        if _IDENTITY.fullmatch(run) and _is_identity_number(run):
            return "an identity number"
        if _CARD.fullmatch(run) and _passes_luhn(run):
            return "a card number"
    return None


def _plain(character: str) -> str:
    if character.isascii():
        return character
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 and folded.isascii() and folded.isalpha() else " "


def _is_identity_number(run: str) -> bool:
    """GB 11643: a valid date of birth and the ISO 7064 MOD 11-2 check character."""
    try:
        date(int(run[6:10]), int(run[10:12]), int(run[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(run[:17], _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11] == run[17].upper()


def _passes_luhn(run: str) -> bool:
    """ISO/IEC 7812 check digit."""
    total = 0
    for place, digit in enumerate(reversed(run)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
