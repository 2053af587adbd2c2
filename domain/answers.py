"""What goes into the ledger and what comes back: a submission, and its one answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from domain.errors import LedgerError
from domain.event import Event


class ImportMark(NamedTuple):
    """Where an imported action comes from."""

    importid: str
    line: int
    history: bool


class Submission(NamedTuple):
    """One action as sent: the line's bytes, or an object that a mapping made."""

    payload: bytes | dict[str, Any]
    mark: ImportMark | None = None


class Answer:
    """Accepted (with its events), accepted before (`already_there`), or refused (`error`); never two of these.

    An import reads only whether an action was taken; the list of its events is made when it is asked for.
    """

    __slots__ = ("_recorded", "already_there", "error", "ref", "subject")

    def __init__(
        self,
        subject: str | None = None,
        ref: str | None = None,
        recorded: Sequence[Event] = (),
        already_there: bool = False,
        error: LedgerError | None = None,
    ) -> None:
        self.subject = subject
        self.ref = ref
        self.already_there = already_there
        self.error = error
        self._recorded = [
            (event.attributes["id"], event.type_name, event.originator_id, event.originator_version)
            for event in recorded
        ]

    @property
    def accepted(self) -> bool:
        """Whether the action stands in the ledger."""
        return self.error is None

    @property
    def events(self) -> list[dict[str, str]]:
        """Id, type, subject and sequence of each event of the action, in order."""
        return [
            {"id": name, "type": kind, "subject": subject, "sequence": str(version)}
            for name, kind, subject, version in self._recorded
        ]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """The answer as one JSON object; a refusal's message in `zh` or `en`."""
        if self.error is not None:
            return {"error": self.error.to_json(lang)}
        return {"events": self.events, "subject": self.subject, "ref": self.ref}


Conclude = Callable[[Sequence["Answer"]], dict[str, Any]]
"""What an import says of a batch's answers inside the batch's transaction: its progress, a JSON object."""


class ImportItem(NamedTuple):
    """One action of an imported row: the row's line, the action, and its place among the row's actions."""

    line: int
    payload: bytes | dict[str, Any]
    part: int = 0
