"""The reference year as one stream of public actions, sorted by the instant at which they happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from infra.reference_year import answers, claims, funds
from infra.reference_year.offices import OFFICE, Offices
from infra.reference_year.parameters import Parameters, read_parameters
from infra.reference_year.plan import arrivals, deal
from infra.reference_year.story import Case, World
from infra.reference_year.working_time import official_calendar

SEED = 2025
DECLARED_AT = datetime.fromisoformat("2024-12-31T09:00:00+08:00")
KEEPER = "S-XF-01"
"""The office's head, who keeps the registers and may approve the import of this history."""

SCENARIOS: dict[str, Callable[[Case], None]] = {
    "accusation_discipline": answers.accusation_discipline,
    "accusation_illegality": answers.accusation_illegality,
    "accusation_organisation": answers.accusation_organisation,
    "claim": claims.claim,
    "consultation": answers.consultation,
    "died": claims.died,
    "direct_unit": claims.direct_unit,
    "illegality": answers.illegality,
    "linked": answers.linked,
    "mediated": claims.mediated,
    "merged": answers.merged,
    "other": answers.other,
    "refused_competence": answers.refused_competence,
    "refused_procedure": answers.refused_procedure,
    "refused_re_reviewed": answers.refused_re_reviewed,
    "refused_same_matter": answers.refused_same_matter,
    "statutory": answers.statutory,
    "suggestion": answers.suggestion,
    "to_procedure": claims.to_procedure,
    "tri_party": answers.tri_party,
    "withdrawn": claims.withdrawn,
}


def _entry(action_id: str, at: datetime, fields: dict[str, Any]) -> dict[str, Any]:
    by = {"staff": KEEPER, "unit": OFFICE, "role": "head"}
    head = {"action": fields["action"], "action_id": action_id, "at": at.isoformat()}
    return head | {"entered_at": at.isoformat(), "by": by} | fields


def _declarations(offices: Offices) -> Iterator[dict[str, Any]]:
    for number, fields in enumerate(offices.declarations(), start=1):
        yield _entry(f"CY/REG/{number:03d}", DECLARED_AT + timedelta(seconds=number), fields)


def _cases(world: World, parameters: Parameters) -> Iterator[dict[str, Any]]:
    rng = Random(f"{world.seed}/plan")
    for slot in deal(parameters, arrivals(parameters, world.calendar, rng), rng):
        case = Case(world, slot)
        SCENARIOS[slot.scenario](case)
        world.told.append(case)
        yield from case.actions


def _lists(actions: Iterable[dict[str, Any]], at: datetime) -> Iterator[dict[str, Any]]:
    """The superior system's list of the year, and the call desk's log day by day, both agreeing with the ledger."""
    receipts = [action for action in actions if action["action"] == "receive_petition"]
    numbers = [action["external_numbers"]["national"] for action in receipts if "external_numbers" in action]
    fields: dict[str, Any] = {"action": "declare_external_list", "system": "national", "from_on": "2025-01-01"}
    fields |= {"until_on": "2025-12-31", "count": len(numbers), "numbers": sorted(numbers)}
    yield _entry("CY/LIST/national", at, fields)
    calls: dict[str, int] = {}
    for action in receipts:
        if action["channel"] == "call":
            day = action["received_at"][:10]
            calls[day] = calls.get(day, 0) + 1
    for day, count in sorted(calls.items()):
        log: dict[str, Any] = {"action": "declare_channel_log", "channel": "call", "unit": OFFICE, "on": day}
        log |= {"count": count + int(day[-1]) % 3, "not_petitions": int(day[-1]) % 3}
        yield _entry(f"CY/LOG/{day}", datetime.fromisoformat(f"{day}T17:50:00+08:00"), log)


def _cutover(world: World, last: datetime) -> tuple[datetime, date]:
    """The evening of the last act, and the next working day as the first of live work."""
    return last.replace(hour=18, minute=30, second=0), world.calendar.add_workdays(last.date(), 1)


def generate(seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Every action of the year, sorted by `at`, refs created before their use; the same for the same seed."""
    world = World(seed, Offices(), official_calendar())
    actions = [*_declarations(world.offices)]
    actions += _cases(world, read_parameters())
    actions += funds.fund_story(world).actions
    for story in funds.grant_stories(world):
        actions += story.actions
    last = max(datetime.fromisoformat(action["at"]) for action in actions)
    evening, first_live_day = _cutover(world, last)
    actions += _lists(list(actions), evening - timedelta(minutes=15))
    actions.sort(key=lambda action: datetime.fromisoformat(action["at"]))
    yield from actions
    yield _entry("CY/CUTOVER", evening, {"action": "declare_cutover", "on": first_live_day.isoformat()})


def write(path: Path, seed: int = SEED) -> int:
    """Write the action file (UTF-8 JSON Lines); answers the number of lines."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for action in generate(seed):
            file.write(json.dumps(action, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count
