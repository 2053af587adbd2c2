"""The running numbers of one year's cases or grants: which are missing, and what fills a gap later."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace


@dataclass(slots=True)
class Gap:
    """Numbers `first` to `last` that are missing before the event that follows them."""

    first: int
    last: int
    event_id: str
    subject: str
    position: int


@dataclass(slots=True)
class Series:
    """The running numbers of one year's cases or grants; `gaps` in rising order."""

    last: int = 0
    gaps: list[Gap] = field(default_factory=list)

    def fill(self, number: int) -> bool:
        """Take a number out of the gap that holds it; False where it lies in none."""
        place = bisect_right(self.gaps, number, key=lambda gap: gap.first) - 1
        if place < 0 or number > self.gaps[place].last:
            return False
        gap = self.gaps.pop(place)
        if number < gap.last:
            self.gaps.insert(place, replace(gap, first=number + 1))
        if number > gap.first:
            self.gaps.insert(place, replace(gap, last=number - 1))
        return True
