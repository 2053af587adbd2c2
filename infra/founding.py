"""Founding a ledger: the store, the keys, and the calendars that are published already."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from domain.answers import Submission
from domain.errors import NotFound
from domain.official_calendars import OFFICIAL_CALENDARS
from infra.settings import Settings
from infra.wiring import DEFAULT_SOURCE, create_ledger, open_ledger, source_of

DECLARED_AT = {2025: "2024-11-12T00:00:00+08:00", 2026: "2025-11-04T00:00:00+08:00"}
"""The day of each State Council notice: fixed, so that founding twice records nothing twice."""


@dataclass(frozen=True, slots=True)
class Founded:
    """What is there after founding; `created` is false where the ledger was there before."""

    source: str
    data: str
    keys: str
    created: bool
    calendars: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)


def found(settings: Settings, source: str | None = None) -> Founded:
    """Make the ledger of the data folder, or complete one that is there; safe to repeat.

    Without a source the ledger that is there keeps its own. Raises `ledger_exists` where it has another.
    """
    if source is None:
        source = _present_source(settings) or DEFAULT_SOURCE
    created = create_ledger(settings, source)
    with open_ledger(settings) as ledger:
        for answer in ledger.record([Submission(action) for action in calendar_actions()], system=True):
            if answer.error is not None:
                raise answer.error
    years = tuple(int(calendar["year"]) for calendar in OFFICIAL_CALENDARS)
    return Founded(source, str(settings.data), str(settings.key_folder), created, years)


def _present_source(settings: Settings) -> str | None:
    """The source of the ledger that is there; None where there is none, or its founding was broken off."""
    try:
        return source_of(settings)
    except NotFound:
        return None


def calendar_actions() -> list[dict[str, Any]]:
    """The official calendars as actions of the ledger itself, always the same."""
    return [
        {
            "action": "declare_calendar",
            "action_id": f"init/calendar/{calendar['year']}",
            "at": DECLARED_AT[calendar["year"]],
            "at_precision": "day",
            "by": {"staff": "system"},
            **calendar,
        }
        for calendar in OFFICIAL_CALENDARS
    ]
