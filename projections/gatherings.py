"""What subjects gave to groups, kept as slim bytes until each group is judged once over all of it."""

from __future__ import annotations

from collections.abc import Iterable
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


def address_of(given: Given) -> Address:
    """To which group of which check something was given."""
    return (given.check, given.contribution.group)


class Gatherings:
    """Everything given in one run; memory grows with what the checks declare, never with the events."""

    def __init__(self) -> None:
        self._given: dict[Address, list[bytes]] = {}

    def take(self, given: Iterable[Given]) -> None:
        """Keep what a subject gave."""
        for one in given:
            self._given.setdefault(address_of(one), []).append(packed(one))

    def judge(self, panel: Panel, out: Judgement) -> None:
        """Judge every group, each released once it is judged."""
        for address in sorted(self._given.keys() | panel.standing()):
            judge_group(panel, address, self._given.pop(address, []), out)


def judge_group(panel: Panel, address: Address, given: Iterable[bytes], out: Judgement) -> None:
    """Judge one group over what it was given."""
    check: GatheringCheck = panel.gathering_by_id[address[0]]
    panel.judge_gathered(check, address[1], [unpacked(address, raw) for raw in given], out)
