"""Which subject a word on the command line names, and the sender's ref beside every number."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from domain.errors import NotFound
from domain.event import decode

if TYPE_CHECKING:
    from infra.sql_source import SqlSource

REF_KINDS = ("case", "grant", "fund", "handoff", "payment", "hearing", "measure", "supervision", "advice")
"""Kinds of refs in the order in which a bare `ref:…` is looked for."""
REGISTER_PREFIXES = ("unit:", "staff:", "calendar:", "check:")
REFS_CACHED_MAX = 50_000


class Names:
    """Numbers and refs of one ledger."""

    def __init__(self, source: SqlSource) -> None:
        self._source = source
        self._ref_of = lru_cache(REFS_CACHED_MAX)(self._read_ref)

    def subject(self, word: str) -> str:
        """The subject that a number, a ref, a unit code or a staff id names; raises `unknown_subject`."""
        for candidate in self._candidates(word):
            if candidate is not None and self._is_there(candidate):
                return candidate
        raise NotFound("unknown_subject", word, field="subject")

    def number(self, word: str) -> str:
        """The number that a ref names; any other word, or an unknown ref, as it is."""
        if not word.removeprefix("fund:").startswith("ref:"):
            return word
        found = (candidate for candidate in self._candidates(word)[1:] if candidate is not None)
        return next((candidate for candidate in found if self._is_there(candidate)), word)

    def _candidates(self, word: str) -> list[str | None]:
        ref = word.removeprefix("fund:")
        found: list[str | None] = [word]
        for name in (ref, f"ref:{ref}"):
            if name.startswith("ref:"):
                found += [self._source.subject_of(kind, name) for kind in REF_KINDS]
        return [*found, *(prefix + word for prefix in REGISTER_PREFIXES)]

    def _is_there(self, subject: str) -> bool:
        return next(iter(self._source.read_subject(subject)), None) is not None

    def ref(self, subject: str | None) -> str | None:
        """The name that the sender gave a case, grant or fund; None where it has none."""
        if subject is None or kind_of(subject) not in ("case", "grant", "fund"):
            return None
        return self._ref_of(subject)

    def _read_ref(self, subject: str) -> str | None:
        first = next(iter(self._source.read_subject(subject)), None)
        if first is None:
            return None
        ref = decode(first.raw).get("data", {}).get("ref")
        return ref if isinstance(ref, str) else None

    def beside(self, row: Mapping[str, Any], subject: str | None) -> dict[str, Any]:
        """A row with its subject's number under the subject's kind, the sender's ref next to it, then the rest."""
        if subject is None:
            return dict(row)
        head = {kind_of(subject): subject, "ref": self.ref(subject)}
        return {**head, **{name: value for name, value in row.items() if name not in head}}


def kind_of(subject: str) -> str:
    """The key under which a subject's number stands in answers."""
    if subject.startswith("XF"):
        return "case"
    if subject.startswith("JZ"):
        return "grant"
    prefix, colon, _ = subject.partition(":")
    return prefix if colon else "subject"
