"""The account of an import: records read, taken and rejected, and from where it goes on after an interruption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from domain.answers import Answer


@dataclass(slots=True)
class Account:
    """Counts up to the last committed batch; `accepted_new + already_there + rejected == read` always holds.

    `next_line` is the first record not yet finished, `next_part` how many of its actions are behind us,
    `open_new` and `open_error` what these have come to. `run` names mapping, encoding, kind and rejects file:
    an import goes on only under the same. `ended` says that the file was read to its end.
    """

    run: str
    next_line: int = 1
    next_part: int = 0
    rejects_bytes: int = 0
    rejects_sum: str = ""
    read: int = 0
    accepted_new: int = 0
    already_there: int = 0
    rejected: int = 0
    actions_new: int = 0
    actions_already: int = 0
    actions_refused: int = 0
    open_new: bool = False
    open_error: dict[str, Any] | None = None
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """The object that the ledger keeps with the batch."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Account | None:
        """The account that an earlier run left; None where there is none or another release wrote it."""
        if stored is None or set(stored) != {field.name for field in fields(cls)}:
            return None
        return cls(**stored)

    def take_answer(self, answer: Answer) -> None:
        """One more action of the open record is answered; the first refusal stands for the record."""
        self.next_part += 1
        if answer.error is not None:
            self.actions_refused += 1
            if self.open_error is None:
                self.open_error = answer.error.to_json()
        elif answer.already_there:
            self.actions_already += 1
        else:
            self.actions_new += 1
            self.open_new = True

    def finish_record(self, line: int) -> dict[str, Any] | None:
        """Close the open record and return its error: rejected by a refusal, new if anything of it was new."""
        error = self.open_error
        self.read += 1
        if error is not None:
            self.rejected += 1
        elif self.open_new:
            self.accepted_new += 1
        else:
            self.already_there += 1
        self.next_line, self.next_part = line + 1, 0
        self.open_new, self.open_error = False, None
        return error
