"""Live views, rebuilds and questions about any date are the same fold of the same events."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

import consumers.folding
import consumers.project
from consumers.follow import SourceEvent, StoppedAtEvent
from consumers.project import Progress, catch_up, fold_as_of, rebuild
from domain.asof import AsOf, Clock, parse_instant
from domain.errors import Conflict
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS, projection_named
from projections.case_view import CASE_VIEW
from projections.figure import Question
from projections.fold import Document, Event, Projection, Row, shaped
from projections.handoff_log import HANDOFF_LOG
from projections.statistics import figures
from tests.support.memory_ledger import CASE, MemoryLedger, random_ledger


@pytest.fixture
def store(views_place: str) -> Iterator[ReadStore]:
    opened = ReadStore(views_place)
    opened.prepare(ALL_PROJECTIONS)
    yield opened
    opened.close()


def stored(store: ReadStore) -> dict[str, list[Row]]:
    return {projection.name: list(store.rows(projection.name)) for projection in ALL_PROJECTIONS}


def placeless(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Rows by subject, without the ledger position, which another interleaving changes."""
    return {
        projection.name: [
            {column: value for column, value in row.items() if column != "position"}
            for row in sorted(rows[projection.name], key=lambda row: str(row[projection.subject_column]))
        ]
        for projection in ALL_PROJECTIONS
    }


def in_memory(ledger: MemoryLedger, projection: Projection, as_of: AsOf) -> list[Row]:
    keys = projection.key
    return sorted(fold_as_of(ledger, projection, as_of), key=lambda row: [row[key] for key in keys])


NOW_IN_LEDGER_ORDER = AsOf(clock="known")


@pytest.mark.parametrize("seed", range(6))
def test_live_views_in_any_splitting_equal_one_fold_in_memory(seed: int, views_place: str) -> None:
    chance = random.Random(seed)
    ledger = random_ledger(seed, 250)
    store = ReadStore(views_place)
    store.prepare(ALL_PROJECTIONS)
    position = 0
    while position < ledger.head():
        position = min(ledger.head(), position + chance.choice((1, 3, 40, 90)))
        catch_up(ledger, store, chance.sample(ALL_PROJECTIONS, chance.randint(1, 8)), until=position)
    catch_up(ledger, store, ALL_PROJECTIONS)
    for projection in ALL_PROJECTIONS:
        assert list(store.rows(projection.name)) == in_memory(ledger, projection, NOW_IN_LEDGER_ORDER)
        assert store.position(projection.name) == 250
    store.close()


@pytest.mark.parametrize("seed", range(6))
def test_any_interleaving_of_subjects_gives_the_same_rows(seed: int, tmp_path: Path) -> None:
    ledger = random_ledger(seed, 200)
    found = []
    for number, source in enumerate((ledger, ledger.reordered(random.Random(seed)))):
        store = ReadStore(tmp_path / f"{number}.db")
        store.prepare(ALL_PROJECTIONS)
        catch_up(source, store, ALL_PROJECTIONS)
        found.append(placeless(stored(store)))
        store.close()
    assert found[0] == found[1]


@pytest.mark.parametrize("limit", [1, 2_000, 50_000])
def test_a_rebuild_equals_the_live_view_however_often_it_writes(
    limit: int, store: ReadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers.folding, "KEPT_BYTES_MAX", limit)
    monkeypatch.setattr(consumers.folding, "REBUILD_KEPT_BYTES_MAX", limit)
    monkeypatch.setattr(consumers.project, "REBUILD_EVENTS_PER_WRITE", 29)
    monkeypatch.setattr(consumers.project, "BATCH_EVENTS_MAX", 23)
    ledger = random_ledger(11, 200)
    catch_up(ledger, store, ALL_PROJECTIONS)
    live = stored(store)
    comparisons = rebuild(ledger, store, ALL_PROJECTIONS)
    assert [comparison.name for comparison in comparisons] == [projection.name for projection in ALL_PROJECTIONS]
    assert all(comparison.is_equal and comparison.position == 200 for comparison in comparisons)
    assert stored(store) == live
    ledger.tell("case.closed", "2025-06-01")
    catch_up(ledger, store, ALL_PROJECTIONS)
    assert len(list(store.rows("timeline"))) == len(live["timeline"]) + 1


def test_following_twice_changes_nothing(store: ReadStore) -> None:
    ledger = random_ledger(3, 150)
    catch_up(ledger, store, ALL_PROJECTIONS)
    once = stored(store)
    assert catch_up(ledger, store, ALL_PROJECTIONS) == Progress(0, 150, 150)
    assert stored(store) == once


@pytest.mark.parametrize("size", [0, 1, 60, 119, 120])
def test_as_of_a_size_equals_a_ledger_cut_there(size: int) -> None:
    ledger = random_ledger(5, 120)
    for projection in ALL_PROJECTIONS:
        for clock in ("known", "happened"):
            whole = in_memory(ledger, projection, AsOf(clock=clock, size=size))
            assert whole == in_memory(ledger.cut(size), projection, AsOf(clock=clock))


@pytest.mark.parametrize("seed", range(5))
def test_the_happened_clock_folds_each_subject_by_time_then_ledger_order(seed: int) -> None:
    ledger = random_ledger(seed, 150)
    as_of = AsOf(clock="happened", instant=parse_instant("2025-03-15T12:00:00+08:00"))
    for projection in ALL_PROJECTIONS:
        expected: list[Row] = []
        for subject in sorted({event["subject"] for event in ledger.events}):
            pairs = [
                (position, {**event, "position": position})
                for position, event in enumerate(ledger.events, start=1)
                if event["subject"] == subject and event["type"] in projection.types and as_of.admits(event, position)
            ]
            if pairs:
                rows = projection.rows(subject, projection.fold(event for _, event in as_of.ordered(pairs)))
                expected += [shaped(projection.columns, row) for row in rows]
        assert list(fold_as_of(ledger, projection, as_of)) == expected


def test_as_of_a_day_leaves_out_what_happened_or_was_known_later() -> None:
    ledger = MemoryLedger()
    ledger.tell("case.received", "2025-03-01", recordedtime="2025-03-01T03:00:00.000000Z")
    ledger.tell("case.accepted", "2025-03-02", by="S-1/MZJ/handler", recordedtime="2025-05-01T03:00:00.000000Z")
    moment = parse_instant("2025-03-31T23:59:59+08:00")
    (happened,) = fold_as_of(ledger, CASE_VIEW, AsOf("happened", moment))
    (known,) = fold_as_of(ledger, CASE_VIEW, AsOf("known", moment))
    assert (happened["accepted_by"], known["accepted_by"]) == ("MZJ", None)


def test_a_corrected_time_decides_place_and_admission_as_for_figures() -> None:
    ledger = MemoryLedger()
    ledger.tell("case.received", "2025-03-01")
    offer = {"handoff": "ref:h1", "unit": "MZJ"}
    ledger.tell("case.handoff_offered", "2025-04-05", data={**offer, "mode": "assign", "to": ["MZJ"]})
    ledger.tell("case.accepted", "2025-03-04", by="S-1/MZJ/handler")
    for number, now in ((2, "2025-03-05T10:00:00+08:00"), (3, "2025-04-04T10:00:00+08:00")):
        event = ledger.events[number - 1]
        correction = {"event_id": event["id"], "field": "/time", "was": event["time"], "now": now}
        ledger.tell("case.record_corrected", "2025-05-01", data=correction)
    as_of = AsOf("happened", parse_instant("2025-03-31T23:59:59+08:00"))
    (handoff,) = fold_as_of(ledger, HANDOFF_LOG, as_of)
    assert handoff["offered_at"] == "2025-03-05T10:00:00+08:00"
    (case,) = fold_as_of(ledger, CASE_VIEW, as_of)
    assert (case["accepted_by"], case["handoffs"]) == (None, 1)
    question = Question(date(2025, 1, 1), date(2025, 12, 31), as_of, ("handoffs_by_unit",))
    assert [figure.value for figure in figures(ledger, question)] == [1]
    earlier = AsOf("happened", as_of.instant, size=3)
    assert list(fold_as_of(ledger, HANDOFF_LOG, earlier)) == [], "the ledger of that size knew no correction"


@pytest.mark.parametrize("clock", ["happened", "known"])
@pytest.mark.parametrize("is_late", [False, True])
def test_of_a_parked_subject_any_date_shows_what_lies_in_front_of_the_event_it_stopped_at(
    clock: Clock, is_late: bool
) -> None:
    ledger = case_ledger()
    if is_late:
        ledger.tell("case.handler_assigned", "2025-03-01", data={"handler": "S-9"})
    poisoned = breaking("e-4")
    every = list(fold_as_of(ledger, CASE_VIEW, AsOf(clock)))
    with pytest.raises(StoppedAtEvent):
        list(fold_as_of(ledger, poisoned, AsOf(clock)))
    rows = list(fold_as_of(ledger, poisoned, AsOf(clock), parked={CASE}))
    assert [row for row in rows if row["case"] != CASE] == [row for row in every if row["case"] != CASE]
    (row,) = (row for row in rows if row["case"] == CASE)
    (before,) = fold_as_of(ledger, CASE_VIEW, AsOf(clock, size=3), [CASE])
    assert row == {**before, "stale_from": 4}


def test_a_question_about_some_subjects_reads_only_those() -> None:
    ledger = random_ledger(2, 200)
    asked = [CASE, "XF500229-2025-000003"]
    for clock in ("known", "happened"):
        some = list(fold_as_of(ledger, CASE_VIEW, AsOf(clock=clock), asked))
        every = list(fold_as_of(ledger, CASE_VIEW, AsOf(clock=clock)))
        assert some == [row for row in every if row["case"] in asked]
        assert len(some) == 2


# -- an event that cannot be taken --


def breaking(at_id: str) -> Projection:
    """`case_view`, but its fold writes half a change and then fails over one event."""

    def wrap(handler):  # type: ignore[no-untyped-def]
        def handle(document: Document, event: Event) -> None:
            handler(document, event)
            if event["id"] == at_id:
                raise KeyError("ground")

        return handle

    return replace(CASE_VIEW, handlers={name: wrap(handler) for name, handler in CASE_VIEW.handlers.items()})


def case_ledger() -> MemoryLedger:
    ledger = MemoryLedger()
    ledger.tell("case.received", "2025-03-01", data={"channel": "visit"})
    ledger.tell("case.registered", "2025-03-02")
    ledger.tell("case.received", "2025-03-02", subject="XF500229-2025-000002")
    ledger.tell("case.routed", "2025-03-03", data={"purpose": "claim"})
    ledger.tell("case.closed", "2025-03-04")
    ledger.tell("case.received", "2025-03-05", subject="XF500229-2025-000003")
    return ledger


@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_view_stops_in_front_of_an_event_it_cannot_take_and_keeps_its_position(before: int, store: ReadStore) -> None:
    ledger, timeline = case_ledger(), projection_named("timeline")
    poisoned = breaking("e-4")
    catch_up(ledger, store, [poisoned, timeline], until=before)
    for _ in range(2):
        with pytest.raises(StoppedAtEvent) as stop:
            catch_up(ledger, store, [poisoned, timeline])
        assert (stop.value.projection, stop.value.position, stop.value.subject) == ("case_view", 4, CASE)
        assert (stop.value.type, stop.value.field) == ("petition.case.routed.v1", "data.ground")
        assert store.position("case_view") == 3
        assert store.position("timeline") == 6
    assert list(store.rows("case_view")) == in_memory(ledger.cut(3), CASE_VIEW, NOW_IN_LEDGER_ORDER)


def test_a_view_goes_on_where_it_stopped_once_its_fold_is_mended(store: ReadStore) -> None:
    ledger = case_ledger()
    with pytest.raises(StoppedAtEvent):
        catch_up(ledger, store, [breaking("e-4")])
    catch_up(ledger, store, [CASE_VIEW])
    assert list(store.rows("case_view")) == in_memory(ledger, CASE_VIEW, NOW_IN_LEDGER_ORDER)


def test_bytes_that_are_no_event_stop_only_the_views_that_take_the_type(store: ReadStore) -> None:
    ledger = case_ledger()
    ledger.put(SourceEvent(7, CASE, 5, "petition.case.archived.v1", b"\xff"))
    ledger.put(SourceEvent(8, CASE, 6, "petition.case.archived.v1", b"{}"))
    with pytest.raises(StoppedAtEvent) as stop:
        catch_up(ledger, store, [CASE_VIEW, projection_named("handoff_log")])
    assert (stop.value.projection, stop.value.position) == ("case_view", 7)
    assert (store.position("case_view"), store.position("handoff_log")) == (6, 8)
    with pytest.raises(StoppedAtEvent):
        list(fold_as_of(ledger, CASE_VIEW, AsOf()))


def test_a_rebuild_that_meets_such_an_event_leaves_the_live_view_alone(store: ReadStore) -> None:
    ledger = case_ledger()
    catch_up(ledger, store, [CASE_VIEW])
    before = list(store.rows("case_view"))
    with pytest.raises(StoppedAtEvent):
        rebuild(ledger, store, [breaking("e-4")])
    assert list(store.rows("case_view")) == before
    assert rebuild(ledger, store, [CASE_VIEW])[0].is_equal


# -- a changed definition --


def test_a_view_of_another_version_is_refused_until_it_is_rebuilt_and_the_difference_is_told(
    store: ReadStore,
) -> None:
    ledger = case_ledger()
    catch_up(ledger, store, [CASE_VIEW])

    def rows(subject: str, document: Document) -> list[Row]:
        found = [{**row, "events": 0} for row in CASE_VIEW.rows(subject, document)]
        return [] if subject.endswith("3") else found

    changed = replace(CASE_VIEW, version=2, rows=rows, cells=None)
    with pytest.raises(Conflict) as refused:
        catch_up(ledger, store, [changed])
    assert refused.value.code == "view_stale"
    (comparison,) = rebuild(ledger, store, [changed])
    assert (comparison.added, comparison.gone, comparison.changed) == (0, 1, 2)
    assert comparison.examples["gone"]["case"] == "XF500229-2025-000003"
    assert comparison.examples["changed"]["events"] == 0
    catch_up(ledger, store, [changed])
    assert [row["events"] for row in store.rows("case_view")] == [0, 0]


def test_a_rebuild_follows_a_live_view_that_goes_on_meanwhile(store: ReadStore) -> None:
    ledger = case_ledger()
    catch_up(ledger, store, [CASE_VIEW])

    def someone_works(_: Progress) -> None:
        ledger.tell("case.rated", "2025-03-06", data={"side": "unit", "grade": "satisfied"})
        catch_up(ledger, store, [CASE_VIEW])

    (comparison,) = rebuild(ledger, store, [CASE_VIEW], someone_works)
    assert comparison.is_equal
    assert comparison.position == store.position("case_view") == ledger.head() > 6
    assert list(store.rows("case_view")) == in_memory(ledger, CASE_VIEW, NOW_IN_LEDGER_ORDER)


def test_progress_is_told_after_every_batch(store: ReadStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers.project, "BATCH_EVENTS_MAX", 2)
    told: list[Progress] = []
    catch_up(case_ledger(), store, [CASE_VIEW], told.append)
    assert told == [Progress(2, 2, 6), Progress(4, 4, 6), Progress(6, 6, 6)]


def test_times_of_a_day_are_compared_as_instants_not_as_text() -> None:
    ledger = MemoryLedger()
    ledger.tell("case.routed", "2025-03-01T23:00:00+00:00", data={"purpose": "claim"})
    ledger.tell("case.routed", "2025-03-02T01:00:00+08:00", data={"purpose": "other"})
    (row,) = fold_as_of(ledger, CASE_VIEW, AsOf())
    assert row["purpose"] == "claim"
    assert parse_instant(row["routed_at"]) == datetime.fromisoformat("2025-03-02T07:00:00+08:00")
