"""What subjects gave to groups, kept until each group is judged once over all of it; as slim bytes where it is much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from domain.checks.base import Group
from domain.checks.groups import Contribution, GatheringCheck
from projections.panel import Given, Judgement, Panel

Address = tuple[str, Group]
"""The id of a gathering check, and one of its groups."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, tuple[str, ...], date, dict[str, Any], int, tuple[str, ...]]).decode


def packed(given: Given) -> bytes:
    """What was given, without the address."""
    one = given.contribution
    return _encode((one.subject, one.event_ids, one.day, one.facts, given.reading, given.unknown))


def unpacked(address: Address, raw: bytes) -> Given:
    """What was given to a group of a check."""
    subject, event_ids, day, facts, reading, unknown = _decode(raw)
    return Given(address[0], Contribution(address[1], subject, event_ids, day, facts), reading, unknown)


AS_IT_IS_MAX = 10_000
"""So much of what is given is held as it is, a year's worth and a few MiB; what comes after it is packed."""


class Gatherings:
    """Everything given in one run; memory grows with what the checks declare, never with the events."""

    def __init__(self, as_it_is_max: int = AS_IT_IS_MAX) -> None:
        self._given: dict[Address, list[Given | bytes]] = {}
        self._room = as_it_is_max

    def take(self, given: Sequence[Given]) -> None:
        """Keep what a subject gave."""
        has_room = self._room >= len(given)
        if has_room:
            self._room -= len(given)
        kept = self._given
        for one in given:
            address = (one.check, one.contribution.group)
            if address not in kept:
                kept[address] = []
            kept[address].append(one if has_room else packed(one))

    def judge(self, panel: Panel, out: Judgement) -> None:
        """Judge every group, each released once it is judged."""
        for address in sorted(self._given.keys() | panel.standing()):
            judge_group(panel, address, self._given.pop(address, []), out)


def judge_group(panel: Panel, address: Address, given: Iterable[Given | bytes], out: Judgement) -> None:
    """Judge one group over what it was given."""
    check: GatheringCheck = panel.gathering_by_id[address[0]]
    read = [unpacked(address, one) if isinstance(one, bytes) else one for one in given]
    panel.judge_gathered(check, address[1], read, out)
