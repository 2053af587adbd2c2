"""What a reader delivers: one record of the source with its number, its values and its raw text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from infra.importing.problems import RowProblem

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """A row, an object or a trace. A value that the source leaves out has no key.

    `number` counts physical lines in text files (where the record begins), rows of the sheet, or traces.
    `events` holds the events of a trace in their order; a row or an object has none.
    """

    number: int
    values: Values
    raw: str
    events: Sequence[Values] = field(default=())


class Proposed(NamedTuple):
    """What one record asks of the ledger: its actions in order, or the raw bytes of one action line."""

    line: int
    raw: str | bytes
    actions: Sequence[dict[str, Any] | bytes]


Outcome = Proposed | RowProblem
