"""A source of events over a sealed log's folder: the same bytes as the store, hashes checked while reading."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from consumers.follow import SourceEvent
from domain.errors import Tampered
from domain.seal.tiles import TILE_WIDTH
from domain.seal.tree import leaf_hashes, root_of
from infra.log_proof import LogReader

SEQUENCE_DIGITS_MAX = 18
"""No subject has more events than a database counts."""


class _Head(msgspec.Struct):
    sequence: str
    subject: str
    type: str


_decode_head = msgspec.json.Decoder(_Head).decode


class LogSource:
    """Delivers a sealed log as a ledger: `position` is the leaf index plus one.

    Opens neither store nor data folder. The tiles above the leaves are checked against the checkpoint's
    root when it is opened, every bundle against its tile root before its first event is given out.
    Whether the checkpoint is signed by a key one trusts is the verifier's question, not asked here.
    """

    def __init__(self, directory: Path) -> None:
        self._log = LogReader(directory)
        self._roots = checked_roots(self._log)
        self._by_subject: dict[str, array[int]] | None = None

    def head(self) -> int:
        """The position of the last event; 0 for an empty log."""
        return self._log.size

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[SourceEvent]:
        """Events behind `after` up to `until`, in ledger order, one bundle in memory at a time."""
        end = self._log.size if until is None else min(until, self._log.size)
        wanted = None if types is None else frozenset(types)
        for number in range(max(after, 0) // TILE_WIDTH, -(-end // TILE_WIDTH)):
            first = number * TILE_WIDTH
            entries = self._entries(number)
            for at in range(max(after - first, 0), min(end - first, len(entries))):
                sequence, subject, kind = head_of(entries[at])
                if wanted is None or kind in wanted:
                    yield SourceEvent(first + at + 1, subject, sequence, kind, entries[at])

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[SourceEvent]:
        """The events of one subject; the first such question reads the whole log once to find them."""
        if self._by_subject is None:
            self._by_subject = {}
            for event in self.read():
                self._by_subject.setdefault(event.subject, array("Q")).append(event.position)
        number, entries = -1, list[bytes]()
        for position in self._by_subject.get(subject, ()):
            if until is not None and position > until:
                return
            if (position - 1) // TILE_WIDTH != number:
                number = (position - 1) // TILE_WIDTH
                entries = self._entries(number)
            raw = entries[(position - 1) % TILE_WIDTH]
            sequence, _, kind = head_of(raw)
            yield SourceEvent(position, subject, sequence, kind, raw)

    def _entries(self, number: int) -> list[bytes]:
        entries = self._log.entries(number)
        if root_of(leaf_hashes(entries)) != self._roots[number]:
            first = number * TILE_WIDTH
            raise Tampered(
                "leaf_differs",
                f"entries {first} to {first + len(entries) - 1} are not what was sealed; 条目与封存时不同",
            )
        return entries


def checked_roots(log: LogReader) -> list[bytes]:
    """The roots of all leaf tiles, after they were found to give the checkpoint's root; else `Tampered`."""
    roots = [log.subtree(8, number) for number in range(log.size // TILE_WIDTH)]
    if log.size % TILE_WIDTH:
        edge = log.size // TILE_WIDTH * TILE_WIDTH
        roots.append(root_of([log.subtree(0, index) for index in range(edge, log.size)]))
    if root_of(roots) != log.root:
        raise Tampered("log_damaged", "the tiles do not give the checkpoint's root; 日志与检查点不符")
    return roots


def head_of(raw: bytes) -> tuple[int, str, str]:
    """(sequence, subject, type) of an event's bytes; nothing else of them is decoded."""
    try:
        head = _decode_head(raw)
        if len(head.sequence) > SEQUENCE_DIGITS_MAX:
            raise ValueError("a sequence of too many digits")
        return int(head.sequence), head.subject, head.type
    except (msgspec.MsgspecError, ValueError) as error:
        raise Tampered("tampered", f"an entry is not an event: {error}") from None
