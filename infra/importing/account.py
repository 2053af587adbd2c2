"""The account of an import: records read, taken and rejected, and from where it goes on after an interruption."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from domain.answers import Answer


@dataclass(slots=True)
class Account:
    """Counts up to the last committed batch; `accepted_new + already_there + rejected == read` always holds.

    `next_line` is the first record not yet finished, `next_part` how many of its actions are behind us,
    `open_new` and `open_error` what these have come to. `run` names mapping, encoding and kind: an import goes on
    only under the same. `rejects` says where the rejects file lies, `rejects_bytes` and `rejects_sum` what it holds.
    `ended` says that the file was read to its end, and the import is finished; then `refused` are the numbers of
    the rejected records, as (first, last), and `stopped` is the error of a file that broke off.
    """

    run: str
    next_line: int = 1
    next_part: int = 0
    rejects: str = ""
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
    refused: list[list[int]] = field(default_factory=list)
    stopped: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that the ledger keeps with the batch."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: object) -> Account | None:
        """The account that an earlier run left; None where there is none or another release wrote it."""
        if not isinstance(stored, dict) or set(stored) != {each.name for each in fields(cls)}:
            return None
        return cls(**stored)

    def told_again(self) -> Account:
        """What a finished import comes to when it is asked for again: what it took is there already."""
        return replace(
            self,
            accepted_new=0,
            already_there=self.accepted_new + self.already_there,
            actions_new=0,
            actions_already=self.actions_new + self.actions_already,
        )

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


def ranges_of(numbers: Iterable[int]) -> list[list[int]]:
    """Growing numbers as (first, last) of every unbroken row of them."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number <= ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges
