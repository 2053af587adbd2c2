"""An event that a view cannot take parks its subject there: its later events wait in order, everything else goes on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.feed import Delivered, Feed
from consumers.follow import SourceEvent
from consumers.project import rebuild
from domain.errors import NotFound, PoisonEvent
from infra.fed_store import FedReadStore
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from projections.fold import Projection
from projections.timeline import TIMELINE
from tests.support.faulty_views import poisoned, with_faults
from tests.support.fed_views import fed_views, replayed, rows_of
from tests.support.memory_ledger import CASE, random_ledger
from tests.support.partitions import Member, MemoryTopic

OTHERS = ("grant_log", "fund_log", "fund_view", "registers")


@pytest.fixture
def store(views_place: str) -> Iterator[FedReadStore]:
    with fed_views(views_place) as opened:
        yield opened


def fed(store: FedReadStore, topic: MemoryTopic, views: tuple[Projection, ...] = ALL_PROJECTIONS) -> Member:
    """A member that has read the whole topic, in small batches."""
    member = Member(Feed(views, store, lambda _: True), topic)
    member.assign(range(topic.topic.partitions))
    while any(member.poll(partition, 7) for partition in range(topic.topic.partitions)):
        pass
    return member


@pytest.mark.parametrize("seed", range(2))
def test_others_go_on_and_a_retry_after_mending_gives_the_rows_of_a_replay(
    seed: int, store: FedReadStore, tmp_path: Path
) -> None:
    ledger = random_ledger(seed, 150)
    topic = MemoryTopic(ledger.read(), 2, random.Random(seed))
    fed(store, topic, with_faults(CASE, 4))
    truth = replayed(ledger, tmp_path)
    found = rows_of(store)
    for name in OTHERS:
        assert found[name] == truth[name]
    for view in (CASE_VIEW, TIMELINE):
        mine = [row for row in found[view.name] if row[view.subject_column] == CASE]
        assert mine
        assert all("stale_from" in row for row in mine), "rows of a parked subject say so"
        assert [row for row in found[view.name] if row[view.subject_column] != CASE] == [
            row for row in truth[view.name] if row[view.subject_column] != CASE
        ]
    assert [one.subject for one in store.parked("case_view")] == [CASE]
    waiting = store.waiting_counts("case_view")[CASE]

    preview = store.retry(CASE_VIEW, CASE, ledger, keeps=False)
    assert (preview.taken, preview.left, preview.parked) == (waiting, 0, None)
    assert rows_of(store) == found, "a preview changes nothing"
    assert store.retry(CASE_VIEW, CASE, ledger, keeps=True) == preview
    assert store.retry(TIMELINE, CASE, ledger, keeps=True).left == 0
    assert rows_of(store) == truth
    with pytest.raises(NotFound, match="case_view"):
        store.retry(CASE_VIEW, CASE, ledger, keeps=True)


def test_a_subject_goes_on_after_its_retry_though_a_projector_still_thinks_it_parked(
    store: FedReadStore, tmp_path: Path
) -> None:
    """The projector is refused, reads the store again, and takes the new events."""
    ledger = random_ledger(9, 150)
    events = list(ledger.read())
    topic = MemoryTopic(events[:120], 1, random.Random(9))
    member = fed(store, topic, with_faults(CASE, 4))
    for view in (CASE_VIEW, TIMELINE):
        store.retry(view, CASE, ledger, keeps=True)
    for event in events[120:]:
        topic.add(event)
    mended = Member(Feed(ALL_PROJECTIONS, store, lambda _: True), topic)
    assert member.poll(0, 7), "the faulty release parks the subject again or finds itself refused"
    mended.assign([0])
    mended.drain()
    for view in (CASE_VIEW, TIMELINE):
        for one in store.parked(view.name):
            store.retry(view, one.subject, ledger, keeps=True)
    assert rows_of(store) == replayed(ledger, tmp_path)


def test_a_retry_that_fails_again_keeps_what_it_could_take_and_the_order(store: FedReadStore, tmp_path: Path) -> None:
    ledger = random_ledger(2, 150)
    topic = MemoryTopic(ledger.read(), 1, random.Random(2))
    fed(store, topic, with_faults(CASE, 3))
    count = store.waiting_counts("timeline")[CASE]
    half = poisoned(TIMELINE, CASE, lambda event: int(event["sequence"]) == 8)
    done = store.retry(half, CASE, ledger, keeps=True)
    assert done.parked is not None
    assert done.taken + done.left == count
    assert 0 < done.taken < count
    assert store.parked("timeline") == [done.parked]
    assert store.waiting_counts("timeline")[CASE] == done.left
    store.retry(TIMELINE, CASE, ledger, keeps=True)
    assert list(store.rows("timeline")) == replayed(ledger, tmp_path)["timeline"]


def test_rows_that_the_database_refuses_park_their_subject_alone(
    store: FedReadStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by halving the batch, after a bounded number of tries."""
    ledger = random_ledger(5, 120)
    topic = MemoryTopic(ledger.read(), 1, random.Random(5))
    write_view = store._write_view
    tries = 0

    def refusing(connection: object, tables: object, change: object) -> None:
        nonlocal tries
        if CASE in change.changes and change.projection.name == "case_view":  # type: ignore[attr-defined]
            tries += 1
            raise PoisonEvent("poison_event", "the column does not hold this")
        write_view(connection, tables, change)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_write_view", refusing)
    fed(store, topic)
    assert 3 <= tries < 30
    assert [one.subject for one in store.parked("case_view")] == [CASE]
    assert sum(len(store.parked(view.name)) for view in ALL_PROJECTIONS) == 1
    monkeypatch.undo()
    assert store.retry(CASE_VIEW, CASE, ledger, keeps=True).left == 0
    assert rows_of(store) == replayed(ledger, tmp_path)


def test_a_record_that_is_no_event_parks_its_subject_in_every_view(store: FedReadStore) -> None:
    ledger = random_ledger(6, 60)
    topic = MemoryTopic(ledger.read(), 1, random.Random(6))
    broken = topic.records[0][20]
    topic.records[0][20] = Delivered(broken.offset, SourceEvent(broken.event.position, CASE, 0, "?", b"{"))
    fed(store, topic)
    for view in ALL_PROJECTIONS:
        assert [one.subject for one in store.parked(view.name)] == [CASE]
        assert store.position(view.name) == 60
    again = store.retry(CASE_VIEW, CASE, ledger, keeps=False)
    assert again.taken == 0
    assert again.parked is not None


def test_a_view_that_follows_the_store_is_retried_from_the_store(store: FedReadStore, tmp_path: Path) -> None:
    """What `replay --park` parked is taken up again from the ledger itself."""
    ledger = random_ledger(3, 120)
    rebuild(ledger, store, with_faults(CASE, 4), parks=True)
    assert [one.subject for one in store.parked("timeline")] == [CASE]
    for view in (CASE_VIEW, TIMELINE):
        assert store.retry(view, CASE, ledger, keeps=True).left == 0
    assert rows_of(store) == replayed(ledger, tmp_path)
