"""Every clause of every check has its fixtures, taken from the catalogue itself: hit, near miss, look-alike, unknown.

A near miss differs from its hit in exactly one place: one act more or less, or one value, and where the value is a
day, an amount or a number, by one. A look-alike shows the acts that the finding rests on and is innocent. Where a
fact is missing the clause answers `cannot_tell` and names it, or `NEVER_UNSURE` says why it always can; and whatever
value an import leaves out of the acts of a hit, the check does not fall silent, or `SILENT_WITHOUT` says why. Silence on
the clean year is held by `tests/projections/test_clean_year.py` for all checks at once.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domain.checks import ALL_CHECKS
from domain.checks.base import Clause, Finding
from tests.support.clauses.catalogue import FIXTURES, LIVE_ONLY, NEVER_UNSURE, SILENT_WITHOUT
from tests.support.clauses.story import ENVELOPE, Fixture, Story, places, untold
from tests.support.history import at

CLAUSES: dict[tuple[str, str], Clause] = {
    (check.id, clause.reason): clause for check in ALL_CHECKS for clause in check.clauses
}
ROOT = Path(__file__).resolve().parents[3]
PROBED = 3
"""How many acts of one kind are probed in a story that repeats them."""
UNSURE = [one for one in FIXTURES if one.cannot_tell is not None]


def name(fixture: Fixture) -> str:
    return "/".join(fixture.clause)


def of_the_clause(story: Story, fixture: Fixture) -> list[Finding]:
    """What the clause itself says; an event that nobody knows is not its own answer."""
    found = story.findings(fixture.check)
    return [one for one in found if one.reason == fixture.reason and one.item != "unknown_event"]


def results(found: list[Finding]) -> set[str]:
    return {one.result for one in found}


def test_every_clause_of_the_catalogue_has_its_fixtures_once() -> None:
    assert Counter(one.clause for one in FIXTURES) == Counter(list(CLAUSES))


def test_a_clause_cannot_tell_or_the_table_says_why_it_always_can() -> None:
    assert {one.clause for one in FIXTURES if one.cannot_tell is None} == set(NEVER_UNSURE)
    assert all(len(why) > 40 for why in NEVER_UNSURE.values())


@pytest.mark.parametrize("fixture", FIXTURES, ids=name)
def test_the_hit_is_found_as_grave_and_as_certain_as_the_catalogue_says(fixture: Fixture) -> None:
    found = of_the_clause(fixture.hit, fixture)
    clause = CLAUSES[fixture.clause]
    assert results(found) == {"hit"}
    strongest = {"certain": 0, "probable": 1, "suspect": 2}
    assert all(one.severity == clause.severity and one.event_ids for one in found)
    assert all(strongest[one.certainty] >= strongest[clause.certainty] for one in found)


@pytest.mark.parametrize("fixture", FIXTURES, ids=name)
def test_the_near_miss_is_silent_and_differs_from_the_hit_in_one_place_by_one(fixture: Fixture) -> None:
    near = fixture.near_miss(fixture.hit)
    assert of_the_clause(near, fixture) == []
    ((place, was, now),) = places(fixture.hit, near)
    assert distance(place, was, now) <= 1, (place, was, now)
    if CLAUSES[fixture.clause].clock:
        by_a_day = as_instant(was) is not None and as_instant(now) is not None
        assert by_a_day, f"a clause about days is missed by a day, not by {place}"


@pytest.mark.parametrize("fixture", FIXTURES, ids=name)
def test_the_look_alike_shows_the_same_acts_and_nothing_is_said(fixture: Fixture) -> None:
    alike = fixture.look_alike(fixture.hit)
    assert alike.findings(fixture.check) == []
    assert places(fixture.hit, alike)
    assert places(fixture.near_miss(fixture.hit), alike), "a look-alike of its own, not the near miss again"
    shown, there = evidence(fixture), Counter(one.type for one in alike.stored())
    assert shown, fixture
    assert all(there[kind] >= count for kind, count in shown.items()), shown - there


@pytest.mark.parametrize("fixture", UNSURE, ids=name)
def test_where_a_fact_is_missing_the_clause_cannot_tell_and_names_it(fixture: Fixture) -> None:
    assert fixture.cannot_tell is not None
    story = fixture.cannot_tell(fixture.hit)
    assert places(fixture.hit, story)
    found = of_the_clause(story, fixture)
    assert results(found) == {"cannot_tell"}
    for one in found:
        assert one.facts["missing"]
        assert (one.certainty, bool(one.event_ids)) == ("suspect", True)


@pytest.mark.parametrize("fixture", FIXTURES, ids=name)
def test_every_story_holds_only_events_that_the_ledger_admits(fixture: Fixture) -> None:
    edits = [fixture.near_miss, fixture.look_alike, fixture.cannot_tell]
    for story in (fixture.hit, *(edit(fixture.hit) for edit in edits if edit is not None)):
        for one in story.stored():
            assert [error.message for error in schema_of(one.type).iter_errors(json.loads(one.raw)["data"])] == []


def test_what_imported_history_leaves_out_never_silences_a_check_but_where_the_table_says_why() -> None:
    silent: set[tuple[str, str]] = set()
    for fixture in FIXTURES:
        if fixture.check not in LIVE_ONLY and not fixture.hit.notes:
            silent |= {(fixture.check, value) for value in silent_without(fixture)}
    assert silent == set(SILENT_WITHOUT)


def silent_without(fixture: Fixture) -> Iterator[str]:
    """The values of imported acts without which the check of a fixture says nothing at all of its hit."""
    nth: Counter[str] = Counter()
    for one in fixture.hit.acts:
        nth[one.name] += 1
        if one.name.startswith("register.") or nth[one.name] > PROBED:
            continue
        needed = {"day", "subject", *ENVELOPE, *schema_of(f"petition.{one.name}.v1").schema.get("required", ())}
        for value in one.values.keys() - needed:
            found = untold(one.name, value, nth=nth[one.name])(fixture.hit).findings(fixture.check)
            if not any(told.reason == fixture.reason or told.result == "cannot_tell" for told in found):
                yield f"{one.name}/{value}"


@cache
def schema_of(event_type: str) -> Draft202012Validator:
    path = ROOT / "docs" / "schemas" / "events" / f"{event_type}.schema.json"
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def evidence(fixture: Fixture) -> Counter[str]:
    """The types of the events that the hit rests on, and how many of each."""
    stored = fixture.hit.stored()
    kinds = {id_of(one.raw): one.type for one in stored}
    named = {event_id for one in of_the_clause(fixture.hit, fixture) for event_id in one.event_ids}
    return Counter(kinds[event_id] for event_id in named if event_id in kinds)


def id_of(raw: bytes) -> str:
    found = re.search(rb'"id":"([^"]+)"', raw)
    assert found is not None
    return found[1].decode()


def as_instant(value: Any) -> datetime | None:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d", value):
        return None
    return datetime.fromisoformat(at(value))


def distance(place: str, was: Any, now: Any) -> float:
    """How far two values lie apart: days, fen, heads; 1 for what is there or not, or is another word."""
    if as_instant(was) and as_instant(now):
        gap = as_instant(was) - as_instant(now)  # type: ignore[operator]
        return abs(gap / timedelta(days=1))
    if type(was) is int and type(now) is int:
        return abs(was - now)
    if isinstance(was, list) and isinstance(now, list):
        return abs(len(was) - len(now)) or 1
    return 1


def test_the_measure_of_a_near_miss_sees_a_second_place_and_a_second_day() -> None:
    (hit,) = [one.hit for one in FIXTURES if one.clause == ("XF-ACC-001", "not_handled")]
    assert places(hit, hit) == []
    assert distance("day", "2025-03-19", "2025-03-17") == 2
    assert distance("day", str(date(2025, 3, 1)), "2025-02-28") == 1
    assert distance("amount_fen", 100, 98) == 2
