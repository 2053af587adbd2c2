"""Documents that a pass keeps at hand as JSON: a fifth of the memory, and what was changed half can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from projections.fold import Document

ENTRY_BYTES = 200
"""What an entry takes beside its JSON: the subject's name, and its place in the table."""
_EMPTY = b"{}"
_pack = msgspec.json.Encoder().encode
unpacked = msgspec.json.Decoder(dict).decode
"""A document back from its JSON."""


def packed_or_none(document: Document) -> bytes | None:
    """A document as JSON; None where it holds what JSON cannot."""
    if not document:
        return _EMPTY
    try:
        return _pack(document)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None


class KeptDocuments:
    """One view's documents by subject, those touched last; never more bytes than its bound."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._packed: dict[str, bytes] = {}
        self.get = self._packed.get

    def __contains__(self, subject: str) -> bool:
        return subject in self._packed

    def keep(self, packed: Mapping[str, bytes]) -> list[str]:
        """Keep these as the last ones touched; gives the subjects that are forgotten for it."""
        mine = self._packed
        for subject, new in packed.items():
            old = mine.pop(subject, None)
            mine[subject] = new
            self._bytes += len(new) + ENTRY_BYTES if old is None else len(new) - len(old)
        forgotten = []
        if self._bytes > self._bytes_max:
            for subject, old in mine.items():
                forgotten.append(subject)
                self._bytes -= len(old) + ENTRY_BYTES
                if self._bytes <= self._bytes_max:
                    break
            for subject in forgotten:
                del mine[subject]
        return forgotten

    def drop(self, subjects: Iterable[str]) -> None:
        """Keep these no longer."""
        for subject in subjects:
            old = self._packed.pop(subject, None)
            if old is not None:
                self._bytes -= len(old) + ENTRY_BYTES
