"""Every view is a total, pure fold, and shows first and corrected values."""

from __future__ import annotations

import copy
import importlib
import pkgutil
import random

import msgspec
import pytest

import projections
from projections import ALL_PROJECTIONS, projection_named
from projections.fold import Projection
from tests.support.memory_ledger import ALL_TYPES, CASE, STRANGE, MemoryLedger, random_ledger


@pytest.mark.parametrize("projection", ALL_PROJECTIONS, ids=lambda p: p.name)
def test_a_fold_takes_any_event_in_any_order_and_gives_complete_rows(projection: Projection) -> None:
    names = [column.name for column in projection.columns]
    for seed in range(40):
        events = random_ledger(seed, 150, strangeness=0.5).events
        random.Random(seed).shuffle(events)
        document = projection.fold({**event, "position": 1} for event in events)
        rows = projection.rows(CASE, document)
        assert rows
        for row in rows:
            assert sorted(row) == sorted(names)
        msgspec.json.encode([document, rows])


@pytest.mark.parametrize("projection", ALL_PROJECTIONS, ids=lambda p: p.name)
def test_a_fold_takes_events_that_are_hardly_events(projection: Projection) -> None:
    document = projection.start()
    for type_name in ALL_TYPES:
        for strange in STRANGE:
            everything = dict.fromkeys(
                ("id", "subject", "sequence", "time", "recordedtime", "actorid", "actorunit", "correlationid"), strange
            )
            fields = dict.fromkeys(
                ("handoff", "unit", "payment", "event_id", "field", "amount_fen", "override"), strange
            )
            document = projection.evolve(document, {"type": type_name, "data": strange})
            document = projection.evolve(document, {**everything, "type": type_name, "data": fields})
            document = projection.evolve(document, {"type": strange})
    assert projection.rows(CASE, document)


@pytest.mark.parametrize("projection", ALL_PROJECTIONS, ids=lambda p: p.name)
def test_a_fold_never_changes_the_events_it_is_given(projection: Projection) -> None:
    events = random_ledger(7, 300).events
    before = copy.deepcopy(events)
    projection.rows(CASE, projection.fold(events))
    assert events == before


@pytest.mark.parametrize("projection", ALL_PROJECTIONS, ids=lambda p: p.name)
def test_a_document_read_back_from_its_bytes_folds_on_in_the_same_way(projection: Projection) -> None:
    for seed in range(10):
        events = random_ledger(seed, 120).events
        whole = projection.fold(events)
        half = msgspec.json.decode(msgspec.json.encode(projection.fold(events[:60])))
        for event in events[60:]:
            half = projection.evolve(half, event)
        assert projection.rows(CASE, half) == projection.rows(CASE, whole)


TAKING_MANY = [projection for projection in ALL_PROJECTIONS if projection.takes_many is not None]


@pytest.mark.parametrize("projection", TAKING_MANY, ids=lambda p: p.name)
def test_many_events_at_once_give_the_document_that_they_give_one_by_one(projection: Projection) -> None:
    assert projection.takes_many is not None
    for seed in range(40):
        events = random_ledger(seed, 150, strangeness=0.5).events
        random.Random(seed).shuffle(events)
        taken = [{**event, "position": 1 + n} for n, event in enumerate(events) if event["type"] in projection.types]
        at_once = projection.start()
        for start in range(0, len(taken), 1 + seed):
            projection.takes_many(at_once, taken[start : start + 1 + seed])
        one_by_one = projection.start()
        for event in taken:
            projection.handlers[event["type"]](one_by_one, event)
        assert len(at_once["lines"]) > 1
        assert at_once == one_by_one


def test_view_names_and_keys_are_unique_and_every_row_names_its_subject() -> None:
    assert len({projection.name for projection in ALL_PROJECTIONS}) == len(ALL_PROJECTIONS)
    for projection in ALL_PROJECTIONS:
        names = [column.name for column in projection.columns]
        assert projection.subject_column in names
        assert projection.key in ((projection.subject_column, *projection.key[1:]), ("position",))
        assert projection_named(projection.name) is projection


def test_every_projection_of_every_module_is_listed_by_hand() -> None:
    found = {
        id(value)
        for module in pkgutil.iter_modules(projections.__path__, "projections.")
        for value in vars(importlib.import_module(module.name)).values()
        if isinstance(value, Projection)
    }
    assert found == {id(projection) for projection in ALL_PROJECTIONS}


def corrected_ledger(*, before: bool) -> MemoryLedger:
    ledger = MemoryLedger()
    correction = {"event_id": "e-2" if before else "e-1", "field": "/received_at", "reason": "笔误",
                  "was": "2025-03-01T09:00:00+08:00", "now": "2025-03-02T09:00:00+08:00", "approved_by": "S-009"}  # fmt: skip
    received = {"channel": "letter", "received_at": "2025-03-01T09:00:00+08:00"}
    if before:
        ledger.tell("case.record_corrected", "2025-03-05", data=correction)
        ledger.tell("case.received", "2025-03-01", data=received)
    else:
        ledger.tell("case.received", "2025-03-01", data=received)
        ledger.tell("case.record_corrected", "2025-03-05", data=correction)
    return ledger


@pytest.mark.parametrize("before", [False, True])
def test_a_correction_shows_the_new_value_and_keeps_the_first_whichever_is_read_first(before: bool) -> None:
    row = corrected_ledger(before=before).rows("case_view")[0]
    assert row["received_at"] == "2025-03-02T09:00:00+08:00"
    assert row["corrected"]["received_at"]["first"] == "2025-03-01T09:00:00+08:00"
    assert row["corrected"]["received_at"]["approved_by"] == "S-009"
    assert row["corrections"] == 1


def test_two_corrections_of_one_field_keep_the_value_recorded_first() -> None:
    ledger = corrected_ledger(before=False)
    again = {"event_id": "e-1", "field": "/received_at", "was": "2025-03-02T09:00:00+08:00", "now": "2025-03-03"}
    ledger.tell("case.record_corrected", "2025-03-06", data=again)
    row = ledger.rows("case_view")[0]
    assert row["received_at"] == "2025-03-03"
    assert row["corrected"]["received_at"]["first"] == "2025-03-01T09:00:00+08:00"


def test_a_correction_of_a_superseded_event_leaves_the_newer_value_alone() -> None:
    ledger = MemoryLedger()
    ledger.tell("case.received", "2025-03-01", data={"channel": "visit"})
    first = ledger.tell("case.routed", "2025-03-02", data={"purpose": "claim", "route": 6})
    ledger.tell("case.routed", "2025-03-03", data={"purpose": "claim", "route": 2})
    ledger.tell("case.record_corrected", "2025-03-04", data={"event_id": first, "field": "/route", "was": 6, "now": 5})
    row = ledger.rows("case_view")[0]
    assert (row["route"], row["corrected"]) == (2, None)


def test_the_time_of_an_act_can_be_corrected_too() -> None:
    ledger = MemoryLedger()
    accepted = ledger.tell("case.accepted", "2025-03-02", by="S-100/MZJ/handler")
    change = {
        "event_id": accepted,
        "field": "/time",
        "was": "2025-03-02T10:00:00+08:00",
        "now": "2025-03-01T10:00:00+08:00",
    }
    ledger.tell("case.record_corrected", "2025-03-04", data=change)
    row = ledger.rows("case_view")[0]
    assert row["accepted_at"] == "2025-03-01T10:00:00+08:00"
    assert row["acceptances"][0]["corrected"]["at"]["first"] == "2025-03-02T10:00:00+08:00"
