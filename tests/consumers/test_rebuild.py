"""A rebuild is the live view again: whole, split over processes, resumed wherever it died, or with subjects parked."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

import consumers.project
import consumers.waiting_rows
from consumers.folding import ViewChange
from consumers.follow import StoppedAtEvent
from consumers.project import OnProgress, Progress, catch_up, fold_share, rebuild
from domain.errors import Conflict
from infra.read_store import ReadStore
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from projections.fold import Projection, Row
from tests.consumers.test_project import breaking, case_ledger, stored
from tests.support.memory_ledger import CASE, MemoryLedger, random_ledger

EVENTS = 160


class Killed(BaseException):
    """Stands for the end of a process: nothing catches it."""


@pytest.fixture
def store(views_place: str) -> Iterator[ReadStore]:
    opened = ReadStore(views_place)
    opened.prepare(ALL_PROJECTIONS)
    yield opened
    opened.close()


def killed_at(position: int) -> OnProgress:
    def moved(progress: Progress) -> None:
        if progress.position >= position:
            raise Killed

    return moved


def in_shares(ledger: MemoryLedger, store: ReadStore, of: int):  # type: ignore[no-untyped-def]
    """A split whose shares run one after the other, each until it is killed once."""
    subjects = sorted({event.subject for event in ledger.read()})
    shares = store.shares_from(["", *(subjects[len(subjects) * number // of] for number in range(1, of))])

    def split(projections: list[Projection], parks: bool, on_progress: OnProgress) -> None:
        assert store.shares(projections, shares) == [shares] * len(projections)
        for share in shares:
            with pytest.raises(Killed), closing(store.of_share(projections, share)) as own:
                fold_share(ledger, own, projections, share, EVENTS, killed_at(EVENTS // 2), parks)
            with closing(store.of_share(projections, share)) as own:
                fold_share(ledger, own, projections, share, EVENTS, on_progress, parks)
        store.join(projections)

    return split


@pytest.mark.parametrize("seed", range(4))
def test_rebuilt_live_split_and_resumed_views_hold_the_same_rows(
    seed: int, store: ReadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers.project, "BATCH_EVENTS_MAX", 7)
    monkeypatch.setattr(consumers.project, "REBUILD_EVENTS_PER_WRITE", 20)
    monkeypatch.setattr("consumers.folding.KEPT_BYTES_MAX", 2_000)
    monkeypatch.setattr("consumers.folding.REBUILD_KEPT_BYTES_MAX", 2_000)
    chance = random.Random(seed)
    ledger = random_ledger(seed, EVENTS)
    catch_up(ledger, store, ALL_PROJECTIONS)
    live = stored(store)
    for _ in range(3):
        with pytest.raises(Killed):
            rebuild(ledger, store, ALL_PROJECTIONS, killed_at(chance.randint(1, EVENTS)))
    assert stored(store) == live
    assert all(one.is_equal for one in rebuild(ledger, store, ALL_PROJECTIONS))
    assert stored(store) == live
    for of in (2, 3):
        found = rebuild(ledger, store, ALL_PROJECTIONS, split=in_shares(ledger, store, of))
        assert all(one.is_equal and one.position == EVENTS for one in found)
        assert stored(store) == live
    ledger.tell("case.closed", "2025-06-01")
    catch_up(ledger, store, ALL_PROJECTIONS)
    assert all(one.is_equal for one in rebuild(ledger, store, ALL_PROJECTIONS))


@pytest.mark.parametrize("events_per_write", range(1, 9))
def test_a_case_that_goes_on_after_its_end_is_rebuilt_like_any_other(
    events_per_write: int, store: ReadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of open cases wait, those of archived ones are made at once; neither may show an earlier state."""
    monkeypatch.setattr(consumers.project, "REBUILD_EVENTS_PER_WRITE", events_per_write)
    monkeypatch.setattr(consumers.waiting_rows, "DOCUMENTS_PER_WRITE", 1)
    ledger = case_ledger()
    offer = {"handoff": "ref:h1", "unit": "MZJ"}
    ledger.tell("case.handoff_offered", "2025-05-01", data={**offer, "to": ["MZJ"]})
    ledger.tell("case.handoff_received", "2025-05-02", by="S-1/MZJ/handler", data=offer)
    for day in ("2025-06-01", "2025-06-08"):
        ledger.tell("case.closed", day, data={"ground": "done"})
        ledger.tell("case.archived", day)
        ledger.tell("case.reopened", day)
        ledger.tell("case.archived", day, subject="XF500229-2025-000003")
    ledger.tell("case.rated", "2025-07-01", data={"side": "office", "grade": "satisfied"})
    catch_up(ledger, store, ALL_PROJECTIONS)
    live = stored(store)
    assert all(one.is_equal for one in rebuild(ledger, store, ALL_PROJECTIONS))
    assert stored(store) == live


def test_a_rebuild_killed_between_any_two_writes_goes_on_to_the_same_rows(
    store: ReadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also between the writes that turn waiting documents into rows."""
    monkeypatch.setattr(consumers.project, "REBUILD_EVENTS_PER_WRITE", 40)
    monkeypatch.setattr(consumers.waiting_rows, "DOCUMENTS_PER_WRITE", 2)
    ledger = random_ledger(9, EVENTS)
    catch_up(ledger, store, ALL_PROJECTIONS)
    live, write, deaths = stored(store), store.write, 0

    def write_once(changes: Sequence[ViewChange], target: str = "live", *, lets_go: bool = False) -> None:
        write(changes, target, lets_go=lets_go)
        raise Killed

    while True:
        monkeypatch.setattr(store, "write", write_once)
        try:
            found = rebuild(ledger, store, ALL_PROJECTIONS)
            break
        except Killed:
            deaths += 1
            assert deaths < EVENTS
    assert deaths > EVENTS // 40
    assert all(one.is_equal for one in found)
    assert stored(store) == live


def test_a_trial_compares_and_leaves_everything_as_it_was(store: ReadStore) -> None:
    ledger = case_ledger()
    catch_up(ledger, store, [CASE_VIEW])
    before = (stored(store), store.status([CASE_VIEW]))
    (comparison,) = rebuild(ledger, store, [breaking("none")], swaps=False)
    assert comparison.is_equal
    assert (stored(store), store.status([CASE_VIEW])) == before


def test_the_former_version_serves_again_after_a_rollback(store: ReadStore) -> None:
    ledger = case_ledger()
    catch_up(ledger, store, [CASE_VIEW])
    before = list(store.rows("case_view"))
    rebuild(ledger, store, [CASE_VIEW])
    ledger.tell("case.closed", "2025-06-01", subject="XF500229-2025-000003")
    catch_up(ledger, store, [CASE_VIEW])
    store.rollback("case_view")
    assert list(store.rows("case_view")) == before
    catch_up(ledger, store, [CASE_VIEW])
    assert list(store.rows("case_view"))[-1]["state"] == "closed"


# -- parked subjects --


def rows_of(store: ReadStore, subject: str) -> list[Row]:
    return [row for row in store.rows("case_view") if row["case"] == subject]


@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_a_parked_subject_reads_stale_from_and_the_rest_goes_on(
    batch: int, store: ReadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers.project, "BATCH_EVENTS_MAX", batch)
    monkeypatch.setattr(consumers.project, "REBUILD_EVENTS_PER_WRITE", batch)
    ledger, poisoned = case_ledger(), breaking("e-4")
    with pytest.raises(StoppedAtEvent):
        rebuild(ledger, store, [poisoned])
    rebuild(ledger, store, [poisoned], parks=True)
    (parked,) = store.parked("case_view")
    assert (parked.subject, parked.position, parked.type) == (CASE, 4, "petition.case.routed.v1")
    assert parked.field == "data.ground"
    (row,) = rows_of(store, CASE)
    assert (row["stale_from"], row["state"]) == (4, "registered")
    assert ["stale_from" in other for other in store.rows("case_view")] == [True, False, False]
    ledger.tell("case.archived", "2025-06-01")
    ledger.tell("case.registered", "2025-06-01", subject="XF500229-2025-000003")
    catch_up(ledger, store, [poisoned])
    assert [other["state"] for other in store.rows("case_view")] == ["registered", "received", "registered"]
    assert store.status([poisoned])[0].parked == 1
    rebuild(ledger, store, [CASE_VIEW])
    assert (store.parked("case_view"), "stale_from" in rows_of(store, CASE)[0]) == ([], False)


# -- one at a time --


def test_a_second_rebuild_at_once_is_refused_and_names_the_first(store: ReadStore, views_place: str) -> None:
    ledger = case_ledger()
    other = ReadStore(views_place)
    refused: list[Conflict] = []

    def somebody_else(_: Progress) -> None:
        with pytest.raises(Conflict) as conflict:
            rebuild(ledger, other, [CASE_VIEW])
        refused.append(conflict.value)
        beat = other.beat("case_view")
        assert beat is not None
        assert beat.is_running

    rebuild(ledger, store, [CASE_VIEW], somebody_else)
    assert {one.code for one in refused} == {"view_rebuilding"}
    assert "process" in refused[0].message
    beat = other.beat("case_view")
    assert beat is not None
    assert (beat.is_running, beat.events, beat.position) == (False, 6, 6)
    assert rebuild(ledger, other, [CASE_VIEW])[0].is_equal
    other.close()


def test_views_rebuilt_apart_do_not_disturb_each_other(store: ReadStore, views_place: str) -> None:
    ledger = random_ledger(4, 60)
    other = ReadStore(views_place)

    def somebody_else(_: Progress) -> None:
        rebuild(ledger, other, ALL_PROJECTIONS[1:])

    rebuild(ledger, store, [CASE_VIEW], somebody_else)
    whole: MemoryLedger = ledger
    assert all(one.is_equal for one in rebuild(whole, store, ALL_PROJECTIONS))
    other.close()
