"""What a verification found: a verdict, how many of each kind of thing was checked, and the first failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the verification failed: a stable code, a sentence, the file or field, and the leaf index if known."""

    code: str
    message: str
    place: str = ""
    index: int | None = None


def shown(text: str) -> str:
    """A text out of somebody else's log as a terminal may show it: what does not print stands there escaped."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


class VerificationFailed(Exception):
    """Raised inside the verifier at the first thing that is not as it must be."""

    def __init__(self, code: str, message: str, *, place: str = "", index: int | None = None) -> None:
        self.failure = Failure(code, shown(message), shown(place), index)
        super().__init__(f"{code}: {message}")


@dataclass(slots=True)
class Report:
    """The outcome. `ok` is true only if there is no failure and something was checked.

    `checked` counts by kind of thing. `age_s` is how old the log's last sign of life is, in seconds, and
    `age_source` says where that time comes from: `cosignature`, or `recordedtime` of the last event,
    which the office writes itself. `signed_by` are the verified keys, `rotations` the key changes
    found in the log as (leaf index, old, new).
    """

    origin: str = ""
    size: int = 0
    root: str = ""
    checked: dict[str, int] = field(default_factory=dict)
    failure: Failure | None = None
    age_s: float | None = None
    age_source: str | None = None
    signed_by: tuple[str, ...] = ()
    rotations: tuple[tuple[int, str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything that had to be checked was checked and found in order."""
        return self.failure is None and sum(self.checked.values()) > 0

    def count(self, kind: str, number: int = 1) -> None:
        """Note that `number` more things of a kind were checked."""
        self.checked[kind] = self.checked.get(kind, 0) + number

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        failure = self.failure
        return {
            "ok": self.ok,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "checked": dict(sorted(self.checked.items())),
            "signed_by": list(self.signed_by),
            "rotations": [list(rotation) for rotation in self.rotations],
            "age_s": self.age_s,
            "age_source": self.age_source,
            "failure": None
            if failure is None
            else {
                "code": failure.code,
                "message": failure.message,
                "place": failure.place,
                "index": failure.index,
            },
        }
